//! What goes wrong, as a page.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use gantry_engine::EngineError;
use gantry_engine::portal::PortalError;
use maud::html;

use super::page::{Page, Section};
use super::reader::Reader;
use crate::form::Unread;
use crate::problem::Problem;

/// Why a page cannot be shown, or a form is not taken.
pub(super) enum Fault {
    /// There is no such page.
    NotFound,
    /// The form is not from a page of ours, or from before the visit.
    Form,
    /// The form is too large.
    TooLarge,
    /// The form did not come in time.
    TooSlow,
    /// There were too many tries from one address of the network.
    TooOften,
    /// The notice has no place for what was asked.
    NotOffered,
    /// The engine said no, or failed.
    Engine(EngineError),
}

impl From<EngineError> for Fault {
    fn from(error: EngineError) -> Fault {
        Fault::Engine(error)
    }
}

impl From<Unread> for Fault {
    fn from(unread: Unread) -> Fault {
        match unread {
            Unread::NoForm => Fault::Form,
            Unread::TooLarge => Fault::TooLarge,
            Unread::TooSlow => Fault::TooSlow,
        }
    }
}

impl From<PortalError> for Fault {
    fn from(error: PortalError) -> Fault {
        match error {
            PortalError::NotOffered(_) | PortalError::TooManyOpen => Fault::NotOffered,
            PortalError::Engine(error) => Fault::Engine(error),
        }
    }
}

impl Fault {
    /// The page that tells of it. What the log is told goes with the answer.
    pub(super) fn page(self, reader: &Reader) -> Response {
        let (key, status, told) = match self {
            Fault::NotFound => ("fault-not-found", StatusCode::NOT_FOUND, None),
            Fault::Form => ("fault-form", StatusCode::FORBIDDEN, None),
            Fault::TooLarge => ("fault-too-large", StatusCode::PAYLOAD_TOO_LARGE, None),
            Fault::TooSlow => ("fault-too-slow", StatusCode::REQUEST_TIMEOUT, None),
            Fault::TooOften => ("fault-too-often", StatusCode::TOO_MANY_REQUESTS, None),
            Fault::NotOffered => ("fault-not-offered", StatusCode::CONFLICT, None),
            Fault::Engine(error) => {
                let key = match &error {
                    EngineError::Refused(_) => "fault-refused",
                    EngineError::Conflict { .. } => "fault-changed",
                    EngineError::Invalid(_) | EngineError::NotFound { .. } => "fault-invalid",
                    _ => "fault-failed",
                };
                let told = Problem::from(error).into_response();
                (key, told.status(), Some(told))
            }
        };
        let content = html! {
            h1 { (reader.say("fault-title")) }
            p .error role="alert" { (reader.say(key)) }
            p { a href=(super::ROOT) { (reader.say("fault-back")) } }
        };
        let page = Page { reader, section: Section::None, form: None, title: "fault-title" };
        let mut response = (status, page.around(&content)).into_response();
        if let Some(told) = told {
            response.extensions_mut().extend(told.into_parts().0.extensions);
        }
        response
    }
}
