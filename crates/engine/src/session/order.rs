//! Lists put in order by what the session sees. The store cannot: names and numbers lie sealed in it.
//! So all of a list is opened, as far as it is short enough, and a page of it released; what was
//! opened to find its place, but is not on the page, leaves the engine no more than a row that a
//! filter passes over.

use std::cmp::Ordering;
use std::fmt;

use gantry_store::Id;
use gantry_vault::Vault;
use icu_collator::options::CollatorOptions;
use icu_collator::preferences::CollationNumericOrdering;
use icu_collator::{Collator, CollatorBorrowed, CollatorPreferences};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::door::Desk;
use crate::draft::Page;
use crate::error::EngineError;
use crate::session::cursor;

/// A list is put in order up to this many items: each of them is opened.
pub const MOST_SORTED: usize = 2_000;

/// Of a longer text, only the beginning decides: it travels in the cursor.
const LONGEST_KEY: usize = 80;

/// In which order a list comes. As text: the column, after `-` where the greatest comes first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sort {
    /// By what.
    pub by: Column,
    /// Whether the greatest comes first. What has nothing there comes last in any case.
    pub down: bool,
}

/// What a list can be put in order by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Column {
    /// What it is called: `name`.
    Name,
    /// What its company is called: `company`.
    Company,
    /// Its country, by code: `country`. Contacts only.
    Country,
    /// Its state, in the order of the notice: `state`. Objects only.
    State,
    /// When it happened or begins: `at`. Objects only.
    At,
    /// A field: `field.CATEGORY.FIELD` of a contact's profile, `field.FIELD` of an object.
    Field(String),
}

impl Sort {
    /// The order that a text names.
    pub fn of_text(text: &str) -> Option<Sort> {
        let (down, column) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let by = match column {
            "name" => Column::Name,
            "company" => Column::Company,
            "country" => Column::Country,
            "state" => Column::State,
            "at" => Column::At,
            other => Column::Field(other.strip_prefix("field.")?.to_owned()),
        };
        Some(Sort { by, down })
    }

    /// The fault of an order that a list does not have.
    pub(crate) fn unknown() -> EngineError {
        EngineError::invalid("sort", "is not a column of this list")
    }

    /// The fault of a list that is too long.
    pub(crate) fn too_long() -> EngineError {
        let fault = format!(
            "works for up to {MOST_SORTED} of them, and here are more: narrow the list down first"
        );
        EngineError::invalid("sort", fault)
    }

    /// Puts items in order and takes the page after a cursor.
    pub(crate) fn page<T>(
        &self,
        mut items: Vec<Keyed<T>>,
        after: Option<&Place>,
        limit: usize,
    ) -> (Vec<Keyed<T>>, Option<Place>) {
        let collator = collator();
        items.sort_by(|a, b| self.compare(&collator, &a.place, &b.place));
        let behind = |one: &Keyed<T>| {
            after
                .is_none_or(|after| self.compare(&collator, &one.place, after) == Ordering::Greater)
        };
        let mut left = items.into_iter().skip_while(|one| !behind(one));
        let page: Vec<Keyed<T>> = left.by_ref().take(limit).collect();
        let more = left.next().is_some();
        let next = page.last().filter(|_| more).map(|one| one.place.clone());
        (page, next)
    }

    fn compare(&self, collator: &CollatorBorrowed<'_>, a: &Place, b: &Place) -> Ordering {
        let turned = |order: Ordering| if self.down { order.reverse() } else { order };
        let keys = match (&a.key, &b.key) {
            (Key::Number(a), Key::Number(b)) => turned(a.cmp(b)),
            (Key::Text(a), Key::Text(b)) => turned(collator.compare(a, b)),
            (Key::Number(_), Key::Text(_)) => turned(Ordering::Less),
            (Key::Text(_), Key::Number(_)) => turned(Ordering::Greater),
            (Key::Nothing, Key::Nothing) => Ordering::Equal,
            (Key::Nothing, _) => Ordering::Greater,
            (_, Key::Nothing) => Ordering::Less,
        };
        keys.then_with(|| a.id.cmp(&b.id))
    }
}

