//! Rows as they are, page by page, for copying a store: read from the two databases, and copied into
//! them.

use std::pin::pin;

use deadpool_postgres::ClientWrapper;
use futures::TryStreamExt;
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::{ToSql, Type};
use uuid::Uuid;

use crate::copy::{End, Kind, Note, Page, Row, STORE_ID, Stand, Table, Value};
use crate::error::StoreError;
use crate::postgres::address::Address;
use crate::postgres::connect::connect;
use crate::postgres::read::{damaged, fixed, id, only, sql_limit, uuid};
use crate::postgres::small::CHAINS;
use crate::postgres::table::Cell;
use crate::postgres::{keys, schema};
use crate::row::{Id, Space};

/// Whoever copies into a database holds this lock: "copying" in ASCII.
const LOCK: i64 = 0x63_6f70_7969_6e67;
/// What is in the main database while it is an unfinished copy, and makes it one.
pub(super) const NOTED: &str =
    "CREATE TABLE gantry_copy (source bytea NOT NULL, mark bytea NOT NULL)";

/// Under which space and key a store says which one it is.
pub(super) const META: i16 = Space::Meta as i16;
pub(super) const STORE: &[u8] = STORE_ID;

/// Rows come in the order of an index. Reading a whole table and sorting it for a page seems cheaper
/// to the server where rows lie in another order, and is not, page after page.
const SET_UP: &str = "SET enable_sort = off";

/// The two databases, for somebody who opens no store.
pub(crate) struct Raw {
    main: ClientWrapper,
    keys: ClientWrapper,
}

impl Raw {
    /// The databases of a store that is there.
    pub(crate) async fn open(address: &Address) -> Result<Raw, StoreError> {
        schema::must_fit(address).await?;
        let raw = Raw::of(address).await?;
        // What is to be destroyed is not copied.
        while keys::destroy_left(&raw.main, &raw.keys).await? > 0 {}
        Ok(raw)
    }

    /// The databases that a copy is made in, for this process alone; made where there is nothing yet.
    pub(crate) async fn claim(address: &Address) -> Result<Raw, StoreError> {
        if schema::is_unfinished(address).await? {
            schema::must_have_schema(address).await?;
        } else {
            schema::create(address).await?;
        }
        let raw = Raw::of(address).await?;
        // A process that was killed a moment ago may still hold it.
        raw.main.batch_execute("SET lock_timeout = '10s'").await?;
        raw.main.execute("SELECT pg_advisory_lock($1)", &[&LOCK]).await?;
        if !schema::is_noted(&raw.main).await? {
            raw.main.batch_execute(NOTED).await?;
        }
        Ok(raw)
    }

    async fn of(address: &Address) -> Result<Raw, StoreError> {
        let raw = Raw { main: connect(&address.main).await?, keys: connect(&address.keys).await? };
        for client in [&raw.main, &raw.keys] {
            client.batch_execute(SET_UP).await?;
        }
        Ok(raw)
    }

