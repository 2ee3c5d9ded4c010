//! The description of the API (OpenAPI 3.1), made from the notice in force: paths by purpose, with
//! the schemas of its own categories and kinds.

mod operation;
mod part;
mod purpose;
mod schema;

use std::sync::{Mutex, PoisonError};

use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use gantry_notice::DatedPolicy;
use serde_json::{Map, Value, json};

use crate::app::Shell;
use crate::problem::Problem;

/// The description of the version of the notice that it was last asked for.
#[derive(Debug, Default)]
pub(crate) struct Description(Mutex<Option<(u16, Bytes)>>);

/// The description of the API as it is now.
pub(crate) async fn describe(State(shell): State<Shell>) -> Result<Response, Problem> {
    let policy = shell.engine.policy();
    let version = policy.policy().version();
    let kept = shell.description.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let text = match kept {
        Some((of, text)) if of == version => text,
        _ => {
            let text = Bytes::from(description(&policy).to_string());
            let mut kept = shell.description.0.lock().unwrap_or_else(PoisonError::into_inner);
            *kept = Some((version, text.clone()));
            text
        }
    };
    Ok(([(CONTENT_TYPE, "application/json")], text).into_response())
}

fn description(policy: &DatedPolicy) -> Value {
    let notice = policy.policy().notice();
    let (mut paths, mut schemas) = (part::paths(), part::schemas());
    let mut tags = vec![json!({ "name": "api", "description": "The API itself" })];
    for (id, purpose) in &notice.purposes {
        let title = format!("{}. {}", purpose.number, purpose.title);
        tags.push(json!({ "name": id, "description": title }));
        let described = purpose::describe(policy, id, purpose);
        paths.extend(described.paths);
        schemas.extend(described.schemas);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": notice.title,
            "version": notice.version,
            "summary": "Customer-contact data, on the rails of the notice",
            "description": notice.summary,
        },
        "servers": [{ "url": "/" }],
        "tags": tags,
        "security": [{ "token": [] }],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A token of `gantry token`; it carries an account and purposes.",
                },
            },
            "parameters": part::parameters(),
            "headers": part::headers(),
            "responses": part::problems(),
            "schemas": schemas,
        },
    })
}

/// A reference to a component.
fn component(kind: &str, name: &str) -> Value {
    json!({ "$ref": format!("#/components/{kind}/{name}") })
}

fn object(entries: impl IntoIterator<Item = (String, Value)>) -> Map<String, Value> {
    entries.into_iter().collect()
}
