//! The HTTP API and the console through their front door: the real router on a real store.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod console;
mod contacts;
mod denial;
mod hostile;
mod notice;
mod objects;
mod once;
mod openapi;
mod pressure;
mod requests;
mod serving;
mod support;
mod views;
