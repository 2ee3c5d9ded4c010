//! What was collected for the session's purpose, from all contacts: read in batches, and changed in
//! batches.
//!
//! INVARIANT: of a [`RecordBatch`] nothing comes out that its permits do not cover: every field passes
//! [`Permit::covers`] when it is asked for.

use std::collections::BTreeMap;
use std::sync::Arc;

use gantry_notice::model::Category;
use gantry_notice::{CategoryId, DatedPolicy, Fields, Operation, Reason};
use gantry_store::{BASE, Batch, Expect, Id, RecordKey, RecordRow, Revision, Seen, Write};
use uuid::Uuid;

use crate::audit::About as Whom;
use crate::body;
use crate::cache::Known;
use crate::door::Permit;
use crate::draft::{RecordChange, Withheld};
use crate::error::{EngineError, FieldFault};
use crate::record::{OpenRecord, state_of};
use crate::session::cursor;
use crate::session::identified::Identified;
use crate::value;

/// Records of one batch, at most: a batch is read, decided and audited as one.
pub const MAX_BATCH: usize = 5_000;

/// Records that a session may see, opened.
pub struct RecordBatch {
    policy: Arc<DatedPolicy>,
    category: CategoryId,
    records: Vec<Opened>,
    /// Where the next batch begins; none after the last.
    pub next: Option<String>,
    /// What was left out, and why.
    pub withheld: Vec<Withheld>,
}

struct Opened {
    row: RecordRow,
    sealed: Option<gantry_vault::Opened>,
    permit: Permit,
}

/// A record of a batch.
#[derive(Clone, Copy)]
pub struct RecordRef<'b> {
    batch: &'b RecordBatch,
    record: &'b Opened,
}

impl RecordBatch {
    /// How many records there are.
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// The records, by contact and id.
    pub fn iter(&self) -> impl Iterator<Item = RecordRef<'_>> {
        self.records.iter().map(|record| RecordRef { batch: self, record })
    }
}

impl<'b> RecordRef<'b> {
    /// Whose it is.
    pub fn contact(&self) -> Uuid {
        Uuid::from_bytes(self.record.row.key.contact)
    }

    /// Its id.
    pub fn id(&self) -> Uuid {
        Uuid::from_bytes(self.record.row.key.id)
    }

    /// Its version.
    pub const fn version(&self) -> i64 {
        self.record.row.version
    }

    /// When it happened, in milliseconds since 1970 (UTC).
    pub const fn at(&self) -> i64 {
        self.record.row.at
    }

    /// From when on nobody sees it, in milliseconds since 1970; `i64::MAX` if open.
    pub const fn expires(&self) -> i64 {
        self.record.row.expires
    }

    /// Where it comes from.
    pub fn source(&self) -> &'b str {
        &self.record.row.source
    }

    /// Its fields that the session may see, as canonical texts.
    pub fn fields(&self) -> impl Iterator<Item = (&'b str, &'b str)> {
        let Opened { row, sealed, permit } = self.record;
        let (lexicon, category) = (self.batch.policy.policy().lexicon(), self.batch.category);
        let sealed = sealed.as_ref().map_or(&[][..], |sealed| sealed.as_slice());
        body::pairs(&row.open).chain(body::pairs(sealed)).filter(move |(name, _)| {
            lexicon.field(category, name).is_some_and(|place| permit.covers(place))
        })
    }

    /// One field, where there is one that the session may see.
    pub fn field(&self, name: &str) -> Option<&'b str> {
        self.fields().find(|(found, _)| *found == name).map(|(_, value)| value)
    }
}

/// Which records are changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// One: its contact and its id.
    Record(Uuid, Uuid),
    /// Those of a contact.
    Contact(Uuid),
    /// Those that were collected for a purpose, by its id; the session's own where it is missing.
    Collected(Option<String>),
}

