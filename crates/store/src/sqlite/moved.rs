//! A file whose store was copied to another place, and is there now; and whether somebody has it open.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension};

use crate::copy::Note;
use crate::error::StoreError;
use crate::sqlite::{Files, raw, schema};

/// So long it is tried whether nobody else has a file open: whoever closes it may take a moment.
const PATIENCE: Duration = Duration::from_secs(1);

/// Where the store has gone, if it has.
pub(crate) fn to(path: &Path) -> Result<Option<String>, StoreError> {
    place(&schema::MAIN.open_to_read(path)?)
}

/// Notes where the store has gone, or that it is here.
pub(crate) fn set(path: &Path, to: Option<&str>) -> Result<(), StoreError> {
    let main = schema::MAIN.open_to_write(path)?;
    let tx = main.unchecked_transaction()?;
    tx.execute_batch("DROP TABLE IF EXISTS gantry_moved")?;
    if let Some(to) = to {
        tx.execute_batch("CREATE TABLE gantry_moved (place TEXT NOT NULL) STRICT")?;
        tx.execute("INSERT INTO gantry_moved (place) VALUES (?1)", [to])?;
    }
    Ok(tx.commit()?)
}

/// An error where the store has gone.
pub(super) fn must_be_here(main: &Connection, path: &Path) -> Result<(), StoreError> {
    match place(main)? {
        Some(to) => Err(StoreError::Moved { place: path.display().to_string(), to }),
        None => Ok(()),
    }
}

fn place(main: &Connection) -> Result<Option<String>, StoreError> {
    let sql = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'gantry_moved')";
    if !main.query_row(sql, (), |row| row.get::<_, bool>(0))? {
        return Ok(None);
    }
    Ok(main.query_row("SELECT place FROM gantry_moved", (), |row| row.get(0)).optional()?)
}

/// Whether somebody has the file open.
///
/// Whoever works with a file keeps a shared lock on it, and a connection that asks for a file of its
/// own must have it alone.
pub(crate) fn is_open(path: &Path) -> Result<bool, StoreError> {
    // Whether it is a store at all.
    drop(schema::MAIN.open_to_read(path)?);
    let alone = Connection::open(path)?;
    alone.busy_timeout(PATIENCE)?;
    alone.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    let read = alone.query_row("SELECT count(*) FROM sqlite_schema", (), |_| Ok(()));
    match read.map_err(StoreError::from) {
        Ok(()) => Ok(false),
        Err(StoreError::Busy) => Ok(true),
        Err(error) => Err(error),
    }
}

/// Makes an unfinished copy of a store that has gone.
pub(crate) fn give_up(path: &Path, note: &Note) -> Result<(), StoreError> {
    let main = schema::MAIN.open_to_write(path)?;
    let tx = main.unchecked_transaction()?;
    if raw::identity(&tx)? != note.source {
        return Err(StoreError::Exists { place: path.display().to_string() });
    }
    tx.execute_batch(raw::NOTED)?;
    let sql = "INSERT INTO gantry_copy (source, mark) VALUES (?1, ?2)";
    tx.execute(sql, (&note.source, &note.mark))?;
    tx.execute_batch("DELETE FROM sqlite_sequence; DROP TABLE gantry_moved")?;
    Ok(tx.commit()?)
}

/// Whether it is a copy that was begun and not finished.
pub(crate) fn is_unfinished(path: &Path) -> Result<bool, StoreError> {
    raw::is_unfinished(&Files::of(path))
}
