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
use crate::page::{Told, see};

/// What was done, by its word, until the next page has said so.
const DONE: Kept = Kept { name: "gantry-done", path: "/", minutes: 1 };

/// What was done. A closed list: what a browser sends back is no text of anybody's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Done {
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

impl Done {
    const ALL: [Done; 10] = [
        Done::Added,
        Done::Stored,
        Done::Unchanged,
        Done::Proposed,
        Done::Approved,
        Done::TakenBack,
        Done::SignInEnded,
        Done::PasswordSet,
        Done::SecondFactorSet,
        Done::Left,
    ];

    const fn word(self) -> &'static str {
        match self {
            Done::Added => "added",
            Done::Stored => "stored",
            Done::Unchanged => "unchanged",
            Done::Proposed => "proposed",
            Done::Approved => "approved",
            Done::TakenBack => "taken-back",
            Done::SignInEnded => "sign-in-ended",
            Done::PasswordSet => "password-set",
            Done::SecondFactorSet => "second-factor-set",
            Done::Left => "left",
        }
    }

    /// What people read.
    pub(crate) const fn says(self) -> &'static str {
        match self {
            Done::Added => "It was added.",
            Done::Stored => "Your changes are stored.",
            Done::Unchanged => "Nothing was changed.",
            Done::Proposed => {
                "The version is proposed. Somebody else who may approve must look at it."
            }
            Done::Approved => "You approved the version.",
            Done::TakenBack => "The version is taken back.",
            Done::SignInEnded => "That sign-in has ended.",
            Done::PasswordSet => "Your password is set. All your other sign-ins have ended.",
            Done::SecondFactorSet => "Your second factor is in force.",
            Done::Left => "The file is gone, and nothing of it was stored.",
        }
    }
}

/// Sends a browser on to a page that says what was done.
pub(crate) fn see_done(path: impl Into<String>, done: Done) -> Response {
    let mut response = see(path);
    response.extensions_mut().insert(done);
    response
}

/// What a page is to say was done before.
pub(crate) fn done_before(shell: &Shell, headers: &HeaderMap) -> Option<Done> {
    let word = DONE.read(&shell.site, headers)?;
    Done::ALL.into_iter().find(|done| done.word() == word)
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
    if let Some(told) = response.extensions_mut().remove::<Told>()
        && let Ok(who) = Who::from_request_parts(&mut asked, &shell).await
    {
        response = framed(&who, asked.uri.path(), &told, response);
    }
    if let Some(done) = response.extensions_mut().remove::<Done>() {
        DONE.set(&shell.site, done.word(), &mut response);
    } else if response.status() != StatusCode::SEE_OTHER
        && done_before(&shell, &asked.headers).is_some()
    {
        DONE.forget(&shell.site, &mut response);
    }
    response
}

/// The same answer with the frame around what it tells.
fn framed(who: &Who, path: &str, told: &Told, response: Response) -> Response {
    let place = path.split('/').nth(1).unwrap_or_default();
    let purpose = place.split(USE_MARK).next().filter(|purpose| open(&who.rooms, purpose));
    let (mut head, _) = response.into_parts();
    head.headers.remove(CONTENT_LENGTH);
    let body = in_failure(who, purpose, told).into_response().into_body();
    Response::from_parts(head, body)
}
