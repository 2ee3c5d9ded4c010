//! `gantry record`: facts about contacts, as one purpose sees them.

use clap::{Args, Subcommand};
use gantry_engine::Session;
use gantry_engine::draft::{About, Page, RecordDraft, RecordView};
use gantry_engine::session::AliasedRecord;
use serde_json::json;
use uuid::Uuid;

use crate::cli::{Global, PageArgs, WorkArgs, id};
use crate::contact::{end_of_list, print_withheld};
use crate::failure::Failure;
use crate::names;
use crate::object::field_value;
use crate::output::{Output, Rows, plain, print_line, print_table};
use crate::setup::House;

/// What can be done with records.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List records of a contact; under a pseudonymous purpose, of everybody under an alias
    Find(FindArgs),
    /// Show a record
    Show(ShowArgs),
    /// Add a record
    Add(AddArgs),
    /// Change a record
    Change(ChangeArgs),
}

/// Which records.
#[derive(Debug, Args)]
pub(crate) struct FindArgs {
    #[command(flatten)]
    work: WorkArgs,
    /// The contact; not under a pseudonymous purpose
    #[arg(long, value_name = "ID", value_parser = id)]
    contact: Option<Uuid>,
    /// Only of a category
    #[arg(long, value_name = "CATEGORY")]
    category: Option<String>,
    #[command(flatten)]
    page: PageArgs,
}

/// A record.
#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    #[command(flatten)]
    work: WorkArgs,
    #[command(flatten)]
    place: PlaceArgs,
}

/// Where a record is.
#[derive(Debug, Args)]
struct PlaceArgs {
    /// The contact
    #[arg(long, value_name = "ID", value_parser = id)]
    contact: Uuid,
    /// The record's category
    #[arg(long, value_name = "CATEGORY")]
    category: String,
    /// The record's id
    #[arg(value_parser = id)]
    id: Uuid,
}

/// A new record.
#[derive(Debug, Args)]
pub(crate) struct AddArgs {
    #[command(flatten)]
    work: WorkArgs,
    /// The contact
    #[arg(long, value_name = "ID", value_parser = id)]
    contact: Uuid,
    /// The record's category
    #[arg(long, value_name = "CATEGORY")]
    category: String,
    /// When it happened: a day or an instant (ISO 8601) [default: now]
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// The object it is about, such as `order:ID`
    #[arg(long, value_name = "KIND:ID", value_parser = about)]
    about: Option<About>,
    /// Where it comes from, in a short word
    #[arg(long, value_name = "WORD")]
    source: Option<String>,
    /// A value
    #[arg(long, value_name = "FIELD=VALUE", value_parser = field_value)]
    set: Vec<(String, String)>,
}

/// Changes of a record.
#[derive(Debug, Args)]
pub(crate) struct ChangeArgs {
    #[command(flatten)]
    work: WorkArgs,
    #[command(flatten)]
    place: PlaceArgs,
    /// A value; an empty one takes the field away
    #[arg(long, value_name = "FIELD=VALUE", value_parser = field_value, required = true)]
    set: Vec<(String, String)>,
    /// Only if it still has this version
    #[arg(long, value_name = "N")]
    version: Option<i64>,
}

fn about(text: &str) -> Result<About, &'static str> {
    const FORM: &str = "not of the form `kind:id`";
    let (kind, id) = text.split_once(':').ok_or(FORM)?;
    let id: Uuid = id.parse().map_err(|_| FORM)?;
    Ok(About { kind: kind.to_owned(), id: id.to_string() })
}

/// Runs a command on records.
pub(crate) async fn run(global: &Global, command: &Command, out: Output) -> Result<(), Failure> {
    let house = House::open(global).await?;
    let done = match command {
        Command::Find(args) => find(&house, global, args, out).await,
        Command::Show(args) => show(&house, global, args, out).await,
        Command::Add(args) => add(&house, global, args, out).await,
        Command::Change(args) => change(&house, global, args, out).await,
    };
    house.end(done).await
}

