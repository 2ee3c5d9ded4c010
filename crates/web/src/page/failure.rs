//! What went wrong, as a page: the same problems as the API has, in words for people.

use axum::http::header::{LOCATION, RETRY_AFTER, SET_COOKIE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use gantry_engine::EngineError;
use maud::{Markup, html};

use super::{Page, document};
use crate::api::problem::{Kind, Logged, Problem};

/// Seconds after which it is worth to try again.
const RETRY_SECONDS: &str = "1";

/// Why a page was not given.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Whoever asks is not signed in. Where to go afterwards, if that is a page.
    SignIn(Option<String>),
    /// There is nothing here, or nothing that one may know of.
    NotFound,
    /// The form was not sent from a page of ours, or from one that is too old.
    Forged,
    /// Too many tries in a short time.
    TooOften,
    /// The password must be set first.
    PasswordFirst,
    /// What the engine says.
    Problem(Problem),
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
            Failure::SignIn(_) | Failure::PasswordFirst => {
                (StatusCode::SEE_OTHER, "Sign in", html! { p { "Please sign in." } })
            }
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

/// A sentence begins with a capital letter.
pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

impl IntoResponse for Failure {
    fn into_response(mut self) -> Response {
        match &self {
            Failure::SignIn(next) => return to_sign_in(next.as_deref()),
            Failure::PasswordFirst => {
                return (StatusCode::SEE_OTHER, [(LOCATION, "/house/you#password")])
                    .into_response();
            }
            _ => {}
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
        let mut response =
            Page::new(document("en", title, None, &body)).with(status).into_response();
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

/// Where to go after signing in is kept in a cookie, not in the address.
fn to_sign_in(next: Option<&str>) -> Response {
    let mut response = (StatusCode::SEE_OTHER, [(LOCATION, "/sign-in")]).into_response();
    // A path may hold what a cookie takes for its own.
    let cookie = next.filter(|next| is_page(next)).map(|next| {
        format!("gantry-next={next}; Path=/sign-in; Max-Age=900; HttpOnly; SameSite=Lax")
    });
    if let Some(cookie) = cookie.and_then(|cookie| HeaderValue::try_from(cookie).ok()) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

/// Whether a text is the path of a page here, and nothing that leads elsewhere (`//host`, `/\\host`).
pub(crate) fn is_page(path: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/-_.".contains(c);
    path.starts_with('/') && !path.starts_with("//") && path.chars().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_signing_in_the_way_leads_to_pages_here_alone() {
        for page in ["/", "/crm/contacts", "/delivery.training/objects/class"] {
            assert!(is_page(page), "{page}");
        }
        for other in [
            "",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/a?b",
            "/a;b",
            "/%2f",
        ] {
            assert!(!is_page(other), "{other}");
        }
    }
}
