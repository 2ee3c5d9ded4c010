//! Whom an object is about: contacts with the records that say so, on the object's page and on one of
//! their own, which an event with hundreds of participants needs.

use std::collections::BTreeMap;

use gantry_engine::Identified;
use gantry_engine::session::Part;
use gantry_notice::Operation;
use maud::{Markup, html};
use serde::Deserialize;
use uuid::Uuid;

use crate::console::contact::shapes;
use crate::console::contacts;
use crate::console::door::Room;
use crate::console::find;
use crate::console::frame::{Around, in_room};
use crate::console::query::Query;
use crate::console::record;
use crate::console::things::declared;
use crate::page::parts::pager;
use crate::page::{Failure, Page};

/// Records on the object's own page, and on a page of all.
const FIRST: usize = 10;
const ON_A_PAGE: usize = 100;

/// Where the list goes on.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    cursor: Option<String>,
}

/// The first of them; nothing where the room sees no category that can be about such a thing.
pub(super) async fn first(room: &Room, kind: &str, id: Uuid) -> Result<Markup, Failure> {
    let about = |shape: &crate::shape::CategoryShape<'_>| {
        shape.may(Operation::Read) && shape.declared.about.iter().any(|one| one == kind)
    };
    if !shapes(room)?.iter().any(about) {
        return Ok(html! {});
    }
    let people = room.session.identified()?;
    let page = people.parts(kind, id, None, FIRST).await?;
    let all = room.path(&format!("objects/{kind}/{id}/people"));
    Ok(html! {
        section .card {
            header { h2 { "People" } @if page.next.is_some() { a href=(all) { "All of them" } } }
            @if page.items.is_empty() { p .soft { "Nobody whom the purpose may see." } }
            (told(room, people, &page.items).await?)
        }
    })
}

/// All of them, page by page.
pub(crate) async fn list(room: Room, Query(asked): Query<Asked>) -> Result<Page, Failure> {
    let people = room.session.identified()?;
    let (kind, id) = (room.text("kind")?.to_owned(), room.id("object")?);
    let (declared, _) = declared(&room)?;
    let object = people.object(&kind, id).await?;
    let page = people.parts(&kind, id, asked.cursor.as_deref(), ON_A_PAGE).await?;
    let (tab, label) = (format!("objects/{kind}"), find::label(declared, &object));
    let (list, here) = (room.path(&tab), room.path(&format!("{tab}/{id}")));
    let first = format!("{here}/people");
    let next = page.next.as_ref().map(|cursor| format!("{first}?cursor={cursor}"));
    let content = html! {
        h1 { "People: " (label) }
        @if page.items.is_empty() { p .soft { "Nobody whom the purpose may see." } }
        (told(&room, people, &page.items).await?)
        (pager(asked.cursor.as_ref().map(|_| first.as_str()), next.as_deref()))
    };
    let around = Around::tab("People", &tab).by(&declared.plural, list).by(&*label, &*here);
    Ok(in_room(&room, &around, &content))
}

/// Contact by contact, what makes it take part.
async fn told(room: &Room, people: &Identified, parts: &[Part]) -> Result<Markup, Failure> {
    let mut ids: Vec<Uuid> = parts.iter().map(|part| part.contact).collect();
    ids.dedup();
    let views = people.contacts_at(&ids).await?;
    let notice = room.who.policy.policy().notice();
    let names: BTreeMap<Uuid, String> =
        views.iter().map(|view| (view.id, contacts::name(notice, view))).collect();
    let requests = people.answers_requests();
    // A contact that came out of sight meanwhile is not told of.
    let seen = ids.iter().filter_map(|id| Some((*id, names.get(id)?)));
    Ok(html! {
        @if !parts.is_empty() {
            div .scroll tabindex="0" role="region" aria-label="People" {
                table .parts {
                    thead { tr { @for title in ["Who", "What", "When", "How"] { th scope="col" { (title) } } } }
                    @for (id, name) in seen {
                        @let own: Vec<&Part> = parts.iter().filter(|part| part.contact == id).collect();
                        @let page = room.path(&format!("contacts/{id}"));
                        tbody {
                            @for (number, part) in own.iter().enumerate() {
                                tr {
                                    @if number == 0 {
                                        th scope="rowgroup" rowspan=(own.len()) {
                                            a href=(page) { (name) }
                                            @if requests { br; a href={ (page) "/rights" } { "Rights" } }
                                        }
                                    }
                                    (record::row(room, id, &part.record))
                                }
                            }
                        }
                    }
                }
            }
        }
    })
}
