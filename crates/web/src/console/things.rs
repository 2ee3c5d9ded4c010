//! Objects of a kind: found, listed, and what a list shows of them. Aliased ones in a pseudonymous room.

use std::collections::BTreeMap;

use axum::response::Response;
use gantry_engine::draft::{ObjectView, Page as Items};
use gantry_engine::session::{Column, ObjectQuery, Sort};
use gantry_engine::{Identified, Session};
use gantry_notice::model::{Belongs, Field, ObjectKind, Search};
use maud::{Markup, html};
use serde::Deserialize;
use uuid::Uuid;

use crate::console::contacts::{company_link, company_names};
use crate::console::door::{Posted, Room};
use crate::console::find;
use crate::console::frame::{Around, in_room};
use crate::console::query::Query;
use crate::console::sorting::{Address, Heads, sort_of, turned, unsorted};
use crate::page::field::shown;
use crate::page::parts::{csrf, moment, pager, plain};
use crate::page::{Failure, Page, see};
use crate::shape;

/// Objects on a page.
const ON_A_PAGE: usize = 50;
/// Columns of fields.
const COLUMNS: usize = 5;

/// Which objects.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    /// What is looked for, sealed.
    q: Option<String>,
    state: Option<String>,
    company: Option<Uuid>,
    sort: Option<String>,
    cursor: Option<String>,
}

/// Takes what is looked for out of the form, and goes to the list that has it sealed.
pub(crate) async fn find(room: Room, posted: Posted) -> Result<Response, Failure> {
    let form = posted.by(&room.who)?;
    let people = room.session.identified()?;
    let mut asked = Asked::default();
    let state = form.filled("state");
    asked.state = state.filter(|state| declares(&room, state)).map(str::to_owned);
    asked.company = form.filled("company").and_then(|id| id.parse().ok());
    if let Some(text) = form.filled("text") {
        asked = Asked { q: Some(people.seal_words(text)?), ..Asked::default() };
    }
    Ok(see(asked.address(&room.path(&format!("objects/{}", room.text("kind")?))).plain()))
}

fn declares(room: &Room, state: &str) -> bool {
    declared(room).is_ok_and(|(kind, _)| kind.states.iter().any(|one| one == state))
}

impl Asked {
    fn is_all(&self) -> bool {
        self.q.is_none() && self.state.is_none() && self.company.is_none()
    }

    /// The address of the list, without order and cursor.
    fn address(&self, list: &str) -> Address {
        let company = self.company.map(|id| id.to_string());
        Address::new(
            list,
            &[
                ("q", self.q.as_deref()),
                ("state", self.state.as_deref()),
                ("company", company.as_deref()),
            ],
        )
    }
}

/// The kind in the path, and whether the room may write it.
pub(crate) fn declared(room: &Room) -> Result<(&ObjectKind, bool), Failure> {
    let wanted = room.text("kind")?;
    let kinds = shape::kinds(&room.who.policy, &room.purpose);
    let found = kinds.into_iter().find(|(name, ..)| *name == wanted);
    found.map(|(_, kind, writes)| (kind, writes)).ok_or(Failure::NotFound)
}

/// Objects that the purpose may see.
pub(crate) async fn list(room: Room, Query(asked): Query<Asked>) -> Result<Page, Failure> {
    let kind = room.text("kind")?.to_owned();
    let (declared, writes) = declared(&room)?;
    let mut words = None;
    let mut names = BTreeMap::new();
    let looked = match &room.session {
        Session::Pseudonymous(session) => {
            let page = session.objects(&kind, asked.cursor.as_deref(), ON_A_PAGE).await?;
            Looked { page, sort: None, remark: None }
        }
        session => {
            let people = session.identified()?;
            words = asked.q.as_deref().map(|sealed| people.open_words(sealed)).transpose()?;
            let looked = look(people, &kind, declared, &asked, words.as_deref()).await?;
            let items = looked.page.items.iter();
            let ids: Vec<Uuid> =
                items.filter_map(|one| one.company.as_deref()?.parse().ok()).collect();
            names = company_names(&room, people, &ids).await?;
            looked
        }
    };
    let here = room.path(&format!("objects/{kind}"));
    let address = asked.address(&here);
    let chosen = looked.sort.as_ref().filter(|_| asked.sort.is_some() || !asked.is_all());
    let (first, next) = turned(&address, chosen, looked.page.next.as_deref());
    let heads = match &room.session {
        Session::Identified(_) if words.is_none() => Heads::Linked(&address, looked.sort.as_ref()),
        _ => Heads::Shown,
    };
    let content = html! {
        div .head {
            h1 { (declared.plural) }
            div .actions {
                @if writes && room.writes() && room.session.identified().is_ok() && declared.part_of.is_none() {
                    a .button .main href={ (here) "/new" } { "Add" }
                }
            }
        }
        @if matches!(room.session, Session::Identified(_)) {
            form .search method="post" action={ (here) "/find" } role="search" {
                (csrf(&room.who.signed.csrf))
                @if let Some(company) = asked.company { input type="hidden" name="company" value=(company); }
                @if declared.fields.values().any(|field| field.search.is_some()) {
                    label .aside for="find" { "Name or number" }
                    input #find name="text" type="search" maxlength="200" value=(words.as_deref().unwrap_or_default()) placeholder="Name or number" autocomplete="off" autofocus[asked.is_all()];
                }
                label .aside for="state" { "State" }
                select #state name="state" {
                    option value="" { "any state" }
                    @for state in &declared.states { option value=(state) selected[asked.state.as_ref() == Some(state)] { (plain(state)) } }
                }
                button { "Find" }
                @if words.is_some() || asked.state.is_some() || asked.company.is_some() { a .button href=(here) { "All" } }
            }
        }
        @if let Some(remark) = &looked.remark { p .note role="status" { (remark) } }
        @if looked.page.items.is_empty() { p .note { "None that the purpose may see." } }
        @else { (table(&room, &kind, declared, &looked.page.items, &names, &heads)) }
        (pager(asked.cursor.is_some().then_some(first.as_str()), next.as_deref()))
    };
    let tab = format!("objects/{kind}");
    Ok(in_room(&room, &Around::tab(&declared.plural, &tab), &content))
}

