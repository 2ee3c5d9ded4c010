//! Signing in with the company's provider of identities: away with a secret in a cookie, and back.

use axum::extract::{Extension, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use gantry_engine::SignInError;
use maud::{Markup, html};
use serde::Deserialize;

use crate::app::Shell;
use crate::console::query::Query;
use crate::console::sign_in::{address, agent, entered, head};
use crate::cookie::Kept;
use crate::page::{Failure, Page, document, see};
use crate::peer::Peer;
use crate::provider::{Leaving, Provider};

/// What a browser keeps while it is away: state, nonce and verifier.
const AWAY: Kept = Kept { name: "gantry-away", path: "/sign-in/provider", minutes: 10 };

/// What the provider sends back with.
#[derive(Deserialize)]
pub(crate) struct Returned {
    #[serde(default)]
    code: String,
    #[serde(default)]
    state: String,
}

/// Sends somebody to the provider.
pub(crate) async fn leave(
    State(shell): State<Shell>,
    from: Option<Extension<Peer>>,
) -> Result<Response, Failure> {
    let provider = provider(&shell)?;
    shell.limits.count(address(from))?;
    let Ok(Leaving { to, state, nonce, verifier }) = provider.leave().await else {
        return Ok(refused(
            &html! { p { "It does not answer as it should. Try again in a moment, or sign in with a password." } },
        ));
    };
    let mut response = see(to);
    AWAY.set(&shell.site, &format!("{state}.{nonce}.{verifier}"), &mut response);
    Ok(response)
}

/// Takes somebody who comes back.
pub(crate) async fn back(
    State(shell): State<Shell>,
    from: Option<Extension<Peer>>,
    headers: HeaderMap,
    Query(returned): Query<Returned>,
) -> Result<Response, Failure> {
    let provider = provider(&shell)?;
    shell.limits.count(address(from))?;
    let away = AWAY.read(&shell.site, &headers).unwrap_or_default();
    let mut away = away.splitn(3, '.');
    let (state, nonce, verifier) = (away.next(), away.next(), away.next());
    // Who did not leave from this browser does not come back into it (RFC 6749, 10.12).
    let (Some(state), Some(nonce), Some(verifier)) = (state, nonce, verifier) else {
        return Ok(refused(&html! { p { "It began in another browser, or too long ago." } }));
    };
    if state.is_empty() || state != returned.state {
        return Ok(refused(&html! { p { "It began in another browser, or too long ago." } }));
    }
    let Ok(identity) = provider.back(&returned.code, nonce, verifier).await else {
        return Ok(refused(&html! { p { "What it says does not hold." } }));
    };
    let agent = agent(&headers);
    let entering = shell.engine.sign_in_federated(&identity.issuer, &identity.subject, &agent);
    let mut response = match entering.await {
        Ok(now) => entered(&shell.site, &headers, &now),
        Err(SignInError::Engine(error)) => return Err(error.into()),
        Err(_) => refused(&html! {
            p { "You are known there, and have no account here yet. Whoever keeps the accounts adds it with this:" }
            p { code { "gantry user subject NAME " (identity.issuer) " " (identity.subject) } }
        }),
    };
    AWAY.forget(&shell.site, &mut response);
    Ok(response)
}

fn provider(shell: &Shell) -> Result<&Provider, Failure> {
    shell.site.provider.as_ref().ok_or(Failure::NotFound)
}

fn refused(why: &Markup) -> Response {
    let title = "No sign-in by the company's account";
    let body = html! {
        (head())
        main #content .narrow {
            h1 { (title) }
            (why)
            p { a href="/sign-in" { "Back to signing in" } }
        }
    };
    Page::new(document("en", title, None, &body)).with(StatusCode::UNAUTHORIZED).into_response()
}
