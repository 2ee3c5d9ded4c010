//! What is wrong with a row, in the words of whoever knows the file: row and column.

use std::collections::BTreeMap;

use gantry_intake::{Fault, Map, Position, TargetOf};
use serde::Serialize;

use crate::error::FieldFault;

/// Something wrong in a row. It never repeats a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RowFault {
    /// The file's name as given.
    pub file: String,
    /// The row as users count, from 1, a header included.
    pub row: u64,
    /// The line on which the row begins, from 1.
    pub line: u64,
    /// The column, where it lies in one.
    pub column: Option<String>,
    /// The field that the column fills, where the notice is at odds with it.
    pub field: Option<String>,
    /// What is wrong.
    pub reason: String,
}

impl RowFault {
    /// A fault that was found on reading.
    pub(super) fn of(fault: &Fault) -> RowFault {
        RowFault {
            file: fault.position.file.to_string(),
            row: fault.position.row,
            line: fault.position.line,
            column: fault.column.as_ref().map(ToString::to_string),
            field: None,
            reason: fault.reason.to_string(),
        }
    }

    /// The fault where its row is known.
    pub fn in_row(&self) -> String {
        let place = self.column.as_ref().or(self.field.as_ref());
        place.map_or_else(|| self.reason.clone(), |place| format!("{place}: {}", self.reason))
    }
}

/// From which columns a map takes a field.
#[derive(Clone, Debug)]
pub(super) struct Columns(BTreeMap<String, String>);

impl Columns {
    pub(super) fn of(map: &Map) -> Columns {
        let columns = map.targets().into_iter().map(|target| {
            let of = match &target.of {
                TargetOf::Category(name) | TargetOf::Kind(name) => name,
            };
            (format!("{of}.{}", target.field), target.columns.join(", "))
        });
        Columns(columns.filter(|(_, columns)| !columns.is_empty()).collect())
    }

    /// A fault that the notice finds, at its place in the file.
    pub(super) fn place(&self, position: &Position, fault: &FieldFault) -> RowFault {
        RowFault {
            file: position.file.to_string(),
            row: position.row,
            line: position.line,
            column: self.0.get(&fault.field).cloned(),
            field: Some(fault.field.clone()),
            reason: fault.fault.clone(),
        }
    }
}
