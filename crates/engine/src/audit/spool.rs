//! The spool: an append-only file into which a read's audit entry goes before its answer leaves.
//!
//! Threads that come while another writes leave their entries to the next one that does, so that
//! many entries take one write. The file is locked as long as the process lives: that is how others
//! know whose spools they may take over.
//!
//! INVARIANT: `append` returns `Ok` only when the entry is in the file (and, if strict, on disk).

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::mem;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use gantry_vault::Vault;

use crate::audit::error::AuditError;
use crate::audit::frame::{self, MAX_FRAME};
use crate::audit::name::{SpoolName, beside, folder};

/// Entries are on disk at the latest this long after they were written.
const FLUSH_EVERY: Duration = Duration::from_millis(100);

pub(crate) struct Spool {
    /// What its name begins with.
    prefix: PathBuf,
    vault: Arc<Vault>,
    strict: bool,
    queue: Mutex<Queue>,
    writer: Mutex<Writer>,
    flusher: Arc<Flusher>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// Entries that wait for the next write.
struct Queue {
    bytes: Vec<u8>,
    waiting: usize,
    /// The number of the next write.
    group: u64,
}

struct Writer {
    /// The current spool, made with its first entry.
    current: Option<Current>,
    next: SpoolName,
    /// All groups below have been dealt with.
    done: u64,
    /// Groups that could not be written, as long as somebody has yet to learn it.
    failed: Vec<Failed>,
    /// Why nothing can be written any more.
    broken: Option<String>,
}

struct Failed {
    group: u64,
    waiting: usize,
    why: String,
}

struct Current {
    name: SpoolName,
    path: PathBuf,
    file: Arc<File>,
    length: u64,
}

/// What is written so far of the current spool.
#[derive(Clone)]
pub(crate) struct Written {
    pub(crate) name: SpoolName,
    pub(crate) path: PathBuf,
    pub(crate) file: Arc<File>,
    pub(crate) length: u64,
}

impl Spool {
    /// A spool of the store with that `prefix`, for a process that has not used that name before. Its file is made
    /// with the first entry.
    pub(crate) fn new(prefix: &Path, first: SpoolName, vault: Arc<Vault>, strict: bool) -> Spool {
        Spool {
            prefix: prefix.to_owned(),
            vault,
            strict,
            queue: Mutex::new(Queue { bytes: Vec::new(), waiting: 0, group: 1 }),
            writer: Mutex::new(Writer {
                current: None,
                next: first,
                done: 1,
                failed: Vec::new(),
                broken: None,
            }),
            flusher: Arc::new(Flusher::default()),
            thread: Mutex::new(None),
        }
    }

    /// Writes an encoded entry. On an error it is not in the spool, and what it tells of must not
    /// be done.
    pub(crate) fn append(&self, entry: &[u8]) -> Result<(), AuditError> {
        let group = {
            let mut queue = lock(&self.queue);
            queue.bytes.extend_from_slice(entry);
            queue.waiting += 1;
            queue.group
        };
        let mut writer = lock(&self.writer);
        if writer.done <= group {
            self.write_group(&mut writer);
        }
        writer.outcome_of(group)
    }

    /// Takes all that waits and writes it.
    fn write_group(&self, writer: &mut Writer) {
        let (bytes, waiting, group) = {
            let mut queue = lock(&self.queue);
            let group = queue.group;
            queue.group += 1;
            (mem::take(&mut queue.bytes), mem::take(&mut queue.waiting), group)
        };
        if let Err(error) = self.write(writer, &bytes) {
            writer.failed.push(Failed { group, waiting, why: error.to_string() });
        }
        writer.done = group + 1;
    }

