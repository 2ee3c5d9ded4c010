//! `gantry object` and `gantry company`: business things that are not personal.

use clap::{Args, Subcommand};
use gantry_engine::draft::{ObjectDraft, ObjectView, Page};
use gantry_engine::session::{ObjectQuery, Sort};
use gantry_engine::{EngineError, Session};
use gantry_notice::Notice;
use uuid::Uuid;

use crate::cli::{Global, PageArgs, WorkArgs, id, order};
use crate::contact::end_of_list;
use crate::failure::Failure;
use crate::names;
use crate::output::{Output, Rows, plain, print_line, print_table};
use crate::setup::House;

/// The kind of object that a customer is.
const COMPANY: &str = "company";

/// What can be done with objects.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List objects of a kind
    Find(FindArgs),
    /// Show an object
    Show(ShowArgs),
    /// Add an object
    Add(AddArgs),
    /// Change an object
    Change(ChangeArgs),
}

/// What can be done with companies.
#[derive(Debug, Subcommand)]
pub(crate) enum CompanyCommand {
    /// List companies
    Find(CompanyFindArgs),
    /// Show a company
    Show(CompanyShowArgs),
    /// Add a company
    Add(CompanyAddArgs),
    /// Change a company
    Change(CompanyChangeArgs),
}

/// Which objects.
#[derive(Debug, Args)]
pub(crate) struct FindArgs {
    #[command(flatten)]
    work: WorkArgs,
    /// The kind of object, such as `order`
    kind: String,
    /// Those of a company
    #[arg(long, value_name = "ID", value_parser = id)]
    company: Option<Uuid>,
    /// Those that are part of an object
    #[arg(long, value_name = "ID", value_parser = id)]
    part_of: Option<Uuid>,
    #[command(flatten)]
    which: WhichArgs,
}

/// What lists of objects have in common.
#[derive(Debug, Args)]
struct WhichArgs {
    /// Those with this value in a field that can be searched, such as `number=4711`
    #[arg(long, value_name = "FIELD=TEXT", value_parser = field_value)]
    search: Option<(String, String)>,
    /// Those in a state
    #[arg(long, value_name = "STATE")]
    state: Option<String>,
    /// In the order of a column, after `-` from the greatest: name, company, state, at or
    /// `field.FIELD`; up to 2,000 of them
    #[arg(long, value_name = "COLUMN", allow_hyphen_values = true, value_parser = order)]
    sort: Option<Sort>,
    #[command(flatten)]
    page: PageArgs,
}

/// An object.
#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    #[command(flatten)]
    work: WorkArgs,
    /// The kind of object
    kind: String,
    /// Its id
    #[arg(value_parser = id)]
    id: Uuid,
}

/// A new object.
#[derive(Debug, Args)]
pub(crate) struct AddArgs {
    #[command(flatten)]
    work: WorkArgs,
    /// The kind of object
    kind: String,
    #[command(flatten)]
    values: ValuesArgs,
}

/// Changes of an object.
#[derive(Debug, Args)]
pub(crate) struct ChangeArgs {
    #[command(flatten)]
    work: WorkArgs,
    /// The kind of object
    kind: String,
    /// Its id
    #[arg(value_parser = id)]
    id: Uuid,
    #[command(flatten)]
    values: ValuesArgs,
    /// Only if it still has this version
    #[arg(long, value_name = "N")]
    version: Option<i64>,
}

/// What an object is to be.
#[derive(Debug, Args)]
struct ValuesArgs {
    /// The company it belongs to
    #[arg(long, value_name = "ID", value_parser = id)]
    company: Option<Uuid>,
    /// The object it is part of
    #[arg(long, value_name = "ID", value_parser = id)]
    part_of: Option<Uuid>,
    #[command(flatten)]
    own: OwnArgs,
}

