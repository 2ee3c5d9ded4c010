//! Contacts of a room: found, listed, and what a list shows of them.

use std::collections::BTreeMap;

use axum::response::Response;
use gantry_engine::draft::{ContactView, ObjectView};
use gantry_engine::session::ContactQuery;
use gantry_engine::{EngineError, FieldFault, Find, Identified, is_name};
use gantry_notice::Operation;
use gantry_notice::model::{Field, Notice};
use maud::{Markup, html};
use serde::Deserialize;
use uuid::Uuid;

use crate::console::door::{Posted, Room};
use crate::console::find;
use crate::console::frame::{Around, in_room};
use crate::console::narrow::Narrow;
use crate::console::query::Query;
use crate::console::sorting::{Address, Heads, sort_of, turned, unsorted};
use crate::page::field::{country_shown, shown};
use crate::page::parts::{csrf, faults_of_question, pager};
use crate::page::{Failure, Page, see};
use crate::shape::{self, COMPANY};

/// Contacts on a page.
const ON_A_PAGE: usize = 50;
/// Columns besides name, company and country.
const MORE_COLUMNS: usize = 3;

/// Which contacts.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    /// What is looked for, sealed.
    q: Option<String>,
    company: Option<Uuid>,
    country: Option<String>,
    having: Option<String>,
    sort: Option<String>,
    cursor: Option<String>,
}

/// What the list shows above its rows.
#[derive(Default)]
struct Sought<'a> {
    words: Option<&'a str>,
    company: Option<Uuid>,
    narrow: Narrow,
    faults: &'a [FieldFault],
}

impl Sought<'_> {
    const fn everything(&self) -> bool {
        self.words.is_none() && self.company.is_none() && self.faults.is_empty()
    }
}

/// Takes what is looked for out of the form, and goes to the list that has it sealed.
pub(crate) async fn find(room: Room, posted: Posted) -> Result<Response, Failure> {
    let form = posted.by(&room.who)?;
    let people = room.session.identified()?;
    let company = form.filled("company").and_then(|id| id.parse().ok());
    let narrow = match Narrow::of_form(&room, &form) {
        Ok(narrow) => narrow,
        Err(faults) => {
            let words = form.filled("text");
            let sought = Sought { words, company, faults: &faults, ..Sought::default() };
            let content = html! { (search(&room, &sought, None)) };
            return Ok(in_room(&room, &Around::tab("Contacts", "contacts"), &content).again());
        }
    };
    let sealed = form.filled("text").map(|text| people.seal_words(text)).transpose()?;
    let asked = Asked { q: sealed, company, ..Asked::default() };
    Ok(see(asked.address(&room, &narrow).plain()))
}

