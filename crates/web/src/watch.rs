//! Around every request: a place to work, headers that keep answers private, a line in the log.
//!
//! The log has method, route, status and time. Never the path, the query or a header: they may name
//! people.

use std::io::Write as _;
use std::sync::atomic::Ordering;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::api::HEALTH;
use crate::app::Shell;
use crate::peer::Peer;
use crate::problem::{Kind, Logged, Problem};

/// How long a browser is to come over TLS alone (RFC 6797).
const ONE_YEAR: &str = "max-age=31536000";

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Headers of every answer that does not say otherwise: it is kept nowhere, guessed at by nobody,
/// framed by nothing.
const HEADERS: [(HeaderName, &str); 7] = [
    (CACHE_CONTROL, "no-store"),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
    (REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (X_FRAME_OPTIONS, "DENY"),
];

/// Lets a request in where there is a place, and tells it to come again where there is none.
pub(crate) async fn place(State(shell): State<Shell>, request: Request, next: Next) -> Response {
    // Whoever watches over the process is told that it lives, however much there is to do.
    if request.uri().path() == HEALTH {
        return next.run(request).await;
    }
    let from = request.extensions().get::<Peer>().map(|Peer(address)| *address);
    let (Some(_there), Ok(_place)) = (shell.crowd.enter(from), shell.places.try_acquire()) else {
        return Problem::new(Kind::Busy, "too many requests at once; try again in a moment")
            .into_response();
    };
    next.run(request).await
}

/// Gives a request an id, its answer the headers, and the log a line.
pub(crate) async fn watch(State(shell): State<Shell>, request: Request, next: Next) -> Response {
    let (began, at) = (Instant::now(), shell.engine.clock().now());
    let number = shell.count.fetch_add(1, Ordering::Relaxed);
    let id = format!("{at:x}-{number:x}");
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if shell.site.secure() {
        headers.insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(ONE_YEAR));
    }
    if let Ok(id) = HeaderValue::try_from(&id) {
        headers.insert(REQUEST_ID, id);
    }
    let route = route.as_ref().map_or("-", MatchedPath::as_str);
    let (status, millis) = (response.status().as_u16(), began.elapsed().as_millis());
    let mut line = format!("{method} {route} {status} {millis}ms {id}");
    if let Some(Logged(cause)) = response.extensions_mut().remove() {
        line.push_str(": ");
        line.push_str(&cause.replace('\n', " "));
    }
    // A log that cannot be written is no reason to refuse work; the audit trail is.
    let _ = writeln!(std::io::stderr().lock(), "{line}");
    response
}
