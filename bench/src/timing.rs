//! How long something takes, on a machine that others use, too.

use std::time::{Duration, Instant};

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
