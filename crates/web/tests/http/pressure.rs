//! Under pressure: who finds no place is told so at once, and to come again.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::Request;
use futures::channel::mpsc;
use gantry_web::{Bounds, Site, app_within};
use tower::ServiceExt;

use crate::support::House;

const SOON: Duration = Duration::from_millis(20);
/// One request at a time, with all the time it wants.
const ONE: Bounds = Bounds { at_once: 1, piece_within: Duration::from_mins(10) };

type Piece = Result<Bytes, std::io::Error>;

/// A request whose body comes as it is sent.
fn slow(token: &str) -> (mpsc::UnboundedSender<Piece>, Request<Body>) {
    let (sender, body) = mpsc::unbounded::<Piece>();
    let request = Request::post("/api/v1/crm/companies")
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/json")
        .body(Body::from_stream(body));
    (sender, request.unwrap())
}

#[tokio::test]
async fn whoever_finds_no_place_is_told_to_come_again() {
    let house = House::new().await;
    let token = house.token("anna", &["crm"]).await;
    let app = app_within(house.engine.clone(), Site::default(), ONE);
    let (sender, slow) = slow(&token);
    let slow = tokio::spawn(app.clone().oneshot(slow));
    // It holds the only place as long as its body has not come.
    let turned_away = loop {
        tokio::task::yield_now().await;
        let request = Request::get("/notice").body(Body::empty()).unwrap();
        let answer = app.clone().oneshot(request).await.unwrap();
        if answer.status() == 503 {
            break answer;
        }
    };
    assert_eq!(turned_away.headers()["retry-after"], "1");
    assert_eq!(turned_away.headers()["content-type"], "application/problem+json");
    let request = Request::get("/healthz").body(Body::empty()).unwrap();
    let answer = app.clone().oneshot(request).await.unwrap();
    assert_eq!(answer.status(), 200, "it lives, however much there is to do");
    sender.unbounded_send(Ok(r#"{"fields": {"name": "Works"}}"#.into())).unwrap();
    drop(sender);
    assert_eq!(slow.await.unwrap().unwrap().status(), 201);
    let request = Request::get("/notice").body(Body::empty()).unwrap();
    assert_eq!(app.oneshot(request).await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_body_that_does_not_come_gives_its_place_back() {
    let house = House::new().await;
    let token = house.token("anna", &["crm"]).await;
    let app =
        app_within(house.engine.clone(), Site::default(), Bounds { piece_within: SOON, ..ONE });
    let (sender, slow) = slow(&token);
    let answer = app.clone().oneshot(slow).await.unwrap();
    assert!(answer.status().is_client_error(), "{}", answer.status());
    drop(sender);
    let request = Request::get("/notice").body(Body::empty()).unwrap();
    assert_eq!(app.oneshot(request).await.unwrap().status(), 200);
}
