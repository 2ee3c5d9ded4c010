//! A session that sees no identity: stable aliases of that purpose, coarse dates, and the fields
//! that identify nobody. It can be asked for rows, never for a person.

use std::collections::BTreeMap;
use std::sync::Arc;

use gantry_notice::model::{Field, FieldKind, ObjectKind};
use gantry_notice::{CategoryId, Day, KindId, Operation, PurposeId, Reason};
use gantry_store::{Id, ObjectFilter, ObjectRow, RecordKey, RecordRow};
use serde_json::Value as Json;
use uuid::Uuid;

use crate::audit::About as Whom;
use crate::body;
use crate::cache::Known;
use crate::door::{Denial, Desk};
use crate::draft::{About, ObjectView, Page, RecordView};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::record::{OpenRecord, state_of};
use crate::session::cursor;
use crate::session::identified::time_text;
use crate::session::objects::COMPANY;
use crate::value;

/// A session of a purpose that works under pseudonyms.
pub struct Pseudonymous {
    pub(crate) engine: Engine,
    pub(crate) desk: Desk,
}

/// Rows are shuffled in blocks of so many. The order of ids is the order of time, and a page of one
/// row would tell whom an alias stands for.
const BLOCK: usize = 5_000;

/// A block of rows, given out in the order of their aliases.
struct Block {
    /// Where it begins: the position of the last row of the block before.
    start: Option<Vec<u8>>,
    /// The position of its last row, where there may be a block after it.
    last: Option<Vec<u8>>,
}

impl Block {
    /// Where a cursor's block begins, and the alias that was given out last.
    fn read(
        engine: &Engine,
        desk: &Desk,
        list: &str,
        after: Option<&str>,
    ) -> Result<(Option<Vec<u8>>, String), EngineError> {
        let bytes = cursor::read(&engine.inner.vault, desk, list, after)?;
        let Some(bytes) = bytes else { return Ok((None, String::new())) };
        let read: Result<(Option<Vec<u8>>, String), _> = postcard::from_bytes(&bytes);
        read.map_err(|_| EngineError::invalid("cursor", "is not a cursor of this list"))
    }

    /// A page of its rows, by alias, and the position of the next one.
    fn page<'r, R>(
        self,
        rows: impl Iterator<Item = (String, &'r R)>,
        past: &str,
        limit: usize,
    ) -> (Vec<&'r R>, Option<Vec<u8>>) {
        let mut rows: Vec<(String, &R)> = rows.filter(|(alias, _)| alias.as_str() > past).collect();
        rows.sort_by(|a, b| a.0.cmp(&b.0));
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = match rows.last() {
            Some((alias, _)) if more => Some((self.start, alias.clone())),
            _ => self.last.map(|last| (Some(last), String::new())),
        };
        let next = next.and_then(|next| postcard::to_allocvec(&next).ok());
        (rows.into_iter().map(|(_, row)| row).collect(), next)
    }
}

/// A record of somebody under an alias.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct AliasedRecord {
    /// The contact's alias for this purpose.
    pub contact: String,
    /// The record; its id and what it is about are aliases, too, and its time is a month.
    #[serde(flatten)]
    pub record: RecordView,
}

impl Pseudonymous {
    pub(crate) fn new(engine: Engine, desk: Desk) -> Pseudonymous {
        Pseudonymous { engine, desk }
    }

