//! A session that works with people as they are: storing and changing.
//!
//! INVARIANT: a batch expects the version of the contact on which its permits were decided, so that
//! an objection acknowledged in between makes the write fail, be decided anew, and be refused. What
//! is to be changed is read before the state that decides, never after: a row that an erasure has
//! sealed anew is not opened with the key of before.

use std::collections::BTreeSet;

use gantry_notice::{
    CategoryId, ContactState, Country, Day, Flags, Operation, PurposeId, Reason, UseId, is_country,
};
use gantry_store::{
    BASE, Batch, ContactFilter, Expect, Id, ObjectRow, RecordKey, RecordRow, Space, Target, Write,
};
use gantry_vault::{Address, ContactKey};
use indexmap::IndexMap;
use uuid::Uuid;

use crate::audit::About as Whom;
use crate::cache::Known;
use crate::draft::{
    ContactDraft, ContactView, FieldTexts, ProfileChange, RecordChange, RecordDraft, RecordView,
};
use crate::error::EngineError;
use crate::record::{self, Frame, OpenRecord, Seal, Values, sealed_alike, state_of};
use crate::session::identified::Identified;
use crate::session::lookup::person_hash;
use crate::session::objects::{COMPANY, NO_COMPANY};
use crate::session::put::{Looks, Put, contact_row};
use crate::value;

/// What a purpose writes where it does not say from where a value comes.
const DIRECT: &str = "direct";

impl Identified {
    /// Adds a contact with its profile. Answers its view. The company of a sole trader is from then on
    /// that person's.
    pub async fn add_contact(&self, draft: &ContactDraft) -> Result<ContactView, EngineError> {
        let id = self.retried(|| self.add_contact_once(draft)).await?;
        let known = self.known(id, Operation::Read).await?;
        self.view(id, &known).await
    }

    async fn add_contact_once(&self, draft: &ContactDraft) -> Result<Id, EngineError> {
        let inner = &self.engine.inner;
        let now = inner.clock.now();
        let id = *inner.entropy.id(now).as_bytes();
        let state = self.new_state(draft)?;
        let mut batch = Batch { expects: vec![Expect::Contact(id, 0)], ..Batch::default() };
        if let Some(company) = draft.company {
            let operation = Operation::Collect;
            if let Err(reason) = self.desk.links_companies(operation, &state) {
                return self.refuse(reason, None, operation, Whom::Nobody);
            }
            let row = self.company_seen(company).await?;
            if draft.sole_trader {
                self.make_personal(row, id, &mut batch).await?;
            }
        }
        let mut random = inner.entropy.fork();
        let key = ContactKey::generate(&mut random);
        let wrapped = inner
            .vault
            .wrap(&id, &key, &mut random)
            .map_err(|_| EngineError::Corrupt("a key that cannot be wrapped"))?;
        let mut writes = vec![
            Write::Key(id, wrapped),
            Write::Contact(contact_row(id, 1, now, &state, draft.company.map(Uuid::into_bytes))),
        ];
        let mut categories = Vec::new();
        for (name, texts) in &draft.data {
            let category = self.single(name, Operation::Collect, &Whom::Nobody)?;
            let frame = frame_of(id, category, id, now, DIRECT);
            let permit =
                self.desk.permit(category, Operation::Collect, &state, &frame.state(&self.desk));
            let permit = match permit {
                Ok(permit) => permit,
                Err(reason) => {
                    return self.refuse(reason, Some(category), Operation::Collect, Whom::Nobody);
                }
            };
            let values = record::check(self, &permit, Whom::Nobody, pairs(texts), Values::new())?;
            if values.is_empty() {
                continue;
            }
            self.not_suppressed(category, &values).await?;
            let seal = Seal::Anew(&key, &mut random);
            let row = record::compose(&self.desk, &frame, &values, seal)?;
            let target = Target::Contact(id);
            let hashes = self.hashes(category, &values).into_iter();
            writes.extend(hashes.map(|hash| Write::Lookup(hash, target)));
            writes.push(Write::Record(row));
            categories.push(category.0);
        }
        if categories.is_empty() {
            return Err(EngineError::invalid(
                "data",
                "has no value: a contact has at least a name",
            ));
        }
        batch.writes.extend(writes);
        self.commit(batch, Operation::Collect, categories, Whom::One(id)).await?;
        Ok(id)
    }

    /// A company that the session may see: of a sole trader whom it may not see there is none.
    async fn company_seen(&self, company: Uuid) -> Result<ObjectRow, EngineError> {
        let row = self.company(company).await?;
        if self.sees(&row).await?.is_err() {
            return Err(EngineError::invalid("company", NO_COMPANY));
        }
        Ok(row)
    }

