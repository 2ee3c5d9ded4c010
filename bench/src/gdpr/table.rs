//! What both PostgreSQL peers share: a table of the records with a column for each field, its
//! loading, and how clients take what they read.

use std::hint::black_box;
use std::pin::pin;
use std::time::{Duration, SystemTime};

use gantry_engine::Clock;
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Row};

use super::item::{Field, key, ttl};
use crate::postgres::{OWNER, Server};
use crate::{Failure, Outcome};

/// Settings of the server, besides the standard ones: memory for the machine at hand, a disk without
/// moving parts, no compiling of queries that take milliseconds. Every commit waits for the disk.
pub(super) const SETTINGS: [&str; 5] = [
    "shared_buffers=1GB",
    "max_wal_size=4GB",
    "random_page_cost=1.1",
    "jit=off",
    "synchronous_commit=on",
];
/// The table. A tenth of each page is left free: a new version of a row on the same page needs no
/// new entries in the indexes as long as no indexed column changes.
pub(super) const TABLE: &str = "
    CREATE TABLE item (
        key text NOT NULL, pur text NOT NULL, ttl int4 NOT NULL, usr text NOT NULL,
        obj text NOT NULL, dec text NOT NULL, acl text NOT NULL, shr text NOT NULL,
        src text NOT NULL, cat text NOT NULL, data text NOT NULL, expires timestamptz NOT NULL
    ) WITH (fillfactor = 90);
";
/// Its indexes; made after it is filled.
pub(super) const INDEXES: &str = "
    ALTER TABLE item ADD PRIMARY KEY (key);
    CREATE INDEX item_pur ON item (pur);
    CREATE INDEX item_usr ON item (usr);
";
/// All columns but when it expires, in the order of the fields.
pub(super) const COLUMNS: &str = "key, pur, ttl, usr, obj, dec, acl, shr, src, cat, data";
/// Those of the metadata.
pub(super) const METADATA: &str = "key, pur, ttl, usr, obj, dec, acl, shr, src, cat";

/// A value of a column.
pub(super) type Value = Box<dyn ToSql + Sync + Send>;

/// Key and fields of record `n`, in the order of the columns.
pub(super) fn values(n: u32) -> Vec<Value> {
    let field = |field: Field| value(n, field);
    let mut values: Vec<Value> = vec![Box::new(key(n))];
    values.extend(Field::ALL.into_iter().map(field));
    values
}

/// A field of record `n`.
pub(super) fn value(n: u32, field: Field) -> Value {
    match field {
        Field::Ttl => Box::new(ttl(n)),
        _ => Box::new(field.value(n)),
    }
}

/// Values as a query takes them.
pub(super) fn borrowed(values: &[Value]) -> Vec<&(dyn ToSql + Sync)> {
    values.iter().map(|value| &**value as &(dyn ToSql + Sync)).collect()
}

/// A connection of the owner to a database that is made anew.
pub(super) async fn fresh(server: &Server, database: &str) -> Outcome<Client> {
    let owner = server.connect(OWNER, "postgres").await?;
    owner.batch_execute(&format!("DROP DATABASE IF EXISTS {database} WITH (FORCE)")).await?;
    owner.batch_execute(&format!("CREATE DATABASE {database}")).await?;
    server.connect(OWNER, database).await
}

/// Copies records 0 to `count` into the table, as they stand half a minute after they were put.
pub(super) async fn copy(owner: &Client, count: u32) -> Outcome<()> {
    const AGO: u64 = 31;
    const TYPES: [Type; 12] = [
        Type::TEXT,
        Type::TEXT,
        Type::INT4,
        Type::TEXT,
        Type::TEXT,
        Type::TEXT,
        Type::TEXT,
        Type::TEXT,
        Type::TEXT,
        Type::TEXT,
        Type::TEXT,
        Type::TIMESTAMPTZ,
    ];
    let now = Duration::from_millis(u64::try_from(Clock::System.now())?);
    let put = SystemTime::UNIX_EPOCH + now - Duration::from_secs(AGO);
    let sink = owner.copy_in("COPY item FROM STDIN (FORMAT binary)").await?;
    let mut writer = pin!(BinaryCopyInWriter::new(sink, &TYPES));
    for n in 0..count {
        let mut values = values(n);
        values.push(Box::new(put + Duration::from_secs(u64::try_from(ttl(n))?)));
        writer.as_mut().write(&borrowed(&values)).await?;
    }
    writer.finish().await?;
    Ok(())
}

/// Takes every column of every row, as an application would, and says how many rows there were.
pub(super) fn taken(rows: &[Row]) -> Outcome<usize> {
    let mut length = 0;
    for row in rows {
        for (place, column) in row.columns().iter().enumerate() {
            length += match *column.type_() {
                Type::INT4 => usize::try_from(row.try_get::<_, i32>(place)?)?,
                _ => row.try_get::<_, &str>(place)?.len(),
            };
        }
    }
    black_box(length);
    Ok(rows.len())
}

/// Whether a transaction has lost against another, and has left nothing behind.
pub(super) fn lost(failure: &Failure) -> bool {
    let error = failure.downcast_ref::<tokio_postgres::Error>();
    let code = error.and_then(tokio_postgres::Error::code);
    code.is_some_and(|code| {
        [SqlState::T_R_DEADLOCK_DETECTED, SqlState::T_R_SERIALIZATION_FAILURE].contains(code)
    })
}
