//! What was done and what was changed: the audit chain and the feed of changes.

use rusqlite::{Connection, OptionalExtension, Row};

use crate::error::StoreError;
use crate::row::{AuditLink, Change, Id, ONE_CHAIN, Touched, beginning};
use crate::sqlite::code::{sql_limit, touched, touched_tag};
use crate::store::LinkHash;

const COLUMNS: &str = "chain, sequence, at, entries, body, previous, hash";

fn link(row: &Row<'_>) -> rusqlite::Result<AuditLink> {
    Ok(AuditLink {
        chain: row.get(0)?,
        sequence: row.get(1)?,
        at: row.get(2)?,
        entries: row.get(3)?,
        body: row.get(4)?,
        previous: row.get(5)?,
        hash: row.get(6)?,
    })
}

pub(super) fn links(
    main: &Connection,
    chain: &Id,
    after: i64,
    limit: usize,
) -> Result<Vec<AuditLink>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM audit WHERE chain = ?1 AND sequence > ?2 ORDER BY sequence LIMIT ?3"
    );
    let mut statement = main.prepare_cached(&sql)?;
    let rows = statement.query_map((chain, after, sql_limit(limit)), link)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The last link of every chain, by chain.
pub(super) fn heads(main: &Connection) -> Result<Vec<AuditLink>, StoreError> {
    let first = "SELECT chain FROM audit WHERE chain > ?1 ORDER BY chain LIMIT 1";
    let last =
        format!("SELECT {COLUMNS} FROM audit WHERE chain = ?1 ORDER BY sequence DESC LIMIT 1");
    let (mut next, mut last) = (main.prepare_cached(first)?, main.prepare_cached(&last)?);
    // Nothing is less than an id but no bytes at all.
    let (mut heads, mut before) = (Vec::new(), Vec::new());
    while let Some(chain) = next.query_row([&before], |row| row.get::<_, Id>(0)).optional()? {
        heads.push(last.query_row([&chain], link)?);
        before = chain.to_vec();
    }
    Ok(heads)
}

/// Appends a link. The one before is read in the same transaction, so that all processes that
/// write to one file share one chain.
pub(super) fn append(
    main: &Connection,
    at: i64,
    entries: u32,
    body: &[u8],
    link_hash: LinkHash,
) -> Result<(), StoreError> {
    let mut statement = main.prepare_cached(
        "SELECT sequence, hash FROM audit WHERE chain = ?1 ORDER BY sequence DESC LIMIT 1",
    )?;
    let last = statement.query_row([&ONE_CHAIN], |row| Ok((row.get::<_, i64>(0)?, row.get(1)?)));
    let (last, previous) = last.optional()?.unwrap_or((0, beginning(&ONE_CHAIN)));
    let sequence = last + 1;
    let hash = link_hash(&previous, sequence, at, entries, body);
    main.prepare_cached(
        "INSERT INTO audit (chain, sequence, at, entries, body, previous, hash)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute((&ONE_CHAIN, sequence, at, entries, body, &previous, &hash))?;
    Ok(())
}

/// The sequence of the link that is appended next.
pub(super) fn next(main: &Connection) -> Result<i64, StoreError> {
    let mut statement =
        main.prepare_cached("SELECT coalesce(max(sequence), 0) + 1 FROM audit WHERE chain = ?1")?;
    Ok(statement.query_row([&ONE_CHAIN], |row| row.get(0))?)
}

pub(super) fn changes(
    main: &Connection,
    after: i64,
    limit: usize,
) -> Result<Vec<Change>, StoreError> {
    let mut statement = main.prepare_cached(
        "SELECT number, tag, id FROM change WHERE number > ?1 ORDER BY number LIMIT ?2",
    )?;
    let rows = statement.query_map((after, sql_limit(limit)), |row| {
        Ok(Change { number: row.get(0)?, what: touched(row, 1)? })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Number of the last change; 0 if there was none.
pub(super) fn last_change(main: &Connection) -> Result<i64, StoreError> {
    let mut statement = main.prepare_cached("SELECT coalesce(max(number), 0) FROM change")?;
    Ok(statement.query_row((), |row| row.get(0))?)
}

pub(super) fn put_change(
    main: &Connection,
    number: i64,
    touched: &Touched,
) -> Result<(), StoreError> {
    let (tag, id) = touched_tag(touched).unzip();
    main.prepare_cached("INSERT INTO change (number, tag, id) VALUES (?1, ?2, ?3)")?
        .execute((number, tag, id))?;
    Ok(())
}
