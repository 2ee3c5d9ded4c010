//! The same contact under different purposes: different answers.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::{House, small};

/// The names in an object, in the order of the alphabet.
fn names(value: &Value) -> BTreeSet<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[tokio::test]
async fn the_same_contact_under_two_purposes_shows_different_fields() {
    let house = House::new().await;
    let anna = house.anna().await;
    let id = anna.contact("FI").await;
    let crm = anna.get(&format!("/api/v1/crm/contacts/{id}")).await.expect(200).body;
    let plant = anna.get(&format!("/api/v1/manufacturing/contacts/{id}")).await.expect(200).body;
    assert_eq!(names(&crm["data"]), BTreeSet::from(["identity", "employment", "contact-details"]));
    assert_eq!(names(&plant["data"]), BTreeSet::from(["identity", "contact-details"]));
    assert_eq!(names(&plant["data"]["contact-details"]), BTreeSet::from(["phone"]));
    let remark = json!({ "category": "employment", "reason": "not-in-notice", "records": 0 });
    assert!(plant["withheld"].as_array().unwrap().contains(&remark));
}

#[tokio::test]
async fn marketing_sees_no_address_of_a_channel_that_is_not_open() {
    let house = House::new().await;
    let anna = house.anna().await;
    // Germany wants to be asked first.
    let id = anna.contact("DE").await;
    let path = format!("/api/v1/marketing/contacts/{id}");
    let seen = anna.get(&path).await.expect(200).body;
    assert!(seen["data"]["contact-details"]["email"].is_null());
    let found = anna.get("/api/v1/marketing/contacts?email=aino.virtanen@harbour.example").await;
    assert_eq!(found.expect(200).body["items"], json!([]));
}

#[tokio::test]
async fn research_sees_aliases_and_months_and_nobody() {
    let house = House::new().await;
    let anna = house.anna().await;
    let id = anna.contact("FI").await;
    let order =
        json!({ "category": "orders", "at": "2026-10-05", "fields": { "role": "orderer" } });
    anna.post(&format!("/api/v1/crm/contacts/{id}/records"), &order).await.expect(201);
    let page = anna.get("/api/v1/research/records?category=orders").await.expect(200).body;
    let record = &page["items"][0];
    assert_eq!(record["at"], "2026-10");
    assert_eq!(record["fields"], json!({ "role": "orderer" }));
    assert_ne!(record["contact"], id);
    anna.get("/api/v1/research/records?category=payment").await.problem(
        403,
        "refused",
        "not-in-notice",
    );
    anna.get("/api/v1/research/records").await.problem(422, "invalid", "");
    let company = anna.company("Harbour Works Ltd").await;
    let page = anna.get("/api/v1/research/companies").await;
    if page.status == 200 {
        let text = page.body.to_string();
        assert!(!text.contains(&company) && !text.contains("Harbour"), "{text}");
    }
    anna.get("/api/v1/research/companies?state=customer").await.problem(422, "invalid", "");
}

#[tokio::test]
async fn reporting_gives_tables_and_hides_small_cells() {
    let house = House::new().await;
    let anna = house.anna().await;
    for country in [vec!["FI"; 12], vec!["SE"; 2]].concat() {
        anna.contact(country).await;
    }
    let path = "/api/v1/reporting/report?of=records:employment&by=country";
    let table = anna.get(path).await.expect(200).body;
    assert_eq!(table["by"], json!(["country"]));
    let lines = table["lines"].as_array().unwrap();
    let cell = |name: &str| {
        let line = lines.iter().find(|line| line["name"] == name).unwrap();
        line["cells"][0].clone()
    };
    assert_eq!(cell("SE"), json!({ "suppressed": true }));
    assert_eq!(cell("FI"), json!({ "suppressed": true }));
    assert_eq!(cell("total")["contacts"], 14);
    for bad in ["of=employment", "of=records:employment&by=a,b,c", "by=country", "of=x:y"] {
        let path = format!("/api/v1/reporting/report?{bad}");
        anna.get(&path).await.problem(422, "invalid", "");
    }
    anna.get("/api/v1/reporting/records?category=employment").await.problem(
        403,
        "refused",
        "only-in-aggregate",
    );
}

#[tokio::test]
async fn another_notice_makes_another_api() {
    let house = House::under(&small()).await;
    let anna = house.anna().await;
    let caretaker = json!({
        "country": "GB",
        "data": {
            "person": { "name": "Isla Reid", "is": "caretaker" },
            "reach": { "telephone": "+44 1738 555 010", "address": "4 Mill Street" },
        },
    });
    let made = anna.post("/api/v1/jobs/contacts", &caretaker).await.expect(201);
    let id = made.body["id"].as_str().unwrap();
    let office = anna.get(&format!("/api/v1/billing/contacts/{id}")).await.expect(200).body;
    assert_eq!(office["data"]["person"], json!({ "name": "Isla Reid" }));
    assert_eq!(office["data"]["reach"], json!({ "address": "4 Mill Street" }));
    // Nobody is written to for an offer who did not ask for it.
    anna.get(&format!("/api/v1/offers/contacts/{id}")).await.problem(403, "refused", "no-consent");
    let harm = json!({ "category": "harm", "fields": { "sign": "burn", "ambulance": true } });
    let records = format!("/api/v1/jobs/contacts/{id}/records");
    anna.post(&records, &harm).await.problem(403, "refused", "not-for-this-use");
    let made = anna.post(&format!("{records}?use=danger"), &harm).await.expect(201);
    assert_eq!(made.body["fields"]["ambulance"], true);
    assert!(made.header("location").ends_with("?use=danger"));
    assert_eq!(anna.get(made.header("location")).await.expect(200).body, made.body);
    anna.get("/api/v1/crm/contacts").await.problem(403, "refused", "unknown");
}
