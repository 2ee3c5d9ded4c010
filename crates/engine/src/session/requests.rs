//! What a contact says about the use of its data: objection, consent, restriction, channels.
//!
//! Only a session of the purpose that the notice names for requests may write it down. What is
//! said acts at once: the state that decides changes with the commit.

use std::fmt;

use gantry_notice::model::Objection;
use gantry_notice::{
    CategoryId, Channel, ContactState, Fields, Flags, Operation, PurposeId, Reach, Reason, UseId,
};
use gantry_store::{BASE, Batch, Expect, Id, RecordKey, RecordRow, Revision, Write};
use serde::Deserialize;
use uuid::Uuid;

use crate::audit::About as Whom;
use crate::error::{EngineError, Refusal};
use crate::session::effect::Effect;
use crate::session::identified::Identified;
use crate::session::put::contact_row;

/// What a statement is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The contact as a whole; restriction only.
    Whole,
    /// One purpose.
    Purpose(String),
    /// Profiling.
    Profiling,
    /// A way to be reached.
    Channel(Channel),
    /// A category, or one of its fields; restriction only.
    Data {
        /// The category.
        category: String,
        /// The field; all of them where it is missing.
        field: Option<String>,
    },
    /// One use of one record; objection only.
    Record {
        /// The record's category.
        category: String,
        /// The record.
        id: Uuid,
        /// The use, as `PURPOSE.USE`.
        used: String,
    },
}

/// As [`Scope::parse`] reads it.
impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Scope::Whole => f.write_str("all"),
            Scope::Purpose(name) => f.write_str(name),
            Scope::Profiling => f.write_str("profiling"),
            Scope::Channel(channel) => f.write_str(channel.word()),
            Scope::Data { category, field: None } => write!(f, "category:{category}"),
            Scope::Data { category, field: Some(field) } => {
                write!(f, "category:{category}.{field}")
            }
            Scope::Record { category, id, used } => write!(f, "record:{category}/{id}/{used}"),
        }
    }
}

impl Scope {
    /// Reads `all`, `profiling`, a channel (`email`, `phone`, `post`), a purpose, or
    /// `category:NAME[.FIELD]`, or `record:CATEGORY/ID/PURPOSE.USE`.
    pub fn parse(text: &str) -> Scope {
        if let Some(channel) = Channel::of_word(text) {
            return Scope::Channel(channel);
        }
        if let Some(record) = text.strip_prefix("record:").and_then(record_scope) {
            return record;
        }
        if let Some(data) = text.strip_prefix("category:") {
            let (category, field) = match data.split_once('.') {
                Some((category, field)) => (category, Some(field.to_owned())),
                None => (data, None),
            };
            return Scope::Data { category: category.to_owned(), field };
        }
        match text {
            "all" => Scope::Whole,
            "profiling" => Scope::Profiling,
            purpose => Scope::Purpose(purpose.to_owned()),
        }
    }
}

/// What was said, or decided on what was said. Programs read it by its [word](Statement::word).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Statement {
    /// The contact objects (GDPR Art. 21), or closes a channel.
    Objects,
    /// It takes the objection back, or opens a channel to be asked again.
    WithdrawsObjection,
    /// A person weighed the objection: it stands.
    ObjectionUpheld,
    /// A person weighed the objection: compelling grounds override it (Art. 21(1)).
    ObjectionRejected,
    /// The contact consents (Art. 7), or opts in to a channel.
    Consents,
    /// It withdraws consent, which is as easy.
    WithdrawsConsent,
    /// Processing is restricted (Art. 18).
    Restricts,
    /// The restriction is lifted.
    LiftsRestriction,
    /// The contact was told of the notice in force (Art. 13, 14), or agreed to it.
    Told,
}

impl Statement {
    /// All of them.
    pub const ALL: [Statement; 9] = [
        Statement::Objects,
        Statement::WithdrawsObjection,
        Statement::ObjectionUpheld,
        Statement::ObjectionRejected,
        Statement::Consents,
        Statement::WithdrawsConsent,
        Statement::Restricts,
        Statement::LiftsRestriction,
        Statement::Told,
    ];

    /// The statement of that word.
    pub fn of_word(word: &str) -> Option<Statement> {
        Self::ALL.into_iter().find(|statement| statement.word() == word)
    }

