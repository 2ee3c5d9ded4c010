//! The first page of a visit: how much is held, for how many purposes, and where to go.

use axum::response::{IntoResponse, Response};
use gantry_engine::EngineError;
use gantry_engine::portal::{PurposeShown, RequestShown};
use gantry_engine::session::Access;
use maud::{Markup, html};

use super::page::Section;
use super::reader::Reader;
use super::visitor::Visitor;
use super::words::say;
use super::{CATEGORIES, COPY, HELD, PREFERENCES, PURPOSES, REQUESTS, USED};

pub(super) async fn show(visitor: Visitor) -> Response {
    match gathered(&visitor).await {
        Ok((held, requests)) => {
            let purposes = visitor.portal.purposes(&held);
            let content = overview(&visitor.reader, &held, &purposes, &requests);
            visitor.page(Section::Overview, "overview-title").around(&content).into_response()
        }
        Err(error) => visitor.fault(error),
    }
}

async fn gathered(visitor: &Visitor) -> Result<(Access, Vec<RequestShown>), EngineError> {
    Ok((visitor.portal.held().await?, visitor.portal.requests().await?))
}

fn overview(
    reader: &Reader,
    held: &Access,
    purposes: &[PurposeShown],
    requests: &[RequestShown],
) -> Markup {
    let records: usize = held.categories.iter().filter_map(|held| held.records).sum();
    let kinds = held.categories.iter().filter(|held| held.records > Some(0)).count();
    let uses = purposes.iter().filter(|purpose| sees_something(purpose)).count();
    let open = requests.iter().filter(|request| request.is_open).count();
    let card = |way: &str, title: &str, text: String| {
        html! {
            li .card {
                h2 { a href=(way) { (reader.say(title)) } }
                p { (text) }
            }
        }
    };
    html! {
        h1 { (reader.say("overview-title")) }
        p { (say!(reader.words, "overview-text", controller = reader.notice.controller.name.as_str())) }
        ul .cards {
            (card(HELD, "nav-held",
                say!(reader.words, "overview-held", records = records, kinds = kinds)))
            (card(PURPOSES, "nav-purposes",
                say!(reader.words, "overview-purposes", uses = uses, all = purposes.len())))
            (card(USED, "nav-used", reader.say("overview-used")))
            (card(CATEGORIES, "nav-categories", reader.say("overview-categories")))
            (card(REQUESTS, "nav-requests", say!(reader.words, "overview-requests", open = open)))
            (card(PREFERENCES, "nav-preferences", reader.say("overview-preferences")))
            (card(COPY, "copy-title", reader.say("copy-text")))
        }
    }
}

/// Whether a purpose may see something that there is.
pub(super) fn sees_something(purpose: &PurposeShown) -> bool {
    purpose.categories.iter().any(|seen| seen.allowed && seen.records != Some(0))
}
