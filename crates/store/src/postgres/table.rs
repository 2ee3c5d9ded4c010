//! Writing rows: the columns of each table, and how rows of it are put.

use futures::pin_mut;
use tokio_postgres::Client;
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use uuid::Uuid;

use crate::postgres::read::uuid;
use crate::postgres::small::{space_number, tagged};
use crate::postgres::steps::{Param, param};
use crate::row::{ContactRow, Edition, Hash, Id, ObjectRow, RecordRow, Space, Target};

/// A value of a column.
#[derive(Debug)]
pub(super) enum Cell<'a> {
    Long(i64),
    Int(i32),
    Short(i16),
    Flag(bool),
    Id(Uuid),
    Bytes(&'a [u8]),
    Text(&'a str),
    Null,
}

impl ToSql for Cell<'_> {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Cell::Long(value) => value.to_sql_checked(ty, out),
            Cell::Int(value) => value.to_sql_checked(ty, out),
            Cell::Short(value) => value.to_sql_checked(ty, out),
            Cell::Flag(value) => value.to_sql_checked(ty, out),
            Cell::Id(value) => value.to_sql_checked(ty, out),
            Cell::Bytes(value) => value.to_sql_checked(ty, out),
            Cell::Text(value) => value.to_sql_checked(ty, out),
            Cell::Null => Ok(IsNull::Yes),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// A row of cells, in the order of its table's columns.
pub(super) type Cells<'a> = Vec<Cell<'a>>;

/// A table: its columns with their types, and the columns of its key.
pub(super) struct Table {
    name: &'static str,
    columns: &'static [(&'static str, Type)],
    key: &'static [&'static str],
}

/// What becomes of rows whose keys are there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum There {
    /// They cannot be: if they are, somebody else was quicker, and the transaction fails.
    Never,
    /// They are replaced.
    Replaced,
    /// They stay.
    Kept,
}

impl Table {
    /// Rows as parameters of [`Table::insert`]: an array for each column.
    pub(super) fn columns<'r>(&self, rows: Vec<Cells<'r>>) -> Vec<Param<'r>> {
        let mut columns: Vec<Vec<Cell<'r>>> =
            self.columns.iter().map(|_| Vec::with_capacity(rows.len())).collect();
        for row in rows {
            columns.iter_mut().zip(row).for_each(|(column, cell)| column.push(cell));
        }
        columns.into_iter().map(param).collect()
    }

    /// Copies rows in whose keys cannot be there.
    pub(super) async fn copy(
        &self,
        client: &Client,
        rows: &[Cells<'_>],
    ) -> Result<(), tokio_postgres::Error> {
        let sql = format!("COPY {} ({}) FROM STDIN (FORMAT binary)", self.name, self.names(""));
        let sink = client.copy_in(&sql).await?;
        let types: Vec<Type> = self.columns.iter().map(|(_, ty)| ty.clone()).collect();
        let writer = BinaryCopyInWriter::new(sink, &types);
        pin_mut!(writer);
        for row in rows {
            writer.as_mut().write_raw(row.iter().map(|cell| cell as &(dyn ToSql + Sync))).await?;
        }
        writer.finish().await?;
        Ok(())
    }

    /// The statement that puts rows, of any number.
    pub(super) fn insert(&self, there: There) -> String {
        let arrays: Vec<String> = (1..)
            .zip(self.columns)
            .map(|(at, (_, ty))| format!("${at}::{}[]", ty.name()))
            .collect();
        let conflict = match there {
            There::Never => String::new(),
            There::Kept => format!("ON CONFLICT ({}) DO NOTHING", self.key.join(", ")),
            There::Replaced => {
                let rest = self.columns.iter().filter(|(name, _)| !self.key.contains(name));
                let set: Vec<String> =
                    rest.map(|(name, _)| format!("{name} = EXCLUDED.{name}")).collect();
                format!("ON CONFLICT ({}) DO UPDATE SET {}", self.key.join(", "), set.join(", "))
            }
        };
        format!(
            "INSERT INTO {} ({}) SELECT * FROM unnest({}) {conflict}",
            self.name,
            self.names(""),
            arrays.join(", ")
        )
    }

    /// The names of the columns.
    pub(super) fn names(&self, before: &str) -> String {
        let names: Vec<String> =
            self.columns.iter().map(|(name, _)| format!("{before}{name}")).collect();
        names.join(", ")
    }
}

pub(super) const CONTACT: Table = Table {
    name: "contact",
    columns: &[
        ("edition", Type::INT8),
        ("version", Type::INT8),
        ("created", Type::INT8),
        ("kept_key", Type::INT8),
        ("erased", Type::BOOL),
        ("id", Type::UUID),
        ("company", Type::UUID),
        ("country", Type::BYTEA),
        ("state", Type::BYTEA),
    ],
    key: &["id"],
};

pub(super) fn contact(row: &ContactRow, kept_key: Option<i64>) -> Cells<'_> {
    vec![
        Cell::Long(row.edition),
        Cell::Long(row.version),
        Cell::Long(row.created),
        kept_key.map_or(Cell::Null, Cell::Long),
        Cell::Flag(row.erased),
        Cell::Id(uuid(&row.id)),
        row.company.as_ref().map_or(Cell::Null, |id| Cell::Id(uuid(id))),
        Cell::Bytes(&row.country),
        Cell::Bytes(&row.state),
    ]
}

