//! Records of a contact: what happened, by category.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use gantry_engine::draft::{About, RecordDraft};
use serde::Deserialize;
use serde_json::json;

use crate::api::body::{Fields, Sent};
use crate::api::name::Names;
use crate::api::once::{Draft, Once, make};
use crate::api::query::{Asked, Plain, Used, size};
use crate::api::room::Room;
use crate::api::tag::IfMatch;
use crate::api::thing::Thing;
use crate::problem::Problem;

/// Which records of a contact.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListQuery {
    category: Option<String>,
    cursor: Option<String>,
    limit: Option<usize>,
    #[serde(default, rename = "use")]
    _used: Used,
}

/// A record to be.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewRecord {
    category: String,
    at: Option<String>,
    about: Option<About>,
    source: Option<String>,
    expires: Option<String>,
    #[serde(default)]
    fields: Fields,
}

/// What is to change of a record.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Change {
    fields: Fields,
}

/// Records that the purpose may see, and remarks of what was left out of the page.
pub(crate) async fn list(
    room: Room,
    names: Names,
    Asked(query): Asked<ListQuery>,
) -> Result<Response, Problem> {
    let people = room.session.identified()?;
    let (category, cursor) = (query.category.as_deref(), query.cursor.as_deref());
    let contact = names.id("contact")?;
    let limit = size(query.limit)?;
    let (page, withheld) = people.records(contact, category, cursor, limit).await?;
    let body = json!({ "items": page.items, "next": page.next, "withheld": withheld });
    Ok(Json(body).into_response())
}

/// Adds a record.
pub(crate) async fn add(
    room: Room,
    names: Names,
    _: Asked<Plain>,
    once: Once,
    body: Sent<NewRecord>,
) -> Result<Response, Problem> {
    let contact = names.id("contact")?;
    let NewRecord { category, at, about, source, expires, fields: Fields(fields) } = body.value;
    let objects_to = None;
    let draft = RecordDraft { category, at, about, source, expires, objects_to, fields };
    make(room, once, &body.bytes, Draft::Record(contact, draft)).await
}

/// One record.
pub(crate) async fn show(room: Room, names: Names, _: Asked<Plain>) -> Result<Response, Problem> {
    let people = room.session.identified()?;
    let (contact, record) = (names.id("contact")?, names.id("record")?);
    let view = people.record(contact, names.text("category")?, record).await?;
    Ok(Thing::Record(contact, view).shown(StatusCode::OK))
}

/// Changes the fields of a record.
pub(crate) async fn change(
    room: Room,
    names: Names,
    _: Asked<Plain>,
    if_match: IfMatch,
    body: Sent<Change>,
) -> Result<Response, Problem> {
    let people = room.session.identified()?;
    let (contact, record) = (names.id("contact")?, names.id("record")?);
    let (category, Fields(fields)) = (names.text("category")?, body.value.fields);
    let changed = people.change_record(contact, category, record, &fields, if_match.version());
    let view = changed.await.map_err(|error| if_match.problem(error))?;
    Ok(Thing::Record(contact, view).shown(StatusCode::OK))
}