    /// Notes whose a sole trader's company is, so that it is treated as personal and goes with the
    /// person. One that somebody else represents is no sole trader's: it would be hidden from all, and
    /// go with one of them.
    async fn make_personal(
        &self,
        row: ObjectRow,
        person: Id,
        batch: &mut Batch,
    ) -> Result<(), EngineError> {
        // It hides the company from who may not see the person: that is a change of the company.
        self.may(COMPANY, Operation::Change)?;
        let filter = ContactFilter { company: Some(row.id), ..ContactFilter::default() };
        if !self.engine.inner.store.contact_page(filter, None, 1).await?.value.is_empty() {
            let fault = "is represented by others, so that it is no sole trader's";
            return Err(EngineError::invalid("company", fault));
        }
        let target = Target::Object(row.kind, row.id);
        batch.expects.push(Expect::Object(row.kind, row.id, row.version));
        batch.writes.push(Write::Lookup(person_hash(&self.engine.inner.vault, &person), target));
        let version = row.version + 1;
        let row = ObjectRow { version, edition: BASE, person: Some(person), ..row };
        batch.writes.push(Write::Object(row));
        Ok(())
    }

    /// Changes a contact's profile in one category; an empty text takes a field away. With a
    /// version, only if the contact still has it.
    pub async fn change_contact(
        &self,
        contact: Uuid,
        category: &str,
        texts: &FieldTexts,
        version: Option<i64>,
    ) -> Result<ContactView, EngineError> {
        let data = IndexMap::from([(category.to_owned(), texts.clone())]);
        self.change_profile(contact, &ProfileChange { data, company: None }, version).await
    }

    /// Changes a contact's profile, in some categories and the company that it represents, in all of it
    /// or in nothing. The contact gets a new version, so that whoever has read the profile before can
    /// tell.
    pub async fn change_profile(
        &self,
        contact: Uuid,
        change: &ProfileChange,
        version: Option<i64>,
    ) -> Result<ContactView, EngineError> {
        let ProfileChange { data, company } = change;
        if data.is_empty() && company.is_none() {
            return Err(EngineError::invalid("data", "names no category"));
        }
        let id = *contact.as_bytes();
        self.retried(|| async {
            let mut keys = Vec::with_capacity(data.len());
            for name in data.keys() {
                let category = self.single(name, Operation::Change, &Whom::One(id))?;
                keys.push(RecordKey { contact: id, category: category.0, id });
            }
            let seen = self.engine.inner.store.records_at(&keys).await?;
            let known = self.known_since(id, &seen.standing, Operation::Change).await?;
            let mut puts = Vec::with_capacity(data.len());
            for ((key, before), texts) in keys.iter().zip(seen.value).zip(data.values()) {
                let category = CategoryId(key.category);
                let source = before.as_ref().map_or(DIRECT, |row| &*row.source).to_owned();
                let frame = frame_of(id, category, id, self.engine.inner.clock.now(), &source);
                puts.push(self.prepare(&known, before.as_ref(), &frame, texts).await?);
            }
            if let Some(company) = company {
                self.may_represent(id, &known, *company).await?;
            }
            // Which version there is, is told only to who may change it.
            if let Some(version) = version
                && version != self.view(id, &known).await?.version
            {
                return Err(EngineError::Conflict { what: "contact".to_owned() });
            }
            match company {
                Some(company) => self.represent(id, &known, *company, &mut puts).await,
                None => self.put_all(&known, &mut puts, true).await,
            }
        })
        .await?;
        let known = self.known(id, Operation::Read).await?;
        self.view(id, &known).await
    }

    /// That the session may change which company a contact represents, to that one or to none.
    async fn may_represent(
        &self,
        id: Id,
        known: &Known,
        company: Option<Uuid>,
    ) -> Result<(), EngineError> {
        let operation = Operation::Change;
        if let Err(reason) = self.desk.links_companies(operation, &known.state) {
            return self.refuse(reason, None, operation, Whom::One(id));
        }
        if known.state.flags.any(Flags::SOLE_TRADER) {
            return Err(EngineError::invalid("company", "is the contact itself, a sole trader"));
        }
        if let Some(company) = company
            && self.company_seen(company).await?.person.is_some_and(|person| person != id)
        {
            return Err(EngineError::invalid("company", "is a sole trader's"));
        }
        Ok(())
    }

