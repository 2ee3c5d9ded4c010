//! Checkpoints: signed statements of where the chain stood, kept outside the store. Whoever cuts or
//! rewrites the chain contradicts them.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write as _};
use std::path::Path;

use gantry_store::{AuditLink, Batch, Id, Space, Store, StoreError, Write};
use gantry_vault::{PublicKey, SIGNATURE_LEN, Vault, decode, encode};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::audit::error::AuditError;

/// What is signed; a signature of anything else is none of a checkpoint.
const SUBJECT: &str = "audit checkpoint 1";
/// Where the store remembers the last link that was signed.
const SIGNED: &[u8] = b"signed";
/// At most this many bytes in a line of the file.
const MAX_LINE: u64 = 4_096;

/// Where the chain of a store stood: one line of JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checkpoint {
    /// The store.
    pub store: Uuid,
    /// The last link, and how many there were, since links have no gaps.
    pub sequence: i64,
    /// The last link that was signed before, 0 for none: so that a checkpoint that is missing shows.
    pub after: i64,
    /// Its hash, in base 32.
    pub hash: String,
    /// When it was signed, in milliseconds since 1970 (UTC).
    pub at: i64,
    /// Whose key signed.
    pub key: String,
    /// The signature (Ed25519), in base 32.
    pub signature: String,
}

impl Checkpoint {
    /// Signs that `head` was the last link, and `after` the one that was signed before.
    pub fn sign(vault: &Vault, store: Id, head: &AuditLink, after: i64, at: i64) -> Checkpoint {
        let message = message(&store, [head.sequence, after, at], &head.hash);
        let signature = vault.sign(SUBJECT, &message);
        Checkpoint {
            store: Uuid::from_bytes(store),
            sequence: head.sequence,
            after,
            hash: encode(&head.hash),
            at,
            key: vault.public_key().id(),
            signature: encode(&signature),
        }
    }

    /// The hash of the last link, if the key signed this for the store.
    pub fn proven(&self, store: &Id, key: &PublicKey) -> Option<[u8; 32]> {
        let hash = <[u8; 32]>::try_from(decode(&self.hash)?).ok()?;
        let signature = <[u8; SIGNATURE_LEN]>::try_from(decode(&self.signature)?).ok()?;
        let message = message(store, [self.sequence, self.after, self.at], &hash);
        let ours = self.store.as_bytes() == store;
        (ours && key.verify(SUBJECT, &message, &signature)).then_some(hash)
    }
}

/// The last link that the store remembers to have been signed; 0 where none was.
pub async fn remembered(store: &Store) -> Result<i64, StoreError> {
    let entry = store.entry(Space::Meta, SIGNED).await?;
    let bytes = entry.and_then(|bytes| <[u8; 8]>::try_from(bytes).ok());
    Ok(bytes.map_or(0, i64::from_be_bytes))
}

/// Lets the store remember that a link was signed: after the checkpoint is on disk.
pub async fn remember(store: &Store, sequence: i64) -> Result<(), StoreError> {
    let entry = Write::Entry(Space::Meta, SIGNED.to_vec(), sequence.to_be_bytes().to_vec());
    store.commit(Batch { writes: vec![entry], ..Batch::default() }).await?;
    Ok(())
}

/// Appends a checkpoint and puts it on disk. A line that a crash cut short is removed first.
pub fn append(path: &Path, checkpoint: &Checkpoint) -> Result<(), AuditError> {
    let written = || -> std::io::Result<()> {
        let mut line = serde_json::to_vec(checkpoint)?;
        line.push(b'\n');
        let mut options = OpenOptions::new();
        let mut file = options.create(true).read(true).append(true).open(path)?;
        file.lock()?;
        let whole = whole_lines(&mut file)?;
        file.set_len(whole)?;
        file.write_all(&line)?;
        file.sync_data()
    };
    written().map_err(|cause| AuditError::file("write", path, cause))
}

/// The lines of a file of checkpoints; a line that is none is `None`. An empty list where there is
/// no file. The last line counts only once it is whole.
pub fn read(path: &Path) -> Result<Vec<Option<Checkpoint>>, AuditError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(cause) => return Err(AuditError::file("read", path, cause)),
    };
    let mut reader = BufReader::new(file);
    let mut checkpoints = Vec::new();
    loop {
        let mut line = Vec::new();
        (&mut reader)
            .take(MAX_LINE)
            .read_until(b'\n', &mut line)
            .map_err(|cause| AuditError::file("read", path, cause))?;
        let whole = line.ends_with(b"\n");
        if !whole && u64::try_from(line.len()).unwrap_or(0) < MAX_LINE {
            return Ok(checkpoints);
        }
        checkpoints.push(serde_json::from_slice(&line).ok().filter(|_| whole));
    }
}

/// The length of the file up to its last line break.
fn whole_lines(file: &mut File) -> std::io::Result<u64> {
    let length = file.metadata()?.len();
    let from = length.saturating_sub(MAX_LINE);
    file.seek(SeekFrom::Start(from))?;
    let mut end = Vec::new();
    file.take(MAX_LINE).read_to_end(&mut end)?;
    let kept = end.iter().rposition(|&byte| byte == b'\n').map_or(0, |place| place + 1);
    Ok(from + u64::try_from(kept).unwrap_or(0))
}

fn message(store: &Id, numbers: [i64; 3], hash: &[u8; 32]) -> Vec<u8> {
    let numbers = numbers.map(i64::to_le_bytes).concat();
    [store.as_slice(), &numbers, hash].concat()
}
