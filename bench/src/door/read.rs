//! Point reads under a purpose: decide, fetch, open, and an audit entry out of the process before
//! the answer; beside the bare read of the same row, and PostgreSQL doing the like.

use std::hint::black_box;
use std::time::{Duration, Instant};

use gantry_engine::Engine;
use gantry_engine::session::Identified;
use gantry_store::RecordKey;
use rusqlite::{Connection, OpenFlags, Row as SqlRow};
use tokio::runtime::Runtime;
use uuid::Uuid;

use super::house::{CATEGORY, House, people, tick};
use super::postgres;
use super::readers::{Pick, READERS, by_many};
use crate::Outcome;
use crate::meter::{Meter, Spent};
use crate::postgres::MISSING;
use crate::report::{Report, Row};
use crate::timing::median;

const SUITE: &str = "read";
/// Rounds of which the best counts: what else runs can only slow one down.
const ROUNDS: usize = 3;
/// How many times the CPU time of the bare read ours may take.
const GOAL_CPU: f64 = 2.0;
/// How many times PostgreSQL's rate ours is to have.
const GOAL_RATE: f64 = 5.0;

pub(super) fn run(runtime: &Runtime, report: &mut Report, quick: bool) -> Outcome<()> {
    let contacts = if quick { 5_000 } else { 50_000 };
    let time = Duration::from_secs(if quick { 1 } else { 3 });
    let house = runtime.block_on(House::new())?;
    runtime.block_on(house.fill(contacts))?;
    let keys = runtime.block_on(house.one_record_each())?;
    let engine = runtime.block_on(house.again(false))?;
    let cold = first_reads(runtime, &engine, &keys)?;
    let postgres = runtime.block_on(postgres::Peer::start(&house, &keys))?;
    let (mut bare, mut ours, mut theirs) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        bare.push(bare_reads(&house, &keys, time)?);
        ours.push(our_reads(runtime, &engine, &keys, time)?);
        if let Some(server) = &postgres {
            theirs.push(runtime.block_on(server.reads(&keys, time, READERS, false))?);
        }
    }
    let (bare, ours) = (Spent::best(&bare), Spent::best(&ours));
    report.add(cpu_row("point read under crm, 8 readers", &ours, &bare, Some(GOAL_CPU)));
    report.add(cpu_row("the same, first time (state and key not in memory)", &cold, &bare, None));
    let asking = session_each(runtime, &engine, &keys, time)?;
    report.add(cpu_row("the same, with a session of its own for each", &asking, &bare, None));
    report.add(plain("latency of one alone, median", alone(runtime, &engine, &keys)?));
    let theirs = (!theirs.is_empty()).then(|| Spent::best(&theirs));
    report.add(rate_row("reads, 8 readers", "asynchronous commit", &ours, theirs.as_ref(), true));
    let strict = runtime.block_on(house.again(true))?;
    let durable = our_reads(runtime, &strict, &keys, time)?;
    let theirs = match &postgres {
        Some(server) => Some(runtime.block_on(server.reads(&keys, time, READERS, true))?),
        None => None,
    };
    let measure = "reads, 8 readers, entry on disk first";
    report.add(rate_row(measure, "synchronous commit", &durable, theirs.as_ref(), false));
    Ok(())
}

fn cpu_row(measure: &str, ours: &Spent, bare: &Spent, goal: Option<f64>) -> Row {
    Row {
        suite: SUITE,
        measure: measure.to_owned(),
        value: ours.cpu,
        unit: "µs CPU",
        peer: Some("bare SQLite read of the same row".to_owned()),
        peer_value: Some(bare.cpu),
        ratio: Some(bare.cpu / ours.cpu),
        goal: goal.map(|goal| format!("<= {goal} times the bare read")),
        met: goal.map(|goal| ours.cpu <= goal * bare.cpu),
    }
}

fn plain(measure: &str, microseconds: f64) -> Row {
    let measure = measure.to_owned();
    Row { suite: SUITE, measure, value: microseconds, unit: "µs", ..Row::default() }
}

fn rate_row(measure: &str, how: &str, ours: &Spent, theirs: Option<&Spent>, aim: bool) -> Row {
    let ratio = theirs.map(|theirs| ours.rate / theirs.rate);
    let peer = match theirs {
        Some(_) => format!("PostgreSQL, row security and audit insert, {how}"),
        None => MISSING.to_owned(),
    };
    Row {
        suite: SUITE,
        measure: measure.to_owned(),
        value: ours.rate,
        unit: "/s",
        peer: Some(peer),
        peer_value: theirs.map(|theirs| theirs.rate),
        ratio,
        goal: aim.then(|| format!(">= {GOAL_RATE} times")),
        met: aim.then(|| ratio.is_some_and(|ratio| ratio >= GOAL_RATE)),
    }
}

