//! What a look or a run came to, in a table and a few sentences.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::sync::Arc;

use gantry_engine::import::{Findings, Outcome};
use maud::{Markup, html};

use super::by_hand::short;
use crate::console::door::Room;
use crate::page::parts::counted;

/// So many names stand in a sentence; the others are counted.
const NAMED: usize = 20;

/// What was found.
pub(super) fn told(room: &Room, found: &Findings) -> Markup {
    html! {
        (outcomes(room, found))
        (counts("The notice kept out", &found.refused_in_words()))
        @if !found.done.refused.is_empty() {
            p { a href={ "/notice#purpose-" (room.purpose) } { "What the notice says" } }
        }
        (counts("Contacts said", &found.done.said))
        (counts("Left out by the map", &found.skipped))
        (counts("Named, and not there", &found.done.unresolved))
        (remarks(found))
        (faults(found))
    }
}

fn outcomes(room: &Room, found: &Findings) -> Markup {
    let notice = room.who.policy.policy().notice();
    let done = &found.done;
    let mut rows =
        vec![("Contacts", done.contacts), ("Records, profiles among them", done.records)];
    rows.extend(done.objects.iter().map(|(kind, outcome)| {
        (notice.objects.get(kind).map_or(kind.as_str(), |declared| &declared.plural), *outcome)
    }));
    rows.retain(|(_, Outcome { added, changed, unchanged })| added + changed + unchanged > 0);
    html! {
        @if rows.is_empty() {
            p .note { "Nothing is added or changed." }
        } @else {
            div .scroll tabindex="0" role="region" aria-label="What is added and changed" {
                table {
                    thead { tr { th scope="col" { "What" } th scope="col" .number { "Added" } th scope="col" .number { "Changed" } th scope="col" .number { "As it was" } } }
                    tbody {
                        @for (what, outcome) in &rows {
                            tr {
                                th scope="row" { (what) }
                                td .number { (outcome.added) } td .number { (outcome.changed) } td .number { (outcome.unchanged) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn counts<K: Display>(title: &str, counts: &BTreeMap<K, u64>) -> Markup {
    html! {
        @if !counts.is_empty() {
            h3 { (title) }
            dl .fields {
                @for (what, count) in counts { dt { (short(&what.to_string())) } dd { (counted(*count, "time")) } }
            }
        }
    }
}

fn remarks(found: &Findings) -> Markup {
    let done = &found.done;
    let remarks = [
        (found.shared_mailboxes, "with the address of a shared mailbox, which is no person's"),
        (found.nobody, "without a person's name, address or number"),
        (done.companies_known, "with a company that is there already, from elsewhere"),
        (done.companies_met, "with a new company that has the number of one that is there"),
        (done.erased_before, "of somebody who was erased before, and is not started again"),
    ];
    let remarks: Vec<_> = remarks.into_iter().filter(|(count, _)| *count > 0).collect();
    let not_stored = found.files.iter().flat_map(|file| &file.not_stored);
    let not_stored: Vec<Arc<str>> = not_stored.cloned().collect();
    html! {
        @if !remarks.is_empty() {
            ul { @for (count, what) in remarks { li { (counted(count, "row")) " " (what) } } }
        }
        @if !not_stored.is_empty() {
            p { "Columns that the map does not use: " (some(&not_stored)) "." }
        }
    }
}

fn faults(found: &Findings) -> Markup {
    let told = u64::try_from(found.faults.len()).unwrap_or(u64::MAX);
    let more = found.fault_count.saturating_sub(told);
    html! {
        @if !found.faults.is_empty() {
            h3 { (counted(found.rejected_rows, "bad row")) }
            div .scroll tabindex="0" role="region" aria-label="Bad rows" {
                table {
                    thead { tr { th scope="col" .number { "Row" } th scope="col" { "Column" } th scope="col" { "What is wrong" } } }
                    tbody {
                        @for fault in &found.faults {
                            tr {
                                td .number { (fault.row) }
                                td { (short(fault.column.as_deref().or(fault.field.as_deref()).unwrap_or("—"))) }
                                td { (fault.reason) }
                            }
                        }
                    }
                }
            }
            @if more > 0 { p { "and " (counted(more, "more fault")) "." } }
        }
    }
}

/// Names in a sentence.
pub(super) fn some(names: &[Arc<str>]) -> String {
    let shown: Vec<String> =
        names.iter().take(NAMED).map(|name| format!("\u{201c}{}\u{201d}", short(name))).collect();
    match names.len().saturating_sub(NAMED) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
