//! A store in PostgreSQL, for any number of processes: all but the keys in one database, the keys in
//! another. Reads go over a pool of connections, each one statement; writes go through one thread
//! that groups their commits.

mod address;
mod advice;
mod check;
mod connect;
mod contact;
mod error;
mod feed;
mod group;
mod keys;
pub(crate) mod moved;
mod node;
mod object;
mod pair;
mod password;
mod plan;
mod raw;
mod read;
mod record;
mod schema;
mod settle;
mod shard;
mod small;
mod statements;
mod steps;
mod table;
mod wanted;
mod writer;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

pub use address::Address;
pub(crate) use address::HOW;
pub(crate) use raw::Raw;

use crate::error::StoreError;
use crate::filter::{ContactFilter, ObjectFilter};
use crate::queue::{Queue, Work};
use crate::row::{
    AuditLink, BASE, Batch, Change, ContactRow, Edition, Hash, Id, ObjectRow, RecordKey, RecordRow,
    Seen, Space, Standing, Target,
};
use crate::store::{Committed, KeyAndValue, Migrated, Setup, ShardEngine};
use connect::{Readers, connect};
use feed::Feed;
use read::Asker;
use writer::Writer;

/// A store in two databases: one for all, one for the keys.
#[derive(Clone)]
pub struct Postgres {
    shared: Arc<Shared>,
    sees: Option<Edition>,
}

struct Shared {
    address: Address,
    main: Readers,
    keys: Readers,
    feed: Feed,
    queue: Queue,
}

impl fmt::Debug for Postgres {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Postgres").field("address", &self.shared.address).finish_non_exhaustive()
    }
}

impl Postgres {
    pub(crate) async fn create(address: &Address, setup: &Setup) -> Result<Postgres, StoreError> {
        schema::create(address).await?;
        Postgres::open(address, setup).await
    }

    pub(crate) async fn open(address: &Address, setup: &Setup) -> Result<Postgres, StoreError> {
        schema::must_fit(address).await?;
        keys::reconcile(&connect(&address.main).await?, &connect(&address.keys).await?).await?;
        let writer = Writer::new(address.clone(), setup);
        let shared = Shared {
            address: address.clone(),
            main: Readers::new(&address.main, address.pool)?,
            keys: Readers::new(&address.keys, address.pool.div_ceil(2))?,
            feed: Feed::new(address.main.clone()),
            queue: Queue::start(move |orders| writer.run(orders))?,
        };
        Ok(Postgres { shared: Arc::new(shared), sees: None })
    }

    /// Brings the tables up to date.
    pub(crate) async fn migrate(address: &Address) -> Result<Migrated, StoreError> {
        schema::migrate(address).await
    }

    /// Spreads the tables over a cluster. Says which were.
    pub(crate) async fn shard(
        address: &Address,
        engine: ShardEngine,
    ) -> Result<Vec<String>, StoreError> {
        schema::must_fit(address).await?;
        shard::shard(address, engine).await
    }

    pub(crate) fn seeing(&self, edition: Edition) -> Postgres {
        Postgres { shared: Arc::clone(&self.shared), sees: Some(edition) }
    }

    fn asker(&self) -> Asker<'_> {
        Asker { readers: &self.shared.main, sees: self.sees.unwrap_or(BASE) }
    }
}

impl Postgres {
    pub(crate) async fn commit(&self, batch: Batch) -> Result<Committed, StoreError> {
        let head = self.shared.queue.order(Work::Commit { batch, sees: self.sees }).await?;
        Ok(Committed { head })
    }

    pub(crate) async fn begin_edition(&self, note: &[u8]) -> Result<Edition, StoreError> {
        self.shared.queue.order(Work::Begin { note: note.to_vec() }).await
    }

    pub(crate) fn let_go(&self, edition: Edition) {
        self.shared.queue.mention(Work::LetGo { edition });
    }

    pub(crate) async fn discard(&self, edition: Edition) -> Result<(), StoreError> {
        self.shared.queue.order(Work::Discard { edition }).await.map(drop)
    }

