//! Business objects, and companies, which are objects of a kind with a path of its own.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use gantry_engine::Session;
use gantry_engine::draft::ObjectDraft;
use gantry_engine::session::ObjectQuery;
use serde::Deserialize;
use uuid::Uuid;

use crate::api::body::{Fields, Sent};
use crate::api::name::Names;
use crate::api::once::{Draft, Once, make};
use crate::api::query::{Asked, Plain, Used, size, sort_of};
use crate::api::room::Room;
use crate::api::tag::IfMatch;
use crate::api::thing::Thing;
use crate::problem::Problem;
use crate::shape::COMPANY;

/// Which objects.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListQuery {
    /// `field:text`.
    search: Option<String>,
    state: Option<String>,
    company: Option<Uuid>,
    part_of: Option<Uuid>,
    sort: Option<String>,
    cursor: Option<String>,
    limit: Option<usize>,
    #[serde(default, rename = "use")]
    _used: Used,
}

/// An object to be, or what is to change of one.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewObject {
    at: Option<String>,
    company: Option<Uuid>,
    part_of: Option<Uuid>,
    person: Option<Uuid>,
    state: Option<String>,
    #[serde(default)]
    fields: Fields,
}

/// Objects of a kind that the purpose may see; under aliases in a pseudonymous one.
pub(crate) async fn list(
    room: Room,
    names: Names,
    Asked(query): Asked<ListQuery>,
) -> Result<Response, Problem> {
    let (kind, cursor, limit) = (kind(&names), query.cursor.clone(), size(query.limit)?);
    let (asked, cursor) = (query.asked()?, cursor.as_deref());
    let page = match &room.session {
        Session::Pseudonymous(session) if asked == ObjectQuery::default() => {
            session.objects(kind, cursor, limit).await?
        }
        Session::Pseudonymous(_) => {
            // A filter could tell whom an alias stands for.
            return Err(Problem::invalid("query", "takes no filter in a pseudonymous purpose"));
        }
        session => session.identified()?.objects(kind, &asked, cursor, limit).await?,
    };
    Ok(Json(page).into_response())
}

/// Adds an object.
pub(crate) async fn add(
    room: Room,
    names: Names,
    _: Asked<Plain>,
    once: Once,
    body: Sent<NewObject>,
) -> Result<Response, Problem> {
    let draft = Draft::Object(kind(&names).to_owned(), body.value.draft());
    make(room, once, &body.bytes, draft).await
}

/// One object.
pub(crate) async fn show(room: Room, names: Names, _: Asked<Plain>) -> Result<Response, Problem> {
    let session = room.session.identified()?;
    let view = session.object(kind(&names), id(&names)?).await?;
    Ok(Thing::Object(view).shown(StatusCode::OK))
}

/// Changes an object. It must say of which version: states follow on each other, and whoever has not
/// seen the last one may not set the next.
pub(crate) async fn change(
    room: Room,
    names: Names,
    _: Asked<Plain>,
    if_match: IfMatch,
    body: Sent<NewObject>,
) -> Result<Response, Problem> {
    let session = room.session.identified()?;
    let (object, version) = (id(&names)?, if_match.needed()?.version());
    let changed = session.change_object(kind(&names), object, &body.value.draft(), version).await;
    let view = changed.map_err(|error| if_match.problem(error))?;
    Ok(Thing::Object(view).shown(StatusCode::OK))
}

/// The kind in the path; the routes of companies have none.
fn kind(names: &Names) -> &str {
    names.text("kind").unwrap_or(COMPANY)
}

fn id(names: &Names) -> Result<Uuid, Problem> {
    names.id("object").or_else(|_| names.id("company"))
}

impl ListQuery {
    fn asked(self) -> Result<ObjectQuery, Problem> {
        let sort = self.sort.as_deref().map(sort_of).transpose()?;
        let Some(search) = self.search else {
            let ListQuery { state, company, part_of, .. } = self;
            return Ok(ObjectQuery { company, state, part_of, search: None, sort });
        };
        if self.state.is_some() || self.company.is_some() || self.part_of.is_some() {
            return Err(Problem::invalid("search", "goes with no other filter"));
        }
        let (field, text) = search
            .split_once(':')
            .ok_or_else(|| Problem::invalid("search", "is not `field:text`"))?;
        let search = Some((field.to_owned(), text.to_owned()));
        Ok(ObjectQuery { search, sort, ..ObjectQuery::default() })
    }
}

impl NewObject {
    fn draft(self) -> ObjectDraft {
        ObjectDraft {
            at: self.at,
            company: self.company,
            part_of: self.part_of,
            person: self.person,
            state: self.state,
            fields: self.fields.0,
        }
    }
}
