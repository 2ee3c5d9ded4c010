//! The one thread that writes. It takes all that waits, applies each batch by itself, and commits
//! them together.

use std::sync::Arc;

use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::error::StoreError;
use crate::queue::{Answer, Order, Orders, Work};
use crate::row::{Batch, Edition, Touched};
use crate::sqlite::edition::{self, Editions};
use crate::sqlite::keys::{Doomed, KeyFile, NewKey};
use crate::sqlite::reader::View;
use crate::sqlite::{audit, batch};
use crate::store::{LinkHash, Setup};

impl Work {
    /// Whether it adds to an edition that a crash would discard: it need not be on disk before the
    /// edition is published, and then is, as the log is put on disk from its beginning.
    fn is_staging(&self) -> bool {
        match self {
            Work::Commit { batch, .. } => batch.publish.is_none() && batch.edition() != 0,
            _ => false,
        }
    }
}

/// The writer's connections.
pub(super) struct Writer {
    main: Connection,
    keys: KeyFile,
    link_hash: LinkHash,
    now: Arc<dyn Fn() -> i64 + Send + Sync>,
    /// Whether a commit waits for the disk.
    waits: bool,
}

impl Writer {
    /// A writer; destroys keys that a crash has left behind.
    pub(super) fn new(
        main: Connection,
        mut keys: KeyFile,
        setup: &Setup,
    ) -> Result<Writer, StoreError> {
        keys.reconcile(&main)?;
        let now = Arc::clone(&setup.now);
        Ok(Writer { main, keys, link_hash: setup.link_hash, now, waits: true })
    }

    /// Writes as long as orders come.
    pub(super) fn run(mut self, mut orders: Orders) {
        while let Some(group) = orders.next_blocking() {
            self.serve(group);
        }
    }

    /// Does a group of orders in one transaction. Nobody gets an answer before it is durable, and
    /// if it fails everybody gets the error.
    fn serve(&mut self, group: Vec<Order>) {
        let (works, callers): (Vec<_>, Vec<_>) =
            group.into_iter().map(|order| (order.work, order.answer)).unzip();
        match self.commit(&works) {
            Ok(answers) => {
                for (caller, answer) in callers.into_iter().zip(answers) {
                    // Who no longer waits needs no answer.
                    let _ = caller.send(answer);
                }
            }
            Err(error) => {
                for caller in callers {
                    let _ = caller.send(Err(error.clone()));
                }
            }
        }
    }

    fn commit(&mut self, works: &[Work]) -> Result<Vec<Answer>, StoreError> {
        self.wait_for_disk(!works.iter().all(Work::is_staging))?;
        let tx = self.main.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut group = Group::begin(&tx)?;
        let mut answers = Vec::with_capacity(works.len());
        if let [work] = works {
            // Alone it needs no savepoint, which takes copies of every page that it writes to.
            match group.work(work) {
                Err(error) if error.is_about_the_batch() => return Ok(vec![Err(error)]),
                answer => answers.push(Ok(answer?)),
            }
        } else {
            for work in works {
                answers.push(group.attempt(work)?);
            }
        }
        let Group { entries, body, keys, doomed, .. } = group;
        if !body.is_empty() {
            audit::append(&tx, (self.now)(), entries, &body, self.link_hash)?;
        }
        // Keys first: what is sealed must never be durable without its key.
        self.keys.put(&keys)?;
        tx.commit()?;
        // And these last: the tombstones are durable, so a failure here is made good later.
        let _ = self.keys.destroy(doomed);
        Ok(answers)
    }

    fn wait_for_disk(&mut self, waits: bool) -> Result<(), StoreError> {
        if self.waits != waits {
            let level = if waits { "FULL" } else { "NORMAL" };
            self.main.pragma_update(None, "synchronous", level)?;
            self.waits = waits;
        }
        Ok(())
    }
}

/// A transaction under way.
struct Group<'t> {
    tx: &'t Transaction<'t>,
    editions: Editions,
    /// Number of the last change.
    head: i64,
    entries: u32,
    body: Vec<u8>,
    keys: Vec<NewKey>,
    doomed: Vec<Doomed>,
}

