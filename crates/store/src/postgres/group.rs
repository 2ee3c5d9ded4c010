//! A group of batches in one transaction of three steps: what the batches are about is locked and
//! read; a [`Plan`] is made of it; and the plan is carried out and committed.
//!
//! **Locks.** Rows of contacts and objects are locked in the order of their ids: whoever changes a
//! contact's record or look-up has its contact. What is not there cannot be locked: it is put so that
//! it fails where somebody else was quicker, and then all is done again. Last of all comes the feed:
//! whoever has its row commits next, so that the numbers of changes rise with the commits.

use std::collections::{BTreeMap, BTreeSet};

use deadpool_postgres::ClientWrapper;
use futures::future::{try_join_all, try_join5};
use futures::try_join;
use tokio_postgres::{Row, Statement};
use uuid::Uuid;

use crate::error::StoreError;
use crate::postgres::keys;
use crate::postgres::node::{Lease, Stand};
use crate::postgres::plan::{Facts, Layers, Plan, Standing};
use crate::postgres::read::{byte, damaged, id, uuid};
use crate::postgres::small::{space_number, tagged, target, touched_tag};
use crate::postgres::steps::{Param, Steps, borrowed, param};
use crate::postgres::table::{self, Cells, There};
use crate::queue::Answer;
use crate::row::{
    AuditLink, BASE, Batch, Edition, Expect, Hash, Id, LinkPlace, RecordKey, Revision, Space,
    Target, Write,
};
use crate::store::LinkHash;

/// With more keys of records and look-ups than that, those of new contacts are not asked for.
const FEW: usize = 128;
/// Rows locked by a statement each, up to so many.
const ALONE: usize = 8;

/// A batch, and the edition that is visible to whoever it is of.
pub(super) type Job<'a> = (&'a Batch, Option<Edition>);

/// What a transaction is done with.
pub(super) struct Frame<'a> {
    pub(super) main: &'a ClientWrapper,
    pub(super) keys: &'a ClientWrapper,
    pub(super) lease: Lease,
    pub(super) link_hash: LinkHash,
    pub(super) now: i64,
    /// Whether tables are spread over machines: then rows are locked one by one.
    pub(super) spread: bool,
}

impl Frame<'_> {
    /// Up to so many rows are locked by a statement each.
    const fn alone(&self) -> usize {
        if self.spread { usize::MAX } else { ALONE }
    }
}

/// A group that may be committed, or not: the connection can still be lost.
pub(super) struct Ready {
    /// The number of the group under the lease.
    pub(super) number: i64,
    answers: Vec<Result<usize, StoreError>>,
    facts: Facts,
    plan: Plan,
    stand: Stand,
    link: Option<AuditLink>,
    /// Whether records were changed in their places already.
    revised: bool,
    /// Whether the plan was carried out already, and only the commit is missing.
    written: bool,
}

/// How a transaction has not come to its end.
pub(super) enum Stopped {
    /// The lease was lost.
    Fenced,
    /// What was taken for granted does not hold.
    Stale,
    /// Something failed.
    Failed(StoreError),
}

impl<E: Into<StoreError>> From<E> for Stopped {
    fn from(error: E) -> Self {
        Stopped::Failed(error.into())
    }
}

/// Begins a transaction, and does what must be done before the commit is sent.
pub(super) async fn prepare(frame: &Frame<'_>, jobs: &[Job<'_>]) -> Result<Ready, Stopped> {
    let mut wanted = Wanted::of(jobs);
    wanted.trusts &= !frame.spread;
    match try_prepare(frame, jobs, &wanted).await {
        Err(Stopped::Stale) => {
            // Which batch is refused, and why, is told by what is there.
            frame.main.batch_execute("ROLLBACK").await?;
            wanted.trusts = false;
            try_prepare(frame, jobs, &wanted).await
        }
        done => done,
    }
}

