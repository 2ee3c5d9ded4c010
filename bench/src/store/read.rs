//! Point reads under a purpose, audit entry included, by eight clients, beside the bare prepared query
//! of the same row with an audit insert.

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use gantry_engine::Engine;
use gantry_engine::session::Identified;
use gantry_store::RecordKey;
use tokio::task::JoinHandle;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use crate::Outcome;
use crate::door::house::{CATEGORY, people, tick};
use crate::door::readers::{Pick, READERS};
use crate::meter::Meter;
use crate::postgres::{OWNER, Server};
use crate::report::{Report, Row};
use crate::store::{SUITE, house};
use crate::timing::median;

/// Rounds of which the best counts: what else runs can only slow one down.
const ROUNDS: usize = 3;
/// How many times the latency and the CPU time of the bare statements ours may take.
const GOAL: f64 = 1.5;
const DATABASE: &str = "reads";

/// The audit table of the bare statements, as compliant tables have them.
const BARE: &str = "CREATE TABLE bare_audit (
        sequence int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        at timestamptz NOT NULL DEFAULT now(), actor text NOT NULL, purpose text NOT NULL,
        operation text NOT NULL, category int2 NOT NULL, contact uuid NOT NULL, count int4 NOT NULL
    )";
/// The row and the entry, in one statement and one round trip.
const READ: &str = "WITH told AS (
        INSERT INTO bare_audit (actor, purpose, operation, category, contact, count)
        VALUES ('anna', 'crm', 'read', $2, $1, 1)
    )
    SELECT edition, version, at, closed, keep_until, notice, collected_for, about_kind, about_id,
        source, open, sealed
    FROM record WHERE contact = $1 AND category = $2 AND id = $3";
/// The row alone.
const ROW: &str =
    "SELECT edition, version, at, closed, keep_until, notice, collected_for, about_kind,
        about_id, source, open, sealed
    FROM record WHERE contact = $1 AND category = $2 AND id = $3";

/// What reads took: medians of latency, and CPU time of all processes.
#[derive(Clone, Copy)]
struct Took {
    latency: f64,
    cpu: f64,
    rate: f64,
}

impl Took {
    /// The best of several rounds.
    fn best(rounds: &[Took]) -> Took {
        let least =
            |value: fn(&Took) -> f64| rounds.iter().map(value).fold(f64::INFINITY, f64::min);
        let rate = rounds.iter().map(|took| took.rate).fold(0.0, f64::max);
        Took { latency: least(|took| took.latency), cpu: least(|took| took.cpu), rate }
    }
}

pub(super) async fn run(server: &Server, report: &mut Report, quick: bool) -> Outcome<()> {
    let contacts = if quick { 2_500 } else { 25_000 };
    let time = Duration::from_secs(if quick { 1 } else { 4 });
    let house = house(server, DATABASE).await?;
    house.fill(contacts).await?;
    let keys: Arc<[RecordKey]> = house.one_record_each().await?.into();
    let owner = server.connect(OWNER, DATABASE).await?;
    for statement in [BARE, "VACUUM ANALYZE", "CHECKPOINT"] {
        owner.batch_execute(statement).await?;
    }
    let engine = house.again(false).await?;
    let (mut ours, mut bare, mut row) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        bare.push(bare_reads(server, READ, &keys, time).await?);
        row.push(bare_reads(server, ROW, &keys, time).await?);
        ours.push(our_reads(server, &engine, &keys, time).await?);
    }
    let (ours, bare, row) = (Took::best(&ours), Took::best(&bare), Took::best(&row));
    let peer = "bare prepared query of the row with an audit insert, asynchronous commit";
    report.add(compared(
        "point read under crm, 8 clients: CPU",
        "µs CPU",
        ours.cpu,
        peer,
        bare.cpu,
        true,
    ));
    let measure = "the same: latency, median";
    report.add(compared(measure, "µs", ours.latency, peer, bare.latency, true));
    let alone = "bare prepared query of the row, no audit at all";
    report.add(compared("the same: CPU", "µs CPU", ours.cpu, alone, row.cpu, false));
    report.add(compared(measure, "µs", ours.latency, alone, row.latency, false));
    report.add(Row {
        suite: SUITE,
        measure: "the same: reads in a second".to_owned(),
        value: ours.rate,
        unit: "/s",
        peer: Some(peer.to_owned()),
        peer_value: Some(bare.rate),
        ratio: Some(ours.rate / bare.rate),
        ..Row::default()
    });
    Ok(())
}

