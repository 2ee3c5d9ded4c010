//! The columns that a map names, and their cells in a row.

use std::sync::Arc;

use indexmap::IndexSet;

use super::BindError;
use crate::source::{Header, NotFound, Row};

/// A column by its place among those of the map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Column(usize);

/// All columns that a map names.
#[derive(Clone, Debug, Default)]
pub(super) struct Columns(IndexSet<Arc<str>>);

impl Columns {
    /// The place of a column, a new one where it is named for the first time.
    pub(super) fn place(&mut self, name: &str) -> Column {
        Column(self.0.insert_full(Arc::from(name)).0)
    }

    pub(super) fn name(&self, column: Column) -> Arc<str> {
        self.0.get_index(column.0).cloned().unwrap_or_else(|| Arc::from(""))
    }

    /// Where each column stands in a header.
    pub(super) fn bind(
        &self,
        header: &Header,
        may_be_missing: bool,
        map: &Arc<str>,
    ) -> Result<Vec<Option<usize>>, BindError> {
        let place = |name: &Arc<str>| match header.find(name) {
            Ok(place) => Ok(Some(place)),
            Err(NotFound::Missing) if may_be_missing => Ok(None),
            Err(NotFound::Missing) => {
                Err(BindError::NoColumn { column: Arc::clone(name), map: Arc::clone(map) })
            }
            Err(NotFound::Ambiguous) => {
                Err(BindError::TwoColumns { column: Arc::clone(name), map: Arc::clone(map) })
            }
        };
        let places: Vec<Option<usize>> = self.0.iter().map(place).collect::<Result<_, _>>()?;
        if !places.is_empty() && places.iter().all(Option::is_none) {
            return Err(BindError::NothingFits { map: Arc::clone(map) });
        }
        Ok(places)
    }

    /// Whether a column of a file is one of these.
    pub(super) fn places_in(&self, header: &Header) -> Vec<usize> {
        self.0.iter().filter_map(|name| header.find(name).ok()).collect()
    }
}

/// The cells of a row as a map sees them.
pub(super) struct Cells<'a> {
    row: &'a Row,
    places: &'a [Option<usize>],
    nulls: &'a [String],
}

impl<'a> Cells<'a> {
    pub(super) fn new(row: &'a Row, places: &'a [Option<usize>], nulls: &'a [String]) -> Cells<'a> {
        Cells { row, places, nulls }
    }

    /// The cell without white space around it; empty where it means so.
    pub(super) fn get(&self, column: Column) -> &'a str {
        let Some(Some(place)) = self.places.get(column.0) else { return "" };
        let cell = self.row.cell(*place).trim();
        if self.nulls.iter().any(|null| null == cell) { "" } else { cell }
    }
}
