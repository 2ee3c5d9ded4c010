//! Imports by `COPY`.

use crate::Outcome;
use crate::door::house::{Days, RECORDS_EACH, rows};
use crate::door::import::take;
use crate::meter::Spent;
use crate::postgres::Server;
use crate::report::{Report, Row};
use crate::store::{SUITE, house};

/// Records in a second.
const GOAL: f64 = 50_000.0;
const ROUNDS: usize = 3;

pub(super) async fn run(server: &Server, report: &mut Report, quick: bool) -> Outcome<()> {
    let days = Days::until_now();
    let contacts = if quick { 2_500 } else { 20_000 };
    let count = contacts * RECORDS_EACH;
    let (mut rounds, mut cpu) = (Vec::new(), f64::INFINITY);
    for round in 0..ROUNDS {
        let house = house(server, &format!("import_{round}")).await?;
        let before = server.cpu_seconds()?;
        let spent = take(&house, rows(0..contacts, &days), count).await?;
        let theirs = (server.cpu_seconds()? - before) * 1e6 / crate::timing::count_as_f64(count);
        cpu = cpu.min(spent.cpu + theirs);
        rounds.push(spent);
    }
    let best = Spent::best(&rounds);
    report.add(Row {
        suite: SUITE,
        measure: format!("import of {count} records into an empty store"),
        value: best.rate,
        unit: "records/s",
        goal: Some(format!(">= {GOAL} records/s")),
        met: Some(best.rate >= GOAL),
        ..Row::default()
    });
    report.add(Row {
        suite: SUITE,
        measure: "the same, CPU time of node and server for each".to_owned(),
        value: cpu,
        unit: "µs",
        ..Row::default()
    });
    Ok(())
}
