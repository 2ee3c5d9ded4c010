//! `gantry insight`: what reactions tell of contacts, worked out and explained.

use clap::{Args, Subcommand};
use gantry_engine::{EngineError, Find};
use gantry_insight::{Hand, Model, ModelError, analyse, day_text};
use gantry_notice::model::Profiling;
use gantry_notice::{Notice, Reason};
use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

use crate::cli::{Global, WorkArgs, id};
use crate::failure::Failure;
use crate::output::{Output, Rows, counted, print_line, print_prose, print_table};
use crate::setup::House;

/// Contacts read at a time.
const BATCH: usize = 500;
/// Reactions told, unless all are asked for.
const REACTIONS: usize = 10;

/// What can be done.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show what reactions tell of a contact: scores, categories, and how they came about
    Show(ShowArgs),
    /// Work out interests and categories of all contacts, and hold them
    Update(UpdateArgs),
    /// Put a contact into a category or keep it out, whatever the rule says
    Move(MoveArgs),
}

/// What to do with a contact and a category.
#[derive(Debug, Args)]
pub(crate) struct MoveArgs {
    #[command(flatten)]
    work: WorkArgs,
    /// The contact's id
    #[arg(value_parser = id)]
    contact: Uuid,
    /// The category, as the notice names it
    segment: String,
    /// `in`, `out`, or `rule`: the rule decides again
    #[arg(value_parser = hand)]
    to: Hand,
    /// Why, for the contact to read
    #[arg(long, value_name = "WORDS", default_value = "", hide_default_value = true)]
    reason: String,
}

fn hand(text: &str) -> Result<Hand, &'static str> {
    Hand::of_word(text).ok_or("not `in`, `out` or `rule`")
}

/// Of whom.
#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    #[command(flatten)]
    work: WorkArgs,
    /// The contact's id
    #[arg(value_parser = id)]
    contact: Uuid,
    /// Tell all reactions [default: the latest ten]
    #[arg(long)]
    all: bool,
}

/// Under which purpose.
#[derive(Debug, Args)]
pub(crate) struct UpdateArgs {
    #[command(flatten)]
    work: WorkArgs,
}

/// Runs a command on what reactions tell.
pub(crate) async fn run(global: &Global, command: &Command, out: Output) -> Result<(), Failure> {
    let house = House::open(global).await?;
    let done = match command {
        Command::Show(args) => show(&house, global, args, out).await,
        Command::Update(args) => update(&house, global, args, out).await,
        Command::Move(args) => shift(&house, global, args, out).await,
    };
    house.end(done).await
}

fn model(notice: &Notice) -> Result<(Model, &Profiling), Failure> {
    let model = Model::of(notice).map_err(|error| Failure::Invalid(error.to_string()))?;
    let none = || Failure::Invalid(ModelError::NoProfiling.to_string());
    Ok((model, notice.profiling.as_ref().ok_or_else(none)?))
}

