//! A session that works with people as they are: reading what is known by its id.

use std::collections::BTreeSet;
use std::sync::Arc;

use gantry_notice::{CategoryId, Decision, KindId, Operation, Reason};
use gantry_store::{Id, RecordKey, RecordRow, Standing};
use gantry_vault::Form;
use indexmap::IndexMap;
use serde_json::Value as Json;
use uuid::Uuid;

use crate::actor::Level;
use crate::audit::About as Whom;
use crate::cache::Known;
use crate::door::{Denial, Desk, Permit};
use crate::draft::{About, ContactView, Page, RecordView, Withheld};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::record::{OpenRecord, state_of};
use crate::session::cursor;
use crate::session::find::SCANNED;

/// A session of a purpose that works with people as they are.
pub struct Identified {
    pub(crate) engine: Engine,
    pub(crate) desk: Desk,
}

/// A page of records, and the contact as it was when they were read.
struct Gathered {
    items: Vec<RecordView>,
    known: Arc<Known>,
    next: Option<RecordKey>,
    withheld: Vec<Withheld>,
}

impl Gathered {
    fn remark(&mut self, new: Withheld) {
        let same = |old: &&mut Withheld| old.category == new.category && old.reason == new.reason;
        match self.withheld.iter_mut().find(same) {
            Some(old) => old.records += new.records,
            None => self.withheld.push(new),
        }
    }
}

impl Identified {
    pub(crate) fn new(engine: Engine, desk: Desk) -> Identified {
        Identified { engine, desk }
    }

    /// Up to which level the account works under the purpose.
    pub fn level(&self) -> Level {
        self.desk.level
    }

    /// The contact as the purpose sees it: its profile, and remarks of what was left out.
    pub async fn contact(&self, id: Uuid) -> Result<ContactView, EngineError> {
        let known = self.known(*id.as_bytes(), Operation::Read).await?;
        if let Err(reason) = self.desk.visible(&known.state) {
            return self.refuse(reason, None, Operation::Read, Whom::One(*id.as_bytes()));
        }
        let view = self.view(*id.as_bytes(), &known).await?;
        self.note(Operation::Read, categories_of(&self.desk, &view), Whom::One(view_id(&view)), 1)?;
        Ok(view)
    }

    /// Contacts by their ids, at most [`MAX_PAGE`](crate::session::MAX_PAGE) of them: those that the
    /// purpose may see, which tells nothing of why others are missing.
    pub async fn contacts_at(&self, ids: &[Uuid]) -> Result<Vec<ContactView>, EngineError> {
        let inner = &self.engine.inner;
        let ids: Vec<Id> = ids.iter().take(cursor::MAX_PAGE).map(|id| *id.as_bytes()).collect();
        let standing = inner.store.standing(&ids).await?;
        let known = inner.known_many(&ids, &standing).await?;
        let views = self.views(ids.into_iter().zip(known)).await?;
        let seen: BTreeSet<u8> =
            views.iter().flat_map(|view| categories_of(&self.desk, view)).collect();
        let whom = Whom::Many(views.iter().map(view_id).collect());
        self.note(Operation::Read, seen.into_iter().collect(), whom, views.len())?;
        Ok(views)
    }

    /// One record.
    pub async fn record(
        &self,
        contact: Uuid,
        category: &str,
        id: Uuid,
    ) -> Result<RecordView, EngineError> {
        let whom = Whom::One(*contact.as_bytes());
        let category = self.category(category, Operation::Read, &whom)?;
        if let Err(reason) = self.desk.listed(category, Operation::Read) {
            return self.refuse(reason, Some(category), Operation::Read, whom);
        }
        let key =
            RecordKey { contact: *contact.as_bytes(), category: category.0, id: *id.as_bytes() };
        let view = self.read_anew(|| self.one(category, &key)).await?;
        self.note(Operation::Read, vec![category.0], whom, 1)?;
        Ok(view)
    }

    async fn one(&self, category: CategoryId, key: &RecordKey) -> Result<RecordView, EngineError> {
        let (inner, whom) = (&self.engine.inner, Whom::One(key.contact));
        let seen = inner.store.record(key).await?;
        let row = seen.value;
        let Some(known) = inner.known(key.contact, &seen.standing).await? else {
            return Err(self.desk.missing(inner, "contact", Operation::Read, whom));
        };
        let permit = match &row {
            Some(row) => self.desk.permit(
                category,
                Operation::Read,
                &known.state,
                &state_of(row, inner.clock.now()),
            ),
            None => self.desk.permit_any(category, Operation::Read, &known.state),
        };
        let permit = match permit {
            Ok(permit) => permit,
            Err(reason) => return self.refuse(reason, Some(category), Operation::Read, whom),
        };
        let Some(row) = row else {
            return Err(self.desk.missing(inner, "record", Operation::Read, whom));
        };
        self.record_view(&row, &known, &permit)
    }

