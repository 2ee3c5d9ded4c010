//! Contacts: found, shown, added, changed, exported, explained.

use std::collections::BTreeMap;

use axum::Json;
use axum::http::header::CONTENT_DISPOSITION;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use gantry_engine::Find;
use gantry_engine::draft::{ContactDraft, ProfileChange};
use gantry_engine::session::ContactQuery;
use gantry_notice::Operation;
use serde::{Deserialize, Deserializer};
use serde_json::json;
use uuid::Uuid;

use crate::api::body::{Fields, Sent, texts};
use crate::api::name::Names;
use crate::api::once::{Draft, Once, make};
use crate::api::query::{Asked, Plain, Used, size, sort_of};
use crate::api::room::Room;
use crate::api::tag::IfMatch;
use crate::api::thing::Thing;
use crate::problem::Problem;

/// Which contacts.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListQuery {
    email: Option<String>,
    phone: Option<String>,
    name: Option<String>,
    company: Option<Uuid>,
    country: Option<String>,
    having: Option<String>,
    sort: Option<String>,
    cursor: Option<String>,
    limit: Option<usize>,
    #[serde(default, rename = "use")]
    _used: Used,
}

/// A contact to be.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewContact {
    country: Option<String>,
    company: Option<Uuid>,
    #[serde(default)]
    sole_trader: bool,
    #[serde(default)]
    customer: bool,
    #[serde(default)]
    consents: Vec<String>,
    #[serde(default)]
    data: BTreeMap<String, Fields>,
}

/// What is to change of a contact.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Change {
    #[serde(default)]
    data: BTreeMap<String, Fields>,
    /// `null` takes it away; where it is not named, it stays (RFC 7396).
    #[serde(default, deserialize_with = "named")]
    company: Option<Represents>,
}

/// A company, or none.
struct Represents(Option<Uuid>);

fn named<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Represents>, D::Error> {
    Deserialize::deserialize(deserializer).map(|company| Some(Represents(company)))
}

/// What is asked to be explained.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WhyQuery {
    category: String,
    operation: Option<String>,
    #[serde(default, rename = "use")]
    _used: Used,
}

/// Contacts that the purpose may see.
pub(crate) async fn list(room: Room, Asked(query): Asked<ListQuery>) -> Result<Response, Problem> {
    let people = room.session.identified()?;
    let (cursor, limit) = (query.cursor.clone(), size(query.limit)?);
    let page = people.contacts(&query.asked()?, cursor.as_deref(), limit).await?;
    Ok(Json(page).into_response())
}

/// Adds a contact.
pub(crate) async fn add(
    room: Room,
    _: Asked<Plain>,
    once: Once,
    body: Sent<NewContact>,
) -> Result<Response, Problem> {
    let draft = Draft::Contact(body.value.draft());
    make(room, once, &body.bytes, draft).await
}

/// One contact.
pub(crate) async fn show(room: Room, names: Names, _: Asked<Plain>) -> Result<Response, Problem> {
    let people = room.session.identified()?;
    let view = people.contact(names.id("contact")?).await?;
    Ok(Thing::Contact(view).shown(StatusCode::OK))
}

/// Changes a contact's profile.
pub(crate) async fn change(
    room: Room,
    names: Names,
    _: Asked<Plain>,
    if_match: IfMatch,
    body: Sent<Change>,
) -> Result<Response, Problem> {
    let people = room.session.identified()?;
    let (contact, version) = (names.id("contact")?, if_match.version());
    let Change { data, company } = body.value;
    let company = company.map(|Represents(company)| company);
    let change = ProfileChange { data: texts(data), company };
    let changed = people.change_profile(contact, &change, version).await;
    let view = changed.map_err(|error| if_match.problem(error))?;
    Ok(Thing::Contact(view).shown(StatusCode::OK))
}

/// All that the purpose may see of a contact, to be taken along; under the purpose that answers
/// contacts' requests, also why it is held.
pub(crate) async fn export(room: Room, names: Names, _: Asked<Plain>) -> Result<Response, Problem> {
    let people = room.session.identified()?;
    let id = names.id("contact")?;
    let mut response = if people.answers_requests() {
        Json(people.access(id).await?).into_response()
    } else {
        let (contact, records) = people.export(id).await?;
        Json(json!({ "contact": contact, "records": records })).into_response()
    };
    let name = format!("attachment; filename=\"contact-{id}.json\"");
    if let Ok(name) = HeaderValue::try_from(name) {
        response.headers_mut().insert(CONTENT_DISPOSITION, name);
    }
    Ok(response)
}

/// Why the purpose may or may not do something with a category of a contact.
pub(crate) async fn why(
    room: Room,
    names: Names,
    Asked(query): Asked<WhyQuery>,
) -> Result<Response, Problem> {
    let people = room.session.identified()?;
    let operation = match query.operation.as_deref() {
        None => Operation::Read,
        Some(word) => Operation::of_word(word).ok_or_else(|| {
            Problem::invalid("operation", "is not read, collect, change, derive or disclose")
        })?,
    };
    let why = people.why(names.id("contact")?, &query.category, operation).await?;
    Ok(Json(why).into_response())
}

impl ListQuery {
    fn asked(self) -> Result<ContactQuery, Problem> {
        let (country, having, sort) =
            (self.country.clone(), self.having.clone(), self.sort.clone());
        let having = having.as_deref().map_or(Ok(Vec::new()), ContactQuery::having_of)?;
        let sort = sort.as_deref().map(sort_of).transpose()?;
        Ok(ContactQuery { find: self.find()?, country, having, sort })
    }

    /// The one thing to find by; several would promise more than a look-up does.
    fn find(self) -> Result<Find, Problem> {
        match (self.email, self.phone, self.name, self.company) {
            (None, None, None, None) => Ok(Find::All),
            (Some(email), None, None, None) => Ok(Find::Email(email)),
            (None, Some(phone), None, None) => Ok(Find::Phone(phone)),
            (None, None, Some(name), None) => Ok(Find::Words(name)),
            (None, None, None, Some(company)) => Ok(Find::Company(company)),
            _ => Err(Problem::invalid("query", "takes one of email, phone, name and company")),
        }
    }
}

impl NewContact {
    fn draft(self) -> ContactDraft {
        ContactDraft {
            country: self.country,
            company: self.company,
            sole_trader: self.sole_trader,
            customer: self.customer,
            consents: self.consents,
            data: texts(self.data),
        }
    }
}
