//! Whom an object is about: the records of contacts that were made about it.
//!
//! The object is no person's; each record is decided on like any other, with the state of the contact
//! whose it is. Records of categories that the purpose does not read are never looked at, and those
//! that it may not see take no place in a page.

use std::collections::BTreeSet;

use gantry_notice::{CategoryId, Operation};
use gantry_store::{Id, RecordKey};
use uuid::Uuid;

use crate::audit::About as Whom;
use crate::draft::{Page, RecordView};
use crate::error::EngineError;
use crate::record::state_of;
use crate::session::cursor;
use crate::session::find::SCANNED;
use crate::session::identified::Identified;

/// A record about an object, and the contact whose it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// The contact.
    pub contact: Uuid,
    /// The record.
    pub record: RecordView,
}

/// What was found so far, and after which record to go on.
struct Found {
    parts: Vec<Part>,
    next: Option<RecordKey>,
}

impl Identified {
    /// Records about an object that the purpose may see, contact by contact. An object that the session
    /// is not shown is refused like [`Identified::object`].
    pub async fn parts(
        &self,
        kind: &str,
        id: Uuid,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Page<Part>, EngineError> {
        let kind_id = self.may(kind, Operation::Read)?;
        let row = self.object_there(kind, kind_id, id, Operation::Read).await?;
        self.may_see(&row, kind, Operation::Read).await?;
        let (vault, limit) = (&self.engine.inner.vault, cursor::page_size(limit));
        let list = format!("parts {kind} {id}");
        let after = cursor::read(vault, &self.desk, &list, after)?;
        let after = after.as_deref().and_then(key_of);
        let Found { parts, next } =
            self.read_anew(|| self.parts_after((kind_id.0, row.id), after, limit)).await?;
        let lexicon = self.desk.policy.policy().lexicon();
        let categories = parts.iter().filter_map(|part| lexicon.category(&part.record.category));
        let categories: BTreeSet<u8> = categories.map(|category| category.0).collect();
        let people: BTreeSet<Id> = parts.iter().map(|part| *part.contact.as_bytes()).collect();
        let whom = Whom::Many(people.into_iter().collect());
        self.note(Operation::Read, categories.into_iter().collect(), whom, parts.len())?;
        let next = next.and_then(|key| cursor::give(vault, &self.desk, &list, &position(&key)));
        Ok(Page { items: parts, next })
    }

    async fn parts_after(
        &self,
        (kind, id): (u8, Id),
        mut after: Option<RecordKey>,
        limit: usize,
    ) -> Result<Found, EngineError> {
        let inner = &self.engine.inner;
        let (mut parts, mut scanned) = (Vec::new(), 0);
        loop {
            let seen = inner.store.records_about(kind, id, after, limit).await?;
            let mut ids: Vec<Id> = seen.value.iter().map(|row| row.key.contact).collect();
            ids.dedup();
            let known = inner.known_many(&ids, &seen.standing).await?;
            let now = inner.clock.now();
            for row in &seen.value {
                after = Some(row.key);
                let at = ids.iter().position(|id| *id == row.key.contact);
                let Some(Some(known)) = at.and_then(|at| known.get(at)) else { continue };
                let category = CategoryId(row.key.category);
                let (desk, state) = (&self.desk, state_of(row, now));
                if self.desk.listed(category, Operation::Read).is_err() {
                    continue;
                }
                let permit = desk.permit(category, Operation::Read, &known.state, &state);
                let Ok(permit) = permit else { continue };
                let contact = Uuid::from_bytes(row.key.contact);
                parts.push(Part { contact, record: self.record_view(row, known, &permit)? });
                if parts.len() == limit {
                    return Ok(Found { parts, next: after });
                }
            }
            scanned += seen.value.len();
            if seen.value.len() < limit {
                return Ok(Found { parts, next: None });
            }
            if scanned >= SCANNED {
                return Ok(Found { parts, next: after });
            }
        }
    }
}

fn position(key: &RecordKey) -> Vec<u8> {
    [&key.contact[..], &[key.category], &key.id].concat()
}

fn key_of(position: &[u8]) -> Option<RecordKey> {
    let (contact, rest) = position.split_first_chunk()?;
    let (category, id) = rest.split_first()?;
    Some(RecordKey { contact: *contact, category: *category, id: id.try_into().ok()? })
}
