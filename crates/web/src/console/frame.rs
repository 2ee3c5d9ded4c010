//! What stands around every page of the console: who works, for which purpose, and where else one
//! could go.

use gantry_engine::RoomGrant;
use gantry_notice::model::{Mode, Notice, ObjectKind};
use maud::{Markup, html};

use crate::assets::ADDRESSES;
use crate::console::door::{Room, Who, base};
use crate::page::parts::csrf;
use crate::page::{FailureWords, Page, document};
use crate::shape::{self, COMPANY};

/// Where a page is.
pub(crate) struct Around<'a> {
    pub(crate) title: &'a str,
    /// Which of the room's tabs it belongs to, by its path.
    pub(crate) tab: &'a str,
    /// The way to it: titles and paths.
    pub(crate) path: Vec<(String, String)>,
}

impl<'a> Around<'a> {
    /// A page under a tab, without a longer way to it.
    pub(crate) fn tab(title: &'a str, tab: &'a str) -> Around<'a> {
        Around { title, tab, path: Vec::new() }
    }

    /// The same with a step of the way to it.
    pub(crate) fn by(mut self, title: impl Into<String>, path: impl Into<String>) -> Around<'a> {
        self.path.push((title.into(), path.into()));
        self
    }
}

/// A page of a room.
pub(crate) fn in_room(room: &Room, around: &Around<'_>, content: &Markup) -> Page {
    let who = &room.who;
    let number = room.declared().ok().map(|purpose| purpose.number);
    let purpose = room.declared().map(|purpose| purpose.title.as_str()).unwrap_or_default();
    let title = format!("{} · {purpose}", around.title);
    let body = html! {
        (top(who))
        (bar(room))
        div .frame {
            div .work {
                (tabs(room, around.tab))
                @if !around.path.is_empty() {
                    nav .path aria-label="Way here" {
                        @for (n, (title, path)) in around.path.iter().enumerate() {
                            @if n > 0 { " › " }
                            a href=(path) { (title) }
                        }
                    }
                }
                main #content tabindex="-1" { (done(who)) (content) }
            }
            (purposes(who, Some(&room.purpose)))
        }
        (palette())
    };
    Page::new(document("en", &title, number, &body))
}

/// A page of the house, which is of no purpose and shows nobody's data.
pub(crate) fn in_house(who: &Who, title: &str, content: &Markup) -> Page {
    let body = html! {
        (top(who))
        div .frame {
            div .work { main #content tabindex="-1" { (done(who)) (content) } }
            (purposes(who, None))
        }
        (palette())
    };
    Page::new(document("en", title, None, &body))
}

/// What was refused, or failed, with the ways on. `purpose` is the one that was worked for, if any.
pub(super) fn in_failure(who: &Who, purpose: Option<&str>, told: &FailureWords) -> Page {
    let notice = who.policy.policy().notice();
    let declared = purpose.and_then(|id| Some((id, notice.purposes.get(id)?)));
    let body = html! {
        (top(who))
        @if let Some((_, purpose)) = declared {
            div .purpose-bar role="region" aria-label="What you work for" {
                p { span .n { (purpose.number) } strong { (purpose.title) } }
            }
        }
        div .frame {
            div .work {
                main #content tabindex="-1" {
                    h1 { (told.title) }
                    (told.content)
                    p {
                        @if let Some((id, purpose)) = declared { a href={ "/" (id) } { "To " (purpose.title) } " · " }
                        a href="/" { "To all purposes" }
                    }
                }
            }
            (purposes(who, purpose))
        }
        (palette())
    };
    Page::new(document("en", told.title, declared.map(|(_, purpose)| purpose.number), &body))
}

fn done(who: &Who) -> Markup {
    html! { @if let Some(done) = who.done { p .done role="status" { (done.says()) } } }
}

fn top(who: &Who) -> Markup {
    let notice = who.policy.policy().notice();
    html! {
        header .top {
            a .brand href="/" { img src=(ADDRESSES.icon) alt=""; "Gantry" }
            span .firm { (notice.controller.name) }
            a .to-purposes href="#purposes" { "Purposes" }
            nav aria-label="You and the house" {
                button type="button" data-palette-open hidden { "Go to… " kbd { "Ctrl K" } }
                a href="/house/notice" { "Notice" }
                a href="/house/you" { (who.signed.actor.name) }
                form method="post" action="/sign-out" {
                    (csrf(&who.signed.csrf))
                    button .plain { "Sign out" }
                }
            }
        }
    }
}