    fn write(&self, writer: &mut Writer, entries: &[u8]) -> Result<(), AuditError> {
        if let Some(why) = self.flusher.failure().or_else(|| writer.broken.clone()) {
            return Err(AuditError::Refused(why));
        }
        if entries.len() > MAX_FRAME {
            return Err(AuditError::Refused("too much at once".to_owned()));
        }
        if writer.current.is_none() {
            self.begin(writer)?;
        }
        let Some(current) = writer.current.as_mut() else {
            return Err(AuditError::Refused("there is no spool".to_owned()));
        };
        let frame = frame::build(&self.vault, current.name, current.length, entries);
        let mut written = (&*current.file).write_all(&frame);
        if self.strict && written.is_ok() {
            written = current.file.sync_data();
        }
        if let Err(cause) = written {
            // What was half written must not be taken for a torn end with more behind it.
            let path = current.path.clone();
            if current.file.set_len(current.length).is_err() {
                writer.broken = Some(format!("`{}` has a torn end", path.display()));
            }
            return Err(AuditError::file("write", path, cause));
        }
        current.length += u64::try_from(frame.len()).unwrap_or(u64::MAX);
        self.flusher.dirty.store(true, Ordering::Release);
        Ok(())
    }

    /// Makes the next file. It is locked before it has its name, so that nobody takes it for that
    /// of a dead process.
    fn begin(&self, writer: &mut Writer) -> Result<(), AuditError> {
        let name = writer.next;
        let path = name.path(&self.prefix);
        let unnamed = beside(&path, ".new");
        let made = make(&unnamed).and_then(|file| {
            file.try_lock()?;
            std::fs::rename(&unnamed, &path)?;
            if self.strict {
                put_on_disk(folder(&path))?;
            }
            Ok(Arc::new(file))
        });
        let file = made.map_err(|cause| AuditError::file("make", &path, cause))?;
        self.flusher.watch(&file, &path);
        self.start_flusher()?;
        writer.next.number = name.number.saturating_add(1);
        writer.current = Some(Current { name, path, file, length: 0 });
        Ok(())
    }

    /// The current spool, if there is one.
    pub(crate) fn written(&self) -> Option<Written> {
        lock(&self.writer).current.as_ref().map(Current::written)
    }

    /// Ends the current spool, if nothing came after `length`; the next entry begins another.
    /// The file stays locked as long as the answer lives.
    pub(crate) fn rotate(&self, length: u64) -> Option<Written> {
        let mut writer = lock(&self.writer);
        if writer.current.as_ref()?.length != length {
            return None;
        }
        self.flusher.forget();
        writer.current.take().map(|current| current.written())
    }

    /// Puts all that was written on disk.
    pub(crate) fn flush(&self) -> Result<(), AuditError> {
        let Some(written) = self.written() else { return Ok(()) };
        written.file.sync_data().map_err(|cause| AuditError::file("write", written.path, cause))
    }

    fn start_flusher(&self) -> Result<(), AuditError> {
        let mut thread = lock(&self.thread);
        if self.strict || thread.is_some() {
            return Ok(());
        }
        let flusher = Arc::clone(&self.flusher);
        let started = std::thread::Builder::new()
            .name("audit-flush".to_owned())
            .spawn(move || flusher.run())
            .map_err(|cause| AuditError::Refused(cause.kind().to_string()))?;
        *thread = Some(started);
        Ok(())
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        self.flusher.stop();
        if let Some(thread) = lock(&self.thread).take() {
            // It has nothing to say but that it ended.
            let _ended = thread.join();
        }
    }
}

impl Writer {
    fn outcome_of(&mut self, group: u64) -> Result<(), AuditError> {
        let Some(place) = self.failed.iter().position(|failed| failed.group == group) else {
            return Ok(());
        };
        let mut failed = self.failed.swap_remove(place);
        let why = failed.why.clone();
        failed.waiting = failed.waiting.saturating_sub(1);
        if failed.waiting > 0 {
            self.failed.push(failed);
        }
        Err(AuditError::Refused(why))
    }
}

impl Current {
    fn written(&self) -> Written {
        Written {
            name: self.name,
            path: self.path.clone(),
            file: Arc::clone(&self.file),
            length: self.length,
        }
    }
}

/// Puts the spool on disk every now and then.
#[derive(Default)]
struct Flusher {
    dirty: AtomicBool,
    state: Mutex<FlushState>,
    wake: Condvar,
}

#[derive(Default)]
struct FlushState {
    file: Option<Arc<File>>,
    /// The folder of a file that is new in it.
    folder: Option<PathBuf>,
    stopped: bool,
    failure: Option<String>,
}

impl Flusher {
    fn run(&self) {
        let mut state = lock(&self.state);
        while !state.stopped {
            let waited = self.wake.wait_timeout(state, FLUSH_EVERY);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
            if !self.dirty.swap(false, Ordering::AcqRel) {
                continue;
            }
            let Some(file) = state.file.clone() else { continue };
            let folder = state.folder.take();
            drop(state);
            let synced =
                file.sync_data().and_then(|()| folder.as_deref().map_or(Ok(()), put_on_disk));
            drop(file);
            state = lock(&self.state);
            if let Err(cause) = synced {
                // After a failed flush nobody knows what is on disk: no entry is taken any more.
                state.failure = Some(format!("it could not be put on disk: {}", cause.kind()));
            }
        }
    }

