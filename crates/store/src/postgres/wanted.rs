//! What a group of batches is about: locked, and read as far as its plan must know it.

use std::collections::{BTreeMap, BTreeSet};

use deadpool_postgres::ClientWrapper;
use futures::future::try_join_all;
use futures::try_join;
use tokio_postgres::Row;
use uuid::Uuid;

use crate::error::StoreError;
use crate::postgres::group::{Frame, Job};
use crate::postgres::plan::{Facts, Layers, Standing};
use crate::postgres::read::{byte, damaged, id, uuid};
use crate::postgres::small::{space_number, tagged, target};
use crate::row::{BASE, Edition, Expect, Hash, Id, RecordKey, Space, Target, Write};

/// With more keys of records and look-ups than that, those of new contacts are not asked for.
const FEW: usize = 128;

/// What a group is about.
#[derive(Default)]
pub(super) struct Wanted {
    contacts: BTreeSet<Id>,
    objects: BTreeSet<(u8, Id)>,
    records: BTreeSet<RecordKey>,
    /// Records that are changed in their places and nothing else, with the versions that they have then.
    revised: BTreeMap<RecordKey, i64>,
    /// Whether many of those need not be read: that they are as they are said to be is seen when they
    /// are changed.
    pub(super) trusts: bool,
    lookups: BTreeSet<(Hash, Target)>,
    entries: BTreeSet<(Space, Vec<u8>)>,
    /// Editions that are added to, and those that are published.
    editions: BTreeSet<Edition>,
    published: BTreeSet<Edition>,
}