/// The bar that says what one works for.
fn bar(room: &Room) -> Markup {
    let Ok(purpose) = room.declared() else { return html! {} };
    html! {
        div .purpose-bar role="region" aria-label="What you work for" {
            p { span .n { (purpose.number) } strong { (purpose.title) } }
            span .mode { (sees(purpose.mode)) }
            @if !room.writes() { span .mode { "reading only" } }
            @if purpose.uses.len() > 1 {
                nav .uses aria-label="Uses of this purpose" {
                    @for (id, used) in &purpose.uses {
                        a href=(base(&room.purpose, id)) aria-current=[(*id == room.used).then_some("page")] { (used.title) }
                    }
                }
            }
        }
    }
}

/// How a purpose sees people.
pub(crate) const fn sees(mode: Mode) -> &'static str {
    match mode {
        Mode::Identified => "people as they are",
        Mode::Pseudonymous => "aliases only",
        Mode::Aggregate => "counts and sums only",
    }
}

/// Pages of a room, by path and title.
pub(crate) fn tabs_of(
    room_purpose: &str,
    notice: &Notice,
    kinds: &[(&str, &ObjectKind, bool)],
) -> Vec<(String, String)> {
    let Some(purpose) = notice.purposes.get(room_purpose) else { return Vec::new() };
    let tab = |path: &str, title: &str| (path.to_owned(), title.to_owned());
    let mut tabs = vec![tab("", "Start")];
    match purpose.mode {
        Mode::Identified => {
            if !purpose.reads.is_empty() {
                tabs.push(tab("contacts", "Contacts"));
            }
            let first = kinds.iter().filter(|(name, ..)| *name == COMPANY);
            let rest =
                kinds.iter().filter(|(name, kind, _)| *name != COMPANY && kind.part_of.is_none());
            tabs.extend(
                first
                    .chain(rest)
                    .map(|(name, kind, _)| tab(&format!("objects/{name}"), &kind.plural)),
            );
            let writes = kinds.iter().any(|(.., writes)| *writes);
            if writes || !purpose.collects.is_empty() || !purpose.changes.is_empty() {
                tabs.push(tab("import", "Import"));
            }
            if notice.system.audit == room_purpose {
                tabs.push(tab("trail", "Audit trail"));
            }
        }
        Mode::Pseudonymous => {
            tabs.push(tab("records", "Records"));
            tabs.extend(
                kinds.iter().map(|(name, kind, _)| tab(&format!("objects/{name}"), &kind.plural)),
            );
        }
        Mode::Aggregate => tabs.push(tab("report", "Report")),
    }
    tabs
}

fn tabs(room: &Room, here: &str) -> Markup {
    let kinds = shape::kinds(&room.who.policy, &room.purpose);
    let tabs = tabs_of(&room.purpose, room.who.policy.policy().notice(), &kinds);
    html! {
        nav .tabs aria-label="Pages of this purpose" {
            @for (path, title) in &tabs {
                @let href = if path.is_empty() { room.base.clone() } else { room.path(path) };
                a href=(href) aria-current=[(path == here).then_some("page")] { (title) }
            }
        }
    }
}

/// All purposes of the notice, in its order. Those that the account does not have are there, too, and
/// say why they are shut.
fn purposes(who: &Who, here: Option<&str>) -> Markup {
    let notice = who.policy.policy().notice();
    html! {
        nav .purposes #purposes aria-label="Purposes of the notice" {
            h2 { "Purposes" }
            ol {
                @for (id, purpose) in &notice.purposes {
                    @if open(&who.rooms, id) {
                        li {
                            a .purpose .{ "p" (purpose.number) } href={ "/" (id) } aria-current=[(Some(id.as_str()) == here).then_some("true")] {
                                span .n { (purpose.number) } span title=(purpose.title) { (purpose.title) }
                            }
                        }
                    } @else {
                        li .locked {
                            details {
                                summary {
                                    span { (purpose.number) }
                                    span title=(purpose.title) { (purpose.title) }
                                    span .lock { "locked" }
                                }
                                p { (why_locked(notice, &purpose.roles)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

pub(crate) fn open(rooms: &[RoomGrant], purpose: &str) -> bool {
    rooms.iter().any(|room| room.purpose == purpose && room.level.is_some())
}

/// Why a purpose is shut to an account.
pub(crate) fn why_locked(notice: &Notice, roles: &[String]) -> Markup {
    let titles: Vec<&str> = roles
        .iter()
        .map(|role| notice.roles.get(role).map_or(role.as_str(), String::as_str))
        .collect();
    html! { "None of your roles works for it. The notice gives it to: " (titles.join(", ")) "." }
}

fn palette() -> Markup {
    html! {
        dialog .palette aria-label="Go to" {
            label .aside for="palette-field" { "Purpose or page" }
            input #palette-field type="text" placeholder="Purpose or page" autocomplete="off" role="combobox" aria-expanded="true" aria-controls="palette-list";
            div #palette-list role="listbox" aria-label="Places" {}
        }
    }
}
