//! Why a decision is as it is, in words and for machines.
//!
//! To someone whose role lacks the purpose an explanation says that, and nothing of the contact.

mod ground;

use std::fmt;

use serde::Serialize;

pub use ground::Ground;

use crate::decide::{Ask, DatedPolicy, Decision, Reason};
use crate::id::{CategoryId, Fields, PurposeId, Roles, UseId};
use crate::model::Basis;
use crate::state::{ContactState, Flags, RecordState};
use crate::time::Day;

/// So many of the others stand in the text; all of them are in the value.
pub const OTHERS_SHOWN: usize = 5;

/// A decision and what it rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// Whether it is allowed.
    pub allowed: bool,
    /// Why not.
    pub reason: Option<ReasonWords>,
    /// Under which purpose.
    pub purpose: Clause,
    /// For which of its uses.
    #[serde(rename = "use")]
    pub used: Named,
    /// Of which category.
    pub category: Named,
    /// What was asked for.
    pub operation: &'static str,
    /// How the purpose sees people, where it is allowed.
    pub mode: Option<&'static str>,
    /// The fields that may be seen or written, where it is allowed.
    pub fields: Vec<String>,
    /// The fields that the notice lets it have, and the state of this contact takes away.
    pub left_out: Vec<LeftOut>,
    /// The lawful basis in force for this contact.
    pub basis: Option<BasisWords>,
    /// How long the purpose may see a record of the category, e.g. `24 months after collected`.
    pub window: Option<String>,
    /// The last day on which it may see this one: a day, or `open` while nothing has ended it.
    pub until: Option<String>,
    /// Other uses, of this purpose and of others, that may see it now.
    pub others: Vec<Other>,
    /// The notice that says so.
    pub notice: Version,
}

/// A reason of the closed list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReasonWords {
    /// Its id.
    pub id: &'static str,
    /// What people read.
    pub words: &'static str,
}

/// A field that the state of a contact takes away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// The field.
    pub field: String,
    /// Why.
    pub reason: ReasonWords,
}

/// A purpose, and where the notice speaks of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Clause {
    /// Its id.
    pub id: String,
    /// Its number in the notice; 0 where the notice in force names it no more.
    pub number: u8,
    /// Its name for people.
    pub title: String,
    /// Where the published page speaks of it, e.g. `#purpose-crm`.
    pub anchor: String,
}

/// Something with an id and a name for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Named {
    /// Its id.
    pub id: String,
    /// Its name for people.
    pub title: String,
}

/// The lawful basis in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BasisWords {
    /// Its id.
    pub id: &'static str,
    /// Its name for people.
    pub title: &'static str,
    /// Where the GDPR says so.
    pub article: &'static str,
    /// The legitimate interest pursued, where that is the basis.
    pub interest: Option<String>,
    /// The regime that covers the contact.
    pub regime: Named,
}

/// Another use that may see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Other {
    /// The purpose.
    pub purpose: Clause,
    /// The use.
    #[serde(rename = "use")]
    pub used: Named,
    /// How it sees people.
    pub mode: &'static str,
    /// The last day on which it may.
    pub until: Option<String>,
}

/// A version of a notice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Version {
    /// The notice.
    pub id: String,
    /// Its version.
    pub version: String,
}

impl DatedPolicy {
    /// Explains what [`decide`](Self::decide) answers, or, without a record, what
    /// [`decide_any`](Self::decide_any) does.
    pub fn explain(
        &self,
        ask: &Ask,
        contact: &ContactState,
        record: Option<&RecordState>,
    ) -> Explanation {
        let (decision, policy) = (self.answer(ask, contact, record), self.policy());
        let (purpose_id, use_name) = policy.lexicon().use_name(ask.use_id);
        let used = policy.declared_use(ask.use_id);
        let mut explanation = Explanation {
            allowed: false,
            reason: None,
            purpose: self.clause(purpose_id),
            used: named(use_name, used.map(|used| used.title.as_str())),
            category: self.category_named(ask.category),
            operation: ask.operation.word(),
            mode: None,
            fields: Vec::new(),
            left_out: Vec::new(),
            basis: None,
            window: None,
            until: None,
            others: Vec::new(),
            notice: Version {
                id: policy.notice().id.clone(),
                version: policy.notice().version.clone(),
            },
        };
        match decision {
            Decision::Allow { mode, fields } => {
                explanation.allowed = true;
                explanation.mode = Some(mode.word());
                explanation.fields = self.field_names(ask.category, fields);
                let left_out = self.left_out(ask, contact, |place| fields.has(place));
                let left_out = left_out.map(|(field, reason)| LeftOut {
                    field: field.to_owned(),
                    reason: ReasonWords { id: reason.id(), words: reason.words() },
                });
                explanation.left_out = left_out.collect();
            }
            Decision::Deny(reason) => {
                explanation.reason = Some(ReasonWords { id: reason.id(), words: reason.words() });
                // Who lacks the purpose learns nothing of the contact, not even that there is one.
                if matches!(reason, Reason::Unknown | Reason::RoleLacksPurpose) {
                    return explanation;
                }
            }
        }
        explanation.basis = self.basis_words(ask.use_id, contact);
        explanation.window = self.window_text(ask.use_id, ask.category);
        explanation.until = self.until(ask.use_id, ask.category, contact, record);
        explanation.others = self.others(ask, contact, record);
        explanation
    }