    /// Records of a contact, of one category or of all, by category and id.
    pub async fn records(
        &self,
        contact: Uuid,
        category: Option<&str>,
        after: Option<&str>,
        limit: usize,
    ) -> Result<(Page<RecordView>, Vec<Withheld>), EngineError> {
        let limit = cursor::page_size(limit);
        let id = *contact.as_bytes();
        let whom = Whom::One(id);
        let category = category.map(|name| self.category(name, Operation::Read, &whom));
        let category = category.transpose()?;
        let known = self.known(id, Operation::Read).await?;
        let refused = match category {
            Some(category) => {
                self.desk.permit_any(category, Operation::Read, &known.state).map(drop)
            }
            None => self.desk.visible(&known.state),
        };
        if let Err(reason) = refused {
            return self.refuse(reason, category, Operation::Read, whom);
        }
        let vault = &self.engine.inner.vault;
        let list = format!("records {contact} {category:?}");
        let start = cursor::read(vault, &self.desk, &list, after)?;
        let start = start.as_deref().and_then(|position| record_key(id, position));
        let sight = category.map_or_else(|| self.desk.readable().collect(), |one| vec![one]);
        let Gathered { items, known, next, mut withheld } =
            self.read_anew(|| self.gather(id, Arc::clone(&known), &sight, start, limit)).await?;
        if category.is_none() {
            withheld.extend(self.out_of_sight(&known));
        }
        let lexicon = self.desk.policy.policy().lexicon();
        let named = items.iter().filter_map(|item| lexicon.category(&item.category));
        let mut categories: Vec<u8> = named.map(|category| category.0).collect();
        categories.dedup();
        self.note(Operation::Read, categories, whom, items.len())?;
        let next = next.and_then(|key| cursor::give(vault, &self.desk, &list, &position(&key)));
        Ok((Page { items, next }, withheld))
    }

    /// Records of the categories that the purpose reads. Others are never looked at: how many there
    /// are must show neither in remarks nor in the length of pages.
    async fn gather(
        &self,
        contact: Id,
        known: Arc<Known>,
        sight: &[CategoryId],
        start: Option<RecordKey>,
        limit: usize,
    ) -> Result<Gathered, EngineError> {
        let inner = &self.engine.inner;
        let mut found = Gathered { items: Vec::new(), known, next: None, withheld: Vec::new() };
        let mut scanned = 0;
        let ahead = |one: &&CategoryId| start.is_none_or(|start| start.category <= one.0);
        for category in sight.iter().filter(ahead) {
            let mut after = start.filter(|start| start.category == category.0);
            loop {
                let wanted = limit - found.items.len();
                let seen = inner.store.records(contact, Some(category.0), after, wanted).await?;
                let known = inner.known(contact, &seen.standing).await?;
                found.known = known.ok_or_else(|| EngineError::not_found("contact"))?;
                let (items, remarks) = self.open_rows(&seen.value, &found.known)?;
                found.items.extend(items);
                for remark in remarks {
                    found.remark(remark);
                }
                scanned += seen.value.len();
                after = seen.value.last().map(|row| row.key);
                if seen.value.len() < wanted {
                    break;
                }
                if found.items.len() >= limit || scanned >= SCANNED {
                    found.next = after;
                    return Ok(found);
                }
            }
        }
        Ok(found)
    }

    /// Remarks on the categories that the purpose may not read of the contact, whether there is
    /// anything in them or not.
    fn out_of_sight(&self, known: &Known) -> Vec<Withheld> {
        let categories = self.desk.policy.policy().lexicon().categories();
        let remarks = categories.filter_map(|category| {
            let denied = self.desk.listed(category, Operation::Read);
            let denied = denied.and_then(|()| {
                self.desk.permit_any(category, Operation::Read, &known.state).map(drop)
            });
            denied.err().map(|reason| self.remark(category, reason, 0))
        });
        remarks.collect()
    }

