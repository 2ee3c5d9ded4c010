//! A file to be imported, on disk or in memory, and the map that it is read by.
//!
//! It can be read as often as needed: once to look at it, once to write what is good.

use std::fmt;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::map::{BindError, Map, Mapper};
use crate::source::{CsvOptions, Format, Header, OpenError, Row, Source};

/// A file that can be read again and again.
#[derive(Clone)]
pub struct InputFile {
    name: Arc<str>,
    content: Content,
}

#[derive(Clone)]
enum Content {
    OnDisk(PathBuf),
    InMemory(Arc<[u8]>),
}

/// A file and its map.
#[derive(Clone, Debug)]
pub struct MappedFile {
    /// The file.
    pub file: InputFile,
    /// The map.
    pub map: Map,
}

/// What a file shows at first sight, without a map.
#[derive(Clone, Debug)]
pub struct Glance {
    /// What kind of file it is.
    pub format: Format,
    /// Its columns; of cards and entries all that there could be.
    pub header: Header,
    /// Its first rows, as far as they can be read.
    pub rows: Vec<Row>,
}

/// A file that cannot be read with its map.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It cannot be read at all.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// It is not what its map is for.
    #[error("`{file}` does not fit its map: {cause}")]
    Unfit {
        /// The file's name.
        file: Arc<str>,
        /// Why.
        #[source]
        cause: BindError,
    },
}

impl InputFile {
    /// A file on disk. It is not looked at before it is opened.
    pub fn on_disk(path: &Path) -> InputFile {
        let name = Arc::from(path.to_string_lossy());
        InputFile { name, content: Content::OnDisk(path.to_path_buf()) }
    }

    /// A file that is held in memory; `name` stands in positions and errors.
    pub fn in_memory(name: &str, bytes: Arc<[u8]>) -> InputFile {
        InputFile { name: Arc::from(name), content: Content::InMemory(bytes) }
    }

    /// Its name as given.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Opens it. What `format` and `options` do not say is found out from the file.
    pub fn open(&self, format: Option<Format>, options: &CsvOptions) -> Result<Source, OpenError> {
        match &self.content {
            Content::OnDisk(path) => Source::open(path, format, options),
            Content::InMemory(bytes) => {
                let input = Box::new(Cursor::new(Arc::clone(bytes)));
                Source::of(&self.name, input, format, options)
            }
        }
    }

    /// Looks at its columns and at the first of its rows, at most so many.
    pub fn glance(&self, rows: usize) -> Result<Glance, OpenError> {
        let mut source = self.open(None, &CsvOptions::default())?;
        let (format, header) = (source.format(), source.header().clone());
        let rows = source.by_ref().take(rows).filter_map(Result::ok).collect();
        Ok(Glance { format, header, rows })
    }
}

impl fmt::Debug for InputFile {
    /// What it holds is nobody's business.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_tuple("InputFile").field(&self.name).finish()
    }
}

impl MappedFile {
    /// Opens it for reading, with its map bound to its header.
    pub fn open(&self) -> Result<(Source, Mapper), FileError> {
        let source = self.file.open(self.map.format(), self.map.csv())?;
        let mapper = self.map.bind(source.header());
        let file = Arc::clone(&self.file.name);
        let mapper = mapper.map_err(|cause| FileError::Unfit { file, cause })?;
        Ok((source, mapper))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_in_memory_reads_as_one_on_disk_and_more_than_once() {
        let text = "first,last\nAnna,Virta\nBo,Berg\n";
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("people.csv");
        std::fs::write(&path, text).unwrap();
        let files = [
            InputFile::on_disk(&path),
            InputFile::in_memory("people.csv", Arc::from(text.as_bytes())),
        ];
        for file in &files {
            for _ in 0..2 {
                let source = file.open(None, &CsvOptions::default()).unwrap();
                assert_eq!(source.count(), 2, "{file:?}");
            }
        }
    }

    #[test]
    fn a_file_that_its_map_is_not_for_says_so() {
        let map = Map::parse("name = \"m\"\n[company]\nkey = \"number\"\n", "m.toml").unwrap();
        let file = InputFile::in_memory("people.csv", Arc::from(&b"first,last\n"[..]));
        let Err(error) = (MappedFile { file, map }).open() else { panic!("it does not fit") };
        let said = error.to_string();
        assert!(said.contains("`people.csv` does not fit its map") && said.contains("number"));
    }
}
