//! Records: one person's lie together.

use std::ops::ControlFlow::{Break, Continue};

use rusqlite::{Connection, Row, params};

use crate::error::{Conflict, StoreError};
use crate::row::{Edition, Id, RecordKey, RecordRow, Revision, Seen};
use crate::sqlite::code::sql_limit;
use crate::sqlite::reader::{Reader, View};

const COLUMNS: &str = "contact, category, id, edition, version, at, closed, keep_until, \
    expires, objected, collected_for, notice, source, about_kind, about_id, open, sealed";

/// The same of a record that is read with another table.
const JOINED: &str = "r.contact, r.category, r.id, r.edition, r.version, r.at, r.closed, r.keep_until, \
    r.expires, r.objected, r.collected_for, r.notice, r.source, r.about_kind, r.about_id, r.open, r.sealed";

/// Where the edition stands among the columns.
const EDITION: usize = 3;
/// And the purpose.
const COLLECTED_FOR: usize = 10;

const ONE: &str = "SELECT contact, category, id, edition, version, at, closed, keep_until, \
    expires, objected, collected_for, notice, source, about_kind, about_id, open, sealed FROM record \
    WHERE contact = ?1 AND category = ?2 AND id = ?3 ORDER BY edition DESC";

fn key(row: &Row<'_>) -> rusqlite::Result<RecordKey> {
    Ok(RecordKey { contact: row.get(0)?, category: row.get(1)?, id: row.get(2)? })
}

fn record(row: &Row<'_>) -> rusqlite::Result<RecordRow> {
    let about = match row.get(13)? {
        Some(kind) => Some((kind, row.get(14)?)),
        None => None,
    };
    Ok(RecordRow {
        key: key(row)?,
        edition: row.get(EDITION)?,
        version: row.get(4)?,
        at: row.get(5)?,
        closed: row.get(6)?,
        keep_until: row.get(7)?,
        expires: row.get(8)?,
        objected: row.get(9)?,
        collected_for: row.get(COLLECTED_FOR)?,
        notice: row.get(11)?,
        source: row.get(12)?,
        about,
        open: row.get(15)?,
        sealed: row.get(16)?,
    })
}

pub(super) fn one(
    reader: &mut Reader,
    key: &RecordKey,
) -> Result<Seen<Option<RecordRow>>, StoreError> {
    let mut value = None;
    let params = (&key.contact, key.category, &key.id);
    let standing = reader.each(ONE, params, |row, view| {
        if !view.shows(row.get(EDITION)?) {
            return Ok(Continue(()));
        }
        // They come in falling order: no better one follows.
        value = Some(record(row)?);
        Ok(Break(()))
    })?;
    Ok(Seen { standing, value })
}

/// Gathers the first visible row of each key, from rows that come by key and falling edition.
struct Gather {
    limit: usize,
    rows: Vec<RecordRow>,
}

impl Gather {
    fn new(limit: usize) -> Gather {
        Gather { limit, rows: Vec::new() }
    }

    fn take(&mut self, row: &Row<'_>, view: &View) -> rusqlite::Result<std::ops::ControlFlow<()>> {
        if !view.shows(row.get(EDITION)?) {
            return Ok(Continue(()));
        }
        if view.mixed && self.rows.last().map(|last| last.key) == Some(key(row)?) {
            return Ok(Continue(()));
        }
        if self.rows.len() == self.limit {
            return Ok(Break(()));
        }
        self.rows.push(record(row)?);
        Ok(Continue(()))
    }
}

pub(super) fn of_contact(
    reader: &mut Reader,
    contact: Id,
    category: Option<u8>,
    after: Option<RecordKey>,
    limit: usize,
) -> Result<Seen<Vec<RecordRow>>, StoreError> {
    let start = after.map(|key| (key.category, key.id));
    let mut gather = Gather::new(limit);
    let standing = match (category, start) {
        (None, None) => reader.each(
            &select("WHERE contact = ?1 ORDER BY category, id, edition DESC"),
            [&contact],
            |row, view| gather.take(row, view),
        )?,
        (None, Some((from, id))) => reader.each(
            &select(
                "WHERE contact = ?1 AND (category, id) > (?2, ?3) \
                 ORDER BY category, id, edition DESC",
            ),
            (&contact, from, &id),
            |row, view| gather.take(row, view),
        )?,
        (Some(category), start) => {
            // Where the page before ended in another category, this one begins at its beginning, or
            // is over.
            let id = match start {
                Some((from, _)) if from < category => None,
                Some((from, _)) if from > category => Some([u8::MAX; 16]),
                start => start.map(|(_, id)| id),
            };
            reader.each(
                &select(
                    "WHERE contact = ?1 AND category = ?2 AND id > ?3 \
                     ORDER BY id, edition DESC",
                ),
                (&contact, category, id.as_ref().map_or(&[][..], |id| &id[..])),
                |row, view| gather.take(row, view),
            )?
        }
    };
    Ok(Seen { standing, value: gather.rows })
}

