//! How long something takes, on a machine that others use, too.

use std::fs;
use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Runtime};

use crate::Outcome;

/// Nanoseconds for one of the `count` things that each call of `work` does: the quickest of all
/// calls within the time given, as what else runs can only slow a call down.
pub(crate) fn nanoseconds_each(count: usize, within: Duration, mut work: impl FnMut()) -> f64 {
    let started = Instant::now();
    let mut quickest = Duration::MAX;
    while started.elapsed() < within {
        let call = Instant::now();
        work();
        quickest = quickest.min(call.elapsed());
    }
    quickest.as_secs_f64() * 1e9 / count_as_f64(count)
}

/// A count as a number to divide by.
pub(crate) fn count_as_f64(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// The middle one.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// What asynchronous work runs on: as many threads as there are processors.
pub(crate) fn runtime() -> Outcome<Runtime> {
    Ok(Builder::new_multi_thread().enable_all().build()?)
}

/// How busy the machine is, as no figure means much without it.
pub(crate) fn tell_load(suite: &str) {
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load: Vec<&str> = load.split_whitespace().take(3).collect();
    if !load.is_empty() {
        eprintln!("{suite}: load average before it {}", load.join(" "));
    }
}
