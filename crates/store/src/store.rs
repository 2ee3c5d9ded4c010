//! The interface: one closed enum over the backends.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::error::StoreError;
use crate::filter::{ContactFilter, ObjectFilter};
use crate::location::Location;
use crate::postgres::Postgres;
use crate::row::{
    AuditLink, Batch, Change, ContactRow, Edition, Hash, Id, ObjectRow, RecordKey, RecordRow, Seen,
    Space, Standing, Target,
};
use crate::sqlite::Sqlite;
use crate::wait;

/// Hashes a link of the audit chain from the hash of the link before, its sequence, its instant,
/// the number of its entries and their bytes.
pub type LinkHash = fn(&[u8; 32], i64, i64, u32, &[u8]) -> [u8; 32];

/// What a store is given from outside.
#[derive(Clone)]
pub struct Setup {
    /// Hashes a link of the audit chain.
    pub link_hash: LinkHash,
    /// Milliseconds since 1970, for links of the audit chain.
    pub now: Arc<dyn Fn() -> i64 + Send + Sync>,
    /// How many connections for reading are kept. More readers at once open more, for the moment.
    pub readers: usize,
}

impl fmt::Debug for Setup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Setup").field("readers", &self.readers).finish_non_exhaustive()
    }
}

/// By what a store is spread over several machines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShardEngine {
    /// The extension Citus of PostgreSQL.
    Citus,
}

/// What has become of a batch: it is on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Committed {
    /// Number of the last change after the batch.
    pub head: i64,
}

/// What bringing a store up to date came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Migrated {
    /// The migrations that were carried out: where, number and name.
    pub done: Vec<String>,
    /// The schemas that there are now: where, and which.
    pub schemas: Vec<(String, i64)>,
}

/// Key and value of an entry.
pub type KeyAndValue = (Vec<u8>, Vec<u8>);

/// A store. Cloning is cheap, and all clones are one store; it closes with the last of them.
#[derive(Clone, Debug)]
pub enum Store {
    /// In a file, within the process.
    Sqlite(Sqlite),
    /// In a database, for several processes on several machines.
    Postgres(Postgres),
}

const NO_COPY: StoreError = StoreError::Unsupported {
    what: "only a store in a file is copied to a file; hint: `gantry store copy` copies any store",
};

impl Store {
    /// Makes an empty store where there is nothing yet.
    pub async fn create(location: &Location, setup: Setup) -> Result<Store, StoreError> {
        match location {
            Location::Sqlite(path) => Sqlite::create(path, &setup).map(Store::Sqlite),
            Location::Postgres(address) => {
                Postgres::create(address, &setup).await.map(Store::Postgres)
            }
        }
    }

    /// Brings the schema of a store up to date: carries out what is missing, each step once, whoever
    /// else does the same. Programs that know the schema before may go on meanwhile where the new one
    /// allows it.
    pub async fn migrate(location: &Location) -> Result<Migrated, StoreError> {
        match location {
            Location::Sqlite(path) => Sqlite::migrate(path),
            Location::Postgres(address) => Postgres::migrate(address).await,
        }
    }

    /// Opens a store that exists, and finishes what a crash may have left undone.
    pub async fn open(location: &Location, setup: Setup) -> Result<Store, StoreError> {
        match location {
            Location::Sqlite(path) => Sqlite::open(path, &setup).map(Store::Sqlite),
            Location::Postgres(address) => {
                Postgres::open(address, &setup).await.map(Store::Postgres)
            }
        }
    }

    /// Spreads a store over the machines of a cluster. Says which tables were not spread before.
    pub async fn shard(
        location: &Location,
        engine: ShardEngine,
    ) -> Result<Vec<String>, StoreError> {
        match location {
            Location::Sqlite(_) => Err(StoreError::Unsupported {
                what: "a store in a file stays on one machine; hint: `gantry store copy` brings it to a server",
            }),
            Location::Postgres(address) => Postgres::shard(address, engine).await,
        }
    }

    /// The same store, seen by the import of an edition: its own rows are visible to it, and to the
    /// expectations of its batches, before they are published.
    #[must_use]
    pub fn seeing(&self, edition: Edition) -> Store {
        match self {
            Store::Sqlite(sqlite) => Store::Sqlite(sqlite.seeing(edition)),
            Store::Postgres(postgres) => Store::Postgres(postgres.seeing(edition)),
        }
    }

    /// Applies a batch, all of it or nothing. It is durable when this returns. A conflict concerns
    /// this batch alone.
    pub async fn commit(&self, batch: Batch) -> Result<Committed, StoreError> {
        match self {
            Store::Sqlite(sqlite) => sqlite.commit(batch).await,
            Store::Postgres(postgres) => postgres.commit(batch).await,
        }
    }

