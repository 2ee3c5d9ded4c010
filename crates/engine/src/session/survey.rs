//! Contacts read many at a time, for what is worked out of them and kept in memory: what the use that
//! derives sees, and whether other uses may reach each of them. And whether a use may ask by what was
//! worked out.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use gantry_notice::{
    Ask, CategoryId, Channel, ContactState, Decision, Operation, Reason, Roles, UseId,
};
use gantry_store::{ContactFilter, Id, RecordKey, RecordRow, Touched};
use uuid::Uuid;

use crate::actor::Actor;
use crate::audit::{About as Whom, Cause};
use crate::cache::Known;
use crate::door::{Denial, Desk};
use crate::draft::{ContactView, RecordView};
use crate::engine::{Engine, Work};
use crate::error::EngineError;
use crate::session::cursor::MAX_PAGE;
use crate::session::identified::Identified;
use crate::session::objects::COMPANY;
use crate::session::{Pseudonymous, Session};

/// A contact as the use that derives sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct Surveyed {
    /// Its profile.
    pub view: ContactView,
    /// Its records of the categories asked for.
    pub records: Vec<RecordView>,
    /// For each use asked for: why it may not reach the contact, if so.
    pub reach: Vec<Option<Reason>>,
}

/// Contacts of a stretch of the feed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stretch {
    /// The number of the last change in it.
    pub until: i64,
    /// Who was touched: itself, its records, or its company.
    pub contacts: Vec<Uuid>,
    /// Whether so much was touched that everybody is to be read anew.
    pub all: bool,
}

/// Changes looked at in one go.
const CHANGES: usize = 1_000;
/// Contacts of a company that are told one by one.
const OF_COMPANY: usize = 1_000;
/// Records of one contact and category that are read.
const RECORDS: usize = 50_000;

impl Engine {
    /// A session of the use that works out interests and segments, for an actor without an account;
    /// none where the notice has no such use.
    pub async fn deriving(
        &self,
        actor: &str,
        cause: Cause,
    ) -> Result<Option<Identified>, EngineError> {
        let policy = self.policy();
        let notice = policy.policy().notice();
        let Some(profiling) = &notice.profiling else { return Ok(None) };
        let derives = |derived: &Vec<String>| derived.contains(&profiling.segments);
        let found = notice.purposes.iter().find(|(_, purpose)| derives(&purpose.derives));
        let Some((purpose, declared)) = found else { return Ok(None) };
        let Some((used, _)) = declared.uses.iter().find(|(_, used)| used.segments) else {
            return Ok(None);
        };
        let actor = Actor {
            name: actor.to_owned(),
            roles: declared.roles.clone(),
            purposes: Some(vec![purpose.clone()]),
        };
        let work = Work::on(purpose, cause).used_for(Some(used));
        Ok(Some(self.session(&actor, &work).await?.into_identified()?))
    }

    /// The number of the last change in the feed.
    pub async fn head(&self) -> Result<i64, EngineError> {
        Ok(self.inner.store.head().await?)
    }

    /// Waits until something changed after a number, at most for a time.
    pub async fn beyond(&self, after: i64, patience: Duration) -> Result<i64, EngineError> {
        Ok(self.inner.store.beyond(after, patience).await?)
    }

    /// Who was touched after a number, in a stretch of the feed. Names ids alone.
    pub async fn touched(&self, after: i64) -> Result<Stretch, EngineError> {
        let store = &self.inner.store;
        let changes = store.changes(after, CHANGES).await?;
        let policy = self.policy();
        let company = policy.policy().lexicon().kind(COMPANY);
        let mut stretch = Stretch { until: after, ..Stretch::default() };
        for change in changes {
            stretch.until = change.number;
            match change.what {
                Touched::Contact(id) | Touched::Records(id) => {
                    stretch.contacts.push(Uuid::from_bytes(id));
                }
                Touched::Object(kind, id) if company.is_some_and(|company| company.0 == kind) => {
                    let filter = ContactFilter { company: Some(id), ..ContactFilter::default() };
                    let page = store.contact_page(filter, None, OF_COMPANY).await?.value;
                    stretch.all |= page.len() == OF_COMPANY;
                    stretch.contacts.extend(page.iter().map(|row| Uuid::from_bytes(row.id)));
                }
                Touched::Object(..) => {}
                Touched::Many => stretch.all = true,
            }
        }
        stretch.contacts.sort_unstable();
        stretch.contacts.dedup();
        Ok(stretch)
    }
}

