//! Rows as they are, page by page, for copying a store: read from the two files, and put into them.

use std::ffi::OsString;
use std::fs::{File, OpenOptions, TryLockError, remove_file};
use std::path::{Path, PathBuf};

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension, ToSql, params_from_iter};

use crate::copy::{End, Kind, Note, Page, Row, STORE_ID, Stand, Table, Value};
use crate::error::StoreError;
use crate::row::Space;
use crate::sqlite::keys::KeyFile;
use crate::sqlite::{Files, audit, pair, schema};

/// What is in a file while it is an unfinished copy, and makes it one.
pub(super) const NOTED: &str =
    "CREATE TABLE gantry_copy (source BLOB NOT NULL, mark BLOB NOT NULL) STRICT;";

/// The two files, for somebody who opens no store.
pub(crate) struct Raw {
    main: Connection,
    keys: KeyFile,
    /// Held as long as a copy is made; the system lets go of it when the process ends.
    lock: Option<Lock>,
}

/// The lock of a file beside the main one. (That of the main file itself is SQLite's: whoever else
/// opens and closes that file takes SQLite's locks away.)
struct Lock {
    _file: File,
    path: PathBuf,
}

impl Lock {
    fn take(files: &Files) -> Result<Lock, StoreError> {
        let mut name = OsString::from(&files.main);
        name.push(".copying");
        let path = PathBuf::from(name);
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
        let file = file.map_err(|error| schema::not_made(&files.main, error))?;
        match file.try_lock() {
            Ok(()) => Ok(Lock { _file: file, path }),
            Err(TryLockError::WouldBlock) => Err(StoreError::Busy),
            Err(TryLockError::Error(error)) => Err(error.into()),
        }
    }
}

impl Raw {
    /// The files of a store that is there.
    pub(crate) fn open(path: &Path) -> Result<Raw, StoreError> {
        Raw::of(&Files::of(path), None)
    }

    /// The files that a copy is made in, for this process alone; made where there is nothing yet.
    pub(crate) fn claim(path: &Path) -> Result<Raw, StoreError> {
        let files = Files::of(path);
        if !is_unfinished(&files)? {
            pair::must_be_free(&files)?;
        }
        let lock = Lock::take(&files)?;
        if !is_unfinished(&files)? {
            // From the moment that the main file is more than empty it is an unfinished copy.
            pair::create(&files, NOTED)?;
        }
        Raw::of(&files, Some(lock))
    }

    fn of(files: &Files, lock: Option<Lock>) -> Result<Raw, StoreError> {
        let (main, keys) = pair::open(files)?;
        Ok(Raw { main, keys, lock })
    }

    /// Where the store stands.
    pub(crate) fn stand(&self) -> Result<Stand, StoreError> {
        let tx = self.main.unchecked_transaction()?;
        let editions = "SELECT seq FROM sqlite_sequence WHERE name = 'pending'";
        let settled =
            "SELECT NOT EXISTS (SELECT 1 FROM pending) AND NOT EXISTS (SELECT 1 FROM staged)";
        let ends = audit::heads(&tx)?.into_iter();
        Ok(Stand {
            head: audit::last_change(&tx)?,
            erasures: tx.query_row("SELECT count FROM erasures", (), |row| row.get(0))?,
            editions: tx.query_row(editions, (), |row| row.get(0)).optional()?.unwrap_or(0),
            settled: tx.query_row(settled, (), |row| row.get(0))?,
            chains: ends
                .map(|link| End { chain: link.chain, sequence: link.sequence, hash: link.hash })
                .collect(),
        })
    }

    /// What the copy that these files are to be was made of; none before it has begun.
    pub(crate) fn note(&self) -> Result<Option<Note>, StoreError> {
        let sql = "SELECT source, mark FROM gantry_copy";
        let note =
            self.main.query_row(sql, (), |row| Ok(Note { source: row.get(0)?, mark: row.get(1)? }));
        Ok(note.optional()?)
    }

    /// Notes what the copy is made of.
    pub(crate) fn set_note(&self, note: &Note) -> Result<(), StoreError> {
        let tx = self.main.unchecked_transaction()?;
        tx.execute("DELETE FROM gantry_copy", ())?;
        let sql = "INSERT INTO gantry_copy (source, mark) VALUES (?1, ?2)";
        tx.execute(sql, (&note.source, &note.mark))?;
        Ok(tx.commit()?)
    }

    /// How many rows a table has.
    pub(crate) fn count(&self, table: &Table) -> Result<u64, StoreError> {
        let sql = format!("SELECT count(*) FROM {}", table.name);
        let count: i64 = self.of_table(table).query_row(&sql, (), |row| row.get(0))?;
        Ok(count.unsigned_abs())
    }

    /// Rows of a table in the order of their keys, after one of them.
    pub(crate) fn page(&self, table: &Table, after: &[Value]) -> Result<Vec<Row>, StoreError> {
        let key = names(table.key());
        let places = vec!["?"; after.len()].join(", ");
        let from =
            if after.is_empty() { String::new() } else { format!("WHERE ({key}) > ({places})") };
        let sql =
            format!("SELECT {} FROM {} {from} ORDER BY {key}", names(table.columns), table.name);
        let mut statement = self.of_table(table).prepare_cached(&sql)?;
        let mut rows = statement.query(params_from_iter(after))?;
        let mut page = Page::of(table);
        while let Some(row) = rows.next()? {
            let columns = 0..table.columns.len();
            let row = columns.map(|at| value(row.get_ref(at)?)).collect::<Result<Row, _>>()?;
            if !page.take(row) {
                break;
            }
        }
        Ok(page.rows)
    }