async fn show(house: &House, global: &Global, args: &ShowArgs, out: Output) -> Result<(), Failure> {
    let notice = house.notice();
    let (model, profiling) = model(&notice)?;
    let session = house.identified(global, &args.work).await?;
    let now = house.engine.now();
    let analysis = analyse(&session, &notice, &model, args.contact, now).await?;
    if out.is_json() {
        return out.value(&analysis.to_json(&model, &notice));
    }
    let any = analysis.profile.any().worth(&model, now);
    print_line(&format!("contact {}: {any:.2} over all topics", args.contact))?;
    print_line("")?;
    let mut rows = Rows::new(&["topic", "score"]);
    for (id, title) in &profiling.topics {
        let Some(topic) = model.topic(id) else { continue };
        let worth = analysis.profile.score(topic).worth(&model, now);
        rows.add([title.clone(), format!("{worth:.2}")]);
    }
    print_table(&rows)?;
    print_line("")?;
    if analysis.memberships.is_empty() {
        print_prose("in none of the categories that the notice publishes")?;
    }
    for one in &analysis.memberships {
        let title = profiling.segment.get(&one.segment).map_or(&*one.segment, |s| &*s.title);
        let reason = |reason: &String| format!(", put in by a person ({reason})");
        let by = one.by_person.as_ref().map(reason).unwrap_or_default();
        let end = one.until.map_or_else(
            || "stays as it is unless something happens".to_owned(),
            |day| format!("ends on {} unless something happens", day_text(day)),
        );
        print_prose(&format!(
            "{title}, since {}{by}: {}; {end}",
            day_text(one.since),
            one.told.words(&notice)
        ))?;
    }
    for (segment, reason) in analysis.kept_out() {
        let title = profiling.segment.get(segment).map_or(segment, |s| &*s.title);
        print_prose(&format!("kept out of {title} by a person ({reason})"))?;
    }
    print_line("")?;
    let mut rows = Rows::new(&["when", "reaction", "topic", "weight", "worth now"]);
    let most = if args.all { usize::MAX } else { REACTIONS };
    for one in analysis.reactions.iter().take(most) {
        let reaction = if one.machine {
            format!("{} (a machine)", one.reaction)
        } else {
            one.reaction.clone()
        };
        let topic = one.topic.clone().unwrap_or_default();
        let at = Timestamp::from_millisecond(one.at).unwrap_or_default().to_string();
        let day = at.get(..10).unwrap_or_default().to_owned();
        rows.add([day, reaction, topic, format!("{:.2}", one.weight), format!("{:.2}", one.worth)]);
    }
    print_table(&rows)?;
    let left = analysis.reactions.len().saturating_sub(most);
    if left > 0 {
        print_line(&format!("and {left} more (`--all`)"))?;
    }
    Ok(())
}

async fn shift(
    house: &House,
    global: &Global,
    args: &MoveArgs,
    out: Output,
) -> Result<(), Failure> {
    let notice = house.notice();
    let (model, profiling) = model(&notice)?;
    let session = house.identified(global, &args.work).await?;
    let now = house.engine.now();
    let mut analysis = analyse(&session, &notice, &model, args.contact, now).await?;
    analysis.decide(&model, &args.segment, args.to, &args.reason)?;
    analysis.hold(&session, profiling, &model, args.contact).await?;
    if out.is_json() {
        return out.value(&analysis.to_json(&model, &notice));
    }
    let belongs = analysis.memberships.iter().any(|one| one.segment == args.segment);
    print_line(&format!(
        "contact {} is {} `{}` now",
        args.contact,
        if belongs { "in" } else { "not in" },
        args.segment
    ))
}

async fn update(
    house: &House,
    global: &Global,
    args: &UpdateArgs,
    out: Output,
) -> Result<(), Failure> {
    let notice = house.notice();
    let (model, profiling) = model(&notice)?;
    let session = house.identified(global, &args.work).await?;
    let now = house.engine.now();
    let (mut contacts, mut changed, mut records, mut after) = (0_usize, 0_usize, 0, None);
    loop {
        let page = session.find(&Find::All, after.as_deref(), BATCH).await?;
        for view in &page.items {
            let held = match analyse(&session, &notice, &model, view.id, now).await {
                Ok(analysis) => analysis.hold(&session, profiling, &model, view.id).await,
                Err(error) => Err(error),
            };
            match held {
                Ok(count) => {
                    contacts += 1;
                    changed += usize::from(count > 0);
                    records += count;
                }
                // Whoever said something or was erased meanwhile is left out.
                Err(EngineError::Refused(refusal)) if is_of_contact(refusal.reason) => {}
                Err(other) => return Err(other.into()),
            }
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    if out.is_json() {
        return out.value(&json!({ "contacts": contacts, "changed": changed, "records": records }));
    }
    print_line(&format!(
        "looked at {}, of whom {changed} came out otherwise than before ({})",
        counted(contacts, "contact"),
        counted(records, "record")
    ))
}

/// Whether a refusal lies in what a contact said or became, and in nothing of the session.
const fn is_of_contact(reason: Reason) -> bool {
    matches!(
        reason,
        Reason::Erased
            | Reason::Archived
            | Reason::HeldElsewhere
            | Reason::Restricted
            | Reason::Objected
            | Reason::ObjectionWeighed
            | Reason::NoConsent
    )
}
