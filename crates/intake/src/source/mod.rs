//! A file as a stream of rows, in bounded memory.

mod csv;
mod delimiter;
mod encoding;
mod fixed;
mod ldif;
mod lines;
mod record;
mod vcard;

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

use encoding_rs::Encoding;

use crate::fault::{Fault, Position, Reason};

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

/// A name that a header has not got, or not only once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotFound {
    /// No such column.
    Missing,
    /// More than one.
    Ambiguous,
}

/// A row: one cell for each column of the header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Where it stands.
    pub position: Position,
    text: String,
    ends: Vec<usize>,
}

/// A row that could not be read, and what there was of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// What is wrong.
    pub fault: Fault,
    /// Its cells as far as they were kept, for a file of rejects.
    pub cells: Vec<String>,
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
    /// A folder, a pipe or a device: it may have no end, and cannot be read twice.
    #[error("`{file}` is not a regular file; hint: save what is to be read in a file first")]
    NoFile {
        /// What was named.
        file: Arc<str>,
    },
    /// Nothing in it.
    #[error("`{file}` is empty")]
    Empty {
        /// The file.
        file: Arc<str>,
    },
    /// Its first row is none.
    #[error("the header of `{file}` cannot be read: {reason}; hint: is it a text file?")]
    Header {
        /// The file.
        file: Arc<str>,
        /// Why.
        reason: Reason,
    },
    /// The map names an encoding that does not exist.
    #[error(
        "`{label}` is no encoding; hint: `utf-8`, `windows-1252`, `utf-16le`, `shift_jis`, ..."
    )]
    NoEncoding {
        /// What it says.
        label: String,
    },
}

/// A file being read: an iterator over its rows.
pub struct Source {
    name: Arc<str>,
    rows: Rows,
}

enum Rows {
    Csv(Box<csv::Rows>),
    VCard(Box<vcard::Rows>),
    Ldif(Box<ldif::Rows>),
}

/// What a source reads from: once to find the encoding, once for the rows.
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
        let io = |cause| OpenError::Io { file: Arc::from(&*name), cause };
        // Asked before it is opened: opening a pipe waits for somebody to write.
        if !fs::metadata(path).map_err(io)?.is_file() {
            return Err(OpenError::NoFile { file: Arc::from(&*name) });
        }
        let file = File::open(path).map_err(io)?;
        Source::of(&name, Box::new(file), format, options)
    }

    /// The same for anything that can be read twice; `name` stands in positions.
    pub fn of(
        name: &str,
        mut input: Box<dyn Input>,
        format: Option<Format>,
        options: &CsvOptions,
    ) -> Result<Source, OpenError> {
        let file: Arc<str> = Arc::from(name);
        let io = |cause| OpenError::Io { file: Arc::clone(&file), cause };
        let first = first_bytes(&mut *input).map_err(io)?;
        if first.is_empty() {
            return Err(OpenError::Empty { file });
        }
        let encoding = match &options.encoding {
            None => encoding::detect(&mut *input).map_err(io)?,
            Some(label) => Encoding::for_label(label.as_bytes())
                .ok_or_else(|| OpenError::NoEncoding { label: label.clone() })?,
        };
        let mut text = encoding::text(input, encoding).map_err(io)?;
        if text.fill_buf().map_err(io)?.is_empty() {
            // There was a byte order mark, and nothing else.
            return Err(OpenError::Empty { file });
        }
        let format = format.unwrap_or_else(|| Format::guess(name, &first));
        let (of, encoding) = (Arc::clone(&file), encoding.name());
        let rows = match format {
            Format::VCard => Rows::VCard(Box::new(vcard::Rows::new(of, encoding, text))),
            Format::Ldif => Rows::Ldif(Box::new(ldif::Rows::new(of, encoding, text))),
            Format::Csv => match csv::Rows::new(of, encoding, text, options).map_err(io)? {
                Ok(rows) => Rows::Csv(Box::new(rows)),
                Err(reason) => return Err(OpenError::Header { file, reason }),
            },
        };
        Ok(Source { name: file, rows })
    }

    /// The file's name as given.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What kind of file it is.
    pub fn format(&self) -> Format {
        match self.rows {
            Rows::Csv(_) => Format::Csv,
            Rows::VCard(_) => Format::VCard,
            Rows::Ldif(_) => Format::Ldif,
        }
    }

    /// Its columns.
    pub fn header(&self) -> &Header {
        match &self.rows {
            Rows::Csv(rows) => rows.header(),
            Rows::VCard(rows) => rows.header(),
            Rows::Ldif(rows) => rows.header(),
        }
    }

    /// The columns that the file has: of CSV its header, of cards and entries what stood in those
    /// read so far.
    pub fn columns_seen(&self) -> Vec<Arc<str>> {
        match &self.rows {
            Rows::Csv(rows) => rows.header().columns().to_vec(),
            Rows::VCard(rows) => rows.seen(),
            Rows::Ldif(rows) => rows.seen(),
        }
    }
}

