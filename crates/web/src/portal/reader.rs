//! Who reads a page: the language, with the portal's words and the notice's texts in it.

use std::sync::Arc;

use gantry_notice::model::{Field, FieldKind, Notice};
use gantry_notice::{DatedPolicy, Texts, country_name};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use maud::{Markup, html};
use serde_json::Value as Json;

use super::language::Language;
use super::words::{Words, say};

/// The kind of object that every notice has.
const COMPANY_KIND: &str = "company";

/// A reader of pages and mails.
pub(super) struct Reader {
    pub(super) words: &'static Words,
    pub(super) notice: Arc<Notice>,
    texts: Texts,
}

impl Reader {
    pub(super) fn of(policy: &DatedPolicy, language: Language) -> Reader {
        let notice = Arc::clone(policy.policy().notice());
        let texts = Texts::of(&notice, language.code());
        Reader { words: Words::of(language), notice, texts }
    }

    pub(super) fn language(&self) -> Language {
        self.words.language
    }

    /// What is said under a key.
    pub(super) fn say(&self, key: &str) -> String {
        self.words.say(key)
    }

    /// A text of the notice. Where it is not in the reader's language it says in which it is.
    pub(super) fn text(&self, path: &str) -> Markup {
        let Some(text) = self.texts.at(path) else { return html! {} };
        html! {
            @if Language::of(text.language) == Some(self.language()) { (text.text) }
            @else { span lang=(text.language) { (text.text) } }
        }
    }

    /// The same, where no markup can be.
    pub(super) fn plain(&self, path: &str) -> String {
        self.texts.at(path).map_or_else(String::new, |text| text.text.to_owned())
    }

    pub(super) fn purpose(&self, id: &str) -> Markup {
        self.text(&format!("purposes.{id}.title"))
    }

    pub(super) fn category(&self, id: &str) -> Markup {
        self.text(&format!("categories.{id}.title"))
    }

    pub(super) fn field(&self, category: &str, field: &str) -> Markup {
        self.text(&format!("categories.{category}.fields.{field}"))
    }

    /// A code of the notice as a word.
    pub(super) fn word(&self, code: &str) -> Markup {
        self.text(&format!("words.{code}"))
    }

    /// A day (ISO 8601) as people write it.
    pub(super) fn day(&self, iso: &str) -> String {
        let date = iso
            .parse::<Date>()
            .or_else(|_| iso.parse::<Timestamp>().map(|at| at.to_zoned(TimeZone::UTC).date()));
        date.map_or_else(|_| iso.to_owned(), |date| self.date(date))
    }

    fn date(&self, date: Date) -> String {
        let month = self.say(&format!("month-{}", date.month()));
        let (day, year) = (date.day().to_string(), date.year().to_string());
        say!(self.words, "date", day = day, month = month, year = year)
    }

    /// An instant (ISO 8601) as people write it, by the clock of Greenwich.
    pub(super) fn moment(&self, iso: &str) -> String {
        iso.parse::<Timestamp>().map_or_else(|_| iso.to_owned(), |at| self.moment_of(at))
    }

    /// The same, in milliseconds since 1970.
    pub(super) fn moment_at(&self, millis: i64) -> String {
        let at = Timestamp::from_millisecond(millis);
        at.map_or_else(|_| String::new(), |at| self.moment_of(at))
    }

    fn moment_of(&self, at: Timestamp) -> String {
        let at = at.to_zoned(TimeZone::UTC);
        let time = format!("{:02}:{:02}", at.hour(), at.minute());
        say!(self.words, "moment", date = self.date(at.date()), time = time)
    }

    /// The value of a field as people read it.
    pub(super) fn value(&self, category: &str, field: &str, value: &Json) -> Markup {
        let declared = self.notice.categories.get(category).and_then(|c| c.fields.get(field));
        self.value_of(declared, value)
    }

    /// A country by its name; by its code in the languages that no names are known in.
    pub(super) fn country(&self, code: &str) -> String {
        let name = country_name(code).filter(|_| self.language() == Language::English);
        name.unwrap_or(code).to_owned()
    }

    /// The value of a field of the company that a contact represents.
    pub(super) fn company_value(&self, field: &str, value: &Json) -> Markup {
        let declared = self.notice.objects.get(COMPANY_KIND).and_then(|k| k.fields.get(field));
        self.value_of(declared, value)
    }

    fn value_of(&self, declared: Option<&Field>, value: &Json) -> Markup {
        let text = match value {
            Json::Bool(true) => self.say("yes"),
            Json::Bool(false) => self.say("no"),
            Json::String(text) => match declared.map(|field| &field.kind) {
                Some(FieldKind::Code { .. }) => return self.word(text),
                Some(FieldKind::Date) => self.day(text),
                Some(FieldKind::Time) => self.moment(text),
                Some(FieldKind::Language) => language_name(text),
                Some(FieldKind::Country) => self.country(text),
                _ => text.clone(),
            },
            other => other.to_string(),
        };
        html! { (text) }
    }
}

/// The name of a language in itself, where the portal speaks it.
pub(super) fn language_name(tag: &str) -> String {
    Language::of(tag).map_or_else(|| tag.to_owned(), |language| language.name().to_owned())
}
