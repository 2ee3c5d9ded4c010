//! What went wrong, as a page: the same problems as the API has, in words for people.

use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use gantry_engine::EngineError;
use maud::{Markup, html};

use super::parts::capital;
use super::{Page, document};
use crate::form::Unread;
use crate::problem::{Kind, Logged, Problem};

/// Seconds after which it is worth to try again.
const RETRY_SECONDS: &str = "1";

/// Why a page was not given.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Something else comes first, such as signing in: the way there.
    First(Box<Response>),
    /// There is nothing here, or nothing that one may know of.
    NotFound,
    /// The form was not sent from a page of ours, or from one that is too old.
    Forged,
    /// Too many tries in a short time.
    TooOften,
    /// What the engine says.
    Problem(Problem),
}

/// What a page of a failure tells, for who can put more around it.
#[derive(Clone, Debug)]
pub(crate) struct FailureWords {
    pub(crate) title: &'static str,
    pub(crate) content: Markup,
}

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Failure {
        match error {
            EngineError::NotFound { .. } => Failure::NotFound,
            other => Failure::Problem(other.into()),
        }
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Failure {
        Failure::Problem(problem)
    }
}

impl Failure {
    fn told(&self) -> (StatusCode, &'static str, Markup) {
        match self {
            Failure::First(way) => (way.status(), "Something comes first", html! {}),
            Failure::NotFound => (
                StatusCode::NOT_FOUND,
                "Nothing is here",
                html! {
                    p { "There is nothing under this address, or nothing that the purpose you work for may know of." }
                },
            ),
            Failure::Forged => (
                StatusCode::FORBIDDEN,
                "The form was not taken",
                html! {
                    p { "It did not come from a page of your present sign-in. Nothing was done." }
                    p { "Go back, load the page anew, and send it again." }
                },
            ),
            Failure::TooOften => (
                StatusCode::TOO_MANY_REQUESTS,
                "Too many tries",
                html! { p { "Please wait a minute, then try again." } },
            ),
            Failure::Problem(problem) => {
                (problem.kind().status(), problem.kind().title(), problem_told(problem))
            }
        }
    }
}

fn problem_told(problem: &Problem) -> Markup {
    html! {
        @if let Some(refusal) = problem.refusal() {
            p { "Not possible here: " strong { (problem.detail()) } "." }
            p .soft {
                "Purpose " code { (refusal.purpose) }
                @if !refusal.used.is_empty() { ", use " code { (refusal.used) } }
                @if let Some(category) = &refusal.category { ", data category " code { (category) } }
                ". " a href={ "/notice#purpose-" (refusal.purpose) } { "What the notice says" }
            }
        } @else if problem.kind() == Kind::Failed {
            p { "Something failed on our side. The operator finds it in the log by the number of this answer." }
        } @else {
            p { (capital(problem.detail())) "." }
        }
        @if !problem.errors().is_empty() {
            ul {
                @for error in problem.errors() {
                    li { code { (error.field) } ": " (error.fault) }
                }
            }
        }
    }
}

impl From<Unread> for Failure {
    fn from(unread: Unread) -> Failure {
        match unread {
            Unread::NoForm => Failure::Forged,
            Unread::TooLarge => Problem::new(Kind::TooLarge, "a form has at most 1 MiB").into(),
            Unread::TooSlow => {
                Problem::new(Kind::Timeout, "a form must come within 15 seconds").into()
            }
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(mut self) -> Response {
        if let Failure::First(way) = self {
            return *way;
        }
        let (status, title, told) = self.told();
        let body = html! {
            header .top { a .brand href="/" { "Gantry" } }
            main #content .plain {
                h1 { (title) }
                (told)
                p { a href="/" { "To the purposes" } }
            }
        };
        let told = FailureWords { title, content: told };
        let mut response =
            Page::new(document("en", title, None, &body)).with(status).into_response();
        response.extensions_mut().insert(told);
        if let Failure::Problem(problem) = &mut self {
            if problem.kind() == Kind::Busy {
                response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static(RETRY_SECONDS));
            }
            if let Some(cause) = problem.take_cause() {
                response.extensions_mut().insert(Logged(cause));
            }
        }
        response
    }
}
