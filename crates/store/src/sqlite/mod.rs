//! A store in a file of SQLite. Reads run in place, on connections that are kept for them; writes
//! go through one thread that groups their commits.

mod audit;
mod batch;
mod code;
mod contact;
mod edition;
mod entry;
mod error;
mod keys;
mod lookup;
pub(crate) mod moved;
mod object;
mod owner;
mod pair;
mod raw;
mod reader;
mod record;
mod schema;
mod upkeep;
mod writer;

use std::ffi::OsString;
use std::fmt;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::error::StoreError;
use crate::filter::{ContactFilter, ObjectFilter};
use crate::queue::{Queue, Work};
use crate::row::{
    AuditLink, Batch, Change, ContactRow, Edition, Hash, Id, ObjectRow, RecordKey, RecordRow, Seen,
    Space, Standing, Target,
};
use crate::store::{Committed, KeyAndValue, Migrated, Setup};
use owner::Owners;
pub(crate) use raw::Raw;
use reader::{Pool, Reader};
use tokio::time::{Instant, sleep};
use writer::Writer;

/// How often it is looked whether somebody else has written.
const LOOK: Duration = Duration::from_millis(100);

/// The files of a store.
#[derive(Clone, Debug)]
pub(crate) struct Files {
    main: PathBuf,
    keys: PathBuf,
}

impl Files {
    fn of(main: &Path) -> Files {
        let mut keys = OsString::from(main);
        keys.push(".keys");
        Files { main: main.to_owned(), keys: keys.into() }
    }
}

/// A store in two files: one for all, one for the keys.
#[derive(Clone)]
pub struct Sqlite {
    shared: Arc<Shared>,
    sees: Option<Edition>,
}

struct Shared {
    files: Files,
    readers: Pool,
    queue: Queue,
    owners: Owners,
}

impl fmt::Debug for Sqlite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sqlite").field("path", &self.shared.files.main).finish_non_exhaustive()
    }
}

impl Sqlite {
    pub(crate) fn create(path: &Path, setup: &Setup) -> Result<Sqlite, StoreError> {
        let files = Files::of(path);
        pair::create(&files, "")?;
        Sqlite::open(path, setup)
    }

    pub(crate) fn open(path: &Path, setup: &Setup) -> Result<Sqlite, StoreError> {
        let files = Files::of(path);
        let (main, keys) = pair::open(&files)?;
        raw::must_be_finished(&main, &files.main)?;
        moved::must_be_here(&main, &files.main)?;
        let writer = Writer::new(main, keys, setup)?;
        let queue = Queue::start(move |orders| writer.run(orders))?;
        let readers = Pool::new(files.clone(), setup.readers.max(1));
        let owners = Owners::new(&files.main);
        Ok(Sqlite { shared: Arc::new(Shared { files, readers, queue, owners }), sees: None })
    }

    /// There is one schema yet, so that a file has it or is none of this program.
    pub(crate) fn migrate(path: &Path) -> Result<Migrated, StoreError> {
        let files = Files::of(path);
        pair::open(&files)?;
        let mut migrated = Migrated::default();
        for (file, path) in [(schema::KEYS, &files.keys), (schema::MAIN, &files.main)] {
            migrated.schemas.push((path.display().to_string(), file.version(path)?));
        }
        Ok(migrated)
    }

    pub(crate) fn seeing(&self, edition: Edition) -> Sqlite {
        Sqlite { shared: Arc::clone(&self.shared), sees: Some(edition) }
    }

    /// Runs on a connection of its own. One on which something failed is not used again.
    fn read<T>(
        &self,
        read: impl FnOnce(&mut Reader) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut reader = self.shared.readers.take()?;
        reader.view.sees = self.sees;
        let value = read(&mut reader)?;
        self.shared.readers.put_back(reader);
        Ok(value)
    }

    /// Runs something long on a thread of its own.
    async fn apart<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Sqlite) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (done, answer) = tokio::sync::oneshot::channel();
        let this = self.clone();
        std::thread::Builder::new()
            .name("store-upkeep".into())
            .spawn(move || done.send(work(&this)).is_ok())?;
        answer.await.unwrap_or(Err(StoreError::Closed))
    }
}

impl Sqlite {
    pub(crate) async fn commit(&self, batch: Batch) -> Result<Committed, StoreError> {
        let published = batch.publish;
        let work = Work::Commit { batch, sees: self.sees };
        let committed = self.shared.queue.order(work).await.map(|head| Committed { head })?;
        if let Some(edition) = published {
            self.shared.owners.release(edition);
        }
        Ok(committed)
    }

