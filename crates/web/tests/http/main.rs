//! The HTTP API, the console and the portal through their front door: the real router on a real store.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails by panicking"
)]

mod audience;
mod console;
mod contacts;
mod denial;
mod hostile;
mod insight;
mod notice;
mod objects;
mod once;
mod openapi;
mod portal;
mod pressure;
mod requests;
mod serving;
mod support;
mod views;
