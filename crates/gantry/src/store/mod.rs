//! `gantry store`: what is done with stores as a whole, and opens nothing that is sealed.

mod copy;

use clap::{Args, Subcommand, ValueEnum};
use gantry_engine::Clock;
use gantry_store::copy::{ChainProof, Progress, Survey, reopen, survey};
use gantry_store::{ShardEngine, Store};
use gantry_vault::link_hash;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::cli::Global;
use crate::count::Count;
use crate::failure::{Ending, Failure};
use crate::output::{Output, Rows, counted, print_line, print_prose, print_table};
use crate::setup::store_setup;

/// What can be done with a store.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Bring a store's tables up to date: carry out what is missing, each step once
    Migrate,
    /// Look for damage; reads everything
    Check,
    /// Copy a store to another place, a file or a server, and compare both; the store is there then
    Copy(copy::CopyArgs),
    /// Take a store up again that was copied to another place, where nobody has worked with the copy
    Reopen,
    /// Spread a store over the machines of a cluster
    Shard(ShardArgs),
}

/// How a store is spread.
#[derive(Debug, Args)]
pub(crate) struct ShardArgs {
    /// By what
    #[arg(long)]
    engine: Engine,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Engine {
    /// The extension Citus of PostgreSQL
    Citus,
}

/// Runs a command on the store.
pub(crate) async fn run(global: &Global, command: &Command, out: Output) -> Result<(), Failure> {
    match command {
        Command::Migrate => migrate(global, out).await,
        Command::Check => check(global, out).await,
        Command::Copy(args) => copy::run(global, args, out).await,
        Command::Reopen => reopen_moved(global, out).await,
        Command::Shard(args) => shard(global, args, out).await,
    }
}

async fn migrate(global: &Global, out: Output) -> Result<(), Failure> {
    let migrated = Store::migrate(&global.store).await?;
    if out.is_json() {
        let schemas = migrated.schemas.iter();
        let schemas = schemas.map(|(place, schema)| json!({ "place": place, "schema": schema }));
        let schemas: Vec<Json> = schemas.collect();
        return out.value(&json!({ "done": migrated.done, "schemas": schemas }));
    }
    for done in &migrated.done {
        print_line(&format!("done: {done}"))?;
    }
    if migrated.done.is_empty() {
        print_line("nothing to do")?;
    }
    for (place, schema) in &migrated.schemas {
        print_line(&format!("`{place}` has schema {schema}"))?;
    }
    Ok(())
}

async fn reopen_moved(global: &Global, out: Output) -> Result<(), Failure> {
    let copy = reopen(&global.store).await?;
    if out.is_json() {
        return out.value(&json!({ "reopened": copy.is_some(), "copy": copy }));
    }
    let place = &global.store;
    let Some(copy) = copy else {
        return print_prose(&format!("nothing to do: `{place}` was not moved"));
    };
    print_prose(&format!("`{place}` is the store again; work no more with `{copy}`, and remove it"))
}

async fn check(global: &Global, out: Output) -> Result<(), Failure> {
    let store = Store::open(&global.store, store_setup(&Clock::System)).await?;
    let mut damage = store.check().await?;
    let of_nobody = store.keys_of_nobody().await?;
    let imports = store.pending().await?.len();
    drop(store);
    let mut telling = Telling::default();
    let survey = survey(&global.store, link_hash, &mut |progress| telling.tell(progress)).await;
    telling.end();
    let survey = survey?;
    damage.extend(survey.chains.iter().filter_map(chain_fault));
    if out.is_json() {
        let mut json = survey_json(&survey, &damage, imports);
        if let Some(members) = json.as_object_mut() {
            members.insert("keys_of_nobody".into(), json!(of_nobody));
        }
        out.value(&json)?;
    } else {
        print_survey(global, &survey, &damage, imports)?;
        if of_nobody > 0 {
            print_line(&format!(
                "{} of nobody who is there: left by a crash, or this store is an older copy than its keys; no damage",
                counted(of_nobody, "key")
            ))?;
        }
    }
    if damage.is_empty() { Ok(()) } else { Err(Failure::Said(Ending::Failed)) }
}

fn chain_fault(chain: &ChainProof) -> Option<String> {
    let fault = chain.fault.as_ref()?;
    Some(format!("chain {} of the audit trail: {fault}", Uuid::from_bytes(chain.chain)))
}

fn print_survey(
    global: &Global,
    survey: &Survey,
    damage: &[String],
    imports: usize,
) -> Result<(), Failure> {
    let place = &global.store;
    if damage.is_empty() {
        print_line(&format!("no damage was found in `{place}`"))?;
    } else {
        print_line(&format!("`{place}` is damaged:"))?;
    }
    for found in damage {
        print_line(&format!("  {found}"))?;
    }
    let mut rows = Rows::new(&["table", "rows", "begin of the sha-256"]).numbers(&[1]).whole(&[0]);
    for (table, count, hash) in &survey.tables {
        rows.add([(*table).to_owned(), count.to_string(), beginning(hash)]);
    }
    print_table(&rows)?;
    let links: u64 = survey.chains.iter().map(|chain| chain.links).sum();
    let chains = counted(survey.chains.len() as u64, "chain");
    print_line(&format!("{} of the audit trail in {chains}", counted(links, "link")))?;
    if imports > 0 {
        print_line(&format!("{} under way", counted(imports as u64, "import")))?;
    }
    Ok(())
}

fn survey_json(survey: &Survey, damage: &[String], imports: usize) -> Json {
    let tables = survey.tables.iter().map(
        |(table, rows, hash)| json!({ "table": table, "rows": rows, "sha256": hexadecimal(hash) }),
    );
    let tables: Vec<Json> = tables.collect();
    json!({
        "sound": damage.is_empty(),
        "damage": damage,
        "tables": tables,
        "chains": chains_json(&survey.chains),
        "imports": imports,
    })
}

async fn shard(global: &Global, args: &ShardArgs, out: Output) -> Result<(), Failure> {
    let Engine::Citus = args.engine;
    let done = Store::shard(&global.store, ShardEngine::Citus).await?;
    if out.is_json() {
        return out.value(&json!({ "spread": done }));
    }
    for table in &done {
        print_line(&format!("spread: {table}"))?;
    }
    if done.is_empty() {
        print_line("nothing to do: all tables are spread")?;
    }
    Ok(())
}

fn chains_json(chains: &[ChainProof]) -> Vec<Json> {
    let chains = chains.iter().map(|chain| {
        let id = Uuid::from_bytes(chain.chain).to_string();
        json!({ "chain": id, "links": chain.links, "fault": chain.fault })
    });
    chains.collect()
}

/// As much of a hash as people compare; programs get all of it.
fn beginning(hash: &[u8]) -> String {
    hexadecimal(hash.get(..16).unwrap_or(hash))
}

fn hexadecimal(hash: &[u8]) -> String {
    let digits: Vec<String> = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    digits.concat()
}

/// A line that says how far the work is.
#[derive(Default)]
struct Telling {
    /// The work that the line is of.
    of: Option<(&'static str, &'static str)>,
    count: Option<Count>,
}

impl Telling {
    fn tell(&mut self, progress: Progress) {
        let (doing, table, rows, all) = match progress {
            Progress::Began(_) => return,
            Progress::Copying(table, rows, all) => ("copying", table, rows, all),
            Progress::Comparing(table, rows, all) => ("comparing", table, rows, all),
            Progress::Reading(table, rows, all) => ("reading", table, rows, all),
        };
        if self.of != Some((doing, table)) {
            self.end();
            self.of = Some((doing, table));
            self.count = Some(Count::new(format!("{doing} {table}"), Some(all)));
        }
        if let Some(count) = &mut self.count {
            count.reached(rows);
        }
    }

    fn end(&mut self) {
        if let Some(count) = self.count.take() {
            count.end();
        }
    }
}