async fn try_prepare(
    frame: &Frame<'_>,
    jobs: &[Job<'_>],
    wanted: &Wanted,
) -> Result<Ready, Stopped> {
    let main = frame.main;
    wanted.make_ready(frame).await?;
    let begin = async { Ok(main.batch_execute("BEGIN").await?) };
    let stand = frame.lease.stand(main);
    let ((), stand, (mut facts, known)) = try_join!(begin, stand, wanted.first(frame))?;
    let stand = stand.ok_or(Stopped::Fenced)?;
    if known != Extent::All {
        wanted.second(main, &mut facts, known).await?;
    }
    facts.link = LinkPlace { chain: frame.lease.node, sequence: stand.sequence + 1 };
    let mut plan = Plan::default();
    let mut answers = Vec::with_capacity(jobs.len());
    for (batch, sees) in jobs {
        let added = plan.add(&facts, batch, *sees);
        answers.push(added.map(|()| plan.changes.len()));
    }
    let stand = Stand { groups: stand.groups + 1, ..stand };
    let link = (!plan.audit.is_empty()).then(|| link(frame, &mut plan, stand));
    let stand = match &link {
        Some(link) => Stand { sequence: link.sequence, hash: link.hash, ..stand },
        None => stand,
    };
    let revised = known == Extent::AllButRevised;
    if revised && revise_expected(main, &facts, &plan).await? != plan.revised.len() {
        return Err(Stopped::Stale);
    }
    let written = !plan.keys.is_empty();
    if written {
        // What is sealed must never be durable without its key.
        let keys = async { keys::put(frame.keys, &plan.keys).await };
        let steps = steps(frame, &facts, &plan, revised);
        let carried_out = async { Ok(steps.prepare(main).await?.send(main).await?) };
        try_join!(keys, carried_out)?;
    }
    Ok(Ready { number: stand.groups, answers, facts, plan, stand, link, revised, written })
}

fn link(frame: &Frame<'_>, plan: &mut Plan, stand: Stand) -> AuditLink {
    let (previous, sequence, at) = (stand.hash, stand.sequence + 1, frame.now);
    let (entries, body) = (plan.audit_entries, std::mem::take(&mut plan.audit));
    let hash = (frame.link_hash)(&previous, sequence, at, entries, &body);
    AuditLink { chain: frame.lease.node, sequence, at, entries, body, previous, hash }
}

impl Ready {
    /// Writes what is not written yet, and commits, on one way. Whatever fails from here on may have
    /// been committed all the same.
    pub(super) async fn commit(&self, frame: &Frame<'_>) -> Result<i64, StoreError> {
        let main = frame.main;
        let mut steps = Steps::default();
        if !self.written {
            steps = self::steps(frame, &self.facts, &self.plan, self.revised);
        }
        if let Some(link) = &self.link {
            append(&mut steps, link);
        }
        frame.lease.advance(&mut steps, self.stand);
        // All is made ready first, so that what follows is sent in this order at once.
        let (steps, feed) = (steps.prepare(main).await?, self.feed(main).await?);
        let end = async {
            let (head, ()) = try_join!(self.fed(main, &feed), main.batch_execute("COMMIT"))?;
            Ok(head)
        };
        Ok(steps.send_before(main, end).await?)
    }

    /// Whether the feed has nothing to tell.
    fn is_silent(&self) -> bool {
        self.plan.changes.is_empty() && self.plan.erasures == 0
    }

    async fn feed(&self, main: &ClientWrapper) -> Result<Statement, tokio_postgres::Error> {
        main.prepare_cached(if self.is_silent() { "SELECT head FROM feed" } else { FEED }).await
    }

    /// Gives the changes their numbers. Nobody else commits changes before this transaction ends.
    async fn fed(
        &self,
        main: &ClientWrapper,
        feed: &Statement,
    ) -> Result<i64, tokio_postgres::Error> {
        if self.is_silent() {
            return main.query_one(feed, &[]).await?.try_get(0);
        }
        let changes = self.plan.changes.iter();
        let (tags, ids): (Vec<Option<i16>>, Vec<Option<Uuid>>) =
            changes.map(|touched| touched_tag(touched).unzip()).unzip();
        let count = i64::try_from(tags.len()).unwrap_or(i64::MAX);
        let erasures = self.plan.erasures;
        main.query_one(feed, &[&count, &erasures, &tags, &ids]).await?.try_get(0)
    }

    /// What each batch is answered, once the group is committed and the feed stands at `head`.
    pub(super) fn answers(self, head: i64) -> Vec<Answer> {
        let total = self.plan.changes.len();
        let number = |until: usize| head - i64::try_from(total - until).unwrap_or(0);
        self.answers.into_iter().map(|answer| answer.map(number)).collect()
    }

    /// Contacts whose keys go, but for one slot.
    pub(super) fn doomed(&self) -> Vec<(Id, Option<i64>)> {
        self.plan.doomed.iter().map(|(contact, keep)| (*contact, *keep)).collect()
    }
}

const AUDIT: &str = "INSERT INTO audit (chain, sequence, at, entries, body, previous, hash) \
    VALUES ($1, $2, $3, $4, $5, $6, $7)";

fn append<'p>(steps: &mut Steps<'p>, link: &'p AuditLink) {
    steps.run(
        AUDIT,
        vec![
            param(uuid(&link.chain)),
            param(link.sequence),
            param(link.at),
            param(i64::from(link.entries)),
            param(&link.body),
            param(link.previous.as_slice()),
            param(link.hash.as_slice()),
        ],
    );
}

