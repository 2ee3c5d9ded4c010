//! Who writes an edition: whoever holds the lock on its file. The system lets go of the lock when the
//! process ends, however it ends, so that an edition whose writer died can be told from one whose
//! writer is slow.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{File, OpenOptions, TryLockError, remove_file};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::error::StoreError;
use crate::row::Edition;

/// The editions that this process writes.
pub(super) struct Owners {
    main: PathBuf,
    held: Mutex<BTreeMap<Edition, File>>,
}

impl Owners {
    pub(super) fn new(main: &Path) -> Owners {
        Owners { main: main.to_owned(), held: Mutex::default() }
    }

    /// Nobody else begins or gives up an edition while this is held.
    pub(super) fn alone(&self) -> Result<File, StoreError> {
        let file = open(&self.file("editions"))?;
        file.lock()?;
        Ok(file)
    }

    /// Takes an edition just begun.
    pub(super) fn take(&self, edition: Edition) -> Result<(), StoreError> {
        let file = open(&self.file(&format!("edition-{edition}")))?;
        file.lock()?;
        self.held.lock().unwrap_or_else(PoisonError::into_inner).insert(edition, file);
        Ok(())
    }

    /// Lets go of an edition that was published or discarded.
    pub(super) fn release(&self, edition: Edition) {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).remove(&edition);
        // A file that stays is in nobody's way.
        let _ = remove_file(self.file(&format!("edition-{edition}")));
    }

    /// Whether nobody writes the edition any more.
    pub(super) fn is_abandoned(&self, edition: Edition) -> Result<bool, StoreError> {
        if self.held.lock().unwrap_or_else(PoisonError::into_inner).contains_key(&edition) {
            return Ok(false);
        }
        match open(&self.file(&format!("edition-{edition}")))?.try_lock() {
            Ok(()) => Ok(true),
            Err(TryLockError::WouldBlock) => Ok(false),
            Err(TryLockError::Error(error)) => Err(error.into()),
        }
    }

    fn file(&self, ending: &str) -> PathBuf {
        let mut name = OsString::from(&self.main);
        name.push(".");
        name.push(ending);
        name.into()
    }
}

fn open(path: &Path) -> Result<File, StoreError> {
    Ok(OpenOptions::new().create(true).truncate(false).write(true).open(path)?)
}
