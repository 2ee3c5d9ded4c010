//! The two files: their tables, and how connections to them are set up.

use std::fs::OpenOptions;
use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use crate::error::{Absence, StoreError};

/// What marks a file as one of ours, its schema, and how connections to it are set up.
pub(super) struct File {
    application_id: i64,
    version: i64,
    tables: &'static str,
    /// Whether a file with these tables has never been used.
    unused: &'static str,
    /// Set up once, when the file is made; part of the file from then on.
    made_with: &'static str,
    /// Set up on every connection.
    every: &'static str,
    /// Set up on every connection that only reads.
    reader: &'static str,
    /// Set up on every connection that writes.
    writer: &'static str,
}

/// How far a file has come.
enum State {
    /// Nothing is in it: whoever began to make it was stopped.
    Blank,
    /// It is ours, and was never used.
    Unused,
    /// It is a store's, or something else.
    Used,
}

/// How often one connection tries to get what another holds before it gives up: for about ten
/// seconds.
const TRIES: i32 = 5_000;
/// More than the statements that there are.
const STATEMENTS: usize = 96;

/// Everything but the keys.
///
/// The write-ahead log is checkpointed when it has 32 MB: seldom enough for large imports, small
/// enough for readers. `secure_delete=FAST` overwrites what is removed where that costs no more
/// writing; what is sealed becomes unreadable by destroying its key.
///
/// Readers map the file (as much of it as SQLite will, 2 GB): measured, that takes a fifth to a
/// third off a read at a random place, as SQLite empties a reader's cache whenever somebody else
/// commits. The price is that a medium that cannot be read ends the process; the file is never cut,
/// and no write goes through the map.
pub(super) const MAIN: File = File {
    application_id: 0x474e_5452,
    version: 1,
    tables: MAIN_TABLES,
    unused: "SELECT 0",
    made_with: "PRAGMA journal_mode = WAL;",
    every: "PRAGMA temp_store = MEMORY;",
    reader: "PRAGMA cache_size = -65536; PRAGMA mmap_size = 2147418112;",
    writer: "PRAGMA cache_size = -262144; PRAGMA synchronous = FULL;
        PRAGMA secure_delete = FAST; PRAGMA foreign_keys = OFF;
        PRAGMA wal_autocheckpoint = 8192; PRAGMA journal_size_limit = 67108864;",
};

/// The keys, in a file of their own; [`super::keys`] says why its journal is a persistent one.
pub(super) const KEYS: File = File {
    application_id: 0x474e_544b,
    version: 1,
    tables: KEYS_TABLES,
    unused: "SELECT NOT EXISTS (SELECT 1 FROM key) AND (SELECT count FROM erasures) = 0",
    made_with: "PRAGMA journal_mode = PERSIST;",
    every: "PRAGMA temp_store = MEMORY;
        PRAGMA journal_mode = PERSIST; PRAGMA journal_size_limit = -1;
        PRAGMA secure_delete = ON;",
    reader: "PRAGMA cache_size = -4096;",
    writer: "PRAGMA cache_size = -32768; PRAGMA synchronous = FULL;",
};