    /// Where the store stands.
    pub(crate) async fn stand(&self) -> Result<Stand, StoreError> {
        let sql = "SELECT head, erasures,
                (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM edition_number),
                NOT EXISTS (SELECT 1 FROM pending) AND NOT EXISTS (SELECT 1 FROM staged)
            FROM feed";
        let row = self.main.query_one(sql, &[]).await?;
        let sql = format!(
            "{CHAINS} SELECT a.chain, a.sequence, a.hash FROM chains c CROSS JOIN LATERAL (
                SELECT * FROM audit h WHERE h.chain = c.chain ORDER BY h.sequence DESC LIMIT 1
             ) a ORDER BY a.chain"
        );
        let mut chains = Vec::new();
        for end in self.main.query(&sql, &[]).await? {
            let (chain, sequence, hash) = (id(&end, 0)?, end.try_get(1)?, fixed(&end, 2)?);
            chains.push(End { chain, sequence, hash });
        }
        Ok(Stand {
            head: row.try_get(0)?,
            erasures: row.try_get(1)?,
            editions: row.try_get(2)?,
            settled: row.try_get(3)?,
            chains,
        })
    }

    /// What the copy that these databases are to be was made of; none before it has begun.
    pub(crate) async fn note(&self) -> Result<Option<Note>, StoreError> {
        let row = self.main.query_opt("SELECT source, mark FROM gantry_copy", &[]).await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(Note { source: row.try_get(0)?, mark: row.try_get(1)? }))
    }

    /// Notes what the copy is made of.
    pub(crate) async fn set_note(&self, note: &Note) -> Result<(), StoreError> {
        let sql = "WITH gone AS (DELETE FROM gantry_copy)
             INSERT INTO gantry_copy (source, mark) VALUES ($1, $2)";
        self.main.execute(sql, &[&note.source, &note.mark]).await?;
        Ok(())
    }

    /// How many rows a table has.
    pub(crate) async fn count(&self, table: &Table) -> Result<u64, StoreError> {
        let sql = format!("SELECT count(*) FROM {}", table.name);
        let count: i64 = only(&self.of_table(table).query(&sql, &[]).await?)?.unwrap_or(0);
        Ok(count.unsigned_abs())
    }

    /// Rows of a table in the order of their keys, after one of them.
    pub(crate) async fn page(
        &self,
        table: &Table,
        after: &[Value],
    ) -> Result<Vec<Row>, StoreError> {
        let key = names(table.key());
        let places: Vec<String> = (1..=after.len()).map(|at| format!("${at}")).collect();
        let from = match places.len() {
            0 => String::new(),
            _ => format!("WHERE ({key}) > ({})", places.join(", ")),
        };
        let sql = format!(
            "SELECT {} FROM {} {from} ORDER BY {key} LIMIT {}",
            names(table.columns),
            table.name,
            sql_limit(table.page_rows)
        );
        let client = self.of_table(table);
        let statement = client.prepare_cached(&sql).await?;
        let cells = cells(table.key(), after)?;
        let params: Vec<&(dyn ToSql + Sync)> =
            cells.iter().map(|cell| cell as &(dyn ToSql + Sync)).collect();
        // What does not come is what was asked for beyond the room there is.
        let mut rows = pin!(client.query_raw(&statement, params).await?);
        let mut page = Page::of(table);
        while let Some(row) = rows.try_next().await? {
            let values = (0..).zip(table.columns).map(|(at, (_, kind))| value(&row, at, *kind));
            if !page.take(values.collect::<Result<Row, _>>()?) {
                break;
            }
        }
        Ok(page.rows)
    }

    /// The highest key of a table; nothing where it is empty.
    pub(crate) async fn last(&self, table: &Table) -> Result<Vec<Value>, StoreError> {
        let falling: Vec<String> =
            table.key().iter().map(|(name, _)| format!("{name} DESC")).collect();
        let sql = format!(
            "SELECT {} FROM {} ORDER BY {} LIMIT 1",
            names(table.key()),
            table.name,
            falling.join(", ")
        );
        let row = self.of_table(table).query_opt(&sql, &[]).await?;
        let Some(row) = row else { return Ok(Vec::new()) };
        (0..).zip(table.key()).map(|(at, (_, kind))| value(&row, at, *kind)).collect()
    }

    /// Puts rows, all of them or none.
    pub(crate) async fn put(&self, table: &Table, rows: &[Row]) -> Result<(), StoreError> {
        let columns = names(table.columns);
        let sql = format!("COPY {} ({columns}) FROM STDIN (FORMAT binary)", table.name);
        let types: Vec<Type> = table.columns.iter().map(|(_, kind)| type_of(*kind)).collect();
        let sink = self.of_table(table).copy_in(&sql).await?;
        let mut writer = pin!(BinaryCopyInWriter::new(sink, &types));
        for row in rows {
            let cells = cells(table.columns, row)?;
            let cells = cells.iter().map(|cell| cell as &(dyn ToSql + Sync));
            writer.as_mut().write_raw(cells).await?;
        }
        writer.finish().await?;
        Ok(())
    }

    /// Removes all rows of a table.
    pub(crate) async fn empty(&self, table: &Table) -> Result<(), StoreError> {
        Ok(self.of_table(table).batch_execute(&format!("TRUNCATE {}", table.name)).await?)
    }

    /// Makes the copy a store, that stands where the other one does. Each chain of the audit trail is
    /// one of a node that nobody has leased.
    pub(crate) async fn finish(&self, stand: &Stand) -> Result<(), StoreError> {
        self.keys.execute("UPDATE erasures SET count = $1", &[&stand.erasures]).await?;
        let ids: Vec<Uuid> = stand.chains.iter().map(|end| uuid(&end.chain)).collect();
        let sequences: Vec<i64> = stand.chains.iter().map(|end| end.sequence).collect();
        let hashes: Vec<&[u8]> = stand.chains.iter().map(|end| end.hash.as_slice()).collect();
        let main = &self.main;
        // Nobody knows yet what the tables hold.
        main.batch_execute("ANALYZE contact, record, lookup, object, entry, audit, change").await?;
        main.batch_execute("BEGIN").await?;
        let sql = "UPDATE feed SET head = $1, erasures = $2";
        main.execute(sql, &[&stand.head, &stand.erasures]).await?;
        if stand.editions > 0 {
            main.execute("SELECT setval('edition_number', $1)", &[&stand.editions]).await?;
        }
        let sql = "INSERT INTO node (id, epoch, leased_until, groups, sequence, hash)
             SELECT id, 1, now() - interval '1 millisecond', 0, sequence, hash
             FROM unnest($1::uuid[], $2::bigint[], $3::bytea[]) AS k (id, sequence, hash)";
        main.execute(sql, &[&ids, &sequences, &hashes]).await?;
        Ok(main.batch_execute("DROP TABLE gantry_copy; COMMIT").await?)
    }

    fn of_table(&self, table: &Table) -> &ClientWrapper {
        if table.of_keys { &self.keys } else { &self.main }
    }
}

