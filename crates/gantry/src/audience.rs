//! `gantry audience`: whom an expression takes in, of those whom a use may reach.

use clap::{Args, Subcommand};
use gantry_engine::Identified;
use gantry_engine::session::MAX_PAGE;
use gantry_insight::{Answer, AskError, Count, Keeper};
use gantry_notice::Reason;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::cli::{Global, WorkArgs, id};
use crate::contact::print_views;
use crate::failure::Failure;
use crate::output::{Output, Rows, counted, print_line, print_prose, print_table};
use crate::setup::House;

/// What can be done.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Count whom an audience takes in, and who is left out, and why
    Count(CountArgs),
    /// List whom an audience takes in
    List(ListArgs),
    /// Tell how an audience comes out for a contact
    Explain(ExplainArgs),
}

/// An audience under a purpose.
#[derive(Debug, Args)]
pub(crate) struct CountArgs {
    #[command(flatten)]
    work: WorkArgs,
    /// The audience in CEL, such as `country == 'FI' && segment.engaged`
    #[arg(value_name = "EXPR")]
    audience: String,
}

/// The same, and how many.
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    asked: CountArgs,
    /// How many at most
    #[arg(long, value_name = "N", default_value_t = 50)]
    limit: usize,
}

/// The same, and of whom.
#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    #[command(flatten)]
    asked: CountArgs,
    /// The contact's id
    #[arg(long, value_name = "ID", value_parser = id)]
    contact: Uuid,
}

/// Runs a command on audiences.
pub(crate) async fn run(global: &Global, command: &Command, out: Output) -> Result<(), Failure> {
    let house = House::open(global).await?;
    let done = match command {
        Command::Count(args) => count(&house, global, args, out).await,
        Command::List(args) => list(&house, global, args, out).await,
        Command::Explain(args) => explain(&house, global, args, out).await,
    };
    house.end(done).await
}

impl From<AskError> for Failure {
    fn from(error: AskError) -> Failure {
        match error {
            AskError::Engine(error) => error.into(),
            other => Failure::Invalid(other.to_string()),
        }
    }
}

async fn ask(
    house: &House,
    global: &Global,
    args: &CountArgs,
    most: usize,
) -> Result<(Identified, Answer), Failure> {
    let session = house.identified(global, &args.work).await?;
    let answer = Keeper::default().ask(&house.engine, &session, &args.audience, most).await?;
    Ok((session, answer))
}

async fn count(
    house: &House,
    global: &Global,
    args: &CountArgs,
    out: Output,
) -> Result<(), Failure> {
    let (_, answer) = ask(house, global, args, 0).await?;
    if out.is_json() {
        return out.value(&answer.to_json());
    }
    print_line(&format!("{}: those of whom {}", contacts(answer.count), answer.words))?;
    left_out(&answer)
}

async fn list(house: &House, global: &Global, args: &ListArgs, out: Output) -> Result<(), Failure> {
    let (session, answer) = ask(house, global, &args.asked, args.limit).await?;
    let mut views = Vec::new();
    for ids in answer.ids.chunks(MAX_PAGE) {
        views.extend(session.contacts_at(ids).await?);
    }
    if out.is_json() {
        let mut value = answer.to_json();
        if let Json::Object(value) = &mut value {
            value.insert("items".to_owned(), json!(views));
        }
        return out.value(&value);
    }
    print_line(&format!("{}: those of whom {}", contacts(answer.count), answer.words))?;
    if let Count::Fewer(_) = answer.count {
        print_prose("so few are not listed: the notice says how many there must be")?;
    } else {
        print_views(&views, &house.notice())?;
    }
    left_out(&answer)
}

async fn explain(
    house: &House,
    global: &Global,
    args: &ExplainArgs,
    out: Output,
) -> Result<(), Failure> {
    let session = house.identified(global, &args.asked.work).await?;
    let keeper = Keeper::default();
    let audience = &args.asked.audience;
    let explained = keeper.explain(&house.engine, &session, audience, args.contact).await?;
    let kept_from = explained.kept_from.map(Reason::id);
    if out.is_json() {
        return out.value(&json!({
            "contact": args.contact,
            "fits": explained.fits,
            "kept_from": kept_from,
            "because": explained.words,
        }));
    }
    let fits = if explained.fits { "fits" } else { "does not fit" };
    print_prose(&format!("contact {} {fits}: {}", args.contact, explained.words))?;
    if let Some(reason) = explained.kept_from {
        print_prose(&format!("this use may not reach it: {}", reason.words()))?;
    }
    Ok(())
}

fn left_out(answer: &Answer) -> Result<(), Failure> {
    if answer.excluded.is_empty() {
        return Ok(());
    }
    print_line("")?;
    let mut rows = Rows::new(&["left out because", "contacts"]);
    for (reason, count) in &answer.excluded {
        rows.add([reason.words().to_owned(), number(*count)]);
    }
    print_table(&rows)
}

fn contacts(count: Count) -> String {
    match count {
        Count::Exactly(count) => counted(usize::try_from(count).unwrap_or(usize::MAX), "contact"),
        Count::Fewer(than) => format!("fewer than {than} contacts"),
    }
}

fn number(count: Count) -> String {
    match count {
        Count::Exactly(count) => count.to_string(),
        Count::Fewer(than) => format!("fewer than {than}"),
    }
}
