//! `gantry audit verify`: the trail is recomputed, and held against what was signed of it.

use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use clap::Args;
use gantry_engine::audit::{Chain, Fault, Filter, Report, Subject, verify};
use gantry_store::Id;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::audit::{oversight, time};
use crate::cli::Global;
use crate::failure::{Ending, Failure};
use crate::output::{Output, Rows, counted, print_line, print_prose, print_table, remark};
use crate::setup::House;

/// Against what.
#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// Files with checkpoints that other machines have signed, or copies of them; besides this
    /// machine's own (`--checkpoints`)
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
}

/// Runs the command.
pub(crate) async fn run(
    house: &House,
    global: &Global,
    args: &VerifyArgs,
    out: Output,
) -> Result<(), Failure> {
    for file in &args.files {
        // One that is not there would only be missed under an id that says nothing to anybody.
        File::open(file).map_err(|cause| unreadable(file, &cause))?;
    }
    // The look at the trail is itself in it, and is refused to whoever may not look.
    oversight(house, global).await?.trail(&Filter::default(), None, 1).await?;
    house.engine.tick(false).await?;
    let report = report(house, &args.files).await?;
    print(&report, out)?;
    match () {
        () if report.holds() => Ok(()),
        () if report.holds_as_given() => Err(Failure::Said(Ending::Partly)),
        () => Err(Failure::Said(Ending::Failed)),
    }
}

fn unreadable(file: &Path, cause: &io::Error) -> Failure {
    let failure = Failure::file("read", file, cause);
    if cause.kind() != io::ErrorKind::NotFound {
        return failure;
    }
    failure.hinted(
        "a node makes its file when it starts to serve, a command when it ends; leave out the file of who has signed nothing yet, and if it was there, get a copy of it",
    )
}

/// What verifying finds, against the checkpoints outside the store: this machine's and others.
pub(crate) async fn report(house: &House, others: &[PathBuf]) -> Result<Report, Failure> {
    let mut files = vec![house.checkpoints.clone()];
    files.extend_from_slice(others);
    let key = house.vault.public_key();
    let verified = verify(house.engine.store(), &house.store_id, &files, &key).await;
    verified.map_err(|error| Failure::Failed(error.to_string()))
}

fn print(report: &Report, out: Output) -> Result<(), Failure> {
    if out.is_json() {
        return out.value(&report_json(report));
    }
    let answer = verdict(report);
    let chains = match report.chains.len() {
        0 | 1 => String::new(),
        several => format!(" of {several} chains"),
    };
    print_prose(&format!(
        "{answer}: {} in {}{chains}, {}, {} after the last one",
        counted(report.entries, "entry"),
        counted(report.links, "link"),
        counted(report.checkpoints, "signed checkpoint"),
        counted(report.unproven, "link")
    ))?;
    if let (Some(first), Some(last)) = (report.first, report.last) {
        print_line(&format!("from {} to {}", time(first), time(last)))?;
    }
    if report.chains.len() > 1 {
        print_table(&chain_rows(&report.chains))?;
    }
    let mut rows = Rows::new(&["where", "fault"]);
    for fault in &report.faults {
        rows.add([place(&fault.about), fault.what.to_owned()]);
    }
    print_table(&rows)?;
    let hints: BTreeSet<&str> = report.faults.iter().filter_map(|fault| fault.hint).collect();
    for hint in hints {
        remark(&format!("hint: {hint} (`gantry audit verify FILE...`)"));
    }
    Ok(())
}

/// What it comes to, in words.
pub(crate) fn verdict(report: &Report) -> String {
    if report.holds() {
        "the trail holds".to_owned()
    } else if report.holds_as_given() {
        let files = counted(report.not_given, "file");
        format!("the trail holds as far as was given ({files} of checkpoints not given)")
    } else {
        "the trail does NOT hold".to_owned()
    }
}

fn chain_rows(chains: &[Chain]) -> Rows {
    let head = ["chain", "links", "entries", "from", "to", "not signed yet"];
    let mut rows = Rows::new(&head).numbers(&[1, 2, 5]).whole(&[0]);
    for chain in chains {
        rows.add([
            uuid(&chain.id),
            chain.links.to_string(),
            chain.entries.to_string(),
            chain.first.map(time).unwrap_or_default(),
            chain.last.map(time).unwrap_or_default(),
            chain.unproven.to_string(),
        ]);
    }
    rows
}

/// What a fault is about, in words.
pub(crate) fn place(about: &Subject) -> String {
    match about {
        Subject::Link { chain, sequence } => format!("link {sequence} of chain {}", uuid(chain)),
        Subject::Line { path, line } => format!("line {line} of `{}`", path.display()),
        Subject::Checkpoints { file, first, last, since } => {
            let which = if first == last {
                format!("checkpoint {first}")
            } else {
                format!("checkpoints {first} to {last}")
            };
            let since = since.map(|at| format!(", begun {}", time(at))).unwrap_or_default();
            format!("{which} of file {}{since}", uuid(file))
        }
    }
}

fn report_json(report: &Report) -> Json {
    let chains = report.chains.iter().map(|chain| {
        json!({
            "chain": uuid(&chain.id),
            "links": chain.links,
            "entries": chain.entries,
            "first": chain.first.map(time),
            "last": chain.last.map(time),
            "unproven": chain.unproven,
        })
    });
    json!({
        "holds": report.holds(),
        "holds_as_given": report.holds_as_given(),
        "not_given": report.not_given,
        "chains": chains.collect::<Vec<_>>(),
        "links": report.links,
        "entries": report.entries,
        "first": report.first.map(time),
        "last": report.last.map(time),
        "checkpoints": report.checkpoints,
        "unproven": report.unproven,
        "fault_count": report.fault_count,
        "faults": report.faults.iter().map(fault_json).collect::<Vec<_>>(),
    })
}

fn fault_json(fault: &Fault) -> Json {
    let what = fault.what;
    match &fault.about {
        Subject::Link { chain, sequence } => {
            json!({ "chain": uuid(chain), "link": sequence, "what": what })
        }
        Subject::Line { path, line } => {
            json!({ "path": path.display().to_string(), "line": line, "what": what })
        }
        Subject::Checkpoints { file, first, last, since } => json!({
            "file": uuid(file),
            "checkpoints": [first, last],
            "since": since.map(time),
            "what": what,
            "hint": fault.hint,
        }),
    }
}

fn uuid(id: &Id) -> String {
    Uuid::from_bytes(*id).to_string()
}