    pub(crate) async fn begin_edition(&self, note: &[u8]) -> Result<Edition, StoreError> {
        let alone = self.alone().await?;
        let edition = self.shared.queue.order(Work::Begin { note: note.to_vec() }).await?;
        self.shared.owners.take(edition)?;
        drop(alone);
        Ok(edition)
    }

    /// Waits for the lock on a thread of its own: whoever has it may need this one to go on.
    async fn alone(&self) -> Result<File, StoreError> {
        self.apart(|this| this.shared.owners.alone()).await
    }

    pub(crate) fn let_go(&self, edition: Edition) {
        self.shared.owners.release(edition);
    }

    pub(crate) async fn discard_abandoned(&self) -> Result<usize, StoreError> {
        let mut discarded = 0;
        if self.pending()?.is_empty() {
            return Ok(discarded);
        }
        let alone = self.alone().await?;
        for (edition, _) in self.pending()? {
            if self.shared.owners.is_abandoned(edition)? {
                self.discard(edition).await?;
                discarded += 1;
            }
        }
        drop(alone);
        Ok(discarded)
    }

    pub(crate) async fn discard(&self, edition: Edition) -> Result<(), StoreError> {
        self.shared.queue.order(Work::Discard { edition }).await?;
        self.shared.owners.release(edition);
        Ok(())
    }

    pub(crate) async fn settle(&self, limit: usize) -> Result<bool, StoreError> {
        self.shared.queue.order(Work::Settle { limit }).await.map(|more| more != 0)
    }

    pub(crate) async fn check(&self) -> Result<Vec<String>, StoreError> {
        self.apart(|this| upkeep::check(&this.shared.files)).await
    }

    pub(crate) async fn keys_of_nobody(&self) -> Result<u64, StoreError> {
        self.apart(|this| upkeep::keys_of_nobody(&this.shared.files)).await
    }

    pub(crate) async fn copy_to(&self, path: &Path) -> Result<(), StoreError> {
        let path = path.to_owned();
        self.apart(move |this| upkeep::copy(&this.shared.files.main, &path)).await
    }

    pub(crate) async fn copy_keys_to(&self, path: &Path) -> Result<(), StoreError> {
        let path = path.to_owned();
        self.apart(move |this| upkeep::copy(&this.shared.files.keys, &path)).await
    }
}

impl Sqlite {
    pub(crate) fn contacts(&self, ids: &[Id]) -> Result<Seen<Vec<Option<ContactRow>>>, StoreError> {
        self.read(|reader| contact::by_id(reader, ids))
    }

    pub(crate) fn contact_page(
        &self,
        filter: ContactFilter,
        after: Option<Id>,
        limit: usize,
    ) -> Result<Seen<Vec<ContactRow>>, StoreError> {
        self.read(|reader| contact::page(reader, filter, after, limit))
    }

    pub(crate) fn contact_count(&self, filter: ContactFilter) -> Result<Seen<u64>, StoreError> {
        self.read(|reader| contact::count(reader, filter))
    }

    pub(crate) fn record(&self, key: &RecordKey) -> Result<Seen<Option<RecordRow>>, StoreError> {
        self.read(|reader| record::one(reader, key))
    }

    pub(crate) fn records(
        &self,
        contact: Id,
        category: Option<u8>,
        after: Option<RecordKey>,
        limit: usize,
    ) -> Result<Seen<Vec<RecordRow>>, StoreError> {
        self.read(|reader| record::of_contact(reader, contact, category, after, limit))
    }

    pub(crate) fn record_scan(
        &self,
        category: u8,
        after: Option<RecordKey>,
        limit: usize,
    ) -> Result<Seen<Vec<RecordRow>>, StoreError> {
        self.read(|reader| record::of_category(reader, category, after, limit))
    }

    pub(crate) fn records_about(
        &self,
        kind: u8,
        id: Id,
        after: Option<RecordKey>,
        limit: usize,
    ) -> Result<Seen<Vec<RecordRow>>, StoreError> {
        self.read(|reader| record::about(reader, kind, id, after, limit))
    }

    pub(crate) fn records_collected(
        &self,
        purpose: u8,
        category: u8,
        after: Option<RecordKey>,
        limit: usize,
    ) -> Result<Seen<Vec<RecordRow>>, StoreError> {
        self.read(|reader| record::collected(reader, purpose, category, after, limit))
    }

