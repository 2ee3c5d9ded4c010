//! Reading typed values out of TOML while collecting every fault, with the place of everything.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::ops::{Range, RangeInclusive};

use jiff::civil::Date;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::fault::{Found, Rule};
use crate::model::Named;
use crate::time::{Anchor, Length, Window};

/// The longest list in a notice; the world has fewer countries.
const MAX_LIST: usize = 400;
/// Tables of translations lie in each other no deeper than this.
const MAX_DEPTH: usize = 8;
/// What stands in for a window at fault, so that reading can go on.
pub(super) const NO_WINDOW: Window =
    Window { length: Length::Days(1), anchor: Anchor::Collected, financial_year: false };
/// The longest title, in characters: one line of a table.
pub(crate) const TITLE: usize = 200;
/// The longest text, in characters: a page.
pub(super) const TEXT: usize = 5_000;
/// The longest rule of a segment, in characters: people are to understand it.
pub(super) const RULE: usize = 600;

/// Where everything in a file is, by its path.
#[derive(Debug, Default)]
pub(crate) struct Spans {
    by_path: BTreeMap<String, Range<usize>>,
}

impl Spans {
    fn note(&mut self, path: &str, span: Range<usize>) {
        self.by_path.entry(path.to_owned()).or_insert(span);
    }

    /// Where `path` is, or what it is in.
    pub(crate) fn place(&self, path: &str) -> Range<usize> {
        let mut path = path;
        loop {
            if let Some(span) = self.by_path.get(path) {
                return span.clone();
            }
            match path.rsplit_once('.') {
                Some((parent, _)) => path = parent,
                None => return 0..0,
            }
        }
    }
}

/// What is found while reading.
#[derive(Debug, Default)]
pub(super) struct Reader {
    found: RefCell<Vec<Found>>,
    spans: RefCell<Spans>,
}

impl Reader {
    pub(super) fn into_parts(self) -> (Vec<Found>, Spans) {
        (self.found.into_inner(), self.spans.into_inner())
    }

    fn fault(
        &self,
        rule: Rule,
        path: &str,
        span: Range<usize>,
        what: String,
        hint: Option<String>,
    ) {
        self.found.borrow_mut().push(Found { rule, path: path.to_owned(), span, what, hint });
    }

    fn note(&self, path: &str, span: Range<usize>) {
        self.spans.borrow_mut().note(path, span);
    }
}

/// How ids of a kind are written.
#[derive(Clone, Copy)]
pub(super) enum IdForm {
    /// `[a-z][a-z0-9-]{0,39}`
    Dashes,
    /// `[a-z][a-z0-9_]{0,39}`
    Underscores,
}

impl IdForm {
    fn accepts(self, id: &str) -> bool {
        let joiner = match self {
            Self::Dashes => b'-',
            Self::Underscores => b'_',
        };
        id.len() <= 40
            && id.bytes().next().is_some_and(|first| first.is_ascii_lowercase())
            && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == joiner)
    }

    const fn hint(self) -> &'static str {
        match self {
            Self::Dashes => "begin with a small letter, then up to 39 of `a-z`, `0-9` and `-`",
            Self::Underscores => "begin with a small letter, then up to 39 of `a-z`, `0-9` and `_`",
        }
    }
}

/// A table that is being read. Dropping keys silently is not possible: [`Section::finish`] reports
/// every key that nobody asked for.
pub(super) struct Section<'t, 'i> {
    reader: &'t Reader,
    table: &'t DeTable<'i>,
    path: String,
    span: Range<usize>,
    asked: RefCell<BTreeSet<&'static str>>,
}

impl<'t, 'i> Section<'t, 'i> {
    /// The whole file.
    pub(super) fn root(reader: &'t Reader, table: &'t DeTable<'i>) -> Self {
        Section::new(reader, table, String::new(), 0..0)
    }

    fn new(reader: &'t Reader, table: &'t DeTable<'i>, path: String, span: Range<usize>) -> Self {
        reader.note(&path, span.clone());
        Section { reader, table, path, span, asked: RefCell::default() }
    }

