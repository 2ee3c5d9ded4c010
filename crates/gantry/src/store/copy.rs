//! `gantry store copy`: a store as it is, at another place.

use std::path::PathBuf;

use clap::Args;
use gantry_engine::Clock;
use gantry_engine::audit::{Report, spools, verify};
use gantry_store::copy::{
    Beginning, Copied, CopyError, Original, Progress, TableProof, copy, must_be_idle,
};
use gantry_store::{Id, Location, Space, Store, StoreError};
use gantry_vault::Vault;
use serde_json::{Value as Json, json};

use crate::audit::{place, verdict};
use crate::cli::{Global, location};
use crate::failure::{Ending, Failure};
use crate::output::{Output, Rows, counted, print_line, print_prose, print_table, remark};
use crate::setup::{KEY, Places, STORE, master_key, store_setup};

use super::{Telling, beginning, chains_json, hexadecimal};

/// What is copied where.
///
/// Rows are copied as they are, sealed, with the contacts' keys; no master key is needed. Stop what
/// works with the store first. A copy that was stopped goes on where it was when the same command is
/// given again. In the end both are read again and compared row by row, and the audit trail of the copy
/// is recomputed; where the master key is there, it is also held against the checkpoints of the store.
/// Before that nothing opens the copy; from then on nothing opens the store that was copied, unless
/// `--keep` is given, or `gantry store reopen`.
#[derive(Debug, Args)]
pub(crate) struct CopyArgs {
    /// The store: `sqlite:PATH`, or `postgres://HOST/DATABASE`
    #[arg(long, value_name = "STORE", value_parser = location)]
    from: Location,
    /// Where it is copied to: where there is nothing yet, or what a copy left that was stopped, or
    /// where the same store was before it moved
    #[arg(long, value_name = "STORE", value_parser = location)]
    to: Location,
    /// Leave the store that is copied in use; the copy is for a look, and must never be worked with as
    /// the store
    #[arg(long)]
    keep: bool,
    /// Files with checkpoints that other machines have signed, or copies of them; besides this
    /// machine's own (`--checkpoints`)
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
}

/// Runs the command.
pub(crate) async fn run(global: &Global, args: &CopyArgs, out: Output) -> Result<(), Failure> {
    let places = Places::of(&Global { store: args.from.clone(), ..global.clone() });
    // First: what is opened here counts as work for a moment.
    must_be_idle(&args.from).await.map_err(failure)?;
    nothing_waits(&places).await?;
    let mut telling = Telling::default();
    let mut tell = |progress| {
        match progress {
            Progress::Began(Beginning::Resumed) => remark("going on with a copy that was stopped"),
            Progress::Began(Beginning::Anew) => {
                remark("what was there is not what the store is now: beginning anew");
            }
            _ => {}
        }
        telling.tell(progress);
    };
    let setup = store_setup(&Clock::System);
    let original = if args.keep { Original::Stays } else { Original::Moves };
    let copied = copy(&args.from, &args.to, original, setup, &mut tell).await;
    telling.end();
    let copied = copied.map_err(failure)?;
    let signed = if copied.holds() { signed(&places, args).await? } else { None };
    if out.is_json() {
        out.value(&report_json(args, &copied, signed.as_ref()))?;
    } else {
        print(args, &copied, signed.as_ref())?;
    }
    let holds = copied.holds() && signed.is_none_or(|report| report.holds_as_given());
    if holds { Ok(()) } else { Err(Failure::Said(Ending::Failed)) }
}

fn failure(error: CopyError) -> Failure {
    match error {
        CopyError::Store(error @ StoreError::Exists { .. }) => Failure::from(error)
            .hinted("a copy is made where there is nothing yet, or where the same store was before it moved: name another place; where it is a copy that was finished, the store is there"),
        CopyError::Store(error) => error.into(),
        error => Failure::Failed(error.to_string()),
    }
}

/// Audit entries that are not in the store would be left behind.
async fn nothing_waits(places: &Places) -> Result<(), Failure> {
    let store = Store::open(&places.store, store_setup(&Clock::System)).await?;
    let id = store.entry(Space::Meta, STORE).await?;
    let id: Option<Id> = id.and_then(|bytes| bytes.try_into().ok());
    let waiting = id.map_or(0, |id| spools(&places.files, &id).unwrap_or(0));
    if waiting == 0 {
        return Ok(());
    }
    Err(Failure::Failed(format!(
        "audit entries of `{}` wait in {}, `{}.audit-*`\nhint: stop what works with it; what a dead process left, any command takes in, such as `gantry audit verify`",
        places.store,
        counted(waiting as u64, "file"),
        places.files.display()
    )))
}

