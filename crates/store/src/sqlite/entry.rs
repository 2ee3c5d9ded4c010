//! Small named values.

use rusqlite::{Connection, OptionalExtension};

use crate::error::StoreError;
use crate::filter::end_of;
use crate::row::Space;
use crate::sqlite::code::{space_number, sql_limit};
use crate::store::KeyAndValue;

pub(super) fn value(
    main: &Connection,
    space: Space,
    key: &[u8],
) -> Result<Option<Vec<u8>>, StoreError> {
    let mut statement =
        main.prepare_cached("SELECT value FROM entry WHERE space = ?1 AND key = ?2")?;
    Ok(statement.query_row((space_number(space), key), |row| row.get(0)).optional()?)
}

pub(super) fn page(
    main: &Connection,
    space: Space,
    prefix: &[u8],
    after: Option<&[u8]>,
    limit: usize,
) -> Result<Vec<KeyAndValue>, StoreError> {
    // Keys with a prefix are those from the prefix to the first that no longer has it.
    let sql = if after.is_some_and(|after| after >= prefix) {
        "SELECT key, value FROM entry WHERE space = ?1 AND key > ?2 AND (?3 IS NULL OR key < ?3)
         ORDER BY key LIMIT ?4"
    } else {
        "SELECT key, value FROM entry WHERE space = ?1 AND key >= ?2 AND (?3 IS NULL OR key < ?3)
         ORDER BY key LIMIT ?4"
    };
    let from = after.filter(|after| *after >= prefix).unwrap_or(prefix);
    let mut statement = main.prepare_cached(sql)?;
    let params = (space_number(space), from, end_of(prefix), sql_limit(limit));
    let rows = statement.query_map(params, |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(super) fn put(
    main: &Connection,
    space: Space,
    key: &[u8],
    value: &[u8],
) -> Result<(), StoreError> {
    main.prepare_cached("REPLACE INTO entry (space, key, value) VALUES (?1, ?2, ?3)")?
        .execute((space_number(space), key, value))?;
    Ok(())
}

pub(super) fn remove(main: &Connection, space: Space, key: &[u8]) -> Result<(), StoreError> {
    main.prepare_cached("DELETE FROM entry WHERE space = ?1 AND key = ?2")?
        .execute((space_number(space), key))?;
    Ok(())
}
