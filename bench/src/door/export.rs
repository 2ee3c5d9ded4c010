//! A contact's whole export: a thousand records among a million.

use std::hint::black_box;
use std::time::Instant;

use gantry_intake::Draft;
use uuid::Uuid;

use super::house::{Days, House, RECORDS_EACH, SOURCE, people, record_row};
use crate::Outcome;
use crate::meter::Meter;
use crate::report::{Report, Row};
use crate::timing::median;

/// Milliseconds that it may take.
const GOAL: f64 = 5.0;
/// Records of each contact that is exported.
const RECORDS: usize = 1_000;
/// Contacts that are exported, apart from each other in the store.
const EXPORTED: usize = 20;
const ROUNDS: usize = 10;

pub(super) async fn run(report: &mut Report, quick: bool) -> Outcome<()> {
    let contacts = if quick { 5_000 } else { 50_000 };
    let house = House::new().await?;
    house.fill(contacts).await?;
    let chosen: Vec<usize> = (0..EXPORTED).map(|n| n * (contacts / EXPORTED)).collect();
    add_records(&house, &chosen).await?;
    let engine = house.again(false).await?;
    let claims = people(&engine, "claims").await?;
    let (mut first, mut usual, mut cpu) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        for n in &chosen {
            let contact = house.contact(*n).await?.ok_or("a contact is not there")?;
            let (started, meter) = (Instant::now(), Meter::start());
            let (profile, records) = claims.export(Uuid::from_bytes(contact)).await?;
            let took = started.elapsed().as_secs_f64() * 1e3;
            cpu.push(meter.stop(1).cpu / 1e3);
            if records.len() < RECORDS {
                return Err(format!("{} records came out, not {RECORDS}", records.len()).into());
            }
            black_box((profile, records));
            if round == 0 { first.push(took) } else { usual.push(took) }
        }
    }
    let among = contacts * RECORDS_EACH + EXPORTED * RECORDS;
    let row = |when: &str, value: f64| Row {
        suite: "export",
        measure: format!("export of {RECORDS} records among {among}, {when}, median"),
        value,
        unit: "ms",
        goal: Some(format!("< {GOAL} ms")),
        met: Some(value < GOAL),
        ..Row::default()
    };
    report.add(row("in memory", median(usual)));
    report.add(row("first time", median(first)));
    let measure = "the same, CPU time, median".to_owned();
    report.add(Row { suite: "export", measure, value: median(cpu), unit: "ms", ..Row::default() });
    Ok(())
}

/// Brings the chosen contacts to a thousand records.
async fn add_records(house: &House, chosen: &[usize]) -> Outcome<()> {
    let (crm, days) = (people(&house.engine, "crm").await?, Days::until_now());
    let mut import = crm.import(SOURCE, false).await?;
    for n in chosen {
        let more = RECORDS_EACH..RECORDS_EACH.max(RECORDS + 2);
        let rows: Vec<Draft> = more.map(|place| record_row(*n, place, &days)).collect();
        import.take(&rows).await?;
    }
    import.finish().await?;
    Ok(())
}
