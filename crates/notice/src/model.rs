//! A notice as it is written: what the file says, with nothing resolved yet.
//!
//! The order of tables is the order of the file. Every public text is for people to read.

use indexmap::IndexMap;
use jiff::civil::Date;

use crate::id::{Channel, Operation};
use crate::time::{Window, YearEnd};

/// Tables by id, in the order of the file.
pub type Named<T> = IndexMap<String, T>;

/// A company's privacy notice.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    /// Stays the same over all versions, e.g. `customer-contacts`.
    pub id: String,
    /// What people call it.
    pub title: String,
    /// This version, e.g. `2026-11`; unique among the versions of the notice.
    pub version: String,
    /// From when it is in force.
    pub effective: Date,
    /// Language of its texts (BCP 47).
    pub language: String,
    /// What it is about, in a few sentences.
    pub summary: String,
    /// General statements, e.g. about analysing interests.
    pub statements: Vec<Statement>,
    /// Who decides why and how (GDPR Art. 4(7)).
    pub controller: Controller,
    /// Which laws cover a contact.
    pub regimes: Named<Regime>,
    /// What direct marketing needs, by way to reach a person.
    pub channels: IndexMap<Channel, ChannelRule>,
    /// Roles that may work under purposes, with their titles.
    pub roles: Named<String>,
    /// Data categories.
    pub categories: Named<Category>,
    /// Purposes, in the order of their numbers.
    pub purposes: Named<Purpose>,
    /// Kinds of business object.
    pub objects: Named<ObjectKind>,
    /// How interests and segments are made; `None` where the notice allows no profiling.
    pub profiling: Option<Profiling>,
    /// The smallest number of contacts that a cell of a report may stand for (k).
    pub smallest_cell: u32,
    /// How long the audit trail is kept.
    pub audit_window: Window,
    /// How long the keyed hash of a suppressed address is kept.
    pub suppression_window: Window,
    /// When a contact is non-active.
    pub archive: Option<Archive>,
    /// Under which purposes the system itself works.
    pub system: System,
    /// What its texts are in other languages: by language (ISO 639-1), then by the path of the text,
    /// see [`Texts`](crate::Texts).
    pub translations: Named<Named<String>>,
}

/// A general statement of the notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Heading.
    pub title: String,
    /// Text.
    pub text: String,
}

/// The controller and how to reach it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Controller {
    /// Legal name.
    pub name: String,
    /// Postal address.
    pub address: String,
    /// Country, ISO 3166-1 alpha-2.
    pub country: String,
    /// E-mail of the contact point.
    pub email: String,
    /// Web address of the notice or the contact point.
    pub web: Option<String>,
    /// Days to answer a contact's request (GDPR Art. 12(3): one month).
    pub answer_within_days: u16,
    /// Last day of the financial year.
    pub financial_year_ends: YearEnd,
}

/// The law that covers a contact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Regime {
    /// Its name.
    pub title: String,
    /// The controller's own: covers every contact whose country no other regime names, and those
    /// without a country. Exactly one regime is own.
    pub own: bool,
    /// Countries of contacts that it covers (ISO 3166-1 alpha-2).
    pub countries: Vec<String>,
    /// Takes the place of every lawful basis of the notice that is not in `except`.
    pub basis: Option<Basis>,
    /// Bases that stay as the purpose states them.
    pub except: Vec<Basis>,
    /// The region in which data of its contacts must be held; elsewhere Gantry refuses to.
    pub held_in: Option<String>,
}

/// What direct marketing needs on a channel, by the contact's country.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChannelRule {
    /// For countries in none of the lists, and for contacts without a country.
    pub default: OptIn,
    /// Countries that need opt-in.
    pub opt_in: Vec<String>,
    /// Countries where an existing customer may be addressed until told otherwise.
    pub soft_opt_in: Vec<String>,
    /// Countries where anybody may be addressed until told otherwise.
    pub opt_out: Vec<String>,
    /// Countries where opens and clicks may be traced to a person without consent (ePrivacy).
    pub traced: Vec<String>,
}

/// What a channel needs before direct marketing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum OptIn {
    /// The person agreed.
    #[default]
    OptIn,
    /// The person agreed, or is a contact of an existing customer and was never asked.
    SoftOptIn,
    /// The person did not close it.
    OptOut,
}