    /// The same for callers that are not asynchronous.
    pub fn commit_blocking(&self, batch: Batch) -> Result<Committed, StoreError> {
        wait::block_on(self.commit(batch))
    }

    /// Contacts by id, in the order asked; also erased ones.
    pub async fn contacts(&self, ids: &[Id]) -> Result<Seen<Vec<Option<ContactRow>>>, StoreError> {
        match self {
            Store::Sqlite(sqlite) => sqlite.contacts(ids),
            Store::Postgres(postgres) => postgres.contacts(ids).await,
        }
    }

    /// Contacts by rising id, at most `limit`.
    pub async fn contact_page(
        &self,
        filter: ContactFilter,
        after: Option<Id>,
        limit: usize,
    ) -> Result<Seen<Vec<ContactRow>>, StoreError> {
        match self {
            Store::Sqlite(sqlite) => sqlite.contact_page(filter, after, limit),
            Store::Postgres(postgres) => postgres.contact_page(filter, after, limit).await,
        }
    }

    /// How many contacts there are.
    pub async fn contact_count(&self, filter: ContactFilter) -> Result<Seen<u64>, StoreError> {
        match self {
            Store::Sqlite(sqlite) => sqlite.contact_count(filter),
            Store::Postgres(postgres) => postgres.contact_count(filter).await,
        }
    }

    /// One record: the hot path.
    pub async fn record(&self, key: &RecordKey) -> Result<Seen<Option<RecordRow>>, StoreError> {
        match self {
            Store::Sqlite(sqlite) => sqlite.record(key),
            Store::Postgres(postgres) => postgres.record(key).await,
        }
    }

    /// Records of a contact in the order of their keys, of all categories or of one. `after` is a
    /// key of the same contact.
    pub async fn records(
        &self,
        contact: Id,
        category: Option<u8>,
        after: Option<RecordKey>,
        limit: usize,
    ) -> Result<Seen<Vec<RecordRow>>, StoreError> {
        match self {
            Store::Sqlite(sqlite) => sqlite.records(contact, category, after, limit),
            Store::Postgres(postgres) => postgres.records(contact, category, after, limit).await,
        }
    }

    /// Records of a category across all contacts, in the order of their keys.
    pub async fn record_scan(
        &self,
        category: u8,
        after: Option<RecordKey>,
        limit: usize,
    ) -> Result<Seen<Vec<RecordRow>>, StoreError> {
        match self {
            Store::Sqlite(sqlite) => sqlite.record_scan(category, after, limit),
            Store::Postgres(postgres) => postgres.record_scan(category, after, limit).await,
        }
    }

    /// Records about an object, in the order of their keys.
    pub async fn records_about(
        &self,
        kind: u8,
        id: Id,
        after: Option<RecordKey>,
        limit: usize,
    ) -> Result<Seen<Vec<RecordRow>>, StoreError> {
        match self {
            Store::Sqlite(sqlite) => sqlite.records_about(kind, id, after, limit),
            Store::Postgres(postgres) => postgres.records_about(kind, id, after, limit).await,
        }
    }

    /// Records of a category that were collected for a purpose, across all contacts, in the order of
    /// their keys.
    pub async fn records_collected(
        &self,
        purpose: u8,
        category: u8,
        after: Option<RecordKey>,
        limit: usize,
    ) -> Result<Seen<Vec<RecordRow>>, StoreError> {
        match self {
            Store::Sqlite(sqlite) => sqlite.records_collected(purpose, category, after, limit),
            Store::Postgres(postgres) => {
                postgres.records_collected(purpose, category, after, limit).await
            }
        }
    }

    /// Where there may be records that nobody may see from an instant `until` on, or earlier: by that
    /// instant, then by their keys. Whether there are shows in reading them.
    pub async fn records_expired(
        &self,
        until: i64,
        after: Option<(i64, RecordKey)>,
        limit: usize,
    ) -> Result<Vec<(i64, RecordKey)>, StoreError> {
        match self {
            Store::Sqlite(sqlite) => sqlite.records_expired(until, after, limit),
            Store::Postgres(postgres) => postgres.records_expired(until, after, limit).await,
        }
    }

    /// Records by key, in the order asked.
    pub async fn records_at(
        &self,
        keys: &[RecordKey],
    ) -> Result<Seen<Vec<Option<RecordRow>>>, StoreError> {
        match self {
            Store::Sqlite(sqlite) => sqlite.records_at(keys),
            Store::Postgres(postgres) => postgres.records_at(keys).await,
        }
    }

    /// What a hash leads to, in the order of targets.
    pub async fn lookup(
        &self,
        hash: &Hash,
        after: Option<Target>,
        limit: usize,
    ) -> Result<Vec<Target>, StoreError> {
        match self {
            Store::Sqlite(sqlite) => sqlite.lookup(hash, after, limit),
            Store::Postgres(postgres) => postgres.lookup(hash, after, limit).await,
        }
    }

