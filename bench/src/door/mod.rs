//! The bench suites behind the door: reading, importing and exporting, with their peers.
//!
//! Each works on a store of invented contacts in a temporary folder, under the bundled notice, as a
//! running service would: the machine's clock, sessions of a purpose, audit entries moved into the
//! chain every few seconds.

mod export;
mod house;
mod import;
mod postgres;
mod read;
mod readers;

use std::fs;

use tokio::runtime::{Builder, Runtime};

use crate::Outcome;
use crate::report::Report;

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

fn runtime() -> Outcome<Runtime> {
    Ok(Builder::new_multi_thread().enable_all().build()?)
}

/// How busy the machine is, as no figure means much without it.
fn tell_load(suite: &str) {
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load: Vec<&str> = load.split_whitespace().take(3).collect();
    if !load.is_empty() {
        eprintln!("{suite}: load average before it {}", load.join(" "));
    }
}

/// The middle one.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
