//! The bench suites behind the door: reading, importing and exporting, with their peers.
//!
//! Each works on a store of invented contacts in a temporary folder, under the bundled notice, as a
//! running service would: the machine's clock, sessions of a purpose, audit entries moved into the
//! chain every few seconds.

mod export;
pub(crate) mod house;
pub(crate) mod import;
mod postgres;
mod read;
pub(crate) mod readers;

use crate::Outcome;
use crate::report::Report;
use crate::timing::{runtime, tell_load};

/// Point reads under a purpose.
pub(crate) fn read(report: &mut Report, quick: bool) -> Outcome<()> {
    tell_load("read");
    read::run(&runtime()?, report, quick)
}

/// Batched imports with sealing.
pub(crate) fn import(report: &mut Report, quick: bool) -> Outcome<()> {
    tell_load("import");
    runtime()?.block_on(import::run(report, quick))
}

/// A contact's whole export.
pub(crate) fn export(report: &mut Report, quick: bool) -> Outcome<()> {
    tell_load("export");
    runtime()?.block_on(export::run(report, quick))
}
