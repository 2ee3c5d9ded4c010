//! What is printed: tables for people, JSON for programs; data to standard output, the rest to
//! standard error.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Table, Width};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value as Json;

use crate::failure::Failure;

/// Between columns.
const GAP: u16 = 2;
/// As wide as a screen usually is.
const USUAL: u16 = 80;
/// A narrower screen is none.
const NARROWEST: u16 = 20;

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

/// Prints sentences, broken between words to fit the screen; where nobody knows how wide it is, it
/// is as wide as most.
pub(crate) fn print_prose(text: &str) -> Result<(), Failure> {
    print_text(&broken(text, usize::from(width())))
}

/// Prints a table, if there is anything in it.
pub(crate) fn print_table(table: &Rows) -> Result<(), Failure> {
    if table.lines.is_empty() { Ok(()) } else { print_line(&table.to_text(None)) }
}

/// A line for whoever looks on, and for no program: to standard error.
pub(crate) fn remark(line: &str) {
    // With standard error gone there is nobody left to tell.
    let _ = write!(io::stderr().lock(), "{}", aside(&format!("{line}\n")));
}

/// What is written to standard error: broken into lines where somebody looks at it.
pub(crate) fn aside(text: &str) -> String {
    if io::stderr().is_terminal() { broken(text, usize::from(width())) } else { text.to_owned() }
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

    /// The table as text, fitted to the screen, or to a width. What fits no screen as a table is a
    /// list, a line or a few for each row: ids, times and numbers are never broken.
    pub(crate) fn to_text(&self, width: Option<u16>) -> String {
        let Some(width) = width.or_else(screen) else { return self.arranged(None) };
        let columns = u16::try_from(self.head.len()).unwrap_or(u16::MAX).saturating_mul(GAP);
        let narrowest = (0..self.head.len()).map(|at| self.narrowest(at));
        let narrowest = narrowest.fold(0, u16::saturating_add).saturating_add(columns);
        if narrowest > width.saturating_add(GAP) {
            return self.listed(usize::from(width));
        }
        self.arranged(Some(width))
    }

    fn arranged(&self, width: Option<u16>) -> String {
        let mut table = Table::new();
        table.load_style(NOTHING);
        if let Some(width) = width {
            // The gap after the last column may lie beyond the edge.
            table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width + GAP);
        }
        table.set_header(self.head.iter().map(|name| name.to_uppercase()));
        table.add_rows(&self.lines);
        for (at, column) in table.column_iter_mut().enumerate() {
            column.set_padding((0, GAP));
            if self.right.contains(&at) {
                column.set_cell_alignment(CellAlignment::Right);
            }
            if self.is_whole(at) {
                column.set_constraint(ColumnConstraint::ContentWidth);
            } else if width.is_some() {
                let least = Width::Fixed(self.narrowest(at) + GAP);
                column.set_constraint(ColumnConstraint::LowerBoundary(least));
            }
        }
        let lines: Vec<String> = table.lines().map(|line| line.trim_end().to_owned()).collect();
        lines.join("\n")
    }

    fn is_whole(&self, at: usize) -> bool {
        self.right.contains(&at) || self.whole.contains(&at)
    }

    /// How narrow a column can be: its longest line where it is whole, else its longest word.
    fn narrowest(&self, at: usize) -> u16 {
        let cells = self.lines.iter().filter_map(|line| line.get(at)).chain(self.head.get(at));
        let longest = cells.filter_map(|cell| {
            let parts = if self.is_whole(at) { cell.split('\n') } else { cell.split(' ') };
            parts.map(|part| part.chars().count()).max()
        });
        u16::try_from(longest.max().unwrap_or(0)).unwrap_or(u16::MAX)
    }

    /// Each row as its cells with their names, one in a line.
    fn listed(&self, width: usize) -> String {
        let names = self.head.iter().map(|name| name.to_uppercase());
        let names: Vec<String> = names.collect();
        let longest = names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
        let mut text = String::new();
        for line in &self.lines {
            let cells = names.iter().zip(line).filter(|(_, cell)| !cell.is_empty());
            for (at, (name, cell)) in cells.enumerate() {
                let indent = if at == 0 { "" } else { "  " };
                let padding = longest + 2 - indent.len();
                let label = format!("{indent}{name:<padding$}  ");
                text.push_str(&label);
                let from = label.chars().count();
                wrap(&mut text, &cell.replace('\n', ", "), from, width);
                text.push('\n');
            }
        }
        text.truncate(text.trim_end().len());
        text
    }
}

/// Adds words from a column on, with new lines where they reach the width.
fn wrap(text: &mut String, part: &str, from: usize, width: usize) {
    let mut used = from;
    for (at, word) in part.split(' ').enumerate() {
        let length = word.chars().count();
        if at > 0 && used + 1 + length > width {
            text.push_str("\n    ");
            used = 4;
        } else if at > 0 {
            text.push(' ');
            used += 1;
        }
        text.push_str(word);
        used += length;
    }
}

/// How wide text is printed.
pub(crate) fn width() -> u16 {
    screen().unwrap_or(USUAL)
}