    fn watch(&self, file: &Arc<File>, path: &Path) {
        let mut state = lock(&self.state);
        state.file = Some(Arc::clone(file));
        state.folder = Some(folder(path).to_owned());
    }

    fn forget(&self) {
        let mut state = lock(&self.state);
        state.file = None;
        state.folder = None;
    }

    fn stop(&self) {
        lock(&self.state).stopped = true;
        self.wake.notify_all();
    }

    fn failure(&self) -> Option<String> {
        lock(&self.state).failure.clone()
    }
}

/// A file's name survives the machine only once its folder is on disk.
pub(crate) fn put_on_disk(folder: &Path) -> std::io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Whoever panicked while holding the lock left nothing half done that a reader could see.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn make(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).append(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use gantry_vault::MasterKey;
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    use super::*;

    /// A spool whose file takes no writes, as a disk that has failed.
    fn spool_that_fails(folder: &Path) -> Spool {
        let vault = Vault::new(&MasterKey::generate(&mut StdRng::seed_from_u64(1)));
        let name = SpoolName { process: [1; 16], number: 0 };
        let spool = Spool::new(&folder.join("x.db"), name, Arc::new(vault), true);
        let path = name.path(&spool.prefix);
        std::fs::write(&path, b"").unwrap();
        let file = Arc::new(File::open(&path).unwrap());
        lock(&spool.writer).current = Some(Current { name, path, file, length: 0 });
        spool
    }

    #[test]
    fn whoever_waits_for_a_write_that_fails_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let spool = spool_that_fails(folder.path());
        let refused: Vec<bool> = std::thread::scope(|scope| {
            let appends: Vec<_> =
                (0..8).map(|_| scope.spawn(|| spool.append(b"entry").is_err())).collect();
            appends.into_iter().map(|append| append.join().unwrap()).collect()
        });
        assert_eq!(refused, vec![true; 8]);
        assert!(lock(&spool.writer).failed.is_empty(), "all have learned it");
        assert_eq!(spool.written().unwrap().length, 0);
    }

    #[test]
    fn those_who_share_a_failed_write_all_learn_it() {
        let folder = tempfile::tempdir().unwrap();
        let spool = spool_that_fails(folder.path());
        *lock(&spool.queue) = Queue { bytes: b"entries".to_vec(), waiting: 2, group: 1 };
        let mut writer = lock(&spool.writer);
        spool.write_group(&mut writer);
        assert!(writer.outcome_of(1).is_err());
        assert!(writer.outcome_of(1).is_err());
        assert!(writer.failed.is_empty());
        assert_eq!(writer.done, 2);
    }

    #[test]
    fn after_a_failed_flush_no_entry_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        let vault = Vault::new(&MasterKey::generate(&mut StdRng::seed_from_u64(1)));
        let name = SpoolName { process: [1; 16], number: 0 };
        let spool = Spool::new(&folder.path().join("x.db"), name, Arc::new(vault), false);
        spool.append(b"entry").unwrap();
        lock(&spool.flusher.state).failure = Some("it could not be put on disk".to_owned());
        assert!(spool.append(b"entry").is_err());
    }
}
