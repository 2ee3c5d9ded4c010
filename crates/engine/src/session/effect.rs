//! What a statement of a contact came to: whether it changed anything, and what it means now.

use gantry_notice::model::Basis;
use gantry_notice::{ContactState, Flags, PurposeId, Reach};
use serde::{Serialize, Serializer};

use crate::session::identified::Identified;
use crate::session::requests::{Scope, Statement};

/// What a statement came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Effect {
    /// Whether anything is otherwise than before.
    pub changed: bool,
    /// What it means now, in the order in which it matters.
    pub means: Vec<Meaning>,
}

/// What a statement means, as a closed list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Meaning {
    /// It was said before.
    AlreadySo,
    /// There was no objection to take back.
    NoObjection,
    /// There was no consent to withdraw.
    NoConsent,
    /// There was no such restriction to lift.
    NotRestricted,
    /// The purpose stops.
    Stops,
    /// The use of the record stops.
    UseStops,
    /// Direct marketing stops.
    MarketingStops,
    /// Profiling stops.
    ProfilingStops,
    /// The purpose rests until a person has decided.
    BeingWeighed,
    /// The objection was overridden.
    GoesOn,
    /// Something else keeps the purpose, or direct marketing, closed.
    ObjectionStands,
    /// The purpose does not rest on consent.
    OnOtherGround,
    /// The purpose goes on while processing is restricted.
    WhileRestricted,
    /// A wider or another restriction is left.
    StillRestricted,
    /// The channel may be used for direct marketing.
    ChannelOpen,
    /// The channel may not be used for direct marketing.
    ChannelShut,
}

impl Meaning {
    /// A short id for programs.
    pub const fn id(self) -> &'static str {
        match self {
            Self::AlreadySo => "already-so",
            Self::NoObjection => "no-objection",
            Self::NoConsent => "no-consent",
            Self::NotRestricted => "not-restricted",
            Self::Stops => "stops",
            Self::UseStops => "use-stops",
            Self::MarketingStops => "marketing-stops",
            Self::ProfilingStops => "profiling-stops",
            Self::BeingWeighed => "being-weighed",
            Self::GoesOn => "goes-on",
            Self::ObjectionStands => "objection-stands",
            Self::OnOtherGround => "on-other-ground",
            Self::WhileRestricted => "while-restricted",
            Self::StillRestricted => "still-restricted",
            Self::ChannelOpen => "channel-open",
            Self::ChannelShut => "channel-shut",
        }
    }

    /// What people read.
    pub const fn words(self) -> &'static str {
        match self {
            Self::AlreadySo => "this was so before",
            Self::NoObjection => "there was no such objection to take back",
            Self::NoConsent => "there was no consent to withdraw",
            Self::NotRestricted => "there was no such restriction to lift",
            Self::Stops => "the purpose stops for this contact, at once",
            Self::UseStops => "this use sees the record no more, at once",
            Self::MarketingStops => {
                "direct marketing stops for this contact at once, under every purpose"
            }
            Self::ProfilingStops => "profiling stops for this contact, at once",
            Self::BeingWeighed => {
                "the purpose rests for this contact until a person has weighed the objection: it is upheld or rejected"
            }
            Self::GoesOn => "the purpose goes on for this contact",
            Self::ObjectionStands => {
                "an objection stands in the way until the contact takes it back"
            }
            Self::OnOtherGround => {
                "the purpose does not rest on consent for this contact: it goes on with or without, and an objection is what may stop it"
            }
            Self::WhileRestricted => {
                "the purpose goes on all the same: for claims, duties or others' protection, or with consent"
            }
            Self::StillRestricted => "another restriction of this contact stands",
            Self::ChannelOpen => "direct marketing may use the channel",
            Self::ChannelShut => "direct marketing may not use the channel",
        }
    }
}

impl Serialize for Meaning {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Words {
            id: &'static str,
            words: &'static str,
        }
        Words { id: self.id(), words: self.words() }.serialize(serializer)
    }
}

impl Effect {
    /// What a statement about one use of one record came to.
    pub(crate) fn of_record(changed: bool, statement: Statement) -> Effect {
        let objects = statement == Statement::Objects;
        let means = match (changed, objects) {
            (true, true) => vec![Meaning::UseStops],
            (true, false) => Vec::new(),
            (false, true) => vec![Meaning::AlreadySo, Meaning::UseStops],
            (false, false) => vec![Meaning::NoObjection],
        };
        Effect { changed, means }
    }
}