/// Lawful bases (GDPR Art. 6(1)).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Basis {
    /// (a)
    Consent,
    /// (b)
    Contract,
    /// (c)
    LegalObligation,
    /// (d)
    VitalInterests,
    /// (f)
    LegitimateInterest,
}

/// A named kind of personal data.
#[derive(Clone, Debug, PartialEq)]
pub struct Category {
    /// Its name for people.
    pub title: String,
    /// What it is, in a sentence.
    pub description: String,
    /// DPV term, e.g. `pd:Contact`.
    pub dpv: String,
    /// Where it usually comes from (GDPR Art. 14(2)(f)).
    pub source: String,
    /// One record a contact (a profile that is changed) or many (events that happened).
    pub single: bool,
    /// Whether it tells which company the contact represents: only who reads it sees the link.
    pub company: bool,
    /// Special category or criminal data (GDPR Art. 9, 10).
    pub special: bool,
    /// Whether a record of it may say from when on nobody sees it, sooner than any window ends.
    pub expires: bool,
    /// Kinds of object that a record of it may be about.
    pub about: Vec<String>,
    /// Its fields.
    pub fields: Named<Field>,
}

/// A field of a category or of an object.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Its name for people.
    pub title: String,
    /// What it holds.
    pub kind: FieldKind,
    /// Whether it is encrypted with the contact's own key. Always false for objects.
    pub sealed: bool,
    /// Whether contacts can be found by it, and how.
    pub search: Option<Search>,
    /// Whether it tells who somebody is; never shown in pseudonymous or aggregate mode.
    pub identifying: bool,
    /// The channel whose address it is.
    pub channel: Option<Channel>,
    /// Whether a record must have it.
    pub required: bool,
}

/// What a field holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// Words, up to so many characters. Categories only.
    Text {
        /// 1 to 20,000.
        max: u32,
    },
    /// One line of up to 200 characters that names a thing. Objects only.
    Label,
    /// Letters, digits and `-_./#:` and single spaces, up to 80: a number or a code of another
    /// system.
    Reference,
    /// E-mail address.
    Email,
    /// Telephone number.
    Phone,
    /// Country, ISO 3166-1 alpha-2.
    Country,
    /// Language, BCP 47.
    Language,
    /// Day, ISO 8601.
    Date,
    /// Instant, UTC.
    Time,
    /// Whole number.
    Integer,
    /// Amount in minor units with a currency (ISO 4217), e.g. `EUR 12.50`.
    Money,
    /// Yes or no.
    Flag,
    /// One of these.
    Code {
        /// The closed list.
        values: Vec<String>,
    },
}

/// How a field is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Search {
    /// As a whole, in its normal form.
    Exact,
    /// By its words and their beginnings.
    Words,
}

/// A numbered purpose.
#[derive(Clone, Debug, PartialEq)]
pub struct Purpose {
    /// Its place in the notice, from 1.
    pub number: u8,
    /// Its name for people.
    pub title: String,
    /// What is done, in a few sentences.
    pub description: String,
    /// DPV term, e.g. `dpv:Marketing`.
    pub dpv: String,
    /// Lawful basis.
    pub basis: Basis,
    /// Another basis under a regime, by its id; comes before the regime's own rule.
    pub basis_in: Named<Basis>,
    /// Another basis for sole traders, who are a party to the contract themselves.
    pub basis_for_sole_trader: Option<Basis>,
    /// The legitimate interest pursued (GDPR Art. 13(1)(d)).
    pub interest: Option<String>,
    /// The condition of Art. 9(2) or 10 where it reads special categories.
    pub special_condition: Option<String>,
    /// How it sees people.
    pub mode: Mode,
    /// What it reads, by category.
    pub reads: Named<Read>,
    /// Categories it may collect.
    pub collects: Vec<String>,
    /// Categories it may change.
    pub changes: Vec<String>,
    /// Categories it may derive.
    pub derives: Vec<String>,
    /// Categories it may disclose.
    pub discloses: Vec<String>,
    /// Roles that may work under it.
    pub roles: Vec<String>,
    /// Recipients outside (GDPR Art. 13(1)(e)), in words.
    pub recipients: Vec<String>,
    /// Named uses; at least one. The first is the usual one.
    pub uses: Named<Use>,
    /// What an objection to it does.
    pub objection: Objection,
    /// Whether it may look into the archive.
    pub reads_archive: bool,
    /// Whether it goes on while a contact is restricted (GDPR Art. 18(2): claims, protection of
    /// another person; statutory duties).
    pub while_restricted: bool,
}

