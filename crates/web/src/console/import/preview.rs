//! The first rows as they would be stored, with the columns that they come from.

use gantry_engine::import::{Preview, PreviewColumn, PreviewRow, TargetOf};
use gantry_notice::model::Notice;
use maud::{Markup, html};

use super::by_hand::short;
use super::findings::some;
use crate::console::door::Room;
use crate::page::field::country_shown;

/// Fields for which there is room beside each other.
const MOST_FIELDS: usize = 60;

/// The preview.
pub(super) fn table(room: &Room, preview: &Preview) -> Markup {
    let notice = room.who.policy.policy().notice();
    let columns = preview.columns.get(..MOST_FIELDS).unwrap_or(&preview.columns);
    let any = |shows: fn(&PreviewRow) -> bool| preview.rows.iter().any(shows);
    let (known, country) = (any(|row| row.known_by.is_some()), any(|row| row.country.is_some()));
    let (company, said) = (any(|row| row.company.is_some()), any(|row| !row.said.is_empty()));
    let across = columns.len() + [known, country, company, said].iter().filter(|one| **one).count();
    html! {
        div .scroll tabindex="0" role="region" aria-label="The first rows" {
            table .first-rows {
                caption { "The first rows as they would be stored, with the columns of the file that they come from" }
                thead {
                    tr {
                        th scope="col" .number { "Row" }
                        @if known { th scope="col" { "Known again by" } }
                        @if country { th scope="col" { "Country" } }
                        @if company { th scope="col" { "Represents" } }
                        @for column in columns { (head(notice, column)) }
                        @if said { th scope="col" { "Said" } }
                    }
                }
                tbody {
                    @for row in &preview.rows {
                        tr {
                            th scope="row" .number { (row.row) }
                            @if let Some(because) = &row.left_out {
                                td .soft colspan=(across) { "Left out: " (because) }
                            } @else if row.faults.is_empty() {
                                @if known { td { (short(row.known_by.as_deref().unwrap_or_default())) } }
                                @if country { td { (country_shown(row.country.as_deref())) } }
                                @if company { td { (short(row.company.as_deref().unwrap_or_default())) } }
                                @for value in row.values.iter().take(MOST_FIELDS) { td { (short(value)) } }
                                @if said { td { (row.said.join(", ")) } }
                            } @else {
                                td colspan=(across) {
                                    span .tag .bad { "bad" } " "
                                    @for (n, fault) in row.faults.iter().enumerate() { @if n > 0 { "; " } (fault.in_row()) }
                                }
                            }
                        }
                    }
                }
            }
        }
        @if preview.columns.len() > MOST_FIELDS {
            p .soft { "and " (preview.columns.len() - MOST_FIELDS) " more" }
        }
        (kept_out(room, preview))
        @if !preview.not_stored.is_empty() {
            p { "Not stored, since the map does not use them: " (some(&preview.not_stored)) "." }
        }
    }
}

fn head(notice: &Notice, column: &PreviewColumn) -> Markup {
    let (of, field) = titles(notice, column);
    html! {
        th scope="col" {
            (field) br;
            small .soft {
                (of)
                @if !column.from.is_empty() { br; "from " (short(&column.from.join(", "))) }
            }
            @if column.refused.is_some() { br; span .tag .warn { "kept out" } }
        }
    }
}

/// What the notice keeps out, and why.
fn kept_out(room: &Room, preview: &Preview) -> Markup {
    let notice = room.who.policy.policy().notice();
    let refused: Vec<_> =
        preview.columns.iter().filter_map(|column| Some((column, column.refused?))).collect();
    html! {
        @if !refused.is_empty() {
            div .warn {
                p { "The notice keeps out, whoever the contact is:" }
                ul {
                    @for (column, reason) in refused {
                        @let (of, field) = titles(notice, column);
                        li { (field) " (" (of) "): " (reason.words()) }
                    }
                }
                p { a href={ "/notice#purpose-" (room.purpose) } { "What the notice says" } }
            }
        }
    }
}

/// What people call a field, and what it is a part of.
fn titles<'n>(notice: &'n Notice, column: &'n PreviewColumn) -> (&'n str, &'n str) {
    let (name, declared) = match &column.of {
        TargetOf::Category(name) => {
            let declared = notice.categories.get(&**name);
            (name, declared.map(|declared| (declared.title.as_str(), &declared.fields)))
        }
        TargetOf::Kind(name) => {
            let declared = notice.objects.get(&**name);
            (name, declared.map(|declared| (declared.title.as_str(), &declared.fields)))
        }
    };
    let field = declared.and_then(|(_, fields)| fields.get(&*column.field));
    let field = field.map_or(&*column.field, |field| field.title.as_str());
    (declared.map_or(&**name, |(title, _)| title), field)
}
