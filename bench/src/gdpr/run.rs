//! Runs a mix against a system, and says what it took.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::mix::{Kind, Mix, Operation};
use super::system::{Client, System};
use crate::Outcome;
use crate::meter::Meter;
use crate::timing::count_as_f64;

/// The same operations for every system.
const SEED: u64 = 20_200_831;
/// How often an operation that lost against another is asked for.
const TRIES: usize = 10;

/// How much is done.
#[derive(Clone, Copy, Debug)]
pub(super) struct Size {
    /// Records that are loaded.
    pub(super) records: u32,
    /// Operations that are done ...
    pub(super) operations: u32,
    /// ... unless it takes longer than this ...
    pub(super) limit: Duration,
    /// ... by so many clients, in one run after another.
    pub(super) clients: &'static [usize],
}

/// What a mix took.
#[derive(Debug)]
pub(super) struct Figures {
    /// Whom.
    pub(super) system: &'static str,
    /// Operations a second.
    pub(super) rate: f64,
    /// Records touched a second.
    pub(super) touched: f64,
    /// Records touched in all.
    pub(super) records: usize,
    /// Microseconds of CPU time for an operation, in this process and outside.
    pub(super) cpu: f64,
    /// How many operations were done ...
    pub(super) done: usize,
    /// ... and how often one had to be asked for again.
    pub(super) repeated: usize,
    /// How long operations took, by their kind.
    pub(super) kinds: BTreeMap<Kind, Latency>,
}

/// How long operations of a kind took.
#[derive(Clone, Copy, Debug)]
pub(super) struct Latency {
    /// Half of them no longer than this, in microseconds.
    pub(super) median: f64,
    /// All but one in a hundred no longer than this.
    pub(super) p99: f64,
}

/// What one client has done.
#[derive(Default)]
struct Done {
    touched: usize,
    repeated: usize,
    /// Microseconds of each operation.
    times: Vec<(Kind, f64)>,
}

/// The operations that all clients take from, one after another.
struct Plan {
    operations: Vec<Operation>,
    next: AtomicUsize,
}

impl Plan {
    fn take(&self) -> Option<Operation> {
        self.operations.get(self.next.fetch_add(1, Ordering::Relaxed)).copied()
    }
}

/// Loads a system, lets so many clients do the operations of a mix, and measures that.
///
/// The description waits, and counts the wait, until the records that live for half a minute are
/// gone; here they are loaded as old as that, and deleted before the clock starts. What a mix makes
/// expire while it runs (a new record, or an update, may give another half minute) is seen no more by
/// a system that looks, and deleted by nobody. The one log read before the first operation is left
/// out too: the regulator reads logs.
pub(super) async fn run<S: System>(
    system: &S,
    mix: Mix,
    size: Size,
    clients: usize,
) -> Outcome<Option<Figures>> {
    if !system.answers(mix) {
        return Ok(None);
    }
    system.load(size.records).await?;
    let expired = system.expire().await?;
    if expired != u64::from(size.records.div_ceil(10)) {
        return Err(format!("{expired} records had expired, not one in ten").into());
    }
    let count = usize::try_from(size.operations)?;
    let operations = mix.operations(size.records, size.operations, SEED).take(count).collect();
    let plan = Arc::new(Plan { operations, next: AtomicUsize::new(0) });
    let mut ready = Vec::new();
    for _ in 0..clients {
        ready.push(system.client(mix).await?);
    }
    let (outside, meter, started) = (system.cpu_outside()?, Meter::start(), Instant::now());
    let working: Vec<_> = ready
        .into_iter()
        .map(|client| tokio::spawn(work(client, Arc::clone(&plan), started + size.limit)))
        .collect();
    let mut done = Done::default();
    for one in working {
        let one = one.await??;
        done.touched += one.touched;
        done.repeated += one.repeated;
        done.times.extend(one.times);
    }
    let (seconds, operations) = (started.elapsed().as_secs_f64(), done.times.len());
    let spent = meter.stop(operations);
    let outside = (system.cpu_outside()? - outside) * 1e6 / count_as_f64(operations);
    Ok(Some(Figures {
        system: system.name(),
        rate: spent.rate,
        touched: count_as_f64(done.touched) / seconds,
        records: done.touched,
        cpu: spent.cpu + outside,
        done: operations,
        repeated: done.repeated,
        kinds: by_kind(done.times),
    }))
}

/// Does operations until there are no more, or the time is over.
async fn work(client: impl Client, plan: Arc<Plan>, until: Instant) -> Outcome<Done> {
    let mut done = Done::default();
    while Instant::now() < until {
        let Some(operation) = plan.take() else { break };
        let started = Instant::now();
        let (touched, repeated) = perform(&client, operation).await?;
        done.times.push((operation.kind(), started.elapsed().as_secs_f64() * 1e6));
        done.touched += touched;
        done.repeated += repeated;
    }
    Ok(done)
}

/// Does an operation, again where it lost against another: how many records it touched, and how
/// often it had to be repeated.
async fn perform<C: Client>(client: &C, operation: Operation) -> Outcome<(usize, usize)> {
    let mut repeated = 0;
    loop {
        match client.perform(operation).await {
            Ok(touched) => return Ok((touched, repeated)),
            Err(failure) if repeated < TRIES && C::may_repeat(&failure) => repeated += 1,
            Err(failure) => return Err(failure),
        }
    }
}

fn by_kind(times: Vec<(Kind, f64)>) -> BTreeMap<Kind, Latency> {
    let mut kinds: BTreeMap<Kind, Vec<f64>> = BTreeMap::new();
    for (kind, time) in times {
        kinds.entry(kind).or_default().push(time);
    }
    kinds.into_iter().map(|(kind, times)| (kind, Latency::of(times))).collect()
}

impl Latency {
    fn of(mut times: Vec<f64>) -> Latency {
        times.sort_by(f64::total_cmp);
        let at = |hundredths: usize| {
            let place = times.len().saturating_sub(1) * hundredths / 100;
            times.get(place).copied().unwrap_or(f64::NAN)
        };
        Latency { median: at(50), p99: at(99) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latencies_are_the_middle_and_the_last_but_one_in_a_hundred() {
        let latency = Latency::of((0..=100).rev().map(f64::from).collect());
        assert!((latency.median - 50.0).abs() < f64::EPSILON);
        assert!((latency.p99 - 99.0).abs() < f64::EPSILON);
    }
}