/// What a purpose reads of a category.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read {
    /// Fields, or all of them.
    pub fields: Option<Vec<String>>,
    /// How long.
    pub window: Window,
}

/// A named use within a purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// Its name for people.
    pub title: String,
    /// Whether it is direct marketing (GDPR Art. 21(2)).
    pub direct_marketing: bool,
    /// Whether it may read interests.
    pub interests: bool,
    /// Whether it may read segments.
    pub segments: bool,
    /// Another basis than the purpose's, e.g. vital interests in an emergency.
    pub basis: Option<Basis>,
    /// Only these categories of the purpose, where not all.
    pub categories: Option<Vec<String>>,
    /// Only these operations of the purpose, where not all.
    pub operations: Option<Vec<Operation>>,
}

/// How a purpose sees people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    /// As they are.
    Identified,
    /// Under a stable alias of that purpose, with coarse dates and no identity.
    Pseudonymous,
    /// Never a row: counts and sums.
    Aggregate,
}

/// What an objection to a purpose does (GDPR Art. 21).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Objection {
    /// Acts at once and for good.
    Absolute,
    /// Is weighed by a person; the purpose rests meanwhile.
    Weighed,
    /// Is not available.
    None,
}

/// A kind of business object.
#[derive(Clone, Debug, PartialEq)]
pub struct ObjectKind {
    /// Its name for people.
    pub title: String,
    /// More than one.
    pub plural: String,
    /// Whether it belongs to a company.
    pub company: Belongs,
    /// States, the first is where it starts.
    pub states: Vec<String>,
    /// States in which it is closed.
    pub closed: Vec<String>,
    /// Purposes that may see it.
    pub read: Vec<String>,
    /// Purposes that may add and change it.
    pub write: Vec<String>,
    /// Its fields: closed and typed, no free text.
    pub fields: Named<Field>,
    /// Kinds of object that it may be part of, e.g. an order line of an order.
    pub part_of: Option<String>,
}

/// Whether an object belongs to a company.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Belongs {
    /// Always.
    Required,
    /// Where known.
    Optional,
    /// Never.
    None,
}

/// How interests and segments are made.
#[derive(Clone, Debug, PartialEq)]
pub struct Profiling {
    /// The categories that may feed it; no others.
    pub features: Vec<String>,
    /// Attributes that a rule may name, as `category.field`.
    pub attributes: Vec<String>,
    /// The category that holds interests.
    pub interests: String,
    /// The category that holds segments.
    pub segments: String,
    /// Purposes that may read interests.
    pub interest_readers: Vec<String>,
    /// Uses that may read segments, as `purpose/use`.
    pub segment_readers: Vec<String>,
    /// Topics and their names.
    pub topics: Named<String>,
    /// What a reaction weighs.
    pub weights: IndexMap<String, f64>,
    /// After so many days a reaction weighs half.
    pub half_life_days: u16,
    /// A segment with fewer members shows none.
    pub smallest_segment: u32,
    /// How a human reviews, in words.
    pub review: String,
    /// That no legal or similarly significant effect follows, in words (GDPR Art. 22).
    pub effect: String,
    /// Segments.
    pub segment: Named<Segment>,
}

/// A published segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Its name for people.
    pub title: String,
    /// What it means, for the contact.
    pub meaning: String,
    /// The rule, in CEL.
    pub rule: String,
}

/// When a contact is non-active, and what then happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Archive {
    /// The window after which a contact is non-active.
    pub non_active_after: Window,
    /// What then happens, in words.
    pub then: String,
}

/// Under which purposes the system itself works, so that nobody works without one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct System {
    /// Contacts' requests: objection, consent, restriction, erasure, access.
    pub requests: String,
    /// Sweep and archive.
    pub archive: String,
    /// Audit viewer and detections.
    pub audit: String,
    /// Copy, backup, migration and index building, which open nothing.
    pub operations: String,
}
