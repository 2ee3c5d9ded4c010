//! What the store remembers of files of checkpoints: how many each has. It is written once a line is
//! on disk, so that a file may be ahead of what is remembered, and is never behind unless somebody
//! has taken lines, or the whole file, away.

use gantry_store::{Batch, Conflict, Expect, Id, Space, Store, StoreError, Write};

use crate::audit::checkpoint::{Checkpoint, Numbered};

/// What keys begin with; the file's id follows.
const SIGNED: &[u8] = b"signed";
/// Read at once.
const PAGE: usize = 500;
/// As often it is tried again when others were faster. Each time somebody else has come further.
const ATTEMPTS: usize = 64;

/// A file of checkpoints that the store knows of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Remembered {
    pub(crate) file: Id,
    /// The number of its last checkpoint.
    pub(crate) last: u64,
    /// When its first one was signed.
    pub(crate) since: i64,
}

/// All files that checkpoints were ever written to.
pub(crate) async fn all(store: &Store) -> Result<Vec<Remembered>, StoreError> {
    let mut files = Vec::new();
    let mut after: Option<Vec<u8>> = None;
    loop {
        let page = store.entries(Space::Meta, SIGNED, after.as_deref(), PAGE).await?;
        let Some((last, _)) = page.last() else { return Ok(files) };
        after = Some(last.clone());
        files.extend(page.iter().filter_map(|(key, value)| read(key, value)));
    }
}

/// The number of a file's last checkpoint; 0 where none is remembered.
pub(crate) async fn number(store: &Store, file: &Id) -> Result<u64, StoreError> {
    let key = key(file);
    let value = store.entry(Space::Meta, &key).await?;
    Ok(value.and_then(|value| read(&key, &value)).map_or(0, |file| file.last))
}

/// Remembers a checkpoint that is on disk. Several processes may write to one file, and tell of it
/// in another order: the highest number stays.
pub(crate) async fn remember(store: &Store, checkpoint: &Checkpoint) -> Result<(), StoreError> {
    let Numbered { file, number } = checkpoint.place();
    let key = key(&file);
    for _ in 0..ATTEMPTS {
        let before = store.entry(Space::Meta, &key).await?;
        let known = before.as_ref().and_then(|value| read(&key, value));
        if known.is_some_and(|known| known.last >= number) {
            return Ok(());
        }
        let since = known.map_or(checkpoint.at, |known| known.since);
        let value = [number.to_be_bytes(), since.to_be_bytes()].concat();
        let expect = match before {
            Some(before) => Expect::Entry(Space::Meta, key.clone(), before),
            None => Expect::NoEntry(Space::Meta, key.clone()),
        };
        let writes = vec![Write::Entry(Space::Meta, key.clone(), value)];
        let batch = Batch { expects: vec![expect], writes, ..Batch::default() };
        match store.commit(batch).await {
            Err(StoreError::Conflict { what: Conflict::Entry }) => {}
            other => return other.map(|_| ()),
        }
    }
    Err(StoreError::Busy)
}

fn key(file: &Id) -> Vec<u8> {
    [SIGNED, file.as_slice()].concat()
}

fn read(key: &[u8], value: &[u8]) -> Option<Remembered> {
    let file = Id::try_from(key.strip_prefix(SIGNED)?).ok()?;
    let (last, since) = value.split_first_chunk::<8>()?;
    let since = <[u8; 8]>::try_from(since).ok()?;
    Some(Remembered { file, last: u64::from_be_bytes(*last), since: i64::from_be_bytes(since) })
}