    /// Everything that the purpose may see of a contact: its profile and all its records. It is made
    /// in memory, so that a contact with more than [`MAX_EXPORT`](crate::session::MAX_EXPORT) records
    /// is refused as invalid; its records can be read in pages.
    pub async fn export(
        &self,
        contact: Uuid,
    ) -> Result<(ContactView, Vec<RecordView>), EngineError> {
        let profile = self.contact(contact).await?;
        let id = *contact.as_bytes();
        let records = self.read_anew(|| self.open_all(id)).await?.records;
        let categories = self.desk.readable().map(|category| category.0).collect();
        self.note(Operation::Read, categories, Whom::One(id), records.len())?;
        Ok((profile, records))
    }

    /// Why the purpose may or may not do something with a category of a contact.
    pub async fn why(
        &self,
        contact: Uuid,
        category: &str,
        operation: Operation,
    ) -> Result<gantry_notice::Explanation, EngineError> {
        let id = *contact.as_bytes();
        let category = self.category(category, operation, &Whom::One(id))?;
        self.within_level(operation, Whom::One(id))?;
        let ask = self.desk.ask(category, operation);
        let known = self.known(id, operation).await?;
        // Of a profile there is one record, whose window can be told to the day. That there is one is
        // told only to who may read it.
        let reads = self.desk.permit_any(category, Operation::Read, &known.state).is_ok();
        let record = if reads && operation != Operation::Collect {
            let key = RecordKey { contact: id, category: category.0, id };
            self.engine.inner.store.record(&key).await?.value
        } else {
            None
        };
        let record = record.as_ref().map(|row| state_of(row, self.engine.inner.clock.now()));
        let inner = &self.engine.inner;
        let whom = Whom::One(id);
        let entry = self.desk.entry(inner.clock.now(), operation, vec![category.0], whom, 0);
        let asked = entry.called(format!("why {}", operation.word()));
        let decision = self.desk.policy.answer(&ask, &known.state, record.as_ref());
        inner.trail.append(&match decision {
            Decision::Allow { .. } => asked,
            Decision::Deny(reason) => asked.denied(reason),
        })?;
        let mut why = self.desk.policy.explain(&ask, &known.state, record.as_ref());
        if !self.answers_requests() {
            why.others = self.desk.policy.listed_elsewhere(&ask);
        }
        Ok(why)
    }

    /// That the account's level lets the session do an operation.
    pub(crate) fn within_level(
        &self,
        operation: Operation,
        about: Whom,
    ) -> Result<(), EngineError> {
        match self.desk.within_level(operation) {
            Ok(()) => Ok(()),
            Err(reason) => self.refuse(reason, None, operation, about),
        }
    }

    /// The contact's state and key, for an operation. A contact that is not there is not told from
    /// one that never was; an erased one is.
    pub(crate) async fn known(
        &self,
        id: Id,
        operation: Operation,
    ) -> Result<Arc<Known>, EngineError> {
        let standing = self.engine.inner.store.standing(&[id]).await?;
        self.known_since(id, &standing, operation).await
    }

    /// The same, no older than an answer of the store.
    pub(crate) async fn known_since(
        &self,
        id: Id,
        standing: &Standing,
        operation: Operation,
    ) -> Result<Arc<Known>, EngineError> {
        let inner = &self.engine.inner;
        let known = inner.known(id, standing).await?;
        known.ok_or_else(|| self.desk.missing(inner, "contact", operation, Whom::One(id)))
    }

    /// The category of that name, for an operation.
    pub(crate) fn category(
        &self,
        name: &str,
        operation: Operation,
        about: &Whom,
    ) -> Result<CategoryId, EngineError> {
        match self.desk.policy.policy().lexicon().category(name) {
            Some(category) => Ok(category),
            None => self.refuse(Reason::Unknown, None, operation, about.clone()),
        }
    }

    /// The contact's profile: its single records, as far as the purpose may see them.
    pub(crate) async fn view(&self, id: Id, known: &Known) -> Result<ContactView, EngineError> {
        let sight = self.profile_of(known);
        let keys: Vec<RecordKey> = keys_of(id, &sight).collect();
        self.read_anew(|| async {
            let seen = self.engine.inner.store.records_at(&keys).await?;
            // What was said between the decision and the reading counts for what was read.
            let latest = self.engine.inner.known(id, &seen.standing).await?;
            let latest = latest.ok_or_else(|| EngineError::not_found("contact"))?;
            self.view_of(id, &latest, sight.iter().copied().zip(seen.value))
        })
        .await
    }

