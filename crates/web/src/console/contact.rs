//! A contact under the purpose of the room: what it may see, what happened, and what is left out.

use axum::response::Response;
use gantry_engine::draft::{
    ContactDraft, ContactView, FieldTexts, ProfileChange, RecordView, Withheld,
};
use gantry_engine::session::MAX_PAGE;
use gantry_engine::{EngineError, FieldFault};
use gantry_notice::Operation;
use gantry_notice::model::Notice;
use indexmap::IndexMap;
use maud::{Markup, html};
use uuid::Uuid;

use crate::console::contacts::{companies, company_link, name};
use crate::console::door::{Posted, Room};
use crate::console::find;
use crate::console::frame::{Around, in_room};
use crate::console::insight;
use crate::console::passing::{Confirmation, confirming};
use crate::console::record;
use crate::form::Form;
use crate::page::field::{Entry, country_shown, input, line, select, shown, text};
use crate::page::parts::{counted, csrf, faults_in};
use crate::page::{Failure, Page, taken};
use crate::shape::{self, COMPANY, CategoryShape};

/// The contact's page.
pub(crate) async fn show(room: Room) -> Result<Page, Failure> {
    let people = room.session.identified()?;
    let id = room.id("contact")?;
    let view = people.contact(id).await?;
    let (records, withheld) = people.records(id, None, None, MAX_PAGE).await?;
    let companies = companies(&room, people, std::slice::from_ref(&view)).await?;
    let notice = room.who.policy.policy().notice();
    let title = name(notice, &view);
    let mut newest: Vec<&RecordView> =
        records.items.iter().filter(|record| !is_profile(notice, &record.category)).collect();
    newest.sort_by(|a, b| b.at.cmp(&a.at));
    let shapes = shapes(&room)?;
    let content = html! {
        div .head {
            div {
                h1 { (title) }
                p .soft {
                    @if let Some(company) = view.company { (company_link(&room, &companies, &company.to_string())) " " }
                    (country_shown(view.country.as_deref()))
                }
            }
            div .actions {
                @if insight::sees(&room) { a .button href=(room.path(&format!("contacts/{id}/insight"))) { "What reactions tell" } }
                @if people.answers_requests() { a .button href=(room.path(&format!("contacts/{id}/rights"))) { "Rights" } }
                @if room.writes() && shapes.iter().any(|shape| shape.declared.single && writes(shape)) {
                    a .button href=(room.path(&format!("contacts/{id}/edit"))) { "Edit" }
                }
            }
        }
        div .two {
            div {
                (profile(&room, &view))
                (left_out(&room, &view.withheld, &withheld))
            }
            section .card {
                header { h2 { "What happened" } (add_record(&room, id, &shapes)) }
                @if newest.is_empty() { p .soft { "Nothing that the purpose may see." } }
                ol .timeline {
                    @for record in &newest { li { (record::told(&room, id, record)) } }
                }
                @if records.next.is_some() {
                    p { "There is more: " a href=(room.path(&format!("contacts/{id}/records"))) { "all records, page by page" } }
                }
            }
        }
    };
    Ok(in_room(
        &room,
        &Around::tab(&title, "contacts").by("Contacts", room.path("contacts")),
        &content,
    ))
}

fn is_profile(notice: &Notice, category: &str) -> bool {
    notice.categories.get(category).is_some_and(|category| category.single)
}

pub(crate) fn shapes(room: &Room) -> Result<Vec<CategoryShape<'_>>, Failure> {
    let uses = shape::uses(&room.who.policy, &room.purpose);
    let declared = room.declared()?;
    let at = declared.uses.get_index_of(&room.used).unwrap_or(0);
    let used: Vec<_> = uses.get(at).copied().into_iter().collect();
    Ok(shape::categories(&room.who.policy, declared, &used))
}

fn writes(shape: &CategoryShape<'_>) -> bool {
    shape.may(Operation::Change) || shape.may(Operation::Collect)
}

