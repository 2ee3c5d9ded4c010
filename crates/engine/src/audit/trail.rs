//! The audit trail as the engine holds it: append, drain, checkpoint, close.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gantry_store::{AuditLink, Id, Store};
use gantry_vault::Vault;
use tokio::sync::{Mutex, RwLock};

pub use crate::audit::drain::Drained;

use crate::audit::checkpoint::{Checkpoint, Numbered};
use crate::audit::drain::Drain;
use crate::audit::entry::Entry;
use crate::audit::error::AuditError;
use crate::audit::latest;
use crate::audit::lines::{self, MAX_HEADS};
use crate::audit::memory;
use crate::audit::name::{self, SpoolName};
use crate::audit::report::Report;
use crate::audit::show::Filter;
use crate::audit::spool::Spool;
use crate::audit::verify::verify;
use crate::error::EngineError;

/// Most entries are shorter.
const USUAL_ENTRY: usize = 192;

/// More bytes than this that wait are drained before somebody reads them.
const READ_AT_ONCE: u64 = 16 << 10;

/// What a trail is made of.
pub struct TrailSetup {
    /// What the names of spools begin with: most often the store's file, beside which they lie.
    pub path: PathBuf,
    /// The id of the store.
    pub store_id: Id,
    /// An id that this process has made for itself.
    pub process: Id,
    /// The keys: they check spools and sign checkpoints.
    pub vault: Arc<Vault>,
    /// Whether an answer waits until its entry is on disk, and not only out of the process.
    pub strict: bool,
    /// The file of checkpoints, best on another disk or machine; none are written without. Processes
    /// of a machine may share it.
    pub checkpoints: Option<PathBuf>,
}

/// The audit trail of this process.
pub struct Trail {
    setup: TrailSetup,
    /// What the names of the store's spools begin with.
    spools: PathBuf,
    spool: Spool,
    /// Held for writing by whoever moves entries into the chain.
    drain: RwLock<Drain>,
    /// The last link of each chain that this process has signed.
    signed: Mutex<BTreeMap<Id, i64>>,
}

impl Trail {
    /// A trail. It makes no file before the first entry. Call [`Trail::adopt`] next.
    pub fn new(setup: TrailSetup) -> Trail {
        let first = SpoolName { process: setup.process, number: 0 };
        let spools = name::prefix(&setup.path, &setup.store_id);
        let spool = Spool::new(&spools, first, Arc::clone(&setup.vault), setup.strict);
        Trail { setup, spools, spool, drain: RwLock::new(Drain::new()), signed: Mutex::default() }
    }

    /// What verifying the chains finds, against the checkpoints of this machine.
    pub(crate) async fn verified(&self, store: &Store) -> Result<Report, EngineError> {
        let TrailSetup { vault, store_id, checkpoints, .. } = &self.setup;
        let files: Vec<PathBuf> = checkpoints.iter().cloned().collect();
        Ok(verify(store, store_id, &files, &vault.public_key()).await?)
    }

    /// Looks whether checkpoints could be written, and writes none: an error while nothing is done yet
    /// is better than one afterwards.
    pub fn must_be_able_to_sign(&self) -> Result<(), EngineError> {
        let tried = self.setup.checkpoints.as_deref().map_or(Ok(()), lines::try_to_write);
        Ok(tried?)
    }

    /// Drains the spools that dead processes left beside the store.
    pub async fn adopt(&self, store: &Store, now: i64) -> Result<Drained, EngineError> {
        let mut drain = self.drain.write().await;
        Ok(drain.adopt(&self.spools, &self.setup.vault, store, now).await?)
    }

    /// Writes an entry. When this returns, the entry has left the process and the answer it tells
    /// of may be released; on an error it may not.
    pub fn append(&self, entry: &Entry) -> Result<(), EngineError> {
        let mut bytes = Vec::with_capacity(USUAL_ENTRY);
        entry.encode_into(&mut bytes).map_err(AuditError::from)?;
        Ok(self.spool.append(&bytes)?)
    }

    /// Moves entries into the store's chain. To be called every few seconds, and when
    /// [`Trail::waiting`] is large.
    pub async fn drain(&self, store: &Store) -> Result<Drained, EngineError> {
        let mut drain = self.drain.write().await;
        drain.own(&self.spool, &self.setup.vault, store, false).await.map_err(waits)
    }