    /// What hashes lead to, in the order asked; at most [`crate::LOOKUPS_PER_HASH`] for each.
    pub async fn lookup_many(&self, hashes: &[Hash]) -> Result<Vec<Vec<Target>>, StoreError> {
        match self {
            Store::Sqlite(sqlite) => sqlite.lookup_many(hashes),
            Store::Postgres(postgres) => postgres.lookup_many(hashes).await,
        }
    }

    /// Objects of a kind by id, in the order asked.
    pub async fn objects(
        &self,
        kind: u8,
        ids: &[Id],
    ) -> Result<Seen<Vec<Option<ObjectRow>>>, StoreError> {
        match self {
            Store::Sqlite(sqlite) => sqlite.objects(kind, ids),
            Store::Postgres(postgres) => postgres.objects(kind, ids).await,
        }
    }

    /// Objects of a kind by rising id, at most `limit`.
    pub async fn object_page(
        &self,
        filter: &ObjectFilter,
        after: Option<Id>,
        limit: usize,
    ) -> Result<Seen<Vec<ObjectRow>>, StoreError> {
        match self {
            Store::Sqlite(sqlite) => sqlite.object_page(filter, after, limit),
            Store::Postgres(postgres) => postgres.object_page(filter, after, limit).await,
        }
    }

    /// Objects of a kind, the latest first by [`ObjectRow::at`]; `before` is instant and id of the
    /// last one seen.
    pub async fn object_latest(
        &self,
        kind: u8,
        before: Option<(i64, Id)>,
        limit: usize,
    ) -> Result<Seen<Vec<ObjectRow>>, StoreError> {
        match self {
            Store::Sqlite(sqlite) => sqlite.object_latest(kind, before, limit),
            Store::Postgres(postgres) => postgres.object_latest(kind, before, limit).await,
        }
    }

    /// How many objects of a kind there are.
    pub async fn object_count(&self, kind: u8) -> Result<Seen<u64>, StoreError> {
        match self {
            Store::Sqlite(sqlite) => sqlite.object_count(kind),
            Store::Postgres(postgres) => postgres.object_count(kind).await,
        }
    }