impl Wanted {
    pub(super) fn of(jobs: &[Job<'_>]) -> Wanted {
        let mut wanted = Wanted::default();
        for (batch, _) in jobs {
            batch.expects.iter().for_each(|expect| wanted.expect(expect));
            batch.writes.iter().for_each(|write| wanted.write(write));
            wanted.editions.extend(Some(batch.edition()).filter(|edition| *edition != 0));
            wanted.published.extend(batch.publish);
        }
        let Wanted { records, revised, .. } = &mut wanted;
        revised.retain(|key, _| !records.contains(key));
        // Of whom all goes nothing is changed, so that nothing would be seen.
        let erases = |write: &Write| matches!(write, Write::Erase { .. });
        wanted.trusts = !jobs.iter().any(|(batch, _)| batch.writes.iter().any(erases));
        wanted
    }

    fn expect(&mut self, expect: &Expect) {
        match expect {
            Expect::Contact(id, _) => drop(self.contacts.insert(*id)),
            Expect::Record(key, _) => self.record(key),
            Expect::Object(kind, id, _) => drop(self.objects.insert((*kind, *id))),
            Expect::NoEntry(space, key) | Expect::Entry(space, key, _) => {
                self.entries.insert((*space, key.clone()));
            }
        }
    }

    fn write(&mut self, write: &Write) {
        match write {
            Write::Contact(row) => drop(self.contacts.insert(row.id)),
            Write::Record(row) => self.record(&row.key),
            Write::Revise(revision) => {
                self.contacts.insert(revision.key.contact);
                self.revised.entry(revision.key).or_insert(revision.version);
            }
            Write::RemoveRecord(key) => self.record(key),
            Write::Object(row) => drop(self.objects.insert((row.kind, row.id))),
            Write::Lookup(hash, target) | Write::Unlook(hash, target) => {
                if let Target::Contact(contact) = target {
                    self.contacts.insert(*contact);
                }
                self.lookups.insert((*hash, *target));
            }
            Write::Key(contact, _) => drop(self.contacts.insert(*contact)),
            Write::Erase { tombstone, .. } => drop(self.contacts.insert(tombstone.id)),
            Write::Close { .. } | Write::Entry(..) | Write::RemoveEntry(..) | Write::Where(..) => {}
        }
    }

    /// The kinds of its objects.
    fn kinds(&self) -> BTreeSet<u8> {
        self.objects.iter().map(|(kind, _)| *kind).collect()
    }

    /// Whether it is about look-ups.
    pub(super) fn has_lookups(&self) -> bool {
        !self.lookups.is_empty()
    }

    fn record(&mut self, key: &RecordKey) {
        self.contacts.insert(key.contact);
        self.records.insert(*key);
    }

    /// Locks and reads contacts, objects, entries and editions; and of the rest, on the same way, what
    /// it says it did.
    pub(super) async fn first(&self, frame: &Frame<'_>) -> Result<(Facts, Extent), StoreError> {
        let main = frame.main;
        // Objects are locked kind by kind: after those of the first the rest would be read too early.
        let few = self.records.len() + self.revised.len() + self.lookups.len() <= FEW
            && self.kinds().len() <= 1;
        let rest = async {
            let mut facts = Facts::default();
            if few {
                let records = self.records.iter().chain(self.revised.keys());
                self.read_records(main, &mut facts, records.copied()).await?;
                self.read_lookups(main, &mut facts, self.lookups.iter().copied()).await?;
                return Ok((facts, Extent::All));
            }
            // Whoever adds to an edition of these contacts has their locks.
            let trusts = self.trusts && !self.revised.is_empty() && nothing_staged(main).await?;
            Ok::<_, StoreError>((
                facts,
                if trusts { Extent::AllButRevised } else { Extent::Locked },
            ))
        };
        let ((), contacts, objects, entries, (facts, extent), editions) = try_join!(
            self.lock_editions(main),
            self.lock_contacts(frame),
            self.lock_objects(frame),
            self.lock_entries(main),
            rest,
            // Last of all: an edition of which a row was read had begun by then.
            pending(main),
        )?;
        Ok((Facts { contacts, objects, entries, editions, ..facts }, extent))
    }

    /// Makes statements ready, so that [`Wanted::first`] sends all at once and in its order: what a
    /// contact's lock keeps from changing must be read when the lock is held.
    pub(super) async fn make_ready(&self, frame: &Frame<'_>) -> Result<(), StoreError> {
        let main = frame.main;
        let alone = self.contacts.len() <= frame.alone();
        main.prepare_cached(self.editions_sql()).await?;
        main.prepare_cached(PENDING).await?;
        main.prepare_cached(STAGED).await?;
        for kind in self.kinds() {
            let alone = self.objects.len() <= frame.alone();
            main.prepare_cached(&lock_one_or_many(&objects_of(kind), OBJECTS_ORDER, alone)).await?;
        }
        main.prepare_cached(&lock_one_or_many(CONTACTS, CONTACTS_ORDER, alone)).await?;
        main.prepare_cached(RECORDS).await?;
        main.prepare_cached(LOOKUPS).await?;
        Ok(())
    }

    /// Reads what is known of records and look-ups. New contacts have none yet.
    pub(super) async fn second(
        &self,
        main: &ClientWrapper,
        facts: &mut Facts,
        extent: Extent,
    ) -> Result<(), StoreError> {
        let known: BTreeSet<Id> = facts.contacts.keys().copied().collect();
        let things: BTreeSet<(u8, Id)> = facts.objects.keys().copied().collect();
        let mut records = self.records.clone();
        if extent == Extent::AllButRevised {
            let before = self.revised.iter().map(|(key, version)| (*key, version - 1));
            facts.records = before.map(|(key, was)| (key, Layers::from([(BASE, was)]))).collect();
        } else {
            records.extend(self.revised.keys());
        }
        records.retain(|key| known.contains(&key.contact));
        self.read_records(main, facts, records.into_iter()).await?;
        let lookups = self.lookups.iter().copied().filter(|(_, target)| match target {
            Target::Contact(contact) => known.contains(contact),
            Target::Object(kind, id) => {
                things.contains(&(*kind, *id)) || !self.objects.contains(&(*kind, *id))
            }
        });
        self.read_lookups(main, facts, lookups).await
    }
}

/// What of the facts is there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// What is locked.
    Locked,
    /// All, or will be, but records that are changed in their places: they are taken for what their
    /// batches say that they are.
    AllButRevised,
    /// All.
    All,
}

