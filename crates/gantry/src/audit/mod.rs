//! `gantry audit`: who used whose data for what, and the proof that nobody changed the account of it.

mod prove;

use clap::{Args, Subcommand};
use gantry_engine::audit::told::{categories, entry_json, reason, work};
use gantry_engine::audit::{About, Entry, Filter, Found, Position};
use gantry_engine::{Cause, Identified, Work};
use gantry_notice::{KindId, Lexicon, Notice, Reason};
use jiff::Timestamp;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::cli::{Global, id};
use crate::failure::Failure;
use crate::names;
use crate::output::{Output, Rows, counted, print_table, print_text, remark};
use crate::setup::House;

use self::prove::VerifyArgs;
pub(crate) use self::prove::{place, report, verdict};

/// Entries read at once.
const PAGE: usize = 1_000;
/// So many lie near the end of the trail at least.
const NEAR: usize = 200;

/// What can be done with the audit trail.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show the newest entries
    Show(ShowArgs),
    /// Prove the trail: recompute its chains, and hold them against the signed checkpoints
    Verify(VerifyArgs),
    /// Print all entries as JSON, one a line
    Export(FilterArgs),
}

/// Which entries, and how many.
#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    #[command(flatten)]
    filter: FilterArgs,
    /// How many at most
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..=1_000))]
    limit: u16,
}

/// Which entries.
#[derive(Debug, Default, Args)]
pub(crate) struct FilterArgs {
    /// By an account, as `gantry user list` names it
    #[arg(long, value_name = "ACTOR")]
    by: Option<String>,
    /// For a purpose
    #[arg(long = "for", value_name = "PURPOSE")]
    purpose: Option<String>,
    /// About one contact
    #[arg(long, value_name = "ID", value_parser = id)]
    contact: Option<Uuid>,
    /// Only what was refused
    #[arg(long, conflicts_with = "allowed")]
    denied: bool,
    /// Only what was done
    #[arg(long)]
    allowed: bool,
    /// From an instant or a day on (ISO 8601, UTC), such as `2026-11-01` or `2026-11-01T08:30:00Z`
    #[arg(long, value_name = "TIME", value_parser = instant)]
    from: Option<i64>,
    /// Before an instant or a day
    #[arg(long, value_name = "TIME", value_parser = instant)]
    to: Option<i64>,
    /// Without what was looked for and gave nothing: start pages and empty lists
    #[arg(long)]
    telling: bool,
}

fn instant(text: &str) -> Result<i64, &'static str> {
    const FORM: &str = "not a day or an instant, such as `2026-11-01` or `2026-11-01T08:30:00Z`";
    let at = gantry_engine::value::instant(text).ok_or(FORM)?;
    Ok(at.as_millisecond())
}

/// Runs a command on the trail.
pub(crate) async fn run(global: &Global, command: &Command, out: Output) -> Result<(), Failure> {
    let house = House::open(global).await?;
    let done = match command {
        Command::Show(args) => show(&house, global, args, out).await,
        Command::Verify(args) => prove::run(&house, global, args, out).await,
        Command::Export(args) => export(&house, global, args).await,
    };
    house.end(done).await
}

/// A session of the purpose under which the trail is looked at.
async fn oversight(house: &House, global: &Global) -> Result<Identified, Failure> {
    let purpose = house.engine.policy().policy().notice().system.audit.clone();
    let actor = house.actor(global).await?;
    let session = house.engine.session(&actor, &Work::on(&purpose, Cause::Cli)).await?;
    Ok(session.into_identified()?)
}

impl FilterArgs {
    fn filter(&self, notice: &Notice, lexicon: &Lexicon) -> Result<Filter, Failure> {
        let all = || notice.purposes.keys().map(String::as_str);
        let unknown = |name: &String| names::unknown("purpose", name, all());
        let purpose = self.purpose.as_ref();
        let purpose = purpose.map(|name| lexicon.purpose(name).ok_or_else(|| unknown(name)));
        Ok(Filter {
            actor: self.by.clone(),
            purpose: purpose.transpose()?.map(|id| id.0),
            contact: self.contact.map(Uuid::into_bytes),
            denied: (self.denied || self.allowed).then_some(self.denied),
            from: self.from,
            to: self.to,
            telling: self.telling,
        })
    }
}

