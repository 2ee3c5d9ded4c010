//! The decision: one table look-up, a few comparisons, no I/O, no clock, no allocation.
//!
//! The order of the checks is the order of the reasons a user may be given: first what the notice
//! says of the purpose, then the state of the contact, then the record. `docs/decision.md` says it
//! in words; the tests hold this code to a second reading of those words.

use std::sync::Arc;

use crate::id::{CategoryId, Channel, Fields, Operation, PurposeId, Roles, UseId};
use crate::model::{Mode, OptIn};
use crate::policy::{Cell, Policy, UseRow};
use crate::state::{ContactState, Country, Flags, Reach, RecordState};
use crate::time::{Anchor, Day};

/// What somebody wants to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ask {
    /// The use, and with it the purpose.
    pub use_id: UseId,
    /// The roles of whoever asks.
    pub roles: Roles,
    /// Of which category.
    pub category: CategoryId,
    /// What.
    pub operation: Operation,
    /// Through which channel the person is to be reached, if so.
    pub channel: Option<Channel>,
}

/// The answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Yes, in this mode, for these fields.
    Allow {
        /// How the purpose sees people.
        mode: Mode,
        /// Never empty.
        fields: Fields,
    },
    /// No.
    Deny(Reason),
}

/// Why not. The list is closed; the words are what users see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Reason {
    /// The notice names no such purpose, use, category, field, country or state.
    Unknown = 0,
    /// The actor's role may not work under the purpose.
    RoleLacksPurpose,
    /// The notice does not list the category for the purpose, now or when it was collected.
    NotInNotice,
    /// The purpose works with the category, but not in this way.
    OperationNotAllowed,
    /// The purpose may, but this use of it may not.
    NotForThisUse,
    /// The purpose sees only counts and sums.
    OnlyInAggregate,
    /// The contact was erased.
    Erased,
    /// The contact's data is held in another region.
    HeldElsewhere,
    /// The contact is in the archive.
    Archived,
    /// Processing is restricted.
    Restricted,
    /// The contact objected.
    Objected,
    /// The contact objected and a person is weighing it.
    ObjectionWeighed,
    /// Consent is the basis, and is not there.
    NoConsent,
    /// Direct marketing may not use the channel.
    ChannelNotOpened,
    /// The purpose's window has ended.
    PastWindow,
}

impl Reason {
    /// The whole list.
    pub const ALL: [Reason; 15] = [
        Self::Unknown,
        Self::RoleLacksPurpose,
        Self::NotInNotice,
        Self::OperationNotAllowed,
        Self::NotForThisUse,
        Self::OnlyInAggregate,
        Self::Erased,
        Self::HeldElsewhere,
        Self::Archived,
        Self::Restricted,
        Self::Objected,
        Self::ObjectionWeighed,
        Self::NoConsent,
        Self::ChannelNotOpened,
        Self::PastWindow,
    ];

    /// A short id for APIs and the audit trail.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::RoleLacksPurpose => "role-lacks-purpose",
            Self::NotInNotice => "not-in-notice",
            Self::OperationNotAllowed => "operation-not-allowed",
            Self::NotForThisUse => "not-for-this-use",
            Self::OnlyInAggregate => "only-in-aggregate",
            Self::Erased => "erased",
            Self::HeldElsewhere => "held-elsewhere",
            Self::Archived => "archived",
            Self::Restricted => "restricted",
            Self::Objected => "objected",
            Self::ObjectionWeighed => "objection-being-weighed",
            Self::NoConsent => "no-consent",
            Self::ChannelNotOpened => "channel-not-opened",
            Self::PastWindow => "past-window",
        }
    }

    /// What the user reads.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::RoleLacksPurpose => "your role may not work under this purpose",
            Self::NotInNotice => "the notice does not list this for the purpose",
            Self::OperationNotAllowed => "the notice does not allow this operation",
            Self::NotForThisUse => "not for this use of the purpose",
            Self::OnlyInAggregate => "this purpose sees only counts and sums",
            Self::Erased => "the contact was erased",
            Self::HeldElsewhere => "the contact's data is held in another region",
            Self::Archived => "the contact is in the archive",
            Self::Restricted => "processing is restricted",
            Self::Objected => "the contact objected",
            Self::ObjectionWeighed => "the contact objected, and the objection is being weighed",
            Self::NoConsent => "consent is needed, and has not been given",
            Self::ChannelNotOpened => "this channel is not open for direct marketing",
            Self::PastWindow => "the purpose's window has ended",
        }
    }
}