/// Contacts that the purpose may see.
pub(crate) async fn list(room: Room, Query(asked): Query<Asked>) -> Result<Page, Failure> {
    let people = room.session.identified()?;
    let words = asked.q.as_deref().map(|sealed| people.open_words(sealed)).transpose()?;
    let found = match (&words, asked.company) {
        (Some(words), _) => find::by(words),
        (None, Some(company)) => Find::Company(company),
        (None, None) => Find::All,
    };
    let narrow = Narrow::of_address(asked.country.as_deref(), asked.having.as_deref())?;
    let mut query = ContactQuery::from(found);
    narrow.put(&mut query);
    query.sort = asked.sort.as_deref().map(sort_of).transpose()?;
    let mut remark = None;
    let page = match people.contacts(&query, asked.cursor.as_deref(), ON_A_PAGE).await {
        Err(error) => {
            remark = Some(unsorted(error)?);
            query.sort = None;
            people.contacts(&query, None, ON_A_PAGE).await?
        }
        page => page?,
    };
    let notice = room.who.policy.policy().notice();
    let companies = companies(&room, people, &page.items).await?;
    let found = match (&words, notice.objects.get(COMPANY)) {
        (Some(words), Some(declared)) if find::has_companies(&room) && asked.cursor.is_none() => {
            find::objects(people, COMPANY, declared, words, find::SUGGESTED).await?
        }
        _ => Vec::new(),
    };
    let of = match asked.company {
        Some(company) => {
            let names = company_names(&room, people, &[company]).await?;
            names.into_values().next()
        }
        None => None,
    };
    let address = asked.address(&room, &narrow);
    let heads = Heads::Linked(&address, query.sort.as_ref());
    let (first, next) = turned(&address, query.sort.as_ref(), page.next.as_deref());
    let (company, faults) = (asked.company, [].as_slice());
    let sought = Sought { words: words.as_deref(), company, narrow, faults };
    let content = html! {
        (search(&room, &sought, of.as_deref()))
        @if let Some(remark) = &remark { p .note role="status" { (remark) } }
        @if !found.is_empty() { (companies_found(&room, &found)) }
        @if page.items.is_empty() && !found.is_empty() {
        } @else if page.items.is_empty() && page.next.is_some() {
            p .note { "Nobody so far: there are many to look through. The next page goes on." }
        } @else if page.items.is_empty() {
            p .note { @if sought.everything() && sought.narrow.is_empty() { "Nobody is here whom the purpose may see." } @else { "Nobody is found by this among those whom the purpose may see." } }
        } @else {
            (table(&room, &page.items, &companies, &heads))
        }
        (pager(asked.cursor.is_some().then_some(first.as_str()), next.as_deref()))
    };
    Ok(in_room(&room, &Around::tab("Contacts", "contacts"), &content))
}

impl Asked {
    /// The address of the list, without order and cursor.
    fn address(&self, room: &Room, narrow: &Narrow) -> Address {
        let company = self.company.map(|id| id.to_string());
        let having = narrow.having();
        Address::new(
            &room.path("contacts"),
            &[
                ("q", self.q.as_deref()),
                ("company", company.as_deref()),
                ("country", narrow.country.as_deref()),
                ("having", having.as_deref()),
            ],
        )
    }
}

/// Title, what may be done, and the form that finds.
fn search(room: &Room, sought: &Sought<'_>, of: Option<&str>) -> Markup {
    html! {
        div .head {
            h1 { "Contacts" @if let Some(name) = of { " of " (name) } }
            div .actions {
                @if may_add(room) { a .button .main href=(room.path("contacts/new")) { "Add a contact" } }
            }
        }
        (faults_of_question(sought.faults))
        form method="post" action=(room.path("contacts/find")) role="search" {
            (csrf(&room.who.signed.csrf))
            @if let Some(company) = sought.company { input type="hidden" name="company" value=(company); }
            div .search {
                label .aside for="find" { "Name, e-mail, phone or company" }
                input #find name="text" type="search" value=(sought.words.unwrap_or_default()) maxlength="200" placeholder="Name, e-mail, phone or company" autocomplete="off" autofocus[sought.everything() && sought.narrow.is_empty()];
                button { "Find" }
                @if !sought.everything() || !sought.narrow.is_empty() { a .button href=(room.path("contacts")) { "All" } }
            }
            (sought.narrow.form(room, sought.faults))
        }
    }
}

/// Whether the notice lets the room add contacts at all.
fn may_add(room: &Room) -> bool {
    let Ok(declared) = room.declared() else { return false };
    let uses = shape::uses(&room.who.policy, &room.purpose);
    let categories = shape::categories(&room.who.policy, declared, &uses);
    room.writes() && categories.iter().any(|one| one.declared.single && one.may(Operation::Collect))
}

fn companies_found(room: &Room, found: &[ObjectView]) -> Markup {
    let declared = room.who.policy.policy().notice().objects.get(COMPANY);
    html! {
        section .card {
            h2 { "Companies" }
            ul {
                @for company in found {
                    li {
                        a href=(room.path(&format!("objects/{COMPANY}/{}", company.id))) { (declared.map(|declared| find::label(declared, company)).unwrap_or_default()) }
                        " · " a href=(room.path(&format!("contacts?company={}", company.id))) { "its contacts" }
                    }
                }
            }
        }
    }
}