    pub(crate) async fn discard_abandoned(&self) -> Result<usize, StoreError> {
        // What was let go is let go once the writer has come that far.
        self.shared.queue.order(Work::LetGo { edition: BASE }).await?;
        let mut discarded = 0;
        for edition in small::abandoned(&self.asker()).await? {
            match self.discard(edition).await {
                Ok(()) => discarded += 1,
                // Somebody else has given it up.
                Err(StoreError::Conflict { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(discarded)
    }

    pub(crate) async fn settle(&self, limit: usize) -> Result<bool, StoreError> {
        self.shared.queue.order(Work::Settle { limit }).await.map(|more| more != 0)
    }

    pub(crate) async fn check(&self) -> Result<Vec<String>, StoreError> {
        check::check(&self.shared.address).await
    }

    pub(crate) async fn keys_of_nobody(&self) -> Result<u64, StoreError> {
        check::keys_of_nobody(&self.shared.address).await
    }
}

impl Postgres {
    pub(crate) async fn contacts(
        &self,
        ids: &[Id],
    ) -> Result<Seen<Vec<Option<ContactRow>>>, StoreError> {
        contact::by_id(&self.asker(), ids).await
    }

    pub(crate) async fn contact_page(
        &self,
        filter: ContactFilter,
        after: Option<Id>,
        limit: usize,
    ) -> Result<Seen<Vec<ContactRow>>, StoreError> {
        contact::page(&self.asker(), filter, after, limit).await
    }

    pub(crate) async fn contact_count(
        &self,
        filter: ContactFilter,
    ) -> Result<Seen<u64>, StoreError> {
        contact::count(&self.asker(), filter).await
    }

    pub(crate) async fn record(
        &self,
        key: &RecordKey,
    ) -> Result<Seen<Option<RecordRow>>, StoreError> {
        record::one(&self.asker(), key).await
    }

    pub(crate) async fn records(
        &self,
        contact: Id,
        category: Option<u8>,
        after: Option<RecordKey>,
        limit: usize,
    ) -> Result<Seen<Vec<RecordRow>>, StoreError> {
        record::of_contact(&self.asker(), contact, category, after, limit).await
    }

    pub(crate) async fn record_scan(
        &self,
        category: u8,
        after: Option<RecordKey>,
        limit: usize,
    ) -> Result<Seen<Vec<RecordRow>>, StoreError> {
        record::of_category(&self.asker(), category, after, limit).await
    }

    pub(crate) async fn records_about(
        &self,
        kind: u8,
        id: Id,
        after: Option<RecordKey>,
        limit: usize,
    ) -> Result<Seen<Vec<RecordRow>>, StoreError> {
        record::about(&self.asker(), kind, id, after, limit).await
    }

    pub(crate) async fn records_collected(
        &self,
        purpose: u8,
        category: u8,
        after: Option<RecordKey>,
        limit: usize,
    ) -> Result<Seen<Vec<RecordRow>>, StoreError> {
        record::collected(&self.asker(), purpose, category, after, limit).await
    }

    pub(crate) async fn records_expired(
        &self,
        until: i64,
        after: Option<(i64, RecordKey)>,
        limit: usize,
    ) -> Result<Vec<(i64, RecordKey)>, StoreError> {
        record::expired(&self.asker(), until, after, limit).await
    }

    pub(crate) async fn records_at(
        &self,
        keys: &[RecordKey],
    ) -> Result<Seen<Vec<Option<RecordRow>>>, StoreError> {
        record::by_key(&self.asker(), keys).await
    }

    pub(crate) async fn lookup(
        &self,
        hash: &Hash,
        after: Option<Target>,
        limit: usize,
    ) -> Result<Vec<Target>, StoreError> {
        small::lookup(&self.asker(), hash, after, limit).await
    }

    pub(crate) async fn lookup_many(
        &self,
        hashes: &[Hash],
    ) -> Result<Vec<Vec<Target>>, StoreError> {
        small::lookup_many(&self.asker(), hashes).await
    }

    pub(crate) async fn objects(
        &self,
        kind: u8,
        ids: &[Id],
    ) -> Result<Seen<Vec<Option<ObjectRow>>>, StoreError> {
        object::by_id(&self.asker(), kind, ids).await
    }

    pub(crate) async fn object_page(
        &self,
        filter: &ObjectFilter,
        after: Option<Id>,
        limit: usize,
    ) -> Result<Seen<Vec<ObjectRow>>, StoreError> {
        object::page(&self.asker(), filter, after, limit).await
    }

    pub(crate) async fn object_latest(
        &self,
        kind: u8,
        before: Option<(i64, Id)>,
        limit: usize,
    ) -> Result<Seen<Vec<ObjectRow>>, StoreError> {
        object::latest(&self.asker(), kind, before, limit).await
    }

    pub(crate) async fn object_count(&self, kind: u8) -> Result<Seen<u64>, StoreError> {
        object::count(&self.asker(), kind).await
    }

    pub(crate) async fn keys(&self, contacts: &[Id]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        let asker = Asker { readers: &self.shared.keys, sees: BASE };
        small::keys(&asker, contacts).await
    }

    pub(crate) async fn keys_of_kept(
        &self,
        tombstones: &[(Id, i64)],
    ) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        let asker = Asker { readers: &self.shared.keys, sees: BASE };
        small::keys_of_kept(&asker, tombstones).await
    }

    pub(crate) async fn destroyed(&self, contacts: &[Id]) -> Result<Vec<bool>, StoreError> {
        let asker = Asker { readers: &self.shared.keys, sees: BASE };
        small::destroyed(&asker, contacts).await
    }

    pub(crate) async fn entry(
        &self,
        space: Space,
        key: &[u8],
    ) -> Result<Option<Vec<u8>>, StoreError> {
        small::entry(&self.asker(), space, key).await
    }

    pub(crate) async fn entries(
        &self,
        space: Space,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<KeyAndValue>, StoreError> {
        small::entries(&self.asker(), space, prefix, after, limit).await
    }

    pub(crate) async fn audit_links(
        &self,
        chain: &Id,
        after: i64,
        limit: usize,
    ) -> Result<Vec<AuditLink>, StoreError> {
        small::audit_links(&self.asker(), chain, after, limit).await
    }

    pub(crate) async fn audit_heads(&self) -> Result<Vec<AuditLink>, StoreError> {
        small::audit_heads(&self.asker()).await
    }

    pub(crate) async fn changes(
        &self,
        after: i64,
        limit: usize,
    ) -> Result<Vec<Change>, StoreError> {
        small::changes(&self.asker(), after, limit).await
    }

    pub(crate) async fn standing(&self, contacts: &[Id]) -> Result<Standing, StoreError> {
        if contacts.is_empty() {
            return Ok(Standing::Contacts(Vec::new()));
        }
        Ok(self.contacts(contacts).await?.standing)
    }

    pub(crate) async fn head(&self) -> Result<i64, StoreError> {
        small::head(&self.asker()).await
    }

    pub(crate) async fn beyond(&self, after: i64, patience: Duration) -> Result<i64, StoreError> {
        self.shared.feed.beyond(after, patience).await
    }

    pub(crate) async fn pending(&self) -> Result<Vec<(Edition, Vec<u8>)>, StoreError> {
        small::pending(&self.asker()).await
    }
}