pub(super) const RECORD: Table = Table {
    name: "record",
    columns: &[
        ("edition", Type::INT8),
        ("version", Type::INT8),
        ("at", Type::INT8),
        ("closed", Type::INT4),
        ("keep_until", Type::INT4),
        ("notice", Type::INT4),
        ("category", Type::INT2),
        ("collected_for", Type::INT2),
        ("about_kind", Type::INT2),
        ("contact", Type::UUID),
        ("id", Type::UUID),
        ("about_id", Type::UUID),
        ("source", Type::TEXT),
        ("open", Type::BYTEA),
        ("sealed", Type::BYTEA),
        ("objected", Type::INT4),
        ("expires", Type::INT8),
    ],
    key: &["contact", "category", "id", "edition"],
};

pub(super) fn record(row: &RecordRow) -> Cells<'_> {
    vec![
        Cell::Long(row.edition),
        Cell::Long(row.version),
        Cell::Long(row.at),
        Cell::Int(row.closed),
        Cell::Int(row.keep_until),
        Cell::Int(i32::from(row.notice)),
        Cell::Short(i16::from(row.key.category)),
        Cell::Short(i16::from(row.collected_for)),
        row.about.map_or(Cell::Null, |(kind, _)| Cell::Short(i16::from(kind))),
        Cell::Id(uuid(&row.key.contact)),
        Cell::Id(uuid(&row.key.id)),
        row.about.map_or(Cell::Null, |(_, id)| Cell::Id(uuid(&id))),
        Cell::Text(&row.source),
        Cell::Bytes(&row.open),
        Cell::Bytes(&row.sealed),
        Cell::Int(i32::from(row.objected)),
        Cell::Long(row.expires),
    ]
}

pub(super) const OBJECT: Table = Table {
    name: "object",
    columns: &[
        ("edition", Type::INT8),
        ("version", Type::INT8),
        ("created", Type::INT8),
        ("at", Type::INT8),
        ("closed", Type::INT4),
        ("kind", Type::INT2),
        ("id", Type::UUID),
        ("company", Type::UUID),
        ("part_of", Type::UUID),
        ("person", Type::UUID),
        ("state", Type::TEXT),
        ("body", Type::BYTEA),
    ],
    key: &["kind", "id", "edition"],
};

pub(super) fn object(row: &ObjectRow) -> Cells<'_> {
    let optional = |id: &Option<_>| id.as_ref().map_or(Cell::Null, |id| Cell::Id(uuid(id)));
    vec![
        Cell::Long(row.edition),
        Cell::Long(row.version),
        Cell::Long(row.created),
        Cell::Long(row.at),
        Cell::Int(row.closed),
        Cell::Short(i16::from(row.kind)),
        Cell::Id(uuid(&row.id)),
        optional(&row.company),
        optional(&row.part_of),
        optional(&row.person),
        Cell::Text(&row.state),
        Cell::Bytes(&row.body),
    ]
}

pub(super) const LOOKUP: Table = Table {
    name: "lookup",
    columns: &[
        ("edition", Type::INT8),
        ("tag", Type::INT2),
        ("hash", Type::UUID),
        ("id", Type::UUID),
    ],
    key: &["hash", "tag", "id", "edition"],
};

pub(super) fn lookup(hash: &Hash, target: &Target, edition: Edition) -> Cells<'static> {
    let (tag, id) = tagged(target);
    vec![Cell::Long(edition), Cell::Short(tag), Cell::Id(uuid(hash)), Cell::Id(id)]
}

pub(super) const ENTRY: Table = Table {
    name: "entry",
    columns: &[("space", Type::INT2), ("key", Type::BYTEA), ("value", Type::BYTEA)],
    key: &["space", "key"],
};

pub(super) fn entry<'r>((space, key): &'r (Space, Vec<u8>), value: &'r [u8]) -> Cells<'r> {
    vec![Cell::Short(space_number(*space)), Cell::Bytes(key), Cell::Bytes(value)]
}

pub(super) const STAGED: Table = Table {
    name: "staged",
    columns: &[
        ("edition", Type::INT8),
        ("tag", Type::INT2),
        ("layered", Type::BOOL),
        ("id", Type::UUID),
    ],
    key: &["edition", "tag", "id"],
};

pub(super) fn staged(edition: Edition, target: &Target) -> Cells<'static> {
    let (tag, id) = tagged(target);
    vec![Cell::Long(edition), Cell::Short(tag), Cell::Flag(false), Cell::Id(id)]
}

pub(super) const DOOMED: Table = Table {
    name: "doomed",
    columns: &[("contact", Type::UUID), ("keep", Type::INT8)],
    key: &["contact"],
};

pub(super) fn doomed(contact: &Id, keep: Option<i64>) -> Cells<'static> {
    vec![Cell::Id(uuid(contact)), keep.map_or(Cell::Null, Cell::Long)]
}

pub(super) const KEY: Table = Table {
    name: "key",
    columns: &[("slot", Type::INT8), ("contact", Type::UUID), ("wrapped", Type::BYTEA)],
    key: &["contact", "slot"],
};

pub(super) fn key<'r>((contact, slot): &(Id, i64), wrapped: &'r [u8]) -> Cells<'r> {
    vec![Cell::Long(*slot), Cell::Id(uuid(contact)), Cell::Bytes(wrapped)]
}
