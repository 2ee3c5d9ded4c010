//! The engine through its front door: sessions on a real store, with the bundled notice.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails by panicking"
)]

mod aggregates;
mod attacks;
mod batches;
mod changes;
mod clocks;
mod derived;
mod detours;
mod endings;
mod files;
mod history;
mod imports;
mod levels;
mod lists;
mod looking;
#[path = "../../../notice/tests/decision/naive.rs"]
#[expect(dead_code, reason = "the decision's own tests use more of it")]
mod naive;
mod people;
mod portal;
mod portal_says;
mod requests;
mod sign_in;
mod sole_traders;
mod support;