    /// The same for many, read together: those whom the session may see, in the order given.
    pub(crate) async fn views(
        &self,
        known: impl Iterator<Item = (Id, Option<Arc<Known>>)>,
    ) -> Result<Vec<ContactView>, EngineError> {
        let inner = &self.engine.inner;
        let visible = known.filter_map(|(id, known)| {
            let known = known.filter(|known| self.desk.visible(&known.state).is_ok())?;
            Some((id, self.profile_of(&known)))
        });
        let (ids, sights): (Vec<Id>, Vec<Vec<CategoryId>>) = visible.unzip();
        let keys: Vec<RecordKey> =
            ids.iter().zip(&sights).flat_map(|(id, sight)| keys_of(*id, sight)).collect();
        self.read_anew(|| async {
            let seen = inner.store.records_at(&keys).await?;
            let latest = inner.known_many(&ids, &seen.standing).await?;
            let (mut rows, mut views) = (seen.value.into_iter(), Vec::with_capacity(ids.len()));
            for ((id, sight), latest) in ids.iter().zip(&sights).zip(latest) {
                let own: Vec<Option<RecordRow>> = rows.by_ref().take(sight.len()).collect();
                if let Some(latest) = latest
                    && self.desk.visible(&latest.state).is_ok()
                {
                    views.push(self.view_of(*id, &latest, sight.iter().copied().zip(own))?);
                }
            }
            Ok(views)
        })
        .await
    }

    /// The categories of a profile that the session may read of a contact.
    fn profile_of(&self, known: &Known) -> Vec<CategoryId> {
        let policy = self.desk.policy.policy();
        let single = |id: &CategoryId| policy.category(*id).is_some_and(|c| c.single);
        let permitted =
            |one: &CategoryId| self.desk.permit_any(*one, Operation::Read, &known.state).is_ok();
        self.desk.readable().filter(|one| single(one) && permitted(one)).collect()
    }

    /// Remarks on the fields that the contact's state takes away.
    fn fields_left_out(&self, permit: &Permit, known: &Known) -> Vec<Withheld> {
        let (category, policy) = (permit.category(), &self.desk.policy);
        let ask = self.desk.ask(category, Operation::Read);
        let left_out = policy.left_out(&ask, &known.state, |place| permit.covers(place));
        let name = policy.policy().lexicon().category_name(category);
        let remark = |(field, reason): (&str, Reason)| Withheld {
            category: format!("{name}.{field}"),
            reason: reason.id(),
            records: 0,
        };
        left_out.map(remark).collect()
    }

    fn view_of(
        &self,
        id: Id,
        known: &Known,
        rows: impl Iterator<Item = (CategoryId, Option<RecordRow>)>,
    ) -> Result<ContactView, EngineError> {
        let policy = self.desk.policy.policy();
        let mut withheld = self.out_of_sight(known);
        let mut data = IndexMap::new();
        let now = self.engine.inner.clock.now();
        for (category, row) in rows {
            let Some(row) = row else { continue };
            if self.desk.permit_any(category, Operation::Read, &known.state).is_err() {
                continue;
            }
            match self.desk.permit(category, Operation::Read, &known.state, &state_of(&row, now)) {
                Ok(permit) => {
                    let fields = self.release(&row, known, &permit)?;
                    data.insert(policy.lexicon().category_name(category).to_owned(), fields);
                    withheld.extend(self.fields_left_out(&permit, known));
                }
                Err(reason) => withheld.push(self.remark(category, reason, 1)),
            }
        }
        let permitted =
            |one: &CategoryId| self.desk.permit_any(*one, Operation::Read, &known.state).is_ok();
        let tells_company = self
            .desk
            .readable()
            .filter(permitted)
            .any(|id| policy.category(id).is_some_and(|c| c.company));
        let country = known.state.country;
        let sees = self.desk.visible(&known.state).is_ok() && !country.code().is_empty();
        let country = sees.then(|| country.code().to_owned());
        let company = known.company.filter(|_| tells_company).map(Uuid::from_bytes);
        let version = self.version_of(id, &(&country, company, &data))?;
        Ok(ContactView { id: Uuid::from_bytes(id), version, country, company, data, withheld })
    }

    /// A number for what is shown of a contact. A count of changes would tell how much others do
    /// with it, and a bare hash would let values out of sight be guessed.
    fn version_of(&self, id: Id, shown: &impl serde::Serialize) -> Result<i64, EngineError> {
        let shown = serde_json::to_string(shown);
        let shown = shown.map_err(|_| EngineError::Corrupt("a view of a contact"))?;
        let label = format!("version {} {}", self.desk.purpose.0, Uuid::from_bytes(id));
        let hash = self.engine.inner.vault.lookup().hash(Form::Exact, &label, &shown);
        // As many bits as every reader of JSON can hold.
        let mut number = [0; 8];
        for (to, from) in number.iter_mut().skip(2).zip(hash) {
            *to = from;
        }
        Ok(i64::from_be_bytes(number))
    }

