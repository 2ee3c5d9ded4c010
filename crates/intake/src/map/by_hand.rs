//! A map made from choices: what each column of a file becomes.
//!
//! The choices become the text of a map, so that whoever made them once can keep it, mend it, and use
//! it again.

mod becomes;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::Arc;

use gantry_notice::model::{Belongs, FieldKind, Notice, ObjectKind, Search};
use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, Value, value};

use super::EMAIL;
use super::file::Kind;
use super::plan::usual_kind;
use crate::source::Format;
use crate::value::date::DateForm;

pub use becomes::{Becomes, Part};

use becomes::SAYINGS;

/// The name of a map that was made so.
const NAME: &str = "by-hand";
/// The kind of object that a contact may represent.
const COMPANY: &str = "company";
/// Fields by which a company is known where the file has no id of it.
const COMPANY_KEYS: [&str; 2] = ["number", "name"];

/// Choices that do not make a map, and at which column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit {
    /// The column, where it lies at one.
    pub column: Option<Arc<str>>,
    /// What is wrong and what to do.
    pub fault: String,
}

/// All choices for a file.
#[derive(Clone, Debug)]
pub struct ByHand {
    /// What kind of file it is.
    pub format: Format,
    /// How it writes days and times.
    pub dates: DateForm,
    /// The currency of amounts that name none, as three letters.
    pub currency: Option<String>,
    /// Columns, and what becomes of each; others are not stored.
    pub choices: Vec<(Arc<str>, Becomes)>,
}

impl ByHand {
    /// The text of the map, or everything that keeps the choices from being one.
    pub fn text(&self, notice: &Notice) -> Result<String, Vec<Misfit>> {
        let mut making = Making { by_hand: self, notice, misfits: Vec::new() };
        let text = making.document().to_string();
        if making.misfits.is_empty() { Ok(text) } else { Err(making.misfits) }
    }
}

/// A map being made; what is wrong gathers in `misfits`.
struct Making<'a> {
    by_hand: &'a ByHand,
    notice: &'a Notice,
    misfits: Vec<Misfit>,
}