impl Which {
    /// Whom it is about, as it is asked for.
    pub(crate) fn whom(&self) -> Whom {
        match self {
            Which::Record(contact, _) | Which::Contact(contact) => Whom::One(*contact.as_bytes()),
            Which::Collected(_) => Whom::Nobody,
        }
    }
}

/// What a change of many records came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changed {
    /// Records changed.
    pub changed: usize,
    /// Records that were the receiver's already.
    pub already: usize,
    /// Records left as they are, and why.
    pub withheld: Vec<Withheld>,
}

impl Changed {
    /// Adds what another batch came to.
    pub(crate) fn add(&mut self, other: Changed) {
        self.changed += other.changed;
        self.already += other.already;
        for one in other.withheld {
            match self.withheld.iter_mut().find(|old| old.reason == one.reason) {
                Some(old) => old.records += one.records,
                None => self.withheld.push(one),
            }
        }
    }
}

/// A change, checked: it is the same for every record.
struct Edit {
    category: CategoryId,
    /// Field, its place, and its new value, if it keeps one.
    fields: Vec<(String, usize, Option<String>)>,
    expires: Option<i64>,
    objected: Option<u16>,
}

impl Edit {
    /// The open fields of a record after it, in the order of the notice.
    fn apply(&self, declared: &Category, open: &[u8]) -> Vec<u8> {
        if self.fields.is_empty() {
            return open.to_vec();
        }
        let place = |name: &str| declared.fields.get_index_of(name).unwrap_or(usize::MAX);
        let edited = |name: &str| self.fields.iter().any(|(field, ..)| field == name);
        let mut pairs: Vec<(&str, &str)> =
            body::pairs(open).filter(|(name, _)| !edited(name)).collect();
        let given = self.fields.iter();
        pairs.extend(given.filter_map(|(name, _, value)| Some((name.as_str(), value.as_deref()?))));
        pairs.sort_by_key(|(name, _)| place(name));
        body::encode(pairs.into_iter())
    }
}

