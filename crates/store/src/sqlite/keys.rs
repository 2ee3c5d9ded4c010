//! The key file: wrapped keys of contacts, and how one is destroyed so that nothing of it is left.
//!
//! **Slots.** A contact's key is in slot 0. The key of what a law obliges to keep of an erased one
//! is in a slot of its own, the version of the tombstone, so that it can be durable before the
//! tombstone is and the old key be destroyed after. The lowest slot counts: until the old key is
//! destroyed it is the contact's key, whatever becomes of the tombstone. Who has seen the tombstone asks
//! for its slot.
//!
//! **Crashes.** The main file counts in the transaction of a tombstone that a key must go, and this
//! file counts it when it has gone. Where the two differ on opening (a crash in between, or one of
//! the files is an older copy), all tombstones are gone through. A key is durable before its contact,
//! so that a crash may leave keys of nobody. They stay: nothing tells them from the keys of contacts
//! that an older copy of the main file, restored for a look, does not have. Whose keys have gone is
//! noted (`destroyed`): an older copy of the main file still knows such a contact, as one without a
//! key, and of whoever else has none the key is lost.
//!
//! **The journal.** With a write-ahead log, or a journal that is removed or cut, pages with keys
//! come to lie in blocks that the file system has taken back and nobody can overwrite any more. So
//! the journal is a rollback journal that persists: a commit takes some more syncs, few beside a
//! group of writes, and every byte ever written stays within two files, of which SQLite overwrites
//! one (`secure_delete`) and [`KeyFile::destroy`] the other. What a medium keeps below the file
//! system (copies of a flash block, snapshots) no program reaches; the keys there are wrapped.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension, TransactionBehavior};

use crate::error::StoreError;
use crate::pairing::SideBySide;
use crate::row::Id;
use crate::sqlite::schema;

/// Contacts gone through at once.
const PAGE: i32 = 10_000;

/// A key to be put before the main file commits.
#[derive(Debug)]
pub(super) struct NewKey {
    pub(super) contact: Id,
    pub(super) slot: i64,
    pub(super) wrapped: Vec<u8>,
}

/// A contact whose keys must go after the main file has committed, but for one slot.
#[derive(Debug)]
pub(super) struct Doomed {
    pub(super) contact: Id,
    pub(super) keep: Option<i64>,
}

/// Wrapped keys in the order asked.
pub(super) fn wrapped(
    keys: &Connection,
    contacts: &[Id],
) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
    if contacts.len() < 2 {
        return each_wrapped(keys, contacts);
    }
    // Outside of a transaction each look would lock the file anew, and ask whether it has changed.
    let together = keys.unchecked_transaction()?;
    let found = each_wrapped(keys, contacts)?;
    together.commit()?;
    Ok(found)
}

fn each_wrapped(keys: &Connection, contacts: &[Id]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
    let mut statement =
        keys.prepare_cached("SELECT wrapped FROM key WHERE contact = ?1 ORDER BY slot LIMIT 1")?;
    contacts
        .iter()
        .map(|contact| Ok(statement.query_row([contact], |row| row.get(0)).optional()?))
        .collect()
}

/// The keys of what is kept of erased contacts, by the versions of their tombstones.
pub(super) fn of_kept(
    keys: &Connection,
    tombstones: &[(Id, i64)],
) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
    let mut statement =
        keys.prepare_cached("SELECT wrapped FROM key WHERE contact = ?1 AND slot = ?2")?;
    tombstones
        .iter()
        .map(|tombstone| Ok(statement.query_row(*tombstone, |row| row.get(0)).optional()?))
        .collect()
}

/// Of whom there was a key that was destroyed, in the order asked.
pub(super) fn destroyed(keys: &Connection, contacts: &[Id]) -> Result<Vec<bool>, StoreError> {
    let mut statement = keys.prepare_cached("SELECT 1 FROM destroyed WHERE contact = ?1")?;
    contacts.iter().map(|contact| Ok(statement.exists([contact])?)).collect()
}

/// The connection that writes to the key file.
pub(super) struct KeyFile {
    conn: Connection,
    journal: PathBuf,
    /// Keys that could not be destroyed yet.
    doomed: Vec<Doomed>,
}

impl KeyFile {
    pub(super) fn open(path: &Path) -> Result<KeyFile, StoreError> {
        let mut journal = OsString::from(path);
        journal.push("-journal");
        let conn = schema::KEYS.open_to_write(path)?;
        Ok(KeyFile { conn, journal: journal.into(), doomed: Vec::new() })
    }

    /// Puts keys, durably.
    pub(super) fn put(&mut self, keys: &[NewKey]) -> Result<(), StoreError> {
        if keys.is_empty() {
            return Ok(());
        }
        let tx = self.conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        {
            let mut statement =
                tx.prepare_cached("REPLACE INTO key (contact, slot, wrapped) VALUES (?1, ?2, ?3)")?;
            for key in keys {
                statement.execute((&key.contact, key.slot, &key.wrapped))?;
            }
        }
        Ok(tx.commit()?)
    }

