//! Contacts of a room: found, listed, and what a list shows of them.

use std::collections::BTreeMap;

use axum::response::Response;
use gantry_engine::draft::{ContactView, ObjectView};
use gantry_engine::{EngineError, Find, Identified};
use gantry_notice::Operation;
use gantry_notice::model::{Category, Field, Notice, Search};
use maud::{Markup, html};
use serde::Deserialize;
use uuid::Uuid;

use crate::console::door::{Posted, Room};
use crate::console::find;
use crate::console::frame::{Around, in_room};
use crate::console::query::Query;
use crate::page::field::{country_shown, shown, text};
use crate::page::parts::{csrf, pager};
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
    cursor: Option<String>,
}

/// Takes what is looked for out of the form, and goes to the list that has it sealed.
pub(crate) async fn find(room: Room, posted: Posted) -> Result<Response, Failure> {
    let form = posted.by(&room.who)?;
    let people = room.session.identified()?;
    let to = match form.filled("text") {
        None => room.path("contacts"),
        Some(text) => room.path(&format!("contacts?q={}", people.seal_words(text)?)),
    };
    Ok(see(to))
}

/// Contacts that the purpose may see.
pub(crate) async fn list(room: Room, Query(asked): Query<Asked>) -> Result<Page, Failure> {
    let people = room.session.identified()?;
    let words = asked.q.as_deref().map(|sealed| people.open_words(sealed)).transpose()?;
    let wanted = match (&words, asked.company) {
        (Some(words), _) => find::by(words),
        (None, Some(company)) => Find::Company(company),
        (None, None) => Find::All,
    };
    let page = people.find(&wanted, asked.cursor.as_deref(), ON_A_PAGE).await?;
    let notice = room.who.policy.policy().notice();
    let companies = companies(&room, people, &page.items).await?;
    let found = match (&words, notice.objects.get(COMPANY)) {
        (Some(words), Some(declared)) if find::has_companies(&room) && asked.cursor.is_none() => {
            find::objects(people, COMPANY, declared, words).await?
        }
        _ => Vec::new(),
    };
    let next = page.next.as_ref().map(|cursor| {
        let q = asked.q.as_ref().map(|q| format!("q={q}&")).unwrap_or_default();
        let company = asked.company.map(|id| format!("company={id}&")).unwrap_or_default();
        room.path(&format!("contacts?{q}{company}cursor={cursor}"))
    });
    let of = match asked.company {
        Some(company) => {
            let names = company_names(&room, people, &[company]).await?;
            names.into_values().next()
        }
        None => None,
    };
    let content = html! {
        div .head {
            h1 { "Contacts" @if let Some(name) = &of { " of " (name) } }
            div .actions {
                @if may_add(&room) { a .button .main href=(room.path("contacts/new")) { "Add a contact" } }
            }
        }
        form .search method="post" action=(room.path("contacts/find")) role="search" {
            (csrf(&room.who.signed.csrf))
            label .aside for="find" { "Name, e-mail, phone or company" }
            input #find name="text" type="search" value=(words.as_deref().unwrap_or_default()) maxlength="200" placeholder="Name, e-mail, phone or company" autocomplete="off";
            button { "Find" }
            @if words.is_some() || asked.company.is_some() { a .button href=(room.path("contacts")) { "All" } }
        }
        @if !found.is_empty() { (companies_found(&room, &found)) }
        @if page.items.is_empty() && !found.is_empty() {
        } @else if page.items.is_empty() {
            p .note { @if words.is_some() { "Nobody is found by this among those whom the purpose may see." } @else { "Nobody is here whom the purpose may see." } }
        } @else {
            (table(&room, &page.items, &companies))
        }
        (pager(asked.cursor.is_some().then(|| room.path("contacts")).as_deref(), next.as_deref()))
    };
    Ok(in_room(&room, &Around::tab("Contacts", "contacts"), &content))
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
) -> Markup {
    let columns = columns(room);
    html! {
        div .scroll tabindex="0" role="region" aria-label="Contacts" {
            table data-sorts {
                thead {
                    tr {
                        th scope="col" { "Name" }
                        @if !companies.is_empty() { th scope="col" { "Company" } }
                        th scope="col" { "Country" }
                        @for (_, _, field) in &columns { th scope="col" { (field.title) } }
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

/// What somebody is called: the fields by whose words contacts are found. Where one of them says all
/// that the others do, it alone.
pub(crate) fn name(notice: &Notice, contact: &ContactView) -> String {
    let declared = |category: &str| notice.categories.get(category).filter(|one| one.single);
    let mut words: Vec<String> = Vec::new();
    for (category, data) in &contact.data {
        let Some(declared) = declared(category) else { continue };
        let named = data.iter().filter(|(name, _)| is_name(declared, name));
        words.extend(named.map(|(_, value)| text(value)).filter(|text| !text.is_empty()));
    }
    let whole = words.iter().max_by_key(|text| text.len()).cloned().unwrap_or_default();
    if words.iter().all(|part| whole.contains(part.as_str())) && !whole.is_empty() {
        return whole;
    }
    if words.is_empty() {
        return format!("Contact {}", find::short(&contact.id.to_string()));
    }
    words.join(" ")
}

fn is_name(category: &Category, field: &str) -> bool {
    category.fields.get(field).is_some_and(|field| field.search == Some(Search::Words))
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
