//! One object: its page, and forms to add and to change it. A company's page has its contacts and what
//! belongs to it.

use axum::response::Response;
use gantry_engine::draft::{ObjectDraft, ObjectView};
use gantry_engine::session::ObjectQuery;
use gantry_engine::{EngineError, FieldFault, Find, Identified};
use gantry_notice::model::{FieldKind, ObjectKind};
use maud::{Markup, html};
use serde::Deserialize;
use std::collections::BTreeMap;
use uuid::Uuid;

use crate::console::contact::words_of;
use crate::console::contacts::{self, company_link, company_names};
use crate::console::door::{Posted, Room};
use crate::console::find;
use crate::console::frame::{Around, in_room};
use crate::console::passing::{Confirmation, confirming};
use crate::console::people;
use crate::console::query::Query;
use crate::console::sorting::Heads;
use crate::console::things::{declared, has_company, state_tag, table};
use crate::form::Form;
use crate::page::field::{Entry, input, line, select, shown, text};
use crate::page::parts::{csrf, faults_in, moment, plain};
use crate::page::{Failure, Page, taken};
use crate::shape::{self, COMPANY};

/// What belongs to an object, of each kind, on its page.
const BELONGING: usize = 10;

/// What a new object is part of.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    part_of: Option<Uuid>,
    company: Option<Uuid>,
}

/// The object's page.
pub(crate) async fn show(room: Room) -> Result<Page, Failure> {
    let people = room.session.identified()?;
    let (kind, id) = (room.text("kind")?.to_owned(), room.id("object")?);
    let (declared, writes) = declared(&room)?;
    let object = people.object(&kind, id).await?;
    let company = object.company.as_deref().and_then(|id| id.parse().ok());
    let names = company_names(&room, people, &company.into_iter().collect::<Vec<_>>()).await?;
    let label = find::label(declared, &object);
    let here = room.path(&format!("objects/{kind}/{id}"));
    let contacts = if kind == COMPANY {
        of_company(&room, people, id).await?
    } else {
        html! {}
    };
    let parts = people::first(&room, &kind, id).await?;
    let belonging = belonging(&room, people, &kind, id).await?;
    let content = html! {
        div .head {
            div {
                h1 { (label) }
                p .soft { (declared.title) " " (state_tag(declared, &object.state)) }
            }
            div .actions { @if writes && room.writes() { a .button href={ (here) "/edit" } { "Edit" } } }
        }
        div .two {
            section .card {
                h2 { "What is known" }
                (facts(&room, declared, &object, &names))
            }
            div { (contacts) (parts) }
        }
        (belonging)
    };
    let list = room.path(&format!("objects/{kind}"));
    let tab = format!("objects/{kind}");
    Ok(in_room(&room, &Around::tab(&label, &tab).by(&declared.plural, list), &content))
}

fn facts(
    room: &Room,
    declared: &ObjectKind,
    object: &ObjectView,
    names: &BTreeMap<String, String>,
) -> Markup {
    html! {
        dl .fields {
            @for (name, value) in &object.fields {
                @let field = declared.fields.get(name);
                dt { (field.map_or(name.as_str(), |field| field.title.as_str())) } dd { (shown(field, value)) }
            }
            @if let Some(company) = &object.company { dt { "Company" } dd { (company_link(room, names, company)) } }
            @if let (Some(whole), Some(kind)) = (&object.part_of, &declared.part_of) {
                dt { "Part of" } dd { a href=(room.path(&format!("objects/{kind}/{whole}"))) { (plain(kind)) } }
            }
            dt { "When" } dd { (moment(&object.at)) }
            @if let Some(closed) = &object.closed { dt { "Closed" } dd { (closed) } }
        }
        @if let Some(reason) = object.withheld {
            p .left-out { "Fields are left out: it is a sole trader's, and " (words_of(reason)) "." }
        }
    }
}

/// Contacts of a company, where the room may see which company somebody represents.
async fn of_company(room: &Room, people: &Identified, id: Uuid) -> Result<Markup, Failure> {
    let page = match people.find(&Find::Company(id), None, BELONGING).await {
        Err(EngineError::Refused(_)) => return Ok(html! {}),
        other => other?,
    };
    let all = room.path(&format!("contacts?company={id}"));
    Ok(html! {
        section .card {
            header { h2 { "Contacts" } @if page.next.is_some() { a href=(all) { "All" } } }
            @if page.items.is_empty() { p .soft { "Nobody whom the purpose may see." } }
            @else { (contacts::table(room, &page.items, &BTreeMap::new(), &Heads::Shown)) }
        }
    })
}

