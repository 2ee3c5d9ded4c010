//! Does it tell the truth? What scores and segments predict on two published files, worked out again
//! and compared with what `docs/insight-truth.md` says, to the last digit.

#![cfg(test)]

mod document;
mod fitted;
mod hillstrom;
mod leads;
mod measure;
mod shop;

use document::{Table, document, figures, tables_of};

#[test]
fn what_the_document_says_of_customers_of_a_shop_is_so() {
    says(hillstrom::TABLES.as_deref());
}

#[test]
fn what_the_document_says_of_leads_is_so() {
    says(leads::TABLES.as_deref());
}

#[test]
fn the_document_has_no_table_and_no_figure_from_elsewhere() {
    let (Some(shop), Some(leads)) = (&*hillstrom::TABLES, &*leads::TABLES) else { return };
    let own: Vec<String> = shop.iter().chain(leads).map(Table::to_string).collect();
    assert_eq!(tables_of(document()), own);
    let worked_out = figures(&own.concat());
    let prose: Vec<&str> = document().lines().filter(|line| !line.starts_with('|')).collect();
    let foreign: Vec<String> =
        figures(&prose.join("\n")).into_iter().filter(|one| !worked_out.contains(one)).collect();
    assert!(foreign.is_empty(), "no table has these figures of the text: {foreign:?}");
}

/// Nothing is said where the data are not there.
fn says(tables: Option<&[Table]>) {
    let wrong: Vec<String> = (tables.unwrap_or_default().iter().map(Table::to_string))
        .filter(|table| !document().contains(table))
        .collect();
    assert!(wrong.is_empty(), "docs/insight-truth.md should say:\n\n{}", wrong.join("\n"));
}
