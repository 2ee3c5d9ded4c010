//! Which column is which field: a map, read from TOML.

use std::sync::Arc;

use miette::{NamedSource, SourceSpan};

use crate::draft::Draft;
use crate::fault::Fault;
use crate::source::{CsvOptions, Format, Header, Row};

/// A map: how the rows of one kind of file become drafts.
#[derive(Clone, Debug)]
pub struct Map {
    name: Arc<str>,
    format: Option<Format>,
    csv: CsvOptions,
}

/// A map that cannot be used, with the place at fault.
#[derive(Clone, Debug, thiserror::Error, miette::Diagnostic)]
#[error("map `{file}`, line {line}: {message}")]
pub struct MapError {
    /// The map's file name.
    pub file: String,
    /// The line at fault, from 1.
    pub line: usize,
    /// What is wrong.
    pub message: String,
    #[source_code]
    text: NamedSource<Arc<str>>,
    #[label("here")]
    span: SourceSpan,
}

/// A map that does not fit a file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BindError {
    /// The map names a column that the file does not have.
    #[error("the file has no column `{column}`, which the map `{map}` names")]
    NoColumn {
        /// The column.
        column: String,
        /// The map.
        map: Arc<str>,
    },
    /// The file has the column twice.
    #[error("the file has more than one column `{column}`, which the map `{map}` names")]
    TwoColumns {
        /// The column.
        column: String,
        /// The map.
        map: Arc<str>,
    },
}

/// A map bound to the header of a file.
pub struct Mapper {
    map: Map,
}

/// What became of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mapped {
    /// This is what it says.
    Draft(Box<Draft>),
    /// The map says to leave it.
    Skipped(Skip),
}

/// A row that the map leaves out, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skip {
    /// Where it stands.
    pub position: crate::fault::Position,
    /// Why, in the map's words: `deleted in the source`.
    pub because: Arc<str>,
}

impl Map {
    /// Reads a map; `file` stands in errors.
    pub fn parse(text: &str, file: &str) -> Result<Map, MapError> {
        Err(MapError {
            file: file.to_owned(),
            line: 1,
            message: String::from("not yet"),
            text: NamedSource::new(file, Arc::from(text)),
            span: (0, 0).into(),
        })
    }

    /// The built-in map of that name: `salesforce`, `hubspot`, `outlook`, `google`, `mautic`,
    /// `listmonk`, `mailchimp`, `thunderbird`, `vcard`, ...
    pub fn built_in(name: &str) -> Option<&'static Map> {
        let _ = name;
        None
    }

    /// The built-in map for files with such a header.
    pub fn recognise(format: Format, header: &Header) -> Option<&'static Map> {
        let _ = (format, header);
        None
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The format of the files it is for, where it says.
    pub fn format(&self) -> Option<Format> {
        self.format
    }

    /// How to read CSV files for it.
    pub fn csv(&self) -> &CsvOptions {
        &self.csv
    }

    /// Makes it ready for the rows of a file with that header.
    pub fn bind(&self, header: &Header) -> Result<Mapper, BindError> {
        let _ = header;
        Ok(Mapper { map: self.clone() })
    }

    /// The columns of a file that no rule uses, in order: they are not stored.
    pub fn unmapped_columns(&self, header: &Header) -> Vec<Arc<str>> {
        header.columns().to_vec()
    }
}

impl Mapper {
    /// The map it came from.
    pub fn map(&self) -> &Map {
        &self.map
    }

    /// What a row says, or everything that is wrong with it.
    pub fn row(&self, row: &Row) -> Result<Mapped, Vec<Fault>> {
        let _ = row;
        Err(Vec::new())
    }
}
