//! Reading: a connection that knows what is visible, and the pool of such connections.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use rusqlite::{Connection, Params, Row};

use crate::error::StoreError;
use crate::row::{Edition, Seen, Standing};
use crate::sqlite::{Files, schema};

/// What is visible, as of the last time that somebody else has committed.
#[derive(Debug, Default)]
pub(super) struct View {
    /// SQLite's counter of commits by others; none before the first look.
    commits: Option<i64>,
    head: i64,
    /// Editions that are pending, or discarded and not yet cleaned up.
    hidden: Vec<Edition>,
    /// Whether a record or an object may have more than one row.
    pub(super) mixed: bool,
    /// The edition that is visible although it is pending.
    pub(super) sees: Option<Edition>,
}

impl View {
    /// What is visible to a batch of whoever sees the edition `sees`.
    pub(super) fn of(hidden: Vec<Edition>, sees: Option<Edition>) -> View {
        View { hidden, sees, mixed: true, ..View::default() }
    }

    /// Whether rows of an edition count.
    pub(super) fn shows(&self, edition: Edition) -> bool {
        edition == 0 || self.sees == Some(edition) || !self.hidden.contains(&edition)
    }

    /// Catches up with what others have committed.
    ///
    /// INVARIANT: a statement is under way on the connection, so that this sees the very snapshot
    /// that the statement reads, or the statement has found nothing. An edition that is discarded
    /// and cleaned up a moment later cannot seem published then.
    fn follow(&mut self, main: &Connection) -> rusqlite::Result<()> {
        let commits = main
            .prepare_cached("PRAGMA data_version")?
            .query_row((), |row| row.get::<_, i64>(0))?;
        if self.commits == Some(commits) {
            return Ok(());
        }
        let mut statement = main.prepare_cached(
            "SELECT coalesce((SELECT max(number) FROM change), 0), EXISTS (SELECT 1 FROM staged)",
        )?;
        (self.head, self.mixed) = statement.query_row((), |row| Ok((row.get(0)?, row.get(1)?)))?;
        self.hidden.clear();
        let mut statement = main.prepare_cached("SELECT edition FROM pending")?;
        let mut rows = statement.query(())?;
        while let Some(row) = rows.next()? {
            self.hidden.push(row.get(0)?);
        }
        self.commits = Some(commits);
        Ok(())
    }
}

/// A connection for reading.
pub(super) struct Reader {
    pub(super) main: Connection,
    keys: Option<Connection>,
    pub(super) view: View,
}

impl Reader {
    fn open(files: &Files) -> Result<Reader, StoreError> {
        let main = schema::MAIN.open_to_read(&files.main)?;
        Ok(Reader { main, keys: None, view: View::default() })
    }

    /// The connection to the key file, opened when it is first needed.
    pub(super) fn key_file(&mut self, path: &Path) -> Result<&Connection, StoreError> {
        let conn = match self.keys.take() {
            Some(conn) => conn,
            None => schema::KEYS.open_to_read(path)?,
        };
        Ok(self.keys.insert(conn))
    }

    /// Steps through a query; each row comes with what is visible in the snapshot that it is of.
    /// Returns how contacts stand in that snapshot.
    pub(super) fn each(
        &mut self,
        sql: &str,
        params: impl Params,
        mut each: impl FnMut(&Row<'_>, &View) -> rusqlite::Result<ControlFlow<()>>,
    ) -> Result<Standing, StoreError> {
        let mut statement = self.main.prepare_cached(sql)?;
        let mut rows = statement.query(params)?;
        let mut next = rows.next()?;
        self.view.follow(&self.main)?;
        while let Some(row) = next {
            if each(row, &self.view)?.is_break() {
                break;
            }
            next = rows.next()?;
        }
        Ok(Standing::Head(self.view.head))
    }

    /// Runs several queries on one snapshot.
    pub(super) fn together<T>(
        &mut self,
        read: impl FnOnce(&Connection, &View) -> Result<T, StoreError>,
    ) -> Result<Seen<T>, StoreError> {
        self.main.prepare_cached("BEGIN")?.execute(())?;
        // After a failure the connection is not used again, and so the transaction ends with it.
        self.view.follow(&self.main)?;
        let value = read(&self.main, &self.view)?;
        self.main.prepare_cached("COMMIT")?.execute(())?;
        Ok(Seen { standing: Standing::Head(self.view.head), value })
    }

    /// Number of the last change.
    pub(super) fn head(&mut self) -> Result<i64, StoreError> {
        self.view.follow(&self.main)?;
        Ok(self.view.head)
    }
}

/// Connections for reading, the one used last on top, since its cache is warm.
pub(super) struct Pool {
    files: Files,
    keep: usize,
    idle: Mutex<Vec<Reader>>,
}

impl Pool {
    pub(super) fn new(files: Files, keep: usize) -> Pool {
        Pool { files, keep, idle: Mutex::new(Vec::with_capacity(keep)) }
    }

    /// A connection; a new one where all are in use. Nobody waits, and as reads never wait half
    /// done there are never more connections than threads that read.
    pub(super) fn take(&self) -> Result<Reader, StoreError> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        idle.map_or_else(|| Reader::open(&self.files), Ok)
    }

    pub(super) fn put_back(&self, reader: Reader) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let surplus = if idle.len() < self.keep {
            idle.push(reader);
            None
        } else {
            Some(reader)
        };
        // Closing takes its time, so not under the lock.
        drop(idle);
        drop(surplus);
    }
}
