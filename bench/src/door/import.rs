//! Batched imports with sealing, validated and under the notice as any other import.

use gantry_engine::import::{ImportReport, ROWS};
use gantry_intake::Draft;

use super::house::{Days, House, RECORDS_EACH, SOURCE, people, record_row, rows};
use crate::Outcome;
use crate::meter::{Meter, Spent};
use crate::report::{Report, Row};

/// Records in a second into an empty store ...
const GOAL_EMPTY: f64 = 100_000.0;
/// ... and at random contacts of one that holds many.
const GOAL_RANDOM: f64 = 20_000.0;
const ROUNDS: usize = 3;

pub(super) async fn run(report: &mut Report, quick: bool) -> Outcome<()> {
    let days = Days::until_now();
    let contacts = if quick { 5_000 } else { 20_000 };
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let house = House::new().await?;
        let count = contacts * RECORDS_EACH;
        rounds.push(take(&house, rows(0..contacts, &days), count).await?);
    }
    let measure = format!("{} records into an empty store", contacts * RECORDS_EACH);
    add(report, measure, &Spent::best(&rounds), GOAL_EMPTY);
    let contacts = if quick { 10_000 } else { 250_000 };
    let house = House::new().await?;
    house.fill(contacts).await?;
    let more = if quick { 20_000 } else { 100_000 };
    let mut rounds = Vec::new();
    for round in 0..ROUNDS {
        let rows = scattered(contacts, RECORDS_EACH + round, more, &days);
        rounds.push(take(&house, rows, more).await?);
    }
    let there = contacts * RECORDS_EACH;
    let measure = format!("{more} records at random contacts of a store that holds {there}");
    add(report, measure, &Spent::best(&rounds), GOAL_RANDOM);
    Ok(())
}

/// Imports rows, which must bring so many new records.
pub(crate) async fn take(house: &House, rows: Vec<Draft>, expected: usize) -> Outcome<Spent> {
    let crm = people(&house.engine, "crm").await?;
    let meter = Meter::start();
    let mut import = crm.import(SOURCE, false).await?;
    for block in rows.chunks(ROWS) {
        let bad = import.take(block).await?;
        if !bad.is_empty() {
            return Err("a row did not fit the notice".into());
        }
    }
    let report: ImportReport = import.finish().await?;
    let spent = meter.stop(expected);
    let added = report.records.added;
    if usize::try_from(added)? != expected {
        return Err(format!("{added} records were added, not {expected}").into());
    }
    Ok(spent)
}

/// One more record for each of so many contacts, in no order.
fn scattered(contacts: usize, place: usize, count: usize, days: &Days) -> Vec<Draft> {
    /// A prime that divides no number of contacts here.
    const STRIDE: usize = 7_368_787;
    let contact = |n: usize| n.wrapping_mul(STRIDE) % contacts;
    let place = |n: usize| place + (n / contacts) * 100;
    (0..count).map(|n| record_row(contact(n), place(n), days)).collect()
}

/// The rate, and what it takes on a machine that has something else to do.
fn add(report: &mut Report, measure: String, spent: &Spent, goal: f64) {
    report.add(Row {
        suite: "import",
        measure,
        value: spent.rate,
        unit: "records/s",
        goal: Some(format!(">= {goal} records/s")),
        met: Some(spent.rate >= goal),
        ..Row::default()
    });
    report.add(Row {
        suite: "import",
        measure: "the same, CPU time of both threads for each".to_owned(),
        value: spent.cpu,
        unit: "µs",
        ..Row::default()
    });
}
