//! Business objects: by kind and id, by company, by what they are part of, by time.

use std::fmt::Write as _;

use rusqlite::types::ToSql;
use rusqlite::{Connection, Row};

use crate::error::StoreError;
use crate::filter::ObjectFilter;
use crate::row::{Edition, Id, ObjectRow, Seen};
use crate::sqlite::code::object_tag;
use crate::sqlite::reader::{Reader, View};

const COLUMNS: &str = "kind, id, edition, version, created, at, company, part_of, person, state, \
    closed, body";

fn object(row: &Row<'_>) -> rusqlite::Result<ObjectRow> {
    Ok(ObjectRow {
        kind: row.get(0)?,
        id: row.get(1)?,
        edition: row.get(2)?,
        version: row.get(3)?,
        created: row.get(4)?,
        at: row.get(5)?,
        company: row.get(6)?,
        part_of: row.get(7)?,
        person: row.get(8)?,
        state: row.get(9)?,
        closed: row.get(10)?,
        body: row.get(11)?,
    })
}

pub(super) fn by_id(
    reader: &mut Reader,
    kind: u8,
    ids: &[Id],
) -> Result<Seen<Vec<Option<ObjectRow>>>, StoreError> {
    let sql =
        format!("SELECT {COLUMNS} FROM object WHERE kind = ?1 AND id = ?2 ORDER BY edition DESC");
    reader.together(|main, view| {
        let mut statement = main.prepare_cached(&sql)?;
        let mut found = Vec::with_capacity(ids.len());
        for id in ids {
            let mut rows = statement.query((kind, id))?;
            let mut one = None;
            while let Some(row) = rows.next()? {
                if view.shows(row.get(2)?) {
                    one = Some(object(row)?);
                    break;
                }
            }
            found.push(one);
        }
        Ok(found)
    })
}

pub(super) fn page(
    reader: &mut Reader,
    filter: &ObjectFilter,
    after: Option<Id>,
    limit: usize,
) -> Result<Seen<Vec<ObjectRow>>, StoreError> {
    let mut sql = format!("SELECT {COLUMNS} FROM object WHERE kind = ?1");
    let mut params: Vec<&dyn ToSql> = vec![&filter.kind];
    if let Some(part_of) = &filter.part_of {
        params.push(part_of);
        let _ = write!(sql, " AND part_of = ?{}", params.len());
    }
    if let Some(company) = &filter.company {
        params.push(company);
        // An object has fewer parts than a company has objects: that index is the one to use.
        let column = if filter.part_of.is_some() { "+company" } else { "company" };
        let _ = write!(sql, " AND {column} = ?{}", params.len());
    }
    if let Some(state) = &filter.state {
        params.push(state);
        let _ = write!(sql, " AND state = ?{}", params.len());
    }
    if let Some(after) = &after {
        params.push(after);
        let _ = write!(sql, " AND id > ?{}", params.len());
    }
    sql.push_str(" ORDER BY id");
    gather(reader, &sql, &params, limit)
}

pub(super) fn latest(
    reader: &mut Reader,
    kind: u8,
    before: Option<(i64, Id)>,
    limit: usize,
) -> Result<Seen<Vec<ObjectRow>>, StoreError> {
    let mut sql = format!("SELECT {COLUMNS} FROM object WHERE kind = ?1");
    let mut params: Vec<&dyn ToSql> = vec![&kind];
    if let Some((at, id)) = &before {
        params.push(at);
        params.push(id);
        sql.push_str(" AND (at, id) < (?2, ?3)");
    }
    sql.push_str(" ORDER BY at DESC, id DESC");
    gather(reader, &sql, &params, limit)
}

fn gather(
    reader: &mut Reader,
    sql: &str,
    params: &[&dyn ToSql],
    limit: usize,
) -> Result<Seen<Vec<ObjectRow>>, StoreError> {
    reader.together(|main, view| {
        let mut statement = main.prepare_cached(sql)?;
        let mut rows = statement.query(params)?;
        let mut value = Vec::new();
        while value.len() < limit {
            let Some(row) = rows.next()? else { break };
            if counts(main, view, row)? {
                value.push(object(row)?);
            }
        }
        Ok(value)
    })
}

/// Whether a row is the visible one of its object.
fn counts(main: &Connection, view: &View, row: &Row<'_>) -> Result<bool, StoreError> {
    let edition = row.get(2)?;
    if !view.shows(edition) {
        return Ok(false);
    }
    if !view.mixed {
        return Ok(true);
    }
    let visible = visible(main, view, row.get(0)?, &row.get(1)?)?;
    Ok(visible.map(|(visible, _)| visible) == Some(edition))
}

