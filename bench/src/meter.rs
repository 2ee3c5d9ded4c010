//! What a piece of work takes: CPU time of the whole process, and the clock's.

use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

use crate::timing::count_as_f64;

/// What some pieces of work took.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spent {
    /// Microseconds of CPU time each, of all threads of the process.
    pub(crate) cpu: f64,
    /// How many in a second.
    pub(crate) rate: f64,
}

impl Spent {
    /// The best of several rounds: what else runs on the machine can only slow one down.
    pub(crate) fn best(rounds: &[Spent]) -> Spent {
        let cpu = rounds.iter().map(|spent| spent.cpu).fold(f64::INFINITY, f64::min);
        let rate = rounds.iter().map(|spent| spent.rate).fold(0.0, f64::max);
        Spent { cpu, rate }
    }
}

/// Runs since it was started.
pub(crate) struct Meter {
    cpu: f64,
    wall: Instant,
}

impl Meter {
    pub(crate) fn start() -> Meter {
        Meter { cpu: cpu_seconds(), wall: Instant::now() }
    }

    /// What each of `count` took.
    pub(crate) fn stop(&self, count: usize) -> Spent {
        let (cpu, wall) = (cpu_seconds() - self.cpu, self.wall.elapsed().as_secs_f64());
        let count = count_as_f64(count);
        Spent { cpu: cpu * 1e6 / count, rate: count / wall }
    }
}

/// What this process has used of the processors so far, in seconds.
fn cpu_seconds() -> f64 {
    let used = clock_gettime(ClockId::ProcessCPUTime);
    let seconds = Duration::from_secs(u64::try_from(used.tv_sec).unwrap_or(0));
    seconds.as_secs_f64()
        + Duration::from_nanos(u64::try_from(used.tv_nsec).unwrap_or(0)).as_secs_f64()
}
