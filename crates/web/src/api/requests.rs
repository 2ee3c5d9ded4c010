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
    statement: Word,
    /// `all`, `profiling`, a channel, a purpose, or `category:NAME[.FIELD]`.
    scope: String,
}

/// The statements, as words.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Word {
    Objects,
    WithdrawsObjection,
    ObjectionUpheld,
    ObjectionRejected,
    Consents,
    WithdrawsConsent,
    Restricts,
    LiftsRestriction,
    Told,
}

/// All statements, for the description of the API.
pub(crate) const WORDS: [&str; 9] = [
    "objects",
    "withdraws-objection",
    "objection-upheld",
    "objection-rejected",
    "consents",
    "withdraws-consent",
    "restricts",
    "lifts-restriction",
    "told",
];

/// Writes down what a contact said. It acts at once.
pub(crate) async fn say(
    room: Room,
    names: Names,
    _: Asked<Plain>,
    body: Sent<Said>,
) -> Result<Response, Problem> {
    let people = room.session.identified()?;
    let Said { statement, scope } = body.value;
    people.say(names.id("contact")?, statement.into(), &Scope::parse(&scope)).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Erases a contact, and tells what a law obliges to keep.
pub(crate) async fn erase(room: Room, names: Names, _: Asked<Plain>) -> Result<Response, Problem> {
    let people = room.session.identified()?;
    let erased = people.erase(names.id("contact")?).await?;
    Ok(Json(erased).into_response())
}

impl From<Word> for Statement {
    fn from(word: Word) -> Statement {
        match word {
            Word::Objects => Statement::Objects,
            Word::WithdrawsObjection => Statement::WithdrawsObjection,
            Word::ObjectionUpheld => Statement::ObjectionUpheld,
            Word::ObjectionRejected => Statement::ObjectionRejected,
            Word::Consents => Statement::Consents,
            Word::WithdrawsConsent => Statement::WithdrawsConsent,
            Word::Restricts => Statement::Restricts,
            Word::LiftsRestriction => Statement::LiftsRestriction,
            Word::Told => Statement::Told,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_statement_of_the_description_is_understood() {
        for word in WORDS {
            let body = format!(r#"{{"statement": "{word}", "scope": "all"}}"#);
            assert!(serde_json::from_str::<Said>(&body).is_ok(), "{word}");
        }
    }
}
