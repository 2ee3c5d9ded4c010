//! Rules made ready: how a value comes from the cells of a row.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::columns::{Cells, Column, Columns};
use super::condition::{self, Condition};
use super::file::{Kind, Making, Rule as RuleFile};
use crate::fault::Reason;
use crate::value::date::{self, DateForm};
use crate::value::number::{self, Decimal, DecimalMark};
use crate::value::{NotA, contact, country, words};

/// What a value is made of; the first way that gives something counts.
#[derive(Clone, Debug)]
pub(super) struct Rule(Vec<Way>);

#[derive(Clone, Debug)]
struct Way {
    when: Vec<Condition>,
    from: From,
    /// The text ends before this.
    until: Option<Box<str>>,
    codes: Option<Codes>,
    kind: Conversion,
}

/// Where the text is taken from.
#[derive(Clone, Debug)]
enum From {
    Column(Column),
    Joined(Vec<Column>, Box<str>),
    Template(Vec<Piece>),
    Value(Box<str>),
}

#[derive(Clone, Debug)]
enum Piece {
    Text(Box<str>),
    Cell(Column),
}

#[derive(Clone, Debug)]
struct Codes {
    table: BTreeMap<String, String>,
    otherwise: Option<String>,
}

#[derive(Clone, Debug)]
enum Conversion {
    Plain(Kind),
    Date(Kind, DateForm),
    Number(Kind, DecimalMark),
    Money(Box<Money>),
}

#[derive(Clone, Debug)]
struct Money {
    mark: DecimalMark,
    currency: Option<Box<str>>,
    currency_column: Option<Column>,
    times: Vec<Column>,
    less: Option<Column>,
}

/// What is wrong with a cell.
#[derive(Debug)]
pub(super) struct Wrong {
    pub(super) column: Option<Column>,
    pub(super) reason: Reason,
}

/// Something wrong with a rule itself, in words.
pub(super) type Mistake = String;

impl Rule {
    /// Makes a rule ready; `usual` is what its value is where the rule does not say.
    pub(super) fn new(
        rule: &RuleFile,
        usual: Kind,
        columns: &mut Columns,
    ) -> Result<Rule, Mistake> {
        let ways = rule.0.iter().map(|making| Way::new(making, usual, columns));
        ways.collect::<Result<_, _>>().map(Rule)
    }

    /// The value for a row, canonical; `None` where there is none.
    pub(super) fn value(&self, cells: &Cells<'_>) -> Result<Option<String>, Wrong> {
        for way in &self.0 {
            if !condition::all_hold(&way.when, cells)? {
                continue;
            }
            if let Some(value) = way.value(cells)? {
                return Ok(Some(value));
            }
        }
        Ok(None)
    }

    /// The column that stands for the rule in reports.
    pub(super) fn column(&self) -> Option<Column> {
        self.0.iter().find_map(|way| way.from.column())
    }
}

impl Way {
    fn new(making: &Making, usual: Kind, columns: &mut Columns) -> Result<Way, Mistake> {
        let from = From::new(making, columns)?;
        let codes = Codes::new(making)?;
        let constant = making.value.is_some() && making.kind.is_none();
        let kind = if constant || (codes.is_some() && making.kind.is_none()) {
            Conversion::Plain(Kind::Text)
        } else {
            Conversion::new(making, making.kind.unwrap_or(usual), columns)?
        };
        let until = making.until.as_deref().filter(|until| !until.is_empty()).map(Box::from);
        Ok(Way { when: Condition::ready(&making.when, columns)?, from, until, codes, kind })
    }

    fn value(&self, cells: &Cells<'_>) -> Result<Option<String>, Wrong> {
        let wrong = |reason| Wrong { column: self.from.column(), reason };
        let text = self.from.text(cells);
        let before = self.until.as_ref().and_then(|until| text.split_once(&**until));
        let text = words::text(before.map_or(&*text, |(before, _)| before))
            .ok_or_else(|| wrong(Reason::ControlCharacter))?;
        if text.is_empty() {
            return Ok(None);
        }
        let text = match &self.codes {
            None => text,
            Some(codes) => match codes.table.get(&*text).or(codes.otherwise.as_ref()) {
                Some(code) if code.is_empty() => return Ok(None),
                Some(code) => Cow::Borrowed(code.as_str()),
                None => return Err(wrong(Reason::UnknownCode)),
            },
        };
        let value = self.kind.apply(&text, cells).map_err(|what| wrong(Reason::NotA { what }))?;
        Ok(Some(value).filter(|value| !value.is_empty()))
    }
}