async fn show(house: &House, global: &Global, args: &ShowArgs, out: Output) -> Result<(), Failure> {
    let session = oversight(house, global).await?;
    let policy = house.engine.policy();
    let lexicon = policy.policy().lexicon();
    let filter = args.filter.filter(&house.notice(), lexicon)?;
    let limit = usize::from(args.limit);
    // The newest entries lie near the end; what is picked out may lie anywhere.
    let anywhere = filter != Filter::default() || limit > NEAR;
    let mut start = anywhere.then(Position::default);
    let mut newest: Vec<Found> = Vec::new();
    loop {
        let page = session.trail(&filter, start, PAGE).await?;
        newest.extend(page.entries);
        // Entries of several processes come into the chains one after the other.
        newest.sort_by_key(|found| found.entry.at);
        newest.drain(..newest.len().saturating_sub(limit));
        start = page.next;
        if start.is_none() {
            break;
        }
    }
    if out.is_json() {
        let items: Vec<Json> = newest.iter().map(|found| entry_json(found, lexicon)).collect();
        return out.value(&json!({ "items": items }));
    }
    if newest.is_empty() {
        return nothing(house, args).await;
    }
    print_table(&table(&newest, lexicon))
}

/// Entries as a table, the newest last.
fn table(entries: &[Found], lexicon: &Lexicon) -> Rows {
    let head =
        ["at", "actor", "purpose/use", "did", "categories", "contact", "object", "n", "answer"];
    let mut rows = Rows::new(&head).numbers(&[7]).whole(&[0, 3, 5, 8]);
    for Found { entry, .. } in entries {
        rows.add([
            seconds(entry.at),
            entry.actor.clone(),
            work(entry, lexicon),
            entry.operation.to_string(),
            in_short(&categories(entry, lexicon)),
            contacts(entry),
            object(entry, lexicon),
            entry.count.to_string(),
            reason(entry).map_or("done", Reason::id).to_owned(),
        ]);
    }
    rows
}

/// Says that nothing was found, and what may be the matter.
async fn nothing(house: &House, args: &ShowArgs) -> Result<(), Failure> {
    remark("no entry of the trail is like that");
    let Some(by) = &args.filter.by else { return Ok(()) };
    let accounts = house.engine.accounts().await?;
    if !accounts.iter().any(|account| account.name == *by) {
        let known: Vec<&String> = accounts.iter().map(|account| &account.name).collect();
        remark(&format!("hint: `--by` names an account; there are: {}", names::listed(&known)));
    }
    Ok(())
}

async fn export(house: &House, global: &Global, args: &FilterArgs) -> Result<(), Failure> {
    let session = oversight(house, global).await?;
    let policy = house.engine.policy();
    let lexicon = policy.policy().lexicon();
    let filter = args.filter(&house.notice(), lexicon)?;
    let mut start = Position::default();
    loop {
        let page = session.trail(&filter, Some(start), PAGE).await?;
        let mut lines = String::new();
        for found in &page.entries {
            lines.push_str(&entry_json(found, lexicon).to_string());
            lines.push('\n');
        }
        print_text(&lines)?;
        match page.next {
            Some(next) => start = next,
            None => return Ok(()),
        }
    }
}

/// A few names, and how many more there are.
fn in_short(names: &[&str]) -> String {
    const SHOWN: usize = 3;
    let shown = names.iter().take(SHOWN).copied().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// The contact, or how many there were.
fn contacts(entry: &Entry) -> String {
    match &entry.about {
        About::Nobody | About::Object(..) => String::new(),
        About::One(id) => Uuid::from_bytes(*id).to_string(),
        About::Records(places) => match places.as_slice() {
            [place] => Uuid::from_bytes(place.contact).to_string(),
            places => counted(places.len(), "record"),
        },
        About::Many(ids) => match ids.as_slice() {
            [] => String::new(),
            [id] => Uuid::from_bytes(*id).to_string(),
            ids => counted(ids.len(), "contact"),
        },
    }
}

fn object(entry: &Entry, lexicon: &Lexicon) -> String {
    match &entry.about {
        About::Object(kind, id) => {
            format!("{} {}", lexicon.kind_name(KindId(*kind)), Uuid::from_bytes(*id))
        }
        About::Nobody | About::One(_) | About::Many(_) | About::Records(_) => String::new(),
    }
}

/// An instant, short enough for a table.
fn seconds(millis: i64) -> String {
    time(millis - millis.rem_euclid(1_000))
}

fn time(millis: i64) -> String {
    Timestamp::from_millisecond(millis).map_or_else(|_| millis.to_string(), |at| at.to_string())
}
