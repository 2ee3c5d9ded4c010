//! vCards: each card becomes a row with the columns that [`COLUMNS`] names.
//!
//! A card may name several addresses. The row has the one for work: of e-mail addresses the one
//! marked `WORK`, else the preferred, else the first, and one marked `HOME` only where there is no
//! other (some phones mark all of them so). Private telephones and addresses have columns of their
//! own, which a map should leave alone.

use std::io;
use std::sync::Arc;

use calcard::vcard::{VCard, VCardEntry, VCardParameterName, VCardProperty, VCardValue};
use calcard::{Entry, Parser};

use super::encoding::Text;
use super::fixed::{Cells, Columns};
use super::lines::Lines;
use super::{Header, MAX_CELL, MAX_ROW, Rejected, Row};
use crate::fault::{Fault, Position, Reason};

/// The columns of a card.
pub(super) const COLUMNS: [&str; 32] = [
    "UID",
    "KIND",
    "FN",
    "N.family",
    "N.given",
    "N.additional",
    "N.prefix",
    "N.suffix",
    "ORG.name",
    "ORG.unit",
    "TITLE",
    "ROLE",
    "EMAIL",
    "EMAIL.other",
    "TEL",
    "TEL.cell",
    "TEL.home",
    "TEL.fax",
    "TEL.pager",
    "ADR.street",
    "ADR.city",
    "ADR.region",
    "ADR.postal_code",
    "ADR.country",
    "ADR.home",
    "LANG",
    "NICKNAME",
    "BDAY",
    "NOTE",
    "URL",
    "CATEGORIES",
    "X-ABSHOWAS",
];

/// Properties that are left out while reading, since they may be large and nobody asks for them.
const LARGE: [&str; 7] = ["PHOTO", "LOGO", "SOUND", "KEY", "AGENT", "X-MS-CARDPICTURE", "X-IMAGE"];

/// The cards of a file.
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

    /// The next card.
    pub(super) fn next(&mut self) -> Option<Result<Row, Box<Rejected>>> {
        let (line, card) = match self.next_card() {
            Ok(Some(card)) => card,
            // A file in which no card begins is another kind of file.
            Ok(None) if self.number == 0 => (1, Err(Reason::Malformed { what: "vCard file" })),
            Ok(None) => return None,
            Err(error) => {
                self.ended = true;
                (0, Err(Reason::Read(Arc::from(error.to_string()))))
            }
        };
        self.number += 1;
        let position = Position { file: Arc::clone(&self.file), row: self.number, line };
        let parsed = card.and_then(|bytes| {
            let encoding = self.encoding;
            let text = String::from_utf8(bytes).map_err(|_| Reason::Encoding { encoding })?;
            parse(&text).ok_or(Reason::Malformed { what: "card" })
        });
        Some(match parsed {
            Ok(card) => {
                let mut cells = self.columns.begin();
                fill(&mut cells, &card);
                Ok(cells.row(position))
            }
            Err(reason) => {
                let fault = Fault { position, column: None, reason };
                Err(Box::new(Rejected { fault, cells: Vec::new() }))
            }
        })
    }

    /// The text of the next card without large properties, and the line on which it begins.
    fn next_card(&mut self) -> io::Result<Option<CardText>> {
        let mut begun = None;
        let mut depth = 0u32;
        let mut card = Card::default();
        while !self.ended {
            let Some(line) = self.lines.next()? else {
                self.ended = true;
                return Ok(begun.map(|begun| (begun, Err(Reason::CutShort))));
            };
            if is_line(line.bytes, b"BEGIN:VCARD") {
                begun.get_or_insert(line.number);
                depth += 1;
            }
            let Some(begun) = begun else { continue };
            // A card within a card is an AGENT, somebody else.
            if depth == 1 {
                card.push(line.bytes, line.cut);
            }
            if is_line(line.bytes, b"END:VCARD") {
                depth -= 1;
                if depth == 0 {
                    return Ok(Some((begun, card.finish())));
                }
            }
        }
        Ok(None)
    }
}

fn is_line(line: &[u8], wanted: &[u8]) -> bool {
    line.trim_ascii().eq_ignore_ascii_case(wanted)
}

/// The line on which a card begins, and its text as far as it is kept.
type CardText = (u64, Result<Vec<u8>, Reason>);

/// The lines of a card, as far as they are kept.
#[derive(Default)]
struct Card {
    bytes: Vec<u8>,
    leaving_out: bool,
    too_much: Option<Reason>,
}

impl Card {
    fn push(&mut self, line: &[u8], cut: bool) {
        let name = property_name(line);
        // Lines of Base64 have no colon; neither have the folded ones of a card of version 2.1.
        self.leaving_out = match name {
            Some(name) => LARGE.iter().any(|large| name.eq_ignore_ascii_case(large.as_bytes())),
            None => self.leaving_out,
        };
        if self.leaving_out || self.too_much.is_some() {
            return;
        }
        if cut {
            self.too_much = Some(Reason::CellTooLong { limit: MAX_CELL });
        } else if self.bytes.len() + line.len() > MAX_ROW {
            self.too_much = Some(Reason::RowTooLong { limit: MAX_ROW });
        } else {
            self.bytes.extend_from_slice(line);
            self.bytes.extend_from_slice(b"\r\n");
        }
    }

