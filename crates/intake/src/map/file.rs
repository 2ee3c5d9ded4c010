//! A map file as it is written: TOML read into these types, every fault with its place.

use std::fmt;
use std::sync::Arc;

use indexmap::IndexMap;
use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_spanned::Spanned as At;

use crate::source::Format;
use crate::value::date::DateForm;
use crate::value::number::DecimalMark;

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MapFile {
    pub(super) name: Name,
    #[serde(default)]
    pub(super) about: String,
    pub(super) format: Option<Format>,
    #[serde(default)]
    pub(super) columns_may_be_missing: bool,
    #[serde(default)]
    pub(super) csv: Csv,
    pub(super) recognise: Option<Recognise>,
    #[serde(default)]
    pub(super) skip: Vec<Skipping>,
    #[serde(default)]
    pub(super) shared_mailboxes: SharedMailboxes,
    pub(super) company: Option<Company>,
    pub(super) contact: Option<At<Contact>>,
    #[serde(default)]
    pub(super) said: Vec<At<Saying>>,
    #[serde(default)]
    pub(super) consent: Vec<At<Consent>>,
    #[serde(default)]
    pub(super) object: Vec<Object>,
    #[serde(default)]
    pub(super) record: Vec<At<Record>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Csv {
    pub(super) delimiter: Option<Delimiter>,
    pub(super) encoding: Option<String>,
    pub(super) columns: Option<Vec<String>>,
    #[serde(default)]
    pub(super) nulls: Vec<String>,
    pub(super) surplus: Option<String>,
    #[serde(default)]
    pub(super) short_rows: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Recognise {
    /// All of these must be there.
    pub(super) columns: Vec<String>,
    /// None of these may be there.
    #[serde(default)]
    pub(super) without: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Skipping {
    pub(super) when: At<Conditions>,
    pub(super) because: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SharedMailboxes {
    #[serde(default)]
    pub(super) also: Vec<String>,
    #[serde(default)]
    pub(super) never: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Company {
    pub(super) key: At<Rule>,
    pub(super) when: Option<At<Conditions>>,
    pub(super) state: Option<At<Rule>>,
    #[serde(default)]
    pub(super) same: Vec<At<Name>>,
    #[serde(default)]
    pub(super) fields: IndexMap<Name, At<Rule>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Contact {
    #[serde(default)]
    pub(super) r#match: MatchBy,
    pub(super) key: Option<At<Rule>>,
    pub(super) when: Option<At<Conditions>>,
    pub(super) country: Option<At<Rule>>,
    pub(super) company: Option<At<Rule>>,
    pub(super) sole_trader: Option<At<Rule>>,
    #[serde(default)]
    pub(super) fields: ContactFields,
}

/// By what a contact is matched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum MatchBy {
    /// Its id in the source, which `key` names.
    #[default]
    ExternalId,
    /// Its e-mail address; `key` is for contacts without one.
    Email,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Saying {
    pub(super) what: What,
    pub(super) channel: Option<ChannelWord>,
    pub(super) yes: Option<String>,
    pub(super) when: Option<At<Conditions>>,
    pub(super) at: Option<At<Rule>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Consent {
    pub(super) purpose: Name,
    pub(super) yes: Option<String>,
    pub(super) when: Option<At<Conditions>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum What {
    ObjectsMarketing,
    ObjectsProfiling,
    Closed,
    OptedIn,
    NotOptedIn,
    CustomerToday,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum ChannelWord {
    Email,
    Phone,
    Post,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Object {
    pub(super) kind: Name,
    pub(super) key: At<Rule>,
    pub(super) when: Option<At<Conditions>>,
    pub(super) company: Option<At<Rule>>,
    pub(super) part_of: Option<Reference>,
    pub(super) state: Option<At<Rule>>,
    pub(super) at: Option<At<Rule>>,
    pub(super) closed: Option<At<Rule>>,
    #[serde(default)]
    pub(super) fields: IndexMap<Name, At<Rule>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Reference {
    pub(super) kind: Name,
    pub(super) key: At<Rule>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Record {
    pub(super) category: Name,
    pub(super) key: Option<At<Rule>>,
    pub(super) when: Option<At<Conditions>>,
    pub(super) contact: Option<At<Rule>>,
    pub(super) contact_email: Option<At<Rule>>,
    pub(super) about: Option<Reference>,
    pub(super) at: Option<At<Rule>>,
    #[serde(default)]
    pub(super) fields: IndexMap<Name, At<Rule>>,
}

/// What a value is made of: a column's name, a table, or a list of which the first that gives
/// something counts.
#[derive(Debug)]
pub(super) struct Rule(pub(super) Vec<Making>);

/// One way to make a value.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Making {
    pub(super) column: Option<String>,
    pub(super) columns: Option<Vec<String>>,
    pub(super) join: Option<String>,
    pub(super) template: Option<String>,
    pub(super) until: Option<String>,
    pub(super) value: Option<String>,
    #[serde(rename = "as")]
    pub(super) kind: Option<Kind>,
    pub(super) form: Option<DateForm>,
    pub(super) decimal: Option<DecimalMark>,
    pub(super) currency: Option<String>,
    pub(super) currency_column: Option<String>,
    #[serde(default)]
    pub(super) times: Vec<String>,
    pub(super) less: Option<String>,
    pub(super) codes: Option<IndexMap<String, String>>,
    pub(super) otherwise: Option<String>,
    #[serde(default)]
    pub(super) when: Conditions,
}

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Kind {
    Text,
    Country,
    Date,
    Time,
    /// A time where there is one, else a day.
    Moment,
    Email,
    Phone,
    Language,
    Integer,
    Percent,
    Money,
    Flag,
    GivenName,
    FamilyName,
    /// A digest that is the same for the same text: a key for who has no other.
    Fingerprint,
}

/// Conditions that must all hold; one may stand alone.
#[derive(Debug, Default)]
pub(super) struct Conditions(pub(super) Vec<Condition>);

/// Something about the cell of a column.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Condition {
    pub(super) column: String,
    pub(super) is: Option<Vec<String>>,
    pub(super) not: Option<Vec<String>>,
    pub(super) contains: Option<String>,
    pub(super) filled: Option<bool>,
    pub(super) yes: Option<bool>,
}

/// Fields by category: `identity.full_name = "contactName"`, the key quoted or not.
#[derive(Debug, Default)]
pub(super) struct ContactFields(pub(super) Vec<(Name, Name, At<Rule>)>);

/// An id: of a map, a category, a field, a kind.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Name(pub(super) Arc<str>);

/// A single ASCII character.
#[derive(Clone, Copy, Debug)]
pub(super) struct Delimiter(pub(super) u8);

const MAX_NAME: usize = 40;

fn name(text: &str) -> Option<Name> {
    let inner =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte);
    let sound = text.len() <= MAX_NAME
        && text.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase())
        && text.bytes().all(inner);
    sound.then(|| Name(Arc::from(text)))
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        name(&text).ok_or_else(|| {
            D::Error::custom(format!(
                "`{text}` is no id: lower case letters, digits, `-` and `_`, at most {MAX_NAME}"
            ))
        })
    }
}

impl<'de> Deserialize<'de> for Delimiter {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        match String::deserialize(from)?.as_bytes() {
            [byte] if byte.is_ascii() && !b"\"\r\n\0".contains(byte) => Ok(Delimiter(*byte)),
            _ => Err(D::Error::custom("a delimiter is one character, such as `;` or a tab")),
        }
    }
}

impl<'de> Deserialize<'de> for Format {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        match String::deserialize(from)?.as_str() {
            "csv" => Ok(Format::Csv),
            "vcard" => Ok(Format::VCard),
            "ldif" => Ok(Format::Ldif),
            other => Err(D::Error::custom(format!(
                "unknown format `{other}`, expected `csv`, `vcard` or `ldif`"
            ))),
        }
    }
}

impl<'de> Deserialize<'de> for Rule {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(RuleVisitor { nested: false }).map(Rule)
    }
}

struct RuleVisitor {
    nested: bool,
}

impl<'de> Visitor<'de> for RuleVisitor {
    type Value = Vec<Making>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(
            "the name of a column, a table such as `{ column = \"..\" }`, or a list of them",
        )
    }

    fn visit_str<E: serde::de::Error>(self, column: &str) -> Result<Self::Value, E> {
        Ok(vec![Making { column: Some(column.to_owned()), ..Making::default() }])
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        Making::deserialize(MapAccessDeserializer::new(map)).map(|making| vec![making])
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
        if self.nested {
            return Err(A::Error::custom("a list of rules holds no lists"));
        }
        let each = Vec::<One>::deserialize(SeqAccessDeserializer::new(list))?;
        if each.is_empty() {
            return Err(A::Error::custom("a list of rules is not empty"));
        }
        Ok(each.into_iter().flat_map(|one| one.0).collect())
    }
}

/// A rule within a list.
struct One(Vec<Making>);

impl<'de> Deserialize<'de> for One {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(RuleVisitor { nested: true }).map(One)
    }
}

impl<'de> Deserialize<'de> for Conditions {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(ConditionsVisitor)
    }
}

struct ConditionsVisitor;

impl<'de> Visitor<'de> for ConditionsVisitor {
    type Value = Conditions;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a condition such as `{ column = \"..\", filled = true }`, or a list of them")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        Condition::deserialize(MapAccessDeserializer::new(map)).map(|one| Conditions(vec![one]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(list)).map(Conditions)
    }
}

