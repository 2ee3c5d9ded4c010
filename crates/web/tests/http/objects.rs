//! Companies and other objects: versions, states, search.

use serde_json::{Value, json};

use crate::support::{House, NOBODY};

#[tokio::test]
async fn a_company_is_added_found_and_changed_by_version() {
    let house = House::new().await;
    let anna = house.anna().await;
    let made = anna
        .post("/api/v1/crm/companies", &json!({ "fields": { "name": "Harbour Works Ltd" } }))
        .await
        .expect(201);
    let place = made.header("location").to_owned();
    let id = made.body["id"].as_str().unwrap();
    assert_eq!(place, format!("/api/v1/crm/companies/{id}"));
    let found = anna.get("/api/v1/crm/companies?search=name:harbour").await.expect(200);
    assert_eq!(found.body["items"][0]["id"], id);
    let change = json!({ "fields": { "country": "FI" } });
    anna.patch(&place, "", &change).await.problem(428, "version-needed", "");
    let changed = anna.patch(&place, "\"1\"", &change).await.expect(200);
    assert_eq!(changed.header("etag"), "\"2\"");
    assert_eq!(changed.body["fields"], json!({ "name": "Harbour Works Ltd", "country": "FI" }));
    anna.patch(&place, "\"1\"", &change).await.problem(412, "changed", "");
    anna.patch(&place, "*", &json!({ "fields": { "country": null } })).await.expect(200);
    let as_object = anna.get(&format!("/api/v1/crm/objects/company/{id}")).await.expect(200);
    assert_eq!(as_object.body["fields"], json!({ "name": "Harbour Works Ltd" }));
}

#[tokio::test]
async fn contacts_of_a_company_are_found_by_it() {
    let house = House::new().await;
    let anna = house.anna().await;
    let company = anna.company("Harbour Works Ltd").await;
    let mut draft = crate::support::contact("FI");
    draft["company"] = json!(company);
    let made = anna.post("/api/v1/crm/contacts", &draft).await.expect(201);
    anna.contact("FI").await;
    let in_order = anna.get("/api/v1/crm/contacts?sort=company&country=fi&limit=1").await;
    let in_order = in_order.expect(200);
    assert_eq!(in_order.body["items"], json!([made.body]), "who has no company comes last");
    assert!(in_order.body["next"].is_string());
    let page = anna.get(&format!("/api/v1/crm/contacts?company={company}")).await.expect(200);
    assert_eq!(page.body["items"], json!([made.body]));
    let path = format!("/api/v1/crm/contacts/{}", made.body["id"].as_str().unwrap());
    let left = anna.patch(&path, "", &json!({ "company": null })).await.expect(200);
    assert_eq!(left.body["company"], json!(null));
    let changed = json!({ "data": { "identity": { "title": "Dr" } } });
    anna.patch(&path, "", &json!({ "company": company })).await.expect(200);
    let kept = anna.patch(&path, "", &changed).await.expect(200);
    assert_eq!(kept.body["company"], json!(company), "what is not named stays");
    draft["company"] = json!(NOBODY);
    let refused = anna.post("/api/v1/crm/contacts", &draft).await.problem(422, "invalid", "");
    assert_eq!(refused.body["errors"][0]["field"], "company");
}

#[tokio::test]
async fn objects_are_listed_by_company_state_and_page_and_searched() {
    let house = House::new().await;
    let anna = house.anna().await;
    let company = anna.company("Harbour Works Ltd").await;
    for number in 1..=5 {
        let order = json!({ "company": company, "fields": { "number": format!("SO-{number}") } });
        let made = anna.post("/api/v1/sales/objects/order", &order).await.expect(201);
        assert!(made.header("location").starts_with("/api/v1/sales/objects/order/"));
    }
    let orders = "/api/v1/sales/objects/order";
    let all = anna.get(&format!("{orders}?company={company}&limit=3")).await.expect(200).body;
    assert_eq!(all["items"].as_array().unwrap().len(), 3);
    let next = all["next"].as_str().unwrap();
    let rest = format!("{orders}?company={company}&limit=3&cursor={next}");
    let rest = anna.get(&rest).await.expect(200).body;
    assert_eq!(rest["items"].as_array().unwrap().len(), 2);
    assert_eq!(rest["next"], Value::Null);
    let one = anna.get(&format!("{orders}?search=number:SO-4")).await.expect(200).body;
    assert_eq!(one["items"][0]["fields"]["number"], "SO-4");
    let state = all["items"][0]["state"].as_str().unwrap();
    let open = anna.get(&format!("{orders}?state={state}")).await.expect(200).body;
    assert_eq!(open["items"].as_array().unwrap().len(), 5);
    for bad in ["search=SO-4", "search=amount:1", "search=number:1&state=x", "colour=red"] {
        anna.get(&format!("{orders}?{bad}")).await.problem(422, "invalid", "");
    }
}

#[tokio::test]
async fn an_object_without_what_the_notice_requires_is_invalid_and_says_what() {
    let house = House::new().await;
    let anna = house.anna().await;
    let answer =
        anna.post("/api/v1/crm/companies", &json!({ "fields": { "colour": "red" } })).await;
    let body = answer.problem(422, "invalid", "").body;
    let fields: Vec<&str> =
        body["errors"].as_array().unwrap().iter().map(|e| e["field"].as_str().unwrap()).collect();
    assert_eq!(fields, ["company.colour", "company.name"]);
    let order = json!({ "fields": { "number": "SO-1" } });
    let answer = anna.post("/api/v1/sales/objects/order", &order).await;
    assert_eq!(answer.problem(422, "invalid", "").body["errors"][0]["field"], "company");
    anna.get("/api/v1/sales/objects/spaceship").await.problem(403, "refused", "unknown");
}
