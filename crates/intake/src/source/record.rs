//! One CSV record at a time, as bytes, within bounds.
//!
//! A record that is too long is read to its end without being kept, so that a field of any size
//! costs no memory and the rows after it keep their numbers.

use std::io;
use std::sync::Arc;

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

use super::encoding::Text;
use super::{MAX_CELL, MAX_CELLS, MAX_ROW};
use crate::fault::Reason;

/// The records of a file.
pub(super) struct Records {
    text: Text,
    core: Reader,
    /// The record that was read last, from 1, blank lines counted.
    row: u64,
    after_return: bool,
    ended: bool,
    record: Record,
}

/// One record. Its buffers are used again and again.
#[derive(Default)]
pub(super) struct Record {
    bytes: Vec<u8>,
    length: usize,
    ends: Vec<usize>,
    cells: usize,
}

/// Something wrong, and in which cell.
#[derive(Debug)]
pub(super) struct Problem {
    pub(super) cell: Option<usize>,
    pub(super) reason: Reason,
}

/// What was read, and where it began.
pub(super) struct Found<'a> {
    pub(super) row: u64,
    pub(super) line: u64,
    pub(super) record: &'a Record,
    pub(super) problem: Option<Problem>,
}

impl Records {
    pub(super) fn new(text: Text, delimiter: u8) -> Records {
        Records {
            text,
            core: ReaderBuilder::new().delimiter(delimiter).build(),
            row: 0,
            after_return: false,
            ended: false,
            record: Record::default(),
        }
    }

    /// The next record; `None` at the end of the file.
    pub(super) fn next(&mut self) -> Option<Found<'_>> {
        let begins = if self.ended { Ok(false) } else { self.skip_blank_lines() };
        self.row += 1;
        let line = self.core.line();
        let problem = match begins {
            Ok(false) => return None,
            Ok(true) => self.fill().err(),
            Err(error) => Some(self.broken_off(&error)),
        };
        Some(Found { row: self.row, line, record: &self.record, problem })
    }

    /// Passes over line ends between records; `false` at the end of the file.
    fn skip_blank_lines(&mut self) -> io::Result<bool> {
        loop {
            let first = self.peek()?.first().copied();
            match first {
                None => {
                    self.ended = true;
                    return Ok(false);
                }
                Some(b'\n') => {
                    self.row += u64::from(!self.after_return);
                    self.core.set_line(self.core.line() + 1);
                }
                Some(b'\r') => self.row += 1,
                Some(_) => return Ok(true),
            }
            self.after_return = first == Some(b'\r');
            self.text.consume(1);
        }
    }

    fn peek(&mut self) -> io::Result<&[u8]> {
        loop {
            match self.text.fill_buf() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
                Ok(_) => break,
            }
        }
        self.text.fill_buf()
    }

    fn broken_off(&mut self, error: &io::Error) -> Problem {
        self.ended = true;
        Problem { cell: None, reason: Reason::Read(Arc::from(error.to_string())) }
    }

    /// Reads one record, also where it is too long to keep.
    fn fill(&mut self) -> Result<(), Problem> {
        self.record.clear();
        let mut too_much = None;
        loop {
            let (result, at_end) = match self.feed() {
                Ok(fed) => fed,
                Err(error) => return Err(self.broken_off(&error)),
            };
            match result {
                // A line end that does not end the record stands inside quotation marks.
                ReadRecordResult::InputEmpty if at_end => {
                    return Err(Problem { cell: None, reason: Reason::OpenQuote });
                }
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull => {
                    if too_much.is_some() {
                        self.record.clear();
                    } else {
                        too_much = self.record.grow().err();
                    }
                }
                ReadRecordResult::Record | ReadRecordResult::End => {
                    return too_much.map_or(Ok(()), Err);
                }
            }
        }
    }

    /// Gives the parser what is there; at the end of the file a last line end.
    fn feed(&mut self) -> io::Result<(ReadRecordResult, bool)> {
        while let Err(error) = self.text.fill_buf() {
            if error.kind() != io::ErrorKind::Interrupted {
                return Err(error);
            }
        }
        let available = self.text.fill_buf()?;
        let at_end = available.is_empty();
        let input = if at_end { b"\n".as_slice() } else { available };
        let record = &mut self.record;
        let bytes = record.bytes.get_mut(record.length..).unwrap_or_default();
        let ends = record.ends.get_mut(record.cells..).unwrap_or_default();
        let (result, read, written, ended) = self.core.read_record(input, bytes, ends);
        record.length += written;
        record.cells += ended;
        let last = read.checked_sub(1).and_then(|at| input.get(at));
        self.after_return = last.map_or(self.after_return, |byte| *byte == b'\r');
        self.ended |= at_end;
        if !at_end {
            self.text.consume(read);
        }
        Ok((result, at_end))
    }
}

impl Record {
    fn clear(&mut self) {
        (self.length, self.cells) = (0, 0);
        if self.bytes.is_empty() {
            self.bytes.resize(4 * 1024, 0);
            self.ends.resize(64, 0);
        }
    }

    /// Makes room, or says that there is enough; then the buffers are empty.
    fn grow(&mut self) -> Result<(), Problem> {
        if self.length >= MAX_ROW {
            let cell = self.cells;
            let long_cell = self.length - self.start(cell) > MAX_CELL;
            self.clear();
            let reason = if long_cell {
                Reason::CellTooLong { limit: MAX_CELL }
            } else {
                Reason::RowTooLong { limit: MAX_ROW }
            };
            return Err(Problem { cell: long_cell.then_some(cell), reason });
        }
        if self.cells >= MAX_CELLS {
            self.clear();
            return Err(Problem { cell: None, reason: Reason::TooManyCells { limit: MAX_CELLS } });
        }
        if self.length == self.bytes.len() {
            self.bytes.resize((self.length * 2).min(MAX_ROW), 0);
        }
        if self.cells == self.ends.len() {
            self.ends.resize((self.cells * 2).min(MAX_CELLS), 0);
        }
        Ok(())
    }

    fn start(&self, cell: usize) -> usize {
        cell.checked_sub(1).and_then(|before| self.ends().get(before)).copied().unwrap_or(0)
    }

    /// All cells, one after the other.
    pub(super) fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }

    /// Where each cell ends.
    pub(super) fn ends(&self) -> &[usize] {
        self.ends.get(..self.cells).unwrap_or_default()
    }

    /// The cells as bytes.
    pub(super) fn cells(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.cells).map(|cell| {
            let end = self.ends().get(cell).copied().unwrap_or(0);
            self.bytes().get(self.start(cell)..end).unwrap_or_default()
        })
    }

    /// The cells as text, whatever their bytes.
    pub(super) fn lossy(&self) -> Vec<String> {
        self.cells().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect()
    }

    /// Whether there is nothing but white space, or the end-of-file byte of old systems.
    pub(super) fn is_blank(&self) -> bool {
        self.cells <= 1
            && self.bytes().iter().all(|byte| byte.is_ascii_whitespace() || *byte == 0x1A)
    }
}
