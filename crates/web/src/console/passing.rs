//! What goes from one answer to the next page, and around pages that were refused: a line that says what
//! was done, once; and the frame of the console, so that whoever is signed in can go on.

use axum::extract::{FromRequestParts as _, Request, State};
use axum::http::header::CONTENT_LENGTH;
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use crate::app::Shell;
use crate::console::door::{USE_MARK, Who};
use crate::console::frame::{in_failure, open};
use crate::console::sign_in::SIGN_IN;
use crate::cookie::Kept;
use crate::page::{FailureWords, see};

/// What was done, by its word, until the next page has said so.
const DONE: Kept = Kept { name: "gantry-done", path: "/", minutes: 1 };

/// What was done. A closed list: what a browser sends back is no text of anybody's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Confirmation {
    Added,
    Stored,
    Unchanged,
    Proposed,
    Approved,
    TakenBack,
    SignInEnded,
    PasswordSet,
    SecondFactorSet,
    Left,
}

impl Confirmation {
    const ALL: [Confirmation; 10] = [
        Confirmation::Added,
        Confirmation::Stored,
        Confirmation::Unchanged,
        Confirmation::Proposed,
        Confirmation::Approved,
        Confirmation::TakenBack,
        Confirmation::SignInEnded,
        Confirmation::PasswordSet,
        Confirmation::SecondFactorSet,
        Confirmation::Left,
    ];

    const fn word(self) -> &'static str {
        match self {
            Confirmation::Added => "added",
            Confirmation::Stored => "stored",
            Confirmation::Unchanged => "unchanged",
            Confirmation::Proposed => "proposed",
            Confirmation::Approved => "approved",
            Confirmation::TakenBack => "taken-back",
            Confirmation::SignInEnded => "sign-in-ended",
            Confirmation::PasswordSet => "password-set",
            Confirmation::SecondFactorSet => "second-factor-set",
            Confirmation::Left => "left",
        }
    }

    /// What people read.
    pub(crate) const fn says(self) -> &'static str {
        match self {
            Confirmation::Added => "It was added.",
            Confirmation::Stored => "Your changes are stored.",
            Confirmation::Unchanged => "Nothing was changed.",
            Confirmation::Proposed => {
                "The version is proposed. Somebody else who may approve must look at it."
            }
            Confirmation::Approved => "You approved the version.",
            Confirmation::TakenBack => "The version is taken back.",
            Confirmation::SignInEnded => "That sign-in has ended.",
            Confirmation::PasswordSet => {
                "Your password is set. All your other sign-ins have ended."
            }
            Confirmation::SecondFactorSet => "Your second factor is in force.",
            Confirmation::Left => "The file is gone, and nothing of it was stored.",
        }
    }
}

/// Sends a browser on to a page that says what was done.
pub(crate) fn confirming(path: impl Into<String>, done: Confirmation) -> Response {
    let mut response = see(path);
    response.extensions_mut().insert(done);
    response
}

/// What a page is to say was done before.
pub(crate) fn confirmed_before(shell: &Shell, headers: &HeaderMap) -> Option<Confirmation> {
    let word = DONE.read(&shell.site, headers)?;
    Confirmation::ALL.into_iter().find(|done| done.word() == word)
}

/// Around every request: for whoever is signed in, what was done is said once, and what is refused is
/// told within the frame.
pub(crate) async fn passing(State(shell): State<Shell>, request: Request, next: Next) -> Response {
    if SIGN_IN.read(&shell.site, request.headers()).is_none() {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let mut asked = parts.clone();
    let mut response = next.run(Request::from_parts(parts, body)).await;
    if let Some(told) = response.extensions_mut().remove::<FailureWords>()
        && let Ok(who) = Who::from_request_parts(&mut asked, &shell).await
    {
        response = framed(&who, asked.uri.path(), &told, response);
    }
    if let Some(done) = response.extensions_mut().remove::<Confirmation>() {
        DONE.set(&shell.site, done.word(), &mut response);
    } else if response.status() != StatusCode::SEE_OTHER
        && confirmed_before(&shell, &asked.headers).is_some()
    {
        DONE.forget(&shell.site, &mut response);
    }
    response
}

/// The same answer with the frame around what it tells.
fn framed(who: &Who, path: &str, told: &FailureWords, response: Response) -> Response {
    let place = path.split('/').nth(1).unwrap_or_default();
    let purpose = place.split(USE_MARK).next().filter(|purpose| open(&who.rooms, purpose));
    let (mut head, _) = response.into_parts();
    head.headers.remove(CONTENT_LENGTH);
    let body = in_failure(who, purpose, told).into_response().into_body();
    Response::from_parts(head, body)
}