    /// Records of a category, of everybody whom the purpose may use, in an order that tells nothing.
    pub async fn records(
        &self,
        category: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Page<AliasedRecord>, EngineError> {
        let limit = cursor::page_size(limit);
        let Some(category) = self.desk.policy.policy().lexicon().category(category) else {
            return self.refuse(Reason::Unknown, None);
        };
        let inner = &self.engine.inner;
        if let Err(reason) = self.desk.listed(category, Operation::Read) {
            return self.refuse(reason, Some(category));
        }
        let list = format!("aliases {category:?}");
        let (start, past) = Block::read(&self.engine, &self.desk, &list, after)?;
        let from = start.as_deref().and_then(|bytes| position(category, bytes));
        let seen = inner.store.record_scan(category.0, from, BLOCK).await?;
        let mut ids: Vec<Id> = seen.value.iter().map(|row| row.key.contact).collect();
        ids.dedup();
        let known = inner.known_many(&ids, &seen.standing).await?;
        let known: BTreeMap<Id, Arc<Known>> =
            ids.into_iter().zip(known).filter_map(|(id, known)| Some((id, known?))).collect();
        let purpose = self.desk.purpose.0;
        let alias = |row: &RecordRow| inner.vault.contact_alias(purpose, &row.key.contact);
        let place = |row: &RecordRow| {
            format!("{} {}", alias(row), inner.vault.object_alias(purpose, u8::MAX, &row.key.id))
        };
        let rows = seen.value.iter().filter(|row| {
            let known = known.get(&row.key.contact);
            known.is_some_and(|known| {
                let read = Operation::Read;
                self.desk
                    .permit(category, read, &known.state, &state_of(row, inner.clock.now()))
                    .is_ok()
            })
        });
        let last = seen.value.last().filter(|_| seen.value.len() == BLOCK);
        let last = last.map(|row| [row.key.contact, row.key.id].concat());
        let block = Block { start, last };
        let (page, next) = block.page(rows.map(|row| (place(row), row)), &past, limit);
        let (mut items, mut ids) = (Vec::new(), Vec::new());
        for row in page {
            let Some(known) = known.get(&row.key.contact) else { continue };
            items.extend(self.aliased(category, row, known)?);
            ids.push(row.key.contact);
        }
        self.note(vec![category.0], Whom::Many(ids), items.len())?;
        let next = next.and_then(|at| cursor::give(&inner.vault, &self.desk, &list, &at));
        Ok(Page { items, next })
    }

    /// Objects of a kind under aliases: no references, no names of things that could be looked up
    /// elsewhere, and months instead of days.
    pub async fn objects(
        &self,
        kind: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Page<ObjectView>, EngineError> {
        let limit = cursor::page_size(limit);
        let (policy, inner) = (self.desk.policy.policy(), &self.engine.inner);
        let (Some(kind_id), Some(declared)) =
            (policy.lexicon().kind(kind), policy.notice().objects.get(kind))
        else {
            return self.refuse(Reason::Unknown, None);
        };
        if !declared.read.iter().any(|name| name == self.desk.purpose_name()) {
            return self.refuse(Reason::NotInNotice, None);
        }
        let list = format!("aliased {kind}");
        let (start, past) = Block::read(&self.engine, &self.desk, &list, after)?;
        let from = start.as_deref().and_then(|bytes| bytes.try_into().ok());
        let filter = ObjectFilter { kind: kind_id.0, ..ObjectFilter::default() };
        let rows = inner.store.object_page(&filter, from, BLOCK).await?.value;
        let purpose = self.desk.purpose.0;
        let place = |row: &ObjectRow| inner.vault.object_alias(purpose, row.kind, &row.id);
        // What is a sole trader's is about a person.
        let traders = inner.traders(policy, &rows).await?;
        let things = rows.iter().zip(traders).filter(|(_, trader)| trader.is_none());
        let last = rows.last().filter(|_| rows.len() == BLOCK).map(|row| row.id.to_vec());
        let block = Block { start, last };
        let things = things.map(|(row, _)| (place(row).to_string(), row));
        let (page, next) = block.page(things, &past, limit);
        let items: Result<Vec<ObjectView>, EngineError> =
            page.into_iter().map(|row| self.aliased_object(kind, declared, row)).collect();
        let items = items?;
        self.note(Vec::new(), Whom::Nobody, items.len())?;
        let next = next.and_then(|at| cursor::give(&inner.vault, &self.desk, &list, &at));
        Ok(Page { items, next })
    }

    fn aliased_object(
        &self,
        kind: &str,
        declared: &ObjectKind,
        row: &ObjectRow,
    ) -> Result<ObjectView, EngineError> {
        let (purpose, vault) = (self.desk.purpose.0, &self.engine.inner.vault);
        let fields =
            body::decode(&row.body).ok_or(EngineError::Corrupt("the body of an object"))?;
        let fields = fields.into_iter().filter_map(|(name, text)| {
            let field = declared.fields.get(name)?;
            let telling = matches!(field.kind, FieldKind::Reference | FieldKind::Label);
            let mut value = value::json(&field.kind, text);
            coarsen(Some(field), &mut value);
            (!telling).then(|| (name.to_owned(), value))
        });
        let whole = declared.part_of.as_deref();
        let lexicon = self.desk.policy.policy().lexicon();
        let (whole, companies) = (whole.and_then(|kind| lexicon.kind(kind)), lexicon.kind(COMPANY));
        Ok(ObjectView {
            kind: kind.to_owned(),
            id: vault.object_alias(purpose, row.kind, &row.id).to_string(),
            version: 0,
            at: month(&time_text(row.at)),
            company: row
                .company
                .zip(companies)
                .map(|(id, kind)| vault.object_alias(purpose, kind.0, &id).to_string()),
            part_of: row
                .part_of
                .zip(whole)
                .map(|(id, whole)| vault.object_alias(purpose, whole.0, &id).to_string()),
            state: row.state.clone(),
            closed: Day(row.closed).date().map(|date| month(&date.to_string())),
            fields: fields.collect(),
            withheld: None,
        })
    }

    fn aliased(
        &self,
        category: CategoryId,
        row: &RecordRow,
        known: &Known,
    ) -> Result<Option<AliasedRecord>, EngineError> {
        let permit = self.desk.permit(
            category,
            Operation::Read,
            &known.state,
            &state_of(row, self.engine.inner.clock.now()),
        );
        let Ok(permit) = permit else { return Ok(None) };
        let (policy, vault) = (self.desk.policy.policy(), &self.engine.inner.vault);
        let lexicon = policy.lexicon();
        let opened = OpenRecord::of(row, known.key.as_ref(), &permit)?;
        let mut fields = permit.release(&self.desk.policy, opened.fields()?)?;
        for (name, value) in &mut fields {
            coarsen(policy.category(category).and_then(|c| c.fields.get(name)), value);
        }
        let purpose = self.desk.purpose.0;
        let about = row.about.filter(|(kind, _)| self.desk.sees_kind(KindId(*kind)));
        let about = about.map(|(kind, id)| About {
            kind: lexicon.kind_name(KindId(kind)).to_owned(),
            id: vault.object_alias(purpose, kind, &id).to_string(),
        });
        // An id is a time and a place in the store: it gets an alias like an object of its own.
        let record = RecordView {
            id: vault.object_alias(purpose, u8::MAX, &row.key.id).to_string(),
            category: lexicon.category_name(category).to_owned(),
            version: 0,
            at: month(&time_text(row.at)),
            collected_for: lexicon.purpose_name(PurposeId(row.collected_for)).to_owned(),
            source: String::new(),
            about,
            expires: None,
            fields,
        };
        let contact = vault.contact_alias(purpose, &row.key.contact).to_string();
        Ok(Some(AliasedRecord { contact, record }))
    }

    fn note(&self, categories: Vec<u8>, about: Whom, count: usize) -> Result<(), EngineError> {
        let inner = &self.engine.inner;
        let now = inner.clock.now();
        let entry = self.desk.entry(now, Operation::Read, categories, about, count);
        inner.trail.append(&entry)
    }

    fn refuse<T>(&self, reason: Reason, category: Option<CategoryId>) -> Result<T, EngineError> {
        let (operation, about) = (Operation::Read, Whom::Nobody);
        let denial = Denial { reason, operation, about, category, field: None };
        Err(self.desk.deny(&self.engine.inner, denial))
    }
}

/// A day or an instant becomes its month; of an amount or a number one digit is left: an exact one is
/// most often one order's alone, and would tell whoever sees orders elsewhere whom an alias stands for.
fn coarsen(field: Option<&Field>, value: &mut Json) {
    let coarse = match (field.map(|field| &field.kind), &*value) {
        (Some(FieldKind::Date | FieldKind::Time), Json::String(text)) => month(text).into(),
        (Some(FieldKind::Money), Json::String(text)) => {
            let (currency, amount) = text.split_once(' ').unwrap_or(("", text));
            let whole = amount.split('.').next().and_then(|whole| whole.parse().ok()).unwrap_or(0);
            format!("{currency} {}.00", one_digit(whole)).into()
        }
        (Some(FieldKind::Integer), Json::Number(number)) => {
            one_digit(number.as_i64().unwrap_or(0)).into()
        }
        (Some(FieldKind::Integer), Json::String(text)) => {
            one_digit(text.parse().unwrap_or(0)).to_string().into()
        }
        _ => return,
    };
    *value = coarse;
}

/// The number with its first digit alone: 954,321 is 900,000.
fn one_digit(number: i64) -> i64 {
    let digits = number.checked_abs().and_then(i64::checked_ilog10).unwrap_or(0);
    let unit = 10_i64.checked_pow(digits).unwrap_or(1);
    number / unit * unit
}

fn month(text: &str) -> String {
    text.chars().take(7).collect()
}

fn position(category: CategoryId, bytes: &[u8]) -> Option<RecordKey> {
    let (contact, id) = bytes.split_first_chunk::<16>()?;
    Some(RecordKey {
        contact: *contact,
        category: category.0,
        id: Uuid::from_slice(id).ok()?.into_bytes(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_number_its_first_digit_is_left() {
        for (exact, coarse) in [(954_321, 900_000), (10, 10), (9, 9), (0, 0), (-1_250, -1_000)] {
            assert_eq!(one_digit(exact), coarse);
        }
    }
}