/// What objects of all kinds have.
#[derive(Debug, Args)]
struct OwnArgs {
    /// The contact it is about, where a sole trader's company is that person
    #[arg(long, value_name = "ID", value_parser = id)]
    person: Option<Uuid>,
    /// Its state
    #[arg(long, value_name = "STATE")]
    state: Option<String>,
    /// When it happened or begins: a day or an instant (ISO 8601)
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// A value; an empty one takes the field away
    #[arg(long, value_name = "FIELD=VALUE", value_parser = field_value)]
    set: Vec<(String, String)>,
}

/// Which companies.
#[derive(Debug, Args)]
pub(crate) struct CompanyFindArgs {
    #[command(flatten)]
    work: WorkArgs,
    /// By words of the name, or their beginnings
    #[arg(long, value_name = "WORDS", conflicts_with = "search")]
    name: Option<String>,
    #[command(flatten)]
    which: WhichArgs,
}

/// A company.
#[derive(Debug, Args)]
pub(crate) struct CompanyShowArgs {
    #[command(flatten)]
    work: WorkArgs,
    /// Its id
    #[arg(value_parser = id)]
    id: Uuid,
}

/// A new company.
#[derive(Debug, Args)]
pub(crate) struct CompanyAddArgs {
    #[command(flatten)]
    work: WorkArgs,
    #[command(flatten)]
    own: OwnArgs,
}

/// Changes of a company.
#[derive(Debug, Args)]
pub(crate) struct CompanyChangeArgs {
    #[command(flatten)]
    work: WorkArgs,
    /// Its id
    #[arg(value_parser = id)]
    id: Uuid,
    #[command(flatten)]
    own: OwnArgs,
    /// Only if it still has this version
    #[arg(long, value_name = "N")]
    version: Option<i64>,
}

/// `field=value`.
pub(crate) fn field_value(text: &str) -> Result<(String, String), &'static str> {
    const FORM: &str = "not of the form `field=value`";
    let (field, value) = text.split_once('=').ok_or(FORM)?;
    let field = field.trim();
    if field.is_empty() { Err(FORM) } else { Ok((field.to_owned(), value.to_owned())) }
}

impl OwnArgs {
    fn draft(&self, company: Option<Uuid>, part_of: Option<Uuid>) -> ObjectDraft {
        ObjectDraft {
            at: self.at.clone(),
            company,
            part_of,
            person: self.person,
            state: self.state.clone(),
            fields: self.set.iter().cloned().collect(),
        }
    }
}

impl ValuesArgs {
    fn draft(&self) -> ObjectDraft {
        self.own.draft(self.company, self.part_of)
    }
}

/// What is to be done with a kind of object.
enum Ask<'a> {
    Find(ObjectQuery, &'a PageArgs),
    Show(Uuid),
    Add(ObjectDraft),
    Change(Uuid, ObjectDraft, Option<i64>),
}

/// Runs a command on objects.
pub(crate) async fn run(global: &Global, command: &Command, out: Output) -> Result<(), Failure> {
    let (work, kind, ask) = match command {
        Command::Find(args) => {
            let query = query(&args.which, args.company, args.part_of, None);
            (&args.work, &args.kind, Ask::Find(query, &args.which.page))
        }
        Command::Show(args) => (&args.work, &args.kind, Ask::Show(args.id)),
        Command::Add(args) => (&args.work, &args.kind, Ask::Add(args.values.draft())),
        Command::Change(args) => {
            let ask = Ask::Change(args.id, args.values.draft(), args.version);
            (&args.work, &args.kind, ask)
        }
    };
    answer(global, work, kind, &ask, out).await
}

/// Runs a command on companies.
pub(crate) async fn run_company(
    global: &Global,
    command: &CompanyCommand,
    out: Output,
) -> Result<(), Failure> {
    let (work, ask) = match command {
        CompanyCommand::Find(args) => {
            let query = query(&args.which, None, None, args.name.as_deref());
            (&args.work, Ask::Find(query, &args.which.page))
        }
        CompanyCommand::Show(args) => (&args.work, Ask::Show(args.id)),
        CompanyCommand::Add(args) => (&args.work, Ask::Add(args.own.draft(None, None))),
        CompanyCommand::Change(args) => {
            (&args.work, Ask::Change(args.id, args.own.draft(None, None), args.version))
        }
    };
    answer(global, work, COMPANY, &ask, out).await
}