/// A policy on one day: every window is a day to compare with.
#[derive(Clone, Debug)]
pub struct DatedPolicy {
    policy: Arc<Policy>,
    today: Day,
    cutoffs: Vec<Day>,
}

impl DatedPolicy {
    /// The policy as it answers on `today`.
    pub fn new(policy: Arc<Policy>, today: Day) -> Self {
        let year_end = policy.notice().controller.financial_year_ends;
        let cutoffs = policy.windows.iter().map(|w| w.cutoff(today, year_end)).collect();
        DatedPolicy { policy, today, cutoffs }
    }

    /// The policy.
    pub fn policy(&self) -> &Arc<Policy> {
        &self.policy
    }

    /// The day it answers for.
    pub const fn today(&self) -> Day {
        self.today
    }

    /// Decides about a record, or, for [`Operation::Collect`], about one that is to be.
    pub fn decide(&self, ask: &Ask, contact: &ContactState, record: &RecordState) -> Decision {
        match self.decide_category(ask, contact) {
            Ok((row, cell, fields)) => match self.refuse_record(row, cell, ask, contact, record) {
                None => Decision::Allow { mode: row.mode, fields },
                Some(reason) => Decision::Deny(reason),
            },
            Err(reason) => Decision::Deny(reason),
        }
    }

    /// Decides about a category of a contact, whatever its records: may the purpose work with it
    /// at all now?
    pub fn decide_any(&self, ask: &Ask, contact: &ContactState) -> Decision {
        match self.decide_category(ask, contact) {
            Ok((row, _, fields)) => Decision::Allow { mode: row.mode, fields },
            Err(reason) => Decision::Deny(reason),
        }
    }

    /// Decides about a category whoever the contact is: what the notice says of purpose, use and
    /// role alone.
    pub fn decide_notice(&self, ask: &Ask) -> Decision {
        match self.row_and_cell(ask) {
            Ok((row, cell)) => Decision::Allow { mode: row.mode, fields: cell.fields },
            Err(reason) => Decision::Deny(reason),
        }
    }

    /// Whether direct marketing may use a channel to this contact; objections aside.
    pub fn channel_open(&self, contact: &ContactState, channel: Channel) -> bool {
        let territory = self.policy.territory(contact.country);
        match (contact.reach(channel), territory.rule(channel)) {
            (Reach::Closed, _) => false,
            (Reach::OptedIn, _) | (Reach::Unasked | Reach::NotOptedIn, OptIn::OptOut) => true,
            (Reach::Unasked, OptIn::SoftOptIn) => contact.flags.any(Flags::CUSTOMER),
            _ => false,
        }
    }

    #[inline]
    fn row_and_cell(&self, ask: &Ask) -> Result<(&UseRow, &Cell), Reason> {
        let row = self.policy.uses.get(ask.use_id.index()).ok_or(Reason::Unknown)?;
        if row.roles & ask.roles.0 == 0 {
            return Err(if row.retired { Reason::NotInNotice } else { Reason::RoleLacksPurpose });
        }
        let cell = self.policy.cell(ask.use_id, ask.category).ok_or(Reason::Unknown)?;
        if cell.operations & ask.operation.bit() == 0 {
            let refusal = cell.refusals.get(ask.operation as usize);
            return Err(refusal.copied().unwrap_or(Reason::Unknown));
        }
        Ok((row, cell))
    }

