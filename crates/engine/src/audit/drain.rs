//! Draining: spooled entries move into the store's chain.
//!
//! How far a spool is drained is written into the store in the same batch as its entries, so that a
//! crash neither loses nor doubles one. Only then is the file removed, then the folder put on disk,
//! and at last the note of it removed from the store: a file that comes back with the machine still
//! finds the note. Spools of dead processes, whose lock is free, are taken over.

use std::fs::{File, TryLockError};
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use gantry_store::{Batch, Expect, Space, Store, Write};
use gantry_vault::Vault;

use crate::audit::entry::{self, About, Cause, Entry, NO_PURPOSE, NO_USE, Outcome};
use crate::audit::error::AuditError;
use crate::audit::frame::{self, HEAD_LEN, MAX_FRAME};
use crate::audit::name::{SpoolName, beside, folder};
use crate::audit::spool::{Spool, Written, put_on_disk};

/// A link of the chain takes at most about this many bytes of entries. A commit for each makes all
/// readers look at their pages anew, so a busy node's links are few and large.
const LINK_LEN: usize = 8 << 20;
/// What is read of a spool at once.
const READ_LEN: usize = 256 << 10;
/// A spool that has grown to this is ended once it is drained.
const ROTATE_AT: u64 = 16 << 20;

/// What draining did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Drained {
    /// Entries that moved into the chain.
    pub entries: u64,
    /// Spools of dead processes that were taken over.
    pub adopted: u32,
    /// Bytes at the torn ends of such spools, kept in files ending in `.torn`.
    pub torn: u64,
}

/// Moves entries from spools into a store.
pub(crate) struct Drain {
    /// How far the current spool is drained, once known.
    known: Option<(SpoolName, u64)>,
    /// Spools whose files are gone and whose notes are to go.
    gone: Vec<SpoolName>,
}

impl Drain {
    pub(crate) fn new() -> Drain {
        Drain { known: None, gone: Vec::new() }
    }

    /// How far a spool is drained, as far as known.
    pub(crate) fn reached(&self, name: SpoolName) -> u64 {
        self.known.filter(|(known, _)| *known == name).map_or(0, |(_, offset)| offset)
    }

    /// The entries of this process's own spool that are not drained; none where they take more bytes than
    /// `most`, or it is not known which they are.
    pub(crate) fn waiting(
        &self,
        spool: &Spool,
        vault: &Vault,
        most: u64,
    ) -> Result<Option<Vec<u8>>, AuditError> {
        let Some(written) = spool.written() else { return Ok(Some(Vec::new())) };
        let Some((name, from)) = self.known.filter(|(known, _)| *known == written.name) else {
            return Ok(None);
        };
        if written.length.saturating_sub(from) > most {
            return Ok(None);
        }
        let path = written.path.as_path();
        let file = File::open(path).map_err(|cause| AuditError::file("read", path, cause))?;
        let part = Part { name, path, vault, from, to: written.length };
        let mut frames = part.frames(&file)?;
        let mut waiting = Vec::new();
        while let Some(link) = part.link(&mut frames)? {
            waiting.extend(link.bytes);
        }
        match frames.at {
            at if at < written.length => {
                Err(AuditError::Damaged { path: written.path, offset: at })
            }
            _ => Ok(Some(waiting)),
        }
    }

    /// Drains this process's own spool; ends it where it has grown large, or at the `last` time.
    pub(crate) async fn own(
        &mut self,
        spool: &Spool,
        vault: &Vault,
        store: &Store,
        last: bool,
    ) -> Result<Drained, AuditError> {
        let Some(written) = spool.written() else {
            self.forget_gone(store).await?;
            return Ok(Drained::default());
        };
        let (name, path) = (written.name, written.path.as_path());
        let from = match self.known {
            Some((known, offset)) if known == name => offset,
            _ => noted(store, name).await?,
        };
        if from == written.length && !last {
            self.known = Some((name, from));
            return Ok(Drained::default());
        }
        // Unknown again until all went well.
        self.known = None;
        let file = File::open(path).map_err(|cause| AuditError::file("read", path, cause))?;
        let part = Part { name, path, vault, from, to: written.length };
        let (reached, entries) = part.commit(&file, store, &self.gone).await?;
        if from < reached {
            self.gone.clear();
        }
        if reached < written.length {
            return Err(AuditError::Damaged { path: written.path, offset: reached });
        }
        self.known = Some((name, reached));
        if (last || reached >= ROTATE_AT)
            && let Some(ended) = spool.rotate(reached)
        {
            self.remove(&ended)?;
        }
        if last {
            self.forget_gone(store).await?;
        }
        Ok(Drained { entries, ..Drained::default() })
    }

