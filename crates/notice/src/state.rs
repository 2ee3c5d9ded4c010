//! What the decision needs to know about a contact and a record, packed small.

use crate::id::{CategoryId, Channel, Fields, PurposeId, UseId};
use crate::time::Day;

/// A country as two letters (ISO 3166-1 alpha-2), or none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Country([u8; 2]);

impl Country {
    /// No country known.
    pub const NONE: Country = Country([0, 0]);

    /// The country of a two-letter code, in any case.
    pub fn of(code: &str) -> Option<Country> {
        match *code.as_bytes() {
            [a, b] if a.is_ascii_alphabetic() && b.is_ascii_alphabetic() => {
                Some(Country([a.to_ascii_uppercase(), b.to_ascii_uppercase()]))
            }
            _ => None,
        }
    }

    /// The two letters; empty where there is no country.
    pub fn code(&self) -> &str {
        if *self == Self::NONE { "" } else { std::str::from_utf8(&self.0).unwrap_or("") }
    }

    /// A place in a table of 26 × 26, and one more for no country.
    pub(crate) const fn slot(self) -> usize {
        let [a, b] = self.0;
        if a.is_ascii_uppercase() && b.is_ascii_uppercase() {
            (a - b'A') as usize * 26 + (b - b'A') as usize
        } else {
            Self::NO_COUNTRY
        }
    }

    pub(crate) const NO_COUNTRY: usize = 26 * 26;
}

/// Facts about a contact that are true or not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Flags(u16);

impl Flags {
    /// The contact was erased; only its id is left.
    pub const ERASED: Flags = Flags(1);
    /// Its data is held in another region.
    pub const ELSEWHERE: Flags = Flags(1 << 1);
    /// It is non-active, in the archive.
    pub const ARCHIVED: Flags = Flags(1 << 2);
    /// Processing is restricted as a whole (GDPR Art. 18).
    pub const RESTRICTED: Flags = Flags(1 << 3);
    /// It represents a customer of today: one that has bought something (soft opt-in).
    pub const CUSTOMER: Flags = Flags(1 << 4);
    /// It objected to direct marketing (GDPR Art. 21(2)).
    pub const OBJECTS_MARKETING: Flags = Flags(1 << 5);
    /// It objected to profiling.
    pub const OBJECTS_PROFILING: Flags = Flags(1 << 6);
    /// It is a sole trader: its company's data is personal, too.
    pub const SOLE_TRADER: Flags = Flags(1 << 7);

    /// All of them.
    pub(crate) const ALL: Flags = Flags(u16::MAX);

    /// Whether any of `other` is set.
    pub const fn any(self, other: Flags) -> bool {
        self.0 & other.0 != 0
    }

    /// Both sets.
    #[must_use]
    pub const fn or(self, other: Flags) -> Flags {
        Flags(self.0 | other.0)
    }

    /// Sets or clears `other`.
    pub fn set(&mut self, other: Flags, on: bool) {
        if on {
            self.0 |= other.0;
        } else {
            self.0 &= !other.0;
        }
    }

    /// Any 16 bits, for tests that go through all states.
    pub const fn from_bits(bits: u16) -> Flags {
        Flags(bits)
    }
}

/// What a contact said about a channel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Reach {
    /// Nothing.
    #[default]
    Unasked = 0,
    /// Yes, for direct marketing.
    OptedIn = 1,
    /// Asked, and did not say yes.
    NotOptedIn = 2,
    /// No.
    Closed = 3,
}

