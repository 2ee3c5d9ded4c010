//! Lists of objects: narrowed down, found by a field, the latest first, in order, counted.

use std::collections::BTreeMap;

use gantry_notice::{KindId, Operation};
use gantry_store::{Id, ObjectFilter, Target};
use uuid::Uuid;

use crate::audit::About as Whom;
use crate::draft::{ObjectView, Page};
use crate::error::EngineError;
use crate::session::cursor;
use crate::session::find::{CANDIDATES, LONGEST_TEXT, SCANNED};
use crate::session::identified::Identified;
use crate::session::lookup::{Wanted, look};
use crate::session::objects::{COMPANY, Shown};
use crate::session::order::{self, Column, Key, Keyed, Place, Sort};

/// Which objects of a kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ObjectQuery {
    /// Those of a company.
    pub company: Option<Uuid>,
    /// Those in a state.
    pub state: Option<String>,
    /// Those that are part of an object.
    pub part_of: Option<Uuid>,
    /// Those with this value in a field that can be searched, as `field` and text.
    pub search: Option<(String, String)>,
    /// In this order, else in that of their ids.
    pub sort: Option<Sort>,
}

/// Things of a kind that are in a state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    /// The state.
    pub state: String,
    /// How many were counted.
    pub count: usize,
    /// Whether there may be more.
    pub more: bool,
}

