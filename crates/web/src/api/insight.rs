//! What reactions tell of a contact: shown with how it follows, and decided by a person.

use std::sync::Arc;

use axum::Json;
use axum::response::{IntoResponse, Response};
use gantry_insight::{Analysis, Hand, Model, analyse};
use gantry_notice::DatedPolicy;
use serde::Deserialize;
use uuid::Uuid;

use crate::api::body::Sent;
use crate::api::name::Names;
use crate::api::query::{Asked, Plain};
use crate::api::room::Room;
use crate::problem::{Kind, Problem};

/// What a person decides of a contact and a segment.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Decided {
    segment: String,
    /// `in`, `out` or `rule`.
    to: String,
    /// For the contact to read.
    #[serde(default)]
    reason: String,
}

/// Scores, segments, and the reactions that they follow from.
pub(crate) async fn show(room: Room, names: Names, _: Asked<Plain>) -> Result<Response, Problem> {
    let (policy, model) = model(&room)?;
    let analysis = analysed(&room, &policy, &model, names.id("contact")?).await?;
    Ok(Json(analysis.to_json(&model, policy.policy().notice())).into_response())
}

/// Puts a contact into a segment, keeps it out, or lets the rule decide again.
pub(crate) async fn decide(
    room: Room,
    names: Names,
    _: Asked<Plain>,
    body: Sent<Decided>,
) -> Result<Response, Problem> {
    let contact = names.id("contact")?;
    let (policy, model) = model(&room)?;
    let notice = policy.policy().notice();
    let Decided { segment, to, reason } = body.value;
    let hand =
        Hand::of_word(&to).ok_or_else(|| Problem::invalid("to", "is not `in`, `out` or `rule`"))?;
    let mut analysis = analysed(&room, &policy, &model, contact).await?;
    analysis.decide(&model, &segment, hand, &reason)?;
    let session = room.session.identified()?;
    if let Some(profiling) = &notice.profiling {
        analysis.hold(session, profiling, &model, contact).await?;
    }
    Ok(Json(analysis.to_json(&model, notice)).into_response())
}

/// The policy that answers now, and what it says of profiling; a notice without has nothing here.
fn model(room: &Room) -> Result<(Arc<DatedPolicy>, Arc<Model>), Problem> {
    let policy = room.shell.engine.policy();
    let model = room.shell.models.of(policy.policy().notice());
    let model = model.map_err(|error| Problem::new(Kind::NotFound, error.to_string()))?;
    Ok((policy, model))
}

async fn analysed(
    room: &Room,
    policy: &DatedPolicy,
    model: &Model,
    contact: Uuid,
) -> Result<Analysis, Problem> {
    let session = room.session.identified()?;
    let now = room.shell.engine.now();
    Ok(analyse(session, policy.policy().notice(), model, contact, now).await?)
}
