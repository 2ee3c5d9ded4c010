//! What is wrong with a notice file, where, and what to do about it.

use std::fmt::{self, Write as _};
use std::ops::Range;

use miette::{Diagnostic, LabeledSpan, NamedSource, SourceCode};
use serde::{Serialize, Serializer};

/// At most this many faults are listed; a file with more is not a notice yet.
pub const MAX_FAULTS: usize = 200;

macro_rules! rules {
    ($($rule:ident = $id:literal: $words:literal,)+) => {
        /// The rules that a notice file can break.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Rule {
            $(#[doc = $words] $rule,)+
        }

        impl Rule {
            /// The whole list.
            pub const ALL: &'static [Rule] = &[$(Rule::$rule),+];

            /// A short id, for answers by machine and for the reference.
            pub const fn id(self) -> &'static str {
                match self {
                    $(Rule::$rule => $id,)+
                }
            }

            /// What the rule wants.
            pub const fn words(self) -> &'static str {
                match self {
                    $(Rule::$rule => $words,)+
                }
            }
        }
    };
}

rules! {
    File = "file": "The file is UTF-8 and no larger than 1 MiB.",
    Syntax = "syntax": "The file is TOML.",
    Format = "format": "`format` is a version of this format that the program knows.",
    MissingKey = "missing-key": "Every key without a default is there.",
    UnknownKey = "unknown-key": "Every key is one that this reference lists.",
    WrongType = "wrong-type": "Every value has the type that its key wants.",
    BadId = "bad-id": "Ids are `[a-z][a-z0-9-]{0,39}`, field names `[a-z][a-z0-9_]{0,39}`.",
    ReservedId = "reserved-id": "No purpose is called `api`, `assets`, `demo`, `healthz`, `house`, `me`, `notice`, `problems` or `sign-in`: its id is the first part of its addresses.",
    BadText = "bad-text": "Texts are not empty, have no control characters and keep their bound.",
    BadNumber = "bad-number": "Numbers keep their bounds.",
    BadWord = "bad-word": "A value from a closed list is in that list.",
    BadDate = "bad-date": "Days are written `2026-11-01`, ends of a financial year `12-31`.",
    BadWindow = "bad-window": "Windows are written `24 months after last activity`.",
    BadList = "bad-list": "Lists keep their bound and name nothing twice.",
    BadContact = "bad-contact": "The contact point has an e-mail address, and its page an https address.",
    UnknownName = "unknown-name": "Every purpose, use, category, field, kind, role and regime named is declared.",
    UnknownCountry = "unknown-country": "Countries are two capital letters of ISO 3166-1.",
    UnknownLanguage = "unknown-language": "A translation is into a language of ISO 639-1, in two small letters, and not into the notice's own.",
    NotCollected = "not-collected": "Every category is collected or derived by a purpose, so that what is read can be there.",
    NotUsed = "not-used": "Every category is read by a purpose.",
    RoleNotUsed = "role-not-used": "Every role works under a purpose.",
    NotRead = "not-read": "What a purpose collects, changes, derives or discloses it also reads, so that it has a window.",
    TooMany = "too-many": "There are at most 64 purposes, 64 roles, 32 regimes, 255 categories, 255 kinds of object, 1,024 uses, and 64 fields in a category.",
    NoPurpose = "no-purpose": "There is at least one purpose and one category, and every category has a field.",
    Numbers = "numbers": "Purposes are numbered 1, 2, 3 and so on, in the order of the file.",
    NoUse = "no-use": "Every purpose has a use.",
    NoRole = "no-role": "Every purpose has a role that may work under it.",
    NoReads = "no-reads": "Every purpose reads a category.",
    NoInterest = "no-interest": "A purpose that rests on legitimate interest says which (Art. 13(1)(d)).",
    NoCondition = "no-condition": "A purpose that reads a special category says under which condition (Art. 9(2), Art. 10).",
    NoWindowEnd = "no-window-end": "Every window ends: it is not zero, at most 100 years, counts from the end of the relation only where `[archive]` ends relations, and from an object only where the category is about objects.",
    ModeTooWide = "mode-too-wide": "A pseudonymous or aggregate purpose lists its fields, none of them identifying, and collects, changes and discloses nothing; an aggregate one derives nothing either.",
    MarketingObjection = "marketing-objection": "Nobody can be kept from objecting to direct marketing (Art. 21(2)).",
    MarketingBasis = "marketing-basis": "Direct marketing rests on consent or legitimate interest, and works with identified people.",
    ObjectionBasis = "objection-basis": "An objection is weighed only where the basis is legitimate interest.",
    Regimes = "regimes": "Exactly one regime is the controller's own; a country is in one regime; a regime that changes the basis, and only that, says which bases stay.",
    Channels = "channels": "A country is in one of the lists of a channel.",
    Profiling = "profiling": "What feeds profiling is read and not special; attributes are neither sealed nor identifying; weights and topics are there.",
    ProfileCategories = "profile-categories": "Interests and segments are two categories of their own, derived and never collected or disclosed, and changed only by who derives them.",
    InterestReaders = "interest-readers": "The purposes that read interests are those listed, and the flags of their uses agree.",
    SegmentReaders = "segment-readers": "The uses that read segments are those listed, and their purposes read the category.",
    SegmentRule = "segment-rule": "A segment's rule is CEL and names nothing outside topics, features and attributes.",
    Cells = "cells": "A cell of a report stands for at least 3 contacts, and a segment has at least as many.",
    ObjectStates = "object-states": "States are named once, and those that close an object are among them.",
    ObjectFields = "object-fields": "Objects have no free text, no addresses and nothing sealed or identifying; words about people belong in records.",
    ObjectReaders = "object-readers": "Who writes a kind of object reads it, and somebody does.",
    ObjectParts = "object-parts": "A kind of object is part of another kind, and not of itself, not even in a circle.",
    Company = "company": "There is a kind of object `company` with the fields `name` and `country` that belongs to no company.",
    FieldUse = "field-use": "Channels belong to addresses of that kind; e-mail addresses, telephone numbers and words that identify are sealed; only words are searched by words, and nobody is found by a special category; labels are for objects.",
    System = "system": "The system's purposes see identified people, and requests go on while a contact is restricted.",
    Archive = "archive": "Where contacts are archived, they are so by their last activity, and a purpose reads the archive.",
    Term = "term": "Terms of the Data Privacy Vocabulary are written `dpv:Term`, `pd:Term` or `eu-gdpr:Term`.",
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// The rule that is broken.
    #[serde(serialize_with = "rule_id")]
    pub rule: Rule,
    /// Where in the notice, e.g. `purposes.crm.reads.identity.window`.
    pub path: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// Where it starts and ends, in bytes.
    pub span: Range<usize>,
    /// What is wrong.
    pub what: String,
    /// What to do.
    pub hint: Option<String>,
}

