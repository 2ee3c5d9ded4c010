//! Requests that mean harm or make no sense: a clear problem, and nothing is done.

use crate::support::{House, contact};

const CONTACTS: &str = "/api/v1/crm/contacts";
const JSON: (&str, &str) = ("content-type", "application/json");

#[tokio::test]
async fn a_body_that_is_no_json_is_malformed() {
    let house = House::new().await;
    let anna = house.anna().await;
    let deep = "[".repeat(100_000);
    let deep_value = format!("{{\"data\": {}", "{\"a\":".repeat(100_000));
    let deep_field = format!("{{\"data\":{{\"identity\":{{\"given_name\":{deep}");
    let cases: [&[u8]; 9] = [
        b"",
        b"{",
        b"\xff\xfe",
        b"{\"data\":{\"identity\":{\"given_name\":\"\xc3\x28\"}}}",
        b"{\"data\":{\"identity\":{\"given_name\":\"\\ud800\"}}}",
        b"{} {}",
        deep.as_bytes(),
        deep_value.as_bytes(),
        deep_field.as_bytes(),
    ];
    for body in cases {
        let answer = anna.send("POST", CONTACTS, &[JSON], Some(body.to_vec())).await;
        answer.problem(400, "malformed", "");
    }
}

#[tokio::test]
async fn a_body_of_another_form_is_invalid_and_no_value_is_repeated() {
    let house = House::new().await;
    let anna = house.anna().await;
    let cases = [
        "[]",
        "null",
        "[\"FI\", null, false, false, [], {\"identity\": {\"given_name\": \"Virtanen\"}}]",
        "\"Aino Virtanen\"",
        "{\"data\": \"Aino Virtanen\"}",
        "{\"data\": {\"identity\": {\"given_name\": [\"Aino Virtanen\"]}}}",
        "{\"data\": {}, \"Virtanen\": 1}",
        "{\"company\": \"Virtanen\"}",
        "{\"country\": [\"Virtanen\"]}",
        "{\"consents\": {\"Virtanen\": 1}}",
        "{\"data\": {\"identity\": {\"language\": \"Virtanen & Co\"}}}",
        "{\"country\": \"Virtanen\", \"data\": {\"identity\": {\"given_name\": \"Aino\"}}}",
    ];
    for body in cases {
        let answer = anna.send("POST", CONTACTS, &[JSON], Some(body.into())).await;
        let answer = answer.problem(422, "invalid", "");
        let text = answer.body.to_string();
        // A name of a field may be repeated, a value never.
        let is_name = body.contains("\"Virtanen\": 1");
        assert!(is_name || !text.contains("Virtanen"), "{body}: {text}");
        assert!(answer.body["errors"][0]["fault"].is_string());
        assert!(!text.contains("struct"), "{text}");
    }
}

#[tokio::test]
async fn a_body_says_that_it_is_json_and_has_an_end() {
    let house = House::new().await;
    let anna = house.anna().await;
    let body = || Some(contact("FI").to_string().into_bytes());
    for media in ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""] {
        let answer = anna.send("POST", CONTACTS, &[("content-type", media)], body()).await;
        answer.problem(415, "media-type", "");
    }
    let utf8 = [("content-type", "Application/JSON; charset=utf-8")];
    anna.send("POST", CONTACTS, &utf8, body()).await.expect(201);
    let large = vec![b' '; (1 << 20) + 1];
    anna.send("POST", CONTACTS, &[JSON], Some(large)).await.problem(413, "too-large", "");
    let said = [JSON, ("content-length", "4000000000")];
    anna.send("POST", CONTACTS, &said, body()).await.problem(413, "too-large", "");
}

#[tokio::test]
async fn a_path_that_is_not_there_and_a_method_that_is_not_are_problems_too() {
    let house = House::new().await;
    let anna = house.anna().await;
    for path in ["/api/v2/crm", "/api/v1/crm/horoscopes", "/api/v1/", "/api/", "/problems/nothing"]
    {
        anna.get(path).await.problem(404, "not-found", "");
    }
    let answer = anna.send("DELETE", CONTACTS, &[], None).await;
    let answer = answer.problem(405, "method-not-allowed", "");
    assert!(answer.header("allow").contains("POST"), "{}", answer.header("allow"));
    anna.send("PUT", "/healthz", &[], None).await.problem(405, "method-not-allowed", "");
    anna.send("TRACE", "/api/v1", &[], None).await.problem(405, "method-not-allowed", "");
}

#[tokio::test]
async fn a_path_that_plays_with_encodings_finds_nothing() {
    let house = House::new().await;
    let anna = house.anna().await;
    anna.get("/api/v1/%ff/contacts").await.problem(400, "malformed", "");
    anna.get("/api/v1/..%2fcrm/contacts").await.problem(403, "refused", "unknown");
    anna.get("/api/v1/CRM/contacts").await.problem(403, "refused", "unknown");
    anna.get("/api/v1/crm/contacts/..%2f..%2fx").await.problem(404, "not-found", "");
    anna.get("/api/v1/crm/contacts/%00").await.problem(404, "not-found", "");
    let long = "a".repeat(60_000);
    anna.get(&format!("/api/v1/{long}/contacts")).await.problem(403, "refused", "unknown");
}

#[tokio::test]
async fn a_query_that_the_route_does_not_know_is_invalid() {
    let house = House::new().await;
    let anna = house.anna().await;
    for query in [
        "emial=aino@harbour.example",
        "limit=many",
        "limit=-1",
        "company=harbour",
        "email=a@b.example&name=aino",
        "limit=1&limit=2",
        "limit=0",
        "limit=501",
        "sort=shoe",
        "sort=state",
        "having=employment",
        "having=employment.role:harbour",
        "country=harbour",
        "use=relations&use=relations",
    ] {
        let answer = anna.get(&format!("{CONTACTS}?{query}")).await;
        let answer = answer.problem(422, "invalid", "");
        assert!(!answer.body.to_string().contains("harbour"), "{}", answer.body);
    }
    anna.get(&format!("{CONTACTS}?limit=500")).await.expect(200);
}

#[tokio::test]
async fn texts_that_look_like_code_are_stored_as_texts() {
    let house = House::new().await;
    let anna = house.anna().await;
    let mut draft = contact("FI");
    let odd = "Robert'); DROP TABLE contact;-- <script>alert(1)</script> ${7*7} 𝔘𝔫𝔦𝔠";
    draft["data"]["identity"]["family_name"] = odd.into();
    let made = anna.post(CONTACTS, &draft).await.expect(201);
    assert_eq!(made.body["data"]["identity"]["family_name"], odd);
    let found = anna.get(&format!("{CONTACTS}?name=%27%29%3B%20drop")).await.expect(200);
    assert_eq!(found.body["items"].as_array().unwrap().len(), 1);
}