    /// Reports what was not asked for.
    pub(super) fn finish(self) {
        let asked = self.asked.borrow();
        for (key, _) in self.table {
            let name: &str = key.get_ref();
            if !asked.contains(name) {
                let hint = match nearest(name, asked.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("the keys here are {}", listed(asked.iter())),
                };
                let what = format!("`{}` is no key of {}", shown(name), self.title());
                self.fault_at(Rule::UnknownKey, name, key.span(), what, Some(hint));
            }
        }
    }

    /// Reports a fault of a key's value.
    pub(super) fn fault(&self, rule: Rule, key: &str, what: String, hint: impl Into<String>) {
        let span = self.reader.spans.borrow().place(&self.path_of(key));
        self.fault_at(rule, key, span, what, Some(hint.into()));
    }

    fn fault_at(
        &self,
        rule: Rule,
        key: &str,
        span: Range<usize>,
        what: String,
        hint: Option<String>,
    ) {
        self.reader.fault(rule, &self.path_of(key), span, what, hint);
    }

    fn path_of(&self, key: &str) -> String {
        match (self.path.is_empty(), key.is_empty()) {
            (true, _) => shown(key),
            (_, true) => self.path.clone(),
            _ => format!("{}.{}", self.path, shown(key)),
        }
    }

    fn title(&self) -> String {
        if self.path.is_empty() { "a notice".to_owned() } else { format!("`{}`", self.path) }
    }

    /// The value of a key, whose place is then known.
    fn value(&self, key: &'static str) -> Option<&'t Spanned<DeValue<'i>>> {
        self.asked.borrow_mut().insert(key);
        let value = self.table.get(key)?;
        self.reader.note(&self.path_of(key), value.span());
        Some(value)
    }

    fn missing(&self, key: &str, example: &str) {
        let what = format!("{} has no `{key}`", self.title());
        let hint = format!("add {example}");
        self.fault_at(Rule::MissingKey, key, self.span.clone(), what, Some(hint));
    }

    fn wrong(&self, key: &str, value: &Spanned<DeValue<'_>>, wanted: &str) {
        let found = kind_of(value.get_ref());
        let what = format!("`{}` is {found}, not {wanted}", self.path_of(key));
        let hint = Some(format!("write {wanted}"));
        self.fault_at(Rule::WrongType, key, value.span(), what, hint);
    }

    /// Whether the key is there; counts as asking for it.
    pub(super) fn has(&self, key: &'static str) -> bool {
        self.asked.borrow_mut().insert(key);
        self.table.contains_key(key)
    }

    /// A text that must be there; empty where it is at fault.
    pub(super) fn text(&self, key: &'static str, max: usize) -> String {
        if !self.has(key) {
            self.missing(key, &format!("`{key} = \"...\"`"));
        }
        self.optional_text(key, max).unwrap_or_default()
    }

    /// An id that must be there; empty where it is at fault.
    pub(super) fn id(&self, key: &'static str) -> String {
        let id = self.text(key, TITLE);
        if !id.is_empty() && !IdForm::Dashes.accepts(&id) {
            let what = format!("`{}` is no id", shown(&id));
            self.fault(Rule::BadId, key, what, IdForm::Dashes.hint());
        }
        id
    }

    /// A text that may be there; `None` where it is at fault, too.
    pub(super) fn optional_text(&self, key: &'static str, max: usize) -> Option<String> {
        let value = self.value(key)?;
        self.text_of(key, value, max)
    }

    fn text_of(&self, key: &str, value: &Spanned<DeValue<'_>>, max: usize) -> Option<String> {
        let DeValue::String(text) = value.get_ref() else {
            self.wrong(key, value, "a text in quotes");
            return None;
        };
        let path = self.path_of(key);
        let (what, hint) = if text.trim().is_empty() {
            (format!("`{path}` is empty"), "write what people are to read".to_owned())
        } else if text.chars().any(|c| is_control(c, max)) {
            (format!("`{path}` has control characters"), "leave them out".to_owned())
        } else if text.chars().count() > max {
            (format!("`{path}` is longer than {max} characters"), "shorten it".to_owned())
        } else {
            return Some(text.trim().to_owned());
        };
        self.fault_at(Rule::BadText, key, value.span(), what, Some(hint));
        None
    }

