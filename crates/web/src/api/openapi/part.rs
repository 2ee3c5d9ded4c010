//! The parts of the description that no notice changes.

use gantry_engine::session::{MAX_PAGE, Statement};
use gantry_notice::{Operation, Reason};
use serde_json::{Map, Value, json};

use super::operation::{Described, problem_name};
use super::{component, object};
use crate::api::query::USUAL_PAGE;
use crate::api::routes;
use crate::problem::Kind;

/// Paths that belong to no purpose.
pub(super) fn paths() -> Map<String, Value> {
    let health = json!({ "type": "object", "properties": { "status": { "const": "ok" } } });
    let purposes = Described::new("api.purposes", "The purposes that the token may work for")
        .answers(200, &component("schemas", "Purposes"));
    let description = Described::new("api.description", "This description")
        .open()
        .answers(200, &json!({ "type": "object" }));
    let problem = Described::new("api.problem", "What a type of problem means")
        .open()
        .answers(200, &json!({ "type": "object" }))
        .problem(Kind::NotFound);
    let health = Described::new("api.health", "Whether the service answers")
        .open()
        .answers(200, &health)
        .problem(Kind::Busy);
    let place = json!({
        "name": "problem", "in": "path", "required": true, "schema": { "type": "string" },
    });
    object([
        (routes::PURPOSES.to_owned(), json!({ "get": purposes.operation("api") })),
        (routes::OPENAPI.to_owned(), json!({ "get": description.operation("api") })),
        (
            routes::PROBLEM.to_owned(),
            json!({ "parameters": [place], "get": problem.operation("api") }),
        ),
        (routes::HEALTH.to_owned(), json!({ "get": health.operation("api") })),
    ])
}

/// Schemas that belong to no purpose.
pub(super) fn schemas() -> Map<String, Value> {
    let reasons: Vec<&str> = Reason::ALL.iter().map(|reason| reason.id()).collect();
    let operations: Vec<&str> = Operation::ALL.iter().map(|one| one.word()).collect();
    object([
        ("Problem".to_owned(), problem()),
        ("Reason".to_owned(), json!({ "type": "string", "enum": reasons })),
        ("Operation".to_owned(), json!({ "type": "string", "enum": operations })),
        ("Withheld".to_owned(), withheld()),
        (
            "Next".to_owned(),
            json!({
                "type": ["string", "null"],
                "description": "The cursor of the next page; `null` after the last.",
            }),
        ),
        ("Id".to_owned(), json!({ "type": "string", "format": "uuid" })),
        (
            "Alias".to_owned(),
            json!({
                "type": "string",
                "description": "The same for the same thing under this purpose, another under another.",
                "pattern": "^[PO]-[0-9A-Z]{16}$",
            }),
        ),
        ("About".to_owned(), about("Id")),
        ("AliasedAbout".to_owned(), about("Alias")),
        (
            "Purposes".to_owned(),
            json!({
                "type": "object",
                "properties": {
                    "notice": { "type": "object" },
                    "purposes": { "type": "array", "items": { "type": "object" } },
                },
            }),
        ),
        ("Purpose".to_owned(), json!({ "type": "object" })),
        ("Explanation".to_owned(), json!({ "type": "object" })),
        ("Statement".to_owned(), statement()),
        ("Erased".to_owned(), json!({ "type": "object" })),
        ("Table".to_owned(), table()),
        (
            "Audience".to_owned(),
            audience(json!({ "type": "integer", "minimum": 0, "maximum": 500 }), "limit", false),
        ),
        ("AudienceOfOne".to_owned(), audience(component("schemas", "Id"), "contact", true)),
        ("AudienceAnswer".to_owned(), audience_answer()),
        ("Insight".to_owned(), insight()),
        (
            "InsightDecision".to_owned(),
            json!({
                "type": "object",
                "properties": {
                    "segment": { "type": "string" },
                    "to": { "enum": ["in", "out", "rule"], "description": "`rule`: it decides again." },
                    "reason": { "type": "string", "maxLength": 500, "description": "For the contact to read." },
                },
                "required": ["segment", "to"],
                "additionalProperties": false,
            }),
        ),
    ])
}