    fn remove(&mut self, ended: &Written) -> Result<(), AuditError> {
        remove_durably(&ended.path)?;
        self.known = None;
        self.gone.push(ended.name);
        Ok(())
    }

    async fn forget_gone(&mut self, store: &Store) -> Result<(), AuditError> {
        if self.gone.is_empty() {
            return Ok(());
        }
        let writes = forget(&self.gone);
        store.commit(Batch { writes, ..Batch::default() }).await?;
        self.gone.clear();
        Ok(())
    }

    /// Drains the spools of processes that are no more, of the store with that `prefix`.
    pub(crate) async fn adopt(
        &mut self,
        prefix: &Path,
        vault: &Vault,
        store: &Store,
        now: i64,
    ) -> Result<Drained, AuditError> {
        let names = SpoolName::of(prefix)
            .map_err(|cause| AuditError::file("list", folder(prefix), cause))?;
        let mut all = Drained::default();
        for name in names {
            let path = name.path(prefix);
            let Some(file) = dead(&path)? else { continue };
            let one = self.adopt_one(name, &path, &file, vault, store, now).await?;
            all.entries += one.entries;
            all.adopted += one.adopted;
            all.torn += one.torn;
        }
        self.forget_gone(store).await?;
        Ok(all)
    }

    async fn adopt_one(
        &mut self,
        name: SpoolName,
        path: &Path,
        file: &File,
        vault: &Vault,
        store: &Store,
        now: i64,
    ) -> Result<Drained, AuditError> {
        let length = file.metadata().map_err(|cause| AuditError::file("read", path, cause))?.len();
        let from = noted(store, name).await?;
        let part = Part { name, path, vault, from, to: length };
        let (reached, entries) = part.commit(file, store, &[]).await?;
        let torn = length.saturating_sub(reached);
        if torn > 0 {
            tell_torn(store, name, torn, now).await?;
            set_aside(path)?;
        } else {
            remove_durably(path)?;
            self.gone.push(name);
        }
        Ok(Drained { entries, adopted: 1, torn })
    }
}

/// A part of a spool.
struct Part<'a> {
    name: SpoolName,
    path: &'a Path,
    vault: &'a Vault,
    from: u64,
    to: u64,
}

impl Part<'_> {
    /// Commits what lies between `from` and `to`. Says how far it came, which is not `to` where a
    /// frame is torn, and how many entries that were. The notes of `gone` go with the first batch.
    async fn commit(
        &self,
        file: &File,
        store: &Store,
        gone: &[SpoolName],
    ) -> Result<(u64, u64), AuditError> {
        let mut frames = self.frames(file)?;
        let (mut reached, mut total, mut gone) = (self.from, 0, gone);
        while let Some(link) = self.link(&mut frames)? {
            let expect = match reached {
                0 => Expect::NoEntry(Space::Spool, self.name.key().to_vec()),
                from => Expect::Entry(Space::Spool, self.name.key().to_vec(), note(from)),
            };
            let mut writes = forget(gone);
            writes.push(Write::Entry(Space::Spool, self.name.key().to_vec(), note(frames.at)));
            let batch = Batch {
                expects: vec![expect],
                writes,
                audit_entries: link.entries,
                audit: link.bytes,
                publish: None,
            };
            store.commit(batch).await?;
            (reached, gone) = (frames.at, &[]);
            total += u64::from(link.entries);
        }
        Ok((reached, total))
    }

    fn frames<'f>(&self, file: &'f File) -> Result<Frames<'f>, AuditError> {
        let mut reader = BufReader::with_capacity(READ_LEN, file);
        reader
            .seek(SeekFrom::Start(self.from))
            .map_err(|cause| AuditError::file("read", self.path, cause))?;
        Ok(Frames { reader, at: self.from, torn: false })
    }

    /// The next frames that make a link.
    fn link(&self, frames: &mut Frames<'_>) -> Result<Option<Link>, AuditError> {
        let mut link = Link { bytes: Vec::new(), entries: 0 };
        while link.bytes.len() < LINK_LEN && frames.at < self.to && !frames.torn {
            let frame =
                frames.next(self.to).map_err(|cause| AuditError::file("read", self.path, cause))?;
            let entries = frame::split(self.vault, self.name, frames.at, &frame)
                .filter(|(_, rest)| rest.is_empty())
                .and_then(|(entries, _)| Some((entries, entry::count(entries)?)));
            let Some((entries, count)) = entries else {
                frames.torn = true;
                break;
            };
            link.bytes.extend_from_slice(entries);
            link.entries = link.entries.saturating_add(count);
            frames.at += u64::try_from(frame.len()).unwrap_or(u64::MAX);
        }
        Ok((link.entries > 0).then_some(link))
    }
}

