//! What the API says of the notice, and of itself.

use serde_json::json;

use crate::support::House;

#[tokio::test]
async fn a_token_lists_the_purposes_that_it_may_work_for() {
    let house = House::new().await;
    house.account("maria", &["marketer", "analyst"]).await;
    let maria = house.client("maria", &["marketing", "reporting", "crm"]).await;
    let list = maria.get("/api/v1").await.expect(200).body;
    assert_eq!(list["notice"]["id"], "customer-contacts");
    let purposes = list["purposes"].as_array().unwrap();
    let ids: Vec<&str> = purposes.iter().map(|p| p["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["reporting", "marketing"]);
    for purpose in purposes {
        maria.get(purpose["href"].as_str().unwrap()).await.expect(200);
    }
    maria.get("/api/v1/crm").await.problem(403, "refused", "role-lacks-purpose");
    let all = house.anna().await.get("/api/v1").await.expect(200).body;
    assert_eq!(all["purposes"].as_array().unwrap().len(), 16);
}

#[tokio::test]
async fn a_purpose_says_what_it_may_do_for_a_use() {
    let house = House::new().await;
    let anna = house.anna().await;
    let plant = anna.get("/api/v1/manufacturing").await.expect(200).body;
    assert_eq!((&plant["mode"], &plant["number"]), (&json!("identified"), &json!(8)));
    let categories = plant["categories"].as_array().unwrap();
    let ids: Vec<&str> = categories.iter().map(|c| c["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["identity", "contact-details", "orders"]);
    assert_eq!(categories[1]["operations"], json!(["read"]));
    assert_eq!(categories[2]["window"], "12 months after object closed");
    let fields = categories[1]["fields"].as_array().unwrap();
    let fields: Vec<&str> = fields.iter().map(|f| f["id"].as_str().unwrap()).collect();
    assert_eq!(fields, ["phone", "mobile"]);
    let campaigns = anna.get("/api/v1/marketing").await.expect(200).body;
    let preferences = anna.get("/api/v1/marketing?use=preferences").await.expect(200).body;
    assert_eq!(
        (&campaigns["use"], &preferences["use"]),
        (&json!("campaigns"), &json!("preferences"))
    );
    assert!(
        preferences["categories"].as_array().unwrap().len()
            < campaigns["categories"].as_array().unwrap().len()
    );
    // No identifying field is told of where nobody is identified.
    let research = anna.get("/api/v1/research").await.expect(200).body.to_string();
    assert!(!research.contains("given_name") && !research.contains("\"email\""));
}

#[tokio::test]
async fn every_answer_is_private_and_has_an_id() {
    let house = House::new().await;
    let anna = house.anna().await;
    let mut ids = Vec::new();
    for path in ["/healthz", "/api/v1", "/api/v1/crm/contacts", "/nowhere", "/api/v1/espionage"] {
        let answer = anna.get(path).await;
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert!(answer.header("content-security-policy").contains("default-src 'none'"));
        ids.push(answer.header("x-request-id").to_owned());
    }
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 5);
}

#[tokio::test]
async fn anybody_may_ask_whether_it_answers_and_what_a_problem_means() {
    let house = House::new().await;
    let nobody = house.client_of(None);
    assert_eq!(nobody.get("/healthz").await.expect(200).body["status"], "ok");
    let problem = nobody.get("/api/v1").await.problem(401, "sign-in", "");
    let meaning = nobody.get(problem.body["type"].as_str().unwrap()).await.expect(200);
    assert_eq!(meaning.body["status"], 401);
    nobody.get("/problems/whatever").await.problem(404, "not-found", "");
}
