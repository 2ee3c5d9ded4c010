//! Rejected rows as they were, with what is wrong in one more column, to be mended and imported.

use std::borrow::Cow;
use std::io::{self, Write};

use csv::{QuoteStyle, Writer, WriterBuilder};

use crate::source::Header;

/// The column with what is wrong. A file that has it is one of rejects.
pub const FAULT: &str = "gantry_fault";

/// A CSV file of rejects being written.
pub struct Rejects<W: Write> {
    writer: Writer<W>,
    width: usize,
    guard: bool,
}

impl<W: Write> Rejects<W> {
    /// Begins one for a file with that header; its cells are written as they were.
    pub fn new(writer: W, header: &Header) -> io::Result<Rejects<W>> {
        Rejects::begin(Writer::from_writer(writer), header, false)
    }

    /// The same for whoever opens it in a spreadsheet, which would take a cell that begins with `=`,
    /// `+`, `-` or `@` for a formula: such cells get an apostrophe in front. Reading the file takes it
    /// away again.
    pub fn guarded(writer: W, header: &Header) -> io::Result<Rejects<W>> {
        // A spreadsheet may split at semicolons: quoted cells stay whole.
        let writer = WriterBuilder::new().quote_style(QuoteStyle::Always).from_writer(writer);
        Rejects::begin(writer, header, true)
    }

    fn begin(writer: Writer<W>, header: &Header, guard: bool) -> io::Result<Rejects<W>> {
        let mut rejects = Rejects { writer, width: header.columns().len(), guard };
        rejects.line(header.columns().iter().map(|column| &**column), FAULT)?;
        Ok(rejects)
    }

    /// Writes a row. One that could not be read has fewer cells, or more; a table has as many as its
    /// head.
    pub fn row<'a>(&mut self, cells: impl Iterator<Item = &'a str>, fault: &str) -> io::Result<()> {
        let width = self.width;
        self.line(cells.chain(std::iter::repeat("")).take(width), fault)
    }

    /// Hands over what is written.
    pub fn finish(mut self) -> io::Result<W> {
        self.writer.flush()?;
        self.writer.into_inner().map_err(csv::IntoInnerError::into_error)
    }

    fn line<'a>(&mut self, cells: impl Iterator<Item = &'a str>, fault: &str) -> io::Result<()> {
        for cell in cells {
            self.cell(cell)?;
        }
        self.cell(fault)?;
        self.writer.write_record(None::<&[u8]>)?;
        Ok(())
    }

    fn cell(&mut self, cell: &str) -> io::Result<()> {
        let cell = if self.guard { guarded(cell) } else { Cow::Borrowed(cell) };
        self.writer.write_field(cell.as_bytes())?;
        Ok(())
    }
}

/// Whether a spreadsheet may take a cell that begins so for a formula (OWASP, CSV injection).
fn is_formula(cell: &str) -> bool {
    // Some skip what cannot be seen.
    let seen =
        cell.trim_start_matches(['\u{200b}', '\u{200c}', '\u{200d}', '\u{2060}', '\u{feff}']);
    seen.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'])
}

/// A cell that no spreadsheet takes for a formula. Apostrophes that are in front of one already get
/// one more, so that what is read is what was written.
pub fn guarded(cell: &str) -> Cow<'_, str> {
    if is_formula(cell.trim_start_matches('\'')) {
        Cow::Owned(format!("'{cell}"))
    } else {
        Cow::Borrowed(cell)
    }
}

/// The cell that was guarded.
pub(crate) fn unguarded(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if is_formula(rest.trim_start_matches('\'')) => rest,
        _ => cell,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn no_guarded_cell_begins_like_a_formula() {
        let header = Header::new(["=cmd|' /C calc'!A0", "name"]);
        let mut rejects = Rejects::guarded(Vec::new(), &header).unwrap();
        let cells = ["@SUM(1+1)", "+358 9 0000", "-1", "\t=1", "Anna", "too many"];
        rejects.row(cells.into_iter(), "=fault").unwrap();
        rejects.row(["a;=b", "c\"d"].into_iter(), "wrong").unwrap();
        let text = String::from_utf8(rejects.finish().unwrap()).unwrap();
        assert_eq!(
            text,
            "\"'=cmd|' /C calc'!A0\",\"name\",\"gantry_fault\"\n\
             \"'@SUM(1+1)\",\"'+358 9 0000\",\"'=fault\"\n\
             \"a;=b\",\"c\"\"d\",\"wrong\"\n"
        );
    }

    #[test]
    fn a_table_is_as_wide_as_its_head() {
        let mut rejects = Rejects::new(Vec::new(), &Header::new(["a", "b"])).unwrap();
        rejects.row(["1"].into_iter(), "too few").unwrap();
        rejects.row(["1", "2", "3"].into_iter(), "too many").unwrap();
        let text = String::from_utf8(rejects.finish().unwrap()).unwrap();
        assert_eq!(text, "a,b,gantry_fault\n1,,too few\n1,2,too many\n");
    }

    proptest! {
        #[test]
        fn what_was_guarded_is_read_as_it_was(cell in "['=+\\-@＝\u{200b}\t a-z]{0,6}") {
            let guarded = guarded(&cell).into_owned();
            prop_assert!(!is_formula(&guarded));
            prop_assert_eq!(unguarded(&guarded), &cell);
        }
    }
}
