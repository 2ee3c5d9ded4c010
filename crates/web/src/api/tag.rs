//! Versions as entity tags: `ETag` on the way out, `If-Match` on the way in (RFC 9110, 13.1.1).

use axum::extract::FromRequestParts;
use axum::http::HeaderValue;
use axum::http::header::IF_MATCH;
use axum::http::request::Parts;
use gantry_engine::EngineError;

use crate::app::Shell;
use crate::problem::{Kind, Problem};

/// What a request says of the version it means to change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IfMatch {
    /// Nothing.
    Silent,
    /// `*`: whatever version there is.
    Any,
    /// This one.
    Version(i64),
}

impl IfMatch {
    /// The version that the engine is to find.
    pub(crate) fn version(self) -> Option<i64> {
        match self {
            IfMatch::Version(version) => Some(version),
            IfMatch::Silent | IfMatch::Any => None,
        }
    }

    /// Refuses a change that does not say which version it means.
    pub(crate) fn needed(self) -> Result<IfMatch, Problem> {
        let hint = "send the `ETag` you have read as `If-Match`, or `If-Match: *`";
        if self == IfMatch::Silent {
            return Err(Problem::new(Kind::VersionNeeded, hint));
        }
        Ok(self)
    }

    /// The problem that an error of the change is.
    pub(crate) fn problem(self, error: EngineError) -> Problem {
        Problem::of(error, self != IfMatch::Silent)
    }
}

impl FromRequestParts<Shell> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Shell) -> Result<IfMatch, Problem> {
        let mut given = parts.headers.get_all(IF_MATCH).iter();
        let (Some(header), more) = (given.next(), given.next()) else {
            return Ok(IfMatch::Silent);
        };
        let text = header.to_str().ok().filter(|_| more.is_none()).unwrap_or_default();
        parse(text)
    }
}

/// The entity tag of a version.
pub(crate) fn entity_tag(version: i64) -> HeaderValue {
    HeaderValue::try_from(format!("\"{version}\""))
        .unwrap_or_else(|_| HeaderValue::from_static("\"\""))
}

fn parse(text: &str) -> Result<IfMatch, Problem> {
    let text = text.trim();
    if text == "*" {
        return Ok(IfMatch::Any);
    }
    let bare = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    match bare {
        Some(tag) if !tag.contains('"') => {
            // A tag that was never given out matches no version, and a version is never below 0.
            Ok(IfMatch::Version(tag.parse().unwrap_or(-1)))
        }
        // A weak tag never matches where a change is guarded.
        None if text.starts_with("W/\"") && text.ends_with('"') => Ok(IfMatch::Version(-1)),
        _ => Err(Problem::new(Kind::Malformed, "`If-Match` takes one entity tag, or `*`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_tag_is_a_version_and_anything_strange_matches_none() {
        assert_eq!(parse("\"7\"").unwrap(), IfMatch::Version(7));
        assert_eq!(parse(" * ").unwrap(), IfMatch::Any);
        assert_eq!(parse("\"seven\"").unwrap(), IfMatch::Version(-1));
        assert_eq!(parse("W/\"7\"").unwrap(), IfMatch::Version(-1));
        assert!(parse("7").is_err());
        assert!(parse("\"7\", \"8\"").is_err());
        assert!(parse("").is_err());
    }
}
