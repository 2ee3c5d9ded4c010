//! GDPRbench (Shastri et al., "Understanding and benchmarking the impact of GDPR on database
//! systems", PVLDB 13(7), 2020): what a controller, customers, processors and a regulator ask of a
//! store of personal data.
//!
//! The records, distributions and mixes are those of its published code, the regulator's of the
//! paper. The peers are our own, as its clients cannot be compared with: one of them asks for every
//! record of the store to answer about one person, the other does not compile.

mod choice;
mod compliant;
mod item;
mod mix;
mod plain;
mod run;
mod system;
mod table;

use std::sync::Arc;
use std::time::Duration;

use self::compliant::Compliant;
use self::mix::Mix;
use self::plain::Plain;
use self::run::{Figures, Size, run as measure};
use self::table::SETTINGS;
use crate::Outcome;
use crate::postgres::{MISSING, Server};
use crate::report::{Report, Row};
use crate::timing::{runtime, tell_load};

const SUITE: &str = "gdpr";
/// Clients at once: as the benchmark has it, and many.
const CLIENTS: [usize; 2] = [1, 8];

/// All mixes, on stores of several sizes.
pub(crate) fn run(report: &mut Report, quick: bool) -> Outcome<()> {
    tell_load(SUITE);
    runtime()?.block_on(compare(report, quick))
}

/// The sizes. A mix of the largest is stopped after a while, as every operation by purpose touches
/// 40,000 records there.
fn sizes(quick: bool) -> Vec<Size> {
    let size = |records, operations, seconds| Size {
        records,
        operations,
        limit: Duration::from_secs(seconds),
    };
    if quick {
        vec![size(10_000, 500, 1), size(100_000, 500, 2)]
    } else {
        vec![size(10_000, 10_000, 60), size(100_000, 10_000, 60), size(1_000_000, 1_000, 60)]
    }
}

async fn compare(report: &mut Report, quick: bool) -> Outcome<()> {
    let Some(server) = Server::start(&SETTINGS)? else {
        let (measure, peer) = ("all mixes".to_owned(), Some(MISSING.to_owned()));
        report.add(Row { suite: SUITE, measure, peer, ..Row::default() });
        return Ok(());
    };
    let server = Arc::new(server);
    let (plain, compliant) = (Plain(Arc::clone(&server)), Compliant(server));
    for size in sizes(quick) {
        for mix in Mix::ALL {
            for clients in CLIENTS {
                let compliant = measure(&compliant, mix, size, clients).await?;
                let plain = measure(&plain, mix, size, clients).await?;
                let what = format!("{}, {} records, {clients} clients", mix.words(), size.records);
                tell(report, &what, &compliant, &plain);
            }
        }
    }
    Ok(())
}

/// Adds what one system took beside what another did.
fn tell(report: &mut Report, what: &str, ours: &Figures, theirs: &Figures) {
    let row = |measure: &str, value: f64, unit: &'static str, peer: f64, ratio: f64| Row {
        suite: SUITE,
        measure: format!("{}: {what}: {measure}", ours.system),
        value,
        unit,
        peer: Some(theirs.system.to_owned()),
        peer_value: Some(peer),
        ratio: Some(ratio),
        ..Row::default()
    };
    let more =
        |measure: &str, ours: f64, theirs: f64| row(measure, ours, "/s", theirs, ours / theirs);
    let less = |measure: &str, ours: f64, theirs: f64, unit: &'static str| {
        row(measure, ours, unit, theirs, theirs / ours)
    };
    report.add(more("operations", ours.rate, theirs.rate));
    report.add(more("records touched", ours.touched, theirs.touched));
    report.add(less("an operation", ours.cpu, theirs.cpu, "µs CPU"));
    for (kind, mine) in &ours.kinds {
        let Some(other) = theirs.kinds.get(kind) else { continue };
        let kind = kind.words();
        report.add(less(&format!("{kind}, median"), mine.median, other.median, "µs"));
        report.add(less(&format!("{kind}, 99 in 100 within"), mine.p99, other.p99, "µs"));
    }
    for figures in [ours, theirs].into_iter().filter(|figures| figures.repeated > 0) {
        let Figures { system, repeated, done, .. } = figures;
        eprintln!(
            "{SUITE}: {system}, {what}: {repeated} of {done} operations lost and were repeated"
        );
    }
}
