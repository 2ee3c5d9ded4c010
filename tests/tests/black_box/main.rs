//! Black-box tests: the built program, driven as its users drive it.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod chance;
mod commands;
mod crash;
#[cfg(feature = "tools")]
mod fuzzed;
mod hostile;
mod nodes;
mod readme;
mod sealed;
mod server;
mod support;
mod tables;

use gantry_tests::client;
