//! What contacts ask for: it acts at once.

use serde_json::{Value, json};

use crate::support::House;

#[tokio::test]
async fn an_objection_to_marketing_acts_on_the_next_request() {
    let house = House::new().await;
    let anna = house.anna().await;
    let id = anna.contact("FI").await;
    let path = format!("/api/v1/marketing/contacts/{id}");
    anna.get(&path).await.expect(200);
    let statements = format!("/api/v1/claims/contacts/{id}/statements");
    let objects = json!({ "statement": "objects", "scope": "marketing" });
    let said = anna.post(&statements, &objects).await.expect(204);
    assert_eq!(said.body, Value::Null);
    anna.get(&path).await.problem(403, "refused", "objected");
    let page = anna.get("/api/v1/marketing/contacts").await.expect(200);
    assert_eq!(page.body["items"], json!([]));
    // Said twice is said once.
    anna.post(&statements, &objects).await.expect(204);
    let back = json!({ "statement": "withdraws-objection", "scope": "marketing" });
    anna.post(&statements, &back).await.expect(204);
    anna.get(&path).await.expect(200);
}

#[tokio::test]
async fn consent_opens_and_its_withdrawal_closes() {
    let house = House::new().await;
    let anna = house.anna().await;
    let id = anna.contact("CN").await;
    let path = format!("/api/v1/marketing/contacts/{id}");
    let statements = format!("/api/v1/claims/contacts/{id}/statements");
    anna.get(&path).await.problem(403, "refused", "no-consent");
    let consents = json!({ "statement": "consents", "scope": "marketing" });
    anna.post(&statements, &consents).await.expect(204);
    anna.get(&path).await.expect(200);
    let withdraws = json!({ "statement": "withdraws-consent", "scope": "marketing" });
    anna.post(&statements, &withdraws).await.expect(204);
    anna.get(&path).await.problem(403, "refused", "no-consent");
}

#[tokio::test]
async fn a_restriction_can_cover_one_field() {
    let house = House::new().await;
    let anna = house.anna().await;
    let id = anna.contact("FI").await;
    let restricts = json!({ "statement": "restricts", "scope": "category:contact-details.phone" });
    let statements = format!("/api/v1/claims/contacts/{id}/statements");
    anna.post(&statements, &restricts).await.expect(204);
    let seen = anna.get(&format!("/api/v1/crm/contacts/{id}")).await.expect(200).body;
    assert_eq!(seen["data"]["contact-details"]["phone"], Value::Null);
    assert!(seen["data"]["contact-details"]["email"].is_string());
}

#[tokio::test]
async fn a_statement_that_makes_no_sense_is_invalid() {
    let house = House::new().await;
    let anna = house.anna().await;
    let id = anna.contact("FI").await;
    let statements = format!("/api/v1/claims/contacts/{id}/statements");
    for (statement, scope) in [
        ("objects", "espionage"),
        ("told", "marketing"),
        ("restricts", "profiling"),
        ("objection-upheld", "quality"),
        ("shouts", "all"),
    ] {
        let body = json!({ "statement": statement, "scope": scope });
        anna.post(&statements, &body).await.problem(422, "invalid", "");
    }
    let body = json!({ "statement": "objects", "scope": "invoicing" });
    anna.post(&statements, &body).await.problem(403, "refused", "operation-not-allowed");
}

#[tokio::test]
async fn an_erased_contact_is_refused_as_such_and_its_address_does_not_start_again() {
    let house = House::new().await;
    let anna = house.anna().await;
    let id = anna.contact("FI").await;
    let erasure = format!("/api/v1/claims/contacts/{id}/erasure");
    let erased = anna.post(&erasure, &Value::Null).await.expect(200).body;
    assert_eq!(erased["deleted"], 3);
    assert_eq!(erased["suppressed"], 1);
    for path in ["", "/records", "/export"] {
        let path = format!("/api/v1/crm/contacts/{id}{path}");
        anna.get(&path).await.problem(403, "refused", "erased");
    }
    anna.post(&erasure, &Value::Null).await.problem(403, "refused", "erased");
    let again = anna.post("/api/v1/crm/contacts", &crate::support::contact("FI")).await;
    again.problem(403, "refused", "erased");
}
