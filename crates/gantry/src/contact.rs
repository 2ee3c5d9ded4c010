//! `gantry contact`: find, show, add and change contacts, as one purpose sees them.

use clap::{Args, Subcommand};
use gantry_engine::draft::{ContactDraft, ContactView, FieldTexts, Page, ProfileChange, Withheld};
use gantry_engine::session::{ContactQuery, Sort};
use gantry_engine::{Find, Identified};
use gantry_notice::model::FieldKind;
use gantry_notice::{Notice, Reason};
use indexmap::IndexMap;
use uuid::Uuid;

use crate::cli::{Global, PageArgs, WorkArgs, id, order};
use crate::columns::{self, Column};
use crate::failure::Failure;
use crate::names;
use crate::output::{Output, Rows, plain, print_line, print_table, remark};
use crate::setup::House;

/// What can be done with contacts.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List contacts that the purpose may see
    Find(FindArgs),
    /// Show a contact as the purpose sees it
    Show(ShowArgs),
    /// Add a contact
    Add(AddArgs),
    /// Change a contact's profile
    Change(ChangeArgs),
}

/// What to find contacts by.
#[derive(Debug, Args)]
pub(crate) struct FindArgs {
    #[command(flatten)]
    work: WorkArgs,
    #[command(flatten)]
    by: ByArgs,
    /// Only those of a country, as two letters (ISO 3166-1)
    #[arg(long, value_name = "COUNTRY")]
    country: Option<String>,
    /// Only those with a value, such as `employment.role=maintenance`
    #[arg(long, value_name = "CATEGORY.FIELD=VALUE", value_parser = CategoryField::parse)]
    having: Vec<CategoryField>,
    /// In the order of a column, after `-` from the greatest: name, company, country or
    /// `field.CATEGORY.FIELD`; up to 2,000 of them
    #[arg(long, value_name = "COLUMN", allow_hyphen_values = true, value_parser = order)]
    sort: Option<Sort>,
    #[command(flatten)]
    page: PageArgs,
}

#[derive(Debug, Args)]
#[group(multiple = false)]
struct ByArgs {
    /// By e-mail address
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
    /// By telephone number
    #[arg(long, value_name = "NUMBER")]
    phone: Option<String>,
    /// By words of the name, or their beginnings
    #[arg(long, value_name = "WORDS")]
    name: Option<String>,
    /// Those who represent a company
    #[arg(long, value_name = "ID", value_parser = id)]
    company: Option<Uuid>,
}

/// A contact.
#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    #[command(flatten)]
    work: WorkArgs,
    /// The contact's id
    #[arg(value_parser = id)]
    id: Uuid,
}

/// A new contact.
#[derive(Debug, Args)]
pub(crate) struct AddArgs {
    #[command(flatten)]
    work: WorkArgs,
    /// Its country, as two letters (ISO 3166-1)
    #[arg(long, value_name = "COUNTRY")]
    country: Option<String>,
    /// The company that it represents
    #[arg(long, value_name = "ID", value_parser = id)]
    company: Option<Uuid>,
    /// Its company is the person
    #[arg(long)]
    sole_trader: bool,
    /// Its company is a customer today
    #[arg(long)]
    customer: bool,
    /// A purpose that it has consented to
    #[arg(long, value_name = "PURPOSE")]
    consent: Vec<String>,
    /// Add it although somebody has that e-mail address already
    #[arg(long)]
    anyway: bool,
    /// A value, such as `identity.given_name=Anna`
    #[arg(long, value_name = "CATEGORY.FIELD=VALUE", value_parser = CategoryField::parse, required = true)]
    set: Vec<CategoryField>,
}

