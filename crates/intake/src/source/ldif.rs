//! LDIF (RFC 2849) as address books write it: each entry becomes a row.

use std::io;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::encoding::Text;
use super::fixed::{Cells, Columns};
use super::lines::Lines;
use super::{Header, MAX_CELL, MAX_ROW, Rejected, Row};
use crate::fault::{Fault, Position, Reason};

/// The attributes that have a column. Names are compared without case.
const COLUMNS: [&str; 31] = [
    "dn",
    "objectclass",
    "uid",
    "cn",
    "givenname",
    "sn",
    "displayname",
    "personaltitle",
    "mail",
    "mozillasecondemail",
    "telephonenumber",
    "homephone",
    "mobile",
    "facsimiletelephonenumber",
    "pager",
    "street",
    "mozillaworkstreet2",
    "l",
    "st",
    "postalcode",
    "c",
    "co",
    "o",
    "ou",
    "title",
    "department",
    "preferredlanguage",
    "employeenumber",
    "mozillanickname",
    "mozillahomestreet",
    "description",
];

/// Attributes of the standard under their other names.
const ALIASES: [(&str, &str); 12] = [
    ("commonname", "cn"),
    ("surname", "sn"),
    ("gn", "givenname"),
    ("rfc822mailbox", "mail"),
    ("cellphone", "mobile"),
    ("mobiletelephonenumber", "mobile"),
    ("streetaddress", "street"),
    ("locality", "l"),
    ("region", "st"),
    ("countryname", "c"),
    ("company", "o"),
    ("fax", "facsimiletelephonenumber"),
];

/// The entries of a file.
pub(super) struct Rows {
    file: Arc<str>,
    encoding: &'static str,
    lines: Lines,
    number: u64,
    columns: Columns,
    ended: bool,
}

impl Rows {
    pub(super) fn new(file: Arc<str>, encoding: &'static str, text: Text) -> Rows {
        let columns = Columns::new(&COLUMNS);
        Rows { file, encoding, lines: Lines::new(text), number: 0, columns, ended: false }
    }

    pub(super) fn header(&self) -> &Header {
        self.columns.header()
    }

    pub(super) fn seen(&self) -> Vec<Arc<str>> {
        self.columns.seen()
    }

    /// The next entry.
    pub(super) fn next(&mut self) -> Option<Result<Row, Box<Rejected>>> {
        loop {
            let (line, entry) = match self.next_entry() {
                Ok(Some(entry)) => entry,
                Ok(None) if self.number == 0 => {
                    // A file without an entry is another kind of file.
                    (1, Err((None, Reason::Malformed { what: "LDIF file" })))
                }
                Ok(None) => return None,
                Err(error) => {
                    self.ended = true;
                    (0, Err((None, Reason::Read(Arc::from(error.to_string())))))
                }
            };
            let position = Position { file: Arc::clone(&self.file), row: self.number + 1, line };
            let mut cells = self.columns.begin();
            let filled = entry.and_then(|lines| fill(&mut cells, &lines, self.encoding));
            match filled {
                // The `version: 1` at the top is no entry.
                Ok(false) => {}
                Ok(true) => {
                    self.number += 1;
                    return Some(Ok(cells.row(position)));
                }
                Err((column, reason)) => {
                    self.number += 1;
                    let fault = Fault { position, column, reason };
                    return Some(Err(Box::new(Rejected { fault, cells: Vec::new() })));
                }
            }
        }
    }

    /// The unfolded lines of the next entry, and the line on which it begins.
    fn next_entry(&mut self) -> io::Result<Option<EntryLines>> {
        let mut begun = None;
        let mut lines: Vec<Vec<u8>> = Vec::new();
        let mut size = 0;
        let mut wrong = None;
        while !self.ended {
            let Some(line) = self.lines.next()? else {
                self.ended = true;
                break;
            };
            if line.bytes.is_empty() {
                if begun.is_some() {
                    break;
                }
                continue;
            }
            begun.get_or_insert(line.number);
            size += line.bytes.len();
            if line.cut {
                wrong = wrong.or(Some((None, Reason::CellTooLong { limit: MAX_CELL })));
            } else if size > MAX_ROW {
                wrong = wrong.or(Some((None, Reason::RowTooLong { limit: MAX_ROW })));
            }
            if wrong.is_some() {
                lines.clear();
                continue;
            }
            match (line.bytes.split_first(), lines.last_mut()) {
                (Some((b' ', rest)), Some(last)) => last.extend_from_slice(rest),
                _ => lines.push(line.bytes.to_vec()),
            }
        }
        Ok(begun.map(|begun| (begun, wrong.map_or(Ok(lines), Err))))
    }
}

/// The line on which an entry begins, and its lines.
type EntryLines = (u64, Result<Vec<Vec<u8>>, Wrong>);

/// What is wrong with an entry, and in which attribute.
type Wrong = (Option<Arc<str>>, Reason);

/// Takes the lines into cells; `false` where they are no entry.
fn fill(cells: &mut Cells<'_>, lines: &[Vec<u8>], encoding: &'static str) -> Result<bool, Wrong> {
    let mut is_entry = false;
    for line in lines {
        if line.starts_with(b"#") {
            continue;
        }
        let Some((name, value)) = attribute(line) else {
            return Err((None, Reason::Malformed { what: "entry" }));
        };
        let wrong = |reason| (Some(Arc::from(name.as_str())), reason);
        let bytes = match value {
            Value::Plain(bytes) => bytes.to_vec(),
            Value::Base64(text) => STANDARD
                .decode(text)
                .map_err(|_| wrong(Reason::Malformed { what: "Base64 value" }))?,
            Value::Elsewhere => continue,
        };
        is_entry |= name == "dn";
        if name == "version" && !is_entry {
            continue;
        }
        match String::from_utf8(bytes) {
            Ok(text) if name == "objectclass" => cells.add(&name, &text),
            Ok(text) => cells.set(&name, &text),
            // Pictures and certificates are bytes, and have no column.
            Err(_) if !COLUMNS.contains(&name.as_str()) => cells.other(&name),
            Err(_) => return Err(wrong(Reason::Encoding { encoding })),
        }
    }
    Ok(is_entry)
}

enum Value<'a> {
    Plain(&'a [u8]),
    Base64(&'a [u8]),
    /// The value is in another file, which is not read.
    Elsewhere,
}

fn attribute(line: &[u8]) -> Option<(String, Value<'_>)> {
    let colon = line.iter().position(|byte| *byte == b':')?;
    let name = std::str::from_utf8(line.get(..colon)?).ok()?.trim().to_ascii_lowercase();
    let plain = ALIASES.iter().find(|(alias, _)| *alias == name);
    let name = plain.map_or(name, |(_, column)| (*column).to_owned());
    let rest = line.get(colon + 1..)?;
    let value = match rest.split_first() {
        Some((b':', encoded)) => Value::Base64(encoded.trim_ascii()),
        Some((b'<', _)) => Value::Elsewhere,
        _ => Value::Plain(rest.trim_ascii()),
    };
    Some((name, value))
}
