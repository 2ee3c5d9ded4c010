//! Where one can go: purposes and their pages, for the palette. Purposes that the account does not have
//! are not among them.

use axum::Json;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::console::door::Who;
use crate::console::frame::{open, tabs_of};
use crate::shape;

/// The places.
pub(crate) async fn places(who: Who) -> Response {
    let notice = who.policy.policy().notice();
    let mut places: Vec<Value> = Vec::new();
    let rooms = notice.purposes.iter().filter(|(id, _)| open(&who.rooms, id));
    for (id, purpose) in rooms {
        places.push(
            json!({ "number": purpose.number, "title": purpose.title, "href": format!("/{id}") }),
        );
        let kinds = shape::kinds(&who.policy, id);
        for (path, title) in
            tabs_of(id, notice, &kinds).into_iter().filter(|(path, _)| !path.is_empty())
        {
            places.push(json!({
                "number": purpose.number,
                "title": title,
                "of": purpose.title,
                "href": format!("/{id}/{path}"),
            }));
        }
    }
    for (title, href) in [("The notice", "/house/notice"), ("Your account", "/house/you")] {
        places.push(json!({ "title": title, "href": href }));
    }
    Json(json!({ "places": places })).into_response()
}
