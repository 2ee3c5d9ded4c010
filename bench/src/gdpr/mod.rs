//! GDPRbench (Shastri et al., "Understanding and benchmarking the impact of GDPR on database
//! systems", PVLDB 13(7), 2020): what a controller, customers, processors and a regulator ask of a
//! store of personal data.
//!
//! The records, distributions and mixes are those of its published code, the regulator's of the
//! paper. The peers are our own, as its clients cannot be compared with: one of them asks for every
//! record of the store to answer about one person, the other does not compile.

mod choice;
mod compliant;
mod gantry;
mod item;
mod mix;
mod notice;
mod plain;
mod run;
mod system;
mod table;

use std::sync::Arc;
use std::time::Duration;

use self::compliant::Compliant;
use self::gantry::Gantry;
use self::mix::Mix;
use self::plain::Plain;
use self::run::{Figures, Size, run as measure};
use self::table::SETTINGS;
use crate::Outcome;
use crate::postgres::{MISSING, Server};
use crate::report::{Report, Row};
use crate::timing::{runtime, tell_load};

const SUITE: &str = "gdpr";
/// Clients at once: as the benchmark has it ...
const ONE: &[usize] = &[1];
/// ... and many.
const BOTH: &[usize] = &[1, 8];

/// What cannot be: whoever keeps a log answers every mix.
const SILENT: &str = "compliant PostgreSQL does not answer";

/// How large the stores are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Records {
    /// Ten thousand and a hundred thousand.
    Usual,
    /// A million, with one client.
    Million,
}

/// All mixes, on stores of several sizes.
pub(crate) fn run(report: &mut Report, quick: bool, records: Records) -> Outcome<()> {
    tell_load(SUITE);
    runtime()?.block_on(compare(report, sizes(quick, records)))
}

/// The sizes. A mix is stopped after a while: an operation by purpose touches one record in 25, 40,000
/// of the largest store.
fn sizes(quick: bool, records: Records) -> Vec<Size> {
    let size = |records, operations, seconds, clients| Size {
        records,
        operations,
        limit: Duration::from_secs(seconds),
        clients,
    };
    match (records, quick) {
        (Records::Usual, true) => vec![size(10_000, 500, 1, BOTH), size(100_000, 500, 2, ONE)],
        (Records::Usual, false) => {
            vec![size(10_000, 10_000, 3, BOTH), size(100_000, 10_000, 5, BOTH)]
        }
        (Records::Million, true) => vec![size(1_000_000, 100, 2, ONE)],
        (Records::Million, false) => vec![size(1_000_000, 1_000, 10, ONE)],
    }
}

async fn compare(report: &mut Report, sizes: Vec<Size>) -> Outcome<()> {
    let Some(server) = Server::start(&SETTINGS)? else {
        let (measure, peer) = ("all mixes".to_owned(), Some(MISSING.to_owned()));
        report.add(Row { suite: SUITE, measure, peer, ..Row::default() });
        return Ok(());
    };
    let server = Arc::new(server);
    let plain = Plain(Arc::clone(&server));
    let going_on = Compliant::with_reads_that_go_on(Arc::clone(&server));
    let (embedded, served) = (Gantry::embedded(), Gantry::on(Arc::clone(&server)));
    let compliant = Compliant::new(server);
    for size in sizes {
        for mix in Mix::ALL {
            for clients in size.clients {
                let ours = measure(&compliant, mix, size, *clients).await?;
                let theirs = measure(&plain, mix, size, *clients).await?;
                let ours = ours.ok_or(SILENT)?;
                let what = format!("{}, {} records, {clients} clients", mix.words(), size.records);
                tell(report, &what, &ours, theirs.as_ref());
                let peer = measure(&going_on, mix, size, *clients).await?.ok_or(SILENT)?;
                report.add(rate_row(&peer, &what, Some(&ours)));
                let in_file = measure(&embedded, mix, size, *clients).await?.ok_or(SILENT)?;
                tell_against(report, &what, &in_file, &peer, 3.0);
                let on_server = measure(&served, mix, size, *clients).await?.ok_or(SILENT)?;
                tell_against(report, &what, &on_server, &peer, 1.0);
            }
        }
    }
    Ok(())
}

