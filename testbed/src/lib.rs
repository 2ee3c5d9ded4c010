//! What tests of the server store stand on: a private PostgreSQL, a database for each test, and the
//! faults that servers and networks have. It fails by panicking, as a test does.
//!
//! Tests that need only a database are run by this crate's program, which starts one cluster for all:
//! `cargo run -p gantry-testbed -- cargo nextest run`. Tests of faults start clusters of their own.

#![expect(clippy::expect_used, clippy::panic, reason = "a test bed fails as a test does")]

mod cluster;
mod database;
mod guard;
mod port;
mod processes;
mod programs;
mod proxy;

pub use cluster::{Cluster, SMALL_TESTS};
pub use database::{Database, VARIABLE};
pub use proxy::Proxy;