fn compared(
    measure: &str,
    unit: &'static str,
    ours: f64,
    peer: &str,
    theirs: f64,
    aim: bool,
) -> Row {
    Row {
        suite: SUITE,
        measure: measure.to_owned(),
        value: ours,
        unit,
        peer: Some(peer.to_owned()),
        peer_value: Some(theirs),
        ratio: Some(theirs / ours),
        goal: aim.then(|| format!("<= {GOAL} times the peer")),
        met: aim.then_some(ours <= GOAL * theirs),
    }
}

async fn our_reads(
    server: &Server,
    engine: &Engine,
    keys: &Arc<[RecordKey]>,
    time: Duration,
) -> Outcome<Took> {
    let session = Arc::new(people(engine, "crm").await?);
    for key in keys.iter() {
        read(&session, key).await?;
    }
    let ticking = tokio::spawn(tick(engine.clone()));
    let took = by_many(server, time, |reader, stop| {
        let (session, keys) = (Arc::clone(&session), Arc::clone(keys));
        tokio::spawn(async move {
            let (mut pick, mut times) = (Pick::new(reader, &keys), Vec::new());
            while !stop.load(Ordering::Relaxed) {
                let started = Instant::now();
                black_box(read(&session, pick.next()).await?);
                times.push(started.elapsed().as_secs_f64() * 1e6);
            }
            Ok(times)
        })
    })
    .await;
    ticking.abort();
    took
}

async fn bare_reads(
    server: &Server,
    sql: &'static str,
    keys: &Arc<[RecordKey]>,
    time: Duration,
) -> Outcome<Took> {
    let mut clients = Vec::new();
    for _ in 0..READERS {
        let client = server.connect(OWNER, DATABASE).await?;
        client.batch_execute("SET synchronous_commit = off; SET jit = off").await?;
        clients.push(client);
    }
    let clients = std::sync::Mutex::new(clients);
    by_many(server, time, |reader, stop| {
        let keys = Arc::clone(keys);
        let client = clients.lock().ok().and_then(|mut clients| clients.pop());
        tokio::spawn(async move {
            let client = client.ok_or("a client for each reader")?;
            let statement = client.prepare(sql).await?;
            let (mut pick, mut times) = (Pick::new(reader, &keys), Vec::new());
            while !stop.load(Ordering::Relaxed) {
                let key = pick.next();
                let started = Instant::now();
                let (contact, id) = (Uuid::from_bytes(key.contact), Uuid::from_bytes(key.id));
                let category = i16::from(key.category);
                let values: [&(dyn ToSql + Sync); 3] = [&contact, &category, &id];
                let row = client.query_one(&statement, &values).await?;
                black_box(row.try_get::<_, &[u8]>(11)?.len());
                times.push(started.elapsed().as_secs_f64() * 1e6);
            }
            Ok(times)
        })
    })
    .await
}

/// Lets eight clients read for a time. What each gives back is how long its reads took.
async fn by_many(
    server: &Server,
    time: Duration,
    mut work: impl FnMut(usize, Arc<AtomicBool>) -> JoinHandle<Outcome<Vec<f64>>>,
) -> Outcome<Took> {
    let stop = Arc::new(AtomicBool::new(false));
    let (meter, before) = (Meter::start(), server.cpu_seconds()?);
    let readers: Vec<_> = (0..READERS).map(|reader| work(reader, Arc::clone(&stop))).collect();
    tokio::time::sleep(time).await;
    stop.store(true, Ordering::Relaxed);
    let mut times = Vec::new();
    for reader in readers {
        times.extend(reader.await??);
    }
    let spent = meter.stop(times.len());
    let theirs = server.cpu_seconds()? - before;
    let cpu = spent.cpu + theirs * 1e6 / crate::timing::count_as_f64(times.len());
    Ok(Took { latency: median(times), cpu, rate: spent.rate })
}

async fn read(session: &Identified, key: &RecordKey) -> Outcome<usize> {
    let (contact, id) = (Uuid::from_bytes(key.contact), Uuid::from_bytes(key.id));
    let view = session.record(contact, CATEGORY, id).await?;
    match view.fields.len() {
        0 => Err("a record came without its fields".into()),
        fields => Ok(fields),
    }
}