    /// Yes or no.
    pub(super) fn flag(&self, key: &'static str, default: bool) -> bool {
        let Some(value) = self.value(key) else { return default };
        let flag = value.get_ref().as_bool();
        flag.unwrap_or_else(|| {
            self.wrong(key, value, "`true` or `false`");
            default
        })
    }

    /// A whole number within bounds; `default` where it may be left out.
    pub(super) fn number(
        &self,
        key: &'static str,
        bounds: RangeInclusive<u32>,
        default: Option<u32>,
    ) -> u32 {
        let fallback = default.unwrap_or(*bounds.start());
        let Some(value) = self.value(key) else {
            if default.is_none() {
                self.missing(key, &format!("`{key} = {fallback}`"));
            }
            return fallback;
        };
        let DeValue::Integer(number) = value.get_ref() else {
            self.wrong(key, value, "a whole number");
            return fallback;
        };
        let number = u32::from_str_radix(number.as_str(), number.radix()).ok();
        number.filter(|number| bounds.contains(number)).unwrap_or_else(|| {
            let what = format!(
                "`{}` is not between {} and {}",
                self.path_of(key),
                bounds.start(),
                bounds.end()
            );
            let hint = Some(format!("write a number from {} to {}", bounds.start(), bounds.end()));
            self.fault_at(Rule::BadNumber, key, value.span(), what, hint);
            fallback
        })
    }

    /// A value of a closed list that must be there; `fallback` where it is at fault.
    pub(super) fn choice<T: Copy>(&self, key: &'static str, words: &[(&str, T)], fallback: T) -> T {
        if !self.has(key) {
            self.missing(key, &format!("`{key} = ` one of {}", listed(words.iter().map(|w| w.0))));
        }
        self.optional_choice(key, words).unwrap_or(fallback)
    }

    /// A value of a closed list that may be there.
    pub(super) fn optional_choice<T: Copy>(
        &self,
        key: &'static str,
        words: &[(&str, T)],
    ) -> Option<T> {
        let value = self.value(key)?;
        self.choice_of(key, value, words)
    }

    fn choice_of<T: Copy>(
        &self,
        key: &str,
        value: &Spanned<DeValue<'_>>,
        words: &[(&str, T)],
    ) -> Option<T> {
        let DeValue::String(word) = value.get_ref() else {
            self.wrong(key, value, "a word in quotes");
            return None;
        };
        let found = words.iter().find(|(name, _)| name == word);
        if found.is_none() {
            let what = format!("`{}` is no value of `{}`", shown(word), self.path_of(key));
            let hint = Some(format!("write one of {}", listed(words.iter().map(|w| w.0))));
            self.fault_at(Rule::BadWord, key, value.span(), what, hint);
        }
        found.map(|(_, value)| *value)
    }

    /// The values of a closed list; empty where the key is left out.
    pub(super) fn choices<T: Copy>(&self, key: &'static str, words: &[(&str, T)]) -> Vec<T> {
        let items = self.items(key);
        items.filter_map(|(key, value)| self.choice_of(&key, value, words)).collect()
    }

    /// A list of texts; empty where the key is left out.
    pub(super) fn list(&self, key: &'static str) -> Vec<String> {
        let mut list: Vec<String> = Vec::new();
        for (key, value) in self.items(key) {
            let Some(text) = self.text_of(&key, value, TITLE) else { continue };
            if list.contains(&text) {
                let what = format!("`{}` is named twice", shown(&text));
                self.fault(Rule::BadList, &key, what, "name it once");
            }
            list.push(text);
        }
        list
    }

    /// A list that may be left out.
    pub(super) fn optional_list(&self, key: &'static str) -> Option<Vec<String>> {
        self.has(key).then(|| self.list(key))
    }

    /// The items of an array with their keys, e.g. `roles.2`.
    fn items(&self, key: &'static str) -> impl Iterator<Item = (String, &'t Spanned<DeValue<'i>>)> {
        let items = self.value(key).map(|value| match value.get_ref() {
            DeValue::Array(items) if items.len() <= MAX_LIST => items.iter().as_slice(),
            DeValue::Array(_) => {
                let what = format!("`{}` has more than {MAX_LIST} entries", self.path_of(key));
                let hint = Some("shorten it".to_owned());
                self.fault_at(Rule::BadList, key, value.span(), what, hint);
                &[]
            }
            _ => {
                self.wrong(key, value, "a list, e.g. `[\"...\"]`");
                &[]
            }
        });
        items.unwrap_or_default().iter().enumerate().map(move |(at, value)| {
            let key = format!("{key}.{at}");
            self.reader.note(&self.path_of(&key), value.span());
            (key, value)
        })
    }

