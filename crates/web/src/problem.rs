//! Problems (RFC 9457): the one place where an error becomes a status.

use axum::Json;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use gantry_engine::{EngineError, FieldFault, Refusal};
use serde_json::{Map, Value, json};

/// Seconds after which it is worth to ask again.
const RETRY_SECONDS: &str = "1";

/// What kind of problem. The list is closed, and `docs/api.md` has it as a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Malformed,
    SignIn,
    Refused,
    NotFound,
    Method,
    Timeout,
    Conflict,
    Changed,
    TooLarge,
    MediaType,
    Invalid,
    VersionNeeded,
    Failed,
    Busy,
}

impl Kind {
    /// All of them, by status.
    pub(crate) const ALL: [Kind; 14] = [
        Self::Malformed,
        Self::SignIn,
        Self::Refused,
        Self::NotFound,
        Self::Method,
        Self::Timeout,
        Self::Conflict,
        Self::Changed,
        Self::TooLarge,
        Self::MediaType,
        Self::Invalid,
        Self::VersionNeeded,
        Self::Failed,
        Self::Busy,
    ];

    /// Status, name in the problem's type, and title.
    const fn row(self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::Malformed => (StatusCode::BAD_REQUEST, "malformed", "The request cannot be read"),
            Self::SignIn => (StatusCode::UNAUTHORIZED, "sign-in", "A valid token is needed"),
            Self::Refused => (StatusCode::FORBIDDEN, "refused", "Refused by the notice"),
            Self::NotFound => (StatusCode::NOT_FOUND, "not-found", "Not found"),
            Self::Method => {
                (StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", "Not with this method")
            }
            Self::Timeout => {
                (StatusCode::REQUEST_TIMEOUT, "timeout", "The request came too slowly")
            }
            Self::Conflict => {
                (StatusCode::CONFLICT, "conflict", "Changed by somebody else meanwhile")
            }
            Self::Changed => {
                (StatusCode::PRECONDITION_FAILED, "changed", "It has another version now")
            }
            Self::TooLarge => {
                (StatusCode::PAYLOAD_TOO_LARGE, "too-large", "The request is too large")
            }
            Self::MediaType => {
                (StatusCode::UNSUPPORTED_MEDIA_TYPE, "media-type", "The body is not JSON")
            }
            Self::Invalid => {
                (StatusCode::UNPROCESSABLE_ENTITY, "invalid", "Values that cannot be stored")
            }
            Self::VersionNeeded => {
                (StatusCode::PRECONDITION_REQUIRED, "version-needed", "`If-Match` is needed")
            }
            Self::Failed => {
                (StatusCode::INTERNAL_SERVER_ERROR, "failed", "Something failed on the server")
            }
            Self::Busy => (StatusCode::SERVICE_UNAVAILABLE, "busy", "Too busy, or out of room"),
        }
    }

    /// The status it is given with.
    pub(crate) const fn status(self) -> StatusCode {
        self.row().0
    }

    /// Its name, the last part of the problem's type.
    pub(crate) const fn name(self) -> &'static str {
        self.row().1
    }

    /// What it is in a few words.
    pub(crate) const fn title(self) -> &'static str {
        self.row().2
    }
}

/// A problem to be answered. It never repeats a value of the request.
#[derive(Debug)]
pub(crate) struct Problem(Box<Parts>);

#[derive(Debug)]
struct Parts {
    kind: Kind,
    detail: String,
    refusal: Option<Refusal>,
    errors: Vec<FieldFault>,
    /// For the log alone.
    cause: Option<String>,
    /// Whether a token came with the request.
    token_came: bool,
}

/// What the log says of a failure; it travels with the response to where the log is written.
#[derive(Clone, Debug)]
pub(crate) struct Logged(pub(crate) String);

impl Problem {
    pub(crate) fn new(kind: Kind, detail: impl Into<String>) -> Problem {
        Problem(Box::new(Parts {
            kind,
            detail: detail.into(),
            refusal: None,
            errors: Vec::new(),
            cause: None,
            token_came: false,
        }))
    }

    /// Input that can be read and does not fit.
    pub(crate) fn invalid(field: &str, fault: impl Into<String>) -> Problem {
        EngineError::invalid(field, fault).into()
    }

    /// No token, or none that is good.
    pub(crate) fn sign_in(token_came: bool) -> Problem {
        let detail = if token_came {
            "the token is unknown, over, or its account is gone"
        } else {
            "send `Authorization: Bearer gtr_...`"
        };
        let mut problem = Problem::new(Kind::SignIn, detail);
        problem.0.token_came = token_came;
        problem
    }