impl Making<'_> {
    fn document(&mut self) -> DocumentMut {
        self.look_for_doubles();
        let mut document = DocumentMut::new();
        document.insert("name", value(NAME));
        document.insert("format", value(self.by_hand.format.word()));
        let kinds = self.named(|becomes| match becomes {
            Becomes::Object(kind, _) => Some(kind),
            _ => None,
        });
        let categories = self.named(|becomes| match becomes {
            Becomes::Record(category, _) => Some(category),
            _ => None,
        });
        if kinds.is_empty() && categories.is_empty() && !self.has_profile() {
            self.misfit(None, "choose for at least one column what it becomes");
        }
        let company = kinds.iter().any(|kind| &**kind == COMPANY).then(|| self.company());
        let company_key = company.as_ref().and_then(|(key, _)| key.clone());
        if let Some((_, table)) = company {
            document.insert("company", Item::Table(table));
        }
        if self.has_profile() {
            let contact = self.contact(company_key.as_deref());
            document.insert("contact", Item::Table(contact));
            tables(&mut document, "said", self.said());
        }
        let others = kinds.iter().filter(|kind| &***kind != COMPANY);
        let objects = others.map(|kind| self.object(kind, company_key.as_deref())).collect();
        tables(&mut document, "object", objects);
        let records = categories.iter().map(|category| self.record(category)).collect();
        tables(&mut document, "record", records);
        document
    }

    /// One column for each thing; only of what was said there may be several signs.
    fn look_for_doubles(&mut self) {
        let mut seen = BTreeSet::new();
        let choices = self.by_hand.choices.iter();
        let doubles = choices
            .filter(|(_, becomes)| !matches!(becomes, Becomes::Said(_)) && !seen.insert(becomes));
        for (column, _) in doubles.collect::<Vec<_>>() {
            self.misfit(Some(column), "another column becomes the same: leave one of them out");
        }
    }

    /// Kinds or categories in the order in which they first come.
    fn named(&self, of: impl Fn(&Becomes) -> Option<&Arc<str>>) -> Vec<Arc<str>> {
        let mut names: Vec<Arc<str>> = Vec::new();
        for name in self.by_hand.choices.iter().filter_map(|(_, becomes)| of(becomes)) {
            if !names.contains(name) {
                names.push(Arc::clone(name));
            }
        }
        names
    }

    fn column(&self, wanted: &Becomes) -> Option<Arc<str>> {
        let mut choices = self.by_hand.choices.iter();
        choices.find(|(_, becomes)| becomes == wanted).map(|(column, _)| Arc::clone(column))
    }

    /// Whether a row describes a contact, and does not only name one.
    fn has_profile(&self) -> bool {
        self.by_hand.choices.iter().any(|(_, becomes)| {
            use Becomes::{Country, Profile, Said, SoleTrader};
            matches!(becomes, Profile(..) | Country | SoleTrader | Said(_))
        })
    }

    fn email(&self) -> Option<Arc<str>> {
        self.column(&Becomes::Profile(Arc::from(EMAIL.0), Arc::from(EMAIL.1)))
    }

    fn contact(&mut self, company: Option<&str>) -> Table {
        let mut table = Table::new();
        match (self.column(&Becomes::ContactKey), self.email()) {
            (Some(key), _) => {
                table.insert("key", value(&*key));
            }
            (None, Some(_)) => {
                table.insert("match", value("email"));
            }
            (None, None) => self.misfit(
                None,
                "choose the column by which a contact is known again: its id in the source, or its e-mail address",
            ),
        }
        for (name, becomes) in [("country", Becomes::Country), ("sole_trader", Becomes::SoleTrader)]
        {
            if let Some(column) = self.column(&becomes) {
                table.insert(name, value(&*column));
            }
        }
        if let Some(company) = company {
            table.insert("company", value(company));
        }
        let mut fields = Table::new();
        for (column, becomes) in &self.by_hand.choices {
            let Becomes::Profile(category, field) = becomes else { continue };
            let Some(kind) = self.field_kind(category, field) else {
                self.misfit(Some(column), "the notice has no such field");
                continue;
            };
            let rule = self.rule(column, field, &kind);
            let of = fields.entry(category).or_insert_with(|| Item::Table(dotted()));
            if let Some(of) = of.as_table_mut() {
                of.insert(field, rule);
            }
        }
        if !fields.is_empty() {
            table.insert("fields", Item::Table(fields));
        }
        table
    }

    fn field_kind(&self, category: &str, field: &str) -> Option<FieldKind> {
        let declared = self.notice.categories.get(category)?.fields.get(field)?;
        Some(declared.kind.clone())
    }

    fn said(&self) -> Vec<Table> {
        let said = self.by_hand.choices.iter().filter_map(|(column, becomes)| {
            let Becomes::Said(saying) = becomes else { return None };
            let (word, _) = SAYINGS.into_iter().find(|(_, one)| one == saying)?;
            let (what, channel) = word.split_once('.').unwrap_or((word, ""));
            let mut table = Table::new();
            table.insert("what", value(what));
            if !channel.is_empty() {
                table.insert("channel", value(channel));
            }
            table.insert("yes", value(&**column));
            Some(table)
        });
        said.collect()
    }

    /// The company of a row, and the column by which it is known.
    fn company(&mut self) -> (Option<Arc<str>>, Table) {
        let kind: Arc<str> = Arc::from(COMPANY);
        let part = |part| Becomes::Object(Arc::clone(&kind), part);
        let by_field =
            || COMPANY_KEYS.iter().find_map(|name| self.column(&part(Part::Field((*name).into()))));
        let key = self.column(&part(Part::Key)).or_else(by_field);
        let mut table = Table::new();
        match &key {
            Some(key) => {
                table.insert("key", value(&**key));
            }
            None => self
                .misfit(None, "choose the column with the company's id in the source, or its name"),
        }
        if let Some(state) = self.column(&part(Part::State)) {
            table.insert("state", value(&*state));
        }
        if let Some(at) = self.column(&part(Part::At)) {
            self.misfit(Some(&at), "a company has no day of its own");
        }
        let declared = self.notice.objects.get(COMPANY);
        self.object_fields(&mut table, &kind, declared);
        let same = declared.map(|declared| self.known_again_by(declared)).unwrap_or_default();
        if !same.is_empty() {
            table.insert("same", Item::Value(same.into_iter().collect::<Array>().into()));
        }
        (key, table)
    }

    /// By which of the chosen fields a company that is there is the same: those that can be looked for,
    /// numbers before names.
    fn known_again_by(&self, declared: &ObjectKind) -> Vec<String> {
        let chosen = |name: &str| {
            self.column(&Becomes::Object(Arc::from(COMPANY), Part::Field(name.into()))).is_some()
        };
        let mut same: Vec<_> = declared
            .fields
            .iter()
            .filter_map(|(name, field)| Some((field.search?, name)))
            .filter(|(_, name)| chosen(name))
            .collect();
        same.sort_by_key(|(search, _)| *search == Search::Words);
        same.into_iter().map(|(_, name)| name.clone()).collect()
    }

    fn object(&mut self, kind: &Arc<str>, company: Option<&str>) -> Table {
        let mut table = Table::new();
        let notice = self.notice;
        let declared = notice.objects.get(&**kind);
        table.insert("kind", value(&**kind));
        if let Some(key) = self.column(&Becomes::Object(Arc::clone(kind), Part::Key)) {
            table.insert("key", value(&*key));
        } else {
            let title = declared.map_or(&**kind, |declared| &declared.title);
            self.misfit(None, format!("{title}: choose the column with its id in the source"));
        }
        let belongs = declared.is_some_and(|declared| declared.company != Belongs::None);
        if let Some(company) = company.filter(|_| belongs) {
            table.insert("company", value(company));
        }
        if let Some(state) = self.column(&Becomes::Object(Arc::clone(kind), Part::State)) {
            table.insert("state", value(&*state));
        }
        if let Some(at) = self.column(&Becomes::Object(Arc::clone(kind), Part::At)) {
            table.insert("at", self.moment(&at));
        }
        self.object_fields(&mut table, kind, declared);
        table
    }

    fn object_fields(&mut self, table: &mut Table, kind: &str, declared: Option<&ObjectKind>) {
        let mut fields = Table::new();
        for (column, becomes) in &self.by_hand.choices {
            let Becomes::Object(of, Part::Field(field)) = becomes else { continue };
            if &**of != kind {
                continue;
            }
            match declared.and_then(|declared| declared.fields.get(&**field)) {
                Some(declared) => {
                    fields.insert(field, self.rule(column, field, &declared.kind));
                }
                None => self.misfit(Some(column), "the notice has no such field"),
            }
        }
        put_fields(table, fields);
    }

    fn record(&mut self, category: &Arc<str>) -> Table {
        let mut table = Table::new();
        table.insert("category", value(&**category));
        if let Some(key) = self.column(&Becomes::Record(Arc::clone(category), Part::Key)) {
            table.insert("key", value(&*key));
        }
        if !self.has_profile() {
            let (key, email) =
                (self.column(&Becomes::ContactKey), self.column(&Becomes::ContactEmail));
            match (key, email) {
                (Some(key), _) => {
                table.insert("contact", value(&*key));
            }
                (None, Some(email)) => {
                table.insert("contact_email", value(&*email));
            }
                (None, None) => self.misfit(
                    None,
                    "choose the column that says whom it is about: the contact's id in the source, or its e-mail address",
                ),
            }
        }
        let declared = self.notice.categories.get(&**category);
        let about = declared.into_iter().flat_map(|declared| &declared.about);
        let mut about = about.filter_map(|kind| {
            let key = self.column(&Becomes::Object(Arc::from(kind.as_str()), Part::Key))?;
            Some((kind, key))
        });
        if let Some((kind, key)) = about.next() {
            let reference = [("kind", Value::from(kind.as_str())), ("key", Value::from(&*key))];
            table.insert("about", value(InlineTable::from_iter(reference)));
        }
        if let Some(at) = self.column(&Becomes::Record(Arc::clone(category), Part::At)) {
            table.insert("at", self.moment(&at));
        }
        let mut fields = Table::new();
        for (column, becomes) in &self.by_hand.choices {
            let Becomes::Record(of, Part::Field(field)) = becomes else { continue };
            if of != category {
                continue;
            }
            match self.field_kind(category, field) {
                Some(kind) => {
                    fields.insert(field, self.rule(column, field, &kind));
                }
                None => self.misfit(Some(column), "the notice has no such field"),
            }
        }
        put_fields(&mut table, fields);
        table
    }

    /// A rule for a day or a time.
    fn moment(&self, column: &str) -> Item {
        if self.by_hand.dates == DateForm::default() {
            return value(column);
        }
        let rule = [("column", column), ("form", self.by_hand.dates.word())];
        value(InlineTable::from_iter(rule))
    }

    /// A rule for a field of that kind, as short as it can be.
    fn rule(&self, column: &str, field: &str, kind: &FieldKind) -> Item {
        let (kind, word) = match kind {
            FieldKind::Email => (Kind::Email, "email"),
            FieldKind::Phone => (Kind::Phone, "phone"),
            FieldKind::Country => (Kind::Country, "country"),
            FieldKind::Language => (Kind::Language, "language"),
            FieldKind::Date => (Kind::Date, "date"),
            FieldKind::Time => (Kind::Time, "time"),
            FieldKind::Integer => (Kind::Integer, "integer"),
            FieldKind::Money => (Kind::Money, "money"),
            FieldKind::Flag => (Kind::Flag, "flag"),
            FieldKind::Text { .. }
            | FieldKind::Label
            | FieldKind::Reference
            | FieldKind::Code { .. } => (Kind::Text, "text"),
        };
        if usual_kind(field) == kind {
            return value(column);
        }
        let mut rule = InlineTable::from_iter([("column", column), ("as", word)]);
        if matches!(kind, Kind::Date | Kind::Time) && self.by_hand.dates != DateForm::default() {
            rule.insert("form", Value::from(self.by_hand.dates.word()));
        }
        if let Some(currency) = self.by_hand.currency.as_deref().filter(|_| kind == Kind::Money) {
            rule.insert("currency", Value::from(currency));
        }
        value(rule)
    }

    fn misfit(&mut self, column: Option<&Arc<str>>, fault: impl Into<String>) {
        self.misfits.push(Misfit { column: column.cloned(), fault: fault.into() });
    }
}

/// A table that is written as `category.field = ..`.
fn dotted() -> Table {
    let mut table = Table::new();
    table.set_dotted(true);
    table
}

fn put_fields(table: &mut Table, fields: Table) {
    if !fields.is_empty() {
        table.insert("fields", Item::Table(fields));
    }
}

fn tables(document: &mut DocumentMut, name: &str, tables: Vec<Table>) {
    if !tables.is_empty() {
        document.insert(name, Item::ArrayOfTables(ArrayOfTables::from_iter(tables)));
    }
}
