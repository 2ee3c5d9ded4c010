//! What a page is asked for behind the `?`. A name that the page does not know leads nowhere.

use axum::extract::{FromRequestParts, Query as Behind};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use crate::app::Shell;
use crate::page::Failure;

/// The query of a page, in the form that its handler takes.
pub(crate) struct Query<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequestParts<Shell> for Query<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &Shell) -> Result<Query<T>, Failure> {
        let query = Behind::<T>::try_from_uri(&parts.uri);
        query.map(|Behind(query)| Query(query)).map_err(|_| Failure::NotFound)
    }
}
