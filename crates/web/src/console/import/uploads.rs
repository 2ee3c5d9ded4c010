//! Uploaded files, held in memory: few, bounded, and not for long.
//!
//! INVARIANT: what an upload holds counts against the bounds from before its first byte is read until
//! its last one is dropped: the permits lie beside the bytes.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use gantry_engine::Clock;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use uuid::Uuid;

use super::upload::Upload;
use crate::console::door::Room;
use crate::page::Failure;
use crate::problem::{Kind, Problem};

/// The largest file. Larger ones are for `gantry import`, which reads them from the disk.
pub(crate) const MAX_FILE: usize = 32 << 20;
/// Files at once, of all accounts.
const MAX_FILES: usize = 4;
/// Of them, of one account.
const OF_ONE: usize = 2;
/// Bytes of all files together. While one is being stored, its rejects may take as much again.
const MAX_BYTES: usize = 64 << 20;
/// The least that is set apart for a file, so that its rejects find room.
const LEAST: usize = 1 << 20;
/// An upload is dropped after an hour (ms).
pub(super) const KEPT: i64 = 3_600_000;
/// One that is being worked on is looked after again so often.
const LOOKED_AFTER: Duration = Duration::from_mins(1);

/// All uploads.
pub(crate) struct Uploads {
    files: Arc<Semaphore>,
    bytes: Arc<Semaphore>,
    held: Mutex<BTreeMap<Uuid, Arc<Upload>>>,
}

/// A place for a file, with room for what has come of it.
pub(crate) struct Place {
    _file: OwnedSemaphorePermit,
    bytes: OwnedSemaphorePermit,
    taken: usize,
    room: Arc<Semaphore>,
}

impl Default for Uploads {
    fn default() -> Uploads {
        Uploads {
            files: Arc::new(Semaphore::new(MAX_FILES)),
            bytes: Arc::new(Semaphore::new(MAX_BYTES)),
            held: Mutex::default(),
        }
    }
}

impl Uploads {
    /// Whether an account has as many files waiting as it may. What is stored takes no place any more.
    pub(super) fn is_full_for(&self, account: &str, now: i64) -> bool {
        self.of(account, now).iter().filter(|upload| upload.takes_place()).count() >= OF_ONE
    }

    /// A place for a file, where there is one.
    pub(super) fn place(&self, now: i64) -> Result<Place, Failure> {
        self.sweep(now);
        let file = Arc::clone(&self.files).try_acquire_owned().map_err(|_| full())?;
        let bytes = acquire(&self.bytes, LEAST)?;
        Ok(Place { _file: file, bytes, taken: 0, room: Arc::clone(&self.bytes) })
    }

    /// Holds an upload for an hour.
    pub(super) fn hold(self: &Arc<Uploads>, upload: Upload, clock: &Clock) -> Arc<Upload> {
        let upload = Arc::new(upload);
        self.held().insert(upload.id, Arc::clone(&upload));
        let (uploads, id, clock) = (Arc::downgrade(self), upload.id, clock.clone());
        tokio::spawn(async move {
            let mut wait = Duration::from_millis(KEPT.unsigned_abs());
            loop {
                tokio::time::sleep(wait).await;
                let Some(uploads) = uploads.upgrade() else { return };
                uploads.sweep(clock.now());
                if !uploads.held().contains_key(&id) {
                    return;
                }
                wait = LOOKED_AFTER;
            }
        });
        upload
    }

    /// The upload that the path of a room names, where it was brought to this room by this account.
    /// Somebody else's is not there.
    pub(super) fn named_by(&self, room: &Room) -> Result<Arc<Upload>, Failure> {
        let id = room.id("upload")?;
        self.sweep(room.shell.engine.clock().now());
        let found = self.held().get(&id).filter(|upload| upload.is_of(room)).cloned();
        found.ok_or(Failure::NotFound)
    }

    /// The uploads of an account, oldest first, to whichever room they were brought.
    pub(super) fn of(&self, account: &str, now: i64) -> Vec<Arc<Upload>> {
        self.sweep(now);
        let held = self.held();
        held.values().filter(|upload| upload.account == account).cloned().collect()
    }

    /// Drops one. Work on it that can be stopped is.
    pub(super) fn forget(&self, id: Uuid) {
        let forgotten = self.held().remove(&id);
        if let Some(upload) = forgotten {
            upload.stop();
        }
    }

    /// Drops what a sign-in that ends has brought; what is being worked on goes when its hour is over.
    pub(crate) fn end_of(&self, sign_in: &str) {
        self.held().retain(|_, upload| upload.sign_in != sign_in || upload.is_working());
    }

    /// Drops what was kept for long enough.
    fn sweep(&self, now: i64) {
        self.held().retain(|_, upload| now < upload.ends() || upload.is_working());
    }

    fn held(&self) -> std::sync::MutexGuard<'_, BTreeMap<Uuid, Arc<Upload>>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// Room for so many bytes more.
    pub(super) fn grow(&mut self, by: usize) -> Result<(), Failure> {
        self.taken = self.taken.saturating_add(by);
        let missing = self.taken.saturating_sub(self.bytes.num_permits());
        if missing > 0 {
            self.bytes.merge(acquire(&self.room, missing)?);
        }
        Ok(())
    }

    /// How many bytes it has room for.
    pub(super) fn size(&self) -> usize {
        self.bytes.num_permits()
    }
}

fn acquire(room: &Arc<Semaphore>, bytes: usize) -> Result<OwnedSemaphorePermit, Failure> {
    let bytes = u32::try_from(bytes).map_err(|_| full())?;
    Arc::clone(room).try_acquire_many_owned(bytes).map_err(|_| full())
}

fn full() -> Failure {
    let detail = "other imports fill the places for uploads; finish or leave one of yours, try again in \
        a while, or use `gantry import`";
    Problem::new(Kind::Busy, detail).into()
}