/// The audit trail of the copy, held against the checkpoints of the store; none without its key.
async fn signed(places: &Places, args: &CopyArgs) -> Result<Option<Report>, Failure> {
    let Ok(key) = master_key(places) else { return Ok(None) };
    let key = Vault::new(&key).public_key();
    let store = Store::open(&args.to, store_setup(&Clock::System)).await?;
    let ours = store.entry(Space::Meta, KEY).await?;
    let id = store.entry(Space::Meta, STORE).await?;
    let id: Option<Id> = id.and_then(|bytes| bytes.try_into().ok());
    let Some(id) = id.filter(|_| ours.is_none_or(|ours| ours == key.to_string().as_bytes())) else {
        return Ok(None);
    };
    let mut files = vec![places.checkpoints.clone()];
    files.extend_from_slice(&args.files);
    let report = verify(&store, &id, &files, &key).await;
    Ok(Some(report.map_err(|error| Failure::Failed(error.to_string()))?))
}

fn print(args: &CopyArgs, copied: &Copied, signed: Option<&Report>) -> Result<(), Failure> {
    let (from, to) = (&args.from, &args.to);
    if copied.holds() {
        print_prose(&format!("copied `{from}` to `{to}`, and both are the same"))?;
    } else {
        print_line(&format!("`{to}` is NOT the same as `{from}`, and no store"))?;
    }
    let mut rows = Rows::new(&["table", "rows", "begin of the sha-256"]).numbers(&[1]).whole(&[0]);
    for table in &copied.tables {
        let [hash, _] = &table.hashes;
        let [count, _] = table.rows;
        rows.add([table.table.to_owned(), count.to_string(), beginning(hash)]);
    }
    print_table(&rows)?;
    for TableProof { table, rows: [ours, theirs], difference, .. } in &copied.tables {
        if let Some(difference) = difference {
            print_line(&format!("`{table}`, {ours} and {theirs} rows: {difference}"))?;
        }
    }
    let links: u64 = copied.chains.iter().map(|chain| chain.links).sum();
    let chains = counted(copied.chains.len() as u64, "chain");
    print_line(&format!("recomputed {} of the audit trail in {chains}", counted(links, "link")))?;
    for fault in copied.chains.iter().filter_map(super::chain_fault) {
        print_line(&fault)?;
    }
    if copied.holds() && !args.keep {
        print_prose(&format!(
            "the store is `{to}` from now on; nothing opens `{from}` any more (`gantry store reopen` does, if it must be)"
        ))?;
    }
    match signed {
        Some(report) => print_signed(report),
        None if copied.holds() => {
            remark("no checkpoints were looked at: the store's master key is not here");
            Ok(())
        }
        None => Ok(()),
    }
}

fn print_signed(report: &Report) -> Result<(), Failure> {
    let checkpoints = counted(report.checkpoints, "signed checkpoint");
    print_prose(&format!("{} against {checkpoints}", verdict(report)))?;
    if report.holds() {
        return Ok(());
    }
    let mut rows = Rows::new(&["where", "fault"]);
    for fault in &report.faults {
        rows.add([place(&fault.about), fault.what.to_owned()]);
    }
    print_table(&rows)
}

fn report_json(args: &CopyArgs, copied: &Copied, signed: Option<&Report>) -> Json {
    let tables = copied.tables.iter().map(|table| {
        json!({
            "table": table.table,
            "rows": table.rows,
            "sha256": table.hashes.map(|hash| hexadecimal(&hash)),
            "difference": table.difference,
        })
    });
    let beginning = match copied.beginning {
        Beginning::New => "new",
        Beginning::Resumed => "resumed",
        Beginning::Anew => "anew",
    };
    let signed = signed.map(|report| {
        let faults = report.faults.iter();
        let faults = faults.map(|fault| format!("{}: {}", place(&fault.about), fault.what));
        json!({
            "holds": report.holds(),
            "holds_as_given": report.holds_as_given(),
            "checkpoints": report.checkpoints,
            "unproven": report.unproven,
            "faults": faults.collect::<Vec<_>>(),
        })
    });
    json!({
        "from": args.from.to_string(),
        "to": args.to.to_string(),
        "beginning": beginning,
        "same": copied.holds(),
        "moved": copied.holds() && !args.keep,
        "tables": tables.collect::<Vec<_>>(),
        "chains": chains_json(&copied.chains),
        "signed": signed,
    })
}
