//! Idempotency keys: what is asked for twice happens once.

use serde_json::{Value, json};

use crate::support::{Answer, Client, House, contact};

async fn keyed(client: &Client, path: &str, key: &str, body: &Value) -> Answer {
    let body = body.to_string().into_bytes();
    client.send("POST", path, &[("idempotency-key", key)], Some(body)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_post_twenty_times_at_once_makes_one_thing() {
    let house = House::new().await;
    let anna = house.anna().await;
    let owner = anna.contact("SE").await;
    let posts = [
        ("/api/v1/crm/contacts".to_owned(), contact("FI")),
        ("/api/v1/crm/companies".to_owned(), json!({ "fields": { "name": "Harbour Works Ltd" } })),
        (
            format!("/api/v1/crm/contacts/{owner}/records"),
            json!({ "category": "communications", "fields": { "channel": "phone" } }),
        ),
    ];
    for (key, (path, body)) in (1..).zip(posts) {
        let key = format!("key-{key}");
        let mut running = tokio::task::JoinSet::new();
        for _ in 0..20 {
            let (client, path, body) = (anna.clone(), path.clone(), body.clone());
            let key = key.clone();
            running.spawn(async move { keyed(&client, &path, &key, &body).await });
        }
        let answers = running.join_all().await;
        let first: Vec<&Answer> = answers.iter().filter(|answer| answer.status == 201).collect();
        assert_eq!(first.len(), 1, "{path}");
        for answer in &answers {
            assert!(answer.status == 201 || answer.status == 200, "{}", answer.body);
            assert_eq!(answer.body["id"], first[0].body["id"]);
            assert_eq!(answer.header("location"), first[0].header("location"));
        }
    }
    let contacts = anna.get("/api/v1/crm/contacts").await.expect(200);
    assert_eq!(contacts.body["items"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_key_stands_for_one_request_of_one_actor_and_one_use() {
    let house = House::new().await;
    let anna = house.anna().await;
    let path = "/api/v1/crm/contacts";
    let made = keyed(&anna, path, "k", &contact("FI")).await.expect(201);
    let again = keyed(&anna, path, "k", &contact("FI")).await.expect(200);
    assert_eq!(made.body, again.body);
    let other = keyed(&anna, path, "k", &contact("SE")).await.problem(422, "invalid", "");
    assert_eq!(other.body["errors"][0]["field"], "Idempotency-Key");
    house.account("bert", &["*"]).await;
    let bert = house.client("bert", &["crm"]).await;
    keyed(&bert, path, "k", &contact("SE")).await.expect(201);
    keyed(&anna, "/api/v1/sales/contacts", "k", &contact("FI")).await.expect(201);
}

#[tokio::test]
async fn whoever_asks_again_gets_the_thing_as_it_is_now_and_may_be_refused_it() {
    let house = House::new().await;
    let anna = house.anna().await;
    let path = "/api/v1/crm/contacts";
    let made = keyed(&anna, path, "k", &contact("FI")).await.expect(201);
    let place = made.header("location").to_owned();
    let change = json!({ "data": { "identity": { "given_name": "Eeva" } } });
    anna.patch(&place, "*", &change).await.expect(200);
    let again = keyed(&anna, path, "k", &contact("FI")).await.expect(200);
    assert_eq!(again.body["data"]["identity"]["given_name"], "Eeva");
    anna.post(&format!("{}/erasure", place.replace("/crm/", "/claims/")), &Value::Null)
        .await
        .expect(200);
    keyed(&anna, path, "k", &contact("FI")).await.problem(403, "refused", "erased");
}

#[tokio::test]
async fn a_request_that_failed_uses_no_key_up() {
    let house = House::new().await;
    let anna = house.anna().await;
    let path = "/api/v1/crm/companies";
    keyed(&anna, path, "k", &json!({ "fields": {} })).await.problem(422, "invalid", "");
    keyed(&anna, path, "k", &json!({ "fields": { "name": "Works" } })).await.expect(201);
}

#[tokio::test]
async fn a_key_that_is_none_is_refused() {
    let house = House::new().await;
    let anna = house.anna().await;
    let long = "k".repeat(129);
    for key in ["", "two words", &long] {
        let answer = keyed(&anna, "/api/v1/crm/contacts", key, &contact("FI")).await;
        answer.problem(422, "invalid", "");
    }
    let twice = [("idempotency-key", "a"), ("idempotency-key", "b")];
    let body = contact("FI").to_string().into_bytes();
    let answer = anna.send("POST", "/api/v1/crm/contacts", &twice, Some(body)).await;
    answer.problem(400, "malformed", "");
}