/// Changes of a contact.
#[derive(Debug, Args)]
#[group(required = true, multiple = true, args = ["set", "company", "no_company"])]
pub(crate) struct ChangeArgs {
    #[command(flatten)]
    work: WorkArgs,
    /// The contact's id
    #[arg(value_parser = id)]
    id: Uuid,
    /// A value, such as `contact-details.phone=+358...`; an empty one takes the field away
    #[arg(long, value_name = "CATEGORY.FIELD=VALUE", value_parser = CategoryField::parse)]
    set: Vec<CategoryField>,
    /// The company that it represents from now on
    #[arg(long, value_name = "ID", value_parser = id)]
    company: Option<Uuid>,
    /// It represents no company from now on
    #[arg(long, conflicts_with = "company")]
    no_company: bool,
    /// Only if the contact still has this version
    #[arg(long, value_name = "N")]
    version: Option<i64>,
}

/// `category.field=value`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct CategoryField {
    category: String,
    field: String,
    value: String,
}

impl CategoryField {
    fn parse(text: &str) -> Result<CategoryField, &'static str> {
        const FORM: &str = "not of the form `category.field=value`";
        let (path, value) = text.split_once('=').ok_or(FORM)?;
        let (category, field) = path.split_once('.').ok_or(FORM)?;
        let (category, field) = (category.trim().to_owned(), field.trim().to_owned());
        if category.is_empty() || field.is_empty() {
            return Err(FORM);
        }
        Ok(CategoryField { category, field, value: value.to_owned() })
    }
}

/// Runs a command on contacts.
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
    let session = house.identified(global, &args.work).await?;
    let find = match &args.by {
        ByArgs { email: Some(text), .. } => Find::Email(text.clone()),
        ByArgs { phone: Some(text), .. } => Find::Phone(text.clone()),
        ByArgs { name: Some(text), .. } => Find::Words(text.clone()),
        ByArgs { company: Some(id), .. } => Find::Company(*id),
        _ => Find::All,
    };
    named(house, &args.having)?;
    let having = args.having.iter();
    let having = having.map(|one| (format!("{}.{}", one.category, one.field), one.value.clone()));
    let query = ContactQuery {
        find,
        country: args.country.clone(),
        having: having.collect(),
        sort: args.sort.clone(),
    };
    let page = session.contacts(&query, args.page.cursor.as_deref(), args.page.limit()).await?;
    print_list(&page, &house.notice(), out)
}

async fn show(house: &House, global: &Global, args: &ShowArgs, out: Output) -> Result<(), Failure> {
    let session = house.identified(global, &args.work).await?;
    print(&session.contact(args.id).await?, out)
}

async fn add(house: &House, global: &Global, args: &AddArgs, out: Output) -> Result<(), Failure> {
    let session = house.identified(global, &args.work).await?;
    named(house, &args.set)?;
    for purpose in &args.consent {
        names::purpose(&house.notice(), purpose)?;
    }
    if !args.anyway {
        nobody_has(house, &session, &args.set).await?;
    }
    let draft = ContactDraft {
        country: args.country.clone(),
        company: args.company,
        sole_trader: args.sole_trader,
        customer: args.customer,
        consents: args.consent.clone(),
        data: by_category(&args.set),
    };
    print(&session.add_contact(&draft).await?, out)
}

async fn change(
    house: &House,
    global: &Global,
    args: &ChangeArgs,
    out: Output,
) -> Result<(), Failure> {
    let session = house.identified(global, &args.work).await?;
    named(house, &args.set)?;
    let company = if args.no_company { Some(None) } else { args.company.map(Some) };
    let change = ProfileChange { data: by_category(&args.set), company };
    let changed = session.change_profile(args.id, &change, args.version).await?;
    print(&changed, out)
}

/// That the e-mail address is nobody's whom the purpose may find by it.
async fn nobody_has(
    house: &House,
    session: &Identified,
    set: &[CategoryField],
) -> Result<(), Failure> {
    let notice = house.notice();
    let is_address = |one: &&CategoryField| {
        let field = notice.categories.get(&one.category).and_then(|c| c.fields.get(&one.field));
        field.is_some_and(|field| field.kind == FieldKind::Email && field.search.is_some())
    };
    for one in set.iter().filter(is_address) {
        let found = session.find(&Find::Email(one.value.clone()), None, 1).await?;
        if let Some(somebody) = found.items.first() {
            let (id, field) = (somebody.id, format!("{}.{}", one.category, one.field));
            return Err(Failure::Invalid(format!(
                "`{field}` is the address of contact {id} already\nhint: change that one with `gantry contact change`, or add a second one with `--anyway`"
            )));
        }
    }
    Ok(())
}

