//! Small named values.

use rusqlite::{Connection, OptionalExtension};

use crate::error::StoreError;
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

/// The first key behind all with this prefix; none where the prefix is empty or at the very end.
fn end_of(prefix: &[u8]) -> Option<Vec<u8>> {
    let mut end = prefix.to_vec();
    while let Some(last) = end.pop() {
        if last < u8::MAX {
            end.push(last + 1);
            return Some(end);
        }
    }
    None
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_ends_where_its_last_byte_can_still_grow() {
        assert_eq!(end_of(b"ab"), Some(b"ac".to_vec()));
        assert_eq!(end_of(&[1, 255, 255]), Some(vec![2]));
        assert_eq!(end_of(&[255]), None);
        assert_eq!(end_of(&[]), None);
    }
}
