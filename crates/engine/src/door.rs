//! The door itself: a session's desk asks the policy, and gets a permit or a refusal.
//!
//! INVARIANT: a [`Permit`] is made here and nowhere else; what leaves a session was let through
//! [`Permit::release`], which checks, in release builds too, that no field outside it is present.
//! INVARIANT: what is no reading is done only up to the level that the account's roles give it under the
//! purpose: [`Desk::within_level`] is asked before any decision, and once more before any commit.
//! INVARIANT: a session refuses through [`Desk::deny`] alone, which writes to the audit trail first.

use std::sync::Arc;

use gantry_notice::{
    Ask, CategoryId, ContactState, DatedPolicy, Decision, Fields, KindId, Mode, Operation,
    PurposeId, Reason, RecordState, Roles, UseId,
};
use gantry_store::{Expect, Space};
use indexmap::IndexMap;
use serde_json::Value as Json;

use crate::actor::{Actor, Level};
pub use crate::audit::Cause;
use crate::audit::{About, Entry, Outcome};
use crate::engine::{Inner, notice_key};
use crate::error::{EngineError, Refusal};
use crate::value;

/// Who works, for what, under which version of the notice. Everything that a session does goes
/// through its desk.
#[derive(Clone, Debug)]
pub(crate) struct Desk {
    pub(crate) policy: Arc<DatedPolicy>,
    pub(crate) actor: Actor,
    pub(crate) roles: Roles,
    pub(crate) level: Level,
    pub(crate) purpose: PurposeId,
    pub(crate) use_id: UseId,
    pub(crate) mode: Mode,
    pub(crate) cause: Cause,
    /// What makes the next write happen once, however often it is asked for.
    pub(crate) once: Option<crate::session::once::Once>,
}

/// Leave to do one thing with one category of one contact.
#[derive(Clone, Copy, Debug)]
pub struct Permit {
    category: CategoryId,
    operation: Operation,
    fields: Fields,
    mode: Mode,
}

/// A refusal to be given: why, what was asked for, and about whom.
#[derive(Clone, Debug)]
pub(crate) struct Denial<'a> {
    pub(crate) reason: Reason,
    pub(crate) operation: Operation,
    pub(crate) about: About,
    pub(crate) category: Option<CategoryId>,
    /// The field of the category that it is about, as it was asked for.
    pub(crate) field: Option<&'a str>,
}

impl Desk {
    pub(crate) fn ask(&self, category: CategoryId, operation: Operation) -> Ask {
        Ask { use_id: self.use_id, roles: self.roles, category, operation, channel: None }
    }

    /// Whether the account's level lets an operation be done at all, whatever the notice lists.
    pub(crate) fn within_level(&self, operation: Operation) -> Result<(), Reason> {
        if operation == Operation::Read || self.level >= Level::Write {
            return Ok(());
        }
        Err(Reason::OperationNotAllowed)
    }

    fn refused_by_level(&self, reason: Reason, operation: Operation) -> bool {
        self.within_level(operation) == Err(reason)
    }

    /// Leave for one record, or for one to be collected.
    pub(crate) fn permit(
        &self,
        category: CategoryId,
        operation: Operation,
        contact: &ContactState,
        record: &RecordState,
    ) -> Result<Permit, Reason> {
        self.within_level(operation)?;
        let decision = self.policy.decide(&self.ask(category, operation), contact, record);
        Self::grant(category, operation, decision)
    }

    /// Leave for a category of a contact, whatever its records.
    pub(crate) fn permit_any(
        &self,
        category: CategoryId,
        operation: Operation,
        contact: &ContactState,
    ) -> Result<Permit, Reason> {
        self.within_level(operation)?;
        let decision = self.policy.decide_any(&self.ask(category, operation), contact);
        Self::grant(category, operation, decision)
    }

    fn grant(
        category: CategoryId,
        operation: Operation,
        decision: Decision,
    ) -> Result<Permit, Reason> {
        match decision {
            Decision::Allow { mode, fields } => Ok(Permit { category, operation, fields, mode }),
            Decision::Deny(reason) => Err(reason),
        }
    }

    /// What the notice says of a category for this session, whoever the contact is.
    pub(crate) fn listed(&self, category: CategoryId, operation: Operation) -> Result<(), Reason> {
        self.listed_fields(category, operation).map(drop)
    }

    /// The fields of a category that the notice lists for this session, whoever the contact is.
    pub(crate) fn listed_fields(
        &self,
        category: CategoryId,
        operation: Operation,
    ) -> Result<Fields, Reason> {
        self.within_level(operation)?;
        match self.policy.decide_notice(&self.ask(category, operation)) {
            Decision::Allow { fields, .. } => Ok(fields),
            Decision::Deny(reason) => Err(reason),
        }
    }

    /// Whether a permit covers every field of its category: what is done to a record as a whole, such
    /// as to end it, is done to all of them.
    pub(crate) fn covers_all(&self, permit: &Permit) -> bool {
        self.is_all_of(permit.category, permit.fields)
    }

    /// Whether fields are all that the notice declares of a category.
    pub(crate) fn is_all_of(&self, category: CategoryId, fields: Fields) -> bool {
        let policy = self.policy.policy();
        let declared = policy.category(category).into_iter().flat_map(|c| c.fields.keys());
        let mut places = declared.filter_map(|name| policy.lexicon().field(category, name));
        places.all(|place| fields.has(place))
    }

    /// The categories that the session may read of somebody.
    pub(crate) fn readable(&self) -> impl Iterator<Item = CategoryId> {
        let categories = self.policy.policy().lexicon().categories();
        categories.filter(|category| self.listed(*category, Operation::Read).is_ok())
    }