fn names(columns: &[(&'static str, Kind)]) -> String {
    let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    names.join(", ")
}

const fn type_of(kind: Kind) -> Type {
    match kind {
        Kind::Long => Type::INT8,
        Kind::Int => Type::INT4,
        Kind::Short => Type::INT2,
        Kind::Flag => Type::BOOL,
        Kind::Id => Type::UUID,
        Kind::Bytes => Type::BYTEA,
        Kind::Text => Type::TEXT,
    }
}

fn value(row: &tokio_postgres::Row, at: usize, kind: Kind) -> Result<Value, StoreError> {
    let number = |number: Option<i64>| number.map(Value::Number);
    let found = match kind {
        Kind::Long => number(row.try_get(at)?),
        Kind::Int => number(row.try_get::<_, Option<i32>>(at)?.map(i64::from)),
        Kind::Short => number(row.try_get::<_, Option<i16>>(at)?.map(i64::from)),
        Kind::Flag => number(row.try_get::<_, Option<bool>>(at)?.map(i64::from)),
        Kind::Id => {
            let id: Option<Uuid> = row.try_get(at)?;
            id.map(|id| Value::Bytes(id.into_bytes().to_vec()))
        }
        Kind::Bytes => row.try_get::<_, Option<Vec<u8>>>(at)?.map(Value::Bytes),
        Kind::Text => row.try_get::<_, Option<String>>(at)?.map(Value::Text),
    };
    Ok(found.unwrap_or(Value::Nothing))
}

fn cells<'v>(
    columns: &[(&'static str, Kind)],
    values: &'v [Value],
) -> Result<Vec<Cell<'v>>, StoreError> {
    columns.iter().zip(values).map(|((name, kind), value)| cell(name, *kind, value)).collect()
}

fn cell<'v>(name: &str, kind: Kind, value: &'v Value) -> Result<Cell<'v>, StoreError> {
    let unfit = || damaged(&format!("a value of `{name}`"));
    Ok(match (kind, value) {
        (_, Value::Nothing) => Cell::Null,
        (Kind::Long, Value::Number(number)) => Cell::Long(*number),
        (Kind::Int, Value::Number(number)) => {
            Cell::Int(i32::try_from(*number).map_err(|_| unfit())?)
        }
        (Kind::Short, Value::Number(number)) => {
            Cell::Short(i16::try_from(*number).map_err(|_| unfit())?)
        }
        (Kind::Flag, Value::Number(number @ 0..=1)) => Cell::Flag(*number == 1),
        (Kind::Id, Value::Bytes(bytes)) => {
            let id = Id::try_from(bytes.as_slice()).map_err(|_| unfit())?;
            Cell::Id(uuid(&id))
        }
        (Kind::Bytes, Value::Bytes(bytes)) => Cell::Bytes(bytes),
        (Kind::Text, Value::Text(text)) => Cell::Text(text),
        _ => return Err(unfit()),
    })
}
