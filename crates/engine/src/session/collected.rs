//! What was collected for the session's purpose, from all contacts: read in batches.
//!
//! INVARIANT: of a [`RecordBatch`] nothing comes out that its permits do not cover: every field passes
//! [`Permit::covers`] when it is asked for.

use std::collections::BTreeMap;
use std::sync::Arc;

use gantry_notice::{CategoryId, DatedPolicy, Operation, Reason};
use gantry_store::{Id, RecordKey, RecordRow, Seen};
use gantry_vault::{ContactKey, ReadyKey};
use uuid::Uuid;

use crate::audit::About as Whom;
use crate::body;
use crate::cache::Known;
use crate::door::Permit;
use crate::draft::Withheld;
use crate::error::EngineError;
use crate::record::{OpenRecord, state_of};
use crate::session::cursor;
use crate::session::identified::Identified;

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

/// Whose the records are that are looked at, and that one's key, set up.
struct Whose<'k> {
    id: Id,
    person: &'k Known,
    key: Option<ReadyKey>,
}

impl Whose<'_> {
    fn new(id: Id, person: &Known) -> Whose<'_> {
        Whose { id, person, key: person.key.as_ref().map(ContactKey::ready) }
    }
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
        let mut next = 0;
        body::pairs(&row.open).chain(body::pairs(sealed)).filter(move |(name, _)| {
            let place = lexicon.field_from(category, name, next);
            next = place.map_or(next, |place| place + 1);
            place.is_some_and(|place| permit.covers(place))
        })
    }

    /// One field, where there is one that the session may see.
    pub fn field(&self, name: &str) -> Option<&'b str> {
        self.fields().find(|(found, _)| *found == name).map(|(_, value)| value)
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
        let mut whose: Option<Whose<'_>> = None;
        for row in seen.value {
            let id = row.key.contact;
            // Records of one contact come together.
            let whose = match &mut whose {
                Some(last) if last.id == id => last,
                last => match known.get(&id) {
                    Some(person) => last.insert(Whose::new(id, person)),
                    None => continue,
                },
            };
            let state = state_of(&row, now);
            match self.desk.permit(category, Operation::Read, &whose.person.state, &state) {
                Ok(permit) => match OpenRecord::of_many(&row, whose.key.as_ref(), &permit) {
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