// An edition stands in the keys in falling order, so that the first visible row of a key counts.
//
// `collected` says of whom there may be something that was collected for a purpose: an index of records
// by purpose would be written to with every one of them. A row too many does no harm.
//
// `kept_key` of an erased contact is the slot of the key of what is kept; see `keys`.
// Whoever writes to this file appends to one chain of `audit`; others came with a copy of another
// store, and stay as they are.
// `staged` lists which contacts and objects have rows (also look-ups) of an edition, until that is
// settled, and whether any of them lies over or under one of another edition. `erasures` counts the keys that this file wanted destroyed; the other file counts those
// that were.
const MAIN_TABLES: &str = "
    CREATE TABLE contact (
        id BLOB NOT NULL, edition INTEGER NOT NULL, version INTEGER NOT NULL,
        created INTEGER NOT NULL, country BLOB NOT NULL, company BLOB, erased INTEGER NOT NULL,
        state BLOB NOT NULL, kept_key INTEGER,
        PRIMARY KEY (id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX contact_company ON contact (company, id) WHERE company IS NOT NULL;
    CREATE INDEX contact_country ON contact (country, id, erased, edition);
    CREATE INDEX contact_erased ON contact (id) WHERE erased = 1;

    CREATE TABLE record (
        contact BLOB NOT NULL, category INTEGER NOT NULL, id BLOB NOT NULL,
        edition INTEGER NOT NULL, version INTEGER NOT NULL, at INTEGER NOT NULL,
        closed INTEGER NOT NULL, keep_until INTEGER NOT NULL, expires INTEGER NOT NULL,
        objected INTEGER NOT NULL, collected_for INTEGER NOT NULL, notice INTEGER NOT NULL, source TEXT NOT NULL, about_kind INTEGER, about_id BLOB,
        open BLOB NOT NULL, sealed BLOB NOT NULL,
        PRIMARY KEY (contact, category, id, edition DESC)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX record_about ON record (about_kind, about_id, contact, category, id, edition)
        WHERE about_kind IS NOT NULL;
    CREATE INDEX record_expires ON record (expires, contact, category, id)
        WHERE expires < 9223372036854775807;

    CREATE TABLE collected (
        purpose INTEGER NOT NULL, category INTEGER NOT NULL, contact BLOB NOT NULL,
        PRIMARY KEY (purpose, category, contact)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE lookup (
        hash BLOB NOT NULL, tag INTEGER NOT NULL, id BLOB NOT NULL, edition INTEGER NOT NULL,
        PRIMARY KEY (hash, tag, id, edition)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX lookup_target ON lookup (tag, id, hash, edition);

    CREATE TABLE object (
        kind INTEGER NOT NULL, id BLOB NOT NULL, edition INTEGER NOT NULL,
        version INTEGER NOT NULL, created INTEGER NOT NULL, at INTEGER NOT NULL, company BLOB,
        part_of BLOB, person BLOB, state TEXT NOT NULL, closed INTEGER NOT NULL,
        body BLOB NOT NULL,
        PRIMARY KEY (kind, id, edition DESC)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX object_company ON object (kind, company, id, edition) WHERE company IS NOT NULL;
    CREATE INDEX object_part_of ON object (kind, part_of, id, edition) WHERE part_of IS NOT NULL;
    CREATE INDEX object_at ON object (kind, at, id, edition);

    CREATE TABLE entry (
        space INTEGER NOT NULL, key BLOB NOT NULL, value BLOB NOT NULL,
        PRIMARY KEY (space, key)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE audit (
        chain BLOB NOT NULL, sequence INTEGER NOT NULL, at INTEGER NOT NULL,
        entries INTEGER NOT NULL, previous BLOB NOT NULL, hash BLOB NOT NULL, body BLOB NOT NULL,
        PRIMARY KEY (chain, sequence)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE change (number INTEGER PRIMARY KEY, tag INTEGER, id BLOB) STRICT;

    CREATE TABLE pending (
        edition INTEGER PRIMARY KEY AUTOINCREMENT, note BLOB NOT NULL,
        discarded INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE TABLE staged (
        edition INTEGER NOT NULL, tag INTEGER NOT NULL, id BLOB NOT NULL,
        layered INTEGER NOT NULL,
        PRIMARY KEY (edition, tag, id)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE erasures (count INTEGER NOT NULL) STRICT;
    INSERT INTO erasures (count) VALUES (0);
    CREATE TABLE pair (id BLOB NOT NULL) STRICT;
";

// `destroyed` tells of whom there was a key that had to go, so that a contact without one is known to
// be erased, or to lack it. `pair` bears the same id in both files.
const KEYS_TABLES: &str = "
    CREATE TABLE key (
        contact BLOB NOT NULL, slot INTEGER NOT NULL, wrapped BLOB NOT NULL,
        PRIMARY KEY (contact, slot)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE destroyed (contact BLOB NOT NULL, PRIMARY KEY (contact)) STRICT, WITHOUT ROWID;

    CREATE TABLE erasures (count INTEGER NOT NULL) STRICT;
    INSERT INTO erasures (count) VALUES (0);
    CREATE TABLE pair (id BLOB NOT NULL) STRICT;
    INSERT INTO pair (id) VALUES (randomblob(16));
";

impl File {
    /// Makes the file; nobody but the owner may read it. What somebody began to make and did not
    /// finish is finished.
    pub(super) fn create(&self, path: &Path) -> Result<(), StoreError> {
        self.create_with(path, "")
    }

    /// The same with more tables.
    pub(super) fn create_with(&self, path: &Path, more: &str) -> Result<(), StoreError> {
        match claim(path) {
            Err(StoreError::Exists { .. }) if !self.is_taken(path) => keep_to_owner(path)?,
            claimed => claimed?,
        }
        let mut conn = connect(path)?;
        conn.execute_batch(self.every)?;
        conn.execute_batch(self.made_with)?;
        // Whoever else is making it has finished by now, or will find it made.
        let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        match self.state(&tx)? {
            State::Blank => tx.execute_batch(&format!(
                "{} {more} PRAGMA application_id = {}; PRAGMA user_version = {};",
                self.tables, self.application_id, self.version
            ))?,
            State::Unused => {}
            State::Used => return Err(StoreError::Exists { place: path.display().to_string() }),
        }
        Ok(tx.commit()?)
    }

    /// Whether something is in the way of making the file.
    pub(super) fn is_taken(&self, path: &Path) -> bool {
        let state = |conn: Connection| self.state(&conn);
        path.exists() && !matches!(connect(path).and_then(state), Ok(State::Blank | State::Unused))
    }

    fn state(&self, conn: &Connection) -> Result<State, StoreError> {
        let tables = conn.query_row("SELECT count(*) FROM sqlite_schema", (), |row| row.get(0))?;
        let id: i64 = conn.pragma_query_value(None, "application_id", |row| row.get(0))?;
        Ok(match (id, tables) {
            (0, 0) => State::Blank,
            (id, _) if id != self.application_id => State::Used,
            _ if conn.query_row(self.unused, (), |row| row.get(0))? => State::Unused,
            _ => State::Used,
        })
    }

    /// A connection that only reads.
    pub(super) fn open_to_read(&self, path: &Path) -> Result<Connection, StoreError> {
        // Opened for writing all the same: a connection that may not write cannot roll back what a
        // crashed process has left, and would fail instead.
        let conn = self.open(path)?;
        conn.execute_batch(self.reader)?;
        conn.execute_batch("PRAGMA query_only = ON;")?;
        Ok(conn)
    }

    /// A connection that reads and writes.
    pub(super) fn open_to_write(&self, path: &Path) -> Result<Connection, StoreError> {
        let conn = self.open(path)?;
        conn.execute_batch(self.writer)?;
        Ok(conn)
    }

    /// The schema of a file that is there.
    pub(super) fn version(&self, path: &Path) -> Result<i64, StoreError> {
        let conn = self.open(path)?;
        Ok(conn.pragma_query_value(None, "user_version", |row| row.get(0))?)
    }

    fn open(&self, path: &Path) -> Result<Connection, StoreError> {
        if !path.exists() {
            let place = path.display().to_string();
            return Err(StoreError::Missing { place, why: Absence::File });
        }
        if path.is_dir() {
            return Err(StoreError::Io {
                cause: format!(
                    "`{0}` is a folder; hint: name a file, `{0}/gantry.db`",
                    path.display()
                ),
            });
        }
        let conn = connect(path)?;
        self.recognise(&conn, path)?;
        conn.execute_batch(self.every)?;
        Ok(conn)
    }

    fn recognise(&self, conn: &Connection, path: &Path) -> Result<(), StoreError> {
        let no_store = || StoreError::NoStore { place: path.display().to_string() };
        let number = |name: &str| match conn.pragma_query_value(None, name, |row| row.get(0)) {
            Ok(value) => Ok::<i64, StoreError>(value),
            Err(error) => match StoreError::from(error) {
                StoreError::Damaged { .. } => Err(no_store()),
                other => Err(other),
            },
        };
        let found = number("user_version")?;
        if number("application_id")? != self.application_id || found < 1 {
            return Err(no_store());
        }
        if found > self.version {
            return Err(StoreError::Newer {
                place: path.display().to_string(),
                found,
                known: self.version,
            });
        }
        Ok(())
    }
}

/// Waits before another try, if there is one. SQLite's own way waits up to a tenth of a second each
/// time, and so may find a busy file held every time it looks.
fn wait_a_little(tries: i32) -> bool {
    std::thread::sleep(Duration::from_millis(2));
    tries < TRIES
}

fn connect(path: &Path) -> Result<Connection, StoreError> {
    // Each connection is used by one thread at a time, so SQLite need not lock it.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags)?;
    conn.busy_handler(Some(wait_a_little))?;
    // A plan does not depend on what is bound: else each new limit makes its statement be prepared
    // again, which takes longer than most of them run.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    conn.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(conn)
}

/// Makes an empty file where there is none, for the owner alone.
pub(super) fn claim(path: &Path) -> Result<(), StoreError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            Err(StoreError::Exists { place: path.display().to_string() })
        }
        Err(error) => Err(not_made(path, error)),
    }
}

/// Why a file could not be made.
pub(super) fn not_made(path: &Path, error: std::io::Error) -> StoreError {
    if error.kind() == std::io::ErrorKind::NotFound {
        let cause = format!("there is no folder for `{}`; hint: make it", path.display());
        return StoreError::Io { cause };
    }
    error.into()
}

/// An empty file that was there already may have been made by somebody less careful.
fn keep_to_owner(path: &Path) -> Result<(), StoreError> {
    #[cfg(unix)]
    std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    Ok(())
}

/// Makes the name of a new file durable.
pub(super) fn sync_folder(path: &Path) -> Result<(), StoreError> {
    if cfg!(unix) {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        std::fs::File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
    }
    Ok(())
}