    /// What the engine says. `guarded` is whether the request carried `If-Match`.
    pub(crate) fn of(error: EngineError, guarded: bool) -> Problem {
        use gantry_engine::StoreError;
        let text = error.to_string();
        match error {
            EngineError::Refused(refusal) => {
                let mut problem = Problem::new(Kind::Refused, refusal.words());
                problem.0.refusal = Some(refusal);
                problem
            }
            EngineError::Invalid(faults) => {
                let detail = "see `errors` for what does not fit what the notice declares";
                let mut problem = Problem::new(Kind::Invalid, detail);
                problem.0.errors = faults;
                problem
            }
            EngineError::OnlyKeeper(_) => {
                Problem::new(Kind::Refused, "only an account with all roles may do this")
            }
            EngineError::NotFound { .. } => Problem::new(Kind::NotFound, text),
            EngineError::Conflict { .. } | EngineError::Store(StoreError::Conflict { .. }) => {
                let kind = if guarded { Kind::Changed } else { Kind::Conflict };
                Problem::new(
                    kind,
                    "it has changed meanwhile: read it again, then repeat the change",
                )
            }
            EngineError::Store(StoreError::Uncertain) => {
                let detail = "nobody knows whether it was done: look before you repeat it, or repeat \
                    it with the `Idempotency-Key` that it had";
                Problem::new(Kind::Failed, detail).caused_by(text)
            }
            EngineError::Store(
                StoreError::Busy
                | StoreError::Full
                | StoreError::Closed
                | StoreError::Unreachable { .. }
                | StoreError::Exhausted { .. },
            )
            | EngineError::Audit(_)
            | EngineError::Busy => {
                let detail = "nothing was done; try again in a moment";
                Problem::new(Kind::Busy, detail).caused_by(text)
            }
            EngineError::Store(_)
            | EngineError::Unreadable { .. }
            | EngineError::KeyMissing
            | EngineError::Behind(_)
            | EngineError::Corrupt(_)
            | EngineError::Notice(_)
            | EngineError::Setup(_) => {
                let detail =
                    "the operator finds it in the log by the `X-Request-Id` of this answer";
                Problem::new(Kind::Failed, detail).caused_by(text)
            }
        }
    }

    /// What kind it is.
    pub(crate) fn kind(&self) -> Kind {
        self.0.kind
    }

    /// What it is in this case, in words.
    pub(crate) fn detail(&self) -> &str {
        &self.0.detail
    }

    /// The notice's refusal, where it is one.
    pub(crate) fn refusal(&self) -> Option<&Refusal> {
        self.0.refusal.as_ref()
    }

    /// Values that cannot be stored, by field.
    pub(crate) fn errors(&self) -> &[FieldFault] {
        &self.0.errors
    }

    /// What the log is to say, taken out.
    pub(crate) fn take_cause(&mut self) -> Option<String> {
        self.0.cause.take()
    }

    fn caused_by(mut self, cause: String) -> Problem {
        self.0.cause = Some(cause);
        self
    }

    fn body(&self) -> Value {
        let parts = &self.0;
        let mut body = Map::new();
        body.insert("type".into(), json!(format!("/problems/{}", parts.kind.name())));
        body.insert("title".into(), json!(parts.kind.title()));
        body.insert("status".into(), json!(parts.kind.status().as_u16()));
        body.insert("detail".into(), json!(parts.detail));
        if let Some(refusal) = &parts.refusal {
            body.insert("reason".into(), json!(refusal.reason.id()));
            body.insert("purpose".into(), json!(refusal.purpose));
            if !refusal.used.is_empty() {
                body.insert("use".into(), json!(refusal.used));
            }
            if let Some(category) = &refusal.category {
                body.insert("category".into(), json!(category));
            }
            if let Some(level) = &refusal.level {
                body.insert("level".into(), json!(level));
            }
        }
        if !parts.errors.is_empty() {
            body.insert("errors".into(), json!(parts.errors));
        }
        Value::Object(body)
    }
}

impl From<EngineError> for Problem {
    fn from(error: EngineError) -> Problem {
        Problem::of(error, false)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = (self.0.kind.status(), Json(self.body())).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        match self.0.kind {
            Kind::SignIn => {
                // RFC 6750, section 3: a code only where a token came.
                let challenge = if self.0.token_came {
                    r#"Bearer realm="gantry", error="invalid_token""#
                } else {
                    r#"Bearer realm="gantry""#
                };
                headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
            }
            Kind::Busy => {
                headers.insert(RETRY_AFTER, HeaderValue::from_static(RETRY_SECONDS));
            }
            _ => {}
        }
        if let Some(cause) = self.0.cause {
            response.extensions_mut().insert(Logged(cause));
        }
        response
    }
}