/// How wide the screen is: the terminal, else what `COLUMNS` says, else unknown.
fn screen() -> Option<u16> {
    let terminal = io::stdout().is_terminal().then(|| Table::new().width()).flatten();
    let said = || std::env::var("COLUMNS").ok()?.trim().parse().ok();
    terminal.or_else(said).filter(|width| *width >= NARROWEST)
}

/// How many of what, in words: `1 row`, `2 rows`, `0 entries`.
pub(crate) fn counted(count: impl Copy + Display + PartialEq + From<u8>, what: &str) -> String {
    if count == 1.into() {
        return format!("{count} {what}");
    }
    match what.strip_suffix('y') {
        Some(stem) => format!("{count} {stem}ies"),
        None => format!("{count} {what}s"),
    }
}

/// Lines as they are, the longer ones broken between words to fit the screen; what follows stands
/// where the line's own text began.
pub(crate) fn paragraph(text: &str) -> String {
    broken(text, screen().map_or(usize::MAX, usize::from))
}

fn broken(text: &str, width: usize) -> String {
    let mut broken = String::new();
    for line in text.lines() {
        let indent = line.len() - line.trim_start().len();
        let hang = line.get(indent..).and_then(|rest| rest.rfind("   "));
        let hang = hang.map_or(indent + 2, |at| indent + at + 3);
        let mut used = 0;
        for (at, word) in line.split(' ').enumerate() {
            let length = word.chars().count();
            if at > 0 && used + 1 + length > width && used > hang {
                broken.push('\n');
                broken.push_str(&" ".repeat(hang));
                used = hang;
            } else if at > 0 {
                broken.push(' ');
                used += 1;
            }
            broken.push_str(word);
            used += length;
        }
        broken.push('\n');
    }
    broken
}

/// Names with commas between them, and of many only the first; programs get all.
pub(crate) fn some(names: &[impl AsRef<str>]) -> String {
    const SHOWN: usize = 10;
    let shown: Vec<&str> = names.iter().take(SHOWN).map(AsRef::as_ref).collect();
    match names.len().saturating_sub(SHOWN) {
        0 => shown.join(", "),
        more => format!("{} and {more} more; `--json` lists all", shown.join(", ")),
    }
}

/// An instant (ms) as programs read it (ISO 8601, UTC).
pub(crate) fn instant(millis: i64) -> String {
    Timestamp::from_millisecond(millis).map_or_else(|_| millis.to_string(), |at| at.to_string())
}

/// The same as people read it, without seconds.
pub(crate) fn to_the_minute(millis: i64) -> String {
    let text = instant(millis);
    let to_the_minute: String = text.chars().take("2026-11-01T12:00".len()).collect();
    to_the_minute.replace('T', " ")
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

    const ID: &str = "01950ea1-3200-7595-ab12-de8e6b785fab";

    fn fits(text: &str, width: usize) {
        assert!(text.lines().all(|line| line.chars().count() <= width), "{text}");
    }

    #[test]
    fn a_table_fits_its_width() {
        let mut rows = Rows::new(&["field", "value"]);
        rows.add(["given_name", "Anna"]);
        rows.add(["note", &"long ".repeat(40)]);
        let text = rows.to_text(Some(60));
        assert!(text.starts_with("FIELD"), "{text}");
        fits(&text, 60);
    }

    #[test]
    fn ids_times_and_numbers_are_never_broken() {
        let mut rows = Rows::new(&["id", "at", "what", "n"]).whole(&[0, 1]).numbers(&[3]);
        let what = "orders, communications, contact details and some words more";
        rows.add([ID, "2026-11-22T21:26:35Z", what, "1234567 (123 contacts)"]);
        for width in [50, 80, 100, 120] {
            let text = rows.to_text(Some(width));
            assert!(text.contains(ID) && text.contains("2026-11-22T21:26:35Z"), "{width}: {text}");
            assert!(text.contains("communications"), "{width}: {text}");
            fits(&text, usize::from(width));
        }
        assert!(rows.to_text(Some(120)).contains("1234567 (123 contacts)"));
    }

    #[test]
    fn what_fits_no_screen_is_a_list_that_names_its_cells() {
        let mut rows = Rows::new(&["id", "country", "name", "note"]).whole(&[0]);
        rows.add([ID, "FI", "Aino Virtanen", ""]);
        rows.add([ID, "", "aino.maria.virtanen@harbour.example", "called"]);
        let text = rows.to_text(Some(60));
        let list = format!(
            "ID         {ID}\n  COUNTRY  FI\n  NAME     Aino Virtanen\nID         {ID}\n  NAME     aino.maria.virtanen@harbour.example\n  NOTE     called"
        );
        assert_eq!(text, list);
    }

    #[test]
    fn one_row_is_not_one_rows() {
        assert_eq!(counted(1_u64, "row"), "1 row");
        assert_eq!(
            (counted(0_u64, "entry"), counted(2_u64, "row")),
            ("0 entries".into(), "2 rows".into())
        );
    }
}
