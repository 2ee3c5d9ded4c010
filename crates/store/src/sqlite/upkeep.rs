//! Looking for damage, and copying a store in use.

use std::path::Path;

use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};

use crate::error::StoreError;
use crate::pairing;
use crate::sqlite::{Files, keys, schema};

/// What must not be found, and how it is called. Each query gives a count.
const NEVER: [(&str, &str); 7] = [
    (
        "records without a contact",
        "SELECT count(DISTINCT contact) FROM record
         WHERE NOT EXISTS (SELECT 1 FROM contact WHERE contact.id = record.contact)",
    ),
    (
        "erased contacts that can still be looked up",
        "SELECT count(*) FROM contact WHERE erased = 1
            AND EXISTS (SELECT 1 FROM lookup WHERE tag = 0 AND lookup.id = contact.id)",
    ),
    (
        "records that are not found by their purpose",
        "SELECT count(*) FROM record WHERE NOT EXISTS (SELECT 1 FROM collected
            WHERE collected.purpose = record.collected_for
                AND collected.category = record.category AND collected.contact = record.contact)",
    ),
    (
        "gaps in chains of the audit trail",
        "SELECT coalesce(sum(last - links), 0) FROM (
            SELECT max(sequence) AS last, count(*) AS links FROM audit GROUP BY chain)",
    ),
    (
        // The first link follows the id of its chain.
        "links of the audit trail that do not follow the one before",
        "SELECT count(*) FROM audit AS link LEFT JOIN audit AS before
            ON before.chain = link.chain AND before.sequence = link.sequence - 1
         WHERE link.previous <> coalesce(before.hash, CAST(link.chain || zeroblob(16) AS BLOB))",
    ),
    ("gaps in the feed of changes", "SELECT coalesce(max(number), 0) - count(*) FROM change"),
    (
        "records of editions that are neither staged nor settled",
        "SELECT count(*) FROM record AS low WHERE edition > 0
            AND EXISTS (SELECT 1 FROM record AS high WHERE high.contact = low.contact
                AND high.category = low.category AND high.id = low.id
                AND high.edition > low.edition)
            AND NOT EXISTS (SELECT 1 FROM staged WHERE tag = 0 AND staged.id = low.contact
                AND staged.edition >= low.edition)",
    ),
];

/// Reads all of both files, and says what is wrong with them.
pub(super) fn check(files: &Files) -> Result<Vec<String>, StoreError> {
    let main = schema::MAIN.open_to_read(&files.main)?;
    let key_file = schema::KEYS.open_to_read(&files.keys)?;
    let mut found = Vec::new();
    for (name, conn) in [("main file", &main), ("key file", &key_file)] {
        damage(name, conn, &mut found)?;
    }
    let tx = main.unchecked_transaction()?;
    for (what, sql) in NEVER {
        let count: i64 = tx.query_row(sql, (), |row| row.get(0))?;
        if count != 0 {
            found.push(format!("{what}: {count}"));
        }
    }
    let keys = keys::left_over(&tx, &key_file)?.len();
    if keys > 0 {
        found.push(format!("keys of erased contacts: {keys}"));
    }
    tx.commit()?;
    let mut keyless = 0;
    keys::side_by_side(&main, &key_file, |page| {
        // Whoever was erased meanwhile, or since this copy was made, had a key.
        let destroyed = keys::destroyed(&key_file, &page.keyless)?;
        keyless += destroyed.iter().filter(|destroyed| !**destroyed).count();
        Ok(())
    })?;
    found.extend(pairing::keyless(keyless));
    Ok(found)
}

/// How many contacts there are keys of that are not there.
pub(super) fn keys_of_nobody(files: &Files) -> Result<u64, StoreError> {
    let main = schema::MAIN.open_to_read(&files.main)?;
    let key_file = schema::KEYS.open_to_read(&files.keys)?;
    let mut count = 0;
    keys::side_by_side(&main, &key_file, |page| {
        count += page.of_nobody;
        Ok(())
    })?;
    Ok(count)
}

fn damage(name: &str, conn: &Connection, found: &mut Vec<String>) -> Result<(), StoreError> {
    let mut statement = conn.prepare("PRAGMA integrity_check")?;
    let mut rows = statement.query(())?;
    while let Some(row) = rows.next()? {
        let text: String = row.get(0)?;
        if text != "ok" {
            found.push(format!("{name}: {text}"));
        }
    }
    Ok(())
}

/// Copies a file as of one moment, to a place where there is nothing yet.
pub(super) fn copy(from: &Path, to: &Path) -> Result<(), StoreError> {
    schema::claim(to)?;
    let copied = copy_pages(from, to);
    if copied.is_err() {
        // Half a copy helps nobody; what failed is told, whether or not this works.
        let _ = std::fs::remove_file(to);
    }
    copied
}

fn copy_pages(from: &Path, to: &Path) -> Result<(), StoreError> {
    let source = Connection::open(from)?;
    let mut target = Connection::open(to)?;
    {
        let backup = Backup::new(&source, &mut target)?;
        // All in one step: one snapshot, which a write-ahead log keeps from blocking anybody.
        match backup.step(-1)? {
            StepResult::Done => {}
            _ => return Err(StoreError::Busy),
        }
    }
    drop(target);
    std::fs::File::open(to)?.sync_all()?;
    schema::sync_folder(to)
}
