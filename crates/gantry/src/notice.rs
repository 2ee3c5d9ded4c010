//! `gantry notice`: check, show, render and compare notices.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, Subcommand, ValueEnum};
use gantry_engine::Clock;
use gantry_engine::audit::Cause;
use gantry_notice::{
    Diff, Faults, MAX_FILE, Matrix, Notice, Policy, render, ropa_csv, ropa_json_ld, show,
};
use gantry_store::{Space, Store, StoreError};
use miette::{GraphicalReportHandler, GraphicalTheme};
use serde_json::json;

use crate::cli::Global;
use crate::failure::{Ending, Failure};
use crate::output::{Output, Rows, print_line, print_table, print_text, remark, width};
use crate::request::{self, ToldArgs};
use crate::setup::{House, store_setup};

/// The notice that comes with the program.
pub(crate) const BUNDLED: &str = include_str!("../../../notices/customer-contacts.toml");
/// Its name where a file's would stand.
const BUNDLED_NAME: &str = "customer-contacts.toml";
/// So many faults are shown; programs get all.
const MAX_SHOWN: usize = 20;
/// A longer line of a report, in bytes, holds a line of the source that nobody reads.
const MAX_LINE: usize = 2_000;

/// What can be done with notices.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Say everything that is wrong with notices, with the line at fault
    Check(Files),
    /// Show purposes, categories and kinds of object; with `--json` everything, the matrix included
    Show(ShowArgs),
    /// Print the page to be published, as HTML
    Render(Files),
    /// Print the record of processing activities (GDPR Art. 30): CSV, or JSON-LD with `--json`
    Ropa(RopaArgs),
    /// Say who gains or loses what by a new version
    Diff(DiffArgs),
    /// Bring a new version into force in the store
    Publish(PublishArgs),
    /// Note that contacts were told of the notice in force
    Told(ToldArgs),
}

/// What to show.
#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    #[command(flatten)]
    files: Files,
    /// Print the whole policy as a matrix
    #[arg(long)]
    matrix: bool,
}

/// What record to print.
#[derive(Debug, Args)]
pub(crate) struct RopaArgs {
    #[command(flatten)]
    files: Files,
    /// In which format [default: csv, json-ld with `--json`]
    #[arg(long, value_enum)]
    format: Option<RopaFormat>,
}

/// Formats of the record of processing activities.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum RopaFormat {
    /// A row for each purpose.
    Csv,
    /// Linked data with terms of the Data Privacy Vocabulary.
    #[value(alias = "jsonld")]
    JsonLd,
}

/// What to compare.
#[derive(Debug, Args)]
pub(crate) struct DiffArgs {
    /// The older notice and the newer one; a single one is compared with the one in force
    #[arg(value_name = "FILE", num_args = 1..=2, required = true)]
    files: Vec<PathBuf>,
}

/// What to publish.
#[derive(Debug, Args)]
pub(crate) struct PublishArgs {
    /// The new version
    #[arg(value_name = "FILE")]
    file: PathBuf,
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
        Command::Show(args) => show_all(global, args, out).await,
        Command::Render(files) => render_all(global, files, out).await,
        Command::Ropa(args) => ropa(global, args, out).await,
        Command::Diff(args) => diff(global, args, out).await,
        Command::Publish(args) => publish(global, args, out).await,
        Command::Told(args) => request::told(global, args, out).await,
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
pub(crate) fn parse(text: &[u8], name: &str) -> Result<Arc<Notice>, Failure> {
    Notice::parse_bytes(text, name).map(Arc::new).map_err(|faults| {
        remark(&report(&faults));
        Failure::Said(Ending::Invalid)
    })
}

/// The faults as people read them: each with its line, and of many only the first, since what is no
/// notice at all breaks every rule.
fn report(faults: &Faults) -> String {
    use std::io::IsTerminal;
    let theme = if std::io::stderr().is_terminal() {
        GraphicalTheme::unicode()
    } else {
        GraphicalTheme::unicode_nocolor()
    };
    let mut faults = faults.clone();
    faults.unlisted += faults.list.len().saturating_sub(MAX_SHOWN);
    faults.list.truncate(MAX_SHOWN);
    let mut text = String::new();
    let handler = GraphicalReportHandler::new_themed(theme).with_width(usize::from(width()));
    match handler.render_report(&mut text, &faults) {
        Ok(()) if is_legible(&text) => text,
        _ => faults.to_text(),
    }
}

/// Whether a report is worth its lines of the source: one that is endless tells nobody anything.
pub(crate) fn is_legible(report: &str) -> bool {
    report.lines().all(|line| line.len() <= MAX_LINE)
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
        let bundled = || Text { name: BUNDLED_NAME.to_owned(), bytes: BUNDLED.as_bytes().to_vec() };
        return Ok(vec![stored.unwrap_or_else(bundled)]);
    }
    let read =
        |path: &PathBuf| Ok(Text { name: path.display().to_string(), bytes: bytes_of(path)? });
    files.iter().map(read).collect()
}

/// The versions of the notice in the store, if there is one. A notice is public: no key is needed.
async fn stored(global: &Global) -> Result<Vec<Text>, Failure> {
    if global.store.path().is_some_and(|path| !path.exists()) {
        return Ok(Vec::new());
    }
    let store = match Store::open(&global.store, store_setup(&Clock::System)).await {
        Err(StoreError::Missing { .. }) if global.store.path().is_none() => return Ok(Vec::new()),
        opened => opened?,
    };
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
            Ok(notice) => print_line(&format!(
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
                    remark(&report(&faults));
                }
            }
        }
    }
    if out.is_json() {
        out.value(&reports)?;
    }
    if found { Err(Failure::Said(Ending::Invalid)) } else { Ok(()) }
}

