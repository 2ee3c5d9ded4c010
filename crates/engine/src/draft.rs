//! What somebody wants to store, before it has been looked at, and what comes back.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use uuid::Uuid;

/// Fields by name, as text in any form that [`canonical`](crate::value::canonical) reads.
pub type FieldTexts = IndexMap<String, String>;

/// What is to change of a contact's profile.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProfileChange {
    /// Fields by category; an empty text takes a field away.
    pub data: IndexMap<String, FieldTexts>,
    /// The company that it represents from now on, or that it represents none; nothing leaves it as it
    /// is.
    pub company: Option<Option<Uuid>>,
}

/// A contact to be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContactDraft {
    /// Two letters (ISO 3166-1).
    pub country: Option<String>,
    /// The company it represents.
    pub company: Option<Uuid>,
    /// Whether the company is the person.
    #[serde(default)]
    pub sole_trader: bool,
    /// Whether the company is a customer today, which a soft opt-in rests on.
    #[serde(default)]
    pub customer: bool,
    /// Purposes that the contact has consented to, where consent is the basis.
    #[serde(default)]
    pub consents: Vec<String>,
    /// Its data, by category.
    #[serde(default)]
    pub data: IndexMap<String, FieldTexts>,
}

/// A record to be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordDraft {
    /// Its category.
    pub category: String,
    /// When it happened: an instant or a day (ISO 8601); now where it is missing.
    pub at: Option<String>,
    /// The object it is about.
    pub about: Option<About>,
    /// Where it comes from: a word of at most 64 letters, digits and `-_.:`.
    pub source: Option<String>,
    /// From when on nobody sees it: an instant or a day that is still to come, where the notice lets
    /// records of the category end.
    pub expires: Option<String>,
    /// A use of it that the contact has objected to, as `PURPOSE.USE`.
    pub objects_to: Option<String>,
    /// Its fields.
    #[serde(default)]
    pub fields: FieldTexts,
}

/// What is to change of a record.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordChange {
    /// Its fields; an empty text takes a field away.
    #[serde(default)]
    pub fields: FieldTexts,
    /// From when on nobody sees it, as in [`RecordDraft`]; an empty text leaves it open.
    pub expires: Option<String>,
    /// The use of it that is objected to from now on, as `PURPOSE.USE`: under the purpose that answers
    /// requests alone.
    pub objects_to: Option<String>,
    /// The version that it must have.
    pub version: Option<i64>,
}

/// The object a record is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// Kind of object.
    pub kind: String,
    /// Its id; an alias in pseudonymous mode.
    pub id: String,
}

/// An object to be, or what is to change of one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectDraft {
    /// When it happened or begins.
    pub at: Option<String>,
    /// The company it belongs to.
    pub company: Option<Uuid>,
    /// The object it is part of.
    pub part_of: Option<Uuid>,
    /// The person it is about, where a sole trader's company is that person.
    pub person: Option<Uuid>,
    /// Its state.
    pub state: Option<String>,
    /// Its fields; an empty text takes a field away.
    #[serde(default)]
    pub fields: FieldTexts,
}

/// A contact as a purpose sees it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ContactView {
    /// Its id.
    pub id: Uuid,
    /// Version of what the purpose sees of it, a keyed hash: it tells nothing of what others do with
    /// the contact.
    pub version: i64,
    /// Two letters, where known.
    pub country: Option<String>,
    /// The company it represents.
    pub company: Option<Uuid>,
    /// Its profile, by category and field.
    pub data: IndexMap<String, IndexMap<String, Json>>,
    /// What was left out, and why.
    pub withheld: Vec<Withheld>,
}

/// A record as a purpose sees it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RecordView {
    /// Its id.
    pub id: String,
    /// Its category.
    pub category: String,
    /// Its version; 0 in pseudonymous mode, where it could tell what an alias stands for.
    pub version: i64,
    /// When it happened (UTC); the month in pseudonymous mode.
    pub at: String,
    /// The purpose it was collected for.
    pub collected_for: String,
    /// Where it comes from.
    pub source: String,
    /// What it is about.
    pub about: Option<About>,
    /// From when on nobody sees it (UTC); not told in pseudonymous mode.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
    /// Its fields.
    pub fields: IndexMap<String, Json>,
}

/// A remark of what was left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Withheld {
    /// The category, or `category.field` where only a field was left out.
    pub category: String,
    /// Id of the reason.
    pub reason: &'static str,
    /// How many records; 0 where the category as a whole was left out.
    pub records: usize,
}

/// An object as a purpose sees it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ObjectView {
    /// Kind.
    pub kind: String,
    /// Id; an alias in pseudonymous mode.
    pub id: String,
    /// Version, for `If-Match`; 0 in pseudonymous mode.
    pub version: i64,
    /// When it happened or begins.
    pub at: String,
    /// The company it belongs to; an alias in pseudonymous mode.
    pub company: Option<String>,
    /// The object it is part of; an alias in pseudonymous mode.
    pub part_of: Option<String>,
    /// State.
    pub state: String,
    /// The day it was closed.
    pub closed: Option<String>,
    /// Fields.
    pub fields: IndexMap<String, Json>,
    /// Why fields and company were left out, where it is a sole trader's and the purpose may not
    /// read that of the person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub withheld: Option<&'static str>,
}

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Page<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// Where the next one begins; none after the last.
    pub next: Option<String>,
}
