//! The record as CSV, one row a purpose.

use super::{DATA_SUBJECTS, MEASURES, operations, role_titles};
use crate::id::Operation;
use crate::model::{Field, Notice, Purpose};
use crate::policy::basis_under;

/// The columns; the letters are those of GDPR Art. 30(1).
const COLUMNS: [&str; 20] = [
    "notice",
    "version",
    "effective",
    "(a) controller",
    "(a) contact point",
    "number",
    "(b) purpose",
    "(b) description",
    "lawful basis",
    "legitimate interest",
    "lawful basis under other regimes",
    "condition for special categories",
    "(c) data subjects",
    "(c) categories of personal data",
    "operations",
    "(d) recipients within",
    "(d) recipients outside",
    "(e) regions where data is held",
    "(f) time limits",
    "(g) security measures",
];

/// The record of processing activities as CSV with a header, a row for each purpose (RFC 4180).
pub fn ropa_csv(notice: &Notice) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let rows = notice.purposes.values().map(|purpose| harmless(row(notice, purpose)));
    // Writing to memory cannot fail, and neither can rows of one length.
    let written = writer.write_record(COLUMNS).is_ok()
        && rows.into_iter().all(|row| writer.write_record(&row).is_ok());
    let bytes = writer.into_inner().unwrap_or_default();
    if written { String::from_utf8(bytes).unwrap_or_default() } else { String::new() }
}

fn row(notice: &Notice, purpose: &Purpose) -> [String; COLUMNS.len()] {
    let controller = &notice.controller;
    [
        notice.id.clone(),
        notice.version.clone(),
        notice.effective.to_string(),
        format!("{}, {}, {}", controller.name, controller.address, controller.country),
        controller.email.clone(),
        purpose.number.to_string(),
        purpose.title.clone(),
        purpose.description.clone(),
        format!("{} ({})", purpose.basis.title(), purpose.basis.article()),
        purpose.interest.clone().unwrap_or_default(),
        other_bases(notice, purpose),
        purpose.special_condition.clone().unwrap_or_default(),
        DATA_SUBJECTS.to_owned(),
        categories(notice, purpose),
        category_operations(purpose),
        role_titles(notice, purpose).join("; "),
        purpose.recipients.join("; "),
        regions(notice),
        time_limits(notice, purpose),
        MEASURES.map(|(_, words)| words).join("; "),
    ]
}

/// Every basis that is not the purpose's own: of other regimes, of sole traders, of single uses.
fn other_bases(notice: &Notice, purpose: &Purpose) -> String {
    let mut others: Vec<String> = Vec::new();
    for (id, regime) in notice.regimes.iter().filter(|(_, regime)| !regime.own) {
        for used in purpose.uses.values() {
            let basis = basis_under(id, regime, purpose, used);
            others.push(format!("{}: {}", regime.title, basis.title()));
        }
    }
    if let Some(basis) = purpose.basis_for_sole_trader {
        others.push(format!("sole traders: {}", basis.title()));
    }
    for used in purpose.uses.values() {
        if let Some(basis) = used.basis.filter(|basis| *basis != purpose.basis) {
            others.push(format!("use {}: {}", used.title, basis.title()));
        }
    }
    others.dedup();
    others.join("; ")
}

/// Categories with the fields that the purpose reads.
fn categories(notice: &Notice, purpose: &Purpose) -> String {
    let read = purpose.reads.iter().filter_map(|(id, read)| {
        let category = notice.categories.get(id)?;
        let listed = |name: &String| read.fields.as_ref().is_none_or(|list| list.contains(name));
        let fields = category.fields.iter().filter(|(name, _)| listed(name));
        let fields: Vec<&str> =
            fields.map(|(_, field): (_, &Field)| field.title.as_str()).collect();
        let special = if category.special { ", special category" } else { "" };
        Some(format!("{}{special}: {}", category.title, fields.join(", ")))
    });
    read.collect::<Vec<_>>().join("; ")
}

fn category_operations(purpose: &Purpose) -> String {
    let categories = purpose.reads.keys().map(|id| {
        let words: Vec<&str> = operations(purpose, id).into_iter().map(Operation::word).collect();
        format!("{id}: {}", words.join(" "))
    });
    categories.collect::<Vec<_>>().join("; ")
}

fn time_limits(notice: &Notice, purpose: &Purpose) -> String {
    let limits = purpose.reads.iter().filter_map(|(id, read)| {
        Some(format!("{}: {}", notice.categories.get(id)?.title, read.window))
    });
    limits.collect::<Vec<_>>().join("; ")
}

fn regions(notice: &Notice) -> String {
    let regions = notice
        .regimes
        .values()
        .filter_map(|regime| Some(format!("{}: {}", regime.title, regime.held_in.as_ref()?)));
    let regions: Vec<String> = regions.collect();
    if regions.is_empty() { "the notice names none".to_owned() } else { regions.join("; ") }
}

/// A cell that a spreadsheet does not take for a formula.
fn harmless(row: [String; COLUMNS.len()]) -> [String; COLUMNS.len()] {
    row.map(
        |cell| if cell.starts_with(['=', '+', '-', '@', '\t']) { format!("'{cell}") } else { cell },
    )
}
