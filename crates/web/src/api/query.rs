//! What a request asks for behind the `?`. A name that the route does not know is refused, so that
//! a filter with a typing error does not give everything.

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use gantry_engine::session::{MAX_PAGE, Sort};
use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Deserializer};

use crate::app::Shell;
use crate::problem::Problem;

/// Items on a page where the request does not say.
pub(crate) const USUAL_PAGE: usize = 50;

/// The query of a request, in the form that its handler takes.
pub(crate) struct Asked<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequestParts<Shell> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Shell) -> Result<Asked<T>, Problem> {
        match Query::<T>::try_from_uri(&parts.uri) {
            Ok(Query(query)) => Ok(Asked(query)),
            Err(rejection) => Err(Problem::invalid("query", fault_of(&rejection.body_text()))),
        }
    }
}

/// The use; the session has taken it already.
#[derive(Default)]
pub(crate) struct Used;

impl<'de> Deserialize<'de> for Used {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Used, D::Error> {
        IgnoredAny::deserialize(deserializer).map(|_| Used)
    }
}

/// A query with nothing but the use.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Plain {
    #[serde(default, rename = "use")]
    _used: Used,
}

/// The size of a page.
pub(crate) fn size(limit: Option<usize>) -> Result<usize, Problem> {
    let limit = limit.unwrap_or(USUAL_PAGE);
    if (1..=MAX_PAGE).contains(&limit) {
        return Ok(limit);
    }
    Err(Problem::invalid("limit", format!("is not a number from 1 to {MAX_PAGE}")))
}

/// An order that a request names.
pub(crate) fn sort_of(text: &str) -> Result<Sort, Problem> {
    Sort::of_text(text).ok_or_else(|| Problem::invalid("sort", "is not a column of this list"))
}

/// The part of the framework's text that tells what is wrong.
fn fault_of(text: &str) -> String {
    text.rsplit_once("query string: ").map_or(text, |(_, fault)| fault).to_owned()
}
