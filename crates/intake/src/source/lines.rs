//! Lines of any length, of which only a bounded beginning is kept.

use std::io::{self, BufRead};

use super::MAX_CELL;
use super::encoding::Text;

/// The lines of a text, one after the other.
pub(super) struct Lines {
    text: Text,
    number: u64,
    line: Vec<u8>,
}

/// A line without its end.
pub(super) struct Line<'a> {
    pub(super) number: u64,
    pub(super) bytes: &'a [u8],
    /// Whether there was more than is kept.
    pub(super) cut: bool,
}

impl Lines {
    pub(super) fn new(text: Text) -> Lines {
        Lines { text, number: 0, line: Vec::new() }
    }

    /// The next line, `None` at the end of the file.
    pub(super) fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        self.line.clear();
        let mut cut = false;
        let mut any = false;
        loop {
            let chunk = match self.text.fill_buf() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                other => other?,
            };
            if chunk.is_empty() {
                break;
            }
            any = true;
            let end = chunk.iter().position(|byte| *byte == b'\n');
            let piece = chunk.get(..end.unwrap_or(chunk.len())).unwrap_or_default();
            let room = MAX_CELL - self.line.len();
            cut |= piece.len() > room;
            self.line.extend_from_slice(piece.get(..room).unwrap_or(piece));
            let used = end.map_or(chunk.len(), |end| end + 1);
            self.text.consume(used);
            if end.is_some() {
                break;
            }
        }
        if !any {
            return Ok(None);
        }
        self.number += 1;
        let bytes = self.line.strip_suffix(b"\r").unwrap_or(&self.line);
        Ok(Some(Line { number: self.number, bytes, cut }))
    }
}