/// Goes from contact to contact, one step in the tree of records each. An index by category would
/// do it with less, but every write of a record at a random contact would dirty a page of it.
pub(super) fn of_category(
    reader: &mut Reader,
    category: u8,
    after: Option<RecordKey>,
    limit: usize,
) -> Result<Seen<Vec<RecordRow>>, StoreError> {
    let (from, id) = after.map_or(([0; 16], None), |key| (key.contact, Some(key.id)));
    let mut gather = Gather::new(limit);
    let standing = reader.each(
        &format!("SELECT {JOINED} FROM contact c CROSS JOIN record r ON r.contact = c.id AND r.category = ?1
         WHERE c.id >= ?2 AND (c.id > ?2 OR r.id > ?3)
         ORDER BY c.id, r.id, r.edition DESC"),
        (category, &from, id.as_ref().map_or(&[][..], |id| &id[..])),
        |row, view| gather.take(row, view),
    )?;
    Ok(Seen { standing, value: gather.rows })
}

/// Goes to the contacts of whom something was collected for the purpose, as [`of_category`] goes to
/// all. Who they are stands in a table of its own, which most writes of a record do not change.
pub(super) fn collected(
    reader: &mut Reader,
    purpose: u8,
    category: u8,
    after: Option<RecordKey>,
    limit: usize,
) -> Result<Seen<Vec<RecordRow>>, StoreError> {
    let (from, id) = after.map_or(([0; 16], None), |key| (key.contact, Some(key.id)));
    let mut gather = Gather::new(limit);
    let mut last = None;
    let standing = reader.each(
        &format!("SELECT {JOINED} FROM collected k CROSS JOIN record r ON r.contact = k.contact AND r.category = k.category
         WHERE k.purpose = ?1 AND k.category = ?2 AND k.contact >= ?3
            AND (k.contact > ?3 OR r.id > ?4)
         ORDER BY k.contact, r.id, r.edition DESC"),
        (purpose, category, &from, id.as_ref().map_or(&[][..], |id| &id[..])),
        |row, view| {
            // Of several editions the first visible one counts, whatever it was collected for.
            if view.mixed && view.shows(row.get(EDITION)?) {
                let key = Some(key(row)?);
                if last == key {
                    return Ok(Continue(()));
                }
                last = key;
            }
            if row.get::<_, u8>(COLLECTED_FOR)? != purpose {
                return Ok(Continue(()));
            }
            gather.take(row, view)
        },
    )?;
    Ok(Seen { standing, value: gather.rows })
}

/// What may have expired, of any edition.
pub(super) fn expired(
    main: &Connection,
    until: i64,
    after: Option<(i64, RecordKey)>,
    limit: usize,
) -> Result<Vec<(i64, RecordKey)>, StoreError> {
    let (from, key) = after.unzip();
    let (contact, category) = key.map_or(([0; 16], 0), |key| (key.contact, key.category));
    let id = key.map(|key| key.id);
    let mut statement = main.prepare_cached(
        "SELECT expires, contact, category, id FROM record
         WHERE expires <= ?1 AND expires < 9223372036854775807
            AND (expires, contact, category, id) > (?2, ?3, ?4, ?5)
         ORDER BY expires, contact, category, id LIMIT ?6",
    )?;
    let after_id = id.as_ref().map_or(&[][..], |id| &id[..]);
    let from = from.unwrap_or(i64::MIN);
    let params = (until, from, &contact, category, after_id, sql_limit(limit));
    let rows = statement.query_map(params, |row| {
        let key = RecordKey { contact: row.get(1)?, category: row.get(2)?, id: row.get(3)? };
        Ok((row.get(0)?, key))
    })?;
    let mut found: Vec<_> = rows.collect::<Result<_, _>>()?;
    // Editions of one record may end at once.
    found.dedup();
    Ok(found)
}

pub(super) fn about(
    reader: &mut Reader,
    kind: u8,
    id: Id,
    after: Option<RecordKey>,
    limit: usize,
) -> Result<Seen<Vec<RecordRow>>, StoreError> {
    // Before the first key that there can be.
    let (contact, category, record_id) =
        after.map_or(([0; 16], 0, None), |key| (key.contact, key.category, Some(key.id)));
    let sql = select(
        "WHERE about_kind = ?1 AND about_id = ?2 AND (contact, category, id) > (?3, ?4, ?5) \
         ORDER BY contact, category, id",
    );
    let after_id = record_id.as_ref().map_or(&[][..], |id| &id[..]);
    let mut value = Vec::new();
    let found = reader.together(|main, view| {
        let mut statement = main.prepare_cached(&sql)?;
        let mut rows = statement.query((kind, &id, &contact, category, after_id))?;
        while let Some(row) = rows.next()? {
            if value.len() == limit {
                break;
            }
            if counts(main, view, row)? {
                value.push(record(row)?);
            }
        }
        Ok(())
    })?;
    Ok(Seen { standing: found.standing, value })
}

/// Whether a row found by something else than its key is the one that is visible under that key.
fn counts(main: &Connection, view: &View, row: &Row<'_>) -> Result<bool, StoreError> {
    let edition = row.get(EDITION)?;
    if !view.shows(edition) {
        return Ok(false);
    }
    Ok(!view.mixed || visible(main, view, &key(row)?)?.map(|(edition, _)| edition) == Some(edition))
}

/// Edition and version of the visible row of a key.
pub(super) fn visible(
    main: &Connection,
    view: &View,
    key: &RecordKey,
) -> Result<Option<(Edition, i64)>, StoreError> {
    let mut statement = main.prepare_cached(
        "SELECT edition, version FROM record WHERE contact = ?1 AND category = ?2 AND id = ?3
         ORDER BY edition DESC",
    )?;
    let mut rows = statement.query((&key.contact, key.category, &key.id))?;
    while let Some(row) = rows.next()? {
        let edition = row.get(0)?;
        if view.shows(edition) {
            return Ok(Some((edition, row.get(1)?)));
        }
    }
    Ok(None)
}

pub(super) fn by_key(
    reader: &mut Reader,
    keys: &[RecordKey],
) -> Result<Seen<Vec<Option<RecordRow>>>, StoreError> {
    reader.together(|main, view| {
        let mut statement = main.prepare_cached(ONE)?;
        let mut found = Vec::with_capacity(keys.len());
        for key in keys {
            let mut rows = statement.query((&key.contact, key.category, &key.id))?;
            let mut one = None;
            while let Some(row) = rows.next()? {
                if view.shows(row.get(EDITION)?) {
                    one = Some(record(row)?);
                    break;
                }
            }
            found.push(one);
        }
        Ok(found)
    })
}

fn select(rest: &str) -> String {
    format!("SELECT {COLUMNS} FROM record {rest}")
}

/// Puts a record. One of the base edition takes the place of all editions, where there may be any.
pub(super) fn put(main: &Connection, record: &RecordRow, editions: bool) -> Result<(), StoreError> {
    let key = &record.key;
    if record.edition == 0 && editions {
        remove_above(main, key)?;
    }
    let mut statement = main.prepare_cached(
        "REPLACE INTO record (contact, category, id, edition, version, at, closed, keep_until,
            expires, objected, collected_for, notice, source, about_kind, about_id, open, sealed)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15,
            ?16, ?17)",
    )?;
    statement.execute(params![
        &key.contact,
        key.category,
        &key.id,
        record.edition,
        record.version,
        record.at,
        record.closed,
        record.keep_until,
        record.expires,
        record.objected,
        record.collected_for,
        record.notice,
        &record.source,
        record.about.map(|(kind, _)| kind),
        record.about.map(|(_, id)| id),
        &record.open,
        &record.sealed,
    ])?;
    main.prepare_cached(
        "INSERT OR IGNORE INTO collected (purpose, category, contact) VALUES (?1, ?2, ?3)",
    )?
    .execute((record.collected_for, key.category, &key.contact))?;
    Ok(())
}

