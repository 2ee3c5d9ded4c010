//! Under pressure: who finds no place is told so at once, and to come again.

use axum::body::{Body, Bytes};
use axum::http::Request;
use futures::channel::mpsc;
use gantry_web::app_with_places;
use tower::ServiceExt;

use crate::support::House;

#[tokio::test]
async fn whoever_finds_no_place_is_told_to_come_again() {
    let house = House::new().await;
    let token = house.token("anna", &["crm"]).await;
    let app = app_with_places(house.engine.clone(), gantry_web::Site::default(), 1);
    let (sender, body) = mpsc::unbounded::<Result<Bytes, std::io::Error>>();
    let slow = Request::post("/api/v1/crm/companies")
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/json")
        .body(Body::from_stream(body))
        .unwrap();
    let slow = tokio::spawn(app.clone().oneshot(slow));
    // It holds the only place as long as its body has not come.
    let turned_away = loop {
        tokio::task::yield_now().await;
        let request = Request::get("/healthz").body(Body::empty()).unwrap();
        let answer = app.clone().oneshot(request).await.unwrap();
        if answer.status() == 503 {
            break answer;
        }
    };
    assert_eq!(turned_away.headers()["retry-after"], "1");
    assert_eq!(turned_away.headers()["content-type"], "application/problem+json");
    sender.unbounded_send(Ok(r#"{"fields": {"name": "Works"}}"#.into())).unwrap();
    drop(sender);
    assert_eq!(slow.await.unwrap().unwrap().status(), 201);
    let request = Request::get("/healthz").body(Body::empty()).unwrap();
    assert_eq!(app.oneshot(request).await.unwrap().status(), 200);
}
