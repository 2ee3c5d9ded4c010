//! Columns mapped by hand: for each of them a choice of what the notice lets the room collect.

use std::collections::BTreeSet;
use std::sync::Arc;

use gantry_engine::Identified;
use gantry_engine::import::{
    Becomes, ByHand, CsvOptions, DateForm, Fillable, Glance, Header, InputFile,
};
use maud::{Markup, html};

use super::choose::Wrong;
use super::upload::{How, Upload};
use crate::console::door::Room;
use crate::form::Form;
use crate::page::field::{Entry, line, place, select};
use crate::page::parts::csrf;

/// So many columns can be mapped by hand; a file with more needs a map file.
const MOST_COLUMNS: usize = 200;
/// Values shown of a column, so that one sees what it holds.
const SAMPLES: usize = 3;
/// Characters shown of a value or of a name.
const SHOWN: usize = 60;

/// A map that was made by hand.
pub(super) struct Made {
    /// The text of the map.
    pub(super) text: String,
    /// What each column becomes, by its place in the header; empty for nothing.
    choices: Vec<String>,
    dates: DateForm,
    currency: Option<String>,
}

/// The name in the form of what a column becomes.
fn name(column: usize) -> String {
    format!("becomes.{column}")
}

/// The map that a form makes.
pub(super) fn made(room: &Room, file: &InputFile, form: &Form) -> Result<Made, Vec<Wrong>> {
    let wrong = |fault: String| vec![Wrong::new("how", "Columns", fault)];
    let people = room.session.identified().map_err(|error| wrong(error.to_string()))?;
    let source = file.open(None, &CsvOptions::default());
    let source = source.map_err(|error| wrong(error.to_string()))?;
    let columns = source.header().columns();
    let offered: BTreeSet<String> =
        people.fillable().iter().map(|one| one.becomes.to_string()).collect();
    let (mut choices, mut texts, mut faults) = (Vec::new(), Vec::new(), Vec::new());
    for (at, column) in columns.iter().enumerate().take(MOST_COLUMNS) {
        let text = form.get(&name(at));
        texts.push(text.to_owned());
        if text.is_empty() {
            continue;
        }
        let becomes = Becomes::parse(text).filter(|_| offered.contains(text));
        match becomes {
            Some(becomes) => choices.push((Arc::clone(column), becomes)),
            None => faults.push(Wrong::new(&name(at), column, "not among what it can become")),
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    let dates = DateForm::of_word(form.get("dates")).unwrap_or_default();
    let currency = form.filled("currency").map(str::to_uppercase);
    let by_hand = ByHand { format: source.format(), dates, currency, choices };
    let notice = room.who.policy.policy().notice();
    match by_hand.text(notice) {
        Ok(text) => {
            let ByHand { dates, currency, .. } = by_hand;
            Ok(Made { text, choices: texts, dates, currency })
        }
        Err(misfits) => Err(misfits.into_iter().map(|misfit| misplaced(columns, misfit)).collect()),
    }
}

/// A misfit at its place in the form.
fn misplaced(columns: &[Arc<str>], misfit: gantry_engine::import::Misfit) -> Wrong {
    match misfit.column {
        Some(column) => {
            let at = columns.iter().rposition(|one| *one == column);
            Wrong::new(&at.map(name).unwrap_or_default(), &short(&column), misfit.fault)
        }
        None => Wrong::new("how", "Columns", misfit.fault),
    }
}

/// The form.
pub(super) fn section(
    room: &Room,
    upload: &Upload,
    glance: &Glance,
    given: Option<&Form>,
) -> Markup {
    let Ok(people) = room.session.identified() else { return html! {} };
    let chosen = upload.map();
    let made = chosen.as_ref().and_then(|chosen| match &chosen.how {
        How::ByHand(made) => Some(made),
        _ => None,
    });
    let given = given.filter(|form| form.get("how") == "by-hand");
    let columns = glance.header.columns();
    html! {
        section .card #field-how {
            h2 { "Columns by hand" }
            @if columns.len() > MOST_COLUMNS {
                p .note { "The file has " (columns.len()) " columns. So many are mapped with a map file." }
            } @else {
                p .soft {
                    "For each column what it becomes, among what the notice lets this purpose collect. What is left open is not stored. "
                    "A company with the number or the name of just one that is there already is taken to be that one. "
                    "Codes, conditions and consents need a map file; begin with the one that is made from your choices."
                }
                form method="post" action=(upload.path) enctype="multipart/form-data" {
                    (csrf(&room.who.signed.csrf))
                    input type="hidden" name="how" value="by-hand";
                    (choices(people, glance, |at, guess| match (given, made) {
                        (Some(form), _) => form.get(&name(at)).to_owned(),
                        (None, Some(made)) => made.choices.get(at).cloned().unwrap_or_default(),
                        (None, None) => guess.to_owned(),
                    }))
                    div .grid {
                        (dates(given, made))
                        (currency(given, made))
                    }
                    button .main[chosen.is_none()] { "Take these" }
                }
            }
        }
    }
}

fn choices(
    people: &Identified,
    glance: &Glance,
    selected: impl Fn(usize, &str) -> String,
) -> Markup {
    let offered = people.fillable();
    let offered: Vec<(String, &Fillable)> =
        offered.iter().map(|one| (one.becomes.to_string(), one)).collect();
    let columns = glance.header.columns();
    let guesses = guesses(&people.fillable(), &glance.header);
    html! {
        div .scroll tabindex="0" role="region" aria-label="Columns of the file" {
            table {
                thead { tr { th scope="col" { "Column" } th scope="col" { "In its first rows" } th scope="col" { "Becomes" } } }
                tbody {
                    @for (at, column) in columns.iter().enumerate() {
                        @let (id, clear) = (place(&name(at)), is_clear(columns, column));
                        tr {
                            th scope="row" {
                                @if clear { label for=(id) { (short(column)) } }
                                @else if column.is_empty() { span .soft { "(without a name)" } }
                                @else { (short(column)) }
                            }
                            td .soft { (samples(glance, at)) }
                            td {
                                @if clear {
                                    @let guess = guesses.get(at).map(String::as_str).unwrap_or_default();
                                    (choice(&id, &name(at), &offered, &selected(at, guess)))
                                } @else {
                                    span .soft { "no other column must have its name: give it one of its own in the file" }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Whether a column has a name, and no other has the same.
fn is_clear(columns: &[Arc<str>], column: &str) -> bool {
    !column.is_empty() && columns.iter().filter(|one| ***one == *column).count() == 1
}

/// What each column is likely to become; nothing twice.
fn guesses(offered: &[Fillable], header: &Header) -> Vec<String> {
    let mut guessed = BTreeSet::new();
    let guess = |column: &Arc<str>| {
        let guess = Fillable::guess(offered, column).map(ToString::to_string);
        guess.filter(|guess| guessed.insert(guess.clone())).unwrap_or_default()
    };
    header.columns().iter().map(guess).collect()
}

fn choice(id: &str, name: &str, offered: &[(String, &Fillable)], selected: &str) -> Markup {
    html! {
        select id=(id) name=(name) {
            option value="" { "— not stored —" }
            @for group in offered.chunk_by(|(_, a), (_, b)| a.group == b.group) {
                optgroup label=[group.first().map(|(_, one)| &one.group)] {
                    @for (value, one) in group {
                        option value=(value) selected[value == selected] { (one.title) }
                    }
                }
            }
        }
    }
}

fn samples(glance: &Glance, column: usize) -> String {
    let mut seen: Vec<&str> = Vec::new();
    for row in &glance.rows {
        let cell = row.cell(column).trim();
        if !cell.is_empty() && !seen.contains(&cell) && seen.len() < SAMPLES {
            seen.push(cell);
        }
    }
    seen.into_iter().map(short).collect::<Vec<_>>().join(" · ")
}

fn dates(given: Option<&Form>, made: Option<&Made>) -> Markup {
    let value = match (given, made) {
        (Some(form), _) => form.get("dates"),
        (None, Some(made)) => made.dates.word(),
        (None, None) => DateForm::default().word(),
    };
    let words = DateForm::ALL.map(|form| {
        let example = match form {
            DateForm::Iso => "2024-05-31",
            DateForm::European => "31.5.2024",
            DateForm::Us => "5/31/2024",
            DateForm::Compact => "20240531",
            DateForm::Unix => "seconds since 1970",
            DateForm::UnixMilliseconds => "milliseconds since 1970",
        };
        (form.word().to_owned(), example.to_owned())
    });
    select("Days are written like", &Entry { name: "dates", value, faults: &[] }, &words)
}

fn currency(given: Option<&Form>, made: Option<&Made>) -> Markup {
    let value = match (given, made) {
        (Some(form), _) => form.get("currency"),
        (None, made) => made.and_then(|made| made.currency.as_deref()).unwrap_or_default(),
    };
    let hint = "Three letters such as EUR, where the file has amounts without one";
    line("Currency of amounts", Some(hint), &Entry { name: "currency", value, faults: &[] })
}

/// A text as far as there is room for it.
pub(super) fn short(text: &str) -> String {
    if text.chars().count() <= SHOWN {
        return text.to_owned();
    }
    text.chars().take(SHOWN).chain(['…']).collect()
}
