//! Rejected rows as they were, with what is wrong in one more column, to be mended and imported.

use std::fs::{File, OpenOptions, Permissions};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use csv::Writer;
use gantry_intake::Header;

use crate::failure::Failure;

use super::files::InputFile;

/// The column with what is wrong.
const FAULT: &str = "gantry_fault";

/// Files of rejects, one for each file that has any.
pub(super) struct Rejects {
    paths: Vec<PathBuf>,
    at: usize,
    head: Vec<String>,
    open: Option<Writer<File>>,
    written: Vec<PathBuf>,
}

impl Rejects {
    /// Under the path that was given, or in the current folder: people's data is not left where the
    /// files of others lie.
    pub(super) fn new(path: Option<&Path>, files: &[InputFile]) -> Rejects {
        let paths = match path {
            Some(path) => vec![path.to_path_buf()],
            None => here(files),
        };
        Rejects { paths, at: 0, head: Vec::new(), open: None, written: Vec::new() }
    }

    /// What follows is of that file.
    pub(super) fn begin(&mut self, at: usize, header: &Header) -> Result<(), Failure> {
        self.end()?;
        self.at = at;
        self.head = header.columns().iter().map(ToString::to_string).collect();
        Ok(())
    }

    /// Writes a row. The file holds what the original held, so only its owner may read it.
    pub(super) fn write<'a>(
        &mut self,
        cells: impl Iterator<Item = &'a str>,
        fault: &str,
    ) -> Result<(), Failure> {
        let path = self.paths.get(self.at).cloned().unwrap_or_default();
        let failed = |cause: std::io::Error| Failure::file("write", &path, &cause);
        if self.open.is_none() {
            let mut options = OpenOptions::new();
            options.write(true).create(true).truncate(true).mode(0o600);
            let file = options.open(&path).map_err(failed)?;
            // One that was there before may have been open to others; a device stays as it is.
            if file.metadata().map_err(failed)?.is_file() {
                file.set_permissions(Permissions::from_mode(0o600)).map_err(failed)?;
            }
            let mut writer = Writer::from_writer(file);
            let head = self.head.iter().map(String::as_str).chain([FAULT]);
            writer.write_record(head).map_err(|error| failed(error.into()))?;
            self.open = Some(writer);
            self.written.push(path.clone());
        }
        // A row that could not be read has fewer cells, or more; a table has as many as its head.
        let width = self.head.len();
        let mut row: Vec<&str> = cells.chain(std::iter::repeat("")).take(width).collect();
        row.push(fault);
        match &mut self.open {
            Some(writer) => writer.write_record(row).map_err(|error| failed(error.into())),
            None => Ok(()),
        }
    }

    /// Puts them on disk. Answers the files written.
    pub(super) fn finish(mut self) -> Result<Vec<String>, Failure> {
        self.end()?;
        Ok(self.written.iter().map(|path| path.display().to_string()).collect())
    }

    fn end(&mut self) -> Result<(), Failure> {
        let Some(mut writer) = self.open.take() else { return Ok(()) };
        let path = self.paths.get(self.at).cloned().unwrap_or_default();
        writer.flush().map_err(|cause| Failure::file("write", &path, &cause))
    }
}

/// A file of rejects for each file, named after it; where two have one name, the later one is
/// counted.
fn here(files: &[InputFile]) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = Vec::new();
    for file in files {
        let name = file.path.file_name().unwrap_or(file.path.as_os_str()).to_string_lossy();
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
