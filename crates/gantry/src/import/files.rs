//! The files of an import, and the map of each.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use gantry_intake::{BindError, MAX_MAP, Map, MapError, Mapper, Near, OpenError, Source};
use miette::{GraphicalReportHandler, GraphicalTheme};

use crate::failure::{Ending, Failure};
use crate::names;
use crate::notice::is_legible;
use crate::output::remark;

/// Where it stands how a map is written.
const MAPS: &str = "examples/maps/README.md";

/// A file and its map.
#[derive(Clone, Debug)]
pub(super) struct InputFile {
    pub(super) path: PathBuf,
    pub(super) map: Map,
}

/// Finds the map of every file, and sees that it fits, before anything else is done.
pub(super) fn find(paths: &[PathBuf], map: Option<&Path>) -> Result<Vec<InputFile>, Failure> {
    let named = map.map(named).transpose()?;
    let file = |path: &PathBuf| {
        let map = match &named {
            Some(map) => map.clone(),
            None => recognised(path)?,
        };
        let file = InputFile { path: path.clone(), map };
        file.open()?;
        Ok(file)
    };
    paths.iter().map(file).collect()
}

impl InputFile {
    /// Opens it for reading, with its map bound to its header.
    pub(super) fn open(&self) -> Result<(Source, Mapper), Failure> {
        let source = Source::open(&self.path, self.map.format(), self.map.csv());
        let source = source.map_err(|error| unreadable(&error))?;
        let mapper = self.map.bind(source.header()).map_err(|error| unfit(&self.path, &error))?;
        Ok((source, mapper))
    }

    /// Its name as given.
    pub(super) fn name(&self) -> String {
        self.path.display().to_string()
    }
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

fn recognised(path: &Path) -> Result<Map, Failure> {
    let map = Map::recognise_file(path).map_err(|error| unreadable(&error))?;
    let Some(map) = map else {
        let near = Map::nearest(path).map_err(|error| unreadable(&error))?;
        return Err(no_map(path, near.as_ref()));
    };
    Ok(map.clone())
}

/// That no map fits, and which came near, if one did.
fn no_map(path: &Path, near: Option<&Near>) -> Failure {
    let near = near.map(|Near { map, missing, contrary }| {
        let quoted = |columns: &[String]| format!("`{}`", columns.join("`, `"));
        let missing = (!missing.is_empty()).then(|| format!("misses {}", quoted(missing)));
        let contrary =
            (!contrary.is_empty()).then(|| format!("should not have {}", quoted(contrary)));
        let parts: Vec<String> = missing.into_iter().chain(contrary).collect();
        format!("`{}` comes nearest, but the file {}; ", map.name(), parts.join(" and "))
    });
    Failure::Invalid(format!(
        "no built-in map fits the columns of `{}`\nhint: {}name a built-in map (`gantry import --help` lists them) or a file of your own with `--map`; `{MAPS}` says how to write one",
        path.display(),
        near.unwrap_or_default()
    ))
}

fn unreadable(error: &OpenError) -> Failure {
    match error {
        OpenError::Io { .. } => Failure::Failed(error.to_string()),
        _ => Failure::Invalid(error.to_string()),
    }
}

fn unfit(path: &Path, error: &BindError) -> Failure {
    Failure::Invalid(format!("`{}` does not fit its map: {error}", path.display()))
}