/// That the notice has the categories. A field that it does not list is refused by the engine.
fn named(house: &House, set: &[CategoryField]) -> Result<(), Failure> {
    let notice = house.notice();
    set.iter().try_for_each(|one| names::category(&notice, &one.category))
}

fn by_category(set: &[CategoryField]) -> IndexMap<String, FieldTexts> {
    let mut data: IndexMap<String, FieldTexts> = IndexMap::new();
    for one in set {
        let texts = data.entry(one.category.clone()).or_default();
        texts.insert(one.field.clone(), one.value.clone());
    }
    data
}

/// Prints a contact.
pub(crate) fn print(view: &ContactView, out: Output) -> Result<(), Failure> {
    if out.is_json() {
        return out.value(view);
    }
    let country = view.country.as_ref().map(|country| format!(", country {country}"));
    let company = view.company.map(|company| format!(", company {company}"));
    let (country, company) = (country.unwrap_or_default(), company.unwrap_or_default());
    print_line(&format!("contact {}{country}{company}, version {}", view.id, view.version))?;
    print_line("")?;
    let mut rows = Rows::new(&["category", "field", "value"]);
    for (category, fields) in &view.data {
        for (field, value) in fields {
            rows.add([category.clone(), field.clone(), plain(value)]);
        }
    }
    print_table(&rows)?;
    print_withheld(&view.withheld)
}

/// Prints what was left out, and why.
pub(crate) fn print_withheld(withheld: &[Withheld]) -> Result<(), Failure> {
    if withheld.is_empty() {
        return Ok(());
    }
    let mut by_reason: IndexMap<&str, Vec<String>> = IndexMap::new();
    for one in withheld {
        let records = match one.records {
            0 => String::new(),
            count => format!(" ({count})"),
        };
        let category = format!("{}{records}", one.category);
        by_reason.entry(one.reason).or_default().push(category);
    }
    let mut rows = Rows::new(&["withheld because", "what"]);
    for (id, categories) in by_reason {
        let reason = Reason::ALL.into_iter().find(|reason| reason.id() == id);
        let words = reason.map_or(id, Reason::words);
        rows.add([words.to_owned(), categories.join(", ")]);
    }
    print_line("")?;
    print_table(&rows)
}

fn print_list(page: &Page<ContactView>, notice: &Notice, out: Output) -> Result<(), Failure> {
    if out.is_json() {
        return out.value(page);
    }
    print_views(&page.items, notice)?;
    end_of_list(page.items.len(), page.next.as_deref());
    Ok(())
}

/// A table of contacts.
pub(crate) fn print_views(views: &[ContactView], notice: &Notice) -> Result<(), Failure> {
    let columns = columns::of(notice, views);
    let titles = columns.iter().map(Column::title);
    let head: Vec<&str> = ["id", "country"].into_iter().chain(titles).collect();
    let mut rows = Rows::new(&head).whole(&[0]);
    for view in views {
        let country = view.country.clone().unwrap_or_default();
        let cells = columns.iter().map(|column| column.cell(view));
        rows.add([view.id.to_string(), country].into_iter().chain(cells));
    }
    print_table(&rows)
}

/// Says how many there were, and how to go on.
pub(crate) fn end_of_list(count: usize, next: Option<&str>) {
    if count == 0 {
        remark("nothing found that this purpose may see");
    }
    if let Some(cursor) = next {
        remark(&format!("there is more: go on with `--cursor {cursor}`"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_names_its_category_and_field() {
        let read = CategoryField::parse("identity.given_name=Anna = Maria").unwrap();
        assert_eq!(
            (&*read.category, &*read.field, &*read.value),
            ("identity", "given_name", "Anna = Maria")
        );
        assert!(CategoryField::parse("identity=Anna").is_err());
        assert!(CategoryField::parse("identity.=Anna").is_err());
        assert!(CategoryField::parse("identity.given_name").is_err());
    }
}