    /// A window that must be there; a day where it is at fault.
    pub(super) fn window(&self, key: &'static str) -> Window {
        let text = self.text(key, TITLE);
        if text.is_empty() {
            return NO_WINDOW;
        }
        Window::parse(&text).unwrap_or_else(|_| {
            let what = format!("`{}` is no window", shown(&text));
            self.fault(Rule::BadWindow, key, what, WINDOW_HINT);
            NO_WINDOW
        })
    }

    /// A day that must be there, as a TOML date or a text.
    pub(super) fn date(&self, key: &'static str) -> Date {
        let fallback = Date::constant(1970, 1, 1);
        let Some(value) = self.value(key) else {
            self.missing(key, &format!("`{key} = 2026-11-01`"));
            return fallback;
        };
        let text = match value.get_ref() {
            DeValue::Datetime(date) => date.to_string(),
            DeValue::String(text) => text.clone().into_owned(),
            _ => {
                self.wrong(key, value, "a day, e.g. `2026-11-01`");
                return fallback;
            }
        };
        let iso = text.len() == 10;
        text.parse().ok().filter(|_| iso).unwrap_or_else(|| {
            let what = format!("`{}` is no day", shown(&text));
            self.fault(Rule::BadDate, key, what, "write it as `2026-11-01`");
            fallback
        })
    }

    /// A table that must be there.
    pub(super) fn section(&self, key: &'static str) -> Option<Section<'t, 'i>> {
        if !self.has(key) {
            self.missing(key, &format!("the table `[{}]`", self.path_of(key)));
        }
        self.optional_section(key)
    }

    /// A table that may be there.
    pub(super) fn optional_section(&self, key: &'static str) -> Option<Section<'t, 'i>> {
        self.asked.borrow_mut().insert(key);
        let (name, value) = self.table.get_key_value(key)?;
        self.section_of(key, name.span(), value)
    }

    fn section_of(
        &self,
        key: &str,
        span: Range<usize>,
        value: &'t Spanned<DeValue<'i>>,
    ) -> Option<Section<'t, 'i>> {
        let DeValue::Table(table) = value.get_ref() else {
            self.reader.note(&self.path_of(key), span);
            self.wrong(key, value, "a table");
            return None;
        };
        Some(Section::new(self.reader, table, self.path_of(key), span))
    }

    /// The tables of an array of tables.
    pub(super) fn sections(&self, key: &'static str) -> Vec<Section<'t, 'i>> {
        let items = self.items(key);
        items.filter_map(|(key, value)| self.section_of(&key, value.span(), value)).collect()
    }

    /// The entries of a table of tables by id. An entry that is no table is left out.
    pub(super) fn entries<T>(
        &self,
        key: &'static str,
        form: IdForm,
        read: impl Fn(&str, Section<'t, 'i>) -> T,
    ) -> Named<T> {
        self.named(key, form, |parent, id, span, value| {
            Some(read(id, parent.section_of(id, span, value)?))
        })
    }

    /// The entries of a table of texts by id.
    pub(super) fn texts(&self, key: &'static str, form: IdForm) -> Named<String> {
        self.named(key, form, |parent, id, _, value| {
            parent.reader.note(&parent.path_of(id), value.span());
            Some(parent.text_of(id, value, TITLE).unwrap_or_else(|| id.to_owned()))
        })
    }

    /// Every text of this table and of the tables in it, by its path from here.
    pub(super) fn leaves(self) -> Named<String> {
        let mut leaves = Named::new();
        self.collect_leaves("", 0, &mut leaves);
        leaves
    }

