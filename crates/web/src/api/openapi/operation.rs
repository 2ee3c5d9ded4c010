//! An operation of the description, step by step.

use serde_json::{Map, Value, json};

use super::component;
use crate::problem::Kind;

/// An operation while it is being described.
pub(super) struct Described {
    id: String,
    summary: String,
    open: bool,
    parameters: Vec<Value>,
    body: Option<Value>,
    responses: Map<String, Value>,
    problems: Vec<Kind>,
}

impl Described {
    /// One with what every operation may answer: no token, refused, malformed, failed, busy.
    pub(super) fn new(id: &str, summary: &str) -> Described {
        Described {
            id: id.to_owned(),
            summary: summary.to_owned(),
            open: false,
            parameters: Vec::new(),
            body: None,
            responses: Map::new(),
            problems: vec![Kind::SignIn, Kind::Failed, Kind::Busy],
        }
    }

    /// It needs no token.
    pub(super) fn open(mut self) -> Described {
        self.open = true;
        self.problems.clear();
        self
    }

    /// It takes a parameter that is a component.
    pub(super) fn takes(mut self, names: &[&str]) -> Described {
        self.parameters.extend(names.iter().map(|name| component("parameters", name)));
        self
    }

    /// It takes a parameter of its own.
    pub(super) fn parameter(mut self, parameter: Value) -> Described {
        self.parameters.push(parameter);
        self
    }

    /// It takes a JSON body.
    pub(super) fn body(mut self, schema: &Value, types: &[&str]) -> Described {
        let content = types.iter().map(|one| ((*one).to_owned(), json!({ "schema": schema })));
        let content: Map<_, _> = content.collect();
        self.body = Some(json!({ "required": true, "content": content }));
        self.problems.extend([Kind::Malformed, Kind::Timeout, Kind::TooLarge, Kind::MediaType]);
        self.problem(Kind::Invalid)
    }

    /// It answers with JSON.
    pub(super) fn answers(self, status: u16, schema: &Value) -> Described {
        self.answer(
            status,
            json!({
                "description": "Done.",
                "content": { "application/json": { "schema": schema } },
            }),
        )
    }

    /// It answers with a thing that has a version; one that it made has an address, too.
    pub(super) fn answers_thing(self, status: u16, schema: &Value, made: bool) -> Described {
        let mut headers = Map::from_iter([("ETag".to_owned(), component("headers", "etag"))]);
        if made {
            headers.insert("Location".into(), component("headers", "location"));
        }
        self.answer(
            status,
            json!({
                "description": if status == 201 { "Made." } else { "Done." },
                "headers": headers,
                "content": { "application/json": { "schema": schema } },
            }),
        )
    }

    /// It answers.
    pub(super) fn answer(mut self, status: u16, response: Value) -> Described {
        self.responses.insert(status.to_string(), response);
        self
    }

    /// It may answer with a problem.
    pub(super) fn problem(mut self, kind: Kind) -> Described {
        self.problems.push(kind);
        self
    }

    /// The operation.
    pub(super) fn operation(mut self, tag: &str) -> Value {
        for kind in self.problems {
            let status = kind.status().as_u16().to_string();
            self.responses.insert(status, component("responses", &problem_name(kind)));
        }
        let mut operation = Map::new();
        operation.insert("operationId".into(), json!(self.id));
        operation.insert("summary".into(), json!(self.summary));
        operation.insert("tags".into(), json!([tag]));
        if self.open {
            operation.insert("security".into(), json!([]));
        }
        if !self.parameters.is_empty() {
            operation.insert("parameters".into(), json!(self.parameters));
        }
        if let Some(body) = self.body {
            operation.insert("requestBody".into(), body);
        }
        operation.insert("responses".into(), json!(self.responses));
        Value::Object(operation)
    }
}

/// The component's name for a kind of problem.
pub(super) fn problem_name(kind: Kind) -> String {
    kind.name().to_owned()
}