    #[inline]
    fn decide_category(
        &self,
        ask: &Ask,
        contact: &ContactState,
    ) -> Result<(&UseRow, &Cell, Fields), Reason> {
        let (row, cell) = self.row_and_cell(ask)?;
        if !self.is_quiet(row, cell, contact)
            && let Some(reason) = self.refuse_contact(row, cell, ask, contact)
        {
            return Err(reason);
        }
        let mut fields = cell.fields;
        if !contact.restricted_fields.is_empty() && !goes_on(row, contact) {
            for (category, restricted) in &contact.restricted_fields {
                if *category == ask.category {
                    fields = fields.minus(*restricted);
                }
            }
            if fields.is_empty() {
                return Err(Reason::Restricted);
            }
        }
        if row.direct_marketing {
            fields = self.reachable(cell, ask, contact, fields).ok_or(Reason::ChannelNotOpened)?;
        }
        Ok((row, cell, fields))
    }

    /// Direct marketing sees no address of a channel that is not open.
    fn reachable(
        &self,
        cell: &Cell,
        ask: &Ask,
        contact: &ContactState,
        mut fields: Fields,
    ) -> Option<Fields> {
        for (channel, addresses) in Channel::ALL.into_iter().zip(cell.addresses) {
            let wanted = ask.channel == Some(channel);
            if (wanted || fields.0 & addresses.0 != 0) && !self.channel_open(contact, channel) {
                if wanted {
                    return None;
                }
                // What a contact gives of its own accord may be stored while the channel is closed.
                if ask.operation != Operation::Collect {
                    fields = fields.minus(addresses);
                }
            }
        }
        (!fields.is_empty()).then_some(fields)
    }

    /// Whether nothing about the contact could stand in the way: most often so, and then
    /// [`refuse_contact`](Self::refuse_contact) need not look at one thing after the other.
    #[inline]
    fn is_quiet(&self, row: &UseRow, cell: &Cell, contact: &ContactState) -> bool {
        let purpose = row.purpose.bit();
        let said = contact.restricted | contact.objected | contact.weighed;
        let stopped = contact.flags.any(cell.stops) || said & purpose != 0;
        !stopped && (contact.consents & purpose != 0 || !self.needs_consent(row, contact))
    }

    #[inline]
    fn needs_consent(&self, row: &UseRow, contact: &ContactState) -> bool {
        row.consent_in >> (self.policy.territory(contact.country).regime & 31) & 1 != 0
    }

    fn refuse_contact(
        &self,
        row: &UseRow,
        cell: &Cell,
        ask: &Ask,
        contact: &ContactState,
    ) -> Option<Reason> {
        let flags = contact.flags;
        let looks = matches!(ask.operation, Operation::Read | Operation::Disclose);
        if flags.any(Flags::ERASED) && !(looks && contact.kept_for & row.purpose.bit() != 0) {
            return Some(Reason::Erased);
        }
        if flags.any(Flags::ELSEWHERE) {
            return Some(Reason::HeldElsewhere);
        }
        // Something new brings a contact back from the archive.
        if flags.any(Flags::ARCHIVED) && !row.reads_archive && ask.operation != Operation::Collect {
            return Some(Reason::Archived);
        }
        let purpose = row.purpose.bit();
        if (flags.any(Flags::RESTRICTED) || contact.restricted & purpose != 0)
            && !goes_on(row, contact)
        {
            return Some(Reason::Restricted);
        }
        let profiled =
            cell.profile && flags.any(Flags::OBJECTS_PROFILING.or(Flags::OBJECTS_MARKETING));
        let marketed = row.direct_marketing && flags.any(Flags::OBJECTS_MARKETING);
        if profiled || marketed || contact.objected & row.objectable != 0 {
            return Some(Reason::Objected);
        }
        if contact.weighed & row.objectable != 0 {
            return Some(Reason::ObjectionWeighed);
        }
        if self.needs_consent(row, contact) && contact.consents & purpose == 0 {
            return Some(Reason::NoConsent);
        }
        None
    }