    /// The fields that the notice lets a use have, and that the state of a contact takes away: those
    /// restricted, and addresses of a channel that is not open. Whether they hold anything does not count.
    pub fn left_out<'a>(
        &'a self,
        ask: &Ask,
        contact: &'a ContactState,
        left: impl Fn(usize) -> bool + 'a,
    ) -> impl Iterator<Item = (&'a str, Reason)> + 'a {
        let category = ask.category;
        let listed = match self.decide_notice(ask) {
            Decision::Allow { fields, .. } => fields,
            Decision::Deny(_) => Fields::NONE,
        };
        let reason = move |place: usize| {
            let mut sets = contact.restricted_fields.iter();
            let restricted = sets.any(|(one, fields)| *one == category && fields.has(place));
            if restricted { Reason::Restricted } else { Reason::ChannelNotOpened }
        };
        let names = self.policy().lexicon().field_names(category).enumerate();
        let gone = names.filter(move |(place, _)| listed.has(*place) && !left(*place));
        gone.map(move |(place, name)| (name, reason(place)))
    }

    /// What is explained: the decision about a record, or about any where none is meant.
    pub fn answer(
        &self,
        ask: &Ask,
        contact: &ContactState,
        record: Option<&RecordState>,
    ) -> Decision {
        match record {
            Some(record) => self.decide(ask, contact, record),
            None => self.decide_any(ask, contact),
        }
    }

    fn clause(&self, id: PurposeId) -> Clause {
        let (name, purpose) = (self.policy().lexicon().purpose_name(id), self.policy().purpose(id));
        Clause {
            id: name.to_owned(),
            number: purpose.map_or(0, |purpose| purpose.number),
            title: purpose.map_or_else(|| name.to_owned(), |purpose| purpose.title.clone()),
            anchor: format!("#purpose-{name}"),
        }
    }

    fn category_named(&self, id: CategoryId) -> Named {
        let title = self.policy().category(id).map(|category| category.title.as_str());
        named(self.policy().lexicon().category_name(id), title)
    }

    fn field_names(&self, category: CategoryId, fields: Fields) -> Vec<String> {
        let names = self.policy().lexicon().field_names(category).enumerate();
        names.filter(|(at, _)| fields.has(*at)).map(|(_, name)| name.to_owned()).collect()
    }

    fn basis_words(&self, use_id: UseId, contact: &ContactState) -> Option<BasisWords> {
        let policy = self.policy();
        let purpose = policy.purpose(policy.lexicon().use_name(use_id).0)?;
        let own = policy.declared_use(use_id)?.basis;
        let stated = policy.basis(use_id, contact.country)?;
        // A sole trader is a party to the contract, unless the regime or the use says otherwise.
        let sole_trader =
            own.is_none() && stated == purpose.basis && contact.flags.any(Flags::SOLE_TRADER);
        let basis = purpose.basis_for_sole_trader.filter(|_| sole_trader).unwrap_or(stated);
        let (regime, rule) = policy.regime(contact.country)?;
        Some(BasisWords {
            id: basis.word(),
            title: basis.title(),
            article: basis.article(),
            interest: purpose.interest.clone().filter(|_| basis == Basis::LegitimateInterest),
            regime: named(regime, Some(&rule.title)),
        })
    }

    fn window_text(&self, use_id: UseId, category: CategoryId) -> Option<String> {
        let policy = self.policy();
        let purpose = policy.purpose(policy.lexicon().use_name(use_id).0)?;
        let read = purpose.reads.get(policy.lexicon().category_name(category))?;
        Some(read.window.to_string())
    }

    fn until(
        &self,
        use_id: UseId,
        category: CategoryId,
        contact: &ContactState,
        record: Option<&RecordState>,
    ) -> Option<String> {
        let day = self.last_day(use_id, category, contact, record?)?;
        (day != Day::NEVER).then(|| day.to_string())
    }

    /// The uses besides the one that asks which may see the same now, whoever works under them.
    fn others(
        &self,
        ask: &Ask,
        contact: &ContactState,
        record: Option<&RecordState>,
    ) -> Vec<Other> {
        let decide = |other: &Ask| self.answer(other, contact, record);
        self.elsewhere(ask, decide, |used| self.until(used, ask.category, contact, record))
    }

    /// The uses besides the one that asks which the notice lets see the same, whoever the contact
    /// is: what a contact said about one purpose is nothing that another learns.
    pub fn listed_elsewhere(&self, ask: &Ask) -> Vec<Other> {
        self.elsewhere(ask, |other| self.decide_notice(other), |_| None)
    }

    fn elsewhere(
        &self,
        ask: &Ask,
        decide: impl Fn(&Ask) -> Decision,
        until: impl Fn(UseId) -> Option<String>,
    ) -> Vec<Other> {
        let policy = self.policy();
        let other_uses = policy.lexicon().uses().filter(|(use_id, ..)| *use_id != ask.use_id);
        let seeing = other_uses.filter_map(|(use_id, purpose, use_name)| {
            let other = Ask {
                use_id,
                roles: Roles(u64::MAX),
                category: ask.category,
                operation: crate::Operation::Read,
                channel: None,
            };
            let Decision::Allow { mode, .. } = decide(&other) else {
                return None;
            };
            let title = policy.declared_use(use_id).map(|used| used.title.as_str());
            Some(Other {
                purpose: self.clause(purpose),
                used: named(use_name, title),
                mode: mode.word(),
                until: until(use_id),
            })
        });
        let mut others: Vec<Other> = seeing.collect();
        others.sort_by_key(|other| other.purpose.number);
        others
    }
}

