//! Contacts: one row each.

use std::fmt::Write as _;
use std::ops::ControlFlow::{Break, Continue};

use rusqlite::types::ToSql;
use rusqlite::{Connection, OptionalExtension, Row};

use crate::error::{Conflict, StoreError};
use crate::filter::ContactFilter;
use crate::row::{ContactRow, Edition, Id, Seen};
use crate::sqlite::reader::Reader;

const COLUMNS: &str = "id, edition, version, created, country, company, erased, state";

fn contact(row: &Row<'_>) -> rusqlite::Result<ContactRow> {
    Ok(ContactRow {
        id: row.get(0)?,
        edition: row.get(1)?,
        version: row.get(2)?,
        created: row.get(3)?,
        country: row.get(4)?,
        company: row.get(5)?,
        erased: row.get(6)?,
        state: row.get(7)?,
    })
}

pub(super) fn by_id(
    reader: &mut Reader,
    ids: &[Id],
) -> Result<Seen<Vec<Option<ContactRow>>>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM contact WHERE id = ?1");
    reader.together(|main, view| {
        let mut statement = main.prepare_cached(&sql)?;
        let mut found = Vec::with_capacity(ids.len());
        for id in ids {
            let row = statement.query_row([id], contact).optional()?;
            found.push(row.filter(|row| view.shows(row.edition)));
        }
        Ok(found)
    })
}

pub(super) fn page(
    reader: &mut Reader,
    filter: ContactFilter,
    after: Option<Id>,
    limit: usize,
) -> Result<Seen<Vec<ContactRow>>, StoreError> {
    let mut sql = format!("SELECT {COLUMNS} FROM contact");
    let mut params = narrow(&mut sql, &filter);
    if let Some(after) = &after {
        params.push(after);
        let _ = write!(sql, " AND id > ?{}", params.len());
    }
    sql.push_str(" ORDER BY id");
    let mut value = Vec::new();
    let standing = reader.each(&sql, params.as_slice(), |found, view| {
        if value.len() == limit {
            return Ok(Break(()));
        }
        if view.shows(found.get(1)?) {
            value.push(contact(found)?);
        }
        Ok(Continue(()))
    })?;
    Ok(Seen { standing, value })
}

pub(super) fn count(reader: &mut Reader, filter: ContactFilter) -> Result<Seen<u64>, StoreError> {
    let mut sql = "SELECT edition, count(*) FROM contact".to_owned();
    let params = narrow(&mut sql, &filter);
    sql.push_str(" GROUP BY edition");
    let mut count = 0;
    let standing = reader.each(&sql, params.as_slice(), |found, view| {
        if view.shows(found.get(0)?) {
            count += found.get::<_, i64>(1)?;
        }
        Ok(Continue(()))
    })?;
    Ok(Seen { standing, value: count.unsigned_abs() })
}

/// Adds what a filter asks for to a query that has no condition yet.
fn narrow<'f>(sql: &mut String, filter: &'f ContactFilter) -> Vec<&'f dyn ToSql> {
    let mut params: Vec<&dyn ToSql> = Vec::with_capacity(4);
    sql.push_str(if filter.erased { " WHERE true" } else { " WHERE erased = 0" });
    if let Some(company) = &filter.company {
        params.push(company);
        let _ = write!(sql, " AND company = ?{}", params.len());
    }
    if let Some(country) = &filter.country {
        params.push(country);
        // A company has fewer contacts than a country: its index is the one to use.
        let column = if filter.company.is_some() { "+country" } else { "country" };
        let _ = write!(sql, " AND {column} = ?{}", params.len());
    }
    params
}

/// What the writer must know of a contact before it changes it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Standing {
    pub(super) edition: Edition,
    pub(super) version: i64,
    pub(super) erased: bool,
}

pub(super) fn standing(main: &Connection, id: &Id) -> Result<Option<Standing>, StoreError> {
    let mut statement =
        main.prepare_cached("SELECT edition, version, erased FROM contact WHERE id = ?1")?;
    let found = statement.query_row([id], |row| {
        Ok(Standing { edition: row.get(0)?, version: row.get(1)?, erased: row.get(2)? })
    });
    Ok(found.optional()?)
}

/// Puts a contact that lives.
pub(super) fn put(main: &Connection, contact: &ContactRow) -> Result<(), StoreError> {
    if contact.erased {
        return Err(StoreError::Invalid { what: "a contact is erased without `Erase`" });
    }
    match standing(main, &contact.id)? {
        Some(before) if before.erased => return Err(Conflict::Erased.into()),
        // A contact of an edition would be hidden until that is published.
        Some(before) if contact.edition != 0 && before.edition != contact.edition => {
            return Err(Conflict::Exists.into());
        }
        _ => {}
    }
    write(main, contact, None)
}

/// Puts what is left of an erased contact; `kept_key` is the slot of the key of what is kept.
pub(super) fn bury(
    main: &Connection,
    tombstone: &ContactRow,
    kept_key: Option<i64>,
) -> Result<(), StoreError> {
    if !tombstone.erased || tombstone.edition != 0 {
        return Err(StoreError::Invalid { what: "a tombstone is not erased, or of an edition" });
    }
    write(main, tombstone, kept_key)
}

fn write(main: &Connection, contact: &ContactRow, kept_key: Option<i64>) -> Result<(), StoreError> {
    let mut statement = main.prepare_cached(
        "INSERT INTO contact
            (id, edition, version, created, country, company, erased, state, kept_key)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
         ON CONFLICT (id) DO UPDATE SET edition = excluded.edition, version = excluded.version,
            created = excluded.created, country = excluded.country, company = excluded.company,
            erased = excluded.erased, state = excluded.state, kept_key = excluded.kept_key",
    )?;
    statement.execute((
        &contact.id,
        contact.edition,
        contact.version,
        contact.created,
        &contact.country,
        &contact.company,
        contact.erased,
        &contact.state,
        kept_key,
    ))?;
    Ok(())
}

/// Removes a contact that a discarded edition has made; says whether it was such a one.
pub(super) fn remove(main: &Connection, id: &Id, edition: Edition) -> Result<bool, StoreError> {
    let mut statement =
        main.prepare_cached("DELETE FROM contact WHERE id = ?1 AND edition = ?2")?;
    Ok(statement.execute((id, edition))? == 1)
}
