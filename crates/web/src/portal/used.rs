//! Who used the contact's data: for which purpose, in which role, when; never who it was.

use axum::extract::RawQuery;
use axum::response::{IntoResponse, Response};
use gantry_engine::portal::{Act, By, Used, UsedPage};
use maud::{Markup, html};

use super::USED;
use super::page::Section;
use super::reader::Reader;
use super::visitor::Visitor;
use super::words::say;

/// Where older looks go on, in the query.
const BEFORE: &str = "before";
/// More categories of one look than these are folded away.
const FEW: usize = 5;

pub(super) async fn show(visitor: Visitor, RawQuery(query): RawQuery) -> Response {
    let before = query.as_deref().and_then(|query| {
        let mut pairs = form_urlencoded::parse(query.as_bytes());
        pairs.find(|(name, _)| name == BEFORE).map(|(_, cursor)| cursor.into_owned())
    });
    match visitor.portal.used(before.as_deref()).await {
        Ok(page) => {
            let content = list(&visitor.reader, &page, before.is_some());
            visitor.page(Section::Used, "used-title").around(&content).into_response()
        }
        Err(error) => visitor.fault(error),
    }
}

fn list(reader: &Reader, page: &UsedPage, is_older: bool) -> Markup {
    html! {
        h1 { (reader.say("used-title")) }
        p { (reader.say("used-text")) }
        @if is_older { p { a href=(USED) { (reader.say("used-newest")) } } }
        @if page.items.is_empty() { p .note { (reader.say("used-none")) } }
        @else {
            ol .records {
                @for some in page.items.chunk_by(|a, b| a.by == By::You && b.by == By::You) {
                    @if let [used] = some { li { (one(reader, used)) } } @else { li { (yours(reader, some)) } }
                }
            }
        }
        @if let Some(next) = &page.next {
            // A cursor is letters and digits alone.
            p { a href={ (USED) "?" (BEFORE) "=" (next) } { (reader.say("used-older")) } }
        }
    }
}

/// What the contact did itself, one after the other, folded away: it looks for what others did.
fn yours(reader: &Reader, some: &[Used]) -> Markup {
    let latest = some.first().map(|used| reader.moment_at(used.at)).unwrap_or_default();
    html! {
        details {
            summary { strong { (latest) } " · " (say!(reader.words, "used-yours", acts = some.len())) }
            ol .records { @for used in some { li { (one(reader, used)) } } }
        }
    }
}

fn one(reader: &Reader, used: &Used) -> Markup {
    html! {
        p {
            strong { (reader.moment_at(used.at)) }
            " · " (reader.say(act_key(used.act)))
            @if let Some(count) = used.count.filter(|count| *count > 0 && counts(used.act)) {
                " " (say!(reader.words, "used-count", records = count))
            } @else if used.count.is_none() {
                " " (reader.say("used-in-list"))
            }
        }
        dl .fields {
            dt { (reader.say("used-who")) }
            dd { (who(reader, &used.by)) }
            @if let Some(purpose) = &used.purpose {
                dt { (reader.say("used-purpose")) }
                dd {
                    (reader.purpose(purpose))
                    @if let Some(name) = &used.used {
                        " (" (reader.text(&format!("purposes.{purpose}.uses.{name}"))) ")"
                    }
                }
            }
            @if !used.categories.is_empty() {
                dt { (reader.say("used-data")) }
                dd {
                    @if used.categories.len() > FEW {
                        details {
                            summary {
                                (say!(reader.words, "used-kinds", kinds = used.categories.len()))
                            }
                            (categories(reader, used))
                        }
                    } @else { (categories(reader, used)) }
                }
            }
        }
    }
}

fn categories(reader: &Reader, used: &Used) -> Markup {
    html! {
        @for (at, category) in used.categories.iter().enumerate() {
            @if at > 0 { (reader.say("list-comma")) }
            (reader.category(category))
        }
    }
}

fn who(reader: &Reader, by: &By) -> Markup {
    match by {
        By::You => html! { (reader.say("used-you")) },
        By::System => html! { (reader.say("used-system")) },
        By::Roles(roles) if roles.is_empty() => html! { (reader.say("used-no-role")) },
        By::Roles(roles) => html! {
            @for (at, role) in roles.iter().enumerate() {
                @if at > 0 { " / " }
                (reader.text(&format!("roles.{role}")))
            }
        },
    }
}

/// Whether an act is with so many records.
const fn counts(act: Act) -> bool {
    matches!(act, Act::Looked | Act::Added | Act::Changed | Act::Disclosed | Act::Removed)
}

const fn act_key(act: Act) -> &'static str {
    match act {
        Act::Looked => "act-looked",
        Act::Asked => "act-asked",
        Act::Added => "act-added",
        Act::Changed => "act-changed",
        Act::Derived => "act-derived",
        Act::Disclosed => "act-disclosed",
        Act::Removed => "act-removed",
        Act::Erased => "act-erased",
        Act::Said => "act-said",
        Act::Requested => "act-requested",
        Act::LinkAsked => "act-link-asked",
        Act::Entered => "act-entered",
        Act::Left => "act-left",
    }
}