impl Identified {
    /// Contacts in the order of their ids, those behind `after`, with all their records of some
    /// categories; and the id to go on from. Only for the use that derives. `uses` are other uses of
    /// which is told whom they may reach, by their purposes and names; of one that is not in the notice
    /// nobody is.
    pub async fn survey(
        &self,
        after: Option<Uuid>,
        categories: &[String],
        uses: &[(String, String)],
    ) -> Result<(Vec<(Uuid, Option<Surveyed>)>, Option<Uuid>), EngineError> {
        self.derives()?;
        let store = &self.engine.inner.store;
        let after = after.map(Uuid::into_bytes);
        let page = store.contact_page(ContactFilter::default(), after, MAX_PAGE).await?.value;
        let ids: Vec<Id> = page.iter().map(|row| row.id).collect();
        let next = ids.last().filter(|_| ids.len() == MAX_PAGE).copied().map(Uuid::from_bytes);
        Ok((self.surveyed(&ids, true, categories, uses).await?, next))
    }

    /// The same of some contacts. Of whom the use sees nothing there is none.
    pub async fn survey_of(
        &self,
        ids: &[Uuid],
        categories: &[String],
        uses: &[(String, String)],
    ) -> Result<Vec<(Uuid, Option<Surveyed>)>, EngineError> {
        self.derives()?;
        let ids: Vec<Id> = ids.iter().take(MAX_PAGE).map(|id| *id.as_bytes()).collect();
        self.surveyed(&ids, false, categories, uses).await
    }

    fn derives(&self) -> Result<(), EngineError> {
        let lexicon = self.desk.policy.policy().lexicon();
        let profiling = self.desk.policy.policy().notice().profiling.as_ref();
        let segments = profiling.and_then(|profiling| lexicon.category(&profiling.segments));
        let listed = segments.map_or(Err(Reason::NotInNotice), |segments| {
            self.desk.listed(segments, Operation::Derive)
        });
        match listed {
            Ok(()) => Ok(()),
            Err(reason) => self.refuse(reason, segments, Operation::Derive, Whom::Nobody),
        }
    }

    async fn surveyed(
        &self,
        ids: &[Id],
        in_a_row: bool,
        categories: &[String],
        uses: &[(String, String)],
    ) -> Result<Vec<(Uuid, Option<Surveyed>)>, EngineError> {
        let mut wanted = Vec::with_capacity(categories.len());
        for name in categories {
            let category = self.category(name, Operation::Read, &Whom::Nobody)?;
            if let Err(reason) = self.desk.listed(category, Operation::Read) {
                return self.refuse(reason, Some(category), Operation::Read, Whom::Nobody);
            }
            wanted.push(category);
        }
        let uses = self.uses_named(uses);
        let found = self.read_anew(|| self.survey_once(ids, in_a_row, &wanted, &uses)).await?;
        let seen = wanted.iter().map(|category| category.0).collect();
        let whom = found.iter().filter(|(_, seen)| seen.is_some());
        let whom = Whom::Many(whom.map(|(id, _)| id.into_bytes()).collect());
        self.note(Operation::Read, seen, whom, found.len())?;
        Ok(found)
    }