fn named(id: &str, title: Option<&str>) -> Named {
    Named { id: id.to_owned(), title: title.unwrap_or(id).to_owned() }
}

/// A paragraph for people, a fact a line.
impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let answer = if self.allowed { "allowed" } else { "denied" };
        write!(f, "{answer}: to {} {} ", self.operation, self.category.title.to_lowercase())?;
        write!(f, "for {} {} ({})", self.purpose.number, self.purpose.title, self.used.title)?;
        if let Some(reason) = &self.reason {
            write!(f, "\n  because    {}", reason.words)?;
        }
        if let Some(mode) = self.mode {
            write!(f, "\n  sees       {mode}: {}", self.fields.join(", "))?;
        }
        for reason in [Reason::Restricted, Reason::ChannelNotOpened] {
            let gone = self.left_out.iter().filter(|gone| gone.reason.id == reason.id());
            let gone: Vec<&str> = gone.map(|gone| gone.field.as_str()).collect();
            if !gone.is_empty() {
                write!(f, "\n  left out   {}: {}", gone.join(", "), reason.words())?;
            }
        }
        if let Some(basis) = &self.basis {
            write!(
                f,
                "\n  basis      {} ({}, {})",
                basis.title, basis.article, basis.regime.title
            )?;
            if let Some(interest) = &basis.interest {
                write!(f, "\n  interest   {interest}")?;
            }
        }
        if let Some(window) = &self.window {
            write!(f, "\n  window     {window}")?;
        }
        if let Some(until) = &self.until {
            write!(f, "\n  until      {until}")?;
        }
        for (at, other) in self.others.iter().take(OTHERS_SHOWN).enumerate() {
            let head = if at == 0 { "others    " } else { "          " };
            let until =
                other.until.as_ref().map(|day| format!(", until {day}")).unwrap_or_default();
            let (purpose, used) = (&other.purpose, &other.used.title);
            write!(f, "\n  {head} {} {} ({used}){until}", purpose.number, purpose.title)?;
        }
        let more = self.others.len().saturating_sub(OTHERS_SHOWN);
        if more > 0 {
            write!(f, "\n             and {more} more")?;
        }
        let Version { id, version } = &self.notice;
        write!(f, "\n  notice     {id} {version}, {}", self.purpose.anchor)
    }
}

#[cfg(test)]
mod tests;
