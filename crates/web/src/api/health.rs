//! What is told to anybody: whether the service answers, and what a kind of problem means.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::api::name::Names;
use crate::app::Shell;
use crate::problem::{Kind, Problem};

/// Whether the store answers.
pub(crate) async fn health(State(shell): State<Shell>) -> Result<Response, Problem> {
    let answers = shell.engine.store().head().await;
    answers.map_err(|error| Problem::of(error.into(), false))?;
    Ok(Json(json!({ "status": "ok" })).into_response())
}

/// What a problem's type says, for whoever follows it.
pub(crate) async fn problem(names: Names) -> Result<Response, Problem> {
    let name = names.text("problem")?;
    let kind = Kind::ALL.into_iter().find(|kind| kind.name() == name);
    let kind = kind.ok_or_else(|| Problem::new(Kind::NotFound, "there is no such problem"))?;
    let status = kind.status().as_u16();
    Ok(Json(
        json!({ "type": format!("/problems/{name}"), "title": kind.title(), "status": status }),
    )
    .into_response())
}