    /// The newest entries, the newest first, at most `limit` and never more than a thousand. What waits to
    /// be drained is read where it is: that takes no commit.
    pub(crate) async fn newest(
        &self,
        store: &Store,
        filter: &Filter,
        limit: usize,
    ) -> Result<Vec<Entry>, EngineError> {
        let vault = &self.setup.vault;
        let mut most = READ_AT_ONCE;
        loop {
            // As long as this is held nothing moves into the chain, to be found twice.
            let drain = self.drain.read().await;
            if let Some(waiting) = drain.waiting(&self.spool, vault, most)? {
                return Ok(latest::newest(store, filter, &waiting, limit).await?);
            }
            drop(drain);
            let mut drain = self.drain.write().await;
            // Others who came with this one need not drain what little has come since.
            if drain.waiting(&self.spool, vault, most)?.is_none() {
                drain.own(&self.spool, vault, store, false).await?;
                most = u64::MAX;
            }
        }
    }

    /// How many bytes wait to be drained; 0 while a drain is under way.
    pub fn waiting(&self) -> u64 {
        let (Some(written), Ok(drain)) = (self.spool.written(), self.drain.try_read()) else {
            return 0;
        };
        written.length.saturating_sub(drain.reached(written.name))
    }

    /// Puts all entries on disk.
    pub fn flush(&self) -> Result<(), EngineError> {
        Ok(self.spool.flush()?)
    }

    /// Signs where the chains stand that have grown since this process signed last, its own and
    /// those of others. To be called every minute.
    pub async fn checkpoint(&self, store: &Store, now: i64) -> Result<(), EngineError> {
        let Some(path) = &self.setup.checkpoints else { return Ok(()) };
        let mut signed = self.signed.lock().await;
        let heads = grown(store.audit_heads().await?, &signed);
        for heads in heads.chunks(MAX_HEADS) {
            self.sign(store, path, heads, now).await.map_err(unsigned)?;
            signed.extend(heads.iter().map(|head| (head.chain, head.sequence)));
        }
        Ok(())
    }

    /// Writes a checkpoint, and lets the store remember it once it is on disk. A crash between the
    /// two leaves the file one ahead of what is remembered; whoever writes next goes by the file.
    async fn sign(
        &self,
        store: &Store,
        path: &Path,
        heads: &[AuditLink],
        now: i64,
    ) -> Result<(), AuditError> {
        let TrailSetup { store_id, process, vault, .. } = &self.setup;
        let key = vault.public_key();
        let ours = |checkpoint: &Checkpoint| checkpoint.proven(store_id, &key).is_some();
        // A new file gets the id of the process that begins it.
        let begun = Numbered { file: *process, number: 0 };
        let file = lines::last(path, ours)?.unwrap_or(begun).file;
        // A file that was put back from an old copy is behind: its numbers are not given again.
        let remembered = memory::number(store, &file).await?;
        let written = lines::append(path, ours, |last| {
            let last = last.unwrap_or(begun);
            let floor = if last.file == file { remembered } else { 0 };
            let number = last.number.max(floor).saturating_add(1);
            Checkpoint::sign(vault, *store_id, Numbered { number, ..last }, heads, now)
        })?;
        Ok(memory::remember(store, &written).await?)
    }

    /// Drains all, removes the spool and signs a last checkpoint. Entries may still be written
    /// after; they wait for whoever opens the store next.
    pub async fn close(&self, store: &Store, now: i64) -> Result<(), EngineError> {
        {
            let mut drain = self.drain.write().await;
            let last = drain.own(&self.spool, &self.setup.vault, store, true).await;
            last.map_err(waits)?;
        }
        self.checkpoint(store, now).await
    }
}

/// Entries that are written, and not in the store yet.
fn waits(error: AuditError) -> EngineError {
    behind("its audit entries wait outside the store", error)
}

fn unsigned(error: AuditError) -> EngineError {
    behind("no checkpoint of it could be signed", error)
}

/// What was done is not undone because of this.
fn behind(what: &str, error: AuditError) -> EngineError {
    match error {
        AuditError::Store(error) => EngineError::Store(error),
        other => EngineError::Behind(format!("{what}: {other}")),
    }
}

/// The chains, by id, that go further than what was signed of them.
pub(crate) fn grown(mut heads: Vec<AuditLink>, signed: &BTreeMap<Id, i64>) -> Vec<AuditLink> {
    heads.retain(|head| signed.get(&head.chain).is_none_or(|last| *last < head.sequence));
    heads.sort_unstable_by_key(|head| head.chain);
    heads
}