    /// The highest key of a table; nothing where it is empty.
    pub(crate) fn last(&self, table: &Table) -> Result<Vec<Value>, StoreError> {
        let falling: Vec<String> =
            table.key().iter().map(|(name, _)| format!("{name} DESC")).collect();
        let sql = format!(
            "SELECT {} FROM {} ORDER BY {} LIMIT 1",
            names(table.key()),
            table.name,
            falling.join(", ")
        );
        let mut statement = self.of_table(table).prepare(&sql)?;
        let mut rows = statement.query(())?;
        let Some(row) = rows.next()? else { return Ok(Vec::new()) };
        (0..table.key().len()).map(|at| value(row.get_ref(at)?)).collect()
    }

    /// Puts rows, all of them or none.
    pub(crate) fn put(&self, table: &Table, rows: &[Row]) -> Result<(), StoreError> {
        let places = vec!["?"; table.columns.len()].join(", ");
        let sql =
            format!("INSERT INTO {} ({}) VALUES ({places})", table.name, names(table.columns));
        let tx = self.of_table(table).unchecked_transaction()?;
        {
            let mut statement = tx.prepare_cached(&sql)?;
            for row in rows {
                statement.execute(params_from_iter(row))?;
            }
        }
        Ok(tx.commit()?)
    }

    /// Removes all rows of a table, so that of keys nothing is left.
    pub(crate) fn empty(&self, table: &Table) -> Result<(), StoreError> {
        if table.of_keys {
            return self.keys.empty(table.name);
        }
        self.main.execute(&format!("DELETE FROM {}", table.name), ())?;
        Ok(())
    }

    /// Makes the copy a store, that stands where the other one does.
    pub(crate) fn finish(&self, stand: &Stand) -> Result<(), StoreError> {
        self.keys.set_erasures(stand.erasures)?;
        let tx = self.main.unchecked_transaction()?;
        tx.execute("UPDATE erasures SET count = ?1", [stand.erasures])?;
        // An index of records that no other backend has.
        tx.execute_batch(
            "DELETE FROM collected;
             INSERT OR IGNORE INTO collected (purpose, category, contact)
             SELECT collected_for, category, contact FROM record",
        )?;
        if stand.editions > 0 {
            let sql = "INSERT INTO sqlite_sequence (name, seq) VALUES ('pending', ?1)";
            tx.execute(sql, [stand.editions])?;
        }
        tx.execute("DROP TABLE gantry_copy", ())?;
        tx.commit()?;
        if let Some(lock) = &self.lock {
            // A file that stays is in nobody's way.
            let _ = remove_file(&lock.path);
        }
        Ok(())
    }

    fn of_table(&self, table: &Table) -> &Connection {
        if table.of_keys { self.keys.connection() } else { &self.main }
    }
}

/// An error where the file is an unfinished copy.
pub(super) fn must_be_finished(main: &Connection, path: &Path) -> Result<(), StoreError> {
    if is_noted(main)? {
        return Err(StoreError::Unfinished { place: path.display().to_string() });
    }
    Ok(())
}

fn is_noted(main: &Connection) -> Result<bool, StoreError> {
    let sql = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'gantry_copy')";
    Ok(main.query_row(sql, (), |row| row.get(0))?)
}

/// Which store it is.
pub(super) fn identity(main: &Connection) -> Result<Vec<u8>, StoreError> {
    let sql = "SELECT value FROM entry WHERE space = ?1 AND key = ?2";
    let found = main.query_row(sql, (Space::Meta as u8, STORE_ID), |row| row.get(0));
    Ok(found.optional()?.unwrap_or_default())
}

/// Whether the files are those of a copy that was begun.
pub(super) fn is_unfinished(files: &Files) -> Result<bool, StoreError> {
    match schema::MAIN.open_to_read(&files.main) {
        Ok(main) => is_noted(&main),
        // What is there is not ours, or nothing: making the files will tell.
        Err(_) => Ok(false),
    }
}

fn names(columns: &[(&'static str, Kind)]) -> String {
    let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    names.join(", ")
}

fn value(value: ValueRef<'_>) -> Result<Value, StoreError> {
    Ok(match value {
        ValueRef::Null => Value::Nothing,
        ValueRef::Integer(number) => Value::Number(number),
        ValueRef::Blob(bytes) => Value::Bytes(bytes.to_vec()),
        ValueRef::Text(text) => match std::str::from_utf8(text) {
            Ok(text) => Value::Text(text.to_owned()),
            Err(_) => return Err(StoreError::Damaged { cause: "a text is no UTF-8".to_owned() }),
        },
        ValueRef::Real(_) => {
            return Err(StoreError::Damaged { cause: "a number has a fraction".to_owned() });
        }
    })
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Nothing => ValueRef::Null,
            Value::Number(number) => ValueRef::Integer(*number),
            Value::Bytes(bytes) => ValueRef::Blob(bytes),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
        }))
    }
}
