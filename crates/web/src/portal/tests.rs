//! The portal's words: every key in every language, all of it used, nothing left out.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use fluent_syntax::ast::{
    CallArguments, Entry, Expression, InlineExpression, Pattern, PatternElement,
};
use gantry_engine::portal::RequestKind;
use gantry_notice::model::Basis;
use gantry_notice::{Channel, Reason};

use super::language::Language;
use super::words::source;

/// What a language says: by key, what is filled in.
fn keys(language: Language) -> BTreeMap<String, BTreeSet<String>> {
    let parsed = fluent_syntax::parser::parse(source(language)).unwrap();
    let messages = parsed.body.iter().filter_map(|entry| match entry {
        Entry::Message(message) => {
            let mut variables = BTreeSet::new();
            variables_of(message.value.as_ref().unwrap(), &mut variables);
            Some((message.id.name.to_owned(), variables))
        }
        Entry::Junk { content } => panic!("{language:?} has junk: {content}"),
        _ => None,
    });
    let mut keys = BTreeMap::new();
    for (key, variables) in messages {
        assert!(keys.insert(key.clone(), variables).is_none(), "{language:?} says `{key}` twice");
    }
    keys
}

fn variables_of(pattern: &Pattern<&str>, found: &mut BTreeSet<String>) {
    for element in &pattern.elements {
        let PatternElement::Placeable { expression } = element else { continue };
        match expression {
            Expression::Inline(inline) => inline_of(inline, found),
            Expression::Select { selector, variants } => {
                inline_of(selector, found);
                for variant in variants {
                    variables_of(&variant.value, found);
                }
            }
        }
    }
}

fn inline_of(inline: &InlineExpression<&str>, found: &mut BTreeSet<String>) {
    match inline {
        InlineExpression::VariableReference { id } => drop(found.insert(id.name.to_owned())),
        InlineExpression::Placeable { expression } => match &**expression {
            Expression::Inline(inline) => inline_of(inline, found),
            Expression::Select { selector, .. } => inline_of(selector, found),
        },
        InlineExpression::FunctionReference {
            arguments: CallArguments { positional, .. }, ..
        } => {
            for inline in positional {
                inline_of(inline, found);
            }
        }
        _ => {}
    }
}

/// The source of the portal, without this file.
fn program() -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/portal");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let files = files.filter(|path| path.extension().is_some_and(|ending| ending == "rs"));
    let files = files.filter(|path| !path.ends_with("tests.rs"));
    files.map(|path| std::fs::read_to_string(path).unwrap()).collect()
}

/// Keys that the program makes of words that it gets.
fn made() -> BTreeSet<String> {
    let reasons = Reason::ALL.iter().map(|reason| format!("reason-{}", reason.id()));
    let bases = Basis::ALL.iter().map(|basis| format!("basis-{}", basis.word()));
    let months = (1..=12).map(|month| format!("month-{month}"));
    let channels = Channel::ALL.iter().map(|channel| format!("channel-{}", channel.word()));
    let kinds = RequestKind::ALL.iter().map(|kind| format!("request-{}", kind.word()));
    let texts = RequestKind::ALL.iter().map(|kind| format!("request-{}-text", kind.word()));
    reasons.chain(bases).chain(months).chain(channels).chain(kinds).chain(texts).collect()
}

#[test]
fn every_language_says_the_same_keys_and_fills_in_the_same() {
    let english = keys(Language::English);
    for language in Language::ALL {
        let keys = keys(language);
        let missing: Vec<_> = english.keys().filter(|key| !keys.contains_key(*key)).collect();
        let more: Vec<_> = keys.keys().filter(|key| !english.contains_key(*key)).collect();
        assert!(missing.is_empty() && more.is_empty(), "{language:?}: {missing:?} {more:?}");
        for (key, variables) in &keys {
            assert_eq!(variables, &english[key], "{language:?} fills in otherwise: {key}");
        }
    }
}

#[test]
fn every_key_is_used_and_every_key_used_is_there() {
    let (program, made, keys) = (program(), made(), keys(Language::English));
    let named = |key: &str| program.contains(&format!("\"{key}\""));
    let unused: Vec<_> = keys.keys().filter(|key| !made.contains(*key) && !named(key)).collect();
    assert!(unused.is_empty(), "nobody uses {unused:?}");
    let missing: Vec<_> = made.iter().filter(|key| !keys.contains_key(*key)).collect();
    assert!(missing.is_empty(), "nothing is said for {missing:?}");
    for part in program.split(".say(\"").skip(1).chain(program.split("words, \"").skip(1)) {
        let key = part.split('"').next().unwrap();
        assert!(keys.contains_key(key), "nothing is said for `{key}`");
    }
}