impl From {
    fn new(making: &Making, columns: &mut Columns) -> Result<From, Mistake> {
        let given = [
            making.column.is_some(),
            making.columns.is_some(),
            making.template.is_some(),
            making.value.is_some(),
        ];
        if given.iter().filter(|given| **given).count() != 1 {
            return Err("a rule has one of `column`, `columns`, `template` and `value`".into());
        }
        if making.join.is_some() && making.columns.is_none() {
            return Err("`join` goes with `columns`".into());
        }
        if let Some(name) = &making.column {
            return Ok(From::Column(columns.place(name)));
        }
        if let Some(names) = &making.columns {
            let join = making.join.as_deref().unwrap_or(" ");
            let columns = names.iter().map(|name| columns.place(name)).collect();
            return Ok(From::Joined(columns, Box::from(join)));
        }
        if let Some(template) = &making.template {
            return pieces(template, columns).map(From::Template);
        }
        Ok(From::Value(Box::from(making.value.as_deref().unwrap_or_default())))
    }

    fn text<'a>(&'a self, cells: &Cells<'a>) -> Cow<'a, str> {
        match self {
            From::Column(column) => Cow::Borrowed(cells.get(*column)),
            From::Joined(columns, join) => {
                let cells = columns.iter().map(|column| cells.get(*column));
                Cow::Owned(cells.filter(|cell| !cell.is_empty()).collect::<Vec<_>>().join(join))
            }
            From::Template(pieces) => {
                let mut text = String::new();
                for piece in pieces {
                    match piece {
                        Piece::Text(fixed) => text.push_str(fixed),
                        // A template with a gap says nothing.
                        Piece::Cell(column) if cells.get(*column).is_empty() => {
                            return Cow::Borrowed("");
                        }
                        Piece::Cell(column) => text.push_str(cells.get(*column)),
                    }
                }
                Cow::Owned(text)
            }
            From::Value(value) => Cow::Borrowed(value),
        }
    }

    fn column(&self) -> Option<Column> {
        match self {
            From::Column(column) => Some(*column),
            From::Joined(columns, _) => columns.first().copied(),
            From::Template(pieces) => pieces.iter().find_map(|piece| match piece {
                Piece::Cell(column) => Some(*column),
                Piece::Text(_) => None,
            }),
            From::Value(_) => None,
        }
    }
}

/// `{orderID}-{productID}` in pieces.
fn pieces(template: &str, columns: &mut Columns) -> Result<Vec<Piece>, Mistake> {
    let mut pieces = Vec::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let closed = after.split_once('}').filter(|(name, _)| !name.is_empty());
        let Some((name, after)) = closed else {
            return Err("a template names columns as in `{first}-{second}`".into());
        };
        if !before.is_empty() {
            pieces.push(Piece::Text(Box::from(before)));
        }
        pieces.push(Piece::Cell(columns.place(name)));
        rest = after;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(Box::from(rest)));
    }
    Ok(pieces)
}

impl Codes {
    fn new(making: &Making) -> Result<Option<Codes>, Mistake> {
        match (&making.codes, &making.otherwise) {
            (None, Some(_)) => Err("`otherwise` goes with `codes`".into()),
            (None, None) => Ok(None),
            (Some(codes), otherwise) => {
                let table = codes.iter().map(|(from, to)| (from.clone(), to.clone())).collect();
                Ok(Some(Codes { table, otherwise: otherwise.clone() }))
            }
        }
    }
}

