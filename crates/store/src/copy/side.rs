//! What is copied from, and what is copied to: one closed enum over the backends.

use crate::copy::stand::{Note, Stand};
use crate::copy::table::{Row, Table, Value};
use crate::error::StoreError;
use crate::location::Location;
use crate::{postgres, sqlite};

/// One side of a copy: rows as they are.
pub(crate) enum Side {
    Sqlite(Box<sqlite::Raw>),
    Postgres(Box<postgres::Raw>),
}

impl Side {
    /// A store that is there.
    pub(crate) async fn open(location: &Location) -> Result<Side, StoreError> {
        Ok(match location {
            Location::Sqlite(path) => Side::Sqlite(Box::new(sqlite::Raw::open(path)?)),
            Location::Postgres(address) => {
                Side::Postgres(Box::new(postgres::Raw::open(address).await?))
            }
        })
    }

    /// A place to copy to, for this process alone: what an unfinished copy left, or where there is
    /// nothing yet. No store is there before [`Side::finish`].
    pub(crate) async fn claim(location: &Location) -> Result<Side, StoreError> {
        Ok(match location {
            Location::Sqlite(path) => Side::Sqlite(Box::new(sqlite::Raw::claim(path)?)),
            Location::Postgres(address) => {
                Side::Postgres(Box::new(postgres::Raw::claim(address).await?))
            }
        })
    }

    /// Where the store stands.
    pub(crate) async fn stand(&self) -> Result<Stand, StoreError> {
        match self {
            Side::Sqlite(raw) => raw.stand(),
            Side::Postgres(raw) => raw.stand().await,
        }
    }

    /// What an unfinished copy is made of; none before it has begun.
    pub(crate) async fn note(&self) -> Result<Option<Note>, StoreError> {
        match self {
            Side::Sqlite(raw) => raw.note(),
            Side::Postgres(raw) => raw.note().await,
        }
    }

    /// Notes what an unfinished copy is made of.
    pub(crate) async fn set_note(&self, note: &Note) -> Result<(), StoreError> {
        match self {
            Side::Sqlite(raw) => raw.set_note(note),
            Side::Postgres(raw) => raw.set_note(note).await,
        }
    }

    /// How many rows a table has.
    pub(crate) async fn count(&self, table: &Table) -> Result<u64, StoreError> {
        match self {
            Side::Sqlite(raw) => raw.count(table),
            Side::Postgres(raw) => raw.count(table).await,
        }
    }

    /// Rows of a table in the order of their keys, after one of them: as many as are taken at once.
    pub(crate) async fn page(
        &self,
        table: &Table,
        after: &[Value],
    ) -> Result<Vec<Row>, StoreError> {
        match self {
            Side::Sqlite(raw) => raw.page(table, after),
            Side::Postgres(raw) => raw.page(table, after).await,
        }
    }

    /// The highest key of a table; nothing where it is empty.
    pub(crate) async fn last(&self, table: &Table) -> Result<Vec<Value>, StoreError> {
        match self {
            Side::Sqlite(raw) => raw.last(table),
            Side::Postgres(raw) => raw.last(table).await,
        }
    }

    /// Puts rows that are not there, all of them or none, durably.
    pub(crate) async fn put(&self, table: &Table, rows: &[Row]) -> Result<(), StoreError> {
        match self {
            Side::Sqlite(raw) => raw.put(table, rows),
            Side::Postgres(raw) => raw.put(table, rows).await,
        }
    }

    /// Removes all rows of a table.
    pub(crate) async fn empty(&self, table: &Table) -> Result<(), StoreError> {
        match self {
            Side::Sqlite(raw) => raw.empty(table),
            Side::Postgres(raw) => raw.empty(table).await,
        }
    }

    /// Makes an unfinished copy a store that stands where the other one does.
    pub(crate) async fn finish(&self, stand: &Stand) -> Result<(), StoreError> {
        match self {
            Side::Sqlite(raw) => raw.finish(stand),
            Side::Postgres(raw) => raw.finish(stand).await,
        }
    }
}
