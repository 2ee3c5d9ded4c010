//! The room of a purpose that works under pseudonyms: records by category, under its aliases.

use gantry_engine::session::AliasedRecord;
use gantry_notice::Operation;
use gantry_notice::model::Category;
use maud::{Markup, html};
use serde::Deserialize;

use crate::console::contact::shapes;
use crate::console::door::Room;
use crate::console::frame::{Around, in_room};
use crate::console::query::Query;
use crate::page::field::shown;
use crate::page::parts::pager;
use crate::page::{Failure, Page};

/// Records on a page.
const ON_A_PAGE: usize = 50;

/// Which records.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    category: Option<String>,
    cursor: Option<String>,
}

/// Records of a category under the purpose's aliases.
pub(crate) async fn records(room: Room, Query(asked): Query<Asked>) -> Result<Page, Failure> {
    let session = room.session.pseudonymous()?;
    let shapes = shapes(&room)?;
    let readable: Vec<_> = shapes.iter().filter(|shape| shape.may(Operation::Read)).collect();
    let wanted = asked.category.as_deref().or_else(|| readable.first().map(|shape| shape.name));
    let here = room.path("records");
    let shape = readable.iter().find(|shape| Some(shape.name) == wanted);
    let content = match shape {
        None => {
            html! { h1 { "Records" } p .note { "The notice gives this use no category to read." } }
        }
        Some(shape) => {
            let page = session.records(shape.name, asked.cursor.as_deref(), ON_A_PAGE).await?;
            let first = format!("{here}?category={}", shape.name);
            let next = page.next.as_ref().map(|cursor| format!("{first}&cursor={cursor}"));
            html! {
                h1 { "Records under aliases" }
                p .soft { "An alias is the same person here, and nobody anywhere else. Times are months; what would tell who it is, is left out." }
                form .search method="get" {
                    label for="category" .aside { "Data category" }
                    select #category name="category" data-go {
                        @for one in &readable { option value=(one.name) selected[one.name == shape.name] { (one.declared.title) } }
                    }
                    button { "Show" }
                }
                @if page.items.is_empty() { p .note { "None that the purpose may see." } }
                @else { (table(shape.declared, &page.items)) }
                (pager(asked.cursor.is_some().then_some(first.as_str()), next.as_deref()))
            }
        }
    };
    Ok(in_room(&room, &Around::tab("Records", "records"), &content))
}

fn table(declared: &Category, records: &[AliasedRecord]) -> Markup {
    let has = |field: &str| records.iter().any(|one| one.record.fields.contains_key(field));
    let columns: Vec<_> = declared.fields.iter().filter(|(name, _)| has(name)).collect();
    html! {
        div .scroll tabindex="0" role="region" aria-label=(declared.title) {
            table data-sorts {
                thead {
                    tr {
                        th scope="col" { "Alias" }
                        th scope="col" { "Month" }
                        th scope="col" { "About" }
                        @for (_, field) in &columns { th scope="col" { (field.title) } }
                    }
                }
                tbody {
                    @for AliasedRecord { contact, record } in records {
                        tr {
                            td .code { (contact) }
                            td { (record.at) }
                            td { @if let Some(about) = &record.about { (about.kind) " " span .code { (about.id) } } }
                            @for (name, field) in &columns {
                                td { @if let Some(value) = record.fields.get(*name) { (shown(Some(field), value)) } }
                            }
                        }
                    }
                }
            }
        }
    }
}