/// A table of contacts, by what the purpose sees of them.
pub(crate) fn table(
    room: &Room,
    contacts: &[ContactView],
    companies: &BTreeMap<String, String>,
    heads: &Heads<'_>,
) -> Markup {
    let columns = columns(room);
    html! {
        div .scroll tabindex="0" role="region" aria-label="Contacts" {
            table data-sorts[heads.shown()] {
                thead {
                    tr {
                        (heads.head("Name", "name"))
                        @if !companies.is_empty() { (heads.head("Company", "company")) }
                        (heads.head("Country", "country"))
                        @for (category, name, field) in &columns { (heads.head(&field.title, &format!("field.{category}.{name}"))) }
                    }
                }
                tbody {
                    @for contact in contacts {
                        tr {
                            td { a href=(room.path(&format!("contacts/{}", contact.id))) { (name(room.who.policy.policy().notice(), contact)) } }
                            @if !companies.is_empty() {
                                td { @if let Some(id) = contact.company { (company_link(room, companies, &id.to_string())) } }
                            }
                            td { (country_shown(contact.country.as_deref())) }
                            @for (category, name, field) in &columns {
                                td { @if let Some(value) = contact.data.get(*category).and_then(|data| data.get(*name)) { (shown(Some(field), value)) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

pub(crate) fn company_link(room: &Room, companies: &BTreeMap<String, String>, id: &str) -> Markup {
    html! {
        @if let Some(name) = companies.get(id) {
            a href=(room.path(&format!("objects/{COMPANY}/{id}"))) { (name) }
        }
    }
}

/// Names of the companies that contacts represent, by id, as far as the room works with companies.
pub(crate) async fn companies(
    room: &Room,
    people: &Identified,
    contacts: &[ContactView],
) -> Result<BTreeMap<String, String>, EngineError> {
    let mut ids: Vec<Uuid> = contacts.iter().filter_map(|contact| contact.company).collect();
    ids.sort_unstable();
    ids.dedup();
    company_names(room, people, &ids).await
}

/// The same for ids.
pub(crate) async fn company_names(
    room: &Room,
    people: &Identified,
    ids: &[Uuid],
) -> Result<BTreeMap<String, String>, EngineError> {
    let declared = room.who.policy.policy().notice().objects.get(COMPANY);
    let Some(declared) = declared.filter(|_| find::has_companies(room) && !ids.is_empty()) else {
        return Ok(BTreeMap::new());
    };
    let found = people.objects_at(COMPANY, ids).await?;
    Ok(found.iter().map(|one| (one.id.clone(), find::label(declared, one))).collect())
}

/// What somebody is called; by the end of the id where the room does not see the name.
pub(crate) fn name(notice: &Notice, contact: &ContactView) -> String {
    let name = contact.name(notice);
    if name.is_empty() { format!("Contact {}", find::short(&contact.id.to_string())) } else { name }
}

/// What a list shows besides the name: what contacts are found by, then what else is short.
fn columns(room: &Room) -> Vec<(&str, &str, &Field)> {
    let Ok(declared) = room.declared() else { return Vec::new() };
    let notice = room.who.policy.policy().notice();
    let read = declared
        .reads
        .keys()
        .filter_map(|name| Some((name.as_str(), notice.categories.get(name)?)));
    let profile = read.filter(|(_, category)| category.single);
    let mut fields: Vec<(&str, &str, &Field)> = profile
        .flat_map(|(name, category)| {
            let fields = category.fields.iter().filter(|(field, _)| !is_name(category, field));
            fields.map(move |(field, declared)| (name, field.as_str(), declared))
        })
        .collect();
    let listed = declared.reads.iter();
    let allowed = |category: &str, field: &str| {
        let mut reads = listed.clone().filter(|(name, _)| name.as_str() == category);
        reads.any(|(_, read)| {
            read.fields.as_ref().is_none_or(|fields| fields.iter().any(|one| one == field))
        })
    };
    fields.retain(|(category, name, _)| allowed(category, name));
    fields.sort_by_key(|(_, _, field)| field.search.is_none());
    fields.truncate(MORE_COLUMNS);
    fields
}