    /// Its name in the audit trail and the API.
    pub const fn word(self) -> &'static str {
        match self {
            Statement::Objects => "objects",
            Statement::WithdrawsObjection => "withdraws-objection",
            Statement::ObjectionUpheld => "objection-upheld",
            Statement::ObjectionRejected => "objection-rejected",
            Statement::Consents => "consents",
            Statement::WithdrawsConsent => "withdraws-consent",
            Statement::Restricts => "restricts",
            Statement::LiftsRestriction => "lifts-restriction",
            Statement::Told => "told",
        }
    }
}

impl Identified {
    /// Writes down what a contact said. Acts at once, on every node. Answers what came of it.
    pub async fn say(
        &self,
        contact: Uuid,
        statement: Statement,
        scope: &Scope,
    ) -> Result<Effect, EngineError> {
        self.for_requests(Operation::Change)?;
        let id = *contact.as_bytes();
        if let Scope::Record { category, id: record, used } = scope {
            let place = (category.as_str(), *record.as_bytes(), self.used(used)?);
            return self.retried(|| self.say_of_record(id, statement, scope, place)).await;
        }
        self.retried(|| async {
            let known = self.known(id, Operation::Change).await?;
            if known.state.flags.any(Flags::ERASED) {
                return self.refuse(Reason::Erased, None, Operation::Change, Whom::One(id));
            }
            let mut state = known.state.clone();
            self.apply(id, &mut state, statement, scope)?;
            let effect = self.effect(&known.state, &state, statement, scope);
            let inner = &self.engine.inner;
            let (now, whom) = (inner.clock.now(), Whom::One(id));
            let count = usize::from(effect.changed);
            let entry = self.desk.entry(now, Operation::Change, Vec::new(), whom, count);
            let entry = entry.called(format!("{} {scope}", statement.word()));
            if !effect.changed {
                inner.trail.append(&entry)?;
                return Ok(effect);
            }
            let row = contact_row(id, known.version + 1, known.created, &state, known.company);
            let (mut batch, gone) = self.no_longer_derived(id, &known, &state).await?;
            if gone.is_empty() {
                batch.expects.push(Expect::Contact(id, known.version));
            } else {
                self.note_removal(&mut batch, gone)?;
            }
            batch.writes.push(Write::Contact(row));
            self.commit_as(batch, entry).await?;
            Ok(effect)
        })
        .await
    }

    /// Writes down, with the record, that the contact objects to one use of it, or no more.
    async fn say_of_record(
        &self,
        contact: Id,
        statement: Statement,
        scope: &Scope,
        (category, id, used): (&str, Id, UseId),
    ) -> Result<Effect, EngineError> {
        let (inner, whom) = (&self.engine.inner, Whom::One(contact));
        let category = self.category(category, Operation::Change, &whom)?;
        let key = RecordKey { contact, category: category.0, id };
        let seen = inner.store.record(&key).await?;
        let known = self.known_since(contact, &seen.standing, Operation::Change).await?;
        if known.state.flags.any(Flags::ERASED) {
            return self.refuse(Reason::Erased, Some(category), Operation::Change, whom);
        }
        let Some(before) = seen.value else {
            return Err(self.desk.missing(inner, "record", Operation::Change, whom));
        };
        let after = objected_after(&before, statement, used)?;
        let changed = after != before.objected;
        let effect = Effect::of_record(changed, statement);
        let now = inner.clock.now();
        let places = Whom::Records(vec![key.into()]);
        let entry =
            self.desk.entry(now, Operation::Change, vec![category.0], places, usize::from(changed));
        let entry = entry.called(format!("{} {scope}", statement.word()));
        if !changed {
            inner.trail.append(&entry)?;
            return Ok(effect);
        }
        let row = RecordRow { version: before.version + 1, objected: after, ..before };
        let expects = vec![Expect::Contact(contact, known.version)];
        let batch = if row.edition == BASE {
            let RecordRow { key, version, expires, objected, open, .. } = row;
            let revision = Revision { key, version, expires, objected, open };
            Batch { expects, writes: vec![Write::Revise(revision)], ..Batch::default() }
        } else {
            let mut expects = expects;
            expects.push(Expect::Record(key, row.version - 1));
            let writes = vec![Write::Record(RecordRow { edition: BASE, ..row })];
            Batch { expects, writes, ..Batch::default() }
        };
        self.commit_as(batch, entry).await?;
        Ok(effect)
    }