/// The state of a contact that decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContactState {
    /// Where the contact is; gives regime and channel rules.
    pub country: Country,
    /// Facts.
    pub flags: Flags,
    /// By [`Channel`].
    pub reach: [Reach; 3],
    /// Purposes consented to.
    pub consents: u64,
    /// Those of them consented to since the restriction that stands was set: with consent given
    /// before it, nothing goes on (GDPR Art. 18(2)).
    pub consents_while_restricted: u64,
    /// Purposes objected to, for good.
    pub objected: u64,
    /// Purposes objected to, being weighed.
    pub weighed: u64,
    /// Purposes restricted one by one.
    pub restricted: u64,
    /// Purposes that a law obliges to keep something of an erased contact.
    pub kept_for: u64,
    /// The latest version of the notice that the contact was told of or agreed to.
    pub told: u16,
    /// Last activity.
    pub last_activity: Day,
    /// End of relation; [`Day::OPEN`] while it goes on.
    pub end_of_relation: Day,
    /// Single fields restricted, usually none.
    pub restricted_fields: Vec<(CategoryId, Fields)>,
}

impl ContactState {
    /// A contact of that country, told of that version of the notice, with nothing else known.
    pub fn new(country: Country, told: u16) -> Self {
        ContactState {
            country,
            flags: Flags::default(),
            reach: [Reach::Unasked; 3],
            consents: 0,
            consents_while_restricted: 0,
            objected: 0,
            weighed: 0,
            restricted: 0,
            kept_for: 0,
            told,
            last_activity: Day::NEVER,
            end_of_relation: Day::OPEN,
            restricted_fields: Vec::new(),
        }
    }

    /// What the contact said about a channel.
    pub const fn reach(&self, channel: Channel) -> Reach {
        let [email, phone, post] = self.reach;
        match channel {
            Channel::Email => email,
            Channel::Phone => phone,
            Channel::Post => post,
        }
    }

    /// Notes what the contact said about a channel.
    pub fn set_reach(&mut self, channel: Channel, reach: Reach) {
        let [email, phone, post] = &mut self.reach;
        *match channel {
            Channel::Email => email,
            Channel::Phone => phone,
            Channel::Post => post,
        } = reach;
    }

    /// Notes that the contact consents to purposes. Where a restriction stands that covers them,
    /// they go on from now.
    pub fn consent(&mut self, purposes: u64) {
        self.consents |= purposes;
        let all = self.flags.any(Flags::RESTRICTED) || !self.restricted_fields.is_empty();
        self.consents_while_restricted |= if all { purposes } else { purposes & self.restricted };
    }

    /// Notes that the contact takes its consent to purposes back.
    pub fn withdraw_consent(&mut self, purposes: u64) {
        self.consents &= !purposes;
        self.consents_while_restricted &= !purposes;
    }

    /// Notes that a restriction which covers these purposes was set, now: what was consented to
    /// before does not lift it.
    pub fn restriction_set(&mut self, purposes: u64) {
        self.consents_while_restricted &= !purposes;
    }

    /// The packed form that a store keeps: a version byte, fixed little-endian fields, then the
    /// restricted fields.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(HEAD + self.restricted_fields.len() * 9);
        out.push(FORM);
        out.extend(self.country.0);
        out.extend(self.flags.0.to_le_bytes());
        out.extend(self.reach.map(|reach| reach as u8));
        for set in [
            self.consents,
            self.consents_while_restricted,
            self.objected,
            self.weighed,
            self.restricted,
            self.kept_for,
        ] {
            out.extend(set.to_le_bytes());
        }
        out.extend(self.told.to_le_bytes());
        out.extend(self.last_activity.0.to_le_bytes());
        out.extend(self.end_of_relation.0.to_le_bytes());
        for (category, fields) in &self.restricted_fields {
            out.push(category.0);
            out.extend(fields.0.to_le_bytes());
        }
        out
    }

    /// Reads the packed form; `None` where it is not one that [`encode`](Self::encode) makes.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let mut bytes = Bytes(bytes);
        if bytes.take()? != [FORM] {
            return None;
        }
        let state = ContactState {
            country: Country(bytes.take()?),
            flags: Flags(u16::from_le_bytes(bytes.take()?)),
            reach: [bytes.reach()?, bytes.reach()?, bytes.reach()?],
            consents: bytes.set()?,
            consents_while_restricted: bytes.set()?,
            objected: bytes.set()?,
            weighed: bytes.set()?,
            restricted: bytes.set()?,
            kept_for: bytes.set()?,
            told: u16::from_le_bytes(bytes.take()?),
            last_activity: Day(i32::from_le_bytes(bytes.take()?)),
            end_of_relation: Day(i32::from_le_bytes(bytes.take()?)),
            restricted_fields: Vec::new(),
        };
        let mut restricted_fields = Vec::new();
        while !bytes.0.is_empty() {
            let [category] = bytes.take()?;
            restricted_fields.push((CategoryId(category), Fields(bytes.set()?)));
        }
        Some(ContactState { restricted_fields, ..state })
    }
}

