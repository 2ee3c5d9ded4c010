//! Black-box tests: the built program, driven as its users drive it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod chance;
mod client;
mod crash;
mod server;
mod support;