impl fmt::Display for Sort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.down { "-" } else { "" })?;
        match &self.by {
            Column::Name => f.write_str("name"),
            Column::Company => f.write_str("company"),
            Column::Country => f.write_str("country"),
            Column::State => f.write_str("state"),
            Column::At => f.write_str("at"),
            Column::Field(field) => write!(f, "field.{field}"),
        }
    }
}

/// An item and its place in the order.
pub(crate) struct Keyed<T> {
    pub(crate) item: T,
    pub(crate) place: Place,
}

/// A place in an ordered list.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Place {
    pub(crate) key: Key,
    pub(crate) id: Id,
}

/// What is compared.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Key {
    Number(i64),
    Text(String),
    Nothing,
}

impl Key {
    pub(crate) fn of_text(text: &str) -> Key {
        if text.is_empty() {
            return Key::Nothing;
        }
        Key::Text(text.chars().take(LONGEST_KEY).collect())
    }

    pub(crate) fn of_json(value: Option<&Json>) -> Key {
        match value {
            None | Some(Json::Null) => Key::Nothing,
            Some(Json::String(text)) => Key::of_text(text),
            Some(Json::Bool(flag)) => Key::Number(i64::from(*flag)),
            Some(other) => other.as_i64().map_or(Key::Nothing, Key::Number),
        }
    }
}

/// The place that a cursor of an ordered list stands for.
pub(crate) fn read_place(
    vault: &Vault,
    desk: &Desk,
    list: &str,
    cursor: Option<&str>,
) -> Result<Option<Place>, EngineError> {
    let place = cursor::read(vault, desk, list, cursor)?;
    Ok(place.and_then(|place| postcard::from_bytes(&place).ok()))
}

/// A page with the cursor of the next.
pub(crate) fn page_of<T>(
    vault: &Vault,
    desk: &Desk,
    list: &str,
    items: Vec<T>,
    next: Option<Place>,
) -> Page<T> {
    let next = next.and_then(|place| postcard::to_allocvec(&place).ok());
    Page { items, next: next.and_then(|place| cursor::give(vault, desk, list, &place)) }
}

/// The order of letters that the Unicode collation algorithm gives (UTS 10, root of CLDR), numbers in
/// texts by their value: `SO-9` before `SO-10`.
fn collator() -> CollatorBorrowed<'static> {
    let mut preferences = CollatorPreferences::default();
    preferences.numeric_ordering = Some(CollationNumericOrdering::True);
    #[expect(clippy::expect_used, reason = "the data of the root is compiled in")]
    Collator::try_new(preferences, CollatorOptions::default()).expect("the root collation is there")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_order(sort: &str, values: &[Key]) -> Vec<usize> {
        let sort = Sort::of_text(sort).unwrap();
        let keyed = values.iter().enumerate().map(|(item, key)| {
            let id = [u8::try_from(item).unwrap(); 16];
            Keyed { item, place: Place { key: key.clone(), id } }
        });
        let (mut all, mut after) = (Vec::new(), None);
        let items: Vec<Keyed<usize>> = keyed.collect();
        loop {
            let again = items.iter().map(|one| Keyed { item: one.item, place: one.place.clone() });
            let (page, next) = sort.page(again.collect(), after.as_ref(), 2);
            all.extend(page.into_iter().map(|one| one.item));
            after = next;
            if after.is_none() {
                return all;
            }
        }
    }

    #[test]
    fn numbers_in_texts_letters_with_marks_and_gaps_come_where_people_look_for_them() {
        let texts = ["SO-10", "", "SO-9", "Zorn", "Åberg", "aalto", "SO-9"].map(Key::of_text);
        assert_eq!(in_order("name", &texts), [5, 4, 2, 6, 0, 3, 1]);
        assert_eq!(in_order("-name", &texts), [3, 0, 2, 6, 4, 5, 1]);
        let numbers = [Key::Number(-5), Key::Number(-10), Key::Nothing, Key::Number(3)];
        assert_eq!(in_order("field.count", &numbers), [1, 0, 3, 2]);
    }

    #[test]
    fn an_order_is_written_as_it_is_read() {
        for text in ["name", "-company", "country", "-state", "at", "-field.employment.role"] {
            assert_eq!(Sort::of_text(text).unwrap().to_string(), text);
        }
        assert_eq!(Sort::of_text("secret"), None);
        assert_eq!(Sort::of_text("--name"), None);
    }
}
