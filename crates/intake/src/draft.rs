//! What a row says, in Gantry's words: owned, typed, and nobody's decision yet.
//!
//! Values are text in Gantry's canonical form: days `2024-05-01`, times `2024-05-01T10:00:00Z`,
//! countries `FI`, languages `pt-BR`, money `EUR 12.50`, flags `yes` and `no`, numbers `12`.

use std::sync::Arc;

use gantry_notice::{Channel, Country};

use crate::fault::Position;

/// Everything that one row says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// Where it stands.
    pub position: Position,
    /// The company that the row describes.
    pub company: Option<CompanyDraft>,
    /// The contact that the row describes.
    pub contact: Option<ContactDraft>,
    /// Business objects, in the order of the map.
    pub objects: Vec<ObjectDraft>,
    /// Records about the row's contact or another one.
    pub records: Vec<RecordDraft>,
    /// What was left out, and why.
    pub remarks: Vec<Remark>,
}

/// A company: an object of kind `company`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompanyDraft {
    /// Its id in the source.
    pub key: String,
    /// Its state; `None` where the source does not say.
    pub state: Option<String>,
    /// Fields of the kind; values canonical, empty ones left out.
    pub fields: Vec<(Arc<str>, String)>,
    /// The fields by which one that is there already is known to be the same, the surest first.
    pub same: Arc<[Arc<str>]>,
}

/// A contact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContactDraft {
    /// By what it is matched with a contact that is there already.
    pub key: Key,
    /// Its country; `None` where the row does not say.
    pub country: Option<Country>,
    /// The source's id of the company that it represents.
    pub company: Option<String>,
    /// Fields, those of one category together; empty ones left out.
    pub fields: Vec<FieldDraft>,
    /// What the contact said about being reached and profiled.
    pub said: Vec<Said>,
    /// The purposes that it consented to.
    pub consents: Vec<Arc<str>>,
    /// Whether its company is the person.
    pub sole_trader: bool,
}

/// By what a contact is matched.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// Its id in the source.
    ExternalId(String),
    /// Its e-mail address, lower case.
    Email(String),
}

/// A field of a data category.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldDraft {
    /// `contact-details`.
    pub category: Arc<str>,
    /// `email`.
    pub field: Arc<str>,
    /// Canonical text, never empty.
    pub value: String,
}

/// Something a contact said, as the source has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// What.
    pub what: Saying,
    /// When (`2024-05-01T10:00:00Z`), where the source says.
    pub at: Option<String>,
    /// The column it is taken from, as evidence; empty where the whole file says it.
    pub column: Arc<str>,
}

/// The things a contact may have said, or that the source says of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Saying {
    /// An objection to direct marketing (GDPR Art. 21(2)).
    ObjectsMarketing,
    /// An objection to profiling.
    ObjectsProfiling,
    /// Do not use this channel.
    Closed(Channel),
    /// Yes to direct marketing through this channel.
    OptedIn(Channel),
    /// Asked, and did not say yes; not an objection.
    NotOptedIn(Channel),
    /// The contact's company is a customer today (for a soft opt-in).
    CustomerToday,
}

/// An object named by its kind and its id in the source.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectRef {
    /// `order`.
    pub kind: Arc<str>,
    /// Its id in the source.
    pub key: String,
}

/// A business object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectDraft {
    /// Kind and id. Several rows of a file may say the same object.
    pub object: ObjectRef,
    /// The source's id of the company it belongs to.
    pub company: Option<String>,
    /// The object it is a part of.
    pub part_of: Option<ObjectRef>,
    /// Its state; `None` where the source does not say.
    pub state: Option<String>,
    /// Its day or time.
    pub at: Option<String>,
    /// The day on which it was closed, where the source says.
    pub closed: Option<String>,
    /// Fields of the kind; empty ones left out.
    pub fields: Vec<(Arc<str>, String)>,
}

/// One fact about one contact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordDraft {
    /// Of which category.
    pub category: Arc<str>,
    /// The record's id in the source, for importing twice; `None` where it has none.
    pub key: Option<String>,
    /// About whom; `None` for the row's own contact.
    pub contact: Option<Key>,
    /// About which object.
    pub about: Option<ObjectRef>,
    /// Its day or time.
    pub at: Option<String>,
    /// Fields of the category; empty ones left out.
    pub fields: Vec<(Arc<str>, String)>,
}

/// Something that was left out on purpose, for the report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remark {
    /// An address such as `info@` belongs to no person: it was left out, and where nothing else
    /// names a person, so was the contact.
    SharedMailbox {
        /// The column of the address.
        column: Arc<str>,
        /// Whether a contact is left.
        contact_kept: bool,
    },
    /// The row has fields of a contact, but no name, address or number to know somebody by.
    Nobody,
}