impl Iterator for Source {
    type Item = Result<Row, Box<Rejected>>;

    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.rows {
            Rows::Csv(rows) => rows.next(),
            Rows::VCard(rows) => rows.next(),
            Rows::Ldif(rows) => rows.next(),
        }
    }
}

fn first_bytes(input: &mut dyn Input) -> std::io::Result<Vec<u8>> {
    let mut first = Vec::new();
    input.seek(SeekFrom::Start(0))?;
    BufReader::new(input).take(512).read_to_end(&mut first)?;
    Ok(first)
}

impl Format {
    /// As a map says it.
    pub const fn word(self) -> &'static str {
        match self {
            Format::Csv => "csv",
            Format::VCard => "vcard",
            Format::Ldif => "ldif",
        }
    }

    /// By how the file begins, else by its name.
    fn guess(name: &str, first: &[u8]) -> Format {
        // Zero bytes are dropped, so that UTF-16 looks the same.
        let start: String = first
            .iter()
            .filter(|byte| byte.is_ascii_graphic())
            .map(|byte| char::from(*byte).to_ascii_lowercase())
            .collect();
        let ending = Path::new(name).extension().map(OsStr::to_ascii_lowercase);
        let ends_in = |wanted: &str| ending.as_ref().is_some_and(|ending| ending == wanted);
        if start.starts_with("begin:vcard") || ends_in("vcf") || ends_in("vcard") {
            Format::VCard
        } else if start.starts_with("dn:")
            || start.starts_with("version:1")
            || ends_in("ldif")
            || ends_in("ldi")
        {
            Format::Ldif
        } else {
            Format::Csv
        }
    }
}

impl Header {
    /// A header of those columns.
    pub fn new<'a>(columns: impl IntoIterator<Item = &'a str>) -> Header {
        Header(columns.into_iter().map(Arc::from).collect())
    }

    /// The columns, in order.
    pub fn columns(&self) -> &[Arc<str>] {
        &self.0
    }

    /// The place of a column: of that very name, else of a name with the same letters and digits
    /// (`HasOptedOutOfEmail` is `has_opted_out_of_email` is `Has Opted Out Of Email`).
    pub fn find(&self, name: &str) -> Result<usize, NotFound> {
        match self.only(|column| column == name) {
            Err(NotFound::Missing) if letters(name).next().is_some() => {
                self.only(|column| letters(column).eq(letters(name)))
            }
            found => found,
        }
    }

    /// Whether two names of columns have the same letters and digits, and any.
    pub fn alike(name: &str, other: &str) -> bool {
        letters(name).next().is_some() && letters(name).eq(letters(other))
    }

    fn only(&self, fits: impl Fn(&str) -> bool) -> Result<usize, NotFound> {
        let mut found = self.0.iter().enumerate().filter(|(_, column)| fits(column));
        let (at, _) = found.next().ok_or(NotFound::Missing)?;
        if found.next().is_some() { Err(NotFound::Ambiguous) } else { Ok(at) }
    }
}

/// The letters and digits of a name, in lower case.
pub(crate) fn letters(name: &str) -> impl Iterator<Item = char> {
    name.chars().filter(|char| char.is_alphanumeric()).flat_map(char::to_lowercase)
}

impl Row {
    /// A row of those cells.
    pub fn new(position: Position, cells: &[String]) -> Row {
        let mut at = 0;
        let ends = cells.iter().map(|cell| {
            at += cell.len();
            at
        });
        Row { position, ends: ends.collect(), text: cells.concat() }
    }

    /// The cell of a column, empty where there is none.
    pub fn cell(&self, column: usize) -> &str {
        let start = column.checked_sub(1).and_then(|before| self.ends.get(before));
        let end = self.ends.get(column).copied().unwrap_or(0);
        self.text.get(start.copied().unwrap_or(0)..end).unwrap_or_default()
    }

    /// All cells, one for each column.
    pub fn cells(&self) -> impl Iterator<Item = &str> {
        (0..self.ends.len()).map(|column| self.cell(column))
    }
}

#[cfg(test)]
mod tests;