    async fn survey_once(
        &self,
        ids: &[Id],
        in_a_row: bool,
        categories: &[CategoryId],
        uses: &[Option<UseId>],
    ) -> Result<Vec<(Uuid, Option<Surveyed>)>, EngineError> {
        let inner = &self.engine.inner;
        let standing = inner.store.standing(ids).await?;
        let known = inner.known_many(ids, &standing).await?;
        let views = self.views(ids.iter().copied().zip(known)).await?;
        let mut views: BTreeMap<Uuid, ContactView> =
            views.into_iter().map(|view| (view.id, view)).collect();
        let mut records: BTreeMap<Id, Vec<RecordView>> = BTreeMap::new();
        for category in categories {
            let rows = if in_a_row {
                self.rows_in_a_row(ids, *category).await?
            } else {
                self.rows_of(ids, *category).await?
            };
            // What was said between the reading and here counts: states no older than the rows.
            let standing = inner.store.standing(ids).await?;
            let known = inner.known_many(ids, &standing).await?;
            let known: BTreeMap<Id, Arc<Known>> =
                ids.iter().zip(known).filter_map(|(id, known)| Some((*id, known?))).collect();
            for (id, rows) in rows {
                if let Some(known) = known.get(&id) {
                    records.entry(id).or_default().extend(self.open_rows(&rows, known)?.0);
                }
            }
        }
        let standing = inner.store.standing(ids).await?;
        let known = inner.known_many(ids, &standing).await?;
        let all = ids.iter().zip(known).map(|(id, known)| {
            let uuid = Uuid::from_bytes(*id);
            let view = views.remove(&uuid).zip(known);
            let view = view.filter(|(_, known)| self.desk.visible(&known.state).is_ok());
            let surveyed = view.map(|(view, known)| Surveyed {
                view,
                records: records.remove(id).unwrap_or_default(),
                reach: uses.iter().map(|used| self.kept_from(*used, &known.state)).collect(),
            });
            (uuid, surveyed)
        });
        Ok(all.collect())
    }

    /// Records of a category of contacts whose ids follow each other, by contact.
    async fn rows_in_a_row(
        &self,
        ids: &[Id],
        category: CategoryId,
    ) -> Result<BTreeMap<Id, Vec<RecordRow>>, EngineError> {
        let (Some(first), Some(last)) = (ids.first(), ids.last()) else {
            return Ok(BTreeMap::new());
        };
        let store = &self.engine.inner.store;
        let mut rows: BTreeMap<Id, Vec<RecordRow>> = BTreeMap::new();
        let mut after = RecordKey { contact: *first, category: category.0, id: [0; 16] };
        loop {
            let page = store.record_scan(category.0, Some(after), MAX_PAGE * 4).await?.value;
            let full = page.len() == MAX_PAGE * 4;
            for row in page {
                if row.key.contact > *last {
                    return Ok(rows);
                }
                after = row.key;
                rows.entry(row.key.contact).or_default().push(row);
            }
            if !full {
                return Ok(rows);
            }
        }
    }

    async fn rows_of(
        &self,
        ids: &[Id],
        category: CategoryId,
    ) -> Result<BTreeMap<Id, Vec<RecordRow>>, EngineError> {
        let store = &self.engine.inner.store;
        let mut rows = BTreeMap::new();
        for id in ids {
            let own = store.records(*id, Some(category.0), None, RECORDS).await?.value;
            rows.insert(*id, own);
        }
        Ok(rows)
    }

    fn uses_named(&self, uses: &[(String, String)]) -> Vec<Option<UseId>> {
        let lexicon = self.desk.policy.policy().lexicon();
        let of = |(purpose, name): &(String, String)| {
            lexicon.purpose(purpose).and_then(|purpose| lexicon.use_of(purpose, name))
        };
        uses.iter().map(of).collect()
    }

