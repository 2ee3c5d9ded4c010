//! What was measured, as a table for people or as lines of JSON.

use std::io::{self, Write};

use comfy_table::Table;
use serde::Serialize;

/// One measure, with a peer's where there is one.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Row {
    /// The suite it belongs to.
    pub(crate) suite: &'static str,
    /// What was measured.
    pub(crate) measure: String,
    /// Ours.
    pub(crate) value: f64,
    /// In what.
    pub(crate) unit: &'static str,
    /// Whom it is compared with, or why it is not.
    pub(crate) peer: Option<String>,
    /// The peer's.
    pub(crate) peer_value: Option<f64>,
    /// How many times better ours is.
    pub(crate) ratio: Option<f64>,
    /// What was aimed at.
    pub(crate) goal: Option<String>,
    /// Whether it was reached; nothing where there is no goal.
    pub(crate) met: Option<bool>,
}

/// All measures of a run.
#[derive(Debug, Default)]
pub(crate) struct Report {
    rows: Vec<Row>,
}

impl Report {
    pub(crate) fn add(&mut self, row: Row) {
        self.rows.push(row);
    }

    pub(crate) fn write(&self, json: bool) -> io::Result<()> {
        let mut out = io::stdout().lock();
        if json {
            for row in &self.rows {
                writeln!(out, "{}", serde_json::to_string(row)?)?;
            }
            return Ok(());
        }
        let mut table = Table::new();
        table.load_style(comfy_table::presets::UTF8_HORIZONTAL_ONLY);
        table.set_header([
            "suite", "measure", "value", "unit", "peer", "peer's", "ratio", "goal", "met",
        ]);
        for row in &self.rows {
            let text = |number: Option<f64>| number.map(digits).unwrap_or_default();
            let met = row.met.map_or("", |met| if met { "yes" } else { "no" });
            table.add_row([
                row.suite,
                &row.measure,
                &digits(row.value),
                row.unit,
                row.peer.as_deref().unwrap_or_default(),
                &text(row.peer_value),
                &text(row.ratio),
                row.goal.as_deref().unwrap_or_default(),
                met,
            ]);
        }
        writeln!(out, "{table}")
    }
}

/// Three digits that count, or all before the point.
fn digits(number: f64) -> String {
    match number.abs() {
        n if n >= 100.0 => format!("{number:.0}"),
        n if n >= 10.0 => format!("{number:.1}"),
        _ => format!("{number:.2}"),
    }
}