impl Identified {
    /// Records of a category that were collected for the session's purpose, whosever they are, at most
    /// [`MAX_BATCH`] at once. What the session may not see is counted as withheld.
    pub async fn collected(
        &self,
        category: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<RecordBatch, EngineError> {
        let category = self.category(category, Operation::Read, &Whom::Nobody)?;
        if let Err(reason) = self.desk.listed(category, Operation::Read) {
            return self.refuse(reason, Some(category), Operation::Read, Whom::Nobody);
        }
        let (inner, limit) = (&self.engine.inner, limit.clamp(1, MAX_BATCH));
        let list = format!("collected {}", category.0);
        let start = cursor::read(&inner.vault, &self.desk, &list, after)?;
        let start = start.as_deref().and_then(|position| key_of(category, position));
        let purpose = self.desk.purpose.0;
        let seen = inner.store.records_collected(purpose, category.0, start, limit).await?;
        let next = seen.value.last().filter(|_| seen.value.len() == limit).map(|row| row.key);
        let next = next.and_then(|key| {
            let position = [key.contact, key.id].concat();
            cursor::give(&inner.vault, &self.desk, &list, &position)
        });
        let mut batch = self.open_batch(category, seen).await?;
        batch.next = next;
        let people = contacts_of(batch.records.iter().map(|record| &record.row));
        let count = batch.len();
        self.note(Operation::Read, vec![category.0], Whom::Many(people), count)?;
        Ok(batch)
    }

    /// Decides on each record, and opens those that the session may see.
    async fn open_batch(
        &self,
        category: CategoryId,
        seen: Seen<Vec<RecordRow>>,
    ) -> Result<RecordBatch, EngineError> {
        let known = self.people_of(&seen).await?;
        let now = self.engine.inner.clock.now();
        let (mut records, mut left_out) = (Vec::with_capacity(seen.value.len()), BTreeMap::new());
        let mut whose: Option<(Id, &Arc<Known>)> = None;
        for row in seen.value {
            let id = row.key.contact;
            // Records of one contact come together.
            let person = match whose {
                Some((last, person)) if last == id => person,
                _ => match known.get(&id) {
                    Some(person) => whose.insert((id, person)).1,
                    None => continue,
                },
            };
            let state = state_of(&row, now);
            match self.desk.permit(category, Operation::Read, &person.state, &state) {
                Ok(permit) => match OpenRecord::of(&row, person.key.as_ref(), &permit) {
                    Ok(opened) => {
                        let sealed = opened.into_sealed();
                        records.push(Opened { row, sealed, permit });
                    }
                    Err(_) => match self.open_again(category, &row.key).await? {
                        Ok(opened) => records.extend(opened),
                        Err(reason) => *left_out.entry(reason).or_insert(0) += 1,
                    },
                },
                Err(reason) => *left_out.entry(reason).or_insert(0) += 1,
            }
        }
        let withheld = left_out.into_iter().map(|(r, n)| self.remark(category, r, n)).collect();
        let policy = Arc::clone(&self.desk.policy);
        Ok(RecordBatch { policy, category, records, next: None, withheld })
    }

    /// Reads and opens a record anew that was sealed with another key: its contact was erased between
    /// the reading of the two. Whose key was destroyed is erased, and is in nobody's way.
    async fn open_again(
        &self,
        category: CategoryId,
        key: &RecordKey,
    ) -> Result<Result<Option<Opened>, Reason>, EngineError> {
        self.read_anew(|| async {
            let inner = &self.engine.inner;
            let seen = inner.store.record(key).await?;
            let known = inner.known(key.contact, &seen.standing).await?;
            let Some((row, person)) = seen.value.zip(known) else { return Ok(Ok(None)) };
            let state = state_of(&row, inner.clock.now());
            let permit = match self.desk.permit(category, Operation::Read, &person.state, &state) {
                Ok(permit) => permit,
                Err(reason) => return Ok(Err(reason)),
            };
            if person.key.is_none() && !row.sealed.is_empty() {
                return Ok(Err(Reason::Erased));
            }
            let sealed = OpenRecord::of(&row, person.key.as_ref(), &permit)?.into_sealed();
            Ok(Ok(Some(Opened { row, sealed, permit })))
        })
        .await
    }

    /// The contacts of records, as they stood when those were read.
    pub(crate) async fn people_of(
        &self,
        seen: &Seen<Vec<RecordRow>>,
    ) -> Result<BTreeMap<Id, Arc<Known>>, EngineError> {
        let ids = contacts_of(seen.value.iter());
        let known = self.engine.inner.known_many(&ids, &seen.standing).await?;
        Ok(ids.into_iter().zip(known).filter_map(|(id, known)| Some((id, known?))).collect())
    }

    /// Makes the same change to many records: to fields that lie in the clear and that nobody searches
    /// by, to their end, or, under the purpose that answers requests, to the use that is objected to.
    /// Each record is decided on by itself. At most [`MAX_BATCH`] are changed together, or not at all;
    /// more come one batch after another.
    pub async fn change_where(
        &self,
        category: &str,
        which: &Which,
        change: &RecordChange,
    ) -> Result<Changed, EngineError> {
        let category = self.changeable(category, which)?;
        let edit = self.edit(category, change)?;
        let (mut done, mut after) = (Changed::default(), None);
        loop {
            let (slice, last) = self.retried(|| self.change_slice(&edit, which, after)).await?;
            done.add(slice);
            match last {
                Some(last) => after = Some(last),
                None => return Ok(done),
            }
        }
    }

    /// The category of that name, where the session may change records of it.
    pub(crate) fn changeable(&self, name: &str, which: &Which) -> Result<CategoryId, EngineError> {
        let whom = which.whom();
        let category = self.category(name, Operation::Change, &whom)?;
        match self.desk.listed(category, Operation::Change) {
            Ok(()) => Ok(category),
            Err(reason) => self.refuse(reason, Some(category), Operation::Change, whom),
        }
    }

    /// Checks a change, once for all records.
    fn edit(&self, category: CategoryId, change: &RecordChange) -> Result<Edit, EngineError> {
        let policy = self.desk.policy.policy();
        let declared =
            policy.category(category).ok_or(EngineError::Corrupt("an unknown category"))?;
        let lexicon = policy.lexicon();
        let named = lexicon.category_name(category);
        let listed = self.desk.listed_fields(category, Operation::Change).unwrap_or(Fields::NONE);
        let (mut fields, mut faults) = (Vec::new(), Vec::new());
        let mut fault = |name: &str, what: String| {
            faults.push(FieldFault::new(format!("{named}.{name}"), what));
        };
        if change.version.is_some() {
            fault("version", "belongs to one record".to_owned());
        }
        for (name, text) in &change.fields {
            let place = lexicon.field(category, name).filter(|place| listed.has(*place));
            let Some((field, place)) = declared.fields.get(name).zip(place) else {
                let (reason, nobody) = (Reason::NotInNotice, Whom::Nobody);
                return self.refuse(reason, Some(category), Operation::Change, nobody);
            };
            if field.sealed || field.search.is_some() {
                fault(name, "is sealed or searched by; hint: change record by record".to_owned());
            } else if !text.trim().is_empty() {
                match value::canonical(field, text) {
                    Ok(value) => fields.push((name.clone(), place, Some(value))),
                    Err(expected) => fault(name, format!("is not {expected}")),
                }
            } else if field.required {
                fault(name, "is missing, and a record must have it".to_owned());
            } else {
                fields.push((name.clone(), place, None));
            }
        }
        if !faults.is_empty() {
            return Err(EngineError::Invalid(faults));
        }
        let now = self.engine.inner.clock.now();
        let expires = self.end_of(category, change.expires.as_deref(), now)?;
        if expires.is_some() && !self.desk.is_all_of(category, listed) {
            let (reason, nobody) = (Reason::OperationNotAllowed, Whom::Nobody);
            return self.refuse(reason, Some(category), Operation::Change, nobody);
        }
        let objected = match &change.objects_to {
            None => None,
            Some(used) => {
                self.for_requests()?;
                Some(self.used(used)?.0)
            }
        };
        if fields.is_empty() && expires.is_none() && objected.is_none() {
            return Err(EngineError::invalid(named, "is to be changed in nothing"));
        }
        Ok(Edit { category, fields, expires, objected })
    }

    async fn change_slice(
        &self,
        edit: &Edit,
        which: &Which,
        after: Option<RecordKey>,
    ) -> Result<(Changed, Option<RecordKey>), EngineError> {
        let category = edit.category;
        let seen = self.which(category, which, after).await?;
        let last = seen.value.last().filter(|_| seen.value.len() == MAX_BATCH).map(|row| row.key);
        let known = self.people_of(&seen).await?;
        let policy = self.desk.policy.policy();
        let declared =
            policy.category(category).ok_or(EngineError::Corrupt("an unknown category"))?;
        let now = self.engine.inner.clock.now();
        let (mut batch, mut left_out) = (Batch::default(), BTreeMap::new());
        let (mut people, mut changed) = (Vec::new(), 0);
        for row in seen.value {
            let Some(person) = known.get(&row.key.contact) else { continue };
            let state = state_of(&row, now);
            let permit = self.desk.permit(category, Operation::Change, &person.state, &state);
            let covered = permit.and_then(|permit| {
                let of_fields = edit.fields.iter().all(|(_, place, _)| permit.covers(*place));
                // With its end comes the end of all of it.
                let of_end = edit.expires.is_none() || self.desk.covers_all(&permit);
                if !(of_fields && of_end) {
                    return Err(Reason::Restricted);
                }
                let earlier = edit.expires.is_some_and(|end| end < row.expires);
                if earlier && self.is_kept_by_another(&row, &person.state) {
                    return Err(Reason::OperationNotAllowed);
                }
                Ok(())
            });
            if let Err(reason) = covered {
                *left_out.entry(reason).or_insert(0) += 1;
                continue;
            }
            if people.last() != Some(&row.key.contact) {
                people.push(row.key.contact);
                batch.expects.push(Expect::Contact(row.key.contact, person.version));
            }
            changed += 1;
            edited(edit, declared, row, &mut batch);
        }
        let whom = if changed > 0 { Whom::Many(people) } else { which.whom() };
        let entry = self.desk.entry(now, Operation::Change, vec![category.0], whom, changed);
        if changed > 0 {
            self.commit_as(batch, entry).await?;
        } else {
            // What is withheld is an answer as well.
            self.engine.inner.trail.append(&entry)?;
        }
        let withheld = left_out.into_iter().map(|(r, n)| self.remark(category, r, n)).collect();
        Ok((Changed { changed, already: 0, withheld }, last))
    }

    /// Reads the records that are meant. Of a contact whom the session may not change anything of, it
    /// does not learn how many there are.
    pub(crate) async fn which(
        &self,
        category: CategoryId,
        which: &Which,
        after: Option<RecordKey>,
    ) -> Result<Seen<Vec<RecordRow>>, EngineError> {
        let store = &self.engine.inner.store;
        let (contact, seen) = match which {
            Which::Record(contact, id) => {
                let (contact, id) = (*contact.as_bytes(), *id.as_bytes());
                let seen = store.record(&RecordKey { contact, category: category.0, id }).await?;
                (contact, Seen { standing: seen.standing, value: seen.value.into_iter().collect() })
            }
            Which::Contact(contact) => {
                let contact = *contact.as_bytes();
                (contact, store.records(contact, Some(category.0), after, MAX_BATCH).await?)
            }
            Which::Collected(purpose) => {
                let purpose = self.purpose_named(purpose.as_deref())?;
                return Ok(store.records_collected(purpose, category.0, after, MAX_BATCH).await?);
            }
        };
        let known = self.known_since(contact, &seen.standing, Operation::Change).await?;
        match self.desk.permit_any(category, Operation::Change, &known.state) {
            Ok(_) => Ok(seen),
            Err(reason) => self.refuse(reason, Some(category), Operation::Change, which.whom()),
        }
    }

    /// The number of a purpose by its id; that of the session where none is named.
    fn purpose_named(&self, name: Option<&str>) -> Result<u8, EngineError> {
        let Some(name) = name else { return Ok(self.desk.purpose.0) };
        let found = self.desk.policy.policy().lexicon().purpose(name);
        let unknown = || EngineError::invalid("purpose", "is not a purpose of the notice");
        found.map(|purpose| purpose.0).ok_or_else(unknown)
    }
}

/// Adds what changes a record to a batch.
fn edited(edit: &Edit, declared: &Category, row: RecordRow, batch: &mut Batch) {
    let open = edit.apply(declared, &row.open);
    let expires = edit.expires.unwrap_or(row.expires);
    let objected = edit.objected.unwrap_or(row.objected);
    let (key, version) = (row.key, row.version + 1);
    batch.writes.push(if row.edition == BASE {
        Write::Revise(Revision { key, version, expires, objected, open })
    } else {
        batch.expects.push(Expect::Record(key, row.version));
        Write::Record(RecordRow { edition: BASE, version, expires, objected, open, ..row })
    });
}

/// Whose records they are, which come by contact.
fn contacts_of<'r>(rows: impl Iterator<Item = &'r RecordRow>) -> Vec<Id> {
    let mut ids: Vec<Id> = rows.map(|row| row.key.contact).collect();
    ids.dedup();
    ids
}

fn key_of(category: CategoryId, position: &[u8]) -> Option<RecordKey> {
    let (contact, id) = position.split_first_chunk::<16>()?;
    Some(RecordKey { contact: *contact, category: category.0, id: id.try_into().ok()? })
}
