//! Time and ids are parameters: a program has one clock, a test sets its own.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::UNIX_EPOCH;

use gantry_notice::Day;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use uuid::Uuid;

/// What time it is, in milliseconds since 1970 (UTC).
#[derive(Clone, Debug)]
pub enum Clock {
    /// The machine's.
    System,
    /// One that stands still until it is moved.
    Set(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands at an instant.
    pub fn standing_at(millis: i64) -> Clock {
        Clock::Set(Arc::new(AtomicI64::new(millis)))
    }

    /// Moves a standing clock by days; the machine's goes by itself.
    pub fn advance_days(&self, days: i32) {
        self.advance_seconds(days.saturating_mul(24 * 3_600));
    }

    /// The same by hours.
    pub fn advance_hours(&self, hours: i32) {
        self.advance_seconds(hours.saturating_mul(3_600));
    }

    /// The same by seconds.
    pub fn advance_seconds(&self, seconds: i32) {
        if let Clock::Set(millis) = self {
            millis.fetch_add(i64::from(seconds) * 1_000, Ordering::SeqCst);
        }
    }

    /// Now.
    pub fn now(&self) -> i64 {
        match self {
            Clock::Set(millis) => millis.load(Ordering::SeqCst),
            Clock::System => {
                #[expect(clippy::disallowed_methods, reason = "this is the one place that asks")]
                let now = std::time::SystemTime::now();
                let since = now.duration_since(UNIX_EPOCH).unwrap_or_default();
                i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
            }
        }
    }

    /// Today (UTC).
    pub fn today(&self) -> Day {
        Day::of_millis(self.now())
    }
}

/// Where ids and random bytes come from.
#[derive(Clone, Debug)]
pub struct Entropy(Arc<Mutex<StdRng>>);

impl Entropy {
    /// From the operating system.
    pub fn system() -> Entropy {
        Entropy(Arc::new(Mutex::new(StdRng::from_rng(&mut rand::rng()))))
    }

    /// Always the same, for tests and the demo's invented people.
    pub fn seeded(seed: u64) -> Entropy {
        Entropy(Arc::new(Mutex::new(StdRng::seed_from_u64(seed))))
    }

    /// A generator of its own, started from this one.
    pub fn fork(&self) -> StdRng {
        let mut rng = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        StdRng::from_rng(&mut *rng)
    }

    /// A UUIDv7 of that instant (RFC 9562).
    pub fn id(&self, millis: i64) -> Uuid {
        let mut random = [0; 10];
        self.0.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(&mut random);
        id_of(millis, &random)
    }
}

/// The UUIDv7 of an instant and given random bytes.
pub(crate) fn id_of(millis: i64, random: &[u8; 10]) -> Uuid {
    let millis = u64::try_from(millis).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, random).into_uuid()
}