    /// Writes which company a contact represents from now on, if any, with what else changes of its
    /// profile.
    async fn represent(
        &self,
        id: Id,
        known: &Known,
        company: Option<Uuid>,
        puts: &mut [Put],
    ) -> Result<(), EngineError> {
        let whom = Whom::One(id);
        let company = company.map(Uuid::into_bytes);
        let mut batch = self.batch_of(known, puts, true).await?;
        if puts.is_empty() {
            batch.expects.push(Expect::Contact(id, known.version));
            let (version, created) = (known.version + 1, known.created);
            let row = contact_row(id, version, created, &known.state, None);
            batch.writes.push(Write::Contact(row));
        }
        for write in &mut batch.writes {
            if let Write::Contact(row) = write {
                row.company = company;
            }
        }
        let policy = self.desk.policy.policy();
        let tells = policy.lexicon().categories();
        let tells = tells.filter(|one| policy.category(*one).is_some_and(|one| one.company));
        let categories = puts.iter().map(|put| put.row.key.category);
        let categories: BTreeSet<u8> = categories.chain(tells.map(|one| one.0)).collect();
        self.commit(batch, Operation::Change, categories.into_iter().collect(), whom).await
    }

    /// Adds a record: something that happened, of a category that may have many.
    pub async fn add_record(
        &self,
        contact: Uuid,
        draft: &RecordDraft,
    ) -> Result<RecordView, EngineError> {
        let inner = &self.engine.inner;
        let contact_id = *contact.as_bytes();
        let whom = Whom::One(contact_id);
        let category = self.category(&draft.category, Operation::Collect, &whom)?;
        if self.desk.policy.policy().category(category).is_some_and(|declared| declared.single) {
            let hint = "holds one record a contact; hint: change the contact instead";
            return Err(EngineError::invalid(&*draft.category, hint));
        }
        let source = draft.source.as_deref().unwrap_or(DIRECT);
        record::check_source(source)?;
        let now = inner.clock.now();
        let at = match &draft.at {
            None => now,
            Some(text) => happened(text, now).ok_or_else(|| {
                EngineError::invalid("at", "is not an instant or a day (ISO 8601) that has come")
            })?,
        };
        let expires = self.end_of(category, draft.expires.as_deref(), now)?.unwrap_or(i64::MAX);
        let objected = draft.objects_to.as_deref().map(|used| self.used(used)).transpose()?;
        let id = *inner.entropy.id(now).as_bytes();
        self.retried(|| async {
            let known = self.known(contact_id, Operation::Collect).await?;
            let frame = frame_of(contact_id, category, id, at, source);
            let mut frame = Frame { expires, objected, ..frame };
            if let Some(about) = &draft.about {
                let (kind, object, closed) = self.about(category, about).await?;
                frame.about = Some((kind, object));
                frame.closed = closed;
            }
            let mut put = self.prepare(&known, None, &frame, &draft.fields).await?;
            self.put_all(&known, std::slice::from_mut(&mut put), false).await?;
            let row = put.row;
            self.record_view(&row, &known, &put.permit)
        })
        .await
    }

    /// Changes the fields of a record; an empty text takes a field away.
    pub async fn change_record(
        &self,
        contact: Uuid,
        category: &str,
        id: Uuid,
        texts: &FieldTexts,
        version: Option<i64>,
    ) -> Result<RecordView, EngineError> {
        let change = RecordChange { fields: texts.clone(), version, ..RecordChange::default() };
        self.change_record_by(contact, category, id, &change).await
    }

    /// Changes a record: its fields, its end.
    pub async fn change_record_by(
        &self,
        contact: Uuid,
        category: &str,
        id: Uuid,
        change: &RecordChange,
    ) -> Result<RecordView, EngineError> {
        let whom = Whom::One(*contact.as_bytes());
        let category = self.category(category, Operation::Change, &whom)?;
        let RecordChange { fields, version, .. } = change;
        let objected = match &change.objects_to {
            None => None,
            Some(used) => {
                self.for_requests(Operation::Change)?;
                Some(self.used(used)?)
            }
        };
        let now = self.engine.inner.clock.now();
        let expires = self.end_of(category, change.expires.as_deref(), now)?;
        let key =
            RecordKey { contact: *contact.as_bytes(), category: category.0, id: *id.as_bytes() };
        self.retried(|| async {
            let seen = self.engine.inner.store.record(&key).await?;
            let known = self.known_since(key.contact, &seen.standing, Operation::Change).await?;
            let Some(before) = seen.value else {
                // Whether there is one is told only to whom it may be told.
                if let Err(reason) = self.desk.permit_any(category, Operation::Change, &known.state)
                {
                    return self.refuse(reason, Some(category), Operation::Change, whom.clone());
                }
                let inner = &self.engine.inner;
                return Err(self.desk.missing(inner, "record", Operation::Change, whom.clone()));
            };
            let source = before.source.clone();
            let mut frame = frame_of(key.contact, category, key.id, before.at, &source);
            frame.about = before.about;
            frame.closed = Day(before.closed);
            frame.expires = expires.unwrap_or(before.expires);
            frame.objected = objected;
            let mut put = self.prepare(&known, Some(&before), &frame, fields).await?;
            // With its end comes the end of all of it.
            let earlier = put.row.expires < before.expires;
            if expires.is_some() && !self.desk.covers_all(&put.permit)
                || earlier && self.is_kept_by_another(&before, &known.state)
            {
                let reason = Reason::OperationNotAllowed;
                return self.refuse(reason, Some(category), Operation::Change, whom.clone());
            }
            if version.is_some_and(|version| version != before.version) {
                return Err(EngineError::Conflict { what: "record".to_owned() });
            }
            let profile = self.desk.policy.policy().category(category).is_some_and(|c| c.single);
            self.put_all(&known, std::slice::from_mut(&mut put), profile).await?;
            let row = put.row;
            self.record_view(&row, &known, &put.permit)
        })
        .await
    }