/// What belongs to a company, or is part of another object, by kind.
async fn belonging(
    room: &Room,
    people: &Identified,
    kind: &str,
    id: Uuid,
) -> Result<Markup, Failure> {
    let mut sections = Vec::new();
    for (name, declared, writes) in shape::kinds(&room.who.policy, &room.purpose) {
        let part = declared.part_of.as_deref() == Some(kind);
        if !(part || kind == COMPANY && has_company(declared) && name != COMPANY) {
            continue;
        }
        let (company, part_of) = if part { (None, Some(id)) } else { (Some(id), None) };
        let query = ObjectQuery { company, part_of, ..ObjectQuery::default() };
        let page = people.objects(name, &query, None, BELONGING).await?;
        let may_add = writes && room.writes();
        if page.items.is_empty() && !(part && may_add) {
            continue;
        }
        let way = if part { "part_of" } else { "company" };
        sections.push(html! {
            section .card {
                header {
                    h2 { (declared.plural) }
                    span .actions {
                        @if page.next.is_some() && !part { a href=(room.path(&format!("objects/{name}?company={id}"))) { "All" } }
                        @if may_add { a href=(room.path(&format!("objects/{name}/new?{way}={id}"))) { "Add" } }
                    }
                }
                @if !page.items.is_empty() { (table(room, name, declared, &page.items, &BTreeMap::new(), &Heads::Shown)) }
            }
        });
    }
    Ok(html! { @for section in sections { (section) } })
}

/// The form for a new object.
pub(crate) async fn ask_new(room: Room, Query(asked): Query<Asked>) -> Result<Page, Failure> {
    let shown = |id: Option<Uuid>| id.map(|id| id.to_string()).unwrap_or_default();
    let given = [("company", shown(asked.company)), ("part_of", shown(asked.part_of))];
    let value = |name: &str| {
        given
            .iter()
            .find(|(one, _)| *one == name)
            .map(|(_, value)| value.clone())
            .unwrap_or_default()
    };
    page_of(&room, None, value, &[]).await
}

/// Adds an object.
pub(crate) async fn add(room: Room, posted: Posted) -> Result<Response, Failure> {
    let form = posted.by(&room.who)?;
    let kind = room.text("kind")?.to_owned();
    let added = match draft(&room, &form, None).await {
        Ok(draft) => room.session.identified()?.add_object(&kind, &draft).await,
        Err(error) => Err(error),
    };
    match taken(added)? {
        Ok(object) => Ok(to_object(&room, &kind, &object.id, Confirmation::Added)),
        Err(faults) => {
            let value = |name: &str| form.get(name).to_owned();
            Ok(page_of(&room, None, value, &faults).await?.again())
        }
    }
}

fn to_object(room: &Room, kind: &str, id: &str, done: Confirmation) -> Response {
    confirming(room.path(&format!("objects/{kind}/{id}")), done)
}

/// The form for changing an object.
pub(crate) async fn ask_edit(room: Room) -> Result<Page, Failure> {
    let object = room.session.identified()?.object(room.text("kind")?, room.id("object")?).await?;
    page_of(&room, Some(&object), |name| stored(&object, name), &[]).await
}

/// Changes an object: the fields whose value is another than it was.
pub(crate) async fn change(room: Room, posted: Posted) -> Result<Response, Failure> {
    let form = posted.by(&room.who)?;
    let people = room.session.identified()?;
    let (kind, id) = (room.text("kind")?.to_owned(), room.id("object")?);
    let before = people.object(&kind, id).await?;
    let version = form.get("version").parse().map_err(|_| Failure::Forged)?;
    let changed = match draft(&room, &form, Some(&before)).await {
        Ok(draft) => people.change_object(&kind, id, &draft, Some(version)).await,
        Err(error) => Err(error),
    };
    match taken(changed)? {
        Ok(object) => Ok(to_object(&room, &kind, &object.id, Confirmation::Stored)),
        Err(faults) => {
            let value =
                |name: &str| form.given(name).map_or_else(|| stored(&before, name), str::to_owned);
            Ok(page_of(&room, Some(&before), value, &faults).await?.again())
        }
    }
}

