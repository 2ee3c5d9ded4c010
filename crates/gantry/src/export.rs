//! `gantry export`: everything that one purpose may see of a contact; for the purpose that answers
//! contacts' requests, also why it is held, what the contact said, and where it comes from.

use clap::Args;
use gantry_engine::session::{Access, Held, Said, Standing};
use gantry_notice::explain::Ground;
use indexmap::IndexMap;
use serde_json::json;
use uuid::Uuid;

use crate::cli::{Global, WorkArgs, id};
use crate::failure::Failure;
use crate::output::{Output, Rows, counted, paragraph, plain, print_line, print_table, print_text};
use crate::setup::House;
use crate::{contact, record};

/// Whose data.
#[derive(Debug, Args)]
#[command(
    after_help = "Under the purpose of the notice that answers contacts' requests this is all that is held, and why (GDPR Art. 15):\nwhat the contact said, the company, and for every category who may use it, on what ground, until when, and\nwhere it comes from."
)]
pub(crate) struct ExportArgs {
    #[command(flatten)]
    work: WorkArgs,
    /// The contact
    #[arg(long, value_name = "ID", value_parser = id)]
    contact: Uuid,
}

/// Prints everything.
pub(crate) async fn run(global: &Global, args: &ExportArgs, out: Output) -> Result<(), Failure> {
    let house = House::open(global).await?;
    let done = export(&house, global, args, out).await;
    house.end(done).await
}

async fn export(
    house: &House,
    global: &Global,
    args: &ExportArgs,
    out: Output,
) -> Result<(), Failure> {
    let session = house.identified(global, &args.work).await?;
    if session.answers_requests() {
        let access = session.access(args.contact).await?;
        return if out.is_json() { out.value(&access) } else { print(&access, out) };
    }
    let (profile, records) = session.export(args.contact).await?;
    if out.is_json() {
        return out.value(&json!({ "contact": profile, "records": records }));
    }
    contact::print(&profile, out)?;
    if !records.is_empty() {
        print_line("")?;
    }
    print_table(&record::table(&records))
}

fn print(access: &Access, out: Output) -> Result<(), Failure> {
    contact::print(&access.contact, out)?;
    if let Some(company) = &access.company {
        print_head("The company represented")?;
        let fields = company.fields.iter().map(|(name, value)| format!("{name} {}", plain(value)));
        let fields: Vec<String> = fields.collect();
        print_text(&paragraph(&format!("{}: {}", company.id, fields.join(", "))))?;
    }
    print_head("What the contact said, and how it stands")?;
    print_table(&said(&access.said, &access.standing))?;
    for held in access.categories.iter().filter(|held| held.records != Some(0)) {
        print_held(held)?;
    }
    let nothing = access.categories.iter().filter(|held| held.records == Some(0));
    let nothing: Vec<&str> = nothing.map(|held| held.category.as_str()).collect();
    if !nothing.is_empty() {
        print_head("Nothing is held of")?;
        print_text(&paragraph(&nothing.join(", ")))?;
    }
    print_head("All records")?;
    print_table(&record::table(&access.records))
}

fn print_head(text: &str) -> Result<(), Failure> {
    print_line(&format!("\n{text}\n"))
}

fn said(said: &Said, standing: &Standing) -> Rows {
    let mut rows = Rows::new(&["about", "said"]);
    for objected in &said.objections {
        let state = if objected.state == "stands" { "stands" } else { "is being weighed" };
        rows.add([objected.purpose.clone(), format!("objection, which {state}")]);
    }
    let flags = [
        ("direct marketing", said.objects_to_direct_marketing),
        ("profiling", said.objects_to_profiling),
    ];
    for (about, _) in flags.iter().filter(|(_, objects)| *objects) {
        rows.add([*about, "objection, which stands"]);
    }
    for purpose in &said.consents {
        rows.add([purpose.as_str(), "consent"]);
    }
    for restricted in &said.restrictions {
        rows.add([restricted.as_str(), "restriction"]);
    }
    for reached in &said.channels {
        let open = if reached.open { "open" } else { "not open" };
        let answer = format!("{}; {open} for direct marketing", reached.said.replace('-', " "));
        rows.add([reached.channel.to_owned(), answer]);
    }
    let told = said.told.as_ref().map(|version| format!("told of version {version}"));
    rows.add(["the notice".to_owned(), told.unwrap_or_else(|| "not told".to_owned())]);
    rows.add(["the relation", &relation(standing)]);
    rows
}

fn relation(standing: &Standing) -> String {
    let facts = [
        (standing.customer, "of a customer"),
        (standing.sole_trader, "a sole trader"),
        (standing.archived, "in the archive"),
    ];
    let facts = facts.into_iter().filter(|(holds, _)| *holds).map(|(_, fact)| fact.to_owned());
    let law = standing.regime.iter().map(|regime| format!("covered by {regime}"));
    let active = standing.last_activity.iter().map(|day| format!("last active {day}"));
    let ended = standing.end_of_relation.iter().map(|day| format!("ended {day}"));
    let facts: Vec<String> = facts.chain(law).chain(active).chain(ended).collect();
    facts.join(", ")
}

fn print_held(held: &Held) -> Result<(), Failure> {
    let count = match held.records {
        Some(count) => counted(count, "record"),
        None => "this purpose may not look whether there is anything".to_owned(),
    };
    let withheld = match held.withheld {
        0 => String::new(),
        count => format!(", {count} of them past its window for this purpose"),
    };
    print_head(&format!("{}: {} ({count}{withheld})", held.category, held.title))?;
    let sources: Vec<&str> = held.sources.keys().map(String::as_str).collect();
    let from = match sources.as_slice() {
        [] => held.usual_source.clone(),
        sources => format!("{}; as the notice says: {}", sources.join(", "), held.usual_source),
    };
    print_text(&paragraph(&format!("from {from}")))?;
    print_table(&uses(&held.uses))
}

/// Who may use it; uses with the same ground, window and answer share a row.
fn uses(grounds: &[Ground]) -> Rows {
    let mut rows = Rows::new(&["basis", "window", "until", "now", "used by"]).whole(&[2]);
    let mut groups: IndexMap<[String; 4], Vec<String>> = IndexMap::new();
    for ground in grounds {
        let used = format!("{}/{}", ground.purpose.id, ground.used.id);
        groups.entry(terms(ground)).or_default().push(used);
    }
    for (terms, uses) in groups {
        rows.add(terms.into_iter().chain([uses.join(", ")]));
    }
    rows
}

fn terms(ground: &Ground) -> [String; 4] {
    let basis = ground.basis.as_ref().map(|basis| basis.title.to_owned()).unwrap_or_default();
    let now = match &ground.reason {
        Some(reason) => reason.id.to_owned(),
        None if ground.mode == "identified" => "yes".to_owned(),
        None => ground.mode.to_owned(),
    };
    let window = ground.window.clone().unwrap_or_default();
    [basis, window, ground.until.clone().unwrap_or_default(), now]
}
