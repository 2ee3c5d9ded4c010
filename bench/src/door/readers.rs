//! Many readers at once, and what they take: CPU time of the whole process, and the clock's.

use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use gantry_store::RecordKey;
use rustix::time::{ClockId, clock_gettime};

use crate::Outcome;
use crate::timing::count_as_f64;

/// Readers at once.
pub(super) const READERS: usize = 8;

/// What some reads took.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spent {
    /// Microseconds of CPU time each, of all threads of the process.
    pub(super) cpu: f64,
    /// Reads in a second.
    pub(super) rate: f64,
}

impl Spent {
    /// The best of several rounds: what else runs on the machine can only slow one down.
    pub(super) fn best(rounds: &[Spent]) -> Spent {
        let cpu = rounds.iter().map(|spent| spent.cpu).fold(f64::INFINITY, f64::min);
        let rate = rounds.iter().map(|spent| spent.rate).fold(0.0, f64::max);
        Spent { cpu, rate }
    }
}

/// Runs since it was started.
pub(super) struct Meter {
    cpu: f64,
    wall: Instant,
}

impl Meter {
    pub(super) fn start() -> Meter {
        Meter { cpu: cpu_seconds(), wall: Instant::now() }
    }

    /// What each of `count` took.
    pub(super) fn stop(&self, count: usize) -> Spent {
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

/// One reader among many.
pub(super) struct Reading<'r> {
    start: &'r Barrier,
    stop: &'r AtomicBool,
    begun: bool,
    count: usize,
}

impl Reading<'_> {
    /// Is ready, and waits until all are.
    pub(super) fn begin(&mut self) {
        if !self.begun {
            self.begun = true;
            self.start.wait();
        }
    }

    /// Whether to read once more.
    pub(super) fn goes_on(&mut self) -> bool {
        let goes_on = !self.stop.load(Ordering::Relaxed);
        self.count += usize::from(goes_on);
        goes_on
    }
}

/// Lets eight threads read for a time. Each gets ready, begins, and reads while it goes on.
pub(super) fn by_many(
    time: Duration,
    work: impl Fn(usize, &mut Reading<'_>) -> Outcome<()> + Sync,
) -> Outcome<Spent> {
    let (start, stop) = (Barrier::new(READERS + 1), AtomicBool::new(false));
    let (start, stop, work) = (&start, &stop, &work);
    thread::scope(|scope| {
        let readers = (0..READERS).map(|reader| {
            scope.spawn(move || {
                let mut reading = Reading { start, stop, begun: false, count: 0 };
                let outcome = work(reader, &mut reading);
                // Nobody waits for one that failed before it was ready.
                reading.begin();
                outcome.map(|()| reading.count)
            })
        });
        let readers: Vec<_> = readers.collect();
        start.wait();
        let meter = Meter::start();
        thread::sleep(time);
        stop.store(true, Ordering::Relaxed);
        let mut count = 0;
        for reader in readers {
            count += reader.join().map_err(|_| "a reader died")??;
        }
        Ok(meter.stop(count))
    })
}

/// Keys in no order that a cache could guess, for each reader another.
pub(super) struct Pick<'k> {
    state: u64,
    keys: &'k [RecordKey],
}

impl<'k> Pick<'k> {
    pub(super) fn new(reader: usize, keys: &'k [RecordKey]) -> Pick<'k> {
        let seed = u64::try_from(reader).unwrap_or(0).wrapping_add(1);
        Pick { state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15), keys }
    }

    pub(super) fn next(&mut self) -> &'k RecordKey {
        const NONE: RecordKey = RecordKey { contact: [0; 16], category: 0, id: [0; 16] };
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        let place = usize::try_from(self.state >> 1).unwrap_or(0) % self.keys.len().max(1);
        self.keys.get(place).unwrap_or(&NONE)
    }
}