    /// Whether the session may know of the contact at all: it may read something of it.
    pub(crate) fn visible(&self, contact: &ContactState) -> Result<(), Reason> {
        let mut first = None;
        for category in self.readable() {
            match self.permit_any(category, Operation::Read, contact) {
                Ok(_) => return Ok(()),
                Err(reason) => first = first.or(Some(reason)),
            }
        }
        Err(first.unwrap_or(Reason::NotInNotice))
    }

    /// What a write expects: that the notice on which it was decided is still in force.
    pub(crate) fn notice_stands(&self) -> Expect {
        let next = self.policy.policy().version().saturating_add(1);
        Expect::NoEntry(Space::Notice, notice_key(next))
    }

    /// Whether the purpose may write down which company a new contact represents, or change it: that is
    /// data of a category.
    pub(crate) fn links_companies(
        &self,
        operation: Operation,
        contact: &ContactState,
    ) -> Result<(), Reason> {
        let policy = self.policy.policy();
        let categories = policy.lexicon().categories();
        let mut first = None;
        for category in categories.filter(|id| policy.category(*id).is_some_and(|c| c.company)) {
            match self.permit_any(category, operation, contact) {
                Ok(_) => return Ok(()),
                Err(reason) => first = first.or(Some(reason)),
            }
        }
        Err(first.unwrap_or(Reason::NotInNotice))
    }

    /// Whether the purpose works with a kind of object.
    pub(crate) fn sees_kind(&self, kind: KindId) -> bool {
        let policy = self.policy.policy();
        let declared = policy.notice().objects.get(policy.lexicon().kind_name(kind));
        let purpose = self.purpose_name();
        declared.is_some_and(|kind| kind.read.iter().chain(&kind.write).any(|one| one == purpose))
    }

    /// Writes a denial to the audit trail, then answers the refusal to give; or what kept it from
    /// being written.
    pub(crate) fn deny(&self, inner: &Inner, denial: Denial<'_>) -> EngineError {
        let Denial { reason, operation, about, category, field } = denial;
        if let Err(error) = self.note_denied(inner, reason, operation, about, category) {
            return error;
        }
        let lexicon = self.policy.policy().lexicon();
        let named = category.map(|category| match field {
            Some(field) => format!("{}.{field}", lexicon.category_name(category)),
            None => lexicon.category_name(category).to_owned(),
        });
        let refusal = Refusal {
            reason,
            purpose: lexicon.purpose_name(self.purpose).to_owned(),
            used: lexicon.use_name(self.use_id).1.to_owned(),
            category: named,
            level: self.refused_by_level(reason, operation).then_some(self.level),
        };
        refusal.into()
    }

    /// Writes to the audit trail that something was asked for which is not there, about an id as it
    /// was asked for; then answers what to say.
    pub(crate) fn missing(
        &self,
        inner: &Inner,
        what: &str,
        operation: Operation,
        about: About,
    ) -> EngineError {
        match self.note_denied(inner, Reason::Unknown, operation, about, None) {
            Ok(()) => EngineError::not_found(what),
            Err(error) => error,
        }
    }

    fn note_denied(
        &self,
        inner: &Inner,
        reason: Reason,
        operation: Operation,
        about: About,
        category: Option<CategoryId>,
    ) -> Result<(), EngineError> {
        let categories = category.iter().map(|category| category.0).collect();
        let entry = self.entry(inner.clock.now(), operation, categories, about, 0);
        inner.trail.append(&entry.denied(reason))
    }

    /// The audit entry of something done at this desk.
    pub(crate) fn entry(
        &self,
        at: i64,
        operation: Operation,
        categories: Vec<u8>,
        about: About,
        count: usize,
    ) -> Entry {
        Entry {
            at,
            actor: self.actor.name.clone(),
            purpose: self.purpose.0,
            use_id: self.use_id.0,
            notice: self.policy.policy().version(),
            cause: self.cause,
            operation: operation.word().into(),
            categories,
            about,
            count: u32::try_from(count).unwrap_or(u32::MAX),
            outcome: Outcome::Allowed,
            request: None,
        }
    }

    pub(crate) fn purpose_name(&self) -> &str {
        self.policy.policy().lexicon().purpose_name(self.purpose)
    }
}

impl Permit {
    /// The category it is for.
    pub const fn category(&self) -> CategoryId {
        self.category
    }

    /// What it is leave for.
    pub const fn operation(&self) -> Operation {
        self.operation
    }

    /// How the purpose sees people.
    pub const fn mode(&self) -> Mode {
        self.mode
    }

    /// Whether it covers the field at that place of the category.
    pub(crate) const fn covers(&self, place: usize) -> bool {
        self.fields.has(place)
    }

    /// Lets through the fields that it covers, typed, and checks what went through.
    pub(crate) fn release<'a>(
        &self,
        policy: &DatedPolicy,
        fields: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<IndexMap<String, Json>, EngineError> {
        let (lexicon, declared) =
            (policy.policy().lexicon(), policy.policy().category(self.category));
        let declared = declared.ok_or(EngineError::Corrupt("a record of an unknown category"))?;
        let fields = fields.into_iter();
        let mut released = IndexMap::with_capacity(fields.size_hint().0);
        let mut next = 0;
        for (name, text) in fields {
            let place = lexicon.field_from(self.category, name, next);
            next = place.map_or(next, |place| place + 1);
            if place.is_some_and(|place| self.covers(place))
                && let Some(field) = declared.fields.get(name)
            {
                released.insert(name.to_owned(), value::json(&field.kind, text));
            }
        }
        for name in released.keys() {
            let place = lexicon.field(self.category, name);
            if !place.is_some_and(|place| self.covers(place)) {
                return Err(EngineError::Corrupt("a field that passed the door without leave"));
            }
        }
        Ok(released)
    }
}