fn stored(object: &ObjectView, name: &str) -> String {
    match name {
        "state" => object.state.clone(),
        "at" => object.at.clone(),
        "company" => object.company.clone().unwrap_or_default(),
        "part_of" => object.part_of.clone().unwrap_or_default(),
        "version" => object.version.to_string(),
        field => object.fields.get(field).map(text).unwrap_or_default(),
    }
}

/// What the form says, against what was there.
async fn draft(
    room: &Room,
    form: &Form,
    before: Option<&ObjectView>,
) -> Result<ObjectDraft, EngineError> {
    let kinds = &room.who.policy.policy().notice().objects;
    let declared = kinds.get(room.text("kind").unwrap_or_default());
    let changed = |name: &str| {
        let said = form.filled(name)?;
        before.is_none_or(|object| stored(object, name) != said).then_some(said)
    };
    let shown = match before {
        Some(object) => company_of(room, object.company.as_deref().unwrap_or_default()).await?,
        None => String::new(),
    };
    let company = match changed("company").filter(|text| *text != shown) {
        Some(text) => Some(find::company(room, text).await?),
        None => None,
    };
    let part_of = changed("part_of").map(str::parse).transpose();
    let part_of =
        part_of.map_err(|_| EngineError::invalid("part_of", "is not the id of such an object"))?;
    let was = |name: &str| before.map(|object| stored(object, name)).unwrap_or_default();
    // Names of the form's own are not among the fields.
    let mut fields = form.differing("", was);
    let declared = |name: &str| declared.and_then(|kind| kind.fields.get(name));
    fields.retain(|name, _| declared(name).is_some());
    for (name, value) in &mut fields {
        if declared(name).is_some_and(|field| field.kind == FieldKind::Country) {
            *value = find::country(value);
        }
    }
    Ok(ObjectDraft {
        at: changed("at").map(str::to_owned),
        company,
        part_of,
        person: None,
        state: changed("state").map(str::to_owned),
        fields,
    })
}

/// What a company is called that is given by its id; anything else as it is.
async fn company_of(room: &Room, given: &str) -> Result<String, EngineError> {
    let Ok(id) = given.parse() else { return Ok(given.to_owned()) };
    let names = company_names(room, room.session.identified()?, &[id]).await?;
    Ok(names.get(given).cloned().unwrap_or_else(|| given.to_owned()))
}

async fn page_of(
    room: &Room,
    object: Option<&ObjectView>,
    value: impl Fn(&str) -> String,
    found: &[FieldFault],
) -> Result<Page, Failure> {
    let (kind, (declared, _)) = (room.text("kind")?.to_owned(), declared(room)?);
    let list = room.path(&format!("objects/{kind}"));
    let title = object.map_or_else(
        || format!("Add: {}", declared.title),
        |object| format!("Edit {}", find::label(declared, object)),
    );
    let states: Vec<(String, String)> =
        declared.states.iter().map(|state| (state.clone(), plain(state))).collect();
    let one = |name: &str, draw: &dyn Fn(&Entry<'_>) -> Markup| {
        draw(&Entry { name, value: &value(name), faults: found })
    };
    let company = company_of(room, &value("company")).await?;
    let company = Entry { name: "company", value: &company, faults: found };
    let back = object.map_or_else(|| list.clone(), |object| format!("{list}/{}", object.id));
    let content = html! {
        h1 { (title) }
        (faults_in(room.who.policy.policy().notice(), Some(declared), found))
        form method="post" {
            (csrf(&room.who.signed.csrf))
            @if object.is_some() { input type="hidden" name="version" value=(value("version")); }
            fieldset {
                legend { (declared.title) }
                div .grid {
                    @for (name, field) in &declared.fields { (one(name, &|entry| input(field, entry))) }
                    (one("state", &|entry| select("State", entry, &states)))
                    (one("at", &|entry| line("When", Some("A day or an instant in UTC"), entry)))
                    @if has_company(declared) { (line("Company", Some("Its name or number"), &company)) }
                    @if let Some(whole) = &declared.part_of { (one("part_of", &|entry| line(&format!("Part of: {}", plain(whole)), Some("Its id, as in the address of its page"), entry))) }
                }
            }
            div .actions { button .main { @if object.is_some() { "Store" } @else { "Add" } } a .button href=(back) { "Leave it" } }
        }
    };
    let tab = format!("objects/{kind}");
    Ok(in_room(room, &Around::tab(&title, &tab).by(&declared.plural, list), &content))
}
