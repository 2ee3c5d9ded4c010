//! How long something takes, on a machine that others use, too.

use std::time::{Duration, Instant};

/// Rounds of which the quickest counts: what else runs can only slow a round down.
const ROUNDS: usize = 7;

/// Nanoseconds for one of the `count` things that each call of `work` does; the quickest of several
/// rounds, each of which takes about `about`.
pub(crate) fn nanoseconds_each(count: usize, about: Duration, mut work: impl FnMut()) -> f64 {
    let started = Instant::now();
    work();
    let once = started.elapsed().max(Duration::from_nanos(1));
    let calls = (about.as_secs_f64() / once.as_secs_f64()).ceil().clamp(1.0, 1e6);
    let round = |_| {
        let started = Instant::now();
        let mut done = 0.0;
        while done < calls {
            work();
            done += 1.0;
        }
        started.elapsed().as_secs_f64() * 1e9 / calls
    };
    (0..ROUNDS).map(round).fold(f64::INFINITY, f64::min) / count_as_f64(count)
}

/// A count as a number to divide by.
pub(crate) fn count_as_f64(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}