    fn finish(self) -> Result<Vec<u8>, Reason> {
        self.too_much.map_or(Ok(self.bytes), Err)
    }
}

/// The name that a line begins with, without a group; `None` for a line that goes on.
fn property_name(line: &[u8]) -> Option<&[u8]> {
    if line.first().is_none_or(u8::is_ascii_whitespace) || !line.contains(&b':') {
        return None;
    }
    let end = line.iter().position(|byte| matches!(byte, b':' | b';'))?;
    let name = line.get(..end)?;
    name.rsplit(|byte| *byte == b'.').next()
}

fn parse(text: &str) -> Option<VCard> {
    match Parser::new(text).entry() {
        Entry::VCard(card) => Some(card),
        _ => None,
    }
}

fn fill(cells: &mut Cells<'_>, card: &VCard) {
    for entry in &card.entries {
        let first = text_at(entry, 0);
        match &entry.name {
            VCardProperty::Begin | VCardProperty::End | VCardProperty::Version => {}
            VCardProperty::Email | VCardProperty::Tel | VCardProperty::Adr => {}
            VCardProperty::N => {
                let parts = ["N.family", "N.given", "N.additional", "N.prefix", "N.suffix"];
                for (at, column) in parts.into_iter().enumerate() {
                    cells.set(column, &text_at(entry, at));
                }
            }
            VCardProperty::Org => {
                cells.set("ORG.name", &first);
                cells.set("ORG.unit", &text_at(entry, 1));
            }
            property => cells.set(&property.as_str().to_ascii_uppercase(), &first),
        }
    }
    for entry in ranked(card, &VCardProperty::Email) {
        cells.set("EMAIL", &text_at(entry, 0));
    }
    for entry in ranked(card, &VCardProperty::Email).into_iter().skip(1) {
        cells.set("EMAIL.other", &text_at(entry, 0));
    }
    for entry in ranked(card, &VCardProperty::Tel) {
        cells.set(telephone_column(entry), &telephone(&text_at(entry, 0)));
    }
    for entry in ranked(card, &VCardProperty::Adr) {
        address(cells, entry);
    }
}

fn telephone_column(entry: &VCardEntry) -> &'static str {
    if is_marked(entry, "fax") {
        "TEL.fax"
    } else if is_marked(entry, "pager") {
        "TEL.pager"
    } else if is_marked(entry, "cell") {
        "TEL.cell"
    } else if is_marked(entry, "home") && !is_marked(entry, "work") {
        "TEL.home"
    } else {
        "TEL"
    }
}

/// The number of a `tel:` address.
fn telephone(value: &str) -> String {
    let number = match value.get(..4) {
        Some(scheme) if scheme.eq_ignore_ascii_case("tel:") => value.get(4..).unwrap_or_default(),
        _ => value,
    };
    number.replace(";ext=", " x")
}

fn address(cells: &mut Cells<'_>, entry: &VCardEntry) {
    let part = |at| text_at(entry, at);
    if is_marked(entry, "home") && !is_marked(entry, "work") {
        cells.set("ADR.home", "yes");
        return;
    }
    let lines = [part(0), part(1), part(2)];
    let filled: Vec<&str> =
        lines.iter().map(|line| line.trim()).filter(|line| !line.is_empty()).collect();
    cells.set("ADR.street", &filled.join(", "));
    for (at, column) in
        [(3, "ADR.city"), (4, "ADR.region"), (5, "ADR.postal_code"), (6, "ADR.country")]
    {
        cells.set(column, &part(at));
    }
}

/// The entries of a property, those for work first.
fn ranked<'a>(card: &'a VCard, property: &VCardProperty) -> Vec<&'a VCardEntry> {
    let mut entries: Vec<_> = card.entries.iter().filter(|entry| entry.name == *property).collect();
    entries.sort_by_key(|entry| {
        let private = is_marked(entry, "home") && !is_marked(entry, "work");
        (private, !is_marked(entry, "work"), !is_preferred(entry))
    });
    entries
}

fn is_marked(entry: &VCardEntry, wanted: &str) -> bool {
    entry.params.iter().any(|param| {
        param.name == VCardParameterName::Type
            && param.value.as_text().is_some_and(|value| value.eq_ignore_ascii_case(wanted))
    })
}

fn is_preferred(entry: &VCardEntry) -> bool {
    is_marked(entry, "pref")
        || entry.params.iter().any(|param| param.name == VCardParameterName::Pref)
}

fn text_at(entry: &VCardEntry, at: usize) -> String {
    match entry.values.get(at) {
        Some(VCardValue::Component(parts)) => parts.join(", "),
        Some(VCardValue::Kind(kind)) => calcard::common::IanaString::as_str(kind).to_owned(),
        Some(value) => value.as_text().map_or_else(String::new, |text| text.trim().to_owned()),
        None => String::new(),
    }
}
