//! Records of a contact: told in its timeline, listed, added, changed.

use axum::response::Response;
use gantry_engine::draft::{About, RecordDraft, RecordView};
use gantry_engine::{EngineError, FieldFault};
use gantry_notice::Operation;
use gantry_notice::model::Category;
use maud::{Markup, html};
use serde::Deserialize;
use uuid::Uuid;

use crate::console::contact::{category_fields, shapes};
use crate::console::contacts::name;
use crate::console::door::{Posted, Room};
use crate::console::find;
use crate::console::frame::{Around, in_room};
use crate::console::passing::{Confirmation, confirming};
use crate::console::query::Query;
use crate::form::Form;
use crate::page::field::{Entry, line, select, shown, text};
use crate::page::parts::{csrf, faults_in, moment, pager};
use crate::page::{Failure, Page, taken};
use crate::shape::{self, CategoryShape};

/// Records on a page of the list.
const ON_A_PAGE: usize = 100;

/// Where a list goes on, or what a new record is about.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    cursor: Option<String>,
    category: Option<String>,
}

/// A record in a table: what it is, when, and its fields.
pub(super) fn row(room: &Room, contact: Uuid, record: &RecordView) -> Markup {
    let declared = declared(room, record);
    html! {
        td { a href=(place(room, contact, record)) { (declared.map_or(record.category.as_str(), |one| one.title.as_str())) } }
        td { (moment(&record.at)) }
        td { dl .fields { (fields(declared, record)) } }
    }
}

fn declared<'r>(room: &'r Room, record: &RecordView) -> Option<&'r Category> {
    room.who.policy.policy().notice().categories.get(&record.category)
}

fn place(room: &Room, contact: Uuid, record: &RecordView) -> String {
    room.path(&format!("contacts/{contact}/records/{}/{}", record.category, record.id))
}

fn fields(declared: Option<&Category>, record: &RecordView) -> Markup {
    html! {
        @for (field, value) in &record.fields {
            @let one = declared.and_then(|declared| declared.fields.get(field));
            div { dt { (one.map_or(field.as_str(), |one| one.title.as_str())) } dd { (shown(one, value)) } }
        }
    }
}

/// A record in a timeline.
pub(crate) fn told(room: &Room, contact: Uuid, record: &RecordView) -> Markup {
    let notice = room.who.policy.policy().notice();
    let declared = declared(room, record);
    let collected_for = notice
        .purposes
        .get(&record.collected_for)
        .map_or(record.collected_for.as_str(), |one| one.title.as_str());
    html! {
        p .what { a href=(place(room, contact, record)) { (declared.map_or(record.category.as_str(), |one| one.title.as_str())) } }
        p { (moment(&record.at)) " " small .soft { "for " (collected_for) ", from " (record.source) } }
        dl .fields {
            (fields(declared, record))
            @if let Some(about) = &record.about {
                div { dt { "About" } dd { (about_link(room, about)) } }
            }
        }
    }
}

fn about_link(room: &Room, about: &About) -> Markup {
    let kinds = shape::kinds(&room.who.policy, &room.purpose);
    let kind = kinds.iter().find(|(name, ..)| *name == about.kind);
    html! {
        @if let Some((name, kind, _)) = kind {
            a href=(room.path(&format!("objects/{name}/{}", about.id))) { (kind.title) }
        }
    }
}

/// All records that the purpose may see, page by page.
pub(crate) async fn list(room: Room, Query(asked): Query<Asked>) -> Result<Page, Failure> {
    let people = room.session.identified()?;
    let id = room.id("contact")?;
    let category = asked.category.as_deref();
    let (page, _) = people.records(id, category, asked.cursor.as_deref(), ON_A_PAGE).await?;
    let view = people.contact(id).await?;
    let (title, here) =
        (name(room.who.policy.policy().notice(), &view), room.path(&format!("contacts/{id}")));
    let first = format!("{here}/records");
    let only = category.map(|category| format!("category={category}&")).unwrap_or_default();
    let next = page.next.as_ref().map(|cursor| format!("{first}?{only}cursor={cursor}"));
    let content = html! {
        h1 { "Records of " (title) }
        ol .timeline { @for record in &page.items { li { (told(&room, id, record)) } } }
        (pager(asked.cursor.as_ref().map(|_| first.as_str()), next.as_deref()))
    };
    let around = Around::tab("Records", "contacts")
        .by("Contacts", room.path("contacts"))
        .by(&*title, &*here);
    Ok(in_room(&room, &around, &content))
}