    /// Decides on a write, and makes the row of it.
    pub(crate) async fn prepare(
        &self,
        known: &Known,
        before: Option<&RecordRow>,
        frame: &Frame<'_>,
        texts: &FieldTexts,
    ) -> Result<Put, EngineError> {
        let (category, whom) = (frame.category, Whom::One(frame.contact));
        let operation = if before.is_some() { Operation::Change } else { Operation::Collect };
        let now = self.engine.inner.clock.now();
        let state = before.map_or_else(|| frame.state(&self.desk), |row| state_of(row, now));
        let permit = match self.desk.permit(category, operation, &known.state, &state) {
            Ok(permit) => permit,
            Err(reason) => return self.refuse(reason, Some(category), operation, whom),
        };
        let key = known
            .key
            .as_ref()
            .ok_or_else(|| EngineError::Unreadable { what: "contact".to_owned() })?;
        let old = match before {
            Some(row) => OpenRecord::of(row, Some(key), &permit)?.values()?,
            None => Values::new(),
        };
        let values = record::check(self, &permit, whom, pairs(texts), old.clone())?;
        // What was there before is not looked at: the refusal would tell of a field out of sight.
        let mut given = values.clone();
        given.retain(|name, value| old.get(name) != Some(value));
        self.not_suppressed(category, &given).await?;
        let declared = self.desk.policy.policy().category(category);
        // What is sealed and stays as it is need not be sealed anew, and what lies in the clear changes
        // in its place.
        let kept = before.filter(|_| declared.is_some_and(|d| sealed_alike(d, &old, &values)));
        let mut random = self.engine.inner.entropy.fork();
        let seal = match kept {
            Some(row) => Seal::Kept(&row.sealed),
            None => Seal::Anew(key, &mut random),
        };
        let mut row = record::compose(&self.desk, frame, &values, seal)?;
        if let Some(before) = before {
            // What was collected stays collected as it was; only its values change.
            row.version = before.version + 1;
            row.collected_for = before.collected_for;
            row.notice = before.notice;
            row.at = before.at;
            row.objected = frame.objected.map_or(before.objected, |used| used.0);
        }
        let alike = |row: &RecordRow| (row.keep_until, row.closed, row.about, row.source.clone());
        let in_place = kept.is_some_and(|kept| kept.edition == BASE && alike(kept) == alike(&row));
        let key = row.key;
        let looks =
            Looks { key, old: self.hashes(category, &old), new: self.hashes(category, &values) };
        Ok(Put { row, permit, looks, in_place })
    }

    /// The instant from which on nobody may see a record, as it was given: an empty text opens it.
    pub(crate) fn end_of(
        &self,
        category: CategoryId,
        given: Option<&str>,
        now: i64,
    ) -> Result<Option<i64>, EngineError> {
        let Some(text) = given else { return Ok(None) };
        let declared = self.desk.policy.policy().category(category);
        if declared.is_some_and(|declared| !declared.expires) {
            let fault = "cannot be given: the notice does not say that records of this category end \
                         by themselves; hint: `expires = true` for the category";
            return Err(EngineError::invalid("expires", fault));
        }
        if text.trim().is_empty() {
            return Ok(Some(i64::MAX));
        }
        moment(text).filter(|end| *end > now).map(Some).ok_or_else(|| {
            EngineError::invalid("expires", "is not an instant or a day (ISO 8601) still to come")
        })
    }