async fn find(house: &House, global: &Global, args: &FindArgs, out: Output) -> Result<(), Failure> {
    let session = house.session(global, &args.work).await?;
    if let Some(category) = &args.category {
        names::category(&house.notice(), category)?;
    }
    let (cursor, limit) = (args.page.cursor.as_deref(), args.page.limit());
    if let (Session::Pseudonymous(session), None) = (&session, args.contact) {
        let category = args.category.as_deref().ok_or_else(|| {
            Failure::Usage("an alias's records are listed by `--category CATEGORY`".to_owned())
        })?;
        return print_aliased(&session.records(category, cursor, limit).await?, out);
    }
    let session = session.identified()?;
    let contact = args.contact.ok_or_else(|| {
        Failure::Usage("whose records?\nhint: name the contact with `--contact ID`".to_owned())
    })?;
    let category = args.category.as_deref();
    let (page, withheld) = session.records(contact, category, cursor, limit).await?;
    if out.is_json() {
        let Page { items, next } = &page;
        return out.value(&json!({ "items": items, "next": next, "withheld": withheld }));
    }
    print_table(&table(&page.items))?;
    print_withheld(&withheld)?;
    end_of_list(page.items.len(), page.next.as_deref());
    Ok(())
}

async fn show(house: &House, global: &Global, args: &ShowArgs, out: Output) -> Result<(), Failure> {
    let session = house.identified(global, &args.work).await?;
    let PlaceArgs { contact, category, id } = &args.place;
    names::category(&house.notice(), category)?;
    print(&session.record(*contact, category, *id).await?, out)
}

async fn add(house: &House, global: &Global, args: &AddArgs, out: Output) -> Result<(), Failure> {
    let session = house.identified(global, &args.work).await?;
    names::category(&house.notice(), &args.category)?;
    if let Some(about) = &args.about {
        names::kind(&house.notice(), &about.kind)?;
    }
    let draft = RecordDraft {
        category: args.category.clone(),
        at: args.at.clone(),
        about: args.about.clone(),
        source: args.source.clone(),
        expires: None,
        objects_to: None,
        fields: args.set.iter().cloned().collect(),
    };
    print(&session.add_record(args.contact, &draft).await?, out)
}

async fn change(
    house: &House,
    global: &Global,
    args: &ChangeArgs,
    out: Output,
) -> Result<(), Failure> {
    let session = house.identified(global, &args.work).await?;
    let PlaceArgs { contact, category, id } = &args.place;
    names::category(&house.notice(), category)?;
    let texts = args.set.iter().cloned().collect();
    let changed = session.change_record(*contact, category, *id, &texts, args.version).await?;
    print(&changed, out)
}

fn print(view: &RecordView, out: Output) -> Result<(), Failure> {
    if out.is_json() {
        return out.value(view);
    }
    print_line(&format!("{} {}, version {}", view.category, view.id, view.version))?;
    print_line("")?;
    let mut rows = Rows::new(&["field", "value"]);
    rows.add(["at", &view.at]);
    rows.add(["collected for", &view.collected_for]);
    rows.add(["source", &view.source]);
    if let Some(about) = &view.about {
        rows.add(["about", &format!("{} {}", about.kind, about.id)]);
    }
    for (field, value) in &view.fields {
        rows.add([field.clone(), plain(value)]);
    }
    print_table(&rows)
}

/// Records as a table.
pub(crate) fn table(records: &[RecordView]) -> Rows {
    let mut rows = Rows::new(&["id", "category", "at", "for", "fields"]).whole(&[0]);
    for view in records {
        let day = view.at.chars().take(10).collect();
        let (category, purpose) = (view.category.clone(), view.collected_for.clone());
        rows.add([view.id.clone(), category, day, purpose, fields(view)]);
    }
    rows
}

fn print_aliased(page: &Page<AliasedRecord>, out: Output) -> Result<(), Failure> {
    if out.is_json() {
        return out.value(page);
    }
    let mut rows = Rows::new(&["alias", "month", "for", "fields"]).whole(&[0]);
    for one in &page.items {
        let (at, purpose) = (one.record.at.clone(), one.record.collected_for.clone());
        rows.add([one.contact.clone(), at, purpose, fields(&one.record)]);
    }
    print_table(&rows)?;
    end_of_list(page.items.len(), page.next.as_deref());
    Ok(())
}

fn fields(view: &RecordView) -> String {
    let about = view.about.iter().map(|about| format!("about {} {}", about.kind, about.id));
    let fields = view.fields.iter().map(|(name, value)| format!("{name} {}", plain(value)));
    let all: Vec<String> = fields.chain(about).collect();
    all.join(", ")
}
