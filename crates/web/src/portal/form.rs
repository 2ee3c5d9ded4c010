//! Forms: of bounded size, sent in time, and from a page of ours.

use std::time::Duration;

use axum::body::to_bytes;
use axum::extract::Request;
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;

use super::fault::Fault;

/// The largest form: the words of a request, four bytes a letter, with all that is escaped in them.
const MAX_FORM: usize = 128 << 10;
/// Fields of a form, at most.
const MAX_FIELDS: usize = 200;
/// A form must have come after this long, so that nobody holds a place by sending slowly.
const FORM_WITHIN: Duration = Duration::from_secs(15);
/// The field by which a form is known to be from a page of ours.
pub(super) const TOKEN: &str = "form";

/// What was filled in, by the names of the fields.
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    /// Reads a form that carries the token which pages for this reader carry.
    pub(super) async fn read(request: Request, token: &str) -> Result<Form, Fault> {
        if !is_form(request.headers()) {
            return Err(Fault::Form);
        }
        let body = to_bytes(request.into_body(), MAX_FORM);
        let bytes = match tokio::time::timeout(FORM_WITHIN, body).await {
            Ok(Ok(bytes)) => bytes,
            Ok(Err(_)) => return Err(Fault::TooLarge),
            Err(_) => return Err(Fault::TooSlow),
        };
        let fields = form_urlencoded::parse(&bytes).take(MAX_FIELDS);
        let form = Form(fields.map(|(name, text)| (name.into(), text.into())).collect());
        if form.text(TOKEN) == token { Ok(form) } else { Err(Fault::Form) }
    }

    /// What was filled in; empty where nothing was.
    pub(super) fn text(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, text)| text.as_str())
    }

    /// All fields.
    pub(super) fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, text)| (name.as_str(), text.as_str()))
    }
}

fn is_form(headers: &HeaderMap) -> bool {
    let said = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = said.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}
