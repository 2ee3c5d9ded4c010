//! The portal's own words, in each of its languages: `texts/*.ftl`, by keys.
//!
//! A text that is missing is a fault of the program, which tests find: every key is there in every
//! language. What a notice says comes from the notice, see [`Reader`](super::reader::Reader).

use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use unic_langid::LanguageIdentifier;

use super::language::Language;

/// The words of one language.
pub(super) struct Words {
    pub(super) language: Language,
    bundle: FluentBundle<FluentResource>,
}

/// What a language says, as it is written.
pub(super) const fn source(language: Language) -> &'static str {
    match language {
        Language::English => include_str!("texts/en.ftl"),
        Language::Finnish => include_str!("texts/fi.ftl"),
        Language::German => include_str!("texts/de.ftl"),
        Language::Chinese => include_str!("texts/zh.ftl"),
    }
}

static WORDS: LazyLock<[Words; 4]> = LazyLock::new(|| Language::ALL.map(Words::read));

impl Words {
    /// The words of a language.
    pub(super) fn of(language: Language) -> &'static Words {
        let found = WORDS.iter().find(|words| words.language == language);
        let [english, ..] = &*WORDS;
        found.unwrap_or(english)
    }

    fn read(language: Language) -> Words {
        let tag: LanguageIdentifier = language.tag().parse().unwrap_or_default();
        let mut bundle = FluentBundle::new_concurrent(vec![tag]);
        // The marks around what is filled in are for texts that change direction: none of these does.
        bundle.set_use_isolating(false);
        let read = FluentResource::try_new(source(language).to_owned());
        let resource = read.unwrap_or_else(|(readable, _)| readable);
        let added = bundle.add_resource(resource);
        debug_assert!(added.is_ok(), "{language:?} says something twice");
        Words { language, bundle }
    }

    /// What is said under a key.
    pub(super) fn say(&self, key: &str) -> String {
        self.fill(key, None)
    }

    /// The same with what is filled in.
    pub(super) fn fill(&self, key: &str, args: Option<&FluentArgs<'_>>) -> String {
        let pattern = self.bundle.get_message(key).and_then(|message| message.value());
        debug_assert!(pattern.is_some(), "{:?} does not say `{key}`", self.language);
        let Some(pattern) = pattern else { return key.to_owned() };
        let mut errors = Vec::new();
        let said = self.bundle.format_pattern(pattern, args, &mut errors);
        debug_assert!(errors.is_empty(), "{:?} says `{key}` with {errors:?}", self.language);
        said.into_owned()
    }
}

/// What words say under a key, with what is filled in: `say!(words, KEY, count = 3)`.
macro_rules! say {
    ($words:expr, $key:expr, $($name:ident = $value:expr),+ $(,)?) => {{
        let mut args = fluent_bundle::FluentArgs::new();
        $(args.set(stringify!($name), $value);)+
        $words.fill($key, Some(&args))
    }};
}
pub(super) use say;
