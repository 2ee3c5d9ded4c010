//! Rows of files that have no header: columns known beforehand, and names of what else there was.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Header, Row};
use crate::fault::Position;

const MAX_OTHERS: usize = 500;
const MAX_NAME: usize = 60;

/// The columns of a format, and what a file was seen to have.
pub(super) struct Columns {
    header: Header,
    seen: Vec<bool>,
    others: BTreeSet<Arc<str>>,
}

/// The cells of a row being put together.
pub(super) struct Cells<'a> {
    columns: &'a mut Columns,
    cells: Vec<String>,
}

impl Columns {
    pub(super) fn new(names: &[&str]) -> Columns {
        Columns {
            header: Header::new(names.iter().copied()),
            seen: vec![false; names.len()],
            others: BTreeSet::new(),
        }
    }

    pub(super) fn header(&self) -> &Header {
        &self.header
    }

    /// The columns that had a value so far, and the names of what fits none.
    pub(super) fn seen(&self) -> Vec<Arc<str>> {
        let known = self.header.columns().iter().zip(&self.seen);
        let known = known.filter(|(_, seen)| **seen).map(|(name, _)| name);
        known.chain(&self.others).cloned().collect()
    }

    pub(super) fn begin(&mut self) -> Cells<'_> {
        let cells = vec![String::new(); self.seen.len()];
        Cells { columns: self, cells }
    }
}

impl Cells<'_> {
    /// Sets a cell that is still empty.
    pub(super) fn set(&mut self, column: &str, value: &str) {
        self.with(column, |cell| {
            if cell.is_empty() {
                cell.push_str(value);
            }
        });
    }

    /// Adds to a cell, after a space.
    pub(super) fn add(&mut self, column: &str, value: &str) {
        self.with(column, |cell| {
            if !cell.is_empty() {
                cell.push(' ');
            }
            cell.push_str(value);
        });
    }

    fn with(&mut self, column: &str, change: impl FnOnce(&mut String)) {
        let columns = &mut *self.columns;
        let at = columns.header.columns().iter().position(|name| **name == *column);
        let Some(at) = at else { return self.other(column) };
        if let (Some(cell), Some(seen)) = (self.cells.get_mut(at), columns.seen.get_mut(at)) {
            change(cell);
            *seen |= !cell.is_empty();
        }
    }

    /// Notes something that has no column.
    pub(super) fn other(&mut self, name: &str) {
        let others = &mut self.columns.others;
        let sound = name.len() <= MAX_NAME && name.bytes().all(|byte| byte.is_ascii_graphic());
        if sound && others.len() < MAX_OTHERS && !others.contains(name) {
            others.insert(Arc::from(name));
        }
    }

    pub(super) fn row(self, position: Position) -> Row {
        Row::new(position, &self.cells)
    }
}