/// Everything that is wrong with a notice file, in the order of its lines.
#[derive(Clone, Debug)]
pub struct Faults {
    source: NamedSource<String>,
    /// What is wrong; never empty.
    pub list: Vec<Fault>,
    /// How many more there are than listed.
    pub unlisted: usize,
}

impl Faults {
    pub(crate) fn new(file: &str, text: &str, mut found: Vec<Found>) -> Faults {
        found.sort_by_key(|found| (found.span.start, found.span.end));
        found.dedup();
        let unlisted = found.len().saturating_sub(MAX_FAULTS);
        found.truncate(MAX_FAULTS);
        let lines = Lines::of(text);
        let list = found.into_iter().map(|found| found.placed(&lines)).collect();
        let source = NamedSource::new(file, text.to_owned()).with_language("TOML");
        Faults { source, list, unlisted }
    }

    /// The file's name as it was given.
    pub fn file(&self) -> &str {
        self.source.name()
    }

    /// The faults for people, one line each as compilers write them, with its hint below.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        for fault in &self.list {
            let Fault { line, column, what, rule, .. } = fault;
            let _ = writeln!(text, "{}:{line}:{column}: {what} [{}]", self.file(), rule.id());
            if let Some(hint) = &fault.hint {
                let _ = writeln!(text, "  hint: {hint}");
            }
        }
        text
    }

    /// The faults for machines: `{"file", "faults": [...], "unlisted"}`.
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}

impl Serialize for Faults {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let mut out = serializer.serialize_struct("Faults", 3)?;
        out.serialize_field("file", self.file())?;
        out.serialize_field("faults", &self.list)?;
        out.serialize_field("unlisted", &self.unlisted)?;
        out.end()
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.list.len() + self.unlisted;
        write!(f, "{count} fault{} in `{}`", if count == 1 { "" } else { "s" }, self.file())?;
        if self.unlisted > 0 {
            write!(f, ", of which the first {} are listed", self.list.len())?;
        }
        Ok(())
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl std::error::Error for Faults {}
impl std::error::Error for Fault {}

/// For reports with the source at fault: the headline here, a related report for each fault.
impl Diagnostic for Faults {
    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.source)
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        Some(Box::new(self.list.iter().map(|fault| fault as &dyn Diagnostic)))
    }
}

impl Diagnostic for Fault {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(self.rule.id()))
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.hint.as_ref().map(|hint| Box::new(hint) as Box<dyn fmt::Display>)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let label = LabeledSpan::new_with_span(Some("here".to_owned()), self.span.clone());
        Some(Box::new(std::iter::once(label)))
    }
}

/// A fault that does not know its line yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) rule: Rule,
    pub(crate) path: String,
    pub(crate) span: Range<usize>,
    pub(crate) what: String,
    pub(crate) hint: Option<String>,
}

impl Found {
    fn placed(self, lines: &Lines<'_>) -> Fault {
        let (line, column) = lines.place(self.span.start);
        let Found { rule, path, span, what, hint } = self;
        Fault { rule, path, line, column, span, what, hint }
    }
}

/// Where the lines of a text begin.
struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
}

impl<'t> Lines<'t> {
    fn of(text: &'t str) -> Self {
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let starts = std::iter::once(0).chain(breaks.map(|(at, _)| at + 1)).collect();
        Lines { text, starts }
    }

    /// Line and column of a byte, both from 1; the column counts characters.
    fn place(&self, at: usize) -> (usize, usize) {
        let line = self.starts.partition_point(|start| *start <= at).max(1);
        let start = self.starts.get(line - 1).copied().unwrap_or(0);
        let before = self.text.get(start..at.min(self.text.len())).unwrap_or("");
        (line, before.chars().count() + 1)
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes fields by reference")]
fn rule_id<S: Serializer>(rule: &Rule, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(rule.id())
}