/// The form for a new record of a category.
pub(crate) async fn ask_new(room: Room) -> Result<Page, Failure> {
    new_page(&room, &Form::default(), &[]).await
}

/// Adds a record.
pub(crate) async fn add(room: Room, posted: Posted) -> Result<Response, Failure> {
    let form = posted.by(&room.who)?;
    let people = room.session.identified()?;
    let (contact, category) = (room.id("contact")?, room.text("category")?.to_owned());
    let fields = form.differing(&format!("{category}."), |_| String::new());
    let about = match taken(about(&room, &form).await)? {
        Ok(about) => about,
        Err(faults) => return Ok(new_page(&room, &form, &faults).await?.again()),
    };
    let draft = RecordDraft {
        category,
        at: form.filled("at").map(str::to_owned),
        about,
        source: Some("console".to_owned()),
        fields,
        ..RecordDraft::default()
    };
    match taken(people.add_record(contact, &draft).await)? {
        Ok(_) => Ok(to_contact(&room, contact, Confirmation::Added)),
        Err(faults) => Ok(new_page(&room, &form, &faults).await?.again()),
    }
}

/// What a new record is about, as the form names it.
async fn about(room: &Room, form: &Form) -> Result<Option<About>, EngineError> {
    let kind = form.get("about.kind").to_owned();
    let Some(text) = form.filled("about.id") else {
        if kind.is_empty() {
            return Ok(None);
        }
        return Err(EngineError::invalid("about.id", "is missing: which one is it about?"));
    };
    let id = find::object(room, &kind, text).await?.to_string();
    Ok(Some(About { kind, id }))
}

fn to_contact(room: &Room, contact: Uuid, done: Confirmation) -> Response {
    confirming(room.path(&format!("contacts/{contact}")), done)
}

async fn new_page(room: &Room, form: &Form, found: &[FieldFault]) -> Result<Page, Failure> {
    let (id, category) = (room.id("contact")?, room.text("category")?);
    let view = room.session.identified()?.contact(id).await?;
    let (title, here) =
        (name(room.who.policy.policy().notice(), &view), room.path(&format!("contacts/{id}")));
    let shape = shape_of(room, category, Operation::Collect)?;
    let kinds = kinds_about(room, &shape);
    let entry = |name| Entry { name, value: form.get(name), faults: found };
    let content = html! {
        h1 { "Add: " (shape.declared.title) }
        p .soft { "About " a href=(here) { (title) } }
        (faults_in(room.who.policy.policy().notice(), None, found))
        form method="post" {
            (csrf(&room.who.signed.csrf))
            (category_fields(&shape, found, |name| form.get(name).to_owned()))
            fieldset {
                legend { "When, and about what" }
                div .grid {
                    (line("When", Some("A day or an instant in UTC; now where it is empty"), &entry("at")))
                    @if !kinds.is_empty() {
                        (select("About", &entry("about.kind"), &kinds))
                        (line("Its number or name", Some("Such as SO-10060"), &entry("about.id")))
                    }
                }
            }
            div .actions { button .main { "Add" } a .button href=(here) { "Leave it" } }
        }
    };
    let around = Around::tab("Add a record", "contacts")
        .by("Contacts", room.path("contacts"))
        .by(&*title, &*here);
    Ok(in_room(room, &around, &content))
}

/// A category as the room may work with it in this way; what it may not is not there.
fn shape_of<'r>(
    room: &'r Room,
    category: &str,
    operation: Operation,
) -> Result<CategoryShape<'r>, Failure> {
    let found =
        shapes(room)?.into_iter().find(|shape| shape.name == category && shape.may(operation));
    found.ok_or(Failure::NotFound)
}

