//! How changes of a contact's records are written: with the look-ups that follow from them, against the
//! contact's version on which they were decided, and with the audit entry that tells of them.

use gantry_notice::{CategoryId, ContactState, Day, Flags, Operation};
use gantry_store::{
    BASE, Batch, ContactRow, Expect, Hash, Id, RecordKey, RecordRow, Revision, StoreError, Target,
    Write,
};

use crate::audit::{About as Whom, Entry};
use crate::cache::Known;
use crate::door::Permit;
use crate::error::EngineError;
use crate::record::{self, OpenRecord, Values};
use crate::session::identified::Identified;

/// A write that loses against others this often is given up.
const ATTEMPTS: usize = 5;

/// A record about to be written.
pub(crate) struct Put {
    pub(crate) row: RecordRow,
    /// The leave on which it was made.
    pub(super) permit: Permit,
    pub(super) looks: Looks,
    /// Whether only what lies in the clear changes of a row that stays where it is.
    pub(super) in_place: bool,
}

impl Put {
    fn write(&self) -> Write {
        let row = self.row.clone();
        if !self.in_place {
            return Write::Record(row);
        }
        let RecordRow { key, version, expires, objected, open, .. } = row;
        Write::Revise(Revision { key, version, expires, objected, open })
    }
}

/// The hashes by which a contact was found by a record before, and is found after.
pub(crate) struct Looks {
    pub(crate) key: RecordKey,
    pub(crate) old: Vec<Hash>,
    pub(crate) new: Vec<Hash>,
}

impl Identified {
    /// Writes records of one contact together. `profile` is whether they are what versions of the
    /// contact tell apart.
    pub(super) async fn put_all(
        &self,
        known: &Known,
        puts: &mut [Put],
        profile: bool,
    ) -> Result<(), EngineError> {
        let Some(first) = puts.first() else { return Ok(()) };
        let contact = first.row.key.contact;
        let batch = self.batch_of(known, puts, profile).await?;
        let categories = puts.iter().map(|put| put.row.key.category).collect();
        let changed = puts.iter().any(|put| put.permit.operation() == Operation::Change);
        let operation = if changed { Operation::Change } else { Operation::Collect };
        self.commit(batch, operation, categories, Whom::One(contact)).await
    }

    /// The batch that writes records of one contact together; with `profile` the contact gets a new
    /// version whatever they are.
    pub(crate) async fn batch_of(
        &self,
        known: &Known,
        puts: &mut [Put],
        profile: bool,
    ) -> Result<Batch, EngineError> {
        let Some(first) = puts.first() else { return Ok(Batch::default()) };
        let contact = first.row.key.contact;
        let mut expects = vec![Expect::Contact(contact, known.version)];
        expects.extend(self.close_as_objects(puts).await?);
        let others = puts.iter().filter(|put| !put.in_place);
        expects.extend(others.map(|put| Expect::Record(put.row.key, put.row.version - 1)));
        let looks: Vec<&Looks> = puts.iter().map(|put| &put.looks).collect();
        let mut writes = self.relook(known, &looks).await?;
        let collected = puts.iter().filter(|put| put.permit.operation() == Operation::Collect);
        let mut state = known.state.clone();
        if let Some(at) = collected.map(|put| put.row.at).max() {
            active(&mut state, at, self.desk.policy.today());
        }
        // Whether another record still gives a hash is known as of a version of the contact, so that
        // whoever adds or takes a look-up makes a new one; and so does whoever adds what an erasure
        // must keep. Else what decides is written, and read anew everywhere, only where it changes.
        let kept =
            puts.iter().any(|put| put.row.version == 1 && self.is_duty(put.row.collected_for));
        if profile || kept || !writes.is_empty() || state != known.state {
            let (version, created) = (known.version + 1, known.created);
            let row = contact_row(contact, version, created, &state, known.company);
            writes.push(Write::Contact(row));
        }
        writes.extend(puts.iter().map(Put::write));
        Ok(Batch { expects, writes, ..Batch::default() })
    }

    /// Gives rows that are written whole the day on which the objects that they are about were closed,
    /// and expects that those stay as they are: whoever closes one in the same moment sets the day on
    /// the records that are there.
    async fn close_as_objects(&self, puts: &mut [Put]) -> Result<Vec<Expect>, EngineError> {
        let mut expects = Vec::new();
        for put in puts.iter_mut().filter(|put| !put.in_place) {
            let Some((kind, id)) = put.row.about else { continue };
            let mut found = self.engine.inner.store.objects(kind, &[id]).await?.value;
            if let Some(object) = found.pop().flatten() {
                put.row.closed = object.closed;
                expects.push(Expect::Object(kind, id, object.version));
            }
        }
        Ok(expects)
    }

