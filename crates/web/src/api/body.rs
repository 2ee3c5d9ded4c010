//! Bodies of requests: JSON of bounded size and depth, read within a bounded time.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::body::{Bytes, to_bytes};
use axum::extract::{FromRequest, Request};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use gantry_engine::draft::FieldTexts;
use serde::de::{DeserializeOwned, Error as _, IgnoredAny};
use serde::{Deserialize, Deserializer};
use serde_json::error::Category;

use crate::app::Shell;
use crate::problem::{Kind, Problem};

/// The largest body; a record holds at most a quarter of it.
const MAX_BODY: usize = 1 << 20;
/// A body must have come after this long, so that nobody holds a place by sending slowly.
const BODY_WITHIN: Duration = Duration::from_secs(15);

/// A JSON body in the form that its handler takes, and its bytes, by which a repetition is known.
pub(crate) struct Sent<T> {
    pub(crate) value: T,
    pub(crate) bytes: Bytes,
}

impl<T: DeserializeOwned> FromRequest<Shell> for Sent<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &Shell) -> Result<Sent<T>, Problem> {
        if !is_json(request.headers()) {
            let hint = "send `Content-Type: application/json`";
            return Err(Problem::new(Kind::MediaType, hint));
        }
        let bytes = read(request).await?;
        is_object(&bytes)?;
        let mut json = serde_json::Deserializer::from_slice(&bytes);
        let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
            let path = error.path().to_string();
            problem(&error.into_inner(), &path)
        })?;
        json.end().map_err(|error| problem(&error, "."))?;
        Ok(Sent { value, bytes })
    }
}

/// Fields by name. Numbers and yes-or-no may come as such; `null` takes a value away (RFC 7396).
#[derive(Debug, Default)]
pub(crate) struct Fields(pub(crate) FieldTexts);

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Fields, D::Error> {
        let given: indexmap::IndexMap<String, FieldText> = Deserialize::deserialize(deserializer)?;
        Ok(Fields(given.into_iter().map(|(name, FieldText(text))| (name, text)).collect()))
    }
}

struct FieldText(String);

impl<'de> Deserialize<'de> for FieldText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<FieldText, D::Error> {
        match serde_json::Value::deserialize(deserializer)? {
            serde_json::Value::Null => Ok(FieldText(String::new())),
            serde_json::Value::String(text) => Ok(FieldText(text)),
            serde_json::Value::Number(number) => Ok(FieldText(number.to_string())),
            serde_json::Value::Bool(flag) => Ok(FieldText(if flag { "yes" } else { "no" }.into())),
            _ => Err(D::Error::custom("is not a text, a number, true, false or null")),
        }
    }
}

/// Fields of several categories, as the engine takes them.
pub(crate) fn texts<M: FromIterator<(String, FieldTexts)>>(data: BTreeMap<String, Fields>) -> M {
    data.into_iter().map(|(category, Fields(texts))| (category, texts)).collect()
}

/// The parser would take a list for an object, value by value.
fn is_object(bytes: &[u8]) -> Result<(), Problem> {
    if bytes.trim_ascii_start().starts_with(b"{") {
        return Ok(());
    }
    match serde_json::from_slice::<IgnoredAny>(bytes) {
        Ok(_) => Err(Problem::invalid(".", "is not an object; hint: see `/api/openapi.json`")),
        Err(error) => Err(problem(&error, ".")),
    }
}

async fn read(request: Request) -> Result<Bytes, Problem> {
    let too_large = || Problem::new(Kind::TooLarge, "a body has at most 1 MiB");
    let said = request.headers().get(axum::http::header::CONTENT_LENGTH);
    let said = said.and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if said.is_some_and(|length| length > MAX_BODY) {
        return Err(too_large());
    }
    match tokio::time::timeout(BODY_WITHIN, to_bytes(request.into_body(), MAX_BODY)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        // It broke off, and then nobody reads the answer, or it is too large.
        Ok(Err(_)) => Err(too_large()),
        Err(_) => Err(Problem::new(Kind::Timeout, "a body must come within 15 seconds")),
    }
}

/// Whether it says that it is JSON; a merge patch (RFC 7396) is.
fn is_json(headers: &HeaderMap) -> bool {
    let said = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = said.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || essence == "application/merge-patch+json"
}

/// What is wrong with a body, without any value of it: the texts of the parser repeat values.
fn problem(error: &serde_json::Error, path: &str) -> Problem {
    match error.classify() {
        Category::Data => Problem::invalid(path, form_fault(&error.to_string())),
        Category::Syntax | Category::Eof | Category::Io => {
            let (line, column) = (error.line(), error.column());
            let detail = format!("the body is not JSON in UTF-8 at line {line}, column {column}");
            Problem::new(Kind::Malformed, detail)
        }
    }
}

/// In words without values: what the parser says names what it expected behind the last comma.
fn form_fault(text: &str) -> String {
    let text = text.rsplit_once(" at line ").map_or(text, |(text, _)| text);
    let fault = match text.split_once(", expected ") {
        // The parser names the program's types, which say nothing to the caller.
        Some((_, expected)) if expected.starts_with("struct ") => "is not an object".to_owned(),
        Some((head, expected)) if head.starts_with("invalid ") => format!("is not {expected}"),
        Some((head, expected)) if head.starts_with("unknown field") => {
            format!("is not known here; known: {expected}")
        }
        _ if text.starts_with("missing field") || text.starts_with("is not ") => text.to_owned(),
        _ => "does not have the form that is needed".to_owned(),
    };
    format!("{fault}; hint: see `/api/openapi.json`")
}
