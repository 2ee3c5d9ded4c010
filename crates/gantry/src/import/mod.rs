//! `gantry import`: files of other systems, looked at first and written second.
//!
//! The first pass maps and checks every row and writes nothing; the second writes what the first
//! found good. A bad row keeps everything out unless `--keep-good` says otherwise.

mod files;
mod onlooker;
mod rejects;
mod report;

use std::path::PathBuf;

use clap::Args;
use gantry_engine::Identified;
use gantry_intake::{Map, MappedFile};

use crate::cli::{Global, WorkArgs};
use crate::count::Count;
use crate::failure::{Ending, Failure};
use crate::output::Output;
use crate::setup::House;

use self::onlooker::{Onlooker, Stop};
use self::rejects::Rejects;
use self::report::{Report, most_faults};

/// What to import.
#[derive(Debug, Args)]
#[command(after_help = built_in_maps())]
pub(crate) struct ImportArgs {
    #[command(flatten)]
    work: WorkArgs,
    /// The name of the system that the files come from; its own ids are known by this name
    #[arg(long, value_name = "NAME")]
    source: String,
    /// Which column is which field: a map file, or the name of a built-in map [default: the built-in
    /// map that fits the header]
    #[arg(long, value_name = "FILE")]
    map: Option<PathBuf>,
    /// Look at everything and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Keep the good rows where some are bad
    #[arg(long)]
    keep_good: bool,
    /// Where bad rows go, with what is wrong in a column `gantry_fault` [default: the
    /// file's name and `.rejects.csv`, in the current folder; with `--keep-good`]
    #[arg(long, value_name = "FILE", requires = "keep_good")]
    rejects: Option<PathBuf>,
    /// The files, in an order in which companies and orders come before what refers to them
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
}

/// The built-in maps, for whoever asks for help.
fn built_in_maps() -> String {
    let maps = Map::all_built_in().iter();
    let lines = maps.map(|map| format!("\n  {:<24}{}", map.name(), map.about()));
    let mut text = "Built-in maps, by which a file is known from its columns:".to_owned();
    text.extend(lines);
    text
}

/// Imports.
pub(crate) async fn run(global: &Global, args: &ImportArgs, out: Output) -> Result<(), Failure> {
    if args.rejects.is_some() && args.files.len() > 1 {
        return Err(Failure::Usage(
            "`--rejects` names the rejects of one file; hint: leave it out, and each file gets its own"
                .to_owned(),
        ));
    }
    let files = files::find(&args.files, args.map.as_deref())?;
    let house = House::open(global).await?;
    let done = match house.identified(global, &args.work).await {
        Ok(session) => both_passes(&session, args, &files, out).await,
        Err(failure) => Err(failure),
    };
    let report = house.end(done).await?;
    report.print(out)?;
    if report.found.fault_count > 0 && !args.keep_good {
        return Err(Failure::Said(Ending::Invalid));
    }
    Ok(())
}

async fn both_passes(
    session: &Identified,
    args: &ImportArgs,
    files: &[MappedFile],
    out: Output,
) -> Result<Report, Failure> {
    let stop = Stop::on_interrupt();
    let (source, most_faults) = (&args.source, most_faults(out));
    let mut onlooker = Onlooker::new(Count::new("checking", None), None, &stop);
    let first = session.look_at_files(source, files, most_faults, &mut onlooker).await;
    onlooker.end();
    let first = first?;
    let bad = first.fault_count > 0;
    if args.dry_run || (bad && !args.keep_good) {
        return Ok(Report { dry_run: args.dry_run, ..Report::of(first) });
    }
    let rejects = bad.then(|| Rejects::new(args.rejects.as_deref(), files));
    let mut onlooker = Onlooker::new(Count::new("importing", Some(first.rows)), rejects, &stop);
    let written =
        session.import_files(source, files, most_faults, args.keep_good, &mut onlooker).await;
    onlooker.end();
    Ok(Report { rejects: onlooker.written, ..Report::of(written?) })
}
