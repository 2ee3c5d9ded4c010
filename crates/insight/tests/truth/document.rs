//! The document that is compared with, and tables as it has them.

use std::collections::BTreeSet;
use std::fmt::{self, Display, Formatter};
use std::path::{Path, PathBuf};

/// What `docs/insight-truth.md` says.
pub(crate) fn document() -> &'static str {
    include_str!("../../../../docs/insight-truth.md")
}

/// A file of the shared data, where it is there.
pub(crate) fn shared(file: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/reactions");
    let path = root.join(file);
    if path.exists() {
        return Some(path);
    }
    eprintln!("skipped: {} is not there", path.display());
    None
}

/// A table in Markdown.
pub(crate) struct Table {
    head: &'static [&'static str],
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn new(head: &'static [&'static str]) -> Table {
        Table { head, rows: Vec::new() }
    }

    pub(crate) fn row<const N: usize>(&mut self, cells: [String; N]) {
        assert_eq!(N, self.head.len(), "{cells:?}");
        self.rows.push(Vec::from(cells));
    }
}

impl Display for Table {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "| {} |", self.head.join(" | "))?;
        writeln!(f, "|---{}|", "|--:".repeat(self.head.len() - 1))?;
        self.rows.iter().try_for_each(|row| writeln!(f, "| {} |", row.join(" | ")))
    }
}

/// The tables of a text, each with the ends of its lines.
pub(crate) fn tables_of(text: &str) -> Vec<String> {
    let mut tables = vec![String::new()];
    for line in text.lines() {
        match tables.last_mut() {
            Some(table) if line.starts_with('|') => table.extend([line, "\n"]),
            Some(table) if !table.is_empty() => tables.push(String::new()),
            _ => {}
        }
    }
    tables.retain(|table| !table.is_empty());
    tables
}

/// The numbers with decimals in a text.
pub(crate) fn figures(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_ascii_digit() && c != '.');
    let words = words.map(|word| word.trim_matches('.'));
    words.filter(|word| word.contains('.')).map(str::to_owned).collect()
}