    /// Only the purpose that the notice names for contacts' requests handles them.
    pub(crate) fn for_requests(&self, operation: Operation) -> Result<(), EngineError> {
        let notice = self.desk.policy.policy().notice();
        if self.desk.purpose_name() == notice.system.requests {
            return self.within_level(operation, Whom::Nobody);
        }
        self.refuse(Reason::OperationNotAllowed, None, operation, Whom::Nobody)
    }

    fn apply(
        &self,
        contact: Id,
        state: &mut ContactState,
        statement: Statement,
        scope: &Scope,
    ) -> Result<(), EngineError> {
        match scope {
            Scope::Purpose(name) => self.apply_to_purpose(contact, state, statement, name),
            Scope::Channel(channel) => apply_to_channel(state, statement, *channel),
            Scope::Profiling => apply_to_profiling(state, statement),
            Scope::Whole => self.apply_to_whole(state, statement),
            Scope::Data { category, field } => {
                let restricted = self.fields(category, field.as_deref())?;
                apply_to_data(state, statement, restricted)
            }
            // It is kept with the record.
            Scope::Record { .. } => Ok(()),
        }
    }

    fn apply_to_whole(
        &self,
        state: &mut ContactState,
        statement: Statement,
    ) -> Result<(), EngineError> {
        match statement {
            Statement::Restricts => {
                state.flags.set(Flags::RESTRICTED, true);
                state.restriction_set(u64::MAX);
            }
            Statement::LiftsRestriction => state.flags.set(Flags::RESTRICTED, false),
            Statement::Told => state.told = self.desk.policy.policy().version(),
            _ => return Err(does_not_fit("name a purpose, `profiling` or a channel")),
        }
        Ok(())
    }

    fn apply_to_purpose(
        &self,
        contact: Id,
        state: &mut ContactState,
        statement: Statement,
        name: &str,
    ) -> Result<(), EngineError> {
        let purpose = self.consentable(name)?;
        let bit = purpose.bit();
        match statement {
            Statement::Objects => return self.object_to(contact, state, purpose),
            Statement::WithdrawsObjection => {
                state.objected &= !bit;
                state.weighed &= !bit;
                if self.markets(purpose) && !self.objects_to_marketing(state) {
                    state.flags.set(Flags::OBJECTS_MARKETING, false);
                }
            }
            Statement::ObjectionUpheld if state.weighed & bit != 0 => {
                state.weighed &= !bit;
                state.objected |= bit;
            }
            Statement::ObjectionRejected if state.weighed & bit != 0 => state.weighed &= !bit,
            Statement::ObjectionUpheld | Statement::ObjectionRejected => {
                return Err(does_not_fit("no objection to this purpose is being weighed"));
            }
            Statement::Consents => state.consent(bit),
            Statement::WithdrawsConsent => state.withdraw_consent(bit),
            Statement::Restricts => {
                state.restricted |= bit;
                state.restriction_set(bit);
            }
            Statement::LiftsRestriction => state.restricted &= !bit,
            Statement::Told => return Err(does_not_fit("a contact is told of the whole notice")),
        }
        Ok(())
    }

    /// Direct marketing stops at once and everywhere; other objections are weighed by a person, and
    /// the purpose rests meanwhile; some purposes cannot be objected to.
    fn object_to(
        &self,
        contact: Id,
        state: &mut ContactState,
        purpose: PurposeId,
    ) -> Result<(), EngineError> {
        let declared = self.desk.policy.policy().purpose(purpose);
        let objection = declared.map_or(Objection::None, |declared| declared.objection);
        match objection {
            Objection::Absolute => {
                state.objected |= purpose.bit();
                if self.markets(purpose) {
                    state.flags.set(Flags::OBJECTS_MARKETING, true);
                }
            }
            Objection::Weighed => {
                // Whatever of it is direct marketing needs no weighing (Art. 21(3)).
                if self.markets(purpose) {
                    state.flags.set(Flags::OBJECTS_MARKETING, true);
                }
                if state.objected & purpose.bit() == 0 {
                    state.weighed |= purpose.bit();
                }
            }
            Objection::None => {
                let (reason, change) = (Reason::OperationNotAllowed, Operation::Change);
                let denied = self.refuse(reason, None, change, Whom::One(contact));
                // It is that purpose that cannot be objected to, not the one for requests.
                let named = self.desk.policy.policy().lexicon().purpose_name(purpose);
                return denied.map_err(|error| match error {
                    EngineError::Refused(refusal) => EngineError::Refused(Refusal {
                        purpose: named.to_owned(),
                        used: String::new(),
                        ..refusal
                    }),
                    other => other,
                });
            }
        }
        Ok(())
    }