/// The first byte of the packed form, which says how the rest is written.
const FORM: u8 = 2;
const HEAD: usize = 1 + 2 + 2 + 3 + 6 * 8 + 2 + 4 + 4;

struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*head)
    }

    fn set(&mut self) -> Option<u64> {
        self.take().map(u64::from_le_bytes)
    }

    fn reach(&mut self) -> Option<Reach> {
        match self.take()? {
            [0] => Some(Reach::Unasked),
            [1] => Some(Reach::OptedIn),
            [2] => Some(Reach::NotOptedIn),
            [3] => Some(Reach::Closed),
            _ => None,
        }
    }
}

/// What decides about a record, besides its category.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordState {
    /// The day of the fact.
    pub at: Day,
    /// The day its object was closed, [`Day::OPEN`] while it is open; `at` where it is about none.
    pub closed: Day,
    /// The last day it may be seen at all.
    pub keep_until: Day,
    /// Whether the instant has come from which on nobody may see it.
    pub expired: bool,
    /// The use of it that the contact objected to.
    pub objected: Option<UseId>,
    /// The purpose it was collected for.
    pub collected_for: PurposeId,
    /// The version of the notice in force when it was collected.
    pub version: u16,
}

impl RecordState {
    /// A record about no object, of that day.
    pub const fn new(at: Day, collected_for: PurposeId, version: u16) -> Self {
        let (keep_until, expired, objected) = (Day::OPEN, false, None);
        RecordState { at, closed: at, keep_until, expired, objected, collected_for, version }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_survives_packing_and_no_shorter_form_is_one() {
        let mut state = ContactState::new(Country::of("fi").unwrap(), 3);
        state.flags.set(Flags::CUSTOMER.or(Flags::OBJECTS_MARKETING), true);
        state.set_reach(Channel::Post, Reach::Closed);
        state.consents = 1 << 63 | 1;
        state.consents_while_restricted = 1;
        state.last_activity = Day(20_000);
        state.restricted_fields.push((CategoryId(4), Fields(0b101)));
        let packed = state.encode();
        assert_eq!(ContactState::decode(&packed), Some(state));
        for length in 0..packed.len() {
            let shorter = packed.get(..length).and_then(ContactState::decode);
            assert!(length == HEAD || shorter.is_none(), "{length} bytes");
        }
    }

    #[test]
    fn only_consent_given_under_a_restriction_counts_under_it() {
        let mut state = ContactState::new(Country::NONE, 0);
        state.consent(0b1);
        state.restricted = 0b110;
        state.restriction_set(0b110);
        state.consent(0b11);
        assert_eq!(state.consents_while_restricted, 0b10, "the first purpose is not restricted");
        state.flags.set(Flags::RESTRICTED, true);
        state.restriction_set(u64::MAX);
        assert_eq!(state.consents_while_restricted, 0);
        state.consent(0b101);
        assert_eq!((state.consents, state.consents_while_restricted), (0b111, 0b101));
        state.withdraw_consent(0b1);
        assert_eq!((state.consents, state.consents_while_restricted), (0b110, 0b100));
    }
}
