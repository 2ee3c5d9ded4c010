//! What contacts ask of the company: statements on the use of their data, and erasure.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use gantry_engine::session::{Scope, Statement};
use serde::Deserialize;

use crate::api::body::Sent;
use crate::api::name::Names;
use crate::api::query::{Asked, Plain};
use crate::api::room::Room;
use crate::problem::Problem;

/// What a contact said, or a person decided on what it said.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Said {
    statement: Statement,
    /// `all`, `profiling`, a channel, a purpose, or `category:NAME[.FIELD]`.
    scope: String,
}

/// Writes down what a contact said. It acts at once.
pub(crate) async fn say(
    room: Room,
    names: Names,
    _: Asked<Plain>,
    body: Sent<Said>,
) -> Result<Response, Problem> {
    let people = room.session.identified()?;
    let Said { statement, scope } = body.value;
    people.say(names.id("contact")?, statement, &Scope::parse(&scope)).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Erases a contact, and tells what a law obliges to keep.
pub(crate) async fn erase(room: Room, names: Names, _: Asked<Plain>) -> Result<Response, Problem> {
    let people = room.session.identified()?;
    let erased = people.erase(names.id("contact")?).await?;
    Ok(Json(erased).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_statement_of_the_description_is_understood() {
        for word in Statement::ALL.map(Statement::word) {
            let body = format!(r#"{{"statement": "{word}", "scope": "all"}}"#);
            assert!(serde_json::from_str::<Said>(&body).is_ok(), "{word}");
        }
    }
}
