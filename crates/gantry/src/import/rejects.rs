//! Rejected rows as they were, with what is wrong in one more column, to be mended and imported.

use std::fs::{File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use gantry_engine::import::RowFault;
use gantry_intake::{Header, MappedFile, Rejects as Table};

use crate::failure::Failure;

/// Files of rejects, one for each file that has any.
pub(super) struct Rejects {
    paths: Vec<PathBuf>,
    at: usize,
    head: Option<Header>,
    open: Option<Table<File>>,
    written: Vec<PathBuf>,
}

impl Rejects {
    /// Under the path that was given, or in the current folder: people's data is not left where the
    /// files of others lie.
    pub(super) fn new(path: Option<&Path>, files: &[MappedFile]) -> Rejects {
        let paths = match path {
            Some(path) => vec![path.to_path_buf()],
            None => here(files),
        };
        Rejects { paths, at: 0, head: None, open: None, written: Vec::new() }
    }

    /// What follows is of that file.
    pub(super) fn begin(&mut self, at: usize, header: &Header) -> Result<(), Failure> {
        self.end()?;
        self.at = at;
        self.head = Some(header.clone());
        Ok(())
    }

    /// Writes a row.
    pub(super) fn write<'a>(
        &mut self,
        cells: impl Iterator<Item = &'a str>,
        faults: &[RowFault],
    ) -> Result<(), Failure> {
        let path = self.paths.get(self.at).cloned().unwrap_or_default();
        let failed = |cause: io::Error| Failure::file("write", &path, &cause);
        let mut table = if let Some(table) = self.open.take() {
            table
        } else {
            let table = create(&path, self.head.as_ref()).map_err(failed)?;
            self.written.push(path.clone());
            table
        };
        let what: Vec<String> = faults.iter().map(RowFault::in_row).collect();
        table.row(cells, &what.join("; ")).map_err(failed)?;
        self.open = Some(table);
        Ok(())
    }

    /// Puts them on disk. Answers the files written.
    pub(super) fn finish(mut self) -> Result<Vec<String>, Failure> {
        self.end()?;
        Ok(self.written.iter().map(|path| path.display().to_string()).collect())
    }

    fn end(&mut self) -> Result<(), Failure> {
        let Some(table) = self.open.take() else { return Ok(()) };
        let path = self.paths.get(self.at).cloned().unwrap_or_default();
        table.finish().map(drop).map_err(|cause| Failure::file("write", &path, &cause))
    }
}

/// The file holds what the original held, so only its owner may read it.
fn create(path: &Path, head: Option<&Header>) -> io::Result<Table<File>> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    let file = options.open(path)?;
    // One that was there before may have been open to others; a device stays as it is.
    if file.metadata()?.is_file() {
        file.set_permissions(Permissions::from_mode(0o600))?;
    }
    Table::new(file, head.unwrap_or(&Header::new([])))
}

/// A file of rejects for each file, named after it; where two have one name, the later one is
/// counted.
fn here(files: &[MappedFile]) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = Vec::new();
    for file in files {
        let path = Path::new(file.file.name());
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
        let mut path = PathBuf::from(format!("{name}.rejects.csv"));
        let mut number = 2;
        while paths.contains(&path) {
            path = PathBuf::from(format!("{name}.{number}.rejects.csv"));
            number += 1;
        }
        paths.push(path);
    }
    paths
}
