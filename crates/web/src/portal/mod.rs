//! The portal, at `/me`: what is held about a contact, for the contact itself.
//!
//! Pages in four languages, made of the engine's answers. No handler decides anything: what a contact
//! may do comes from [`gantry_engine::portal`], what a notice says from the notice.

mod categories;
mod caught;
mod fault;
mod held;
mod language;
mod overview;
mod page;
mod preferences;
mod purposes;
mod reader;
mod requests;
mod sign_in;
mod used;
mod visitor;
mod words;

#[cfg(test)]
mod tests;

use axum::Router;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use gantry_engine::portal::KNOWN_DAYS;

use crate::app::Shell;
use crate::cookie::Kept;
use fault::Fault;
use visitor::{Guest, Visitor};

const ROOT: &str = "/me";
const SIGN_IN: &str = "/me/sign-in";
const SENT: &str = "/me/sent";
const ENTER: &str = "/me/enter/{link}";
const LEAVE: &str = "/me/leave";
const HELD: &str = "/me/held";
const CATEGORY: &str = "/me/held/{category}";
const PURPOSES: &str = "/me/purposes";
const USED: &str = "/me/used";
const CATEGORIES: &str = "/me/categories";
const REQUESTS: &str = "/me/requests";
const REQUEST: &str = "/me/requests/new/{kind}";
const PREFERENCES: &str = "/me/preferences";
const COPY: &str = "/me/copy";
const STYLE: &str = "/me/portal.css";
const CAUGHT: &str = "/demo/mail";

/// What a browser keeps to itself, so that a link is good in it alone.
const BROWSER: Kept = Kept { name: "portal-browser", path: ROOT, minutes: 60 * 24 * KNOWN_DAYS };
/// The token of a visit. The engine ends it sooner.
const VISIT: Kept = Kept { name: "portal-visit", path: ROOT, minutes: 120 };
/// The language that was chosen in the page.
const LANGUAGE: Kept = Kept { name: "portal-language", path: ROOT, minutes: 60 * 24 * 365 };
/// The field by which a form is known to be from a page of ours.
const TOKEN: &str = "form";

/// The pages of the portal. Where mail is caught, a page shows it.
pub(crate) fn routes() -> Router<Shell> {
    Router::new()
        .route(ROOT, get(overview::show))
        .route(SIGN_IN, get(sign_in::show).post(sign_in::ask))
        .route(SENT, get(sign_in::sent))
        .route(ENTER, get(sign_in::door).post(sign_in::enter))
        .route(LEAVE, get(sign_in::way_out).post(sign_in::leave))
        .route(HELD, get(held::show))
        .route(CATEGORY, get(held::category))
        .route(PURPOSES, get(purposes::show).post(purposes::say))
        .route(USED, get(used::show))
        .route(CATEGORIES, get(categories::show))
        .route(REQUESTS, get(requests::show))
        .route(REQUEST, get(requests::form).post(requests::open))
        .route(PREFERENCES, get(preferences::show).post(preferences::choose))
        .route(COPY, get(copy))
        .route(STYLE, get(style))
        .route("/me/{*nothing}", get(nothing).fallback(nothing))
        .route(CAUGHT, get(caught::show))
}

/// Everything that is held, as a file to take along.
async fn copy(visitor: Visitor) -> Response {
    match visitor.portal.copy().await {
        Ok(copied) => {
            let headers = [(CONTENT_DISPOSITION, "attachment; filename=\"my-data.json\"")];
            (headers, axum::Json(copied)).into_response()
        }
        Err(error) => visitor.fault(error),
    }
}

async fn style() -> Response {
    ([(CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("portal.css")).into_response()
}

async fn nothing(guest: Guest) -> Response {
    Fault::NotFound.page(&guest.reader)
}
