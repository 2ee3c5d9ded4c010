//! Coming in: the token gives the actor, the path gives the purpose, the engine gives the session.

use axum::extract::{FromRequestParts, Query, RawPathParams};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use gantry_engine::actor::Actor;
use gantry_engine::{Cause, Session, Work};
use serde::Deserialize;

use crate::api::name::Names;
use crate::app::Shell;
use crate::problem::{Kind, Problem};

/// Who came in with the request's token.
pub(crate) struct SignedIn(pub(crate) Actor);

/// A session of the purpose in the path, for the use in the query. A handler that touches people or
/// objects takes it first; that is all the checking it does.
pub(crate) struct Room {
    pub(crate) shell: Shell,
    pub(crate) session: Session,
    pub(crate) purpose: String,
    /// The use that was asked for; the purpose's first where it is missing.
    pub(crate) used: Option<String>,
}

#[derive(Deserialize)]
struct UseQuery {
    #[serde(rename = "use")]
    used: Option<String>,
}

impl FromRequestParts<Shell> for SignedIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, shell: &Shell) -> Result<SignedIn, Problem> {
        let mut given = parts.headers.get_all(AUTHORIZATION).iter();
        let (header, more) = (given.next(), given.next());
        let header = header.ok_or_else(|| Problem::sign_in(false))?;
        let token = header.to_str().ok().and_then(bearer).filter(|_| more.is_none());
        let token = token.ok_or_else(|| Problem::sign_in(true))?;
        let actor = shell.engine.actor_of_token(token).await?;
        actor.map(SignedIn).ok_or_else(|| Problem::sign_in(true))
    }
}

impl FromRequestParts<Shell> for Room {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, shell: &Shell) -> Result<Room, Problem> {
        let SignedIn(actor) = SignedIn::from_request_parts(parts, shell).await?;
        let purpose = Names::from_request_parts(parts, shell).await?.text("purpose")?.to_owned();
        // A query that cannot be read is told of later, by the handler that knows what it takes.
        let query = Query::<UseQuery>::try_from_uri(&parts.uri);
        let used = query.ok().and_then(|Query(query)| query.used);
        let work = Work::on(&purpose, Cause::Request).used_for(used.as_deref());
        let session = shell.engine.session(&actor, &work).await?;
        Ok(Room { shell: shell.clone(), session, purpose, used })
    }
}

impl FromRequestParts<Shell> for Names {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, shell: &Shell) -> Result<Names, Problem> {
        let unreadable = |_| Problem::new(Kind::Malformed, "the path is not UTF-8");
        let raw = RawPathParams::from_request_parts(parts, shell).await.map_err(unreadable)?;
        Ok(Names::of(raw.iter().map(|(name, text)| (name.to_owned(), text.to_owned()))))
    }
}

/// The token of `Bearer TOKEN`; the scheme's case does not matter (RFC 9110, section 11.1).
fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
