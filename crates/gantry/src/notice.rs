//! `gantry notice`: check, show, render and compare notices.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, Subcommand};
use gantry_engine::Clock;
use gantry_notice::{Faults, MAX_FILE, Notice};
use gantry_store::{Space, Store};
use miette::{GraphicalReportHandler, GraphicalTheme};
use serde_json::json;

use crate::cli::Global;
use crate::failure::{Ending, Failure};
use crate::output::Output;
use crate::setup::store_setup;

/// The notice that comes with the program.
pub(crate) const BUNDLED: &str = include_str!("../../../notices/customer-contacts.toml");
/// Its name where a file's would stand.
const BUNDLED_NAME: &str = "customer-contacts.toml";

/// What can be done with notices.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Say everything that is wrong with notices, with the line at fault
    Check(Files),
}

/// Notices to work on.
#[derive(Debug, Args)]
pub(crate) struct Files {
    /// Notices [default: the one in force in the store, else the bundled one]
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
}

/// Runs a command on notices.
pub(crate) async fn run(global: &Global, command: &Command, out: Output) -> Result<(), Failure> {
    match command {
        Command::Check(files) => check(global, files, out).await,
    }
}

/// The text of a notice file, or the bundled notice.
pub(crate) fn text_of(file: Option<&Path>) -> Result<String, Failure> {
    let Some(path) = file else { return Ok(BUNDLED.to_owned()) };
    String::from_utf8(bytes_of(path)?)
        .map_err(|_| Failure::Invalid(format!("`{}` is not UTF-8", path.display())))
}

fn bytes_of(path: &Path) -> Result<Vec<u8>, Failure> {
    use std::io::Read;
    let most = u64::try_from(MAX_FILE).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(most).read_to_end(&mut bytes));
    read.map_err(|cause| Failure::file("read", path, &cause))?;
    Ok(bytes)
}

/// Reads a notice; its faults are reported.
pub(crate) fn parse(text: &str, name: &str) -> Result<Arc<Notice>, Failure> {
    Notice::parse(text, name).map(Arc::new).map_err(|faults| {
        Output::new(false).remark(&report(&faults));
        Failure::Said(Ending::Invalid)
    })
}

/// The faults as people read them: each with its line.
fn report(faults: &Faults) -> String {
    use std::io::IsTerminal;
    let theme = if std::io::stderr().is_terminal() {
        GraphicalTheme::unicode()
    } else {
        GraphicalTheme::unicode_nocolor()
    };
    let mut text = String::new();
    let handler = GraphicalReportHandler::new_themed(theme).with_width(100);
    match handler.render_report(&mut text, faults) {
        Ok(()) => text,
        Err(_) => faults.to_text(),
    }
}

/// A notice to be read: its name and its bytes.
struct Text {
    name: String,
    bytes: Vec<u8>,
}

/// The notices that a command is about: the files, else the one in force, else the bundled one.
async fn texts(global: &Global, files: &[PathBuf]) -> Result<Vec<Text>, Failure> {
    if files.is_empty() {
        let stored = stored(global).await?.pop();
        let bundled =
            || Text { name: BUNDLED_NAME.to_owned(), bytes: BUNDLED.as_bytes().to_vec() };
        return Ok(vec![stored.unwrap_or_else(bundled)]);
    }
    let read = |path: &PathBuf| {
        Ok(Text { name: path.display().to_string(), bytes: bytes_of(path)? })
    };
    files.iter().map(read).collect()
}

/// The versions of the notice in the store, if there is one. A notice is public: no key is needed.
async fn stored(global: &Global) -> Result<Vec<Text>, Failure> {
    if !global.store.path().is_some_and(Path::exists) {
        return Ok(Vec::new());
    }
    let store = Store::open(&global.store, store_setup(&Clock::System)).await?;
    let entries = store.entries(Space::Notice, &[], None, usize::from(u16::MAX)).await?;
    let text = |(at, (_, bytes)): (usize, (Vec<u8>, Vec<u8>))| Text {
        name: format!("version {} of the notice in the store", at + 1),
        bytes,
    };
    Ok(entries.into_iter().enumerate().map(text).collect())
}

async fn check(global: &Global, files: &Files, out: Output) -> Result<(), Failure> {
    let (mut reports, mut found) = (Vec::new(), false);
    for text in texts(global, &files.files).await? {
        match Notice::parse_bytes(&text.bytes, &text.name) {
            Ok(notice) if out.is_json() => reports.push(json!({
                "file": text.name, "id": notice.id, "version": notice.version, "faults": []
            })),
            Ok(notice) => out.line(&format!(
                "`{}` holds: {}, version {}, {} purposes, {} categories, {} kinds of object",
                text.name,
                notice.title,
                notice.version,
                notice.purposes.len(),
                notice.categories.len(),
                notice.objects.len()
            ))?,
            Err(faults) => {
                found = true;
                if out.is_json() {
                    reports.push(faults.to_json());
                } else {
                    out.remark(&report(&faults));
                }
            }
        }
    }
    if out.is_json() {
        out.value(&reports)?;
    }
    if found { Err(Failure::Said(Ending::Invalid)) } else { Ok(()) }
}