/// Whether no record has rows of several editions.
async fn nothing_staged(main: &ClientWrapper) -> Result<bool, StoreError> {
    let statement = main.prepare_cached(STAGED).await?;
    Ok(main.query(&statement, &[]).await?.is_empty())
}

/// The editions that are not published, and whether they are discarded.
pub(super) async fn pending(main: &ClientWrapper) -> Result<Editions, StoreError> {
    let statement = main.prepare_cached(PENDING).await?;
    let rows = main.query(&statement, &[]).await?;
    rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
}

type Editions = BTreeMap<Edition, bool>;
type Contacts = BTreeMap<Id, Standing>;
type Objects = BTreeMap<(u8, Id), Layers>;
type Entries = BTreeMap<(Space, Vec<u8>), Vec<u8>>;

impl Wanted {
    /// No edition is published while it is taken for hidden; what is added to may not be given up
    /// meanwhile, and what is published not be added to. All are locked, in their order and before all
    /// else, so that nobody waits for somebody who waits.
    async fn lock_editions(&self, main: &ClientWrapper) -> Result<(), StoreError> {
        let statement = main.prepare_cached(self.editions_sql()).await?;
        main.query(&statement, &[]).await?;
        Ok(())
    }

    fn editions_sql(&self) -> &'static str {
        if !self.published.is_empty() {
            "SELECT 1 FROM pending ORDER BY edition FOR UPDATE"
        } else if self.editions.is_empty() {
            "SELECT 1 FROM pending ORDER BY edition FOR KEY SHARE"
        } else {
            "SELECT 1 FROM pending ORDER BY edition FOR SHARE"
        }
    }

    async fn lock_contacts(&self, frame: &Frame<'_>) -> Result<Contacts, StoreError> {
        let ids: Vec<Uuid> = self.contacts.iter().map(uuid).collect();
        let rows = lock(frame, CONTACTS, CONTACTS_ORDER, &ids).await?;
        let standing = |row: &Row| {
            let (edition, version, erased) = (row.try_get(1)?, row.try_get(2)?, row.try_get(3)?);
            Ok((id(row, 0)?, Standing { edition, version, erased }))
        };
        rows.iter().map(standing).collect()
    }

    async fn lock_objects(&self, frame: &Frame<'_>) -> Result<Objects, StoreError> {
        let mut layers = Objects::new();
        for kind in self.kinds() {
            let of_kind = (kind, [0; 16])..=(kind, [u8::MAX; 16]);
            let ids: Vec<Uuid> = self.objects.range(of_kind).map(|(_, id)| uuid(id)).collect();
            for row in lock(frame, &objects_of(kind), OBJECTS_ORDER, &ids).await? {
                let of_one = layers.entry((kind, id(&row, 0)?)).or_default();
                of_one.insert(row.try_get(1)?, row.try_get(2)?);
            }
        }
        Ok(layers)
    }

    async fn lock_entries(&self, main: &ClientWrapper) -> Result<Entries, StoreError> {
        if self.entries.is_empty() {
            return Ok(Entries::new());
        }
        let spaces: Vec<i16> = self.entries.iter().map(|(space, _)| space_number(*space)).collect();
        let keys: Vec<&[u8]> = self.entries.iter().map(|(_, key)| key.as_slice()).collect();
        let sql = "SELECT e.space, e.key, e.value
             FROM unnest($1::smallint[], $2::bytea[]) AS k (space, key)
             JOIN entry e ON e.space = k.space AND e.key = k.key
             ORDER BY e.space, e.key FOR UPDATE OF e";
        let statement = main.prepare_cached(sql).await?;
        let mut found = Entries::new();
        for row in main.query(&statement, &[&spaces, &keys]).await? {
            let (number, key): (i16, Vec<u8>) = (row.try_get(0)?, row.try_get(1)?);
            let asked = self
                .entries
                .iter()
                .find(|(space, other)| space_number(*space) == number && *other == key);
            let (space, _) = asked.ok_or_else(|| damaged("an entry"))?;
            found.insert((*space, key), row.try_get(2)?);
        }
        Ok(found)
    }

    async fn read_records(
        &self,
        main: &ClientWrapper,
        facts: &mut Facts,
        keys: impl Iterator<Item = RecordKey>,
    ) -> Result<(), StoreError> {
        let (mut contacts, mut categories, mut ids) = (Vec::new(), Vec::new(), Vec::new());
        for key in keys {
            contacts.push(uuid(&key.contact));
            categories.push(i16::from(key.category));
            ids.push(uuid(&key.id));
        }
        if contacts.is_empty() {
            return Ok(());
        }
        let statement = main.prepare_cached(RECORDS).await?;
        for row in main.query(&statement, &[&contacts, &categories, &ids]).await? {
            let (contact, category) = (id(&row, 0)?, byte(&row, 1)?);
            let key = RecordKey { contact, category, id: id(&row, 2)? };
            let layers: &mut Layers = facts.records.entry(key).or_default();
            layers.insert(row.try_get(3)?, row.try_get(4)?);
        }
        Ok(())
    }

    async fn read_lookups(
        &self,
        main: &ClientWrapper,
        facts: &mut Facts,
        lookups: impl Iterator<Item = (Hash, Target)>,
    ) -> Result<(), StoreError> {
        let (mut hashes, mut tags, mut ids) = (Vec::new(), Vec::new(), Vec::new());
        for (hash, target) in lookups {
            let (tag, id) = tagged(&target);
            hashes.push(uuid(&hash));
            tags.push(tag);
            ids.push(id);
        }
        if hashes.is_empty() {
            return Ok(());
        }
        let statement = main.prepare_cached(LOOKUPS).await?;
        for row in main.query(&statement, &[&hashes, &tags, &ids]).await? {
            let found = target(row.try_get(1)?, id(&row, 2)?)?;
            let editions = facts.lookups.entry((id(&row, 0)?, found)).or_default();
            editions.insert(row.try_get(3)?);
        }
        Ok(())
    }
}

