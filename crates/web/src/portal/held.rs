//! What is held, by data category.

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use gantry_engine::draft::RecordView;
use gantry_engine::session::{Access, Held};
use indexmap::IndexMap;
use maud::{Markup, html};
use serde_json::Value as Json;

use super::fault::Fault;
use super::page::Section;
use super::reader::Reader;
use super::visitor::Visitor;
use super::words::say;
use super::{CATEGORY, COPY, HELD, PURPOSES, REQUEST};
use crate::path::path;

/// Records of a category on the page of all.
const FEW: usize = 5;
/// Records on the page of one category. More are in the copy.
const MANY: usize = 200;

/// All categories.
pub(super) async fn show(visitor: Visitor) -> Response {
    match visitor.portal.held().await {
        Ok(held) => {
            let content = all(&visitor.reader, &held);
            visitor.page(Section::Held, "held-title").around(&content).into_response()
        }
        Err(error) => visitor.fault(error),
    }
}

/// One category.
pub(super) async fn category(visitor: Visitor, Path(name): Path<String>) -> Response {
    let access = match visitor.portal.held().await {
        Ok(access) => access,
        Err(error) => return visitor.fault(error),
    };
    let Some(held) = access.categories.iter().find(|held| held.category == name) else {
        return visitor.fault(Fault::NotFound);
    };
    let reader = &visitor.reader;
    let content = html! {
        p { a href=(HELD) { (reader.say("held-all")) } }
        h1 { (reader.category(&name)) }
        (about(reader, held))
        (records(reader, &access, held, MANY))
    };
    visitor.page(Section::Held, "held-title").around(&content).into_response()
}

fn all(reader: &Reader, access: &Access) -> Markup {
    let there = access.categories.iter().filter(|held| held.records > Some(0));
    let elsewhere: Vec<&Held> =
        access.categories.iter().filter(|held| held.records.is_none()).collect();
    let nothing: Vec<&Held> =
        access.categories.iter().filter(|held| held.records == Some(0)).collect();
    html! {
        h1 { (reader.say("held-title")) }
        p { (reader.say("held-text")) }
        p {
            a href=(path(REQUEST, &[("kind", "rectification")])) { (reader.say("held-correct")) }
            " · "
            a href=(COPY) { (reader.say("copy-title")) }
            " · "
            a href=(PURPOSES) { (reader.say("held-why")) }
        }
        (standing(reader, access))
        @for held in there {
            section .card aria-labelledby={ "held-" (held.category) } {
                h2 #{ "held-" (held.category) } { (reader.category(&held.category)) }
                (about(reader, held))
                (records(reader, access, held, FEW))
            }
        }
        @if !elsewhere.is_empty() {
            section {
                h2 { (reader.say("held-elsewhere-title")) }
                p { (reader.say("held-elsewhere-text")) }
                ul { @for held in &elsewhere { li { (reader.category(&held.category)) } } }
            }
        }
        @if !nothing.is_empty() {
            section {
                h2 { (reader.say("held-nothing-title")) }
                p { (reader.say("held-nothing-text")) }
                ul { @for held in &nothing { li { (reader.category(&held.category)) } } }
            }
        }
    }
}

/// What is known of the contact besides its records.
fn standing(reader: &Reader, access: &Access) -> Markup {
    let standing = &access.standing;
    html! {
        section .card aria-labelledby="standing" {
            h2 #standing { (reader.say("standing-title")) }
            dl .fields {
                @if let Some(company) = &access.company {
                    dt { (reader.text("objects.company")) }
                    dd {
                        @for (field, value) in company.fields.iter().filter(|(name, _)| *name == "name") {
                            (reader.company_value(field, value))
                        }
                    }
                }
                @if let Some(code) = &access.contact.country {
                    dt { (reader.say("standing-country")) }
                    dd { (reader.country(code)) }
                }
                @if let Some(regime) = &standing.regime {
                    dt { (reader.say("standing-law")) }
                    dd { (reader.text(&format!("regimes.{regime}.title"))) }
                }
                @if let Some(day) = &standing.last_activity {
                    dt { (reader.say("standing-active")) }
                    dd { (reader.day(day)) }
                }
                @if let Some(day) = &standing.end_of_relation {
                    dt { (reader.say("standing-ended")) }
                    dd { (reader.day(day)) }
                }
            }
            @if standing.archived { p .note { (reader.say("standing-archived")) } }
            @if standing.sole_trader { p .note { (reader.say("standing-sole-trader")) } }
            @if !access.said.restrictions.is_empty() {
                p .note { (reader.say("standing-restricted")) }
            }
        }
    }
}

fn about(reader: &Reader, held: &Held) -> Markup {
    let path = format!("categories.{}", held.category);
    html! {
        p { (reader.text(&format!("{path}.description"))) }
        p .hint {
            (say!(reader.words, "held-count", records = held.records.unwrap_or(0)))
            " "
            (reader.say("held-source")) " " (reader.text(&format!("{path}.source")))
        }
        @if held.withheld > 0 {
            p .note { (say!(reader.words, "held-withheld", records = held.withheld)) }
        }
    }
}

/// The newest records of a category; a profile has one, which needs no date.
fn records(reader: &Reader, access: &Access, held: &Held, most: usize) -> Markup {
    let name = &held.category;
    let single = reader.notice.categories.get(name).is_some_and(|category| category.single);
    let mut records: Vec<&RecordView> =
        access.records.iter().filter(|record| record.category == *name).collect();
    records.sort_by(|a, b| b.at.cmp(&a.at));
    let more = records.len().saturating_sub(most);
    html! {
        @if single {
            @for record in &records { (fields(reader, name, &record.fields)) }
        } @else {
            ol .records {
                @for record in records.iter().take(most) {
                    li {
                        p {
                            strong { time datetime=(record.at) { (reader.day(&record.at)) } }
                            @if let Some(about) = &record.about {
                                " · " (reader.text(&format!("objects.{}", about.kind)))
                            }
                        }
                        (fields(reader, name, &record.fields))
                        p .hint {
                            (reader.say("record-for")) " " (reader.purpose(&record.collected_for))
                        }
                    }
                }
            }
            @if more > 0 && most == FEW {
                p {
                    a href=(path(CATEGORY, &[("category", name)])) {
                        (say!(reader.words, "held-more", more = more))
                        span .aside { " (" (reader.category(name)) ")" }
                    }
                }
            } @else if more > 0 {
                p .note { (say!(reader.words, "held-in-copy", more = more)) }
            }
        }
    }
}

fn fields(reader: &Reader, category: &str, fields: &IndexMap<String, Json>) -> Markup {
    // In the order of the notice, not in that in which they lie.
    let declared = reader.notice.categories.get(category).map(|category| &category.fields);
    let place = |name: &String| declared.and_then(|fields| fields.get_index_of(name));
    let mut fields: Vec<(&String, &Json)> = fields.iter().collect();
    fields.sort_by_key(|(name, _)| place(name));
    html! {
        dl .fields {
            @for (field, value) in fields {
                dt { (reader.field(category, field)) }
                dd { (reader.value(category, field, value)) }
            }
        }
    }
}
