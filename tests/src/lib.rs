//! What the tests of the built program share: where things lie, a demo that is served, and HTTP.
//! The tests themselves live in `tests/`.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "it fails by panicking, as a test does"
)]

pub mod client;
pub mod demo;
pub mod place;