fn profile(room: &Room, view: &ContactView) -> Markup {
    let notice = room.who.policy.policy().notice();
    html! {
        @for (category, data) in &view.data {
            @let declared = notice.categories.get(category);
            section .card #{ "category-" (category) } {
                header {
                    h2 { (declared.map_or(category.as_str(), |one| one.title.as_str())) }
                    a .why href=(room.path(&format!("contacts/{}/why/{category}", view.id))) { "why?" span .aside { " is this seen here" } }
                }
                dl .fields {
                    @for (field, value) in data {
                        @let one = declared.and_then(|declared| declared.fields.get(field));
                        dt { (one.map_or(field.as_str(), |one| one.title.as_str())) }
                        dd {
                            (shown(one, value))
                            a .why href=(room.path(&format!("contacts/{}/why/{category}#{field}", view.id))) title="Why is this seen here?" { "?" span .aside { " why is " (one.map_or(field.as_str(), |one| one.title.as_str())) " seen here" } }
                        }
                    }
                }
            }
        }
        @if view.data.is_empty() { p .note { "There is no profile that the purpose may see." } }
    }
}

/// That something is left out, how much, and why, but not what it is.
fn left_out(room: &Room, of_profile: &[Withheld], of_records: &[Withheld]) -> Markup {
    let purpose = room.declared().map(|purpose| purpose.title.as_str()).unwrap_or_default();
    let by_notice = |one: &&Withheld| {
        matches!(one.reason, "not-in-notice" | "not-for-this-use" | "operation-not-allowed")
    };
    let mut unused: Vec<&str> = of_profile
        .iter()
        .chain(of_records)
        .filter(by_notice)
        .map(|one| one.category.as_str())
        .collect();
    unused.sort_unstable();
    unused.dedup();
    let mut others: IndexMap<&str, (usize, usize)> = IndexMap::new();
    let rest = of_profile.iter().chain(of_records.iter().filter(|one| one.records > 0));
    for one in rest.filter(|one| !by_notice(one)) {
        let (things, records) = others.entry(one.reason).or_default();
        if one.records > 0 { *records += one.records } else { *things += 1 }
    }
    html! {
        @if !unused.is_empty() || !others.is_empty() {
            section .card .left-out aria-label="Left out" {
                @if !unused.is_empty() {
                    p {
                        @if unused.len() == 1 { "1 data category is" } @else { (unused.len()) " data categories are" }
                        " not used for " (purpose) ". "
                        a href={ "/notice#purpose-" (room.purpose) } { "What the notice says" }
                    }
                }
                @for (reason, (things, records)) in &others {
                    p {
                        @if *records > 0 { (counted(*records as u64, "record")) }
                        @if *records > 0 && *things > 0 { " and " }
                        @if *things > 0 { (counted(*things as u64, "part")) }
                        " not shown: " (words_of(reason)) "."
                    }
                }
            }
        }
    }
}

/// What a reason is in words.
pub(crate) fn words_of(reason: &str) -> &'static str {
    let found = gantry_notice::Reason::ALL.into_iter().find(|one| one.id() == reason);
    found.map_or("not for this purpose", gantry_notice::Reason::words)
}

