//! How many passwords are checked at once: each takes memory on purpose, and who has none to give must
//! not be able to take all of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use gantry_vault::PasswordCost;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};
use tokio::task::spawn_blocking;

use crate::error::EngineError;

/// Passwords hashed at once: together they take 76 MiB.
const AT_ONCE: usize = 4;
/// People whose passwords are being checked, or who wait for that; with two cores the last of them
/// waits for a second or two.
const ADMITTED: usize = 64;
/// Sign-ins that are over are looked for this often, in milliseconds.
const TIDY: i64 = 10 * 60 * 1_000;

/// Lets in one after the other.
#[derive(Debug)]
pub(crate) struct Doorkeeper {
    pub(super) cost: PasswordCost,
    admitted: Semaphore,
    hashing: Arc<Semaphore>,
    tidied: AtomicI64,
}

/// A place at the door. What is done at it ends before another gets the place, whether somebody still
/// waits for it or not.
pub(super) struct Place<'a> {
    _admitted: SemaphorePermit<'a>,
    hashing: Arc<OwnedSemaphorePermit>,
}

impl Doorkeeper {
    pub(crate) fn new(cost: PasswordCost) -> Doorkeeper {
        Doorkeeper {
            cost,
            admitted: Semaphore::new(ADMITTED),
            hashing: Arc::new(Semaphore::new(AT_ONCE)),
            tidied: AtomicI64::new(0),
        }
    }

    /// A place, when it is one's turn; an error where too many wait already.
    pub(super) async fn place(&self) -> Result<Place<'_>, EngineError> {
        let admitted = self.admitted.try_acquire().map_err(|_| EngineError::Busy)?;
        let hashing = Arc::clone(&self.hashing).acquire_owned().await;
        let hashing = Arc::new(hashing.map_err(|_| EngineError::Busy)?);
        Ok(Place { _admitted: admitted, hashing })
    }

    /// Whether it is time to look for what is over; if so, it is not for a while.
    pub(super) fn is_time_to_tidy(&self, now: i64) -> bool {
        let last = self.tidied.load(Ordering::Relaxed);
        let is_time = now.saturating_sub(last).abs() >= TIDY;
        is_time
            && self.tidied.compare_exchange(last, now, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }
}

impl Place<'_> {
    /// Does what takes long where it keeps nobody else waiting.
    pub(super) async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, EngineError> {
        let place = Arc::clone(&self.hashing);
        let done = spawn_blocking(move || {
            let done = work();
            drop(place);
            done
        });
        done.await.map_err(|_| EngineError::Setup("a password could not be checked".to_owned()))
    }
}
