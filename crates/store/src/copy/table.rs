//! The tables that are copied: their names, columns and keys, which are the same in all backends; and
//! rows of them, as they are.

use sha2::{Digest, Sha256};

/// At most this many rows are read or put at once, of tables whose rows are small ...
const PAGE_ROWS: usize = 5_000;
/// ... and of those whose rows may be large; ...
const PAGE_LARGE_ROWS: usize = 64;
/// ... and not more once they have this many bytes.
const PAGE_BYTES: usize = 4 << 20;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Numbers of 64, 32 and 16 bits.
    Long,
    Int,
    Short,
    /// 0 or 1.
    Flag,
    /// 16 bytes.
    Id,
    Bytes,
    Text,
}

/// A value of a column. Flags are numbers, ids are bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    Nothing,
    Number(i64),
    Bytes(Vec<u8>),
    Text(String),
}

/// A row, in the order of its table's columns.
pub(crate) type Row = Vec<Value>;

/// A table. No two rows have the same key, once nothing is left of editions that were replaced.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) name: &'static str,
    /// The key's columns come first.
    pub(crate) columns: &'static [(&'static str, Kind)],
    /// How many columns the key has.
    key: usize,
    /// At most this many rows are read at once.
    pub(crate) page_rows: usize,
    /// Whether it lies where the keys are.
    pub(crate) of_keys: bool,
    /// Whether its rows change without leaving a trace in the feed or the audit trail.
    pub(crate) changes_silently: bool,
}

impl Table {
    const fn new(
        name: &'static str,
        key: usize,
        columns: &'static [(&'static str, Kind)],
    ) -> Table {
        let page_rows = PAGE_ROWS;
        Table { name, columns, key, page_rows, of_keys: false, changes_silently: false }
    }

    /// The columns of the key.
    pub(crate) fn key(&self) -> &'static [(&'static str, Kind)] {
        self.columns.get(..self.key).unwrap_or(self.columns)
    }

    /// The key of a row.
    pub(crate) fn key_of<'r>(&self, row: &'r Row) -> &'r [Value] {
        row.get(..self.key).unwrap_or(row)
    }
}

/// All tables, in the order in which they are copied.
pub(crate) const TABLES: [&Table; 9] =
    [&KEY, &DESTROYED, &CONTACT, &RECORD, &LOOKUP, &OBJECT, &AUDIT, &CHANGE, &ENTRY];

pub(crate) const KEY: Table = Table {
    of_keys: true,
    ..Table::new("key", 2, &[("contact", Kind::Id), ("slot", Kind::Long), ("wrapped", Kind::Bytes)])
};

pub(crate) const DESTROYED: Table =
    Table { of_keys: true, ..Table::new("destroyed", 1, &[("contact", Kind::Id)]) };

pub(crate) const CONTACT: Table = Table::new(
    "contact",
    1,
    &[
        ("id", Kind::Id),
        ("edition", Kind::Long),
        ("version", Kind::Long),
        ("created", Kind::Long),
        ("country", Kind::Bytes),
        ("company", Kind::Id),
        ("erased", Kind::Flag),
        ("state", Kind::Bytes),
        ("kept_key", Kind::Long),
    ],
);

pub(crate) const RECORD: Table = Table::new(
    "record",
    3,
    &[
        ("contact", Kind::Id),
        ("category", Kind::Short),
        ("id", Kind::Id),
        ("edition", Kind::Long),
        ("version", Kind::Long),
        ("at", Kind::Long),
        ("closed", Kind::Int),
        ("keep_until", Kind::Int),
        ("expires", Kind::Long),
        ("objected", Kind::Int),
        ("collected_for", Kind::Short),
        ("notice", Kind::Int),
        ("source", Kind::Text),
        ("about_kind", Kind::Short),
        ("about_id", Kind::Id),
        ("open", Kind::Bytes),
        ("sealed", Kind::Bytes),
    ],
);

pub(crate) const LOOKUP: Table = Table::new(
    "lookup",
    3,
    &[("hash", Kind::Id), ("tag", Kind::Short), ("id", Kind::Id), ("edition", Kind::Long)],
);

pub(crate) const OBJECT: Table = Table::new(
    "object",
    2,
    &[
        ("kind", Kind::Short),
        ("id", Kind::Id),
        ("edition", Kind::Long),
        ("version", Kind::Long),
        ("created", Kind::Long),
        ("at", Kind::Long),
        ("company", Kind::Id),
        ("part_of", Kind::Id),
        ("person", Kind::Id),
        ("state", Kind::Text),
        ("closed", Kind::Int),
        ("body", Kind::Bytes),
    ],
);

pub(crate) const AUDIT: Table = Table {
    page_rows: PAGE_LARGE_ROWS,
    ..Table::new(
        "audit",
        2,
        &[
            ("chain", Kind::Id),
            ("sequence", Kind::Long),
            ("at", Kind::Long),
            ("entries", Kind::Long),
            ("previous", Kind::Bytes),
            ("hash", Kind::Bytes),
            ("body", Kind::Bytes),
        ],
    )
};

pub(crate) const CHANGE: Table =
    Table::new("change", 1, &[("number", Kind::Long), ("tag", Kind::Short), ("id", Kind::Id)]);

pub(crate) const ENTRY: Table = Table {
    changes_silently: true,
    ..Table::new(
        "entry",
        2,
        &[("space", Kind::Short), ("key", Kind::Bytes), ("value", Kind::Bytes)],
    )
};

impl Value {
    /// Its length in bytes.
    fn len(&self) -> usize {
        match self {
            Value::Nothing => 0,
            Value::Number(_) => 8,
            Value::Bytes(bytes) => bytes.len(),
            Value::Text(text) => text.len(),
        }
    }

    fn hash_into(&self, hash: &mut Sha256) {
        let length = u64::try_from(self.len()).unwrap_or(u64::MAX).to_le_bytes();
        match self {
            Value::Nothing => hash.update([0]),
            Value::Number(number) => {
                hash.update([1]);
                hash.update(number.to_le_bytes());
            }
            Value::Bytes(bytes) => {
                hash.update([2]);
                hash.update(length);
                hash.update(bytes);
            }
            Value::Text(text) => {
                hash.update([3]);
                hash.update(length);
                hash.update(text);
            }
        }
    }
}

/// Adds rows to a hash. Tables of the same rows have the same hash, whatever they lie in.
pub(crate) fn hash_rows(hash: &mut Sha256, rows: &[Row]) {
    rows.iter().flatten().for_each(|value| value.hash_into(hash));
}

/// A page as it is being read.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) rows: Vec<Row>,
    bytes: usize,
    most: usize,
}

impl Page {
    pub(crate) fn of(table: &Table) -> Page {
        Page { rows: Vec::new(), bytes: 0, most: table.page_rows }
    }

    /// Adds a row. Says whether there is room for more.
    pub(crate) fn take(&mut self, row: Row) -> bool {
        self.bytes += row.iter().map(Value::len).sum::<usize>();
        self.rows.push(row);
        self.rows.len() < self.most && self.bytes < PAGE_BYTES
    }
}