    pub(crate) fn records_expired(
        &self,
        until: i64,
        after: Option<(i64, RecordKey)>,
        limit: usize,
    ) -> Result<Vec<(i64, RecordKey)>, StoreError> {
        self.read(|reader| record::expired(&reader.main, until, after, limit))
    }

    pub(crate) fn records_at(
        &self,
        keys: &[RecordKey],
    ) -> Result<Seen<Vec<Option<RecordRow>>>, StoreError> {
        self.read(|reader| record::by_key(reader, keys))
    }

    pub(crate) fn lookup(
        &self,
        hash: &Hash,
        after: Option<Target>,
        limit: usize,
    ) -> Result<Vec<Target>, StoreError> {
        self.read(|reader| lookup::targets(reader, hash, after, limit))
    }

    pub(crate) fn lookup_many(&self, hashes: &[Hash]) -> Result<Vec<Vec<Target>>, StoreError> {
        self.read(|reader| lookup::many(reader, hashes))
    }

    pub(crate) fn objects(
        &self,
        kind: u8,
        ids: &[Id],
    ) -> Result<Seen<Vec<Option<ObjectRow>>>, StoreError> {
        self.read(|reader| object::by_id(reader, kind, ids))
    }

    pub(crate) fn object_page(
        &self,
        filter: &ObjectFilter,
        after: Option<Id>,
        limit: usize,
    ) -> Result<Seen<Vec<ObjectRow>>, StoreError> {
        self.read(|reader| object::page(reader, filter, after, limit))
    }

    pub(crate) fn object_latest(
        &self,
        kind: u8,
        before: Option<(i64, Id)>,
        limit: usize,
    ) -> Result<Seen<Vec<ObjectRow>>, StoreError> {
        self.read(|reader| object::latest(reader, kind, before, limit))
    }

    pub(crate) fn object_count(&self, kind: u8) -> Result<Seen<u64>, StoreError> {
        self.read(|reader| object::count(reader, kind))
    }

    pub(crate) fn keys(&self, contacts: &[Id]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        let path = &self.shared.files.keys;
        self.read(|reader| keys::wrapped(reader.key_file(path)?, contacts))
    }

    pub(crate) fn keys_of_kept(
        &self,
        tombstones: &[(Id, i64)],
    ) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        let path = &self.shared.files.keys;
        self.read(|reader| keys::of_kept(reader.key_file(path)?, tombstones))
    }

    pub(crate) fn destroyed(&self, contacts: &[Id]) -> Result<Vec<bool>, StoreError> {
        let path = &self.shared.files.keys;
        self.read(|reader| keys::destroyed(reader.key_file(path)?, contacts))
    }

    pub(crate) fn entry(&self, space: Space, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.read(|reader| entry::value(&reader.main, space, key))
    }

    pub(crate) fn entries(
        &self,
        space: Space,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<KeyAndValue>, StoreError> {
        self.read(|reader| entry::page(&reader.main, space, prefix, after, limit))
    }

    pub(crate) fn audit_links(
        &self,
        chain: &Id,
        after: i64,
        limit: usize,
    ) -> Result<Vec<AuditLink>, StoreError> {
        self.read(|reader| audit::links(&reader.main, chain, after, limit))
    }

    pub(crate) fn audit_heads(&self) -> Result<Vec<AuditLink>, StoreError> {
        self.read(|reader| audit::heads(&reader.main))
    }

    pub(crate) fn changes(&self, after: i64, limit: usize) -> Result<Vec<Change>, StoreError> {
        self.read(|reader| audit::changes(&reader.main, after, limit))
    }

    pub(crate) fn head(&self) -> Result<i64, StoreError> {
        self.read(Reader::head)
    }

    pub(crate) async fn beyond(&self, after: i64, patience: Duration) -> Result<i64, StoreError> {
        let until = Instant::now() + patience;
        loop {
            let head = self.head()?;
            if head > after || Instant::now() >= until {
                return Ok(head);
            }
            sleep(LOOK).await;
        }
    }

    pub(crate) fn standing(&self) -> Result<Standing, StoreError> {
        self.head().map(Standing::Head)
    }

    pub(crate) fn pending(&self) -> Result<Vec<(Edition, Vec<u8>)>, StoreError> {
        self.read(|reader| edition::pending(&reader.main))
    }
}
