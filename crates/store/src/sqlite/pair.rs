//! The two files of a store belong together: both bear the same id, made with the keys. Whoever has
//! another's keys, or an empty file of them, would else take everybody for erased.

use rusqlite::{Connection, OptionalExtension};

use crate::error::StoreError;
use crate::sqlite::keys::KeyFile;
use crate::sqlite::{Files, schema};

/// Makes both files, the main one with more tables. It comes last, and with the id: where it is a
/// store, its keys are there too.
pub(super) fn create(files: &Files, more: &str) -> Result<(), StoreError> {
    must_be_free(files)?;
    if let Err(error) = schema::KEYS.create(&files.keys) {
        // Somebody else may have made the store meanwhile.
        must_be_free(files)?;
        return Err(error);
    }
    let keys = KeyFile::open(&files.keys)?;
    let id = id(keys.connection())?.unwrap_or_default();
    let digits: Vec<String> = id.iter().map(|byte| format!("{byte:02x}")).collect();
    let with = format!("INSERT INTO pair (id) VALUES (x'{}'); {more}", digits.concat());
    schema::MAIN.create_with(&files.main, &with)?;
    schema::sync_folder(&files.main)
}

/// An error where something is in the way of making the files: the main one is told of first.
pub(super) fn must_be_free(files: &Files) -> Result<(), StoreError> {
    for (file, path) in [(schema::MAIN, &files.main), (schema::KEYS, &files.keys)] {
        if file.is_taken(path) {
            return Err(StoreError::Exists { place: path.display().to_string() });
        }
    }
    Ok(())
}

/// Opens both files of a store, which must be its own.
pub(super) fn open(files: &Files) -> Result<(Connection, KeyFile), StoreError> {
    let (place, keys) = (files.main.display().to_string(), files.keys.display().to_string());
    let main = schema::MAIN.open_to_write(&files.main).map_err(|error| match error {
        StoreError::Missing { place, why } if files.keys.exists() => {
            StoreError::MainMissing { place, why, keys: keys.clone() }
        }
        error => error,
    })?;
    let key_file = KeyFile::open(&files.keys).map_err(|error| match error {
        StoreError::Missing { why, .. } => {
            StoreError::KeysMissing { place: place.clone(), why, keys: keys.clone() }
        }
        error => error,
    })?;
    let own = id(&main)?;
    if own.is_none() || own != id(key_file.connection())? {
        return Err(StoreError::OtherKeys { place, keys });
    }
    Ok((main, key_file))
}

fn id(file: &Connection) -> Result<Option<Vec<u8>>, StoreError> {
    Ok(file.query_row("SELECT id FROM pair", (), |row| row.get(0)).optional()?)
}
