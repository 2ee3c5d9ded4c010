//! What purposes see that work without people: aliased records, and tables of counts and sums.

use axum::Json;
use axum::response::{IntoResponse, Response};
use gantry_engine::session::{Report, Subject, Table};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::api::query::{Asked, Used, size};
use crate::api::room::Room;
use crate::problem::Problem;

/// Which records under aliases.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AliasedQuery {
    category: String,
    cursor: Option<String>,
    limit: Option<usize>,
    #[serde(default, rename = "use")]
    _used: Used,
}

/// What to report.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReportQuery {
    /// `records:CATEGORY` or `objects:KIND`.
    of: String,
    /// Up to two fields or periods, with a comma between.
    by: Option<String>,
    sum: Option<String>,
    #[serde(default, rename = "use")]
    _used: Used,
}

/// Records of a category under the purpose's aliases.
pub(crate) async fn aliased(
    room: Room,
    Asked(query): Asked<AliasedQuery>,
) -> Result<Response, Problem> {
    let session = room.session.pseudonymous()?;
    let cursor = query.cursor.as_deref();
    let page = session.records(&query.category, cursor, size(query.limit)?).await?;
    Ok(Json(page).into_response())
}

/// A table of counts and sums.
pub(crate) async fn report(
    room: Room,
    Asked(query): Asked<ReportQuery>,
) -> Result<Response, Problem> {
    let session = room.session.aggregate()?;
    let table = session.report(&query.report()?).await?;
    Ok(Json(laid_out(&table)).into_response())
}

fn laid_out(table: &Table) -> Value {
    let line = |(name, cells): &(String, _)| json!({ "name": name, "cells": cells });
    json!({
        "by": table.by,
        "columns": table.columns,
        "lines": table.lines.iter().map(line).collect::<Vec<_>>(),
        "smallest_cell": table.smallest_cell,
    })
}

impl ReportQuery {
    fn report(self) -> Result<Report, Problem> {
        let subject = match self.of.split_once(':') {
            Some(("records", category)) => Subject::Records(category.to_owned()),
            Some(("objects", kind)) => Subject::Objects(kind.to_owned()),
            _ => {
                let fault = "is not `records:CATEGORY` or `objects:KIND`";
                return Err(Problem::invalid("of", fault));
            }
        };
        let by = self.by.unwrap_or_default();
        let by = by.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect();
        Ok(Report { subject, by, sum: self.sum })
    }
}
