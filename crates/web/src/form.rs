//! Forms as browsers send them: names and values, of bounded size, read within a bounded time.

use std::time::Duration;

use axum::body::to_bytes;
use axum::extract::Request;
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use gantry_engine::draft::FieldTexts;

/// The largest form.
pub(crate) const MAX_FORM: usize = 1 << 20;
/// At most so many fields in one.
pub(crate) const MAX_FIELDS: usize = 1_000;
/// A form must have come after this long, so that nobody holds a place by sending slowly.
const FORM_WITHIN: Duration = Duration::from_secs(15);

/// What a form says.
#[derive(Debug, Default)]
pub(crate) struct Form(pub(crate) Vec<(String, String)>);

/// Why a form was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unread {
    /// It is no form.
    NoForm,
    TooLarge,
    TooSlow,
}

impl Form {
    /// Reads the form of a request, of at most so many bytes.
    pub(crate) async fn read(request: Request, most: usize) -> Result<Form, Unread> {
        if !is_form(request.headers()) {
            return Err(Unread::NoForm);
        }
        let body = to_bytes(request.into_body(), most);
        let bytes = match tokio::time::timeout(FORM_WITHIN, body).await {
            Ok(Ok(bytes)) => bytes,
            Ok(Err(_)) => return Err(Unread::TooLarge),
            Err(_) => return Err(Unread::TooSlow),
        };
        Ok(Form(form_urlencoded::parse(&bytes).into_owned().take(MAX_FIELDS).collect()))
    }

    /// The value of a name; empty where there is none.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.given(name).unwrap_or_default()
    }

    /// The value of a name, where the form has it.
    pub(crate) fn given(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(one, _)| one == name).map(|(_, value)| value.as_str())
    }

    /// The value of a name without blanks around it, where it says anything.
    pub(crate) fn filled(&self, name: &str) -> Option<&str> {
        self.given(name).map(str::trim).filter(|value| !value.is_empty())
    }

    /// The values of names that begin so and are another than what was there, by the rest of the name.
    pub(crate) fn differing(&self, prefix: &str, was: impl Fn(&str) -> String) -> FieldTexts {
        let named = self.0.iter().filter_map(|(name, value)| {
            let rest = name.strip_prefix(prefix)?;
            Some((rest.to_owned(), value.trim().to_owned()))
        });
        named.filter(|(name, value)| *value != was(name)).collect()
    }

    /// All names and values.
    pub(crate) fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

fn is_form(headers: &HeaderMap) -> bool {
    let said = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = said.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}
