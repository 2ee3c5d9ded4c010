//! The engine through its front door: sessions on a real store, with the bundled notice.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod aggregates;
mod changes;
mod imports;
mod people;
mod requests;
mod support;
