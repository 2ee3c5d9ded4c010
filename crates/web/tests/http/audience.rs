//! Audiences over the API: whom an expression takes in, who is left out and why, and who may ask.

use serde_json::{Value, json};

use crate::support::{Client, House};

const ENGAGED: &str = "country in ['FI', 'DE'] && segment.engaged";

async fn react(anna: &Client, id: &str) {
    let fields = json!({ "reaction": "attended", "topic": "ports" });
    let reaction = json!({ "category": "reactions", "fields": fields });
    let path = format!("/api/v1/marketing/contacts/{id}/records");
    anna.post(&path, &reaction).await.expect(201);
}

async fn ask(anna: &Client, audience: &str) -> Value {
    let asked = json!({ "audience": audience, "limit": 500 });
    anna.post("/api/v1/marketing/audience", &asked).await.expect(200).body
}

/// So many people of Finland who came to an event.
async fn engaged(anna: &Client, count: usize) -> Vec<String> {
    let mut ids = Vec::new();
    for _ in 0..count {
        let id = anna.contact("FI").await;
        react(anna, &id).await;
        ids.push(id);
    }
    ids.sort();
    ids
}

fn listed(answer: &Value) -> Vec<String> {
    let items = answer["items"].as_array().unwrap().iter();
    let mut ids: Vec<String> = items.map(|item| item["id"].as_str().unwrap().to_owned()).collect();
    ids.sort();
    ids
}

#[tokio::test]
async fn an_audience_takes_in_whom_the_use_may_reach_and_says_who_is_left_out() {
    let house = House::new().await;
    let anna = house.anna().await;
    let mut ids = engaged(&anna, 26).await;
    // In Germany mail needs the contact's word.
    let german = anna.contact("DE").await;
    react(&anna, &german).await;
    anna.contact("FI").await;
    let told = ask(&anna, ENGAGED).await;
    assert_eq!(told["count"], 26, "{told}");
    assert_eq!(told["excluded"], json!({ "channel-not-opened": { "fewer_than": 25 } }));
    assert_eq!(
        told["words"],
        "the country is one of FI, DE, and being in the category \u{201c}Engaged\u{201d} is yes"
    );
    assert_eq!(listed(&told), ids);

    // Who objects is left out from then on, and so is nobody else.
    let gone = ids.pop().unwrap();
    let objection = json!({ "statement": "objects", "scope": "marketing" });
    let path = format!("/api/v1/claims/contacts/{gone}/statements");
    anna.post(&path, &objection).await.expect(204);
    let told = ask(&anna, "country == 'FI' && score.ports >= 1.0").await;
    assert_eq!(told["count"], 25);
    assert_eq!(listed(&told), ids);

    // A reaction acknowledged is in the next answer.
    let late = anna.contact("FI").await;
    react(&anna, &late).await;
    assert_eq!(ask(&anna, ENGAGED).await["count"], 26);
    let erased = format!("/api/v1/claims/contacts/{late}/erasure");
    anna.send("POST", &erased, &[], None).await.expect(200);
    assert_eq!(ask(&anna, ENGAGED).await["count"], 25);
}

#[tokio::test]
async fn fewer_than_the_notice_says_are_neither_counted_nor_listed() {
    let house = House::new().await;
    let anna = house.anna().await;
    engaged(&anna, 3).await;
    let told = ask(&anna, ENGAGED).await;
    assert_eq!(told["count"], json!({ "fewer_than": 25 }));
    assert_eq!(told["items"], json!([]));
    assert_eq!(ask(&anna, "country == 'SE'").await["count"], 0, "that there is nobody is told");
}

#[tokio::test]
async fn only_readers_of_interests_and_segments_ask_by_them() {
    let house = House::new().await;
    let anna = house.anna().await;
    let interests = json!({ "audience": "score.ports >= 3.0" });
    let segments = json!({ "audience": "segment.engaged" });
    for (purpose, used, may) in [
        ("marketing", "campaigns", [true, true]),
        ("sales", "communications", [true, true]),
        ("quality", "surveys", [false, true]),
        ("crm", "relations", [true, false]),
        ("quality", "complaints", [false, false]),
        ("sales", "pipeline", [false, false]),
        ("invoicing", "invoices", [false, false]),
        ("background", "screening", [false, false]),
        ("delivery", "orders", [false, false]),
        ("safety", "incidents", [false, false]),
        ("claims", "requests", [false, false]),
    ] {
        for (body, may) in [&interests, &segments].into_iter().zip(may) {
            let path = format!("/api/v1/{purpose}/audience?use={used}");
            let answer = anna.post(&path, body).await;
            if may {
                answer.expect(200);
            } else {
                let reason = answer.expect(403).body["reason"].clone();
                let known = ["not-in-notice", "not-for-this-use", "role-lacks-purpose", "unknown"];
                assert!(known.contains(&reason.as_str().unwrap()), "{purpose}: {reason}");
            }
        }
    }
    for (purpose, reason) in
        [("reporting", "only-in-aggregate"), ("research", "operation-not-allowed")]
    {
        let path = format!("/api/v1/{purpose}/audience");
        anna.post(&path, &segments).await.problem(403, "refused", reason);
    }
}

#[tokio::test]
async fn what_an_audience_may_not_name_is_a_fault_of_it() {
    let house = House::new().await;
    let anna = house.anna().await;
    for wrong in ["contact.identity.given_name == 'Aino'", "score.ports", "1 +", "segment.rich", ""]
    {
        let asked = json!({ "audience": wrong });
        let answer = anna.post("/api/v1/marketing/audience", &asked).await;
        let body = answer.problem(422, "invalid", "").body;
        assert_eq!(body["errors"][0]["field"], "audience", "{wrong}: {body}");
    }
    let many = json!({ "audience": "country == 'FI'", "limit": 501 });
    anna.post("/api/v1/marketing/audience", &many).await.problem(422, "invalid", "");
}

#[tokio::test]
async fn an_audience_is_explained_for_a_contact() {
    let house = House::new().await;
    let anna = house.anna().await;
    let id = anna.contact("DE").await;
    react(&anna, &id).await;
    let asked =
        json!({ "audience": "score.ports >= 3.0 && days_since.attended < 10", "contact": id });
    let told = anna.post("/api/v1/marketing/audience/explanation", &asked).await.expect(200).body;
    assert_eq!(told["fits"], true);
    assert_eq!(told["kept_from"], "channel-not-opened");
    let because = told["because"].as_str().unwrap();
    assert!(
        because.starts_with("the score for Port solutions is at least 3 (it is 8"),
        "{because}"
    );
    let nobody = json!({ "audience": "score.ports >= 3.0", "contact": crate::support::NOBODY });
    anna.post("/api/v1/marketing/audience/explanation", &nobody).await.expect(404);
}
