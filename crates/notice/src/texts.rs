//! The texts of a notice that contacts read, and what they are in another language.
//!
//! A text has a path, which is where it stands in the file. Below `[translations.LANGUAGE]` the same
//! path leads to what it is in that language: `purposes.crm.title`, `categories.identity.description`.
//! Names of fields, roles, topics and kinds of object, and words for codes, are shortened:
//! `categories.identity.fields.given_name`, `roles.seller`, `objects.order`, `words.purchasing`.

use indexmap::IndexMap;

use crate::model::{Field, FieldKind, Notice, ObjectKind};

/// A text of the notice itself.
pub(crate) struct Declared {
    pub(crate) text: String,
    /// Whether it is one line.
    pub(crate) is_title: bool,
}

/// Every text that can be translated, by its path.
pub(crate) fn declared(notice: &Notice) -> IndexMap<String, Declared> {
    let mut all = All(IndexMap::new());
    all.title("notice.title", &notice.title);
    all.text("notice.summary", &notice.summary);
    for (id, regime) in &notice.regimes {
        all.title(&format!("regimes.{id}.title"), &regime.title);
    }
    for (id, role) in &notice.roles {
        all.title(&format!("roles.{id}"), role);
    }
    all.categories(notice);
    all.purposes(notice);
    for (id, kind) in &notice.objects {
        all.title(&format!("objects.{id}"), &kind.title);
        all.states_and_codes(kind);
    }
    all.profiling(notice);
    all.0
}

struct All(IndexMap<String, Declared>);

impl All {
    fn title(&mut self, path: &str, text: &str) {
        self.0.insert(path.to_owned(), Declared { text: text.to_owned(), is_title: true });
    }

    fn text(&mut self, path: &str, text: &str) {
        self.0.insert(path.to_owned(), Declared { text: text.to_owned(), is_title: false });
    }

    /// A code is a word of its own language, wherever it stands.
    fn word(&mut self, code: &str) {
        self.title(&format!("words.{code}"), &code.replace('-', " "));
    }

    fn codes(&mut self, field: &Field) {
        if let FieldKind::Code { values } = &field.kind {
            for value in values {
                self.word(value);
            }
        }
    }

    fn states_and_codes(&mut self, kind: &ObjectKind) {
        for state in &kind.states {
            self.word(state);
        }
        for field in kind.fields.values() {
            self.codes(field);
        }
    }

    fn categories(&mut self, notice: &Notice) {
        for (id, category) in &notice.categories {
            self.title(&format!("categories.{id}.title"), &category.title);
            self.text(&format!("categories.{id}.description"), &category.description);
            self.text(&format!("categories.{id}.source"), &category.source);
            for (name, field) in &category.fields {
                self.title(&format!("categories.{id}.fields.{name}"), &field.title);
                self.codes(field);
            }
        }
    }

    fn purposes(&mut self, notice: &Notice) {
        for (id, purpose) in &notice.purposes {
            let path = format!("purposes.{id}");
            self.title(&format!("{path}.title"), &purpose.title);
            self.text(&format!("{path}.description"), &purpose.description);
            if let Some(interest) = &purpose.interest {
                self.text(&format!("{path}.interest"), interest);
            }
            for (at, recipient) in purpose.recipients.iter().enumerate() {
                self.title(&format!("{path}.recipients.{at}"), recipient);
            }
            for (name, used) in &purpose.uses {
                self.title(&format!("{path}.uses.{name}"), &used.title);
            }
        }
    }

    fn profiling(&mut self, notice: &Notice) {
        let Some(profiling) = &notice.profiling else { return };
        self.text("profiling.review", &profiling.review);
        self.text("profiling.effect", &profiling.effect);
        for (id, topic) in &profiling.topics {
            self.title(&format!("profiling.topics.{id}"), topic);
        }
        for (id, segment) in &profiling.segment {
            self.title(&format!("profiling.segment.{id}.title"), &segment.title);
            self.text(&format!("profiling.segment.{id}.meaning"), &segment.meaning);
        }
    }
}

