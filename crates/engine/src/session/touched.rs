//! Whom a new version of the notice touches: contacts of whom there is something of a category.

use std::collections::BTreeSet;

use gantry_notice::diff::Tell;
use gantry_notice::{CategoryId, Operation, Reason};
use gantry_store::{ContactFilter, Id, RecordKey};
use uuid::Uuid;

use crate::audit::About as Whom;
use crate::draft::Page;
use crate::error::EngineError;
use crate::session::cursor;
use crate::session::find::SCANNED;
use crate::session::identified::Identified;

/// Records looked at to count contacts, at most; more contacts than are found in so many are told of as
/// "at least".
const LOOKED_AT: usize = 200_000;
/// Records read at once.
const BATCH: usize = 2_000;

/// How many contacts are touched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Touched {
    /// So many.
    pub contacts: u64,
    /// Whether there may be more: not all records were looked at.
    pub at_least: bool,
}

impl Identified {
    /// How many contacts must be told of a version, as its difference says. Only the purpose that answers
    /// contacts' requests asks this.
    pub async fn count_to_tell(&self, tell: &Tell) -> Result<Touched, EngineError> {
        self.may_tell()?;
        let store = &self.engine.inner.store;
        if tell.everybody {
            let contacts = store.contact_count(ContactFilter::default()).await?.value;
            self.note(Operation::Read, Vec::new(), Whom::Nobody, 0)?;
            return Ok(Touched { contacts, at_least: false });
        }
        let (mut contacts, mut looked, mut at_least) = (BTreeSet::new(), 0, false);
        for category in self.told_categories(tell) {
            let mut after: Option<RecordKey> = None;
            loop {
                let rows = store.record_scan(category.0, after, BATCH).await?.value;
                contacts.extend(rows.iter().map(|row| row.key.contact));
                looked += rows.len();
                after = rows.last().map(|row| row.key);
                if rows.len() < BATCH {
                    break;
                }
                if looked >= LOOKED_AT {
                    at_least = true;
                    break;
                }
            }
        }
        self.note(Operation::Read, Vec::new(), Whom::Nobody, 0)?;
        Ok(Touched { contacts: contacts.len() as u64, at_least })
    }

    /// The contacts that must be told, by id, a page at a time.
    pub async fn contacts_to_tell(
        &self,
        tell: &Tell,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Page<Uuid>, EngineError> {
        self.may_tell()?;
        let (vault, limit) = (&self.engine.inner.vault, cursor::page_size(limit));
        let list = format!("tell {} {:?}", tell.everybody, tell.categories);
        let mut after = cursor::read_id(vault, &self.desk, &list, after)?;
        let categories: Vec<CategoryId> = self.told_categories(tell).collect();
        let store = &self.engine.inner.store;
        let (mut items, mut looked) = (Vec::new(), 0);
        loop {
            let rows = store.contact_page(ContactFilter::default(), after, limit).await?.value;
            for row in &rows {
                after = Some(row.id);
                looked += 1;
                if tell.everybody || self.has_any(row.id, &categories).await? {
                    items.push(Uuid::from_bytes(row.id));
                }
                if items.len() == limit {
                    break;
                }
            }
            let last = rows.len() < limit;
            if last && items.len() < limit {
                after = None;
            }
            if last || items.len() == limit || looked >= SCANNED {
                break;
            }
        }
        let about = items.iter().map(|id| *id.as_bytes()).collect();
        self.note(Operation::Read, Vec::new(), Whom::Many(about), items.len())?;
        let next = after.and_then(|id| cursor::give(vault, &self.desk, &list, &id));
        Ok(Page { items, next })
    }

    async fn has_any(&self, contact: Id, categories: &[CategoryId]) -> Result<bool, EngineError> {
        for category in categories {
            let store = &self.engine.inner.store;
            if !store.records(contact, Some(category.0), None, 1).await?.value.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn told_categories(&self, tell: &Tell) -> impl Iterator<Item = CategoryId> {
        let lexicon = self.desk.policy.policy().lexicon();
        tell.categories.iter().filter_map(|name| lexicon.category(name))
    }

    fn may_tell(&self) -> Result<(), EngineError> {
        if self.answers_requests() {
            return Ok(());
        }
        self.refuse(Reason::OperationNotAllowed, None, Operation::Read, Whom::Nobody)
    }
}