    /// Why a use may not reach a contact by e-mail, if so. One that is direct marketing may where the
    /// channel is open; each needs to see how the contact is reached, at least.
    fn kept_from(&self, used: Option<UseId>, state: &ContactState) -> Option<Reason> {
        let Some(use_id) = used else { return Some(Reason::NotInNotice) };
        let policy = &self.desk.policy;
        let categories = policy.policy().lexicon().categories();
        let reached_by = categories
            .filter(|id| {
                let declared = policy.policy().category(*id);
                declared.is_some_and(|one| one.fields.values().any(|field| field.channel.is_some()))
            })
            .map(|category| {
                let (roles, operation) = (Roles(u64::MAX), Operation::Read);
                let channel = Some(Channel::Email);
                policy.decide_any(&Ask { use_id, roles, category, operation, channel }, state)
            });
        let mut first = Some(Reason::NotInNotice);
        for decision in reached_by {
            match decision {
                Decision::Allow { .. } => return None,
                Decision::Deny(Reason::NotInNotice) => {}
                Decision::Deny(reason) => first = Some(reason),
            }
        }
        first
    }
}

/// What a question about many looks at: fields of categories, as `CATEGORY.FIELD`; kinds of objects as
/// `KIND.FIELD`; and whole categories.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Question {
    /// Fields of profiles, and of kinds of objects.
    pub fields: Vec<String>,
    /// Categories of what was worked out.
    pub categories: Vec<String>,
}

impl Session {
    /// That this session may ask a question about all contacts, answered by how many fit or who they are.
    /// It is noted, with the answer's count, before the answer leaves.
    pub fn asks(&self, question: &Question) -> Result<(), EngineError> {
        let (engine, desk) = match self {
            Session::Identified(Identified { engine, desk }) => (engine, desk),
            Session::Pseudonymous(Pseudonymous { engine, desk }) => (engine, desk),
            Session::Aggregate(session) => (&session.engine, &session.desk),
        };
        may_ask(engine, desk, question)
    }
}

impl Identified {
    /// The purpose and the use that it works for.
    pub fn works_for(&self) -> (String, String) {
        let name = self.desk.policy.policy().lexicon().use_name(self.desk.use_id).1;
        (self.desk.purpose_name().to_owned(), name.to_owned())
    }

    /// The same as [`Session::asks`].
    pub fn asks(&self, question: &Question) -> Result<(), EngineError> {
        may_ask(&self.engine, &self.desk, question)
    }
}

fn may_ask(engine: &Engine, desk: &Desk, question: &Question) -> Result<(), EngineError> {
    let lexicon = desk.policy.policy().lexicon();
    let inner = &engine.inner;
    let refuse = |reason, category, field| -> EngineError {
        let (operation, about) = (Operation::Read, Whom::Nobody);
        desk.deny(inner, Denial { reason, operation, about, category, field })
    };
    let mut seen = Vec::new();
    for path in &question.fields {
        let (owner, field) = path.split_once('.').unwrap_or((path, ""));
        if let Some(kind) = lexicon.kind(owner).filter(|_| lexicon.category(owner).is_none()) {
            if !desk.sees_kind(kind) {
                return Err(refuse(Reason::NotInNotice, None, None));
            }
            continue;
        }
        let Some(category) = lexicon.category(owner) else {
            return Err(refuse(Reason::Unknown, None, None));
        };
        let listed = desk.listed_fields(category, Operation::Read);
        let fields = listed.map_err(|reason| refuse(reason, Some(category), Some(field)))?;
        if !lexicon.field(category, field).is_some_and(|place| fields.has(place)) {
            return Err(refuse(Reason::NotInNotice, Some(category), Some(field)));
        }
        seen.push(category.0);
    }
    for name in &question.categories {
        let Some(category) = lexicon.category(name) else {
            return Err(refuse(Reason::Unknown, None, None));
        };
        let listed = desk.listed(category, Operation::Read);
        listed.map_err(|reason| refuse(reason, Some(category), None))?;
        seen.push(category.0);
    }
    seen.sort_unstable();
    seen.dedup();
    let entry = desk.entry(inner.clock.now(), Operation::Read, seen, Whom::Nobody, 0);
    inner.trail.append(&entry.called("audience".to_owned()))
}
