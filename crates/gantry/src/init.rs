//! `gantry init`: a new store, its key file and its first account.

use std::path::PathBuf;

use clap::Args;
use gantry_engine::actor::{Account, is_name};
use gantry_engine::audit::{Cause, try_to_write};
use gantry_engine::{Clock, EngineError, Entropy, found};
use gantry_store::{Batch, Space, Store, StoreError, Write};
use gantry_vault::{MasterKey, Vault};
use serde_json::json;
use zeroize::Zeroizing;

use crate::cli::Global;
use crate::failure::Failure;
use crate::output::{Output, print_prose};
use crate::setup::{
    KEY, MASTER_KEY, Places, REGION, STORE, key_in_environment, master_key, store_setup, write_key,
};
use crate::user::ReachedArgs;
use crate::{notice, setup};

/// What `init` takes.
#[derive(Debug, Args)]
pub(crate) struct InitArgs {
    /// The notice of the store [default: the bundled one]
    #[arg(long, value_name = "FILE")]
    notice: Option<PathBuf>,
    /// The region that the store is in, where a law asks for it
    #[arg(long, value_name = "REGION")]
    region: Option<String>,
    #[command(flatten)]
    reached: ReachedArgs,
}

/// What a new store begins with.
pub(crate) struct Beginning<'a> {
    /// What to call the notice where it does not hold.
    pub(crate) file: &'a str,
    pub(crate) notice: &'a str,
    pub(crate) actor: &'a str,
    pub(crate) region: Option<&'a str>,
    pub(crate) clock: &'a Clock,
    pub(crate) entropy: &'a Entropy,
}

/// Makes a store. The account named, else the user's login, gets all roles.
pub(crate) async fn run(global: &Global, args: &InitArgs, out: Output) -> Result<(), Failure> {
    let places = Places::of(global);
    let text = notice::text_of(args.notice.as_deref())?;
    let actor = global.actor.clone().unwrap_or_else(login);
    let (clock, entropy) = (Clock::System, Entropy::system());
    let region = args.region.as_deref();
    let file = args
        .notice
        .as_ref()
        .map_or_else(|| "the bundled notice".to_owned(), |path| path.display().to_string());
    let beginning = Beginning {
        file: &file,
        notice: &text,
        actor: &actor,
        region,
        clock: &clock,
        entropy: &entropy,
    };
    let key_made = begin(&places, &beginning).await?;
    let from_environment = key_in_environment()?.is_some();
    // Opening it proves that key and store fit.
    let house = setup::House::open(global).await?;
    let link = first_link(&house, &actor, &args.reached).await;
    let link = house.end(link).await?;
    if out.is_json() {
        return out.value(&json!({
            "store": places.store.to_string(),
            "key_file": (!from_environment).then(|| places.key_file.display().to_string()),
            "key_made": key_made,
            "keys": places.store.keys(),
            "checkpoints": places.checkpoints.display().to_string(),
            "account": actor,
            "sign_in_link": link.as_str(),
        }));
    }
    print_prose(&format!("made the store `{}` for the account `{actor}`", places.store))?;
    let parsed = notice::parse(text.as_bytes(), &file)?;
    let bundled = args.notice.is_none();
    let own = if bundled { " (the bundled one; `--notice FILE` takes your own)" } else { "" };
    print_prose(&format!(
        "it runs on the notice \u{201c}{}\u{201d}, version {}{own}\n  of {}",
        parsed.title, parsed.version, parsed.controller.name
    ))?;
    print_prose(&key_told(&places, key_made, from_environment))?;
    print_prose(&format!(
        "each contact's own key lies in `{}`: back it up apart, for days only",
        places.store.keys()
    ))?;
    print_prose(&format!(
        "checkpoints of the audit trail go to `{}`",
        places.checkpoints.display()
    ))?;
    print_prose(&format!(
        "`{actor}` signs in for the first time by this link, once, within 24 hours, where `gantry serve` runs (`gantry user link` makes another):\n  {}",
        link.as_str()
    ))
}

