//! `gantry why`: the reason of a decision.

use clap::Args;
use gantry_engine::Identified;
use gantry_notice::explain::OTHERS_SHOWN;
use gantry_notice::{Explanation, Operation};
use uuid::Uuid;

use crate::cli::{Global, WorkArgs, id};
use crate::failure::{Ending, Failure};
use crate::names;
use crate::output::{Output, Rows, paragraph, print_table, print_text, remark};
use crate::setup::House;

/// What is asked.
#[derive(Debug, Args)]
pub(crate) struct WhyArgs {
    #[command(flatten)]
    work: WorkArgs,
    /// The contact
    #[arg(long, value_name = "ID", value_parser = id)]
    contact: Uuid,
    /// The data category [default: each of the notice]
    #[arg(long, value_name = "CATEGORY")]
    category: Option<String>,
    /// What would be done: read, collect, change, derive or disclose
    #[arg(long, value_name = "OPERATION", default_value = "read", value_parser = operation)]
    operation: Operation,
}

fn operation(text: &str) -> Result<Operation, &'static str> {
    Operation::of_word(text).ok_or("not `read`, `collect`, `change`, `derive` or `disclose`")
}

/// Explains; ends with 0 where something is allowed, with 3 where nothing is.
pub(crate) async fn run(global: &Global, args: &WhyArgs, out: Output) -> Result<(), Failure> {
    let house = House::open(global).await?;
    let done = explain(&house, global, args, out).await;
    house.end(done).await
}

async fn explain(
    house: &House,
    global: &Global,
    args: &WhyArgs,
    out: Output,
) -> Result<(), Failure> {
    let session = house.identified(global, &args.work).await?;
    let allowed = match &args.category {
        Some(category) => {
            names::category(&house.notice(), category)?;
            let why = session.why(args.contact, category, args.operation).await?;
            if out.is_json() { out.value(&why) } else { print_text(&paragraph(&why.to_string())) }?;
            if !out.is_json() && why.others.len() > OTHERS_SHOWN {
                remark("`--json` lists all others");
            }
            why.allowed
        }
        None => each(house, &session, args, out).await?,
    };
    if allowed { Ok(()) } else { Err(Failure::Said(Ending::Refused)) }
}

/// Every category, a line each. Says whether anything is allowed.
async fn each(
    house: &House,
    session: &Identified,
    args: &WhyArgs,
    out: Output,
) -> Result<bool, Failure> {
    let policy = house.engine.policy();
    let mut all: Vec<Explanation> = Vec::new();
    for category in policy.policy().notice().categories.keys() {
        all.push(session.why(args.contact, category, args.operation).await?);
    }
    let allowed = all.iter().any(|why| why.allowed);
    if out.is_json() {
        out.value(&all)?;
        return Ok(allowed);
    }
    let mut rows = Rows::new(&["category", "answer", "fields or reason", "basis", "window"]);
    for why in &all {
        let (answer, because) = match &why.reason {
            None => ("allowed", fields(why)),
            Some(reason) => ("denied", reason.words.to_owned()),
        };
        let listed = why.window.clone().unwrap_or_default();
        // Where the notice does not list a category, no ground is at stake.
        let basis = why.basis.as_ref().filter(|_| why.window.is_some());
        let basis = basis.map(|basis| basis.title.to_owned()).unwrap_or_default();
        rows.add([why.category.id.clone(), answer.to_owned(), because, basis, listed]);
    }
    print_table(&rows)?;
    Ok(allowed)
}

/// The fields that are left, and what is gone.
fn fields(why: &Explanation) -> String {
    let fields = why.fields.join(", ");
    let Some(first) = why.left_out.first() else { return fields };
    let gone: Vec<&str> = why.left_out.iter().map(|gone| gone.field.as_str()).collect();
    format!("{fields}; not {} ({})", gone.join(", "), first.reason.words)
}
