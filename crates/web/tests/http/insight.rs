//! What reactions tell of a contact, over the API.

use serde_json::json;

use crate::support::{House, NOBODY};

#[tokio::test]
async fn scores_and_segments_come_with_the_reactions_that_they_follow_from() {
    let house = House::new().await;
    let anna = house.anna().await;
    let id = anna.contact("FI").await;
    let path = format!("/api/v1/marketing/contacts/{id}");
    for (reaction, machine) in [("attended", false), ("clicked", true)] {
        let fields = json!({ "reaction": reaction, "topic": "training", "machine": machine });
        let reaction = json!({ "category": "reactions", "fields": fields });
        anna.post(&format!("{path}/records"), &reaction).await.expect(201);
    }
    let told = anna.get(&format!("{path}/insight")).await.expect(200).body;
    assert_eq!((&told["any"], &told["scores"]["training"]), (&json!(8.0), &json!(8.0)));
    assert_eq!(told["reactions"].as_array().map(Vec::len), Some(2));
    assert_eq!(told["segments"][0]["segment"], "engaged");
    assert_eq!(told["segments"][0]["by"], "rule");
    let because = told["segments"][0]["because"].as_str().unwrap();
    assert!(because.contains("is at least 8 (it is 8)"), "{because}");

    let decision = json!({ "segment": "engaged", "to": "out", "reason": "asked for fewer" });
    let told = anna.post(&format!("{path}/insight"), &decision).await.expect(200).body;
    assert_eq!(told["segments"][0]["segment"], "likes-training");
    assert_eq!(told["kept_out"], json!([{ "segment": "engaged", "reason": "asked for fewer" }]));
    let again = anna.get(&format!("{path}/insight")).await.expect(200).body;
    assert_eq!(again, told, "it is held");
    let held = anna.get(&format!("{path}/records?category=interests")).await.expect(200).body;
    assert_eq!(held["items"][0]["fields"]["score"], 8000);

    for (wrong, field) in [
        (json!({ "segment": "rich", "to": "in", "reason": "x" }), "segment"),
        (json!({ "segment": "engaged", "to": "in" }), "reason"),
        (json!({ "segment": "engaged", "to": "up", "reason": "x" }), "to"),
    ] {
        let answer = anna.post(&format!("{path}/insight"), &wrong).await;
        let answer = answer.problem(422, "invalid", "");
        assert_eq!(answer.body["errors"][0]["field"], field);
    }
    let nobody = format!("/api/v1/marketing/contacts/{NOBODY}/insight");
    anna.get(&nobody).await.expect(404);
    let objection = json!({ "statement": "objects", "scope": "profiling" });
    let claims = format!("/api/v1/claims/contacts/{id}/statements");
    anna.post(&claims, &objection).await.expect(204);
    anna.get(&format!("{path}/insight")).await.problem(403, "refused", "objected");
}