impl<'de> Deserialize<'de> for ContactFields {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(FieldsVisitor)
    }
}

struct FieldsVisitor;

impl<'de> Visitor<'de> for FieldsVisitor {
    type Value = ContactFields;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("fields such as `identity.full_name = \"column\"`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut fields: Vec<(Name, Name, At<Rule>)> = Vec::new();
        while let Some(key) = map.next_key::<FieldKey>()? {
            match key {
                FieldKey::Path(category, field) => {
                    fields.push((category, field, map.next_value()?));
                }
                FieldKey::Category(category) => {
                    let inner: IndexMap<Name, At<Rule>> = map.next_value()?;
                    let inner = inner.into_iter();
                    fields.extend(inner.map(|(field, rule)| (category.clone(), field, rule)));
                }
            }
        }
        // Fields of one category stand together, in the order in which categories first come.
        let order: Vec<Name> = fields.iter().map(|(category, ..)| category.clone()).collect();
        fields.sort_by_key(|(category, ..)| order.iter().position(|first| first == category));
        Ok(ContactFields(fields))
    }
}

enum FieldKey {
    Category(Name),
    Path(Name, Name),
}

impl<'de> Deserialize<'de> for FieldKey {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let wrong =
            || D::Error::custom(format!("`{text}` is no field: write `category.field`, both ids"));
        match text.split_once('.') {
            None => name(&text).map(FieldKey::Category).ok_or_else(wrong),
            Some((category, field)) => {
                let category = name(category).ok_or_else(wrong)?;
                Ok(FieldKey::Path(category, name(field).ok_or_else(wrong)?))
            }
        }
    }
}
