//! `gantry demo`: the whole of it in one command.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::Args;
use gantry_engine::Work;
use gantry_engine::actor::Actor;
use gantry_engine::audit::Cause;
use gantry_post::{Post, PostError};
use gantry_store::{Batch, Location, Space, Write};
use gantry_web::Site;
use indicatif::ProgressBar;
use tempfile::TempDir;
use uuid::Uuid;

use super::guide::{Guide, People};
use super::stage::{ACTOR, Stage};
use super::{staff, tour};
use crate::failure::{Ending, Failure};
use crate::output::{Output, print_text, remark};
use crate::serve::{address, asked_to_end, listen, until_asked};
use crate::setup::{House, Opening, Places};

/// Whom the demo's mail comes from; it is caught, and nobody gets it.
const FROM: &str = "privacy@harju.example";
/// The demo's token is good for so long.
const TOKEN_DAYS: u32 = 7;

/// Under which a store that is a demo says whom one may want to look at.
const DEMO: &[u8] = b"demo";

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
    let temporary = temporary(args.folder.as_deref())?;
    let folder = args.folder.as_deref().or(temporary.as_ref().map(TempDir::path));
    let folder = folder.unwrap_or(Path::new("."));
    // What is printed is to be used from other folders, too.
    let whole = folder.canonicalize().map_err(|cause| Failure::file("open", folder, &cause))?;
    let places = places(&whole);
    let there = places.store.path().is_some_and(Path::exists);
    match (args.check, there) {
        (true, true) => check_elsewhere(&places, out).await,
        (true, false) => check(&places, out).await,
        (false, _) => serve(args, &places, there, out).await,
    }
}

/// The tour objects, erases and moves the clock: a demo that is there stays as it is.
async fn check_elsewhere(there: &Places, out: Output) -> Result<(), Failure> {
    let elsewhere = temporary(None)?;
    let folder = elsewhere.as_ref().map_or(Path::new("."), TempDir::path);
    remark(&format!(
        "`{}` is there already and stays as it is: the tour is taken in a store of its own",
        there.store
    ));
    check(&places(folder), out).await
}

/// A folder that goes with the process, where none is given.
fn temporary(folder: Option<&Path>) -> Result<Option<TempDir>, Failure> {
    let failed = |cause: std::io::Error| Failure::Failed(format!("cannot make a folder: {cause}"));
    match folder {
        Some(folder) => std::fs::create_dir_all(folder).map(|()| None).map_err(failed),
        None => TempDir::with_prefix("gantry-demo-").map(Some).map_err(failed),
    }
}

fn places(folder: &Path) -> Places {
    Places {
        store: Location::Sqlite(folder.join("gantry.db")),
        key_file: folder.join("gantry.db.key"),
        checkpoints: folder.join("gantry.db.checkpoints"),
        files: folder.join("gantry.db"),
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
    loaded?;
    introduce(&stage).await?;
    Ok(stage)
}

async fn check(places: &Places, out: Output) -> Result<(), Failure> {
    let stage = load(places).await?;
    let toured = tour::take(&stage, places, out).await;
    stage.house.close().await?;
    if toured? { Ok(()) } else { Err(Failure::Said(Ending::Failed)) }
}

async fn serve(args: &DemoArgs, places: &Places, there: bool, out: Output) -> Result<(), Failure> {
    let listener = listen(args.listen).await?;
    if !there {
        load(places).await?.house.close().await?;
    }
    // From here on the clock is the machine's.
    let house = House::open_at(places, Opening::usual()).await?;
    let people = introduced(&house, places).await?;
    let actor = house.engine.actor(ACTOR).await?;
    let purposes: Vec<String> = house.notice().purposes.keys().cloned().collect();
    let terms = (TOKEN_DAYS, "demo");
    let token = house.engine.grant_token(&actor, ACTOR, &purposes, terms, Cause::Cli).await?;
    let at = address(&listener)?;
    let asked = asked_to_end()?;
    let staff = staff::hire(&house.engine, &actor).await?;
    let address_of_customer = email_of(&house, &actor, people.customer).await?;
    let guide = Guide {
        at,
        token: &token,
        places,
        people: &people,
        staff: &staff,
        portal: &address_of_customer,
        again: there,
    };
    if out.is_json() { out.value(&guide.to_json()) } else { print_text(&guide.to_string()) }?;
    let from = FROM.parse().map_err(|error: PostError| Failure::Failed(error.to_string()))?;
    let (public_url, post) = (format!("http://{at}"), Post::catching(from));
    let site = Site { public_url, post, demo: Some(staff.clone()), ..Site::default() };
    let served = until_asked(&house.engine, site, listener, asked).await;
    house.close().await?;
    served
}

/// The e-mail address of a contact, as the purpose for requests sees it.
async fn email_of(house: &House, actor: &Actor, contact: Uuid) -> Result<String, Failure> {
    let purpose = &house.notice().system.requests;
    let session = house.engine.session(actor, &Work::on(purpose, Cause::Cli)).await?;
    let session = session.into_identified()?;
    let view = session.contact(contact).await?;
    let mut fields = view.data.values().flatten();
    let found = fields.find_map(|(name, value)| value.as_str().filter(|_| name == "email"));
    Ok(found.unwrap_or_default().to_owned())
}

/// Writes down whom one may want to look at. This comes last: it makes the store a demo.
async fn introduce(stage: &Stage) -> Result<(), Failure> {
    let cast = stage.dealings.cast.clone();
    let people = People {
        contacts: stage.dealings.contacts.len(),
        records: stage.dealings.records.len(),
        customer: stage.id_of(&cast.seen_by_four).await?,
        in_china: stage.id_of(&cast.china_without_consent).await?,
        marketed: stage.id_of(&cast.marketed).await?,
    };
    let people = serde_json::to_vec(&people).map_err(|e| Failure::Failed(e.to_string()))?;
    let writes = vec![Write::Entry(Space::Meta, DEMO.to_vec(), people)];
    stage.house.engine.store().commit(Batch { writes, ..Batch::default() }).await?;
    Ok(())
}

/// Whom one may want to look at, as it was written down when the demo was made.
async fn introduced(house: &House, places: &Places) -> Result<People, Failure> {
    let people = house.engine.store().entry(Space::Meta, DEMO).await?;
    let people = people.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    people.ok_or_else(|| {
        Failure::Failed(format!(
            "`{}` is no demo, or one that was never finished\nhint: name another folder with `--folder`, or remove that store",
            places.store
        ))
    })
}