impl<'t> Group<'t> {
    fn begin(tx: &'t Transaction<'t>) -> Result<Group<'t>, StoreError> {
        Ok(Group {
            tx,
            editions: Editions::read(tx)?,
            head: audit::last_change(tx)?,
            entries: 0,
            body: Vec::new(),
            keys: Vec::new(),
            doomed: Vec::new(),
        })
    }

    /// Does one piece of work. What concerns it alone becomes its answer and leaves nothing behind;
    /// every other error ends the group.
    fn attempt(&mut self, work: &Work) -> Result<Answer, StoreError> {
        self.tx.prepare_cached("SAVEPOINT batch")?.execute(())?;
        let head = self.head;
        let answer = match self.work(work) {
            Err(error) if error.is_about_the_batch() => {
                self.tx.prepare_cached("ROLLBACK TO batch")?.execute(())?;
                self.head = head;
                Err(error)
            }
            Err(error) => return Err(error),
            Ok(number) => Ok(number),
        };
        self.tx.prepare_cached("RELEASE batch")?.execute(())?;
        Ok(answer)
    }

    fn work(&mut self, work: &Work) -> Answer {
        match work {
            Work::Commit { batch, sees } => self.apply(batch, *sees),
            Work::Begin { note } => {
                let edition = edition::begin(self.tx, note)?;
                self.editions = Editions::read(self.tx)?;
                Ok(edition)
            }
            // Whoever lets go lets go of a file's lock.
            Work::LetGo { .. } => Ok(0),
            Work::Discard { edition } => {
                self.editions.must_be_pending(*edition)?;
                edition::discard(self.tx, *edition)?;
                self.editions = Editions::read(self.tx)?;
                Ok(0)
            }
            Work::Settle { limit } => {
                let settled = edition::settle(self.tx, (*limit).max(1))?;
                self.editions = Editions::read(self.tx)?;
                let gone = settled.gone.into_iter();
                self.doomed.extend(gone.map(|contact| Doomed { contact, keep: None }));
                Ok(i64::from(settled.targets >= (*limit).max(1)))
            }
        }
    }

    fn apply(&mut self, batch: &Batch, sees: Option<Edition>) -> Answer {
        let view = View::of(self.editions.hidden(), sees);
        let effects = batch::apply(self.tx, &self.editions, &view, batch)?;
        for touched in &effects.touched {
            self.head += 1;
            audit::put_change(self.tx, self.head, touched)?;
        }
        if batch.publish.is_some() {
            self.head += 1;
            audit::put_change(self.tx, self.head, &Touched::Many)?;
            self.editions = Editions::read(self.tx)?;
        }
        self.entries += batch.audit_entries;
        self.body.extend_from_slice(&batch.audit);
        self.keys.extend(effects.keys);
        self.doomed.extend(effects.doomed);
        Ok(self.head)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::row::{Space, Write};
    use crate::sqlite::{Files, entry, schema};

    fn writer(files: &Files) -> Writer {
        schema::KEYS.create(&files.keys).unwrap();
        schema::MAIN.create(&files.main).unwrap();
        let main = schema::MAIN.open_to_write(&files.main).unwrap();
        let keys = KeyFile::open(&files.keys).unwrap();
        let setup = Setup { link_hash: |_, _, _, _, _| [0; 32], now: Arc::new(|| 0), readers: 1 };
        Writer::new(main, keys, &setup).unwrap()
    }

    fn put(key: u8, size: usize) -> Work {
        let writes = vec![Write::Entry(Space::Meta, vec![key], vec![0; size])];
        Work::Commit { batch: Batch { writes, ..Batch::default() }, sees: None }
    }

    #[test]
    fn a_full_disk_is_told_to_the_whole_group_and_leaves_nothing_of_it() {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = writer(&Files::of(&folder.path().join("store.db")));
        writer.main.pragma_update(None, "max_page_count", 100).unwrap();
        assert_eq!(writer.commit(&[put(1, 10)]), Ok(vec![Ok(0)]));
        let group = [put(2, 10), put(3, 10_000_000)];
        assert_eq!(writer.commit(&group), Err(StoreError::Full));
        assert_eq!(writer.commit(&[put(4, 10)]), Ok(vec![Ok(0)]));
        let there = |key| entry::value(&writer.main, Space::Meta, &[key]).unwrap().is_some();
        assert_eq!([1, 2, 3, 4].map(there), [true, false, false, true]);
    }
}