fn kinds_about(room: &Room, shape: &CategoryShape<'_>) -> Vec<(String, String)> {
    let kinds = shape::kinds(&room.who.policy, &room.purpose);
    let about =
        kinds.iter().filter(|(name, ..)| shape.declared.about.iter().any(|kind| kind == name));
    let about = about.map(|(name, kind, _)| ((*name).to_owned(), kind.title.clone()));
    let kinds: Vec<(String, String)> = about.collect();
    let nothing = (!kinds.is_empty()).then(|| (String::new(), "—".to_owned()));
    nothing.into_iter().chain(kinds).collect()
}

/// One record, with a form where the purpose may change it.
pub(crate) async fn show(room: Room) -> Result<Page, Failure> {
    let record = read(&room).await?;
    one_page(&room, &record, None, &[]).await
}

async fn read(room: &Room) -> Result<RecordView, Failure> {
    let people = room.session.identified()?;
    let (contact, record) = (room.id("contact")?, room.id("record")?);
    Ok(people.record(contact, room.text("category")?, record).await?)
}

/// Changes a record: the fields whose value is another than it was.
pub(crate) async fn change(room: Room, posted: Posted) -> Result<Response, Failure> {
    let form = posted.by(&room.who)?;
    let people = room.session.identified()?;
    let (contact, category) = (room.id("contact")?, room.text("category")?.to_owned());
    let before = read(&room).await?;
    let version = form.get("version").parse().map_err(|_| Failure::Forged)?;
    let was = |name: &str| before.fields.get(name).map(text).unwrap_or_default();
    let fields = form.differing(&format!("{category}."), was);
    let id = room.id("record")?;
    let done = if fields.is_empty() { Confirmation::Unchanged } else { Confirmation::Stored };
    if !fields.is_empty() {
        let changed = people.change_record(contact, &category, id, &fields, Some(version)).await;
        if let Err(faults) = taken(changed)? {
            return Ok(one_page(&room, &before, Some(&form), &faults).await?.again());
        }
    }
    Ok(to_contact(&room, contact, done))
}

async fn one_page(
    room: &Room,
    record: &RecordView,
    form: Option<&Form>,
    found: &[FieldFault],
) -> Result<Page, Failure> {
    let id = room.id("contact")?;
    let view = room.session.identified()?.contact(id).await?;
    let (title, here) =
        (name(room.who.policy.policy().notice(), &view), room.path(&format!("contacts/{id}")));
    let shape = shape_of(room, &record.category, Operation::Change).ok().filter(|_| room.writes());
    let version =
        form.map_or_else(|| record.version.to_string(), |form| form.get("version").to_owned());
    let value = |full: &str| {
        let name = full.split_once('.').map(|(_, name)| name).unwrap_or_default();
        let stored = || record.fields.get(name).map(text);
        form.and_then(|form| form.given(full).map(str::to_owned))
            .or_else(stored)
            .unwrap_or_default()
    };
    let notice = room.who.policy.policy().notice();
    let category = notice.categories.get(&record.category);
    let content = html! {
        h1 { (category.map_or(record.category.as_str(), |one| one.title.as_str())) " of " (title) }
        section .card { (told(room, id, record)) p { a href=(room.path(&format!("contacts/{id}/why/{}", record.category))) { "Why is this seen here?" } } }
        @if let Some(shape) = &shape {
            (faults_in(room.who.policy.policy().notice(), None, found))
            form method="post" {
                (csrf(&room.who.signed.csrf))
                input type="hidden" name="version" value=(version);
                (category_fields(shape, found, value))
                div .actions { button .main { "Store" } a .button href=(here) { "Leave it" } }
            }
        }
    };
    let around =
        Around::tab("Record", "contacts").by("Contacts", room.path("contacts")).by(&*title, &*here);
    Ok(in_room(room, &around, &content))
}
