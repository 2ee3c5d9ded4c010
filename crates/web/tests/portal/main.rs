//! The portal through its front door: browsers with cookies on the real router and a real store.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails by panicking"
)]

mod attacks;
mod languages;
mod sign_in;
mod support;
mod visits;
