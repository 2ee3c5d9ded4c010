//! A file as a stream of rows, in bounded memory.

use std::fs::File;
use std::io::{BufReader, Read, Seek};
use std::path::Path;
use std::sync::Arc;

use crate::fault::{Fault, Position};

/// At most this many bytes in a cell, and in a value of a card or entry.
pub const MAX_CELL: usize = 64 * 1024;
/// At most this many bytes in a row, a card or an entry, pictures and certificates not counted.
pub const MAX_ROW: usize = 1024 * 1024;
/// At most this many cells in a row.
pub const MAX_CELLS: usize = 4096;

/// What kind of file it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Cells between commas, semicolons, tabs or bars.
    Csv,
    /// vCard 2.1, 3.0 and 4.0.
    VCard,
    /// LDIF (RFC 2849) with people in it.
    Ldif,
}

/// What a map says about how to read a CSV file; everything else is found out from the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CsvOptions {
    /// The delimiter, where it should not be guessed.
    pub delimiter: Option<u8>,
    /// The encoding, where it should not be guessed: any label of the WHATWG encoding standard.
    pub encoding: Option<String>,
    /// The columns of a file without a header.
    pub columns: Option<Vec<String>>,
    /// Cells that mean empty, such as `NULL`.
    pub nulls: Vec<String>,
    /// The column that swallows surplus cells: its text holds delimiters that nobody quoted.
    pub surplus: Option<String>,
    /// Whether a row may end early, its last cells then being empty.
    pub short_rows: bool,
}

/// The columns of a file, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header(Arc<[Arc<str>]>);

/// A row: one cell for each column of the header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Where it stands.
    pub position: Position,
    cells: Vec<String>,
}

/// A file that cannot be read at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The operating system refused.
    #[error("`{file}` cannot be read: {cause}")]
    Io {
        /// The file.
        file: Arc<str>,
        /// Why.
        #[source]
        cause: std::io::Error,
    },
    /// Nothing in it.
    #[error("`{file}` is empty")]
    Empty {
        /// The file.
        file: Arc<str>,
    },
}

/// A file being read: an iterator over its rows.
pub struct Source {
    name: Arc<str>,
    format: Format,
    header: Header,
}

/// What a source reads from.
pub trait Input: Read + Seek + Send {}

impl<T: Read + Seek + Send> Input for T {}

impl Source {
    /// Opens a file. Format, encoding, delimiter and header are found out where `format` and
    /// `options` do not say.
    pub fn open(
        path: &Path,
        format: Option<Format>,
        options: &CsvOptions,
    ) -> Result<Source, OpenError> {
        let name = path.to_string_lossy();
        let file =
            File::open(path).map_err(|cause| OpenError::Io { file: Arc::from(&*name), cause })?;
        Source::of(&name, Box::new(BufReader::new(file)), format, options)
    }

    /// The same for anything that can be read twice; `name` stands in positions.
    pub fn of(
        name: &str,
        input: Box<dyn Input>,
        format: Option<Format>,
        options: &CsvOptions,
    ) -> Result<Source, OpenError> {
        let _ = (input, options);
        Ok(Source {
            name: Arc::from(name),
            format: format.unwrap_or(Format::Csv),
            header: Header(Arc::from([])),
        })
    }

    /// The file's name as given.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What kind of file it is.
    pub fn format(&self) -> Format {
        self.format
    }

    /// Its columns.
    pub fn header(&self) -> &Header {
        &self.header
    }
}

impl Iterator for Source {
    type Item = Result<Row, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        None
    }
}

impl Header {
    /// The columns, in order.
    pub fn columns(&self) -> &[Arc<str>] {
        &self.0
    }
}

impl Row {
    /// The cells, one for each column.
    pub fn cells(&self) -> &[String] {
        &self.cells
    }
}