fn add_record(room: &Room, contact: uuid::Uuid, shapes: &[CategoryShape<'_>]) -> Markup {
    let collected: Vec<_> = shapes
        .iter()
        .filter(|shape| !shape.declared.single && shape.may(Operation::Collect))
        .collect();
    html! {
        @if room.writes() && !collected.is_empty() {
            details {
                summary .button { "Add" }
                ul {
                    @for shape in collected {
                        li { a href=(room.path(&format!("contacts/{contact}/records/{}/new", shape.name))) { (shape.declared.title) } }
                    }
                }
            }
        }
    }
}

/// The form for a new contact.
pub(crate) async fn ask_new(room: Room) -> Result<Page, Failure> {
    room.session.identified()?;
    new_page(&room, &Form::default(), &[])
}

/// Adds a contact.
pub(crate) async fn add(room: Room, posted: Posted) -> Result<Response, Failure> {
    let form = posted.by(&room.who)?;
    match taken(add_with(&room, &form).await)? {
        Ok(view) => {
            Ok(confirming(room.path(&format!("contacts/{}", view.id)), Confirmation::Added))
        }
        Err(faults) => Ok(new_page(&room, &form, &faults)?.again()),
    }
}

async fn add_with(room: &Room, form: &Form) -> Result<ContactView, EngineError> {
    let people = room.session.identified()?;
    let company = match form.filled("company") {
        Some(text) => Some(find::company(room, text).await?),
        None => None,
    };
    let notice = room.who.policy.policy().notice();
    let mut data: IndexMap<String, FieldTexts> = IndexMap::new();
    for category in notice.categories.keys() {
        let fields = form.differing(&format!("{category}."), |_| String::new());
        if !fields.is_empty() {
            data.insert(category.clone(), fields);
        }
    }
    let draft = ContactDraft {
        country: form.filled("country").map(find::country),
        company,
        sole_trader: form.get("sole_trader") == "yes",
        customer: form.get("customer") == "yes",
        consents: Vec::new(),
        data,
    };
    people.add_contact(&draft).await
}

fn new_page(room: &Room, form: &Form, found: &[FieldFault]) -> Result<Page, Failure> {
    let shapes = shapes(room)?;
    let yes_no = [("no".to_owned(), "no".to_owned()), ("yes".to_owned(), "yes".to_owned())];
    let entry = |name| Entry { name, value: form.get(name), faults: found };
    let content = html! {
        h1 { "Add a contact" }
        (faults_in(room.who.policy.policy().notice(), None, found))
        form method="post" {
            (csrf(&room.who.signed.csrf))
            fieldset {
                legend { "Whom it represents" }
                div .grid {
                    @if find::has_companies(room) { (line("Company", Some("Its name or number"), &entry("company"))) }
                    (line("Country", Some("Its name or code; it says which law covers the contact"), &entry("country")))
                    (select("The company is a customer today", &entry("customer"), &yes_no))
                    (select("The company is the person (sole trader)", &entry("sole_trader"), &yes_no))
                }
            }
            @for shape in shapes.iter().filter(|shape| shape.declared.single && shape.may(Operation::Collect)) {
                (category_fields(shape, found, |name| form.get(name).to_owned()))
            }
            div .actions { button .main { "Add" } a .button href=(room.path("contacts")) { "Leave it" } }
        }
    };
    Ok(in_room(
        room,
        &Around::tab("Add a contact", "contacts").by("Contacts", room.path("contacts")),
        &content,
    ))
}

/// The fields of a category in a form; `value` gives what stands in each.
pub(crate) fn category_fields(
    shape: &CategoryShape<'_>,
    faults: &[FieldFault],
    value: impl Fn(&str) -> String,
) -> Markup {
    html! {
        fieldset {
            legend { (shape.declared.title) }
            p .soft { (shape.declared.description) }
            div .grid {
                @for (name, field) in &shape.fields {
                    @let full = format!("{}.{name}", shape.name);
                    (input(field, &Entry { name: &full, value: &value(&full), faults }))
                }
            }
        }
    }
}

/// The form for changing a contact's profile.
pub(crate) async fn ask_edit(room: Room) -> Result<Page, Failure> {
    let view = room.session.identified()?.contact(room.id("contact")?).await?;
    edit_page(&room, &view, None, &[]).await
}

/// Changes a contact's profile: the fields whose value is another than it was.
pub(crate) async fn change(room: Room, posted: Posted) -> Result<Response, Failure> {
    let form = posted.by(&room.who)?;
    let people = room.session.identified()?;
    let id = room.id("contact")?;
    let view = people.contact(id).await?;
    let version = form.get("version").parse().map_err(|_| Failure::Forged)?;
    let mut data: IndexMap<String, FieldTexts> = IndexMap::new();
    for shape in shapes(&room)?.iter().filter(|shape| shape.declared.single && writes(shape)) {
        let before = view.data.get(shape.name);
        let was = |name: &str| before.and_then(|data| data.get(name)).map(text).unwrap_or_default();
        let fields = form.differing(&format!("{}.", shape.name), was);
        if !fields.is_empty() {
            data.insert(shape.name.to_owned(), fields);
        }
    }
    let company = match taken(company_in(&room, &form, &view).await)? {
        Ok(company) => company,
        Err(faults) => return Ok(edit_page(&room, &view, Some(&form), &faults).await?.again()),
    };
    let change = ProfileChange { data, company };
    let done = if change == ProfileChange::default() {
        Confirmation::Unchanged
    } else {
        Confirmation::Stored
    };
    if done == Confirmation::Stored
        && let Err(faults) = taken(people.change_profile(id, &change, Some(version)).await)?
    {
        return Ok(edit_page(&room, &view, Some(&form), &faults).await?.again());
    }
    Ok(confirming(room.path(&format!("contacts/{id}")), done))
}

/// The company that the form names, where it is another one than before; none where its field is empty.
async fn company_in(
    room: &Room,
    form: &Form,
    view: &ContactView,
) -> Result<Option<Option<Uuid>>, EngineError> {
    let Some(text) = form.given(COMPANY).filter(|_| represents(room)) else { return Ok(None) };
    let people = room.session.identified()?;
    let named = companies(room, people, std::slice::from_ref(view)).await?;
    let shown = view.company.and_then(|id| named.get(&id.to_string()));
    let text = text.trim();
    if text == shown.map_or("", String::as_str) {
        return Ok(None);
    }
    let company = if text.is_empty() { None } else { Some(find::company(room, text).await?) };
    Ok((company != view.company).then_some(company))
}

/// Whether the room sees and writes which company somebody represents.
fn represents(room: &Room) -> bool {
    let tells = |shape: &CategoryShape<'_>| shape.declared.company && shape.may(Operation::Collect);
    find::has_companies(room) && shapes(room).is_ok_and(|shapes| shapes.iter().any(tells))
}

async fn edit_page(
    room: &Room,
    view: &ContactView,
    form: Option<&Form>,
    found: &[FieldFault],
) -> Result<Page, Failure> {
    let title = name(room.who.policy.policy().notice(), view);
    let here = room.path(&format!("contacts/{}", view.id));
    let shapes = shapes(room)?;
    let version =
        form.map_or_else(|| view.version.to_string(), |form| form.get("version").to_owned());
    let value = |full: &str| {
        let (category, name) = full.split_once('.').unwrap_or_default();
        let stored = || view.data.get(category).and_then(|data| data.get(name)).map(text);
        form.and_then(|form| form.given(full).map(str::to_owned))
            .or_else(stored)
            .unwrap_or_default()
    };
    let named = companies(room, room.session.identified()?, std::slice::from_ref(view)).await?;
    let shown = view.company.and_then(|id| named.get(&id.to_string())).cloned();
    let typed = form.and_then(|form| form.given(COMPANY)).map(str::to_owned);
    let company = typed.or(shown).unwrap_or_default();
    let content = html! {
        h1 { "Edit " (title) }
        p .soft { "Only what the notice lets this purpose change is here. Every change is in the audit trail." }
        (faults_in(room.who.policy.policy().notice(), None, found))
        form method="post" {
            (csrf(&room.who.signed.csrf))
            input type="hidden" name="version" value=(version);
            @if represents(room) {
                fieldset {
                    legend { "Whom it represents" }
                    div .grid { (line("Company", Some("Its name or number; empty for none"), &Entry { name: COMPANY, value: &company, faults: found })) }
                }
            }
            @for shape in shapes.iter().filter(|shape| shape.declared.single && writes(shape)) {
                (category_fields(shape, found, value))
            }
            div .actions { button .main { "Store" } a .button href=(here) { "Leave it" } }
        }
    };
    let around =
        Around::tab(&title, "contacts").by("Contacts", room.path("contacts")).by(&*title, &*here);
    Ok(in_room(room, &around, &content))
}
