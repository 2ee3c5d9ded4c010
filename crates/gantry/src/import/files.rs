//! The files of an import, and the map of each.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use gantry_intake::{
    CsvOptions, FileError, InputFile, MAX_MAP, Map, MapError, MappedFile, Near, OpenError,
};
use miette::{GraphicalReportHandler, GraphicalTheme};

use crate::failure::{Ending, Failure};
use crate::names;
use crate::notice::is_legible;
use crate::output::remark;

/// Where it stands how a map is written.
const MAPS: &str = "examples/maps/README.md";

/// Finds the map of every file, and sees that it fits, before anything else is done.
pub(super) fn find(paths: &[PathBuf], map: Option<&Path>) -> Result<Vec<MappedFile>, Failure> {
    let named = map.map(named).transpose()?;
    let file = |path: &PathBuf| {
        let file = InputFile::on_disk(path);
        let map = match &named {
            Some(map) => map.clone(),
            None => recognised(&file)?,
        };
        let file = MappedFile { file, map };
        file.open()?;
        Ok(file)
    };
    paths.iter().map(file).collect()
}

fn named(name: &Path) -> Result<Map, Failure> {
    let built_in = name.to_str().and_then(Map::built_in).filter(|_| !name.exists());
    if let Some(map) = built_in {
        return Ok(map.clone());
    }
    let text = read(name)?;
    Map::parse(&text, &name.display().to_string()).map_err(|error| wrong_map(&error))
}

/// The text of a map file, and no more of an endless one than shows that it is too long.
fn read(path: &Path) -> Result<String, Failure> {
    let most = u64::try_from(MAX_MAP).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(most).read_to_end(&mut bytes));
    let path = path.display();
    read.map_err(|cause| {
        let all: Vec<&str> = Map::all_built_in().iter().map(Map::name).collect();
        let meant = names::meant(&path.to_string(), &all);
        Failure::Failed(format!(
            "cannot read the map `{path}`: {cause}\nhint: {meant}built-in maps are `{}`; `{MAPS}` says how to write one",
            all.join("`, `")
        ))
    })?;
    String::from_utf8(bytes).map_err(|_| Failure::Invalid(format!("the map `{path}` is not UTF-8")))
}

/// A map's fault, with its line.
fn wrong_map(error: &MapError) -> Failure {
    let mut text = String::new();
    let handler = GraphicalReportHandler::new_themed(GraphicalTheme::unicode_nocolor());
    if handler.render_report(&mut text, error).is_err() || !is_legible(&text) {
        text = format!("error: {error}");
    }
    remark(&text);
    Failure::Said(Ending::Invalid)
}

fn recognised(file: &InputFile) -> Result<Map, Failure> {
    let source = file.open(None, &CsvOptions::default()).map_err(FileError::Open)?;
    let (format, header) = (source.format(), source.header());
    let map = Map::recognise(format, header).cloned();
    map.ok_or_else(|| no_map(file.name(), Map::nearest(format, header).as_ref()))
}

/// That no map fits, and which came near, if one did.
fn no_map(file: &str, near: Option<&Near>) -> Failure {
    let near = near.map(|Near { map, missing, contrary }| {
        let quoted = |columns: &[String]| format!("`{}`", columns.join("`, `"));
        let missing = (!missing.is_empty()).then(|| format!("misses {}", quoted(missing)));
        let contrary =
            (!contrary.is_empty()).then(|| format!("should not have {}", quoted(contrary)));
        let parts: Vec<String> = missing.into_iter().chain(contrary).collect();
        format!("`{}` comes nearest, but the file {}; ", map.name(), parts.join(" and "))
    });
    Failure::Invalid(format!(
        "no built-in map fits the columns of `{file}`\nhint: {}name a built-in map (`gantry import --help` lists them) or a file of your own with `--map`; `{MAPS}` says how to write one",
        near.unwrap_or_default()
    ))
}

impl From<FileError> for Failure {
    fn from(error: FileError) -> Failure {
        match error {
            FileError::Open(OpenError::Io { .. }) => Failure::Failed(error.to_string()),
            _ => Failure::Invalid(error.to_string()),
        }
    }
}
