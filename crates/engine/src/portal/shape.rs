//! Where a notice has a place for contacts' requests: a kind of object for the request itself, a
//! category for the contact's part in it, and one for the words.
//!
//! The notice gives them names of its own, so that they are known by what they have: see
//! `docs/portal.md`.

use gantry_notice::model::{Belongs, Category, FieldKind, Notice, ObjectKind};
use gantry_notice::{DatedPolicy, Operation};
use indexmap::IndexMap;

use super::PortalError;
use crate::draft::FieldTexts;

/// The field of a kind, and of a category, that tells what a request is.
pub(super) const KIND: &str = "kind";
/// Fields of the kind: its number, how it came, when, until when it is answered, and when it was.
pub(super) const NUMBER: &str = "number";
const WAY: &str = "way";
pub(super) const RECEIVED: &str = "received";
pub(super) const DUE: &str = "due";
pub(super) const ANSWERED: &str = "answered";
/// What is said of a request that comes through the portal, where the notice has the code.
const SAID: [(&str, &str); 4] =
    [("part", "requester"), ("outcome", "open"), ("channel", "portal"), ("direction", "in")];
/// A field that takes fewer characters is not one for a request's words.
const FEWEST_LETTERS: u32 = 1_000;

/// The place for requests in a notice.
pub(super) struct Shape<'n> {
    /// The kind of object.
    pub(super) kind: &'n str,
    pub(super) declared: &'n ObjectKind,
    /// The category of the contact's part in it.
    pub(super) part: &'n str,
    /// The category and the field of the words, where there is one.
    words: Option<(&'n str, &'n str)>,
}

impl<'n> Shape<'n> {
    /// The first place that fits; `None` where the notice has none.
    pub(super) fn of(policy: &'n DatedPolicy) -> Option<Shape<'n>> {
        let notice = &**policy.policy().notice();
        let purpose = &notice.system.requests;
        let mut kinds = notice
            .objects
            .iter()
            .filter(|(_, kind)| kind.write.contains(purpose) && takes_requests(kind));
        let shape = |(kind, declared): (&'n String, &'n ObjectKind)| {
            let about = || collected(notice).filter(|(_, category)| category.about.contains(kind));
            let part = about().find(|(_, category)| {
                said_of(category).is_some_and(|said| said.contains_key("part"))
            })?;
            // Its own category if there is one, else beside the part.
            let words = about()
                .filter(|(name, _)| *name != part.0)
                .chain([part])
                .filter(|(_, category)| said_of(category).is_some())
                .find_map(|(name, category)| Some((name, longest_text(category)?)));
            Some(Shape { kind, declared, part: part.0, words })
        };
        kinds.find_map(shape)
    }

    /// Whether requests of a kind have a place.
    pub(super) fn takes(&self, word: &str) -> bool {
        has_code(self.declared, KIND, word)
    }

    /// The fields of a request's object.
    pub(super) fn object(
        &self,
        word: &str,
        number: &str,
        (received, due): (&str, &str),
    ) -> Result<FieldTexts, PortalError> {
        let mut texts = FieldTexts::from([(KIND.to_owned(), word.to_owned())]);
        let mut say = |field: &str, text: &str| {
            if self.declared.fields.contains_key(field) {
                texts.insert(field.to_owned(), text.to_owned());
            }
        };
        say(NUMBER, number);
        say(RECEIVED, received);
        say(DUE, due);
        if has_code(self.declared, WAY, "portal") {
            say(WAY, "portal");
        }
        let missing = self.declared.fields.iter();
        let mut missing =
            missing.filter(|(name, field)| field.required && !texts.contains_key(*name));
        match missing.next() {
            None => Ok(texts),
            Some(_) => Err(PortalError::NotOffered("its kind of request needs what is not known")),
        }
    }

    /// The records of a request, by category: the contact's part, and the words where there are any.
    pub(super) fn records(
        &self,
        notice: &Notice,
        words: &str,
    ) -> Result<IndexMap<String, FieldTexts>, PortalError> {
        let said = |name: &str| notice.categories.get(name).and_then(said_of).unwrap_or_default();
        let mut records = IndexMap::from([(self.part.to_owned(), said(self.part))]);
        if words.is_empty() {
            return Ok(records);
        }
        let (category, field) =
            self.words.ok_or(PortalError::NotOffered("it has no field for a request's words"))?;
        let record = records.entry(category.to_owned()).or_insert_with(|| said(category));
        record.insert(field.to_owned(), words.to_owned());
        Ok(records)
    }

    /// The category and the field in which words of a request are.
    pub(super) const fn words(&self) -> Option<(&'n str, &'n str)> {
        self.words
    }
}

/// The categories that the purpose for requests may collect, and of which there are many records.
fn collected(notice: &Notice) -> impl Iterator<Item = (&str, &Category)> {
    let purpose = notice.purposes.get(&notice.system.requests);
    let may = move |name: &str| purpose.is_some_and(|p| p.allows(Operation::Collect, name));
    let all = notice.categories.iter().map(|(name, category)| (name.as_str(), category));
    all.filter(move |(name, category)| !category.single && may(name))
}

/// Whether a kind of object can be a request: it belongs to no company, says what is asked for, when
/// it came and until when it is answered, and can be closed.
fn takes_requests(kind: &ObjectKind) -> bool {
    let is = |name: &str, wanted: fn(&FieldKind) -> bool| {
        kind.fields.get(name).is_some_and(|field| wanted(&field.kind))
    };
    kind.company != Belongs::Required
        && !kind.closed.is_empty()
        && is(KIND, |kind| matches!(kind, FieldKind::Code { .. }))
        && is(RECEIVED, |kind| matches!(kind, FieldKind::Date))
        && is(DUE, |kind| matches!(kind, FieldKind::Date))
}

fn has_code(kind: &ObjectKind, field: &str, word: &str) -> bool {
    kind.fields.get(field).is_some_and(|field| is_code(&field.kind, word))
}

fn is_code(kind: &FieldKind, word: &str) -> bool {
    matches!(kind, FieldKind::Code { values } if values.iter().any(|value| value == word))
}

/// What a record of a category says of any request; `None` where it must have more than is known.
fn said_of(category: &Category) -> Option<FieldTexts> {
    let said = SAID.iter().filter(|(name, code)| {
        category.fields.get(*name).is_some_and(|field| is_code(&field.kind, code))
    });
    let said: FieldTexts =
        said.map(|(name, code)| ((*name).to_owned(), (*code).to_owned())).collect();
    let mut required = category.fields.iter().filter(|(_, field)| field.required);
    required.all(|(name, _)| said.contains_key(name)).then_some(said)
}

/// The field of a category that takes the longest text.
fn longest_text(category: &Category) -> Option<&str> {
    let length = |kind: &FieldKind| match kind {
        FieldKind::Text { max } if *max >= FEWEST_LETTERS => Some(*max),
        _ => None,
    };
    let texts =
        category.fields.iter().filter_map(|(name, field)| Some((length(&field.kind)?, name)));
    texts.max_by_key(|(length, _)| *length).map(|(_, name)| name.as_str())
}