/// Changes a record in its place.
pub(super) fn revise(
    main: &Connection,
    view: &View,
    revision: &Revision,
    editions: bool,
) -> Result<(), StoreError> {
    let Revision { key, version, expires, objected, open } = revision;
    if editions {
        if visible(main, view, key)? != Some((0, *version - 1)) {
            return Err(Conflict::Record.into());
        }
        remove_above(main, key)?;
    }
    let params = (&key.contact, key.category, &key.id, version, expires, objected, open);
    // Where a column of an index is among those that are set, the index is written to, whether it
    // changes or not.
    for sql in [REVISE_BEFORE_THE_SAME_END, REVISE] {
        if main.prepare_cached(sql)?.execute(params)? > 0 {
            return Ok(());
        }
    }
    Err(Conflict::Record.into())
}

const REVISE_BEFORE_THE_SAME_END: &str = "UPDATE record SET version = ?4, objected = ?6, open = ?7
    WHERE contact = ?1 AND category = ?2 AND id = ?3 AND edition = 0 AND version = ?4 - 1
        AND expires = ?5";
const REVISE: &str = "UPDATE record SET version = ?4, expires = ?5, objected = ?6, open = ?7
    WHERE contact = ?1 AND category = ?2 AND id = ?3 AND edition = 0 AND version = ?4 - 1";