    /// Whether an objection to a purpose with direct marketing in it stands.
    fn objects_to_marketing(&self, state: &ContactState) -> bool {
        let said = state.objected | state.weighed;
        let mut purposes = self.desk.policy.policy().lexicon().purposes();
        purposes.any(|purpose| said & purpose.bit() != 0 && self.markets(purpose))
    }

    pub(crate) fn markets(&self, purpose: PurposeId) -> bool {
        let declared = self.desk.policy.policy().purpose(purpose);
        declared.is_some_and(|purpose| purpose.uses.values().any(|used| used.direct_marketing))
    }

    fn fields(
        &self,
        category: &str,
        field: Option<&str>,
    ) -> Result<(CategoryId, Fields), EngineError> {
        let lexicon = self.desk.policy.policy().lexicon();
        let unknown = || EngineError::invalid("category", "is not one of the notice");
        let id = lexicon.category(category).ok_or_else(unknown)?;
        let fields = match field {
            None => Fields(u64::MAX),
            Some(name) => Fields::NONE.with(lexicon.field(id, name).ok_or_else(unknown)?),
        };
        Ok((id, fields))
    }
}

/// A scope that was written `CATEGORY/ID/PURPOSE.USE`.
fn record_scope(text: &str) -> Option<Scope> {
    let (category, rest) = text.split_once('/')?;
    let (id, used) = rest.split_once('/')?;
    let (category, used) = (category.to_owned(), used.to_owned());
    Some(Scope::Record { category, id: id.parse().ok()?, used })
}

/// The use of a record that is objected to after a statement. A record keeps one.
fn objected_after(
    before: &RecordRow,
    statement: Statement,
    used: UseId,
) -> Result<u16, EngineError> {
    match (statement, before.objected) {
        (Statement::Objects, u16::MAX) => Ok(used.0),
        (Statement::Objects, same) if same == used.0 => Ok(same),
        (Statement::Objects, _) => {
            Err(does_not_fit("another use of this record was objected to; object to the purpose"))
        }
        (Statement::WithdrawsObjection, same) if same == used.0 => Ok(u16::MAX),
        (Statement::WithdrawsObjection, other) => Ok(other),
        _ => Err(does_not_fit("a use of a record can be objected to, nothing else")),
    }
}

fn apply_to_channel(
    state: &mut ContactState,
    statement: Statement,
    channel: Channel,
) -> Result<(), EngineError> {
    let reach = match statement {
        Statement::Objects => Reach::Closed,
        // There is nothing to take back where the channel was not closed.
        Statement::WithdrawsObjection if state.reach(channel) != Reach::Closed => return Ok(()),
        Statement::WithdrawsObjection => Reach::Unasked,
        Statement::Consents => Reach::OptedIn,
        // Whoever takes consent back says no.
        Statement::WithdrawsConsent => Reach::Closed,
        _ => return Err(does_not_fit("a channel is opened or closed, nothing else")),
    };
    state.set_reach(channel, reach);
    Ok(())
}

fn apply_to_profiling(state: &mut ContactState, statement: Statement) -> Result<(), EngineError> {
    match statement {
        Statement::Objects => state.flags.set(Flags::OBJECTS_PROFILING, true),
        Statement::WithdrawsObjection => state.flags.set(Flags::OBJECTS_PROFILING, false),
        _ => return Err(does_not_fit("profiling can be objected to, nothing else")),
    }
    Ok(())
}

fn apply_to_data(
    state: &mut ContactState,
    statement: Statement,
    (category, fields): (CategoryId, Fields),
) -> Result<(), EngineError> {
    let at = state.restricted_fields.iter().position(|(found, _)| *found == category);
    let before = at.map_or(Fields::NONE, |at| state.restricted_fields.swap_remove(at).1);
    let after = match statement {
        Statement::Restricts => {
            state.restriction_set(u64::MAX);
            Fields(before.0 | fields.0)
        }
        Statement::LiftsRestriction => before.minus(fields),
        _ => return Err(does_not_fit("data can be restricted, nothing else")),
    };
    if !after.is_empty() {
        state.restricted_fields.push((category, after));
        state.restricted_fields.sort_unstable_by_key(|(category, _)| *category);
    }
    Ok(())
}

fn does_not_fit(hint: &str) -> EngineError {
    EngineError::invalid("scope", format!("does not fit the statement; hint: {hint}"))
}