    /// Destroys keys, and those that could not be destroyed before. After a failure they are tried
    /// again with the next ones, or when the store is opened the next time.
    pub(super) fn destroy(&mut self, doomed: Vec<Doomed>) -> Result<(), StoreError> {
        self.doomed.extend(doomed);
        if self.doomed.is_empty() {
            return Ok(());
        }
        self.remove(&self.doomed)?;
        let count = i64::try_from(self.doomed.len()).unwrap_or(i64::MAX);
        self.conn.execute("UPDATE erasures SET count = count + ?1", [count])?;
        self.doomed.clear();
        Ok(())
    }

    /// Empties a table so that nothing of it is left.
    pub(super) fn empty(&self, table: &str) -> Result<(), StoreError> {
        self.conn.execute(&format!("DELETE FROM {table}"), ())?;
        self.overwrite_journal()
    }

    /// How many contacts' keys were destroyed, in the file that this is a copy of.
    pub(super) fn set_erasures(&self, count: i64) -> Result<(), StoreError> {
        self.conn.execute("UPDATE erasures SET count = ?1", [count])?;
        Ok(())
    }

    /// The connection, for work on rows as they are.
    pub(super) fn connection(&self) -> &Connection {
        &self.conn
    }

    /// Destroys what tombstones say should be gone, where this file and the main one disagree.
    pub(super) fn reconcile(&mut self, main: &Connection) -> Result<(), StoreError> {
        let count = "SELECT count FROM erasures";
        let wanted: i64 = main.query_row(count, (), |row| row.get(0))?;
        let done: i64 = self.conn.query_row(count, (), |row| row.get(0))?;
        if wanted == done {
            return Ok(());
        }
        self.remove(&left_over(main, &self.conn)?)?;
        self.conn.execute("UPDATE erasures SET count = ?1", [wanted])?;
        Ok(())
    }

    fn remove(&self, doomed: &[Doomed]) -> Result<(), StoreError> {
        let tx = self.conn.unchecked_transaction()?;
        {
            let mut statement = tx.prepare_cached(
                "DELETE FROM key WHERE contact = ?1 AND (?2 IS NULL OR slot <> ?2)",
            )?;
            let mut note =
                tx.prepare_cached("INSERT OR IGNORE INTO destroyed (contact) VALUES (?1)")?;
            for one in doomed {
                statement.execute((&one.contact, one.keep))?;
                note.execute([&one.contact])?;
            }
        }
        tx.commit()?;
        self.overwrite_journal()
    }

    /// Overwrites the journal, which holds pages as they were before. While the file is locked
    /// exclusively nobody writes a journal, and one with a blank head is none to SQLite.
    fn overwrite_journal(&self) -> Result<(), StoreError> {
        self.conn.execute_batch("BEGIN EXCLUSIVE")?;
        let overwritten = overwrite(&self.journal);
        self.conn.execute_batch("ROLLBACK")?;
        Ok(overwritten?)
    }
}

/// The keys of tombstones that are still there, though they should not be.
pub(super) fn left_over(main: &Connection, keys: &Connection) -> Result<Vec<Doomed>, StoreError> {
    let mut tombstones = main.prepare("SELECT id, kept_key FROM contact WHERE erased = 1")?;
    let mut key = keys
        .prepare("SELECT 1 FROM key WHERE contact = ?1 AND (?2 IS NULL OR slot <> ?2) LIMIT 1")?;
    let mut found = Vec::new();
    let mut rows = tombstones.query(())?;
    while let Some(row) = rows.next()? {
        let doomed = Doomed { contact: row.get(0)?, keep: row.get(1)? };
        if key.exists((&doomed.contact, doomed.keep))? {
            found.push(doomed);
        }
    }
    Ok(found)
}

/// Goes through all contacts and all keys side by side.
pub(super) fn side_by_side(
    main: &Connection,
    keys: &Connection,
    mut each: impl FnMut(SideBySide) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut of_contacts =
        main.prepare("SELECT id, erased FROM contact WHERE id > ?1 ORDER BY id LIMIT ?2")?;
    let mut of_keys =
        keys.prepare("SELECT DISTINCT contact FROM key WHERE contact > ?1 AND contact <= ?2")?;
    let mut after = Id::default();
    loop {
        let page = of_contacts.query_map((after, PAGE), |row| Ok((row.get(0)?, row.get(1)?)))?;
        let contacts: BTreeMap<Id, bool> = page.collect::<Result<_, _>>()?;
        let last = contacts
            .keys()
            .next_back()
            .filter(|_| i32::try_from(contacts.len()) == Ok(PAGE))
            .copied();
        let until = last.unwrap_or([u8::MAX; 16]);
        let page = of_keys.query_map((after, until), |row| row.get(0))?;
        let keys: BTreeSet<Id> = page.collect::<Result<_, _>>()?;
        each(SideBySide::of(&contacts, &keys))?;
        match last {
            Some(last) => after = last,
            None => return Ok(()),
        }
    }
}

fn overwrite(path: &Path) -> std::io::Result<()> {
    let mut file = match OpenOptions::new().write(true).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    let blank = vec![0; 64 * 1024];
    let mut left = usize::try_from(file.metadata()?.len()).unwrap_or(usize::MAX);
    while left > 0 {
        let (part, _) = blank.split_at(left.min(blank.len()));
        file.write_all(part)?;
        left -= part.len();
    }
    file.sync_all()
}
