//! Audiences: whom an expression takes in, of those whom the use may reach.

use axum::Json;
use axum::response::{IntoResponse, Response};
use gantry_engine::session::MAX_PAGE;
use gantry_insight::AskError;
use gantry_notice::Reason;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::api::body::Sent;
use crate::api::query::{Asked, Plain};
use crate::api::room::Room;
use crate::problem::{Kind, Problem};

/// Whom somebody means.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Meant {
    /// In CEL.
    audience: String,
    /// How many of them to list; none where it is missing.
    limit: Option<usize>,
}

/// An audience and a contact.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Compared {
    audience: String,
    contact: Uuid,
}

/// How many an audience takes in, who is left out and why, and as many of them as were asked for.
pub(crate) async fn ask(
    room: Room,
    _: Asked<Plain>,
    body: Sent<Meant>,
) -> Result<Response, Problem> {
    let Meant { audience, limit } = body.value;
    let limit = limit.unwrap_or(0);
    if limit > MAX_PAGE {
        return Err(Problem::invalid("limit", format!("is more than {MAX_PAGE}")));
    }
    let session = room.session.identified()?;
    let answer = room.shell.keeper.ask(&room.shell.engine, session, &audience, limit).await?;
    let mut told = answer.to_json();
    if let Value::Object(told) = &mut told
        && limit > 0
    {
        let items = session.contacts_at(&answer.ids).await?;
        told.insert("items".to_owned(), json!(items));
    }
    Ok(Json(told).into_response())
}

/// How an audience comes out for a contact.
pub(crate) async fn explain(
    room: Room,
    _: Asked<Plain>,
    body: Sent<Compared>,
) -> Result<Response, Problem> {
    let Compared { audience, contact } = body.value;
    let session = room.session.identified()?;
    let keeper = &room.shell.keeper;
    let told = keeper.explain(&room.shell.engine, session, &audience, contact).await?;
    Ok(Json(json!({
        "fits": told.fits,
        "kept_from": told.kept_from.map(Reason::id),
        "because": told.words,
    }))
    .into_response())
}

impl From<AskError> for Problem {
    fn from(error: AskError) -> Problem {
        match error {
            AskError::Engine(error) => error.into(),
            AskError::Audience(error) => Problem::invalid("audience", error.0),
            AskError::NoAudiences(_) => Problem::invalid("use", "asks for no audiences"),
            AskError::Model(error) => Problem::new(Kind::NotFound, error.to_string()),
        }
    }
}