/// A text in the language asked for, or else in the notice's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text<'t> {
    /// The text.
    pub text: &'t str,
    /// The language that it is in (BCP 47).
    pub language: &'t str,
}

/// The texts of a notice for readers of one language.
#[derive(Clone, Debug)]
pub struct Texts {
    own: String,
    language: String,
    /// By path: the text, and whether it is translated.
    by_path: IndexMap<String, (String, bool)>,
}

impl Texts {
    /// The texts for a language (BCP 47, of which the first part counts). What is not translated is in
    /// the notice's own.
    pub fn of(notice: &Notice, language: &str) -> Texts {
        let primary = language.split('-').next().unwrap_or_default();
        let translated = notice.translations.get(primary);
        let texts = declared(notice).into_iter().map(|(path, declared)| {
            let found = translated.and_then(|texts| texts.get(&path));
            let text = found.map_or((declared.text, false), |text| (text.clone(), true));
            (path, text)
        });
        let (own, language) = (notice.language.clone(), primary.to_owned());
        Texts { own, language, by_path: texts.collect() }
    }

    /// The text at a path; `None` where the notice has none there.
    pub fn at(&self, path: &str) -> Option<Text<'_>> {
        let (text, translated) = self.by_path.get(path)?;
        let language = if *translated { &self.language } else { &self.own };
        Some(Text { text, language })
    }

    /// The paths of the texts that are not translated; none where the language is the notice's own.
    pub fn untranslated(&self) -> impl Iterator<Item = &str> {
        let own = self.own.split('-').next() == Some(self.language.as_str());
        let missing = self.by_path.iter().filter(move |(_, (_, translated))| !own && !translated);
        missing.map(|(path, _)| path.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &str = include_str!("../fixtures/small.toml");
    const FINNISH: &str = "\n[translations.fi]\npurposes.marketing.title = \"Markkinointi\"\n";

    #[test]
    fn a_reader_gets_what_is_translated_and_else_what_the_notice_says() {
        let notice = Notice::parse(&format!("{SMALL}{FINNISH}"), "small.toml").unwrap();
        let own = notice.purposes["marketing"].title.clone();
        let finnish = Texts::of(&notice, "fi-FI");
        let at = |texts: &Texts, path: &str| {
            texts.at(path).map(|Text { text, language }| (text.to_owned(), language.to_owned()))
        };
        let title = at(&finnish, "purposes.marketing.title");
        assert_eq!(title, Some(("Markkinointi".to_owned(), "fi".to_owned())));
        let description = finnish.at("purposes.marketing.description");
        assert_eq!(description.map(|text| text.language), Some("en"));
        let swedish = at(&Texts::of(&notice, "sv"), "purposes.marketing.title");
        assert_eq!(swedish, Some((own, "en".to_owned())));
        assert_eq!(finnish.at("purposes.espionage.title"), None);
        assert!(finnish.untranslated().all(|path| path != "purposes.marketing.title"));
        assert_eq!(Texts::of(&notice, "en").untranslated().count(), 0);
    }

    #[test]
    fn the_bundled_notice_speaks_four_languages_but_for_what_no_contact_meets() {
        const BUNDLED: &str = include_str!("../../../notices/customer-contacts.toml");
        let notice = Notice::parse(BUNDLED, "bundled").unwrap();
        let mut met = All(IndexMap::new());
        met.categories(&notice);
        met.states_and_codes(&notice.objects["request"]);
        for language in ["fi", "de", "zh"] {
            let texts = Texts::of(&notice, language);
            let missing = texts.untranslated();
            let missing: Vec<&str> = missing
                .filter(|path| !path.starts_with("words.") || met.0.contains_key(*path))
                .collect();
            assert!(missing.is_empty(), "{language} lacks {missing:?}");
        }
    }
}