impl Conversion {
    fn new(making: &Making, kind: Kind, columns: &mut Columns) -> Result<Conversion, Mistake> {
        let is_date = matches!(kind, Kind::Date | Kind::Time | Kind::Moment);
        let is_number = matches!(kind, Kind::Integer | Kind::Percent | Kind::Money);
        let of_money = [
            making.currency.is_some(),
            making.currency_column.is_some(),
            !making.times.is_empty(),
            making.less.is_some(),
        ];
        if making.form.is_some() && !is_date {
            return Err("`form` goes with `as = \"date\"`, `\"time\"` or `\"moment\"`".into());
        }
        if making.decimal.is_some() && !is_number {
            return Err(
                "`decimal` goes with `as = \"integer\"`, `\"percent\"` or `\"money\"`".into()
            );
        }
        if kind != Kind::Money && of_money.contains(&true) {
            return Err(
                "`currency`, `currency_column`, `times` and `less` go with `as = \"money\"`".into(),
            );
        }
        let mark = making.decimal.unwrap_or_default();
        Ok(match kind {
            Kind::Date | Kind::Time | Kind::Moment => {
                Conversion::Date(kind, making.form.unwrap_or_default())
            }
            Kind::Integer | Kind::Percent => Conversion::Number(kind, mark),
            Kind::Money => {
                let mut place = |name: &String| columns.place(name);
                Conversion::Money(Box::new(Money {
                    mark,
                    currency: making.currency.as_deref().map(Box::from),
                    currency_column: making.currency_column.as_ref().map(&mut place),
                    times: making.times.iter().map(&mut place).collect(),
                    less: making.less.as_ref().map(&mut place),
                }))
            }
            _ => Conversion::Plain(kind),
        })
    }

    fn apply(&self, text: &str, cells: &Cells<'_>) -> Result<String, NotA> {
        match self {
            Conversion::Plain(Kind::Country) => {
                country::country(text).map(|country| country.code().to_owned())
            }
            Conversion::Plain(Kind::Email) => contact::email(text),
            Conversion::Plain(Kind::Phone) => contact::phone(text),
            Conversion::Plain(Kind::Language) => contact::language(text),
            Conversion::Plain(Kind::Flag) => {
                words::flag(text).map(|yes| if yes { "yes" } else { "no" }.to_owned())
            }
            Conversion::Plain(Kind::GivenName) => Ok(words::split_name(text).0),
            Conversion::Plain(Kind::FamilyName) => Ok(words::split_name(text).1),
            Conversion::Plain(Kind::Fingerprint) => Ok(words::fingerprint(text)),
            Conversion::Plain(_) => Ok(text.to_owned()),
            Conversion::Date(Kind::Date, form) => date::day(text, *form),
            Conversion::Date(Kind::Time, form) => date::time(text, *form),
            Conversion::Date(_, form) => date::moment(text, *form),
            Conversion::Number(Kind::Percent, mark) => {
                let percent = Decimal::parse(text, *mark)?.percent();
                percent.map(|percent| percent.to_string()).ok_or("a number")
            }
            Conversion::Number(_, mark) => number::integer(text, *mark),
            Conversion::Money(money) => money.value(text, cells),
        }
    }
}

impl Money {
    fn value(&self, text: &str, cells: &Cells<'_>) -> Result<String, NotA> {
        const NOT: NotA = "an amount of money";
        let (mut amount, written) = number::amount(text, self.mark)?;
        let factor = |column: Column| Decimal::parse(cells.get(column), self.mark);
        for column in &self.times {
            amount = amount.times(factor(*column)?).ok_or(NOT)?;
        }
        if let Some(column) = self.less
            && !cells.get(column).is_empty()
        {
            let left = Decimal::ONE.minus(factor(column)?).ok_or(NOT)?;
            amount = amount.times(left).ok_or(NOT)?;
        }
        let in_column = self.currency_column.map(|column| cells.get(column));
        let in_column = in_column.filter(|currency| !currency.is_empty());
        let currency = written.or(in_column).or(self.currency.as_deref());
        number::money(amount, currency.ok_or("an amount with a currency")?)
    }
}

/// Joins a rule's columns for reports: what the map takes from a file for one field.
pub(super) fn source_columns(rule: &Rule, columns: &Columns) -> Vec<Arc<str>> {
    let mut names = Vec::new();
    for way in &rule.0 {
        let places: Vec<Column> = match &way.from {
            From::Column(column) => vec![*column],
            From::Joined(joined, _) => joined.clone(),
            From::Template(_) => way.from.column().into_iter().collect(),
            From::Value(_) => Vec::new(),
        };
        names.extend(places.into_iter().map(|column| columns.name(column)));
    }
    names
}
