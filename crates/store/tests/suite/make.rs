//! Small makers of rows and stores.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use gantry_store::{
    BASE, Batch, ContactRow, Edition, Id, Location, ObjectRow, RecordKey, RecordRow, Setup, Store,
    Write,
};
use gantry_testbed::Database;
use tempfile::TempDir;

/// An id that is easy to recognise.
pub(crate) fn id(number: u32) -> Id {
    let mut id = [7; 16];
    id[12..].copy_from_slice(&number.to_be_bytes());
    id
}

pub(crate) fn key(contact: u32, category: u8, record: u32) -> RecordKey {
    RecordKey { contact: id(contact), category, id: id(record) }
}

pub(crate) fn contact(number: u32) -> ContactRow {
    ContactRow {
        id: id(number),
        edition: BASE,
        version: 1,
        created: 1_000,
        country: *b"FI",
        company: Some(id(9_000)),
        erased: false,
        state: vec![1, 2, 3],
    }
}

pub(crate) fn tombstone(number: u32, version: i64) -> ContactRow {
    ContactRow {
        version,
        country: [0, 0],
        company: None,
        erased: true,
        state: Vec::new(),
        ..contact(number)
    }
}

pub(crate) fn record(key: RecordKey) -> RecordRow {
    RecordRow {
        key,
        edition: BASE,
        version: 1,
        at: 2_000,
        closed: i32::MAX,
        keep_until: 30_000,
        expires: i64::MAX,
        objected: u16::MAX,
        collected_for: 6,
        notice: 1,
        source: "test".into(),
        about: None,
        open: b"open".to_vec(),
        sealed: b"sealed".to_vec(),
    }
}

pub(crate) fn object(kind: u8, number: u32) -> ObjectRow {
    ObjectRow {
        kind,
        id: id(number),
        edition: BASE,
        version: 1,
        created: 1_000,
        at: 2_000 + i64::from(number),
        company: Some(id(9_000)),
        part_of: None,
        person: None,
        state: "new".into(),
        closed: i32::MAX,
        body: b"body".to_vec(),
    }
}

pub(crate) fn of(edition: Edition, mut record: RecordRow) -> RecordRow {
    record.edition = edition;
    record
}

pub(crate) fn batch(writes: impl IntoIterator<Item = Write>) -> Batch {
    Batch { writes: writes.into_iter().collect(), ..Batch::default() }
}

/// A batch that tells what it did.
pub(crate) fn told(entry: &[u8], writes: impl IntoIterator<Item = Write>) -> Batch {
    Batch { audit: entry.to_vec(), audit_entries: 1, ..batch(writes) }
}

/// Not a good hash, but one of everything.
pub(crate) fn link_hash(
    previous: &[u8; 32],
    sequence: i64,
    at: i64,
    entries: u32,
    body: &[u8],
) -> [u8; 32] {
    let mut hash = *previous;
    let rest = sequence.to_be_bytes().into_iter().chain(at.to_be_bytes());
    let rest = rest.chain(entries.to_be_bytes()).chain(body.iter().copied());
    for (place, byte) in rest.enumerate() {
        let mixed = hash[place % 32].wrapping_mul(31).wrapping_add(byte);
        hash[place % 32] = mixed;
        hash[(place + 7) % 32] ^= mixed.rotate_left(3);
    }
    hash
}

/// A clock that ticks when it is asked.
pub(crate) fn setup() -> Setup {
    let clock = AtomicI64::new(0);
    let now = Arc::new(move || clock.fetch_add(1, Ordering::Relaxed) + 1);
    Setup { link_hash, now, readers: 4 }
}

/// Where there is no store yet; what is made there is removed with this.
pub(crate) trait Place {
    fn new() -> Self;
    fn location(&self) -> Location;
}

/// A place for a store of SQLite.
pub(crate) struct Folder {
    dir: TempDir,
}

impl Place for Folder {
    fn new() -> Folder {
        Folder { dir: tempfile::tempdir().unwrap() }
    }

    fn location(&self) -> Location {
        Location::Sqlite(self.file("store.db"))
    }
}

impl Folder {
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// All bytes of all files.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for entry in std::fs::read_dir(self.dir.path()).unwrap() {
            bytes.extend(std::fs::read(entry.unwrap().path()).unwrap());
        }
        bytes
    }
}

/// A place for a store of PostgreSQL, in the cluster that all tests share.
impl Place for Database {
    fn new() -> Database {
        Database::new()
    }

    fn location(&self) -> Location {
        Location::parse(&self.url()).unwrap()
    }
}

pub(crate) async fn create(location: &Location) -> Store {
    Store::create(location, setup()).await.unwrap()
}

pub(crate) async fn open(location: &Location) -> Store {
    Store::open(location, setup()).await.unwrap()
}

/// What is wrong with a store whose contacts need no keys, as most of these do not.
pub(crate) async fn damage(store: &Store) -> Vec<String> {
    let mut damage = store.check().await.unwrap();
    damage.retain(|found| !found.starts_with("contacts without a key"));
    damage
}

pub(crate) fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}
