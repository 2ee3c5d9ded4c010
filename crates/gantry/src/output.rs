//! What is printed: tables for people, JSON for programs; data to standard output, the rest to
//! standard error.

use std::io::{self, IsTerminal, Write};

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Table};
use serde::Serialize;
use serde_json::Value as Json;

use crate::failure::Failure;

/// Where results go.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Output {
    json: bool,
    indented: bool,
}

impl Output {
    pub(crate) fn new(json: bool) -> Output {
        Output { json, indented: io::stdout().is_terminal() }
    }

    /// Whether programs read.
    pub(crate) const fn is_json(self) -> bool {
        self.json
    }

    /// A value for programs: indented where somebody looks, else on one line.
    pub(crate) fn value(self, value: &impl Serialize) -> Result<(), Failure> {
        let written = if self.indented {
            serde_json::to_string_pretty(value)
        } else {
            serde_json::to_string(value)
        };
        print_line(&written.map_err(|e| Failure::Failed(e.to_string()))?)
    }
}

/// Prints text as it is.
pub(crate) fn print_text(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(Failure::Output)
}

/// Prints a line.
pub(crate) fn print_line(line: &str) -> Result<(), Failure> {
    print_text(&format!("{line}\n"))
}

/// Prints a table, if there is anything in it.
pub(crate) fn print_table(table: &Rows) -> Result<(), Failure> {
    if table.lines.is_empty() { Ok(()) } else { print_line(&table.to_text(None)) }
}

/// A line for whoever looks on, and for no program: to standard error.
pub(crate) fn remark(line: &str) {
    // With standard error gone there is nobody left to tell.
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// A table of texts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rows {
    head: Vec<String>,
    lines: Vec<Vec<String>>,
    right: Vec<usize>,
    whole: Vec<usize>,
}

impl Rows {
    /// A table with those columns.
    pub(crate) fn new(head: &[&str]) -> Rows {
        let head = head.iter().map(|&name| name.to_owned()).collect();
        Rows { head, lines: Vec::new(), right: Vec::new(), whole: Vec::new() }
    }

    /// With columns of numbers, flush right.
    pub(crate) fn numbers(mut self, columns: &[usize]) -> Rows {
        self.right.extend(columns);
        self
    }

    /// With columns that are never broken, such as ids.
    pub(crate) fn whole(mut self, columns: &[usize]) -> Rows {
        self.whole.extend(columns);
        self
    }

    /// Adds a row.
    pub(crate) fn add(&mut self, row: impl IntoIterator<Item = impl Into<String>>) {
        self.lines.push(row.into_iter().map(Into::into).collect());
    }

    /// The table as text, fitted to the terminal, or to a width.
    pub(crate) fn to_text(&self, width: Option<u16>) -> String {
        let mut table = Table::new();
        table.load_style(NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
        if let Some(width) = width {
            table.set_width(width);
        }
        table.set_header(self.head.iter().map(|name| name.to_uppercase()));
        table.add_rows(&self.lines);
        for (at, column) in table.column_iter_mut().enumerate() {
            column.set_padding((0, 2));
            if self.right.contains(&at) {
                column.set_cell_alignment(CellAlignment::Right);
            }
            if self.whole.contains(&at) {
                column.set_constraint(ColumnConstraint::ContentWidth);
            }
        }
        let lines: Vec<String> = table.lines().map(|line| line.trim_end().to_owned()).collect();
        lines.join("\n")
    }
}

/// A value of JSON as people read it.
pub(crate) fn plain(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Bool(true) => "yes".to_owned(),
        Json::Bool(false) => "no".to_owned(),
        Json::Null => String::new(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_fits_its_width() {
        let mut rows = Rows::new(&["field", "value"]);
        rows.add(["given_name", "Anna"]);
        rows.add(["note", &"long ".repeat(40)]);
        let text = rows.to_text(Some(60));
        assert!(text.starts_with("FIELD"), "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= 60), "{text}");
    }
}