    fn collect_leaves(&self, before: &str, depth: usize, leaves: &mut Named<String>) {
        for (name, value) in self.table {
            let name_text: &str = name.get_ref();
            let path = if before.is_empty() {
                name_text.to_owned()
            } else {
                format!("{before}.{name_text}")
            };
            self.reader.note(&self.path_of(name_text), name.span());
            match value.get_ref() {
                DeValue::Table(_) if depth < MAX_DEPTH => {
                    let inner = self.section_of(name_text, name.span(), value);
                    if let Some(inner) = inner {
                        inner.collect_leaves(&path, depth + 1, leaves);
                    }
                }
                DeValue::Array(items) => {
                    for (at, item) in items.iter().enumerate() {
                        let key = format!("{name_text}.{at}");
                        self.reader.note(&self.path_of(&key), item.span());
                        if let Some(text) = self.text_of(&key, item, TEXT) {
                            leaves.insert(format!("{path}.{at}"), text);
                        }
                    }
                }
                _ => {
                    if let Some(text) = self.text_of(name_text, value, TEXT) {
                        leaves.insert(path, text);
                    }
                }
            }
        }
    }

    /// The entries of a table of choices by id.
    pub(super) fn named_choices<T: Copy>(
        &self,
        key: &'static str,
        words: &[(&str, T)],
    ) -> Named<T> {
        self.named(key, IdForm::Dashes, |parent, id, _, value| {
            parent.reader.note(&parent.path_of(id), value.span());
            parent.choice_of(id, value, words)
        })
    }

    /// The entries of a table of numbers by id.
    pub(super) fn decimals(&self, key: &'static str) -> Named<f64> {
        self.named(key, IdForm::Dashes, |parent, id, _, value| {
            parent.reader.note(&parent.path_of(id), value.span());
            let number = match value.get_ref() {
                DeValue::Float(number) => number.as_str().parse().ok(),
                DeValue::Integer(number) => number.as_str().parse().ok(),
                _ => {
                    parent.wrong(id, value, "a number");
                    return None;
                }
            };
            let bounded = number.filter(|number: &f64| number.abs() <= 1_000.0);
            if bounded.is_none() {
                let what = format!("`{}` is not between -1000 and 1000", parent.path_of(id));
                parent.fault(Rule::BadNumber, id, what, "write a number such as `1.5`");
            }
            bounded
        })
    }

    fn named<T>(
        &self,
        key: &'static str,
        form: IdForm,
        read: impl Fn(&Section<'t, 'i>, &str, Range<usize>, &'t Spanned<DeValue<'i>>) -> Option<T>,
    ) -> Named<T> {
        let Some(parent) = self.optional_section(key) else { return Named::new() };
        let mut named = Named::new();
        for (name, value) in parent.table {
            let id: &str = name.get_ref();
            if !form.accepts(id) {
                let what = format!("`{}` is no id", shown(id));
                let hint = Some(form.hint().to_owned());
                parent.fault_at(Rule::BadId, id, name.span(), what, hint);
            }
            if let Some(entry) = read(&parent, id, name.span(), value) {
                named.insert(id.to_owned(), entry);
            }
        }
        named
    }
}

const WINDOW_HINT: &str = "write `N days|months|years after ANCHOR`, where ANCHOR is `collected`, \
    `last activity`, `end of relation` or `object closed`, each also as \
    `the end of the financial year of ANCHOR`";

/// The name among `known` that `name` was probably meant to be.
pub(crate) fn nearest<'k>(name: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    if name.len() > 60 {
        return None;
    }
    let distances = known.into_iter().map(|known| (strsim::osa_distance(name, known), known));
    let (distance, near) = distances.min_by_key(|(distance, _)| *distance)?;
    (distance <= (name.len() / 4).clamp(1, 3)).then_some(near)
}

/// Names in backticks, with commas.
pub(crate) fn listed<T: Display>(names: impl IntoIterator<Item = T>) -> String {
    let names: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

/// A text of the file as an error may show it: short and on one line.
pub(crate) fn shown(text: &str) -> String {
    let plain = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    let mut shown: String = text.chars().take(80).map(plain).collect();
    if text.chars().nth(80).is_some() {
        shown.push_str("...");
    }
    shown
}

fn is_control(c: char, max: usize) -> bool {
    c.is_control() && !(max > TITLE && matches!(c, '\n' | '\r' | '\t'))
}

fn kind_of(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a decimal number",
        DeValue::Boolean(_) => "`true` or `false`",
        DeValue::Datetime(_) => "a day or time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