/// The versions of the notice that a command is about, compiled: of a file that one alone, of the
/// store all of them.
async fn policies(global: &Global, files: &[PathBuf]) -> Result<Vec<Policy>, Failure> {
    let compiled = |versions: &[Arc<Notice>]| {
        Policy::compile(versions).map_err(|error| Failure::Invalid(error.to_string()))
    };
    if files.is_empty() {
        let stored = stored(global).await?;
        if !stored.is_empty() {
            let versions: Result<Vec<_>, _> =
                stored.iter().map(|text| parse(&text.bytes, &text.name)).collect();
            return Ok(vec![compiled(&versions?)?]);
        }
    }
    let texts = texts(global, files).await?;
    texts.iter().map(|text| compiled(&[parse(&text.bytes, &text.name)?])).collect()
}

async fn show_all(global: &Global, args: &ShowArgs, out: Output) -> Result<(), Failure> {
    for policy in policies(global, &args.files.files).await? {
        if out.is_json() {
            out.value(&show(&policy))?;
        } else if args.matrix {
            print_text(&Matrix::of(&policy).to_string())?;
        } else {
            show_one(policy.notice())?;
        }
    }
    Ok(())
}

fn show_one(notice: &Notice) -> Result<(), Failure> {
    let (title, version, effective) = (&notice.title, &notice.version, notice.effective);
    print_line(&format!("{title}, version {version}, in force from {effective}"))?;
    print_line(&format!("{}\n", notice.controller.name))?;
    let mut rows = Rows::new(&["", "purpose", "title", "basis", "mode", "uses"]).numbers(&[0]);
    for (id, purpose) in &notice.purposes {
        let uses: Vec<&str> = purpose.uses.keys().map(String::as_str).collect();
        rows.add([
            purpose.number.to_string(),
            id.clone(),
            purpose.title.clone(),
            purpose.basis.word().to_owned(),
            purpose.mode.word().to_owned(),
            uses.join(", "),
        ]);
    }
    print_table(&rows)?;
    print_line("")?;
    let mut rows = Rows::new(&["category", "title", "fields"]);
    for (id, category) in &notice.categories {
        let fields: Vec<&str> = category.fields.keys().map(String::as_str).collect();
        rows.add([id.clone(), category.title.clone(), fields.join(", ")]);
    }
    print_table(&rows)?;
    print_line("")?;
    let mut rows = Rows::new(&["object", "title", "states"]);
    for (id, kind) in &notice.objects {
        rows.add([id.clone(), kind.title.clone(), kind.states.join(", ")]);
    }
    print_table(&rows)
}

async fn render_all(global: &Global, files: &Files, out: Output) -> Result<(), Failure> {
    for text in texts(global, &files.files).await? {
        let page = render(&*parse(&text.bytes, &text.name)?);
        if out.is_json() { out.value(&json!({ "html": page })) } else { print_text(&page) }?;
    }
    Ok(())
}

async fn ropa(global: &Global, args: &RopaArgs, out: Output) -> Result<(), Failure> {
    let usual = if out.is_json() { RopaFormat::JsonLd } else { RopaFormat::Csv };
    for text in texts(global, &args.files.files).await? {
        let notice = parse(&text.bytes, &text.name)?;
        match args.format.unwrap_or(usual) {
            RopaFormat::Csv => print_text(&ropa_csv(&notice))?,
            RopaFormat::JsonLd => out.value(&ropa_json_ld(&notice))?,
        }
    }
    Ok(())
}

async fn diff(global: &Global, args: &DiffArgs, out: Output) -> Result<(), Failure> {
    let mut texts_read = texts(global, &args.files).await?;
    if texts_read.len() < 2 {
        let in_force = texts(global, &[]).await?;
        texts_read.splice(0..0, in_force);
    }
    let notices: Result<Vec<_>, _> =
        texts_read.iter().map(|text| parse(&text.bytes, &text.name)).collect();
    let notices = notices?;
    let [old, new] = notices.as_slice() else {
        return Err(Failure::Usage("two notices are compared".to_owned()));
    };
    print_diff(&Diff::of(old, new), out)
}

fn print_diff(diff: &Diff, out: Output) -> Result<(), Failure> {
    if out.is_json() { out.value(diff) } else { print_text(&ended(diff.to_string())) }
}

/// A text that ends with a line break.
fn ended(mut text: String) -> String {
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

async fn publish(global: &Global, args: &PublishArgs, out: Output) -> Result<(), Failure> {
    let bytes = bytes_of(&args.file)?;
    let new = parse(&bytes, &args.file.display().to_string())?;
    let house = House::open(global).await?;
    let done = async {
        let actor = house.actor(global).await?;
        let old = Arc::clone(house.engine.policy().policy().notice());
        house.engine.publish_notice(&actor, &bytes, Cause::Cli).await?;
        Ok::<_, Failure>(Diff::of(&old, &new))
    };
    let done = house.end(done.await).await;
    let diff = done?;
    if out.is_json() {
        return out.value(&diff);
    }
    print_line(&format!("in force: {}, version {}", new.title, new.version))?;
    print_text(&ended(diff.to_string()))?;
    if diff.must_tell().is_some() {
        remark("hint: once they were told, `gantry notice told --contact ID...` notes it");
    }
    Ok(())
}