const STAGED: &str = "SELECT 1 FROM staged LIMIT 1";
const PENDING: &str = "SELECT edition, discarded FROM pending";
const CONTACTS: &str = "SELECT id, edition, version, erased FROM contact WHERE id";
const OBJECTS_ORDER: &str = "ORDER BY id, edition FOR NO KEY UPDATE";
const CONTACTS_ORDER: &str = "ORDER BY id FOR NO KEY UPDATE";
const RECORDS: &str = "SELECT r.contact, r.category, r.id, r.edition, r.version \
    FROM unnest($1::uuid[], $2::smallint[], $3::uuid[]) AS k (contact, category, id) \
    JOIN record r ON r.contact = k.contact AND r.category = k.category AND r.id = k.id";
const LOOKUPS: &str = "SELECT l.hash, l.tag, l.id, l.edition \
    FROM unnest($1::uuid[], $2::smallint[], $3::uuid[]) AS k (hash, tag, id) \
    JOIN lookup l ON l.hash = k.hash AND l.tag = k.tag AND l.id = k.id";

/// Locks rows in the order of their ids: a few each by itself, so that each is looked for on its own
/// shard, many together.
async fn lock(
    frame: &Frame<'_>,
    select: &str,
    order: &str,
    ids: &[Uuid],
) -> Result<Vec<Row>, StoreError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let (main, alone) = (frame.main, ids.len() <= frame.alone());
    let statement = main.prepare_cached(&lock_one_or_many(select, order, alone)).await?;
    if !alone {
        return Ok(main.query(&statement, &[&ids]).await?);
    }
    let locked = try_join_all(ids.iter().map(|id| {
        let statement = &statement;
        async move { main.query(statement, &[id]).await }
    }));
    Ok(locked.await?.into_iter().flatten().collect())
}

fn objects_of(kind: u8) -> String {
    format!("SELECT id, edition, version FROM object WHERE kind = {kind} AND id")
}

fn lock_one_or_many(select: &str, order: &str, alone: bool) -> String {
    let which = if alone { "$1" } else { "ANY($1)" };
    format!("{select} = {which} {order}")
}
