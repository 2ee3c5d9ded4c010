//! The names of spools: beside the store, `PATH.audit-<store>-<process>-<number>`. A name is never used
//! twice, and a store takes in only those of its own name: several may have theirs in one folder.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use gantry_store::Id;

/// A spool: the process that made it, and which of its spools it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SpoolName {
    pub(crate) process: Id,
    pub(crate) number: u32,
}

impl SpoolName {
    /// Its key in the store, and in checks.
    pub(crate) fn key(self) -> [u8; 20] {
        let mut key = [0; 20];
        let bytes = self.process.into_iter().chain(self.number.to_be_bytes());
        for (to, from) in key.iter_mut().zip(bytes) {
            *to = from;
        }
        key
    }

    /// Its file, of the store whose [`prefix`] that is.
    pub(crate) fn path(self, prefix: &Path) -> PathBuf {
        beside(prefix, &format!("-{}", self.ending()))
    }

    fn ending(self) -> String {
        format!("{}-{}", uuid::Uuid::from_bytes(self.process).simple(), self.number)
    }

    /// All spools of the store whose [`prefix`] that is, in order.
    pub(crate) fn of(prefix: &Path) -> std::io::Result<Vec<SpoolName>> {
        let mut begins = prefix.file_name().unwrap_or_default().to_owned();
        begins.push("-");
        let mut names = Vec::new();
        for file in std::fs::read_dir(folder(prefix))? {
            let file = file?.file_name();
            let rest = file.as_encoded_bytes().strip_prefix(begins.as_encoded_bytes());
            let rest = rest.and_then(|rest| std::str::from_utf8(rest).ok());
            names.extend(rest.and_then(parse));
        }
        names.sort_unstable();
        Ok(names)
    }
}

/// What the names of a store's spools begin with.
pub(crate) fn prefix(files: &Path, store: &Id) -> PathBuf {
    beside(files, &format!(".audit-{}", uuid::Uuid::from_bytes(*store).simple()))
}

/// How many spools of a store lie beside its `files`: each holds entries that are not in its trail yet,
/// or is a process's that works with it now.
pub fn spools(files: &Path, store: &Id) -> std::io::Result<usize> {
    Ok(SpoolName::of(&prefix(files, store))?.len())
}

/// The path with something appended to its last part.
pub(crate) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    PathBuf::from(name)
}

/// The folder that a file is in.
pub(crate) fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

fn parse(rest: &str) -> Option<SpoolName> {
    let (process, number) = rest.split_once('-')?;
    let process = uuid::Uuid::try_parse(process).ok()?.into_bytes();
    let name = SpoolName { process, number: number.parse().ok()? };
    // Only what `ending` writes: no other spelling of the same name.
    (name.ending() == rest).then_some(name)
}
