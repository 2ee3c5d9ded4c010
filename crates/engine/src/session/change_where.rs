//! Changing many records at once: all of a contact, or all that were collected for a purpose.

use std::collections::BTreeMap;

use gantry_notice::model::Category;
use gantry_notice::{CategoryId, Fields, Operation, Reason};
use gantry_store::{BASE, Batch, Expect, RecordKey, RecordRow, Revision, Seen, Write};
use uuid::Uuid;

use crate::audit::About as Whom;
use crate::body;
use crate::draft::{RecordChange, Withheld};
use crate::error::{EngineError, FieldFault};
use crate::record::state_of;
use crate::session::collected::MAX_BATCH;
use crate::session::identified::Identified;
use crate::value;

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
        let edited = |name: &str| self.fields.iter().any(|(field, ..)| field == name);
        let kept = body::pairs(open).filter(|(name, _)| !edited(name));
        let given = self.fields.iter();
        let given = given.filter_map(|(name, _, value)| Some((name.as_str(), value.as_deref()?)));
        let mut pairs: Vec<(&str, &str)> = kept.chain(given).collect();
        let place = |(name, _): &(&str, &str)| declared.fields.get_index_of(*name);
        pairs.sort_by_cached_key(|pair| place(pair).unwrap_or(usize::MAX));
        body::encode(pairs.into_iter())
    }
}

impl Identified {
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
                self.for_requests(Operation::Change)?;
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