    #[inline]
    fn refuse_record(
        &self,
        row: &UseRow,
        cell: &Cell,
        ask: &Ask,
        contact: &ContactState,
        record: &RecordState,
    ) -> Option<Reason> {
        if ask.operation != Operation::Collect && !self.compatible(row, cell, contact, record) {
            return Some(Reason::NotInNotice);
        }
        let objected = record.objected == Some(ask.use_id) && row.objectable != 0;
        if objected && ask.operation != Operation::Collect {
            return Some(Reason::Objected);
        }
        let anchor = anchor_day(cell.anchor, contact, record);
        let cutoff = self.cutoffs.get(cell.window as usize).copied().unwrap_or(Day::OPEN);
        if anchor < cutoff || record.keep_until < self.today || record.expired {
            return Some(Reason::PastWindow);
        }
        None
    }

    /// Whether the purpose may work with what was collected then, for that purpose.
    #[inline]
    fn compatible(
        &self,
        row: &UseRow,
        cell: &Cell,
        contact: &ContactState,
        record: &RecordState,
    ) -> bool {
        record.collected_for == row.purpose
            || self.policy.listed(cell, record.version)
            || self.policy.listed(cell, contact.told)
    }

    /// The last day on which the use may still read the record; `None` where it never may, by the
    /// notice alone or because the notice did not list the category for it.
    pub fn last_day(
        &self,
        use_id: UseId,
        category: CategoryId,
        contact: &ContactState,
        record: &RecordState,
    ) -> Option<Day> {
        let roles = Roles(u64::MAX);
        let ask = Ask { use_id, roles, category, operation: Operation::Read, channel: None };
        let (row, cell) = self.row_and_cell(&ask).ok()?;
        if !self.compatible(row, cell, contact, record) {
            return None;
        }
        let window = self.policy.windows.get(cell.window as usize)?;
        let year_end = self.policy.notice().controller.financial_year_ends;
        let last = window.last_day(anchor_day(cell.anchor, contact, record), year_end);
        Some(last.min(record.keep_until))
    }

    /// The last day on which any purpose that works with identified people may see the record:
    /// retention is when the last purpose closes its eyes. [`Day::NEVER`] where none may.
    pub fn keep_until(
        &self,
        category: CategoryId,
        contact: &ContactState,
        record: &RecordState,
    ) -> Day {
        let uses = self.policy.lexicon().uses().filter(|(use_id, ..)| {
            self.policy.use_row(*use_id).is_some_and(|row| row.mode == Mode::Identified)
        });
        uses.filter_map(|(use_id, ..)| self.last_day(use_id, category, contact, record))
            .max()
            .unwrap_or(Day::NEVER)
    }
}

/// Restriction leaves claims, protection of others, statutory duties, and use with consent that was
/// given since it was set.
const fn goes_on(row: &UseRow, contact: &ContactState) -> bool {
    let agreed = contact.consents & contact.consents_while_restricted;
    row.while_restricted || agreed & row.purpose.bit() != 0
}

#[inline]
fn anchor_day(anchor: Anchor, contact: &ContactState, record: &RecordState) -> Day {
    let active = record.at.max(contact.last_activity);
    // In the order of the anchors: which one it is nobody could foresee, so that a jump would cost
    // more than looking all of them up.
    let days = [record.at, active, contact.end_of_relation, record.closed];
    days.get(anchor as usize).copied().unwrap_or(Day::NEVER)
}

impl Policy {
    /// What covers a contact of that country.
    #[inline]
    pub(crate) fn territory(&self, country: Country) -> &crate::policy::Territory {
        let at = self.territory_of.get(country.slot()).copied().unwrap_or(0);
        self.territories.get(at as usize).unwrap_or(&self.fallback)
    }

    #[inline]
    fn listed(&self, cell: &Cell, version: u16) -> bool {
        let place = version.wrapping_sub(self.first_listed);
        place < 64 && cell.listed >> (place & 63) & 1 != 0
    }

    /// The purpose of a use.
    pub fn purpose_of(&self, use_id: UseId) -> Option<PurposeId> {
        self.uses.get(use_id.index()).map(|row| row.purpose)
    }
}
