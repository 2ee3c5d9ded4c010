//! Pages: one document around all of them, the parts they are made of, and failures as pages.

pub(crate) mod chart;
mod failure;
pub(crate) mod field;
pub(crate) mod parts;

use axum::http::StatusCode;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use maud::{DOCTYPE, Markup, html};

use crate::assets::ADDRESSES;

pub(crate) use failure::{Failure, is_page};

/// What a page may load: our own sheet, script and pictures; and where its forms may go: here.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; \
    connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// A page as an answer.
pub(crate) struct Page {
    status: StatusCode,
    content: Markup,
}

impl Page {
    pub(crate) fn new(content: Markup) -> Page {
        Page { status: StatusCode::OK, content }
    }

    /// The same with another status.
    pub(crate) fn with(self, status: StatusCode) -> Page {
        Page { status, ..self }
    }
}

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        let headers =
            [(CONTENT_TYPE, "text/html; charset=utf-8"), (CONTENT_SECURITY_POLICY, POLICY)];
        (self.status, headers, self.content.into_string()).into_response()
    }
}

/// The document around a page. `number` is that of the purpose whose colour it has.
pub(crate) fn document(language: &str, title: &str, number: Option<u8>, body: &Markup) -> Markup {
    let class = number.map(|number| format!("purpose p{number}"));
    html! {
        (DOCTYPE)
        html lang=(language) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · Gantry" }
                link rel="icon" href=(ADDRESSES.icon) type="image/svg+xml";
                link rel="stylesheet" href=(ADDRESSES.style);
                script src=(ADDRESSES.script) defer {}
            }
            body class=[class] {
                a .skip href="#content" { "Skip to the content" }
                (body)
            }
        }
    }
}