fn audience(other: Value, name: &str, required: bool) -> Value {
    let mut shape = json!({
        "type": "object",
        "properties": {
            "audience": {
                "type": "string",
                "description": "CEL, such as `country == 'FI' && segment.engaged`.",
            },
        },
        "required": ["audience"],
        "additionalProperties": false,
    });
    if let Some(properties) = shape.get_mut("properties").and_then(Value::as_object_mut) {
        properties.insert(name.to_owned(), other);
    }
    if required && let Some(required) = shape.get_mut("required").and_then(Value::as_array_mut) {
        required.push(name.into());
    }
    shape
}

fn audience_answer() -> Value {
    let count = json!({
        "oneOf": [
            { "type": "integer" },
            {
                "type": "object",
                "description": "Some, but fewer than the notice lets be told.",
                "properties": { "fewer_than": { "type": "integer" } },
                "required": ["fewer_than"],
            },
        ],
    });
    json!({
        "type": "object",
        "properties": {
            "count": count,
            "excluded": {
                "type": "object",
                "description": "How many fit but may not be reached, by the reason.",
                "additionalProperties": count,
            },
            "words": { "type": "string" },
            "items": { "type": "array", "items": { "type": "object" } },
        },
        "required": ["count", "excluded", "words"],
    })
}

fn insight() -> Value {
    let text = || json!({ "type": "string" });
    let maybe = || json!({ "type": ["string", "null"] });
    let list = |properties: Value| json!({ "type": "array", "items": { "type": "object", "properties": properties } });
    json!({
        "type": "object",
        "properties": {
            "any": { "type": "number", "description": "The score over all topics." },
            "scores": { "type": "object", "additionalProperties": { "type": "number" } },
            "segments": list(json!({
                "segment": text(), "since": text(), "by": { "enum": ["rule", "person"] },
                "reason": maybe(), "because": text(), "until": maybe(),
            })),
            "kept_out": list(json!({ "segment": text(), "reason": text() })),
            "reactions": list(json!({
                "id": text(), "at": text(), "reaction": text(), "topic": maybe(),
                "machine": { "type": "boolean" }, "weight": { "type": "number" }, "worth": { "type": "number" },
            })),
        },
        "required": ["any", "scores", "segments", "kept_out", "reactions"],
    })
}

fn about(id: &str) -> Value {
    json!({
        "type": ["object", "null"],
        "description": "The object that a record is about.",
        "properties": { "kind": { "type": "string" }, "id": component("schemas", id) },
        "required": ["kind", "id"],
    })
}

fn problem() -> Value {
    let fault = json!({
        "type": "object",
        "properties": { "field": { "type": "string" }, "fault": { "type": "string" } },
        "required": ["field", "fault"],
    });
    json!({
        "type": "object",
        "description": "RFC 9457.",
        "properties": {
            "type": { "type": "string", "format": "uri-reference" },
            "title": { "type": "string" },
            "status": { "type": "integer" },
            "detail": { "type": "string" },
            "reason": component("schemas", "Reason"),
            "purpose": { "type": "string" },
            "use": { "type": "string" },
            "category": { "type": "string" },
            "level": { "type": "string", "description": "The account's level, where that refuses." },
            "errors": { "type": "array", "items": fault },
        },
        "required": ["type", "title", "status", "detail"],
    })
}

fn withheld() -> Value {
    json!({
        "type": "object",
        "description": "A remark of what was left out.",
        "properties": {
            "category": { "type": "string" },
            "reason": component("schemas", "Reason"),
            "records": { "type": "integer", "minimum": 0 },
        },
        "required": ["category", "reason", "records"],
    })
}

fn statement() -> Value {
    json!({
        "type": "object",
        "properties": {
            "statement": { "type": "string", "enum": Statement::ALL.map(Statement::word) },
            "scope": {
                "type": "string",
                "description": "`all`, `profiling`, a channel (`email`, `phone`, `post`), a purpose, or `category:NAME[.FIELD]`.",
            },
        },
        "required": ["statement", "scope"],
        "additionalProperties": false,
    })
}

