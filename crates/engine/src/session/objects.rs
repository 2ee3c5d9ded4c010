//! Business objects: not personal, but purposes see only their own kinds. People appear in them
//! only through records. A sole trader's company is that person, and seen only by who may see it; see
//! [`sole_trader`](super::sole_trader).

use std::collections::{BTreeMap, BTreeSet};

use gantry_notice::model::ObjectKind;
use gantry_notice::{CategoryId, Day, KindId, Operation, Reason};
use gantry_store::{Id, ObjectFilter, ObjectRow, Target};
use uuid::Uuid;

use crate::audit::About as Whom;
use crate::body;
use crate::draft::{About, ObjectView, Page};
use crate::error::EngineError;
use crate::session::cursor;
use crate::session::find::{CANDIDATES, LONGEST_TEXT, SCANNED};
use crate::session::identified::{Identified, time_text};
use crate::session::lookup::{Wanted, look};
use crate::session::sole_trader::Trader;
use crate::value;

/// The kind that is the customer itself.
pub(crate) const COMPANY: &str = "company";

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
    /// One object.
    pub async fn object(&self, kind: &str, id: Uuid) -> Result<ObjectView, EngineError> {
        let kind_id = self.may(kind, Operation::Read)?;
        let row = self.object_there(kind, kind_id, id, Operation::Read).await?;
        self.may_see(&row, kind, Operation::Read).await?;
        let trader = self.trader_of(&row).await?;
        let read = self.may_read_of(&row, trader).await?;
        let shown = Shown { row, trader, read };
        // What a sole trader's object tells, it tells of that person.
        if let Some(person) = shown.whose() {
            self.note(Operation::Read, Vec::new(), Whom::One(person), 1)?;
        }
        self.note(Operation::Read, Vec::new(), Whom::Object(kind_id.0, shown.row.id), 1)?;
        self.object_view(&shown.row, shown.read)
    }

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
        let after = cursor::read_id(&inner.vault, &self.desk, &list, after)?;
        // Nothing is found by what the purpose may not see of it.
        let found_by_data = query.search.is_some() || query.company.is_some();
        let (shown, next) = if let Some((field, text)) = &query.search {
            let wanted = self.wanted(kind, field, text)?;
            self.searched(kind_id, &wanted, after, limit).await?
        } else {
            let filter = ObjectFilter {
                kind: kind_id.0,
                company: query.company.map(Uuid::into_bytes),
                part_of: query.part_of.map(Uuid::into_bytes),
                state: query.state.clone(),
            };
            self.listed(&filter, found_by_data, after, limit).await?
        };
        let items = self.told(shown)?;
        let next = next.and_then(|id| cursor::give(&inner.vault, &self.desk, &list, &id));
        Ok(Page { items, next })
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

    /// What the session is shown, as it sees it, and noted in the trail.
    fn told(&self, shown: Vec<Shown>) -> Result<Vec<ObjectView>, EngineError> {
        let people = shown.iter().filter_map(Shown::whose).collect::<BTreeSet<Id>>();
        let items = shown.into_iter().map(|one| self.object_view(&one.row, one.read));
        let items = items.collect::<Result<Vec<ObjectView>, EngineError>>()?;
        if !people.is_empty() {
            let people = Whom::Many(people.into_iter().collect());
            self.note(Operation::Read, Vec::new(), people, items.len())?;
        }
        self.note(Operation::Read, Vec::new(), Whom::Nobody, items.len())?;
        Ok(items)
    }

    /// Checks that a company is there, for a purpose that works with companies.
    pub(crate) async fn company(&self, id: Uuid) -> Result<ObjectRow, EngineError> {
        let kind = self.may(COMPANY, Operation::Read)?;
        let row = self.object_row(kind, *id.as_bytes()).await?;
        row.ok_or_else(|| EngineError::invalid("company", "is not the id of a company"))
    }

    /// Kind, id and day of closing of the object that a record of a category is to be about.
    pub(crate) async fn about(
        &self,
        category: CategoryId,
        about: &About,
    ) -> Result<(u8, Id, Day), EngineError> {
        let policy = self.desk.policy.policy();
        let fits = policy.category(category).is_some_and(|c| c.about.contains(&about.kind));
        let kind = policy.lexicon().kind(&about.kind).filter(|_| fits);
        let kind = kind.ok_or_else(|| {
            EngineError::invalid("about.kind", "is not a kind that this category can be about")
        })?;
        // Whether there is one of a kind that the purpose does not work with is not told.
        if !self.desk.sees_kind(kind) {
            return self.refuse(Reason::NotInNotice, Some(category), Operation::Read, Whom::Nobody);
        }
        let id: Uuid =
            about.id.parse().map_err(|_| EngineError::invalid("about.id", "is not a UUID"))?;
        let row = self.object_there(&about.kind, kind, id, Operation::Read).await?;
        Ok((kind.0, row.id, Day(row.closed)))
    }

    /// An object that somebody names, for an operation; that it is not there is an attempt, too.
    pub(super) async fn object_there(
        &self,
        kind: &str,
        kind_id: KindId,
        id: Uuid,
        operation: Operation,
    ) -> Result<ObjectRow, EngineError> {
        let (inner, id) = (&self.engine.inner, *id.as_bytes());
        let row = self.object_row(kind_id, id).await?;
        let whom = Whom::Object(kind_id.0, id);
        row.ok_or_else(|| self.desk.missing(inner, kind, operation, whom))
    }

    pub(super) async fn object_row(
        &self,
        kind: KindId,
        id: Id,
    ) -> Result<Option<ObjectRow>, EngineError> {
        let seen = self.engine.inner.store.objects(kind.0, &[id]).await?;
        Ok(seen.value.into_iter().next().flatten())
    }

    pub(super) fn declared(&self, kind: &str) -> Result<&ObjectKind, EngineError> {
        let notice = self.desk.policy.policy().notice();
        notice.objects.get(kind).ok_or_else(|| EngineError::not_found(kind))
    }

    /// Leave to read or write a kind of object.
    pub(crate) fn may(&self, kind: &str, operation: Operation) -> Result<KindId, EngineError> {
        let whom = Whom::Nobody;
        self.within_level(operation, Whom::Nobody)?;
        let id = self.desk.policy.policy().lexicon().kind(kind);
        let declared = self.desk.policy.policy().notice().objects.get(kind);
        let (Some(id), Some(declared)) = (id, declared) else {
            return self.refuse(Reason::Unknown, None, operation, whom);
        };
        let purpose = self.desk.purpose_name();
        let listed = |list: &[String]| list.iter().any(|name| name == purpose);
        let allowed = match operation {
            Operation::Read => listed(&declared.read) || listed(&declared.write),
            _ => listed(&declared.write),
        };
        if allowed {
            return Ok(id);
        }
        let reason =
            if listed(&declared.read) { Reason::OperationNotAllowed } else { Reason::NotInNotice };
        self.refuse(reason, None, operation, whom)
    }

    /// Whether a session may see what is about a person: where it may see the person.
    async fn sees(&self, row: &ObjectRow) -> Result<Result<(), Reason>, EngineError> {
        let Some(person) = row.person else { return Ok(Ok(())) };
        let inner = &self.engine.inner;
        let known = inner.known_now(person).await?;
        Ok(known.map_or(Err(Reason::Erased), |known| self.desk.visible(&known.state)))
    }

    /// Whether the session may read the fields of an object: of a sole trader's, where it may read
    /// that of the person.
    pub(super) async fn may_read(
        &self,
        row: &ObjectRow,
    ) -> Result<Result<(), Reason>, EngineError> {
        let trader = self.trader_of(row).await?;
        self.may_read_of(row, trader).await
    }

    /// The sole trader whose an object is, if it is one's.
    async fn trader_of(&self, row: &ObjectRow) -> Result<Option<Trader>, EngineError> {
        let policy = self.desk.policy.policy();
        let traders = self.engine.inner.traders(policy, std::slice::from_ref(row)).await?;
        Ok(traders.into_iter().next().flatten())
    }

    /// Those of some objects that the session may not read, by id.
    pub(crate) async fn unreadable(
        &self,
        rows: &[ObjectRow],
    ) -> Result<BTreeMap<Id, Reason>, EngineError> {
        let traders = self.engine.inner.traders(self.desk.policy.policy(), rows).await?;
        let mut refused = BTreeMap::new();
        for (row, trader) in rows.iter().zip(traders) {
            if let Err(reason) = self.sees(row).await? {
                refused.insert(row.id, reason);
            } else if let Err(reason) = self.may_read_of(row, trader).await? {
                refused.insert(row.id, reason);
            }
        }
        Ok(refused)
    }

    async fn may_read_of(
        &self,
        row: &ObjectRow,
        trader: Option<Trader>,
    ) -> Result<Result<(), Reason>, EngineError> {
        match trader {
            None => Ok(Ok(())),
            Some(trader) => {
                self.desk.reads_trader(&self.engine.inner, KindId(row.kind), trader).await
            }
        }
    }

    /// Refuses what the session may not see.
    pub(super) async fn may_see(
        &self,
        row: &ObjectRow,
        kind: &str,
        operation: Operation,
    ) -> Result<(), EngineError> {
        let whom = Whom::Object(row.kind, row.id);
        match self.sees(row).await? {
            Ok(()) => Ok(()),
            Err(Reason::Erased) => {
                Err(self.desk.missing(&self.engine.inner, kind, operation, whom))
            }
            Err(reason) => self.refuse(reason, None, operation, row.person.map_or(whom, Whom::One)),
        }
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

    /// Adds the rows that the session is shown, until there are enough; says whether there are. What
    /// it is not shown takes no place in a page: a short page with more behind it would tell of it.
    async fn show(
        &self,
        rows: Vec<ObjectRow>,
        found_by_data: bool,
        limit: usize,
        shown: &mut Vec<Shown>,
    ) -> Result<bool, EngineError> {
        let traders = self.engine.inner.traders(self.desk.policy.policy(), &rows).await?;
        for (row, trader) in rows.into_iter().zip(traders) {
            if self.sees(&row).await?.is_err() {
                continue;
            }
            let read = self.may_read_of(&row, trader).await?;
            if read.is_ok() || !found_by_data {
                shown.push(Shown { row, trader, read });
            }
            if shown.len() == limit {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The object as the session sees it; `read` is whether it may read fields and company.
    pub(super) fn object_view(
        &self,
        row: &ObjectRow,
        read: Result<(), Reason>,
    ) -> Result<ObjectView, EngineError> {
        let lexicon = self.desk.policy.policy().lexicon();
        let kind = lexicon.kind_name(KindId(row.kind));
        let declared = self.declared(kind)?;
        let fields =
            body::decode(&row.body).ok_or(EngineError::Corrupt("the body of an object"))?;
        let fields = fields.into_iter().filter(|_| read.is_ok()).filter_map(|(name, text)| {
            let field = declared.fields.get(name)?;
            Some((name.to_owned(), value::json(&field.kind, text)))
        });
        Ok(ObjectView {
            kind: kind.to_owned(),
            id: Uuid::from_bytes(row.id).to_string(),
            version: row.version,
            at: time_text(row.at),
            company: row
                .company
                .filter(|_| read.is_ok())
                .map(|id| Uuid::from_bytes(id).to_string()),
            part_of: row.part_of.map(|id| Uuid::from_bytes(id).to_string()),
            state: row.state.clone(),
            closed: Day(row.closed).date().map(|date| date.to_string()),
            fields: fields.collect(),
            withheld: read.err().map(Reason::id),
        })
    }
}

/// Instant and id, as a cursor of the latest objects has them.
fn moment_of(position: &[u8]) -> Option<(i64, Id)> {
    let (at, id) = position.split_at_checked(8)?;
    Some((i64::from_be_bytes(at.try_into().ok()?), id.try_into().ok()?))
}

/// An object that a session is shown: whose it is, and whether it may read the fields.
pub(crate) struct Shown {
    pub(crate) row: ObjectRow,
    trader: Option<Trader>,
    read: Result<(), Reason>,
}

impl Shown {
    /// The person of whom it tells.
    fn whose(&self) -> Option<Id> {
        match self.trader {
            Some(Trader::Known(person)) if self.read.is_ok() => Some(person),
            _ => None,
        }
    }
}