/// Reads by many, for a time; what goes on beside (entries moved into the chain, and put on disk)
/// is counted in.
fn our_reads(
    runtime: &Runtime,
    engine: &Engine,
    keys: &[RecordKey],
    time: Duration,
) -> Outcome<Spent> {
    let session = runtime.block_on(people(engine, "crm"))?;
    // Everything is in memory, as in a service that runs.
    runtime.block_on(read_all(&session, keys))?;
    let ticking = runtime.spawn(tick(engine.clone()));
    let spent = by_many(time, |reader, reading| {
        runtime.block_on(async {
            let mut pick = Pick::new(reader, keys);
            reading.begin();
            while reading.goes_on() {
                black_box(read(&session, pick.next()).await?);
            }
            Ok(())
        })
    });
    ticking.abort();
    spent
}

/// The same, each with a session made for it.
fn session_each(
    runtime: &Runtime,
    engine: &Engine,
    keys: &[RecordKey],
    time: Duration,
) -> Outcome<Spent> {
    by_many(time, |reader, reading| {
        runtime.block_on(async {
            let mut pick = Pick::new(reader, keys);
            reading.begin();
            while reading.goes_on() {
                let session = people(engine, "crm").await?;
                black_box(read(&session, pick.next()).await?);
            }
            Ok(())
        })
    })
}

/// One record of each contact, the first time that anything of it is read.
fn first_reads(runtime: &Runtime, engine: &Engine, keys: &[RecordKey]) -> Outcome<Spent> {
    let session = runtime.block_on(people(engine, "crm"))?;
    let meter = Meter::start();
    runtime.block_on(read_all(&session, keys))?;
    Ok(meter.stop(keys.len()))
}

/// Median microseconds of one reader alone.
fn alone(runtime: &Runtime, engine: &Engine, keys: &[RecordKey]) -> Outcome<f64> {
    const READS: usize = 20_000;
    let session = runtime.block_on(people(engine, "crm"))?;
    runtime.block_on(async {
        let mut pick = Pick::new(0, keys);
        let mut times = Vec::with_capacity(READS);
        for _ in 0..READS {
            let key = pick.next();
            let started = Instant::now();
            black_box(read(&session, key).await?);
            times.push(started.elapsed().as_secs_f64() * 1e6);
        }
        Ok(median(times))
    })
}

async fn read_all(session: &Identified, keys: &[RecordKey]) -> Outcome<()> {
    for key in keys {
        black_box(read(session, key).await?);
    }
    Ok(())
}

async fn read(session: &Identified, key: &RecordKey) -> Outcome<usize> {
    let (contact, id) = (Uuid::from_bytes(key.contact), Uuid::from_bytes(key.id));
    let view = session.record(contact, CATEGORY, id).await?;
    match view.fields.len() {
        0 => Err("a record came without its fields".into()),
        fields => Ok(fields),
    }
}

/// The row and nothing else, from the same file: a connection and a prepared statement for each
/// reader, set up as Gantry's are.
fn bare_reads(house: &House, keys: &[RecordKey], time: Duration) -> Outcome<Spent> {
    let path = house.path();
    by_many(time, |reader, reading| {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let conn = Connection::open_with_flags(&path, flags)?;
        conn.execute_batch("PRAGMA cache_size = -65536; PRAGMA mmap_size = 2147418112;")?;
        let mut statement = conn.prepare(
            "SELECT edition, version, at, closed, keep_until, collected_for, notice, source,
                about_kind, about_id, open, sealed
             FROM record WHERE contact = ?1 AND category = ?2 AND id = ?3",
        )?;
        let mut pick = Pick::new(reader, keys);
        // A round over all, so that its cache is as warm as ours.
        for key in keys {
            black_box(statement.query_row((&key.contact, key.category, &key.id), whole_row)?);
        }
        reading.begin();
        while reading.goes_on() {
            let key = pick.next();
            black_box(statement.query_row((&key.contact, key.category, &key.id), whole_row)?);
        }
        Ok(())
    })
}

type WholeRow = ([i64; 4], i32, u8, u16, String, Option<u8>, Option<[u8; 16]>, Vec<u8>, Vec<u8>);

fn whole_row(row: &SqlRow<'_>) -> rusqlite::Result<WholeRow> {
    let numbers = [row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?];
    Ok((
        numbers,
        row.get(4)?,
        row.get(5)?,
        row.get(6)?,
        row.get(7)?,
        row.get(8)?,
        row.get(9)?,
        row.get(10)?,
        row.get(11)?,
    ))
}
