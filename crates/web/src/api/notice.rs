//! What the notice in force says to whoever works: its purposes, and what each may do.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use gantry_notice::model::{Field, FieldKind, Purpose};
use gantry_notice::{DatedPolicy, Notice};
use serde_json::{Value, json};

use crate::api::query::{Asked, Plain};
use crate::api::room::{Room, SignedIn};
use crate::api::routes;
use crate::app::Shell;
use crate::path::path;
use crate::problem::Problem;
use crate::shape::{self, CategoryShape};

/// The purposes that the token may work for.
pub(crate) async fn purposes(
    State(shell): State<Shell>,
    SignedIn(actor): SignedIn,
) -> Result<Response, Problem> {
    let policy = shell.engine.policy();
    let notice = policy.policy().notice();
    // A courtesy: the engine decides anew for each session.
    let granted = notice.purposes.iter().filter(|(id, purpose)| actor.level(id, purpose).is_some());
    let purposes: Vec<Value> = granted.map(|(id, purpose)| head(id, purpose)).collect();
    let body = json!({ "notice": version(notice), "purposes": purposes });
    Ok(Json(body).into_response())
}

/// What the purpose in the path may do under the use in the query.
pub(crate) async fn purpose(room: Room, _: Asked<Plain>) -> Result<Response, Problem> {
    let policy = room.shell.engine.policy();
    let notice = policy.policy().notice();
    let gone = || Problem::new(crate::problem::Kind::NotFound, "there is no such purpose");
    let declared = notice.purposes.get(&room.purpose).ok_or_else(gone)?;
    let uses = shape::uses(&policy, &room.purpose);
    let place = declared.uses.get_index_of(room.used.as_deref().unwrap_or_default()).unwrap_or(0);
    let used: Vec<_> = uses.get(place).copied().into_iter().collect();
    let mut body = head(&room.purpose, declared);
    if let Value::Object(body) = &mut body {
        let categories = shape::categories(&policy, declared, &used);
        let name = declared.uses.get_index(place).map(|(name, _)| name);
        body.insert("notice".into(), version(notice));
        body.insert("description".into(), json!(declared.description));
        body.insert("use".into(), json!(name));
        body.insert("categories".into(), categories.iter().map(category).collect());
        body.insert("objects".into(), objects(&policy, &room.purpose));
    }
    Ok(Json(body).into_response())
}

fn version(notice: &Notice) -> Value {
    json!({
        "id": notice.id,
        "title": notice.title,
        "version": notice.version,
        "effective": notice.effective.to_string(),
    })
}

fn head(id: &str, purpose: &Purpose) -> Value {
    let uses = purpose.uses.iter().map(|(id, used)| {
        json!({ "id": id, "title": used.title, "direct_marketing": used.direct_marketing })
    });
    json!({
        "id": id,
        "number": purpose.number,
        "title": purpose.title,
        "mode": purpose.mode.word(),
        "basis": purpose.basis.word(),
        "objection": purpose.objection.word(),
        "uses": uses.collect::<Vec<_>>(),
        "href": path(routes::PURPOSE, &[("purpose", id)]),
    })
}

fn category(shape: &CategoryShape<'_>) -> Value {
    let operations: Vec<&str> = shape.operations.iter().map(|one| one.word()).collect();
    json!({
        "id": shape.name,
        "title": shape.declared.title,
        "single": shape.declared.single,
        "special": shape.declared.special,
        "about": shape.declared.about,
        "window": shape.window,
        "operations": operations,
        "fields": shape.fields.iter().map(|(name, one)| field(name, one)).collect::<Vec<_>>(),
    })
}

fn objects(policy: &DatedPolicy, purpose: &str) -> Value {
    let kinds = shape::kinds(policy, purpose).into_iter().map(|(name, kind, writes)| {
        json!({
            "id": name,
            "title": kind.title,
            "plural": kind.plural,
            "company": kind.company.word(),
            "part_of": kind.part_of,
            "states": kind.states,
            "closed": kind.closed,
            "operations": if writes { &["read", "collect", "change"][..] } else { &["read"] },
            "fields": kind.fields.iter().map(|(name, one)| field(name, one)).collect::<Vec<_>>(),
        })
    });
    kinds.collect()
}

fn field(name: &str, field: &Field) -> Value {
    let values = match &field.kind {
        FieldKind::Code { values } => Some(values),
        _ => None,
    };
    json!({
        "id": name,
        "title": field.title,
        "type": field.kind.word(),
        "values": values,
        "search": field.search.map(gantry_notice::model::Search::word),
        "required": field.required,
    })
}
