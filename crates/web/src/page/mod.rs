//! Pages: one document around all of them, the parts they are made of, and failures as pages.

pub(crate) mod chart;
pub(crate) mod download;
mod failure;
pub(crate) mod field;
pub(crate) mod parts;

use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use gantry_engine::{EngineError, FieldFault};
use maud::{DOCTYPE, Markup, html};

use crate::assets::ADDRESSES;

pub(crate) use failure::{Failure, FailureWords};

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

    /// The page of a form that was not taken, with what is wrong.
    pub(crate) fn again(self) -> Response {
        self.with(StatusCode::UNPROCESSABLE_ENTITY).into_response()
    }
}

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        let headers =
            [(CONTENT_TYPE, "text/html; charset=utf-8"), (CONTENT_SECURITY_POLICY, POLICY)];
        (self.status, headers, self.content.into_string()).into_response()
    }
}

/// Sends a browser on, once what it sent is done.
pub(crate) fn see(path: impl Into<String>) -> Response {
    let path = HeaderValue::try_from(path.into()).unwrap_or(HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(LOCATION, path)]).into_response()
}

/// What the engine made of a form, or the faults that are to be told at its fields.
pub(crate) fn taken<T>(
    done: Result<T, EngineError>,
) -> Result<Result<T, Vec<FieldFault>>, Failure> {
    match done {
        Ok(made) => Ok(Ok(made)),
        Err(EngineError::Invalid(faults)) => Ok(Err(faults)),
        Err(other) => Err(other.into()),
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