/// Removes all editions of a record but the base.
fn remove_above(main: &Connection, key: &RecordKey) -> Result<(), StoreError> {
    main.prepare_cached(
        "DELETE FROM record WHERE contact = ?1 AND category = ?2 AND id = ?3 AND edition > 0",
    )?
    .execute((&key.contact, key.category, &key.id))?;
    Ok(())
}

/// Whether there is a record of another edition at the place of one.
pub(super) fn is_layered(main: &Connection, record: &RecordRow) -> Result<bool, StoreError> {
    let key = &record.key;
    let mut statement = main.prepare_cached(
        "SELECT 1 FROM record
         WHERE contact = ?1 AND category = ?2 AND id = ?3 AND edition <> ?4 LIMIT 1",
    )?;
    Ok(statement.exists((&key.contact, key.category, &key.id, record.edition))?)
}

/// Removes every edition of a record; says whether there was any.
pub(super) fn remove(main: &Connection, key: &RecordKey) -> Result<bool, StoreError> {
    let mut statement = main.prepare_cached(
        "DELETE FROM record WHERE contact = ?1 AND category = ?2 AND id = ?3
         RETURNING collected_for",
    )?;
    let params = (&key.contact, key.category, &key.id);
    let purposes = statement.query_map(params, |row| row.get::<_, u8>(0))?;
    let purposes: Vec<u8> = purposes.collect::<Result<_, _>>()?;
    for purpose in &purposes {
        main.prepare_cached(
            "DELETE FROM collected WHERE purpose = ?1 AND category = ?2 AND contact = ?3
                AND NOT EXISTS (SELECT 1 FROM record r
                    WHERE r.contact = ?3 AND r.category = ?2 AND r.collected_for = ?1)",
        )?
        .execute((purpose, key.category, &key.contact))?;
    }
    Ok(!purposes.is_empty())
}

/// Forgets for which purposes anything of a contact was collected.
fn forget_collected(main: &Connection, contact: &Id) -> Result<(), StoreError> {
    // From pair to pair of those that there are for anybody: some hundred at most.
    main.prepare_cached(
        "WITH RECURSIVE pair (purpose, category) AS (
            SELECT * FROM (SELECT purpose, category FROM collected
                ORDER BY purpose, category LIMIT 1)
            UNION ALL
            SELECT k.purpose, k.category FROM pair p CROSS JOIN collected k
            WHERE (k.purpose, k.category, k.contact) = (
                SELECT n.purpose, n.category, n.contact FROM collected n
                WHERE (n.purpose, n.category) > (p.purpose, p.category)
                ORDER BY n.purpose, n.category LIMIT 1)
         )
         DELETE FROM collected WHERE (purpose, category, contact) IN (
            SELECT purpose, category, ?1 FROM pair)",
    )?
    .execute([contact])?;
    Ok(())
}

/// Removes all records of a contact.
pub(super) fn remove_all(main: &Connection, contact: &Id) -> Result<(), StoreError> {
    main.prepare_cached("DELETE FROM record WHERE contact = ?1")?.execute([contact])?;
    forget_collected(main, contact)
}

/// Sets the day of closing on all records about an object.
pub(super) fn close(main: &Connection, kind: u8, id: &Id, day: i32) -> Result<(), StoreError> {
    main.prepare_cached("UPDATE record SET closed = ?3 WHERE about_kind = ?1 AND about_id = ?2")?
        .execute((kind, id, day))?;
    Ok(())
}

/// Removes the rows of a contact that a visible one of a higher edition has replaced.
pub(super) fn remove_replaced(main: &Connection, contact: &Id) -> Result<(), StoreError> {
    main.prepare_cached(
        "DELETE FROM record AS low WHERE contact = ?1 AND EXISTS (
            SELECT 1 FROM record AS high WHERE high.contact = low.contact
                AND high.category = low.category AND high.id = low.id
                AND high.edition > low.edition
                AND high.edition NOT IN (SELECT edition FROM pending))",
    )?
    .execute([contact])?;
    Ok(())
}

/// Removes the rows of a contact that are of an edition.
pub(super) fn remove_edition(
    main: &Connection,
    contact: &Id,
    edition: Edition,
) -> Result<(), StoreError> {
    main.prepare_cached("DELETE FROM record WHERE contact = ?1 AND edition = ?2")?
        .execute((contact, edition))?;
    Ok(())
}

/// Version of the visible row of a key; 0 where there is none.
pub(super) fn version(main: &Connection, view: &View, key: &RecordKey) -> Result<i64, StoreError> {
    Ok(visible(main, view, key)?.map_or(0, |(_, version)| version))
}