    pub(crate) fn open_rows(
        &self,
        rows: &[RecordRow],
        known: &Known,
    ) -> Result<(Vec<RecordView>, Vec<Withheld>), EngineError> {
        let mut items = Vec::new();
        let mut left_out: IndexMap<(CategoryId, Reason), usize> = IndexMap::new();
        let now = self.engine.inner.clock.now();
        for row in rows {
            let category = CategoryId(row.key.category);
            match self.desk.permit(category, Operation::Read, &known.state, &state_of(row, now)) {
                Ok(permit) => items.push(self.record_view(row, known, &permit)?),
                Err(reason) => *left_out.entry((category, reason)).or_default() += 1,
            }
        }
        let remarks = left_out.into_iter().map(|((c, reason), n)| self.remark(c, reason, n));
        Ok((items, remarks.collect()))
    }

    fn release(
        &self,
        row: &RecordRow,
        known: &Known,
        permit: &Permit,
    ) -> Result<IndexMap<String, Json>, EngineError> {
        let opened = OpenRecord::of(row, known.key.as_ref(), permit)?;
        permit.release(&self.desk.policy, opened.fields()?)
    }

    pub(crate) fn record_view(
        &self,
        row: &RecordRow,
        known: &Known,
        permit: &Permit,
    ) -> Result<RecordView, EngineError> {
        let lexicon = self.desk.policy.policy().lexicon();
        // That there is an object is told only to who works with its kind.
        let about = row.about.filter(|(kind, _)| self.desk.sees_kind(KindId(*kind)));
        let about = about.map(|(kind, id)| About {
            kind: lexicon.kind_name(KindId(kind)).to_owned(),
            id: Uuid::from_bytes(id).to_string(),
        });
        Ok(RecordView {
            id: Uuid::from_bytes(row.key.id).to_string(),
            category: lexicon.category_name(permit.category()).to_owned(),
            version: row.version,
            at: time_text(row.at),
            collected_for: lexicon
                .purpose_name(gantry_notice::PurposeId(row.collected_for))
                .to_owned(),
            source: row.source.clone(),
            about,
            expires: (row.expires != i64::MAX).then(|| time_text(row.expires)),
            fields: self.release(row, known, permit)?,
        })
    }

    pub(crate) fn remark(&self, category: CategoryId, reason: Reason, records: usize) -> Withheld {
        let name = self.desk.policy.policy().lexicon().category_name(category);
        Withheld { category: name.to_owned(), reason: reason.id(), records }
    }

    /// Notes what was done, before its answer is released.
    pub(crate) fn note(
        &self,
        operation: Operation,
        categories: Vec<u8>,
        about: Whom,
        count: usize,
    ) -> Result<(), EngineError> {
        let inner = &self.engine.inner;
        let entry = self.desk.entry(inner.clock.now(), operation, categories, about, count);
        inner.trail.append(&entry)
    }

    /// Notes a denial, then gives it.
    pub(crate) fn refuse<T>(
        &self,
        reason: Reason,
        category: Option<CategoryId>,
        operation: Operation,
        about: Whom,
    ) -> Result<T, EngineError> {
        let denial = Denial { reason, operation, about, category, field: None };
        Err(self.desk.deny(&self.engine.inner, denial))
    }
}

/// An instant as text (ISO 8601, UTC).
pub(crate) fn time_text(millis: i64) -> String {
    jiff::Timestamp::from_millisecond(millis).map_or_else(|_| String::new(), |at| at.to_string())
}

pub(crate) fn view_id(view: &ContactView) -> Id {
    *view.id.as_bytes()
}

pub(crate) fn categories_of(desk: &Desk, view: &ContactView) -> Vec<u8> {
    let lexicon = desk.policy.policy().lexicon();
    view.data.keys().filter_map(|name| lexicon.category(name)).map(|category| category.0).collect()
}

/// Where the single records of a contact lie.
fn keys_of(id: Id, categories: &[CategoryId]) -> impl Iterator<Item = RecordKey> {
    categories.iter().map(move |category| RecordKey { contact: id, category: category.0, id })
}

fn position(key: &RecordKey) -> Vec<u8> {
    let mut position = vec![key.category];
    position.extend(key.id);
    position
}

fn record_key(contact: Id, position: &[u8]) -> Option<RecordKey> {
    let (category, id) = position.split_first()?;
    Some(RecordKey { contact, category: *category, id: id.try_into().ok()? })
}
