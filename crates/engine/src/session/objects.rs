//! Business objects: not personal, but purposes see only their own kinds. People appear in them
//! only through records. A sole trader's company is that person, and seen only by who may see it; see
//! [`sole_trader`](super::sole_trader).

use std::collections::{BTreeMap, BTreeSet};

use gantry_notice::model::ObjectKind;
use gantry_notice::{CategoryId, Day, KindId, Operation, Reason};
use gantry_store::{Id, ObjectRow};
use uuid::Uuid;

use crate::audit::About as Whom;
use crate::body;
use crate::draft::{About, ObjectView};
use crate::error::EngineError;
use crate::session::identified::{Identified, time_text};
use crate::session::sole_trader::Trader;
use crate::value;

/// The kind that is the customer itself.
pub(crate) const COMPANY: &str = "company";
/// What is said of a company that is not there.
pub(crate) const NO_COMPANY: &str = "is not the id of a company";

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

    /// What the session is shown, as it sees it, and noted in the trail.
    pub(super) fn told(&self, shown: Vec<Shown>) -> Result<Vec<ObjectView>, EngineError> {
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
        row.ok_or_else(|| EngineError::invalid("company", NO_COMPANY))
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
    pub(super) async fn sees(&self, row: &ObjectRow) -> Result<Result<(), Reason>, EngineError> {
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

    /// Adds the rows that the session is shown, until there are enough; says whether there are. What
    /// it is not shown takes no place in a page: a short page with more behind it would tell of it.
    pub(super) async fn show(
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

/// An object that a session is shown: whose it is, and whether it may read the fields.
pub(crate) struct Shown {
    pub(crate) row: ObjectRow,
    trader: Option<Trader>,
    pub(super) read: Result<(), Reason>,
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