fn query(
    which: &WhichArgs,
    company: Option<Uuid>,
    part_of: Option<Uuid>,
    name: Option<&str>,
) -> ObjectQuery {
    let by_name = name.map(|words| ("name".to_owned(), words.to_owned()));
    let search = by_name.or_else(|| which.search.clone());
    let (state, sort) = (which.state.clone(), which.sort.clone());
    ObjectQuery { company, state, part_of, search, sort }
}

async fn answer(
    global: &Global,
    work: &WorkArgs,
    kind: &str,
    ask: &Ask<'_>,
    out: Output,
) -> Result<(), Failure> {
    let house = House::open(global).await?;
    let done = match house.session(global, work).await {
        Ok(session) => match named(house.notice().as_ref(), kind, ask) {
            Ok(()) => ask_session(&session, kind, ask, out).await,
            Err(failure) => Err(failure),
        },
        Err(failure) => Err(failure),
    };
    house.end(done).await
}

/// That the notice has the kind, and the kind the field by which it is searched.
fn named(notice: &Notice, kind: &str, ask: &Ask<'_>) -> Result<(), Failure> {
    names::kind(notice, kind)?;
    match ask {
        Ask::Find(ObjectQuery { search: Some((field, _)), .. }, _) => {
            names::object_field(notice, kind, field)
        }
        _ => Ok(()),
    }
}

async fn ask_session(
    session: &Session,
    kind: &str,
    ask: &Ask<'_>,
    out: Output,
) -> Result<(), Failure> {
    if let (Session::Pseudonymous(session), Ask::Find(query, page)) = (session, ask) {
        if *query != ObjectQuery::default() {
            let fault = "cannot be used under an alias; hint: leave the conditions out";
            return Err(EngineError::invalid("search", fault).into());
        }
        let found = session.objects(kind, page.cursor.as_deref(), page.limit()).await?;
        return print_list(&found, out);
    }
    let session = session.identified()?;
    match ask {
        Ask::Find(query, page) => {
            let found = session.objects(kind, query, page.cursor.as_deref(), page.limit()).await?;
            print_list(&found, out)
        }
        Ask::Show(id) => print(&session.object(kind, *id).await?, out),
        Ask::Add(draft) => print(&session.add_object(kind, draft).await?, out),
        Ask::Change(id, draft, version) => {
            print(&session.change_object(kind, *id, draft, *version).await?, out)
        }
    }
}

fn print(view: &ObjectView, out: Output) -> Result<(), Failure> {
    if out.is_json() {
        return out.value(view);
    }
    print_line(&format!("{} {}, version {}", view.kind, view.id, view.version))?;
    print_line("")?;
    let mut rows = Rows::new(&["field", "value"]);
    rows.add(["state", &view.state]);
    rows.add(["at", &view.at]);
    let about = [("company", &view.company), ("part of", &view.part_of), ("closed", &view.closed)];
    for (name, value) in about {
        if let Some(value) = value {
            rows.add([name, value]);
        }
    }
    for (field, value) in &view.fields {
        rows.add([field.clone(), plain(value)]);
    }
    print_table(&rows)
}

fn print_list(page: &Page<ObjectView>, out: Output) -> Result<(), Failure> {
    if out.is_json() {
        return out.value(page);
    }
    let mut rows = Rows::new(&["id", "state", "at", "fields"]).whole(&[0]);
    for view in &page.items {
        let fields = view.fields.iter().map(|(name, value)| format!("{name} {}", plain(value)));
        let fields: Vec<String> = fields.collect();
        let day = view.at.chars().take(10).collect();
        rows.add([view.id.clone(), view.state.clone(), day, fields.join(", ")]);
    }
    print_table(&rows)?;
    end_of_list(page.items.len(), page.next.as_deref());
    Ok(())
}