impl Identified {
    /// What a statement made of a contact's state.
    pub(crate) fn effect(
        &self,
        before: &ContactState,
        after: &ContactState,
        statement: Statement,
        scope: &Scope,
    ) -> Effect {
        let changed = before != after;
        let mut means = Vec::new();
        if !changed {
            means.push(match statement {
                Statement::WithdrawsObjection => Meaning::NoObjection,
                Statement::WithdrawsConsent if !matches!(scope, Scope::Channel(_)) => {
                    Meaning::NoConsent
                }
                Statement::LiftsRestriction => Meaning::NotRestricted,
                _ => Meaning::AlreadySo,
            });
        }
        match scope {
            Scope::Purpose(name) => {
                let purpose = self.desk.policy.policy().lexicon().purpose(name);
                means.extend(
                    purpose.map(|id| self.for_purpose(after, statement, id)).into_iter().flatten(),
                );
            }
            Scope::Channel(channel) => {
                let open = self.desk.policy.channel_open(after, *channel);
                let objects = open && after.flags.any(Flags::OBJECTS_MARKETING);
                means.push(if open { Meaning::ChannelOpen } else { Meaning::ChannelShut });
                if objects && after.reach(*channel) != Reach::Closed {
                    means.pop();
                    means.push(Meaning::ObjectionStands);
                }
            }
            Scope::Profiling if statement == Statement::Objects => {
                means.push(Meaning::ProfilingStops);
            }
            Scope::Profiling if after.flags.any(Flags::OBJECTS_MARKETING) => {
                means.push(Meaning::ObjectionStands);
            }
            Scope::Whole | Scope::Data { .. } | Scope::Profiling | Scope::Record { .. } => {}
        }
        if statement == Statement::LiftsRestriction && is_restricted(after) {
            means.push(Meaning::StillRestricted);
        }
        Effect { changed, means }
    }

    fn for_purpose(
        &self,
        after: &ContactState,
        statement: Statement,
        purpose: PurposeId,
    ) -> Vec<Meaning> {
        let bit = purpose.bit();
        let objects = (after.objected | after.weighed) & bit != 0;
        let marketing = self.markets(purpose) && after.flags.any(Flags::OBJECTS_MARKETING);
        let mut means = Vec::new();
        let mut note = |holds: bool, meaning: Meaning| means.extend(holds.then_some(meaning));
        match statement {
            Statement::Objects => {
                note(after.weighed & bit != 0, Meaning::BeingWeighed);
                note(after.objected & bit != 0 && !marketing, Meaning::Stops);
                note(marketing, Meaning::MarketingStops);
            }
            Statement::ObjectionUpheld => note(true, Meaning::Stops),
            Statement::ObjectionRejected => note(true, Meaning::GoesOn),
            Statement::WithdrawsObjection => note(marketing, Meaning::ObjectionStands),
            Statement::Consents => {
                note(objects || marketing, Meaning::ObjectionStands);
                let stands = objects || marketing;
                note(!stands && !self.rests_on_consent(after, purpose), Meaning::OnOtherGround);
            }
            Statement::WithdrawsConsent => {
                let rests = self.rests_on_consent(after, purpose);
                note(rests, Meaning::Stops);
                note(!rests && !objects && !marketing, Meaning::OnOtherGround);
            }
            Statement::Restricts => {
                let declared = self.desk.policy.policy().purpose(purpose);
                let goes_on = declared.is_some_and(|purpose| purpose.while_restricted);
                // Consent of before the restriction does not count under it (Art. 18(2)).
                let consents = after.consents_while_restricted & bit != 0;
                note(goes_on || consents, Meaning::WhileRestricted);
            }
            Statement::LiftsRestriction | Statement::Told => {}
        }
        means
    }

    /// Whether any use of the purpose needs the contact's consent.
    fn rests_on_consent(&self, contact: &ContactState, purpose: PurposeId) -> bool {
        let policy = self.desk.policy.policy();
        let mut uses = policy.lexicon().uses().filter(|(_, of, _)| *of == purpose);
        uses.any(|(used, ..)| policy.basis(used, contact.country) == Some(Basis::Consent))
    }
}

fn is_restricted(state: &ContactState) -> bool {
    state.flags.any(Flags::RESTRICTED)
        || state.restricted != 0
        || !state.restricted_fields.is_empty()
}