fn table() -> Value {
    let cell = json!({
        "type": "object",
        "properties": {
            "suppressed": { "const": true },
            "count": { "type": "integer" },
            "contacts": { "type": "integer" },
            "sums": { "type": "object", "additionalProperties": { "type": "string" } },
        },
    });
    let line = json!({
        "type": "object",
        "properties": {
            "name": { "type": "string" },
            "cells": { "type": "array", "items": cell },
        },
        "required": ["name", "cells"],
    });
    json!({
        "type": "object",
        "properties": {
            "by": { "type": "array", "items": { "type": "string" } },
            "columns": { "type": "array", "items": { "type": "string" } },
            "lines": { "type": "array", "items": line },
            "smallest_cell": { "type": "integer" },
        },
        "required": ["by", "columns", "lines", "smallest_cell"],
    })
}

/// Parameters that several operations take.
pub(super) fn parameters() -> Map<String, Value> {
    let query = |name: &str, schema: Value, words: &str| json!({ "name": name, "in": "query", "schema": schema, "description": words });
    let text = || json!({ "type": "string" });
    let id = || component("schemas", "Id");
    let header = |name: &str, words: &str| json!({ "name": name, "in": "header", "schema": text(), "description": words });
    let place = |name: &str, schema: Value| json!({ "name": name, "in": "path", "required": true, "schema": schema });
    let size =
        json!({ "type": "integer", "minimum": 1, "maximum": MAX_PAGE, "default": USUAL_PAGE });
    object([
        ("cursor".to_owned(), query("cursor", text(), "`next` of the page before.")),
        ("limit".to_owned(), query("limit", size, "Items on a page, at most.")),
        ("company".to_owned(), query("company", id(), "Those of a company.")),
        ("part_of".to_owned(), query("part_of", id(), "Those that are part of an object.")),
        ("state".to_owned(), query("state", text(), "Those in a state.")),
        ("search".to_owned(), query("search", text(), "`field:text`; goes with no other filter.")),
        ("email".to_owned(), query("email", text(), "By e-mail address, as a whole.")),
        ("phone".to_owned(), query("phone", text(), "By telephone number, as a whole.")),
        ("country".to_owned(), query("country", text(), "Those of a country, as two letters.")),
        (
            "having".to_owned(),
            query("having", text(), "`CATEGORY.FIELD:VALUE` of the profile, several with commas."),
        ),
        (
            "sort".to_owned(),
            query("sort", text(), "A column, after `-` from the greatest; up to 2,000 items."),
        ),
        ("name".to_owned(), query("name", text(), "By words of the name, or their beginnings.")),
        (
            "if-match".to_owned(),
            header("If-Match", "The `ETag` that was read, or `*`; 412 where it has changed."),
        ),
        (
            "idempotency-key".to_owned(),
            header("Idempotency-Key", "1 to 128 visible ASCII characters: makes it happen once."),
        ),
        ("contact".to_owned(), place("contact", id())),
        ("record".to_owned(), place("record", id())),
        ("object".to_owned(), place("object", id())),
        ("company-id".to_owned(), place("company", id())),
    ])
}

/// Headers of answers.
pub(super) fn headers() -> Map<String, Value> {
    object([
        (
            "etag".to_owned(),
            json!({
                "description": "The version, for `If-Match`.", "schema": { "type": "string" },
            }),
        ),
        (
            "location".to_owned(),
            json!({
                "description": "Where the thing is.", "schema": { "type": "string" },
            }),
        ),
    ])
}

/// A response for every kind of problem.
pub(super) fn problems() -> Map<String, Value> {
    let schema = component("schemas", "Problem");
    let response = |kind: Kind| {
        json!({
            "description": kind.title(),
            "content": { "application/problem+json": { "schema": schema } },
        })
    };
    Kind::ALL.into_iter().map(|kind| (problem_name(kind), response(kind))).collect()
}