impl Identified {
    /// Objects of a kind.
    pub async fn objects(
        &self,
        kind: &str,
        query: &ObjectQuery,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Page<ObjectView>, EngineError> {
        let kind_id = self.may(kind, Operation::Read)?;
        let limit = cursor::page_size(limit);
        let list = format!("{kind} {query:?}");
        let inner = &self.engine.inner;
        if let Some(sort) = &query.sort {
            let _turn = inner.turn().await;
            let after = order::read_place(&inner.vault, &self.desk, &list, after)?;
            let (shown, more) =
                self.objects_found(kind_id, kind, query, None, order::MOST_SORTED + 1).await?;
            if shown.len() > order::MOST_SORTED || more.is_some() {
                return Err(Sort::too_long());
            }
            let keyed = self.objects_keyed(sort, kind, shown).await?;
            let (keyed, next) = sort.page(keyed, after.as_ref(), limit);
            let items = self.told(keyed.into_iter().map(|one| one.item).collect())?;
            return Ok(order::page_of(&inner.vault, &self.desk, &list, items, next));
        }
        let after = cursor::read_id(&inner.vault, &self.desk, &list, after)?;
        let (shown, next) = self.objects_found(kind_id, kind, query, after, limit).await?;
        let items = self.told(shown)?;
        let next = next.and_then(|id| cursor::give(&inner.vault, &self.desk, &list, &id));
        Ok(Page { items, next })
    }

    async fn objects_found(
        &self,
        kind_id: KindId,
        kind: &str,
        query: &ObjectQuery,
        after: Option<Id>,
        limit: usize,
    ) -> Result<(Vec<Shown>, Option<Id>), EngineError> {
        if let Some((field, text)) = &query.search {
            let wanted = self.wanted(kind, field, text)?;
            return self.searched(kind_id, &wanted, after, limit).await;
        }
        let filter = ObjectFilter {
            kind: kind_id.0,
            company: query.company.map(Uuid::into_bytes),
            part_of: query.part_of.map(Uuid::into_bytes),
            state: query.state.clone(),
        };
        // Nothing is found by what the purpose may not see of it.
        self.listed(&filter, query.company.is_some(), after, limit).await
    }

    /// Objects with their places in an order.
    async fn objects_keyed(
        &self,
        sort: &Sort,
        kind: &str,
        shown: Vec<Shown>,
    ) -> Result<Vec<Keyed<Shown>>, EngineError> {
        let declared = self.declared(kind)?;
        let companies = match &sort.by {
            Column::Company => {
                let seen = shown.iter().filter(|one| one.read.is_ok());
                self.company_names(seen.filter_map(|one| one.row.company).collect()).await?
            }
            Column::Country => return Err(Sort::unknown()),
            Column::Field(field) if !declared.fields.contains_key(field) => {
                return Err(Sort::unknown());
            }
            _ => BTreeMap::new(),
        };
        let keyed = shown.into_iter().map(|item| {
            let key = match &sort.by {
                Column::At => Key::Number(item.row.at),
                Column::State => declared
                    .states
                    .iter()
                    .position(|state| *state == item.row.state)
                    .and_then(|place| i64::try_from(place).ok())
                    .map_or(Key::Nothing, Key::Number),
                Column::Company => {
                    let company = item.row.company.filter(|_| item.read.is_ok());
                    let name = company.and_then(|company| companies.get(&company));
                    name.map_or(Key::Nothing, |name| Key::of_text(name))
                }
                Column::Field(field) => {
                    let view = self.object_view(&item.row, item.read)?;
                    Key::of_json(view.fields.get(field))
                }
                Column::Name | Column::Country => {
                    let view = self.object_view(&item.row, item.read)?;
                    view.name(declared).map_or(Key::Nothing, |(name, _)| Key::of_text(name))
                }
            };
            Ok(Keyed { place: Place { key, id: item.row.id }, item })
        });
        keyed.collect()
    }

    /// What companies are called, as far as the session may see them. Whoever calls releases none of
    /// it but the order that it makes.
    pub(crate) async fn company_names(
        &self,
        mut ids: Vec<Id>,
    ) -> Result<BTreeMap<Id, String>, EngineError> {
        let kind = self.may(COMPANY, Operation::Read)?;
        let declared = self.declared(COMPANY)?;
        ids.sort_unstable();
        ids.dedup();
        let (mut shown, mut names) = (Vec::new(), BTreeMap::new());
        for some in ids.chunks(cursor::MAX_PAGE) {
            let rows = self.engine.inner.store.objects(kind.0, some).await?.value;
            self.show(rows.into_iter().flatten().collect(), true, usize::MAX, &mut shown).await?;
        }
        for one in shown {
            let view = self.object_view(&one.row, one.read)?;
            if let Some((name, _)) = view.name(declared) {
                names.insert(one.row.id, name.to_owned());
            }
        }
        Ok(names)
    }

    /// Objects of a kind, the latest first by when they happened.
    pub async fn objects_latest(
        &self,
        kind: &str,
        before: Option<&str>,
        limit: usize,
    ) -> Result<Page<ObjectView>, EngineError> {
        let kind_id = self.may(kind, Operation::Read)?;
        let (inner, limit) = (&self.engine.inner, cursor::page_size(limit));
        let list = format!("{kind} latest");
        let before = cursor::read(&inner.vault, &self.desk, &list, before)?;
        let mut before = before.as_deref().and_then(moment_of);
        let (mut shown, mut scanned, mut more) = (Vec::new(), 0, false);
        while !more {
            let rows = inner.store.object_latest(kind_id.0, before, limit).await?.value;
            let count = rows.len();
            before = rows.last().map(|row| (row.at, row.id)).or(before);
            more = self.show(rows, false, limit, &mut shown).await?;
            scanned += count;
            if count < limit {
                break;
            }
            more |= scanned >= SCANNED;
        }
        let last = shown.last().map(|one| (one.row.at, one.row.id));
        let next = if shown.len() == limit { last } else { before };
        let next = next.filter(|_| more).map(|(at, id)| [&at.to_be_bytes()[..], &id].concat());
        let items = self.told(shown)?;
        let next = next.and_then(|next| cursor::give(&inner.vault, &self.desk, &list, &next));
        Ok(Page { items, next })
    }

    /// Objects of a kind by their ids, at most [`MAX_PAGE`](crate::session::MAX_PAGE) of them: those
    /// that the session is shown, which tells nothing of why others are missing.
    pub async fn objects_at(
        &self,
        kind: &str,
        ids: &[Uuid],
    ) -> Result<Vec<ObjectView>, EngineError> {
        let kind_id = self.may(kind, Operation::Read)?;
        let ids: Vec<Id> = ids.iter().take(cursor::MAX_PAGE).map(|id| *id.as_bytes()).collect();
        let rows = self.engine.inner.store.objects(kind_id.0, &ids).await?.value;
        let mut shown = Vec::new();
        self.show(rows.into_iter().flatten().collect(), false, usize::MAX, &mut shown).await?;
        self.told(shown)
    }

    /// How many things of a kind there are in each state that does not close it, where there are any.
    /// They are counted as far as `most` in each state, and none of them is opened.
    pub async fn objects_open(&self, kind: &str, most: usize) -> Result<Vec<Open>, EngineError> {
        let kind_id = self.may(kind, Operation::Read)?;
        let (declared, most) = (self.declared(kind)?, cursor::page_size(most));
        let mut open = Vec::new();
        for state in declared.states.iter().filter(|state| !declared.closed.contains(state)) {
            let state = Some(state.clone());
            let filter = ObjectFilter { kind: kind_id.0, company: None, part_of: None, state };
            let (shown, next) = self.listed(&filter, false, None, most).await?;
            if !shown.is_empty() {
                let state = filter.state.unwrap_or_default();
                open.push(Open { state, count: shown.len(), more: next.is_some() });
            }
        }
        self.note(Operation::Read, Vec::new(), Whom::Nobody, 0)?;
        Ok(open)
    }

    /// What to look for in a field, as the notice lets it be searched.
    pub(crate) fn wanted<'w>(
        &self,
        kind: &str,
        field: &'w str,
        text: &'w str,
    ) -> Result<Wanted<'w>, EngineError> {
        let declared = self.declared(kind)?.fields.get(field);
        let searched = declared.and_then(|declared| look(kind, field, declared));
        let (form, label) = searched.ok_or_else(|| {
            EngineError::invalid(field, "is not a field of this kind that can be searched")
        })?;
        if text.chars().count() > LONGEST_TEXT {
            return Err(EngineError::invalid("search", "is longer than 200 characters"));
        }
        Ok(Wanted { field, text, form, label })
    }

    /// Objects that have what is looked for, and after which to go on where there may be more.
    pub(crate) async fn searched(
        &self,
        kind: KindId,
        wanted: &Wanted<'_>,
        after: Option<Id>,
        limit: usize,
    ) -> Result<(Vec<Shown>, Option<Id>), EngineError> {
        let inner = &self.engine.inner;
        let hashes = inner.vault.lookup().asked(wanted.form, &wanted.label, wanted.text);
        let (mut shown, mut after) = (Vec::new(), after.map(|id| Target::Object(kind.0, id)));
        for _ in 0..SCANNED / CANDIDATES {
            let (targets, more) = self.candidates(&hashes, after).await?;
            let ids: Vec<Id> = targets.into_iter().map(Target::id).collect();
            let found = inner.store.objects(kind.0, &ids).await?.value.into_iter().flatten();
            let found = found.filter(|row| wanted.is_in(row)).collect();
            if self.show(found, true, limit, &mut shown).await? {
                let next = shown.last().map(|one| one.row.id);
                return Ok((shown, next));
            }
            after = more;
            if after.is_none() {
                break;
            }
        }
        Ok((shown, after.map(Target::id)))
    }

    /// Objects that a filter lets through, and after which to go on where there may be more.
    async fn listed(
        &self,
        filter: &ObjectFilter,
        found_by_data: bool,
        mut after: Option<Id>,
        limit: usize,
    ) -> Result<(Vec<Shown>, Option<Id>), EngineError> {
        let (mut shown, mut scanned) = (Vec::new(), 0);
        loop {
            let rows = self.engine.inner.store.object_page(filter, after, limit).await?.value;
            let count = rows.len();
            after = rows.last().map(|row| row.id);
            if self.show(rows, found_by_data, limit, &mut shown).await? {
                let next = shown.last().map(|one| one.row.id);
                return Ok((shown, next));
            }
            scanned += count;
            if count < limit || scanned >= SCANNED {
                return Ok((shown, after.filter(|_| count == limit)));
            }
        }
    }
}

/// Instant and id, as a cursor of the latest objects has them.
fn moment_of(position: &[u8]) -> Option<(i64, Id)> {
    let (at, id) = position.split_at_checked(8)?;
    Some((i64::from_be_bytes(at.try_into().ok()?), id.try_into().ok()?))
}
