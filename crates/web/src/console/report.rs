//! The room of a purpose that works with counts and sums: a table of them, with too small ones hidden.

use axum::response::{IntoResponse, Response};
use gantry_engine::FieldFault;
use gantry_engine::session::{Cell, Report, Subject, Table};
use gantry_notice::model::FieldKind;
use gantry_notice::{Operation, country_name};
use maud::{Markup, html};
use serde::Deserialize;

use crate::console::contact::shapes;
use crate::console::door::Room;
use crate::console::frame::{Around, in_room};
use crate::console::query::Query;
use crate::page::field::{Entry, line, select};
use crate::page::parts::{counted, faults_of_question, plain};
use crate::page::{Failure, Page, taken};
use crate::shape;

/// What to report.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    #[serde(default)]
    of: String,
    #[serde(default)]
    by: String,
    #[serde(default)]
    across: String,
    #[serde(default)]
    sum: String,
}

/// The form, and the table that it asks for.
pub(crate) async fn show(room: Room, Query(asked): Query<Asked>) -> Result<Response, Failure> {
    let session = room.session.aggregate()?;
    let table = match asked.report() {
        None => Ok(None),
        Some(report) => session.report(&report).await.map(Some),
    };
    match taken(table)? {
        Ok(table) => Ok(page(&room, &asked, table.as_ref(), &[])?.into_response()),
        Err(found) => Ok(page(&room, &asked, None, &found)?.again()),
    }
}

impl Asked {
    fn report(&self) -> Option<Report> {
        let subject = match self.of.split_once(':')? {
            ("records", category) => Subject::Records(category.to_owned()),
            ("objects", kind) => Subject::Objects(kind.to_owned()),
            _ => return None,
        };
        let by = [&self.by, &self.across].into_iter().map(|one| one.trim());
        let by = by.filter(|one| !one.is_empty()).map(str::to_owned).collect();
        let sum = Some(self.sum.trim()).filter(|sum| !sum.is_empty()).map(str::to_owned);
        Some(Report { subject, by, sum })
    }
}

fn page(
    room: &Room,
    asked: &Asked,
    table: Option<&Table>,
    found: &[FieldFault],
) -> Result<Page, Failure> {
    let entry = |name, value| Entry { name, value, faults: found };
    let content = html! {
        h1 { "Report" }
        p .soft { "Counts and sums, never a person. What fewer than " (room.who.policy.policy().notice().smallest_cell) " contacts stand behind is not shown." }
        (faults_of_question(found))
        form method="get" {
            fieldset {
                legend { "What to count" }
                div .grid {
                    (select("Of", &entry("of", &asked.of), &subjects(room)?))
                    (select("By (lines)", &entry("by", &asked.by), &dimensions(room, &asked.of)))
                    (select("And by (columns)", &entry("across", &asked.across), &dimensions(room, &asked.of)))
                    (line("Add up", Some("A field with an amount or a number; empty counts alone"), &entry("sum", &asked.sum)))
                }
                button .main { "Show" }
            }
        }
        @if let Some(table) = table { (laid_out(table)) }
    };
    Ok(in_room(room, &Around::tab("Report", "report"), &content))
}

/// What can be counted: records of the categories and objects of the kinds that the room sees.
fn subjects(room: &Room) -> Result<Vec<(String, String)>, Failure> {
    let shapes = shapes(room)?;
    let records = shapes.iter().filter(|shape| shape.may(Operation::Read));
    let records = records.map(|shape| {
        (format!("records:{}", shape.name), format!("Contacts: {}", shape.declared.title))
    });
    let kinds = shape::kinds(&room.who.policy, &room.purpose);
    let objects =
        kinds.iter().map(|(name, kind, _)| (format!("objects:{name}"), kind.plural.clone()));
    Ok(records.chain(objects).collect())
}

/// What lines and columns can be made by.
fn dimensions(room: &Room, of: &str) -> Vec<(String, String)> {
    let notice = room.who.policy.policy().notice();
    let (what, name) = of.split_once(':').unwrap_or_default();
    let fields = match what {
        "objects" => notice.objects.get(name).map(|kind| &kind.fields),
        _ => notice.categories.get(name).map(|category| &category.fields),
    };
    let short = |kind: &FieldKind| {
        matches!(
            kind,
            FieldKind::Code { .. }
                | FieldKind::Flag
                | FieldKind::Country
                | FieldKind::Label
                | FieldKind::Language
        )
    };
    let fields = fields.into_iter().flatten().filter(|(_, field)| short(&field.kind));
    let fields = fields.map(|(name, field)| (name.clone(), field.title.clone()));
    let mut all: Vec<(String, String)> = vec![(String::new(), "—".to_owned())];
    let general: &[&str] = if what == "objects" {
        &["month", "quarter", "year", "state"]
    } else {
        &["month", "quarter", "year", "country"]
    };
    all.extend(general.iter().map(|name| ((*name).to_owned(), (*name).to_owned())));
    all.extend(fields);
    all
}

fn laid_out(table: &Table) -> Markup {
    html! {
        div .scroll tabindex="0" role="region" aria-label="Report" {
            table {
                caption { "By " (table.by.join(" and ")) @if table.by.is_empty() { "nothing: the total" } "" @if table.smallest_cell > 1 { "; cells under " (table.smallest_cell) " contacts are hidden, and others where one could work them out" } }
                thead {
                    tr {
                        th scope="col" { (table.by.first().map(|name| plain(name)).unwrap_or_default()) }
                        @for column in &table.columns { th scope="col" .number { @if column.is_empty() { "number" } @else { (line_name(column)) } } }
                    }
                }
                tbody {
                    @for (name, cells) in &table.lines {
                        tr {
                            th scope="row" { (line_name(name)) }
                            @for cell in cells { td .number { (shown(cell)) } }
                        }
                    }
                }
            }
        }
    }
}

/// What a line or a column is called. Periods stay as they are; nothing has a name, too.
fn line_name(name: &str) -> String {
    match country_name(name) {
        Some(country) => country.to_owned(),
        None if name.is_empty() => "not said".to_owned(),
        None if name.starts_with(|c: char| c.is_ascii_digit()) => name.to_owned(),
        None => plain(name),
    }
}

fn shown(cell: &Cell) -> Markup {
    html! {
        @match cell {
            Cell::Shown(amount) => {
                (amount.count)
                @if let Some(contacts) = amount.contacts.filter(|contacts| *contacts != amount.count) { " " small .soft { "(" (counted(contacts, "contact")) ")" } }
                @for (unit, sum) in &amount.sums { br; small { (sum) @if !sum.contains(unit.as_str()) { " " (unit) } } }
            }
            Cell::Suppressed { .. } => { span .soft title="Hidden: it would say too much about too few" { "‹hidden›" } }
        }
    }
}