pub(super) fn count(reader: &mut Reader, kind: u8) -> Result<Seen<u64>, StoreError> {
    reader.together(|main, view| {
        let mut statement = main.prepare_cached("SELECT count(*) FROM object WHERE kind = ?1")?;
        let rows: i64 = statement.query_row([kind], |row| row.get(0))?;
        Ok(rows.unsigned_abs() - if view.mixed { unseen(main, view, kind)? } else { 0 })
    })
}

/// How many rows of a kind are hidden or replaced: only staged objects have such rows.
fn unseen(main: &Connection, view: &View, kind: u8) -> Result<u64, StoreError> {
    let mut statement = main.prepare_cached(
        "SELECT id, edition FROM object WHERE kind = ?1
            AND id IN (SELECT id FROM staged WHERE tag = ?2)
         ORDER BY id",
    )?;
    let mut rows = statement.query((kind, object_tag(kind)))?;
    let (mut unseen, mut last) = (0, None);
    while let Some(row) = rows.next()? {
        let id: Option<Id> = Some(row.get(0)?);
        // Of the visible rows of one object, one counts.
        if view.shows(row.get(1)?) && last != id {
            last = id;
        } else {
            unseen += 1;
        }
    }
    Ok(unseen)
}

/// Edition and version of the visible row of an object.
fn visible(
    main: &Connection,
    view: &View,
    kind: u8,
    id: &Id,
) -> Result<Option<(Edition, i64)>, StoreError> {
    let mut statement = main.prepare_cached(
        "SELECT edition, version FROM object WHERE kind = ?1 AND id = ?2 ORDER BY edition DESC",
    )?;
    let mut rows = statement.query((kind, id))?;
    while let Some(row) = rows.next()? {
        let edition = row.get(0)?;
        if view.shows(edition) {
            return Ok(Some((edition, row.get(1)?)));
        }
    }
    Ok(None)
}

/// Version of the visible row of an object; 0 where there is none.
pub(super) fn version(
    main: &Connection,
    view: &View,
    kind: u8,
    id: &Id,
) -> Result<i64, StoreError> {
    Ok(visible(main, view, kind, id)?.map_or(0, |(_, version)| version))
}

/// Puts an object. One of the base edition takes the place of all editions, where there may be any.
pub(super) fn put(main: &Connection, object: &ObjectRow, editions: bool) -> Result<(), StoreError> {
    if object.edition == 0 && editions {
        main.prepare_cached("DELETE FROM object WHERE kind = ?1 AND id = ?2 AND edition > 0")?
            .execute((object.kind, &object.id))?;
    }
    let mut statement = main.prepare_cached(
        "REPLACE INTO object (kind, id, edition, version, created, at, company, part_of, person,
            state, closed, body)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
    )?;
    statement.execute((
        object.kind,
        &object.id,
        object.edition,
        object.version,
        object.created,
        object.at,
        &object.company,
        &object.part_of,
        &object.person,
        &object.state,
        object.closed,
        &object.body,
    ))?;
    Ok(())
}

/// Whether there is an object of another edition at the place of one.
pub(super) fn is_layered(main: &Connection, object: &ObjectRow) -> Result<bool, StoreError> {
    let mut statement = main.prepare_cached(
        "SELECT 1 FROM object WHERE kind = ?1 AND id = ?2 AND edition <> ?3 LIMIT 1",
    )?;
    Ok(statement.exists((object.kind, &object.id, object.edition))?)
}

/// Removes the rows of an object that a visible one of a higher edition has replaced.
pub(super) fn remove_replaced(main: &Connection, kind: u8, id: &Id) -> Result<(), StoreError> {
    main.prepare_cached(
        "DELETE FROM object AS low WHERE kind = ?1 AND id = ?2 AND EXISTS (
            SELECT 1 FROM object AS high WHERE high.kind = low.kind AND high.id = low.id
                AND high.edition > low.edition
                AND high.edition NOT IN (SELECT edition FROM pending))",
    )?
    .execute((kind, id))?;
    Ok(())
}

/// Removes the row of an object that is of an edition.
pub(super) fn remove_edition(
    main: &Connection,
    kind: u8,
    id: &Id,
    edition: Edition,
) -> Result<(), StoreError> {
    main.prepare_cached("DELETE FROM object WHERE kind = ?1 AND id = ?2 AND edition = ?3")?
        .execute((kind, id, edition))?;
    Ok(())
}