    /// Wrapped keys of what is kept of erased contacts, each with the version of its tombstone, in the
    /// order asked. The key of before can still be there.
    pub async fn keys_of_kept(
        &self,
        tombstones: &[(Id, i64)],
    ) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        match self {
            Store::Sqlite(sqlite) => sqlite.keys_of_kept(tombstones),
            Store::Postgres(postgres) => postgres.keys_of_kept(tombstones).await,
        }
    }

    /// Wrapped keys of contacts, in the order asked.
    pub async fn keys(&self, contacts: &[Id]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        match self {
            Store::Sqlite(sqlite) => sqlite.keys(contacts),
            Store::Postgres(postgres) => postgres.keys(contacts).await,
        }
    }

    /// Of which contacts there was a key that was destroyed, in the order asked: whoever has none and is
    /// not among them lacks it.
    pub async fn destroyed(&self, contacts: &[Id]) -> Result<Vec<bool>, StoreError> {
        match self {
            Store::Sqlite(sqlite) => sqlite.destroyed(contacts),
            Store::Postgres(postgres) => postgres.destroyed(contacts).await,
        }
    }

    /// A small value.
    pub async fn entry(&self, space: Space, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        match self {
            Store::Sqlite(sqlite) => sqlite.entry(space, key),
            Store::Postgres(postgres) => postgres.entry(space, key).await,
        }
    }

    /// Keys and values of a space whose keys begin with `prefix`, by rising key.
    pub async fn entries(
        &self,
        space: Space,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<KeyAndValue>, StoreError> {
        match self {
            Store::Sqlite(sqlite) => sqlite.entries(space, prefix, after, limit),
            Store::Postgres(postgres) => postgres.entries(space, prefix, after, limit).await,
        }
    }

    /// Links of a chain of the audit trail after a sequence (0 for all).
    pub async fn audit_links(
        &self,
        chain: &Id,
        after: i64,
        limit: usize,
    ) -> Result<Vec<AuditLink>, StoreError> {
        match self {
            Store::Sqlite(sqlite) => sqlite.audit_links(chain, after, limit),
            Store::Postgres(postgres) => postgres.audit_links(chain, after, limit).await,
        }
    }

    /// The last link of every chain of the audit trail, by chain.
    pub async fn audit_heads(&self) -> Result<Vec<AuditLink>, StoreError> {
        match self {
            Store::Sqlite(sqlite) => sqlite.audit_heads(),
            Store::Postgres(postgres) => postgres.audit_heads().await,
        }
    }

    /// Changes after a number (0 for all).
    pub async fn changes(&self, after: i64, limit: usize) -> Result<Vec<Change>, StoreError> {
        match self {
            Store::Sqlite(sqlite) => sqlite.changes(after, limit),
            Store::Postgres(postgres) => postgres.changes(after, limit).await,
        }
    }

    /// How contacts stand now.
    pub async fn standing(&self, contacts: &[Id]) -> Result<Standing, StoreError> {
        match self {
            Store::Sqlite(sqlite) => sqlite.standing(),
            Store::Postgres(postgres) => postgres.standing(contacts).await,
        }
    }

    /// Waits until there is a change beyond a number, at most for a time. Gives the number of the last
    /// change known. It may lag by a second: for what is kept in memory, not for what is decided.
    pub async fn beyond(&self, after: i64, patience: Duration) -> Result<i64, StoreError> {
        match self {
            Store::Sqlite(sqlite) => sqlite.beyond(after, patience).await,
            Store::Postgres(postgres) => postgres.beyond(after, patience).await,
        }
    }

    /// Number of the last change; 0 if there was none.
    pub async fn head(&self) -> Result<i64, StoreError> {
        match self {
            Store::Sqlite(sqlite) => sqlite.head(),
            Store::Postgres(postgres) => postgres.head().await,
        }
    }

    /// Begins an edition: a number above all before it. It stays pending, over restarts too, until
    /// a batch publishes it or it is discarded. The note says what it is for.
    pub async fn begin_edition(&self, note: &[u8]) -> Result<Edition, StoreError> {
        match self {
            Store::Sqlite(sqlite) => sqlite.begin_edition(note).await,
            Store::Postgres(postgres) => postgres.begin_edition(note).await,
        }
    }

    /// Gives an edition up: nobody will ever see its rows.
    pub async fn discard(&self, edition: Edition) -> Result<(), StoreError> {
        match self {
            Store::Sqlite(sqlite) => sqlite.discard(edition).await,
            Store::Postgres(postgres) => postgres.discard(edition).await,
        }
    }

    /// Stops being the writer of an edition: if it is still pending, whoever looks next gives it up.
    pub fn let_go(&self, edition: Edition) {
        match self {
            Store::Sqlite(sqlite) => sqlite.let_go(edition),
            Store::Postgres(postgres) => postgres.let_go(edition),
        }
    }

    /// Gives up the editions whose writers have died, and says how many there were.
    pub async fn discard_abandoned(&self) -> Result<usize, StoreError> {
        match self {
            Store::Sqlite(sqlite) => sqlite.discard_abandoned().await,
            Store::Postgres(postgres) => postgres.discard_abandoned().await,
        }
    }

    /// The editions that are neither published nor discarded, with their notes.
    pub async fn pending(&self) -> Result<Vec<(Edition, Vec<u8>)>, StoreError> {
        match self {
            Store::Sqlite(sqlite) => sqlite.pending(),
            Store::Postgres(postgres) => postgres.pending().await,
        }
    }

    /// Cleans up after editions, at most `limit` contacts and objects at once: rows that published
    /// editions have replaced, and rows of discarded ones. Says whether there is more to do.
    pub async fn settle(&self, limit: usize) -> Result<bool, StoreError> {
        match self {
            Store::Sqlite(sqlite) => sqlite.settle(limit).await,
            Store::Postgres(postgres) => postgres.settle(limit).await,
        }
    }

    /// Looks for damage; nothing found is an empty list. Reads everything.
    pub async fn check(&self) -> Result<Vec<String>, StoreError> {
        match self {
            Store::Sqlite(sqlite) => sqlite.check().await,
            Store::Postgres(postgres) => postgres.check().await,
        }
    }

    /// Of how many contacts there are keys that are not there: a crash left them, or the store is an
    /// older copy than its keys, or an import is under way. They harm nobody. Reads all keys.
    pub async fn keys_of_nobody(&self) -> Result<u64, StoreError> {
        match self {
            Store::Sqlite(sqlite) => sqlite.keys_of_nobody().await,
            Store::Postgres(postgres) => postgres.keys_of_nobody().await,
        }
    }

    /// Copies all but the keys to a place where there is nothing yet, as of one moment, while the
    /// store is in use.
    pub async fn copy_to(&self, path: &Path) -> Result<(), StoreError> {
        match self {
            Store::Sqlite(sqlite) => sqlite.copy_to(path).await,
            Store::Postgres(_) => Err(NO_COPY),
        }
    }

    /// Copies the keys to a place where there is nothing yet. Whoever keeps such a copy undoes
    /// erasures: keep it apart, and for days only.
    pub async fn copy_keys_to(&self, path: &Path) -> Result<(), StoreError> {
        match self {
            Store::Sqlite(sqlite) => sqlite.copy_keys_to(path).await,
            Store::Postgres(_) => Err(NO_COPY),
        }
    }
}
