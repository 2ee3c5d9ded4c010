//! `gantry demo`: the whole of it in one command.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::Args;
use gantry_engine::audit::Cause;
use gantry_store::Location;
use indicatif::ProgressBar;
use tempfile::TempDir;

use super::guide::{Guide, People};
use super::stage::{ACTOR, Stage};
use super::tour;
use crate::failure::{Ending, Failure};
use crate::output::{Output, print_text};
use crate::serve::{address, listen, until_asked};
use crate::setup::{House, Opening, Places};

/// The demo's token is good for so long.
const TOKEN_DAYS: u32 = 7;

/// What `demo` takes.
#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// Where the store is made, or is already [default: a temporary folder]
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
    /// Where the API listens
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Take the guided tour instead of serving, and end with 0 only if all of it holds
    #[arg(long)]
    check: bool,
}

/// Makes the demo, and serves it or takes the tour.
pub(crate) async fn run(args: &DemoArgs, out: Output) -> Result<(), Failure> {
    let temporary = temporary(args)?;
    let folder = args.folder.as_deref().or(temporary.as_ref().map(TempDir::path));
    let folder = folder.unwrap_or(Path::new("."));
    // What is printed is to be used from other folders, too.
    let whole = folder.canonicalize().map_err(|cause| Failure::file("open", folder, &cause))?;
    let places = places(&whole);
    if args.check { check(&places, out).await } else { serve(args, &places, out).await }
}

/// A folder that goes with the process, where none is given.
fn temporary(args: &DemoArgs) -> Result<Option<TempDir>, Failure> {
    let failed = |cause: std::io::Error| Failure::Failed(format!("cannot make a folder: {cause}"));
    match &args.folder {
        Some(folder) => std::fs::create_dir_all(folder).map(|()| None).map_err(failed),
        None => TempDir::with_prefix("gantry-demo-").map(Some).map_err(failed),
    }
}

fn places(folder: &Path) -> Places {
    Places {
        store: Location::Sqlite(folder.join("gantry.db")),
        key_file: folder.join("gantry.db.key"),
        checkpoints: folder.join("gantry.db.checkpoints"),
    }
}

/// The stage with all dealings in its store.
async fn load(places: &Places) -> Result<Stage, Failure> {
    let stage = Stage::make(places).await?;
    let bar = ProgressBar::no_length().with_message("loading the demo");
    let loaded = stage.load(|done, total| {
        bar.set_length(total);
        bar.set_position(done);
    });
    let loaded = loaded.await;
    bar.finish_and_clear();
    loaded.map(|()| stage)
}

async fn check(places: &Places, out: Output) -> Result<(), Failure> {
    let stage = load(places).await?;
    let toured = tour::take(&stage, places, out).await;
    stage.house.close().await?;
    if toured? { Ok(()) } else { Err(Failure::Said(Ending::Failed)) }
}

async fn serve(args: &DemoArgs, places: &Places, out: Output) -> Result<(), Failure> {
    let listener = listen(args.listen).await?;
    let there = places.store.path().is_some_and(Path::exists);
    let people = if there { None } else { Some(introduced(places).await?) };
    // From here on the clock is the machine's.
    let house = House::open_at(places, Opening::usual()).await?;
    let actor = house.engine.actor(ACTOR).await?;
    let purposes: Vec<String> =
        house.engine.policy().policy().notice().purposes.keys().cloned().collect();
    let terms = (TOKEN_DAYS, "demo");
    let token = house.engine.grant_token(&actor, ACTOR, &purposes, terms, Cause::Cli).await?;
    let guide = Guide { at: address(&listener)?, token: &token, places, people: people.as_ref() };
    if out.is_json() { out.value(&guide.to_json()) } else { print_text(&guide.to_string()) }?;
    let served = until_asked(&house.engine, listener).await;
    house.close().await?;
    served
}

/// Loads the demo, and says whom one may want to look at.
async fn introduced(places: &Places) -> Result<People, Failure> {
    let stage = load(places).await?;
    let cast = stage.dealings.cast.clone();
    let people = People {
        contacts: stage.dealings.contacts.len(),
        records: stage.dealings.records.len(),
        customer: stage.id_of(&cast.seen_by_four).await?,
        in_china: stage.id_of(&cast.china_without_consent).await?,
        marketed: stage.id_of(&cast.marketed).await?,
    };
    stage.house.close().await?;
    Ok(people)
}