const FEED: &str = "WITH fed AS ( \
        UPDATE feed SET head = head + $1, erasures = erasures + $2 RETURNING head \
    ), told AS ( \
        INSERT INTO change (number, tag, id) \
        SELECT fed.head - $1 + k.at, k.tag, k.id \
        FROM fed, unnest($3::smallint[], $4::uuid[]) WITH ORDINALITY AS k (tag, id, at) \
    ) \
    SELECT head FROM fed";

/// What a group is about.
#[derive(Default)]
struct Wanted {
    contacts: BTreeSet<Id>,
    objects: BTreeSet<(u8, Id)>,
    records: BTreeSet<RecordKey>,
    /// Records that are changed in their places and nothing else, with the versions that they have then.
    revised: BTreeMap<RecordKey, i64>,
    /// Whether many of those need not be read: that they are as they are said to be is seen when they
    /// are changed.
    trusts: bool,
    lookups: BTreeSet<(Hash, Target)>,
    entries: BTreeSet<(Space, Vec<u8>)>,
    /// Editions that are added to, and those that are published.
    editions: BTreeSet<Edition>,
    published: BTreeSet<Edition>,
}

impl Wanted {
    fn of(jobs: &[Job<'_>]) -> Wanted {
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

    fn record(&mut self, key: &RecordKey) {
        self.contacts.insert(key.contact);
        self.records.insert(*key);
    }

    /// Locks and reads contacts, objects, entries and editions; and of the rest, on the same way, what
    /// it says it did.
    async fn first(&self, frame: &Frame<'_>) -> Result<(Facts, Extent), StoreError> {
        let main = frame.main;
        let few = self.records.len() + self.revised.len() + self.lookups.len() <= FEW;
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
        let (editions, contacts, objects, entries, (facts, extent)) = try_join5(
            self.lock_editions(main),
            self.lock_contacts(frame),
            self.lock_objects(frame),
            self.lock_entries(main),
            rest,
        )
        .await?;
        Ok((Facts { contacts, objects, entries, editions, ..facts }, extent))
    }

    /// Makes statements ready, so that [`Wanted::first`] sends all at once and in its order: what a
    /// contact's lock keeps from changing must be read when the lock is held.
    async fn make_ready(&self, frame: &Frame<'_>) -> Result<(), StoreError> {
        let main = frame.main;
        let alone = self.contacts.len() <= frame.alone();
        main.prepare_cached(PENDING).await?;
        main.prepare_cached(STAGED).await?;
        main.prepare_cached(&lock_one_or_many(CONTACTS, CONTACTS_ORDER, alone)).await?;
        main.prepare_cached(RECORDS).await?;
        main.prepare_cached(LOOKUPS).await?;
        Ok(())
    }

    /// Reads what is known of records and look-ups. New contacts have none yet.
    async fn second(
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
enum Extent {
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

type Editions = BTreeMap<Edition, bool>;
type Contacts = BTreeMap<Id, Standing>;
type Objects = BTreeMap<(u8, Id), Layers>;
type Entries = BTreeMap<(Space, Vec<u8>), Vec<u8>>;

impl Wanted {
    /// What is added to may not be given up meanwhile, and what is published not be added to.
    async fn lock_editions(&self, main: &ClientWrapper) -> Result<Editions, StoreError> {
        for (editions, lock) in [(&self.editions, "SHARE"), (&self.published, "UPDATE")] {
            if !editions.is_empty() {
                let sql = format!(
                    "SELECT 1 FROM pending WHERE edition = ANY($1) ORDER BY edition FOR {lock}"
                );
                let statement = main.prepare_cached(&sql).await?;
                let editions: Vec<Edition> = editions.iter().copied().collect();
                main.query(&statement, &[&editions]).await?;
            }
        }
        let statement = main.prepare_cached(PENDING).await?;
        let rows = main.query(&statement, &[]).await?;
        rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
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
        let mut kinds: BTreeSet<u8> = self.objects.iter().map(|(kind, _)| *kind).collect();
        while let Some(kind) = kinds.pop_first() {
            let of_kind = (kind, [0; 16])..=(kind, [u8::MAX; 16]);
            let ids: Vec<Uuid> = self.objects.range(of_kind).map(|(_, id)| uuid(id)).collect();
            let select =
                format!("SELECT id, edition, version FROM object WHERE kind = {kind} AND id");
            let order = "ORDER BY id, edition FOR NO KEY UPDATE";
            for row in lock(frame, &select, order, &ids).await? {
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

fn lock_one_or_many(select: &str, order: &str, alone: bool) -> String {
    let which = if alone { "$1" } else { "ANY($1)" };
    format!("{select} = {which} {order}")
}

/// What the plan says: first what goes, then what is put.
fn steps<'p>(frame: &Frame<'_>, facts: &Facts, plan: &'p Plan, revised: bool) -> Steps<'p> {
    let mut steps = Steps::default();
    remove(frame, &mut steps, plan);
    if !revised {
        revise(frame, &mut steps, facts, plan);
    }
    let mut rows: (Vec<Cells<'_>>, Vec<Cells<'_>>) = (Vec::new(), Vec::new());
    for (contact, keep) in plan.contacts.values() {
        let there = facts.contacts.contains_key(&contact.id);
        part(&mut rows, there).push(table::contact(contact, *keep));
    }
    put(&mut steps, &table::CONTACT, std::mem::take(&mut rows), There::Replaced);
    for ((key, edition), record) in &plan.records {
        let layers = facts.records.get(key);
        let there = layers.is_some_and(|layers| layers.contains_key(edition));
        // Of who is not there the records were not looked for.
        let unknown = *edition == BASE && !facts.contacts.contains_key(&key.contact);
        part(&mut rows, there || unknown).push(table::record(record));
    }
    put(&mut steps, &table::RECORD, std::mem::take(&mut rows), There::Replaced);
    for ((key, edition), object) in &plan.objects {
        let layers = facts.objects.get(key);
        let there = layers.is_some_and(|layers| layers.contains_key(edition));
        part(&mut rows, there).push(table::object(object));
    }
    put(&mut steps, &table::OBJECT, std::mem::take(&mut rows), There::Replaced);
    for (hash, target, edition) in &plan.lookups {
        part(&mut rows, !is_new(facts, target)).push(table::lookup(hash, target, *edition));
    }
    put(&mut steps, &table::LOOKUP, std::mem::take(&mut rows), There::Kept);
    for (edition, target) in &plan.staged {
        part(&mut rows, !is_new(facts, target)).push(table::staged(*edition, target));
    }
    put(&mut steps, &table::STAGED, rows, There::Kept);
    write_entries(&mut steps, plan);
    let doomed = plan.doomed.iter().map(|(contact, keep)| table::doomed(contact, *keep));
    steps.put(&table::DOOMED, doomed.collect(), There::Replaced);
    layer(&mut steps, plan);
    steps
}

const REVISE: &str = "UPDATE record r \
    SET version = k.version, expires = k.expires, objected = k.objected, open = k.open \
    FROM unnest($1::uuid[], $2::smallint[], $3::uuid[], $4::bigint[], $5::bigint[], $6::bigint[], \
        $7::integer[], $8::bytea[]) \
        AS k (contact, category, id, was, version, expires, objected, open) \
    WHERE r.contact = k.contact AND r.category = k.category AND r.id = k.id AND r.edition = 0 \
        AND r.version = k.was";
const REVISE_ONE: &str = "UPDATE record SET version = $4, expires = $5, objected = $6, open = $7 \
    WHERE contact = $1 AND category = $2 AND id = $3 AND edition = 0";

/// Changes records in their places: together, or each on its own shard.
fn revise<'p>(frame: &Frame<'_>, steps: &mut Steps<'p>, facts: &Facts, plan: &'p Plan) {
    if plan.revised.is_empty() {
        return;
    }
    if frame.spread || plan.revised.len() == 1 {
        for Revision { key, version, expires, objected, open } in plan.revised.values() {
            let rest = [param(version), param(expires), param(i32::from(*objected)), param(open)];
            steps.run(REVISE_ONE, one_key(key).into_iter().chain(rest).collect());
        }
        return;
    }
    steps.run(REVISE, revisions(facts, plan));
}

/// Changes records in their places as long as they have the versions that they are said to have. Says
/// how many had.
async fn revise_expected(
    main: &ClientWrapper,
    facts: &Facts,
    plan: &Plan,
) -> Result<usize, StoreError> {
    let (statement, params) = (main.prepare_cached(REVISE).await?, revisions(facts, plan));
    let count = main.execute(&statement, &borrowed(&params)).await?;
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}

/// The parameters of [`REVISE`].
fn revisions<'p>(facts: &Facts, plan: &'p Plan) -> Vec<Param<'p>> {
    let mut params = many_keys(plan.revised.keys());
    let was = |key| facts.records.get(key).and_then(|layers| layers.get(&BASE)).copied();
    params.push(param(plan.revised.keys().map(was).collect::<Vec<_>>()));
    let revised = || plan.revised.values();
    params.push(param(revised().map(|one| one.version).collect::<Vec<_>>()));
    params.push(param(revised().map(|one| one.expires).collect::<Vec<_>>()));
    params.push(param(revised().map(|one| i32::from(one.objected)).collect::<Vec<_>>()));
    params.push(param(revised().map(|one| one.open.as_slice()).collect::<Vec<_>>()));
    params
}

/// The key of a record as parameters.
fn one_key(key: &RecordKey) -> Vec<Param<'static>> {
    vec![param(uuid(&key.contact)), param(i16::from(key.category)), param(uuid(&key.id))]
}

/// Keys of records as parameters, an array for each column.
fn many_keys<'k, 'p>(keys: impl Iterator<Item = &'k RecordKey>) -> Vec<Param<'p>> {
    let (mut contacts, mut categories, mut ids) = (Vec::new(), Vec::new(), Vec::new());
    for key in keys {
        contacts.push(uuid(&key.contact));
        categories.push(i16::from(key.category));
        ids.push(uuid(&key.id));
    }
    vec![param(contacts), param(categories), param(ids)]
}

/// Whether nobody but this transaction has anything of a target.
fn is_new(facts: &Facts, target: &Target) -> bool {
    matches!(target, Target::Contact(contact) if !facts.contacts.contains_key(contact))
}

/// Those that are not there yet, and those that may be.
fn part<'a, 'r>(
    rows: &'a mut (Vec<Cells<'r>>, Vec<Cells<'r>>),
    there: bool,
) -> &'a mut Vec<Cells<'r>> {
    if there { &mut rows.1 } else { &mut rows.0 }
}

fn put<'p>(
    steps: &mut Steps<'p>,
    table: &'static table::Table,
    (new, others): (Vec<Cells<'p>>, Vec<Cells<'p>>),
    there: There,
) {
    steps.put(table, new, There::Never);
    steps.put(table, others, there);
}

fn remove<'p>(frame: &Frame<'_>, steps: &mut Steps<'p>, plan: &'p Plan) {
    for contact in &plan.wiped {
        for sql in [
            "DELETE FROM record WHERE contact = $1",
            "DELETE FROM lookup WHERE tag = 0 AND id = $1",
        ] {
            steps.run(sql, vec![param(uuid(contact))]);
        }
    }
    remove_records(frame, steps, &plan.removed_records, "");
    remove_records(frame, steps, &plan.lifted_records, "AND r.edition > 0");
    for (kind, id) in &plan.lifted_objects {
        let sql = "DELETE FROM object WHERE kind = $1 AND id = $2 AND edition > 0";
        steps.run(sql, vec![param(i16::from(*kind)), param(uuid(id))]);
    }
    for (hash, target) in &plan.removed_lookups {
        let sql = "DELETE FROM lookup WHERE hash = $1 AND tag = $2 AND id = $3";
        let (tag, id) = tagged(target);
        steps.run(sql, vec![param(uuid(hash)), param(tag), param(id)]);
    }
    for ((kind, id), day) in &plan.closed {
        let sql = "UPDATE record SET closed = $3 WHERE about_kind = $1 AND about_id = $2";
        steps.run(sql, vec![param(i16::from(*kind)), param(uuid(id)), param(day)]);
    }
    for edition in &plan.published {
        steps.run("DELETE FROM pending WHERE edition = $1", vec![param(edition)]);
    }
}

/// Removes records, of which editions `which` says: together, or each on its own shard.
fn remove_records(
    frame: &Frame<'_>,
    steps: &mut Steps<'_>,
    keys: &BTreeSet<RecordKey>,
    which: &str,
) {
    if frame.spread || keys.len() == 1 {
        for key in keys {
            let this = "r.contact = $1 AND r.category = $2 AND r.id = $3";
            steps.run(format!("DELETE FROM record r WHERE {this} {which}"), one_key(key));
        }
    } else if !keys.is_empty() {
        let sql = format!(
            "DELETE FROM record r
             USING unnest($1::uuid[], $2::smallint[], $3::uuid[]) AS k (contact, category, id)
             WHERE r.contact = k.contact AND r.category = k.category AND r.id = k.id {which}"
        );
        steps.run(sql, many_keys(keys.iter()));
    }
}

/// Entries that must not be there are put so that this fails where they are, and removed again where
/// they are only expected.
fn write_entries<'p>(steps: &mut Steps<'p>, plan: &'p Plan) {
    let mut new: Vec<Cells<'_>> = Vec::new();
    let mut others: Vec<Cells<'_>> = Vec::new();
    let mut gone: Vec<&(Space, Vec<u8>)> = Vec::new();
    for place in &plan.absent {
        let value = plan.entries.get(place).and_then(Option::as_deref);
        new.push(table::entry(place, value.unwrap_or_default()));
        if value.is_none() {
            gone.push(place);
        }
    }
    for (place, value) in plan.entries.iter().filter(|(place, _)| !plan.absent.contains(*place)) {
        match value {
            Some(value) => others.push(table::entry(place, value)),
            None => gone.push(place),
        }
    }
    put(steps, &table::ENTRY, (new, others), There::Replaced);
    for (space, key) in gone {
        let sql = "DELETE FROM entry WHERE space = $1 AND key = $2";
        steps.run(sql, vec![param(space_number(*space)), param(key)]);
    }
}

/// Remembers that targets have rows of several editions at one place. Whichever of those that are
/// not settled is published last cleans up.
fn layer(steps: &mut Steps<'_>, plan: &Plan) {
    if plan.layered.is_empty() {
        return;
    }
    let (tags, ids): (Vec<i16>, Vec<Uuid>) = plan.layered.iter().map(tagged).unzip();
    let sql = "WITH RECURSIVE unsettled (edition) AS (
            (SELECT edition FROM staged ORDER BY edition LIMIT 1)
            UNION ALL
            SELECT (SELECT s.edition FROM staged s WHERE s.edition > u.edition
                ORDER BY s.edition LIMIT 1)
            FROM unsettled u WHERE u.edition IS NOT NULL
         )
         UPDATE staged s SET layered = true
         FROM unsettled u, unnest($1::smallint[], $2::uuid[]) AS k (tag, id)
         WHERE s.edition = u.edition AND s.tag = k.tag AND s.id = k.id";
    steps.run(sql, vec![param(tags), param(ids)]);
}
