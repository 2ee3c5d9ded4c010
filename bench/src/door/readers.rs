//! Many readers at once.

use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use gantry_store::RecordKey;

use crate::Outcome;
use crate::meter::{Meter, Spent};

/// Readers at once.
pub(crate) const READERS: usize = 8;

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
pub(crate) struct Pick<'k> {
    state: u64,
    keys: &'k [RecordKey],
}

impl<'k> Pick<'k> {
    pub(crate) fn new(reader: usize, keys: &'k [RecordKey]) -> Pick<'k> {
        let seed = u64::try_from(reader).unwrap_or(0).wrapping_add(1);
        Pick { state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15), keys }
    }

    pub(crate) fn next(&mut self) -> &'k RecordKey {
        const NONE: RecordKey = RecordKey { contact: [0; 16], category: 0, id: [0; 16] };
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        let place = usize::try_from(self.state >> 1).unwrap_or(0) % self.keys.len().max(1);
        self.keys.get(place).unwrap_or(&NONE)
    }
}
