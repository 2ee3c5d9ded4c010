//! Answers that a browser saves instead of showing.

use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

/// A file of that media type and name; the name is one of ours, never what somebody typed.
pub(crate) fn download(
    kind: &'static str,
    name: &'static str,
    content: impl IntoResponse,
) -> Response {
    let disposition = format!("attachment; filename=\"{name}\"");
    ([(CONTENT_TYPE, kind.to_owned()), (CONTENT_DISPOSITION, disposition)], content).into_response()
}

/// The media type of a table (RFC 4180).
pub(crate) const CSV: &str = "text/csv; charset=utf-8";
