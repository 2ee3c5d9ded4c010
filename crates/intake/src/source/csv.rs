//! CSV as users have it: any delimiter, quoted line breaks, headers missing, rows of wrong length.

use std::io;
use std::sync::Arc;

use super::encoding::Text;
use super::record::{Found, Problem, Record, Records};
use super::{CsvOptions, Header, MAX_CELL, Rejected, Row, delimiter};
use crate::fault::{Fault, Position, Reason};
use crate::rejects::{FAULT, unguarded};

/// The rows of a CSV file.
pub(super) struct Rows {
    file: Arc<str>,
    records: Records,
    shape: Shape,
}

/// What a row must look like.
struct Shape {
    header: Header,
    surplus: Option<usize>,
    short_rows: bool,
    delimiter: char,
    encoding: &'static str,
    /// Whether it is a file of rejects, in which cells may be guarded.
    rejects: bool,
}

impl Rows {
    /// Reads the header, or takes it from the options. The error is what is wrong with the header.
    pub(super) fn new(
        file: Arc<str>,
        encoding: &'static str,
        mut text: Text,
        options: &CsvOptions,
    ) -> io::Result<Result<Rows, Reason>> {
        let sample = text.fill_buf()?;
        let announced = delimiter::announced(sample);
        let columns = options.columns.as_ref().map(Vec::len);
        let guessed = || delimiter::guess(sample, columns);
        let delimiter = options.delimiter.or(announced).unwrap_or_else(guessed);
        let mut records = Records::new(text, delimiter);
        if announced.is_some() {
            records.next();
        }
        let header = match &options.columns {
            Some(columns) => Header::new(columns.iter().map(String::as_str)),
            None => match read_header(&mut records) {
                Ok(header) => header,
                Err(reason) => return Ok(Err(reason)),
            },
        };
        let surplus = options.surplus.as_ref().and_then(|name| header.find(name).ok());
        let short_rows = options.short_rows;
        let delimiter = char::from(delimiter);
        let rejects = is_rejects(&header);
        let shape = Shape { header, surplus, short_rows, delimiter, encoding, rejects };
        Ok(Ok(Rows { file, records, shape }))
    }

    pub(super) fn header(&self) -> &Header {
        &self.shape.header
    }

    /// The next row; blank ones are passed over.
    pub(super) fn next(&mut self) -> Option<Result<Row, Box<Rejected>>> {
        loop {
            let Found { row, line, record, problem } = self.records.next()?;
            if problem.is_none() && record.is_blank() {
                continue;
            }
            let position = Position { file: Arc::clone(&self.file), row, line };
            let shaped = problem.map_or_else(|| self.shape.fit(record), Err);
            return Some(match shaped {
                Ok((text, ends)) => Ok(Row { position, text, ends }),
                Err(Problem { cell, reason }) => {
                    let column =
                        cell.and_then(|cell| self.shape.header.columns().get(cell)).cloned();
                    let fault = Fault { position, column, reason };
                    Err(Box::new(Rejected { fault, cells: self.shape.what_there_was(record) }))
                }
            });
        }
    }
}

fn read_header(records: &mut Records) -> Result<Header, Reason> {
    match records.next() {
        None => Ok(Header::new([])),
        Some(Found { problem: Some(problem), .. }) => Err(problem.reason),
        Some(Found { record, .. }) => {
            let cells = record.lossy();
            // A file that is no text has control characters before its first line ends.
            if cells
                .iter()
                .any(|cell| cell.chars().any(|char| char.is_control() && !char.is_whitespace()))
            {
                return Err(Reason::ControlCharacter);
            }
            let header = Header::new(cells.iter().map(|cell| cell.trim()));
            if !is_rejects(&header) {
                return Ok(header);
            }
            Ok(Header::new(header.columns().iter().map(|column| unguarded(column))))
        }
    }
}

fn is_rejects(header: &Header) -> bool {
    header.columns().iter().any(|column| **column == *FAULT)
}

impl Shape {
    /// The record as text with one cell for each column.
    fn fit(&self, record: &Record) -> Result<(String, Vec<usize>), Problem> {
        let (text, ends) = self.shaped(record)?;
        if !self.rejects {
            return Ok((text, ends));
        }
        Ok(joined(&cells(&text, &ends).map(unguarded).collect::<Vec<_>>()))
    }

    /// The cells of a record that does not fit.
    fn what_there_was(&self, record: &Record) -> Vec<String> {
        let cells = record.lossy();
        if !self.rejects {
            return cells;
        }
        cells.iter().map(|cell| unguarded(cell).to_owned()).collect()
    }

    fn shaped(&self, record: &Record) -> Result<(String, Vec<usize>), Problem> {
        if let Some(cell) = record.cells().position(|cell| cell.len() > MAX_CELL) {
            let reason = Reason::CellTooLong { limit: MAX_CELL };
            return Err(Problem { cell: Some(cell), reason });
        }
        let text = self.text(record)?;
        let (found, expected) = (record.ends().len(), self.header.columns().len());
        if found == expected {
            return Ok((text.to_owned(), record.ends().to_vec()));
        }
        let mut cells: Vec<&str> = cells(text, record.ends()).collect();
        let wrong_count = || Problem { cell: None, reason: Reason::CellCount { found, expected } };
        if found < expected && !self.short_rows {
            return Err(wrong_count());
        }
        let beyond = cells.get(expected..).unwrap_or_default();
        if beyond.iter().all(|cell| cell.trim().is_empty()) {
            cells.resize(expected, "");
            return Ok(joined(&cells));
        }
        let swallowing = self.surplus.ok_or_else(wrong_count)?;
        let last = swallowing + (found - expected);
        let together = cells
            .get(swallowing..=last)
            .unwrap_or_default()
            .join(self.delimiter.encode_utf8(&mut [0; 4]));
        cells.splice(swallowing..=last, [together.as_str()]);
        Ok(joined(&cells))
    }

    fn text<'a>(&self, record: &'a Record) -> Result<&'a str, Problem> {
        let wrong_at = match std::str::from_utf8(record.bytes()) {
            Ok(text) => match record.ends().iter().position(|end| !text.is_char_boundary(*end)) {
                None => return Ok(text),
                Some(cell) => cell,
            },
            Err(error) => record.ends().partition_point(|end| *end <= error.valid_up_to()),
        };
        let reason = Reason::Encoding { encoding: self.encoding };
        Err(Problem { cell: Some(wrong_at), reason })
    }
}

fn cells<'a>(text: &'a str, ends: &[usize]) -> impl Iterator<Item = &'a str> {
    let starts = std::iter::once(&0).chain(ends);
    starts.zip(ends).map(|(start, end)| text.get(*start..*end).unwrap_or_default())
}

fn joined(cells: &[&str]) -> (String, Vec<usize>) {
    let text = cells.concat();
    let mut at = 0;
    let ends = cells.iter().map(|cell| {
        at += cell.len();
        at
    });
    let ends = ends.collect();
    (text, ends)
}