    /// A use, as `PURPOSE.USE`.
    pub(crate) fn used(&self, text: &str) -> Result<UseId, EngineError> {
        let lexicon = self.desk.policy.policy().lexicon();
        let found = text
            .split_once('.')
            .and_then(|(purpose, used)| lexicon.use_of(lexicon.purpose(purpose)?, used));
        found.ok_or_else(|| {
            let fault = "is not a use of the notice; hint: name it as `PURPOSE.USE`";
            EngineError::invalid("use", fault)
        })
    }

    /// An address that was erased does not quietly start again.
    async fn not_suppressed(
        &self,
        category: CategoryId,
        values: &Values,
    ) -> Result<(), EngineError> {
        let policy = self.desk.policy.policy();
        let Some(declared) = policy.category(category) else { return Ok(()) };
        for (name, value) in values {
            let kind = declared.fields.get(name).map(|field| &field.kind);
            if !matches!(kind, Some(gantry_notice::model::FieldKind::Email)) {
                continue;
            }
            let hash = self.engine.inner.vault.suppression(Address::Email(value));
            if let Some(hash) = hash
                && self.engine.inner.store.entry(Space::Suppressed, &hash).await?.is_some()
            {
                return self.refuse(
                    Reason::Erased,
                    Some(category),
                    Operation::Collect,
                    Whom::Nobody,
                );
            }
        }
        Ok(())
    }

    fn new_state(&self, draft: &ContactDraft) -> Result<ContactState, EngineError> {
        let country = match draft.country.as_deref().map(str::trim) {
            None | Some("") => Country::NONE,
            Some(code) => Country::of(code).filter(|c| is_country(c.code())).ok_or_else(|| {
                EngineError::invalid("country", "is not a country as two letters (ISO 3166-1)")
            })?,
        };
        let policy = self.desk.policy.policy();
        let mut state = ContactState::new(country, policy.version());
        state.flags.set(Flags::SOLE_TRADER, draft.sole_trader);
        state.flags.set(Flags::CUSTOMER, draft.customer);
        state.last_activity = self.desk.policy.today();
        let held_in = policy.regime(country).and_then(|(_, regime)| regime.held_in.as_deref());
        if held_in.is_some() && held_in != self.engine.inner.region.as_deref() {
            return self.refuse(Reason::HeldElsewhere, None, Operation::Collect, Whom::Nobody);
        }
        for purpose in &draft.consents {
            state.consent(self.consentable(purpose)?.bit());
        }
        Ok(state)
    }

    /// A purpose that one can consent to.
    pub(crate) fn consentable(&self, purpose: &str) -> Result<PurposeId, EngineError> {
        let found = self.desk.policy.policy().lexicon().purpose(purpose);
        found
            .filter(|id| self.desk.policy.policy().purpose(*id).is_some())
            .ok_or_else(|| EngineError::invalid("purpose", "is not a purpose of the notice"))
    }

    /// A category with one record a contact.
    fn single(
        &self,
        name: &str,
        operation: Operation,
        about: &Whom,
    ) -> Result<CategoryId, EngineError> {
        let category = self.category(name, operation, about)?;
        match self.desk.policy.policy().category(category) {
            None => self.refuse(Reason::NotInNotice, Some(category), operation, about.clone()),
            Some(declared) if !declared.single => Err(EngineError::invalid(
                name,
                "holds events, not a profile; hint: add a record instead",
            )),
            Some(_) => Ok(category),
        }
    }
}

/// A record to be, about no object.
pub(crate) fn frame_of(
    contact: Id,
    category: CategoryId,
    id: Id,
    at: i64,
    source: &str,
) -> Frame<'_> {
    Frame {
        contact,
        category,
        id,
        at,
        closed: Day::of_millis(at),
        about: None,
        source,
        expires: i64::MAX,
        objected: None,
    }
}

/// The instant a text names, in milliseconds, where a day can be counted for it.
pub(crate) fn moment(text: &str) -> Option<i64> {
    let millis = value::instant(text)?.as_millisecond();
    Day::of_millis(millis).date().filter(|date| date.year() >= 1900).map(|_| millis)
}

/// The instant of a fact: it has happened, give or take the day that clocks are apart. A later one
/// would keep a window open for longer than the notice says.
pub(crate) fn happened(text: &str, now: i64) -> Option<i64> {
    const DAY: i64 = 86_400_000;
    moment(text).filter(|at| *at <= now.saturating_add(DAY))
}

pub(crate) fn pairs(texts: &FieldTexts) -> impl Iterator<Item = (&str, &str)> {
    texts.iter().map(|(name, text)| (name.as_str(), text.as_str()))
}