/// Adds what Gantry took, which is to do so many times what its peer does.
fn tell_against(report: &mut Report, what: &str, ours: &Figures, peer: &Figures, times: f64) {
    let goal = Some(format!("{times:.0} times the peer's rate"));
    let met = Some(ours.rate >= times * peer.rate);
    report.add(Row { goal, met, ..rate_row(ours, what, Some(peer)) });
    tell_parts(report, what, ours, Some(peer));
}

/// How many operations a system did, beside another.
fn rate_row(ours: &Figures, what: &str, theirs: Option<&Figures>) -> Row {
    Row {
        suite: SUITE,
        measure: format!("{}: {what}: operations", ours.system),
        value: ours.rate,
        unit: "/s",
        peer: theirs.map(|theirs| theirs.system.to_owned()),
        peer_value: theirs.map(|theirs| theirs.rate),
        ratio: theirs.map(|theirs| ours.rate / theirs.rate),
        ..Row::default()
    }
}

/// Adds what one system took, beside what another did where that can be asked the same.
fn tell(report: &mut Report, what: &str, ours: &Figures, theirs: Option<&Figures>) {
    report.add(rate_row(ours, what, theirs));
    tell_parts(report, what, ours, theirs);
}

/// The same without the rate.
fn tell_parts(report: &mut Report, what: &str, ours: &Figures, theirs: Option<&Figures>) {
    let row = |measure: &str, unit: &'static str, value: f64, peer: Option<f64>| Row {
        suite: SUITE,
        measure: format!("{}: {what}: {measure}", ours.system),
        value,
        unit,
        peer: theirs.map(|theirs| theirs.system.to_owned()),
        peer_value: peer,
        // Of what is counted in a second more is better, of time less.
        ratio: peer.map(|peer| if unit == "/s" { value / peer } else { peer / value }),
        ..Row::default()
    };
    let peer = |figure: fn(&Figures) -> f64| theirs.map(figure);
    report.add(row("records touched", "/s", ours.touched, peer(|one| one.touched)));
    report.add(row("an operation", "µs CPU", ours.cpu, peer(|one| one.cpu)));
    for (kind, mine) in &ours.kinds {
        let other = theirs.and_then(|theirs| theirs.kinds.get(kind));
        let (median, p99) = (other.map(|other| other.median), other.map(|other| other.p99));
        let kind = kind.words();
        report.add(row(&format!("{kind}, median"), "µs", mine.median, median));
        report.add(row(&format!("{kind}, 99 in 100 within"), "µs", mine.p99, p99));
    }
    for figures in [Some(ours), theirs].into_iter().flatten() {
        let Figures { system, repeated, done, records, .. } = figures;
        eprintln!(
            "{SUITE}: {system}, {what}: {done} operations on {records} records; {repeated} lost \
             against another and were asked for again"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_systems_touch_the_same_records() {
        let Some(server) = Server::start(&SETTINGS).unwrap() else {
            return eprintln!("skipped: {MISSING}");
        };
        let server = Arc::new(server);
        let limit = Duration::from_secs(20);
        let size = Size { records: 2_000, operations: 300, limit, clients: ONE };
        let gantry = (Gantry::embedded(), Gantry::on(Arc::clone(&server)));
        let peers = (Plain(Arc::clone(&server)), Compliant::new(server));
        runtime().unwrap().block_on(async {
            for mix in Mix::ALL {
                let compliant = measure(&peers.1, mix, size, 1).await.unwrap().unwrap();
                assert_eq!(compliant.done, 300);
                assert!(compliant.records > 0);
                if let Some(plain) = measure(&peers.0, mix, size, 1).await.unwrap() {
                    assert_eq!(compliant.records, plain.records, "{}", mix.words());
                }
                let in_file = measure(&gantry.0, mix, size, 1).await.unwrap().unwrap();
                let on_server = measure(&gantry.1, mix, size, 1).await.unwrap().unwrap();
                assert_eq!(in_file.records, on_server.records, "{}", mix.words());
                if mix != Mix::Regulator {
                    // Of the log there may be more or less.
                    assert_eq!(in_file.records, compliant.records, "{}", mix.words());
                }
            }
        });
    }
}