    /// The look-ups that writes add and take away. A hash that another record of the contact still
    /// gives stays.
    pub(crate) async fn relook(
        &self,
        known: &Known,
        looks: &[&Looks],
    ) -> Result<Vec<Write>, EngineError> {
        let Some(contact) = looks.first().map(|one| one.key.contact) else {
            return Ok(Vec::new());
        };
        let target = Target::Contact(contact);
        let in_any =
            |hash: &Hash, of: fn(&Looks) -> &[Hash]| looks.iter().any(|one| of(one).contains(hash));
        let before = looks.iter().flat_map(|one| &one.old).copied();
        let mut gone: Vec<Hash> = before.filter(|hash| !in_any(hash, |one| &one.new)).collect();
        if !gone.is_empty() {
            let kept = self.other_hashes(known, contact, looks).await?;
            gone.retain(|hash| !kept.contains(hash));
        }
        let after = looks.iter().flat_map(|one| &one.new);
        let added = after.filter(|hash| !in_any(hash, |one| &one.old));
        let mut writes: Vec<Write> = added.map(|hash| Write::Lookup(*hash, target)).collect();
        writes.extend(gone.into_iter().map(|hash| Write::Unlook(hash, target)));
        Ok(writes)
    }

    async fn other_hashes(
        &self,
        known: &Known,
        contact: Id,
        looks: &[&Looks],
    ) -> Result<Vec<Hash>, EngineError> {
        const MOST: usize = 10_000;
        let seen = self.engine.inner.store.records(contact, None, None, MOST).await?;
        let mut hashes = Vec::new();
        for row in &seen.value {
            if looks.iter().any(|one| one.key == row.key) {
                continue;
            }
            let opened = OpenRecord::for_index(row, known.key.as_ref())?;
            hashes.extend(record::hashes(
                &self.engine.inner.vault,
                &self.desk.policy,
                CategoryId(row.key.category),
                opened.fields()?,
            ));
        }
        Ok(hashes)
    }

    pub(crate) fn hashes(&self, category: CategoryId, values: &Values) -> Vec<Hash> {
        let fields = values.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        record::hashes(&self.engine.inner.vault, &self.desk.policy, category, fields)
    }

    /// Repeats a reading that an erasure came between: what was read before it is not opened with the
    /// key of what is kept.
    pub(crate) async fn read_anew<T, R: Future<Output = Result<T, EngineError>>>(
        &self,
        read: impl Fn() -> R,
    ) -> Result<T, EngineError> {
        for _ in 1..ATTEMPTS {
            match read().await {
                Err(EngineError::Unreadable { .. }) => {}
                done => return done,
            }
        }
        read().await
    }

    /// Repeats a write that lost against another, each time decided anew.
    // Not an async closure: the compiler cannot yet prove its future to be `Send`, and a server
    // moves requests between threads.
    pub(crate) async fn retried<T, W: Future<Output = Result<T, EngineError>>>(
        &self,
        write: impl Fn() -> W,
    ) -> Result<T, EngineError> {
        for _ in 1..ATTEMPTS {
            match write().await {
                // The same request came twice at once, and the other was first.
                Err(EngineError::Store(StoreError::Conflict { .. }))
                    if self.happened().await?.is_some() =>
                {
                    return Err(EngineError::Conflict { what: "request".to_owned() });
                }
                Err(EngineError::Store(StoreError::Conflict { .. })) => {}
                done => return done,
            }
        }
        match write().await {
            Err(EngineError::Store(StoreError::Conflict { what })) => {
                Err(EngineError::Conflict { what: what.to_string() })
            }
            done => done,
        }
    }

    /// Commits with the audit entry that tells of it, in one transaction.
    pub(crate) async fn commit(
        &self,
        batch: Batch,
        operation: Operation,
        categories: Vec<u8>,
        about: Whom,
    ) -> Result<(), EngineError> {
        let now = self.engine.inner.clock.now();
        self.commit_as(batch, self.desk.entry(now, operation, categories, about, 1)).await
    }

    /// The same with an entry that says more.
    pub(crate) async fn commit_as(
        &self,
        mut batch: Batch,
        entry: Entry,
    ) -> Result<(), EngineError> {
        self.within_level(Operation::Change, entry.about.clone())?;
        let inner = &self.engine.inner;
        entry.encode_into(&mut batch.audit).map_err(|e| EngineError::Audit(e.to_string()))?;
        batch.audit_entries += 1;
        batch.expects.push(self.desk.notice_stands());
        if let Some(once) = &self.desk.once {
            once.bind(&mut batch, &entry.about);
        }
        inner.store.commit(batch).await?;
        Ok(())
    }
}

/// A dealing moves the contact's last activity, and brings it back from the archive. One that is
/// still to come moves it to today: nobody makes windows longer by a date.
fn active(state: &mut ContactState, at: i64, today: Day) {
    state.last_activity = state.last_activity.max(Day::of_millis(at).min(today));
    state.flags.set(Flags::ARCHIVED, false);
}

/// The row of a contact that is there.
pub(crate) fn contact_row(
    id: Id,
    version: i64,
    created: i64,
    state: &ContactState,
    company: Option<Id>,
) -> ContactRow {
    let mut country = [0; 2];
    for (to, from) in country.iter_mut().zip(state.country.code().bytes()) {
        *to = from;
    }
    ContactRow {
        id,
        edition: BASE,
        version,
        created,
        country,
        company,
        erased: state.flags.any(Flags::ERASED),
        state: state.encode(),
    }
}
