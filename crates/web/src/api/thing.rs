//! Things in answers: a contact, a record or an object, with its tag and its address.

use axum::Json;
use axum::http::header::{ETAG, LOCATION};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use gantry_engine::draft::{ContactView, ObjectView, RecordView};
use uuid::Uuid;

use crate::api::room::Room;
use crate::api::routes;
use crate::api::tag::entity_tag;
use crate::path::path;
use crate::shape::COMPANY;

/// Something that has a version and an address.
pub(crate) enum Thing {
    Contact(ContactView),
    /// Of a contact.
    Record(Uuid, RecordView),
    Object(ObjectView),
}

/// Where a session is, as far as addresses say it.
#[derive(Clone, Debug)]
pub(crate) struct Whereabouts {
    purpose: String,
    used: Option<String>,
}

impl Whereabouts {
    pub(crate) fn of(room: &Room) -> Whereabouts {
        Whereabouts { purpose: room.purpose.clone(), used: room.used.clone() }
    }
}

impl Thing {
    /// The thing as an answer.
    pub(crate) fn shown(self, status: StatusCode) -> Response {
        let tag = entity_tag(self.version());
        let mut response = match self {
            Thing::Contact(view) => (status, Json(view)).into_response(),
            Thing::Record(_, view) => (status, Json(view)).into_response(),
            Thing::Object(view) => (status, Json(view)).into_response(),
        };
        response.headers_mut().insert(ETAG, tag);
        response
    }

    /// The thing as the answer to the request that made it, first or again.
    pub(crate) fn made(self, status: StatusCode, here: &Whereabouts) -> Response {
        let address = self.address(here);
        let mut response = self.shown(status);
        // The use came through the door, so it is a name of the notice; so are the others.
        if let Ok(address) = HeaderValue::try_from(address) {
            response.headers_mut().insert(LOCATION, address);
        }
        response
    }

    fn version(&self) -> i64 {
        match self {
            Thing::Contact(view) => view.version,
            Thing::Record(_, view) => view.version,
            Thing::Object(view) => view.version,
        }
    }

    fn address(&self, here: &Whereabouts) -> String {
        let purpose = ("purpose", &*here.purpose);
        let address = match self {
            Thing::Contact(view) => {
                path(routes::CONTACT, &[purpose, ("contact", &view.id.to_string())])
            }
            Thing::Record(contact, view) => {
                let contact = contact.to_string();
                let names = [("contact", &*contact), ("category", &view.category)];
                path(routes::RECORD, &[&[purpose][..], &names, &[("record", &view.id)]].concat())
            }
            Thing::Object(view) if view.kind == COMPANY => {
                path(routes::COMPANY, &[purpose, ("company", &view.id)])
            }
            Thing::Object(view) => {
                path(routes::OBJECT, &[purpose, ("kind", &view.kind), ("object", &view.id)])
            }
        };
        match &here.used {
            Some(used) => format!("{address}?use={used}"),
            None => address,
        }
    }
}
