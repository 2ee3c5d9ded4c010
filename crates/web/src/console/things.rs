//! Objects of a kind: found, listed, and what a list shows of them. Aliased ones in a pseudonymous room.

use std::collections::BTreeMap;

use axum::response::Response;
use gantry_engine::draft::{ObjectView, Page as Items};
use gantry_engine::session::ObjectQuery;
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
    cursor: Option<String>,
}

/// Takes what is looked for out of the form, and goes to the list that has it sealed.
pub(crate) async fn find(room: Room, posted: Posted) -> Result<Response, Failure> {
    let form = posted.by(&room.who)?;
    let people = room.session.identified()?;
    let list = room.path(&format!("objects/{}", room.text("kind")?));
    let to = match (form.filled("text"), form.filled("state")) {
        (Some(text), _) => format!("{list}?q={}", people.seal_words(text)?),
        (None, Some(state)) if declared(&room)?.0.states.iter().any(|one| one == state) => {
            format!("{list}?state={state}")
        }
        _ => list,
    };
    Ok(see(to))
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
    let items = match &room.session {
        Session::Pseudonymous(session) => {
            session.objects(&kind, asked.cursor.as_deref(), ON_A_PAGE).await?
        }
        session => {
            let people = session.identified()?;
            words = asked.q.as_deref().map(|sealed| people.open_words(sealed)).transpose()?;
            let items = look(people, &kind, declared, &asked, words.as_deref()).await?;
            let ids: Vec<Uuid> =
                items.items.iter().filter_map(|one| one.company.as_deref()?.parse().ok()).collect();
            names = company_names(&room, people, &ids).await?;
            items
        }
    };
    let here = room.path(&format!("objects/{kind}"));
    let next = items.next.as_ref().map(|cursor| {
        let state = asked.state.as_ref().map(|state| format!("state={state}&")).unwrap_or_default();
        let company = asked.company.map(|id| format!("company={id}&")).unwrap_or_default();
        format!("{here}?{state}{company}cursor={cursor}")
    });
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
                @if declared.fields.values().any(|field| field.search.is_some()) {
                    label .aside for="find" { "Name or number" }
                    input #find name="text" type="search" maxlength="200" value=(words.as_deref().unwrap_or_default()) placeholder="Name or number" autocomplete="off";
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
        @if items.items.is_empty() { p .note { "None that the purpose may see." } }
        @else { (table(&room, &kind, declared, &items.items, &names)) }
        (pager(asked.cursor.is_some().then_some(here.as_str()), next.as_deref()))
    };
    let tab = format!("objects/{kind}");
    Ok(in_room(&room, &Around::tab(&declared.plural, &tab), &content))
}

async fn look(
    people: &Identified,
    kind: &str,
    declared: &ObjectKind,
    asked: &Asked,
    words: Option<&str>,
) -> Result<Items<ObjectView>, Failure> {
    if let Some(words) = words {
        let items = find::objects(people, kind, declared, words).await?;
        return Ok(Items { items, next: None });
    }
    if asked.company.is_none() && asked.state.is_none() {
        return Ok(people.objects_latest(kind, asked.cursor.as_deref(), ON_A_PAGE).await?);
    }
    let query = ObjectQuery {
        company: asked.company,
        state: asked.state.clone(),
        ..ObjectQuery::default()
    };
    Ok(people.objects(kind, &query, asked.cursor.as_deref(), ON_A_PAGE).await?)
}

/// A table of objects of a kind.
pub(crate) fn table(
    room: &Room,
    kind: &str,
    declared: &ObjectKind,
    objects: &[ObjectView],
    companies: &BTreeMap<String, String>,
) -> Markup {
    let columns = columns(declared);
    let linked = matches!(room.session, Session::Identified(_));
    html! {
        div .scroll tabindex="0" role="region" aria-label=(declared.plural) {
            table data-sorts {
                thead {
                    tr {
                        th scope="col" { (declared.title) }
                        th scope="col" { "State" }
                        @if !companies.is_empty() { th scope="col" { "Company" } }
                        th scope="col" { "When" }
                        @for (_, field) in &columns { th scope="col" { (field.title) } }
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