/// A link by which the first account is signed in to; it has no password yet.
async fn first_link(
    house: &setup::House,
    actor: &str,
    reached: &ReachedArgs,
) -> Result<Zeroizing<String>, Failure> {
    let by = house.engine.actor(actor).await?;
    let link = house.engine.sign_in_link(&by, actor, Cause::Cli).await?;
    Ok(reached.link(&link))
}

/// Where the master key is, and whether it was there before: then another store may have it, too.
fn key_told(places: &Places, made: bool, from_environment: bool) -> String {
    let file = places.key_file.display();
    if made {
        return format!("its key is in `{file}`: keep a copy in a safe, without it nothing opens");
    }
    let (place, other) = if from_environment {
        (format!("`{MASTER_KEY}`"), "unset it")
    } else {
        (format!("`{file}`"), "name another file with `--key-file`")
    };
    format!(
        "it takes the key in {place}, which was there before and may be another store's, too: without it nothing opens\n  for a key of its own begin again at another place, and {other}"
    )
}

/// Makes key file and store. Says whether it made a key.
pub(crate) async fn begin(places: &Places, new: &Beginning<'_>) -> Result<bool, Failure> {
    if !is_name(new.actor) {
        let fault = "is not a name of at most 64 letters, digits and `-_.@`";
        return Err(Failure::Usage(format!("`--as` {fault}")));
    }
    // Nothing is made for a notice that does not hold.
    notice::parse(new.notice.as_bytes(), new.file)?;
    try_to_write(&places.checkpoints).map_err(EngineError::from)?;
    let begun = match places.store.path() {
        Some(path) if !path.exists() => None,
        _ => unfinished(places, new.clock).await,
    };
    let key_made = key_in_environment()?.is_none() && !places.key_file.exists();
    if key_made {
        write_key(&places.key_file, &MasterKey::generate(&mut new.entropy.fork()))?;
    }
    let key = Vault::new(&master_key(places)?).public_key().to_string();
    let made = make_store(places, new, &key, begun).await;
    if made.is_err() && key_made {
        // The key has opened nothing yet.
        let _ = std::fs::remove_file(&places.key_file);
    }
    made.map(|()| key_made)
}

/// What is where the store or its keys are to be made.
fn in_the_way(error: StoreError, places: &Places) -> Failure {
    let StoreError::Exists { place } = &error else { return error.into() };
    Failure::Failed(if *place == places.store.keys() {
        format!(
            "`{place}` is there already: the contacts' keys of a store that is not `{}`, or is gone\nhint: put that store back beside them, or name another place with `--store` (for the keys of a database with `keys=` in its address)",
            places.store
        )
    } else {
        format!(
            "there is something at `{place}` already\nhint: name another place with `--store`; an account for a store that is there is added with `gantry user add`"
        )
    })
}

/// The store that is there, if whoever began to make it was stopped before it was one.
async fn unfinished(places: &Places, clock: &Clock) -> Option<Store> {
    let store = Store::open(&places.store, store_setup(clock)).await.ok()?;
    let finished = store.entry(Space::Meta, STORE).await.ok()?.is_some();
    (!finished).then_some(store)
}

async fn make_store(
    places: &Places,
    new: &Beginning<'_>,
    key: &str,
    begun: Option<Store>,
) -> Result<(), Failure> {
    let now = new.clock.now();
    let store = if let Some(store) = begun {
        store
    } else {
        let store = Store::create(&places.store, store_setup(new.clock)).await;
        store.map_err(|error| in_the_way(error, places))?
    };
    let mut writes = vec![Write::Entry(Space::Meta, KEY.to_vec(), key.as_bytes().to_vec())];
    if let Some(region) = new.region {
        writes.push(Write::Entry(Space::Meta, REGION.to_vec(), region.as_bytes().to_vec()));
    }
    store.commit(Batch { writes, ..Batch::default() }).await?;
    // This comes last: it makes the store one.
    let account = Account { name: new.actor.to_owned(), roles: vec!["*".to_owned()], created: now };
    found(&store, new.notice, &account, new.entropy.id(now)).await?;
    Ok(())
}

/// The user's login, where it can be an account's name.
fn login() -> String {
    let names = ["USER", "LOGNAME"].into_iter().filter_map(|name| std::env::var(name).ok());
    names.into_iter().find(|name| is_name(name)).unwrap_or_else(|| "local".to_owned())
}