struct Link {
    bytes: Vec<u8>,
    entries: u32,
}

/// Reads frames, which may turn out to be torn.
struct Frames<'a> {
    reader: BufReader<&'a File>,
    at: u64,
    torn: bool,
}

impl Frames<'_> {
    /// The bytes of the next frame by the length it gives, or fewer at the end.
    fn next(&mut self, to: u64) -> std::io::Result<Vec<u8>> {
        let mut frame = Vec::new();
        let mut length = [0; 4];
        let left = to.saturating_sub(self.at);
        if left < u64::try_from(HEAD_LEN).unwrap_or(0) {
            return Ok(frame);
        }
        self.reader.read_exact(&mut length)?;
        frame.extend_from_slice(&length);
        let rest = usize::try_from(u32::from_le_bytes(length)).unwrap_or(usize::MAX);
        if rest <= MAX_FRAME {
            let rest = u64::try_from(rest + HEAD_LEN - length.len()).unwrap_or(0);
            self.reader.by_ref().take(rest.min(left)).read_to_end(&mut frame)?;
        }
        Ok(frame)
    }
}

/// How far the store says that a spool is drained.
async fn noted(store: &Store, name: SpoolName) -> Result<u64, AuditError> {
    let note = store.entry(Space::Spool, &name.key()).await?;
    let bytes = note.and_then(|note| <[u8; 8]>::try_from(note).ok());
    Ok(bytes.map_or(0, u64::from_be_bytes))
}

fn note(offset: u64) -> Vec<u8> {
    offset.to_be_bytes().to_vec()
}

fn forget(names: &[SpoolName]) -> Vec<Write> {
    names.iter().map(|name| Write::RemoveEntry(Space::Spool, name.key().to_vec())).collect()
}

/// The spool's file, locked, if its process is no more.
fn dead(path: &Path) -> Result<Option<File>, AuditError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(cause) => return Err(AuditError::file("read", path, cause)),
    };
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(cause)) => Err(AuditError::file("lock", path, cause)),
        // Its process may have removed it just before it let go of the lock.
        Ok(()) => Ok(path.exists().then_some(file)),
    }
}

fn remove_durably(path: &Path) -> Result<(), AuditError> {
    let removed = std::fs::remove_file(path).and_then(|()| put_on_disk(folder(path)));
    removed.map_err(|cause| AuditError::file("remove", path, cause))
}

/// Keeps a torn spool for whoever wants to look, under a name that is not drained again.
fn set_aside(path: &Path) -> Result<(), AuditError> {
    let moved =
        std::fs::rename(path, beside(path, ".torn")).and_then(|()| put_on_disk(folder(path)));
    moved.map_err(|cause| AuditError::file("rename", path, cause))
}

/// Says in the chain itself that the end of a spool could not be read.
async fn tell_torn(store: &Store, name: SpoolName, torn: u64, now: i64) -> Result<(), AuditError> {
    let entry = Entry {
        at: now,
        actor: "system".to_owned(),
        purpose: NO_PURPOSE,
        use_id: NO_USE,
        notice: 0,
        cause: Cause::System,
        operation: "spool-torn".into(),
        categories: Vec::new(),
        about: About::Nobody,
        count: u32::try_from(torn).unwrap_or(u32::MAX),
        outcome: Outcome::Allowed,
        request: Some(name.process),
    };
    let mut audit = Vec::new();
    entry.encode_into(&mut audit)?;
    store.commit(Batch { audit, audit_entries: 1, ..Batch::default() }).await?;
    Ok(())
}
