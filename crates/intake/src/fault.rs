//! Where something stands in a file, and what is wrong there.
//!
//! A fault never repeats the value at fault: it may be somebody's address.

use std::fmt;
use std::sync::Arc;

/// A place in a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The file's name as given.
    pub file: Arc<str>,
    /// The row as users count: from 1, a header included. For vCard and LDIF the number of the card
    /// or entry.
    pub row: u64,
    /// The line on which the row begins, from 1. It differs from `row` where a cell holds line
    /// breaks.
    pub line: u64,
}

/// A row that cannot be taken, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{}` row {}{}: {reason}", position.file, position.row, InColumn(column.as_deref()))]
pub struct Fault {
    /// Where.
    pub position: Position,
    /// In which column, where it lies in one.
    pub column: Option<Arc<str>>,
    /// What is wrong.
    pub reason: Reason,
}

struct InColumn<'a>(Option<&'a str>);

impl fmt::Display for InColumn<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |column| write!(out, ", column `{column}`"))
    }
}

/// What is wrong with a row or a cell.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Reason {
    /// More or fewer cells than the header has.
    #[error("{found} cells where the header has {expected}")]
    CellCount {
        /// Cells in the row.
        found: usize,
        /// Columns of the header.
        expected: usize,
    },
    /// A cell is longer than a cell may be.
    #[error("longer than {limit} bytes; hint: is a quotation mark not closed?")]
    CellTooLong {
        /// The bound, in bytes.
        limit: usize,
    },
    /// A row, card or entry is longer than it may be.
    #[error("the row is longer than {limit} bytes; hint: is a quotation mark not closed?")]
    RowTooLong {
        /// The bound, in bytes.
        limit: usize,
    },
    /// More cells than a row may have.
    #[error("the row has more than {limit} cells")]
    TooManyCells {
        /// The bound.
        limit: usize,
    },
    /// The file ends inside quotation marks.
    #[error("a quotation mark is not closed before the end of the file")]
    OpenQuote,
    /// The file ends inside a card or entry.
    #[error("the file ends before the card does")]
    CutShort,
    /// The cell is not text in the file's encoding.
    #[error("not valid {encoding}; hint: name the right `encoding` in the map")]
    Encoding {
        /// The encoding that the file is read in.
        encoding: &'static str,
    },
    /// A NUL byte or another character that text does not have.
    #[error("holds a control character")]
    ControlCharacter,
    /// A card or an LDIF entry that cannot be read.
    #[error("no {what} that can be read")]
    Malformed {
        /// `card`, `entry`, ...
        what: &'static str,
    },
    /// The value is not of the kind that the map says.
    #[error("not {what}")]
    NotA {
        /// The kind with its article, `an e-mail address`.
        what: &'static str,
    },
    /// The code table of the map does not have the value.
    #[error("a code that the map does not list")]
    UnknownCode,
    /// Nothing to match the row by.
    #[error("no key to match the row by")]
    NoKey,
    /// Reading the file failed.
    #[error("reading failed: {0}")]
    Read(Arc<str>),
}