/// A page of a list, the order that it is in, and a remark where it could not be put in another.
struct Looked {
    page: Items<ObjectView>,
    sort: Option<Sort>,
    remark: Option<String>,
}

async fn look(
    people: &Identified,
    kind: &str,
    declared: &ObjectKind,
    asked: &Asked,
    words: Option<&str>,
) -> Result<Looked, Failure> {
    if let Some(words) = words {
        let items = find::objects(people, kind, declared, words, ON_A_PAGE).await?;
        return Ok(Looked { page: Items { items, next: None }, sort: None, remark: None });
    }
    let latest = Sort { by: Column::At, down: true };
    let cursor = asked.cursor.as_deref();
    let wanted = asked.sort.as_deref().map(sort_of).transpose()?;
    if asked.is_all() && wanted.as_ref().is_none_or(|wanted| *wanted == latest) {
        let page = people.objects_latest(kind, cursor, ON_A_PAGE).await?;
        return Ok(Looked { page, sort: Some(latest), remark: None });
    }
    // The latest first, where the list is short enough; the next page's address tells which it was.
    let sort = wanted.or_else(|| cursor.is_none().then_some(latest));
    let (company, state) = (asked.company, asked.state.clone());
    let mut query = ObjectQuery { company, state, sort, ..ObjectQuery::default() };
    match people.objects(kind, &query, cursor, ON_A_PAGE).await {
        Ok(page) => Ok(Looked { page, sort: query.sort, remark: None }),
        Err(error) => {
            let remark = Some(unsorted(error)?).filter(|_| asked.sort.is_some());
            query.sort = None;
            let page = people.objects(kind, &query, None, ON_A_PAGE).await?;
            Ok(Looked { page, sort: None, remark })
        }
    }
}

/// A table of objects of a kind.
pub(crate) fn table(
    room: &Room,
    kind: &str,
    declared: &ObjectKind,
    objects: &[ObjectView],
    companies: &BTreeMap<String, String>,
    heads: &Heads<'_>,
) -> Markup {
    let columns = columns(declared);
    let linked = matches!(room.session, Session::Identified(_));
    html! {
        div .scroll tabindex="0" role="region" aria-label=(declared.plural) {
            table data-sorts[heads.shown()] {
                thead {
                    tr {
                        (heads.head(&declared.title, "name"))
                        (heads.head("State", "state"))
                        @if !companies.is_empty() { (heads.head("Company", "company")) }
                        (heads.head("When", "at"))
                        @for (name, field) in &columns { (heads.head(&field.title, &format!("field.{name}"))) }
                    }
                }
                tbody {
                    @for object in objects {
                        @let label = find::label(declared, object);
                        tr {
                            td { @if linked { a href=(room.path(&format!("objects/{kind}/{}", object.id))) { (label) } } @else { (label) } }
                            td { (state_tag(declared, &object.state)) }
                            @if !companies.is_empty() {
                                td { @if let Some(company) = &object.company { (company_link(room, companies, company)) } }
                            }
                            td data-value=(object.at) { (moment(&object.at)) }
                            @for (name, field) in &columns {
                                td { @if let Some(value) = object.fields.get(*name) { (shown(Some(field), value)) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// A state; closed ones are quieter.
pub(crate) fn state_tag(declared: &ObjectKind, state: &str) -> Markup {
    let closed = declared.closed.iter().any(|one| one == state);
    html! { span .tag .soft[closed] { (plain(state)) } }
}

/// The fields that a list has room for: what the label is not made of.
fn columns(declared: &ObjectKind) -> Vec<(&str, &Field)> {
    let named = |field: &Field| field.search == Some(Search::Words);
    let has_name = declared.fields.values().any(named);
    let fields = declared.fields.iter().filter(|(_, field)| !named(field));
    let fields = fields.filter(|(_, field)| has_name || field.search.is_none());
    fields.take(COLUMNS).map(|(name, field)| (name.as_str(), field)).collect()
}

/// Whether objects of a kind may have a company.
pub(crate) fn has_company(declared: &ObjectKind) -> bool {
    declared.company != Belongs::None
}
