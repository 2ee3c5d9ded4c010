//! Contacts and their records: added, found, paged, changed.

use serde_json::{Value, json};

use crate::support::{House, NOBODY, contact};

#[tokio::test]
async fn a_contact_is_added_found_and_shown() {
    let house = House::new().await;
    let anna = house.anna().await;
    let made = anna.post("/api/v1/crm/contacts", &contact("FI")).await.expect(201);
    let id = made.body["id"].as_str().unwrap();
    assert_eq!(made.header("location"), format!("/api/v1/crm/contacts/{id}"));
    let version = format!("\"{}\"", made.body["version"]);
    assert_eq!(made.header("etag"), version);
    let shown = anna.get(made.header("location")).await.expect(200);
    assert_eq!(shown.body["data"]["identity"]["family_name"], "Virtanen");
    assert_eq!(shown.header("etag"), version);
    for query in [
        "email=Aino.Virtanen@HARBOUR.example",
        "phone=%2B358405550123",
        "name=virt+aino",
        "use=relations",
        "",
    ] {
        let found = anna.get(&format!("/api/v1/crm/contacts?{query}")).await.expect(200);
        assert_eq!(found.body["items"][0]["id"], id, "{query}");
        assert_eq!(found.body["next"], Value::Null);
    }
    let none = anna.get("/api/v1/crm/contacts?name=nobody").await.expect(200);
    assert_eq!(none.body["items"], json!([]));
}

#[tokio::test]
async fn a_list_goes_on_where_its_cursor_says_and_ends() {
    let house = House::new().await;
    let anna = house.anna().await;
    let mut made = Vec::new();
    for _ in 0..7 {
        made.push(anna.contact("FI").await);
    }
    let (mut seen, mut path) = (Vec::new(), "/api/v1/crm/contacts?limit=3".to_owned());
    let mut pages = 0;
    loop {
        pages += 1;
        let page = anna.get(&path).await.expect(200).body;
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= 3);
        seen.extend(items.iter().map(|item| item["id"].as_str().unwrap().to_owned()));
        match page["next"].as_str() {
            Some(next) => path = format!("/api/v1/crm/contacts?limit=3&cursor={next}"),
            None => break,
        }
    }
    assert!(pages <= 4, "{pages}");
    seen.sort();
    made.sort();
    assert_eq!(seen, made);
}

#[tokio::test]
async fn a_cursor_is_good_for_its_list_its_purpose_and_its_actor_alone() {
    let house = House::new().await;
    let anna = house.anna().await;
    for _ in 0..3 {
        anna.contact("FI").await;
    }
    let page = anna.get("/api/v1/crm/contacts?limit=1").await.expect(200);
    let next = page.body["next"].as_str().unwrap().to_owned();
    house.account("bert", &["*"]).await;
    let bert = house.client("bert", &["crm"]).await;
    let elsewhere = format!("/api/v1/sales/contacts?cursor={next}");
    anna.get(&elsewhere).await.problem(422, "invalid", "");
    let mine = format!("/api/v1/crm/contacts?cursor={next}");
    bert.get(&mine).await.problem(422, "invalid", "");
    anna.get(&mine).await.expect(200);
    anna.get("/api/v1/crm/contacts?cursor=made-up").await.problem(422, "invalid", "");
}

#[tokio::test]
async fn a_profile_changes_in_all_its_categories_or_in_none() {
    let house = House::new().await;
    let anna = house.anna().await;
    let path = format!("/api/v1/crm/contacts/{}", anna.contact("FI").await);
    let good = json!({ "data": {
        "identity": { "given_name": "Eeva", "language": null },
        "contact-details": { "email": "eeva@harbour.example" },
    } });
    let before = anna.get(&path).await.expect(200).header("etag").to_owned();
    let changed = anna.patch(&path, &before, &good).await.expect(200);
    let version = changed.header("etag").to_owned();
    assert_ne!(version, before);
    assert_eq!(changed.body["data"]["identity"]["given_name"], "Eeva");
    assert_eq!(changed.body["data"]["identity"]["language"], Value::Null);
    assert_eq!(changed.body["data"]["identity"]["family_name"], "Virtanen");
    let bad = json!({ "data": {
        "identity": { "given_name": "Outi" },
        "contact-details": { "email": "no address" },
    } });
    let refused = anna.patch(&path, &version, &bad).await.problem(422, "invalid", "");
    assert_eq!(refused.body["errors"][0]["field"], "contact-details.email");
    let after = anna.get(&path).await.expect(200);
    assert_eq!(after.body["data"]["identity"]["given_name"], "Eeva");
    assert_eq!(after.header("etag"), version);
    let lookup = anna.get("/api/v1/crm/contacts?email=eeva@harbour.example").await.expect(200);
    assert_eq!(lookup.body["items"].as_array().unwrap().len(), 1);
    let old = anna.get("/api/v1/crm/contacts?email=aino.virtanen@harbour.example").await;
    assert_eq!(old.expect(200).body["items"], json!([]));
}

#[tokio::test]
async fn a_change_of_a_version_that_is_gone_is_refused_and_one_without_a_version_is_not() {
    let house = House::new().await;
    let anna = house.anna().await;
    let path = format!("/api/v1/crm/contacts/{}", anna.contact("FI").await);
    let change = |name: &str| json!({ "data": { "identity": { "given_name": name } } });
    let before = anna.get(&path).await.expect(200).header("etag").to_owned();
    let changed = anna.patch(&path, &before, &change("Eeva")).await.expect(200);
    let weak = format!("W/{}", changed.header("etag"));
    anna.patch(&path, &before, &change("Outi")).await.problem(412, "changed", "");
    anna.patch(&path, &weak, &change("Outi")).await.problem(412, "changed", "");
    anna.patch(&path, "2", &change("Outi")).await.problem(400, "malformed", "");
    anna.patch(&path, "*", &change("Outi")).await.expect(200);
    anna.patch(&path, "", &change("Irma")).await.expect(200);
    let shown = anna.get(&path).await.expect(200);
    assert_eq!(shown.body["data"]["identity"]["given_name"], "Irma");
}

#[tokio::test]
async fn what_the_notice_does_not_list_cannot_be_stored() {
    let house = House::new().await;
    let anna = house.anna().await;
    let mut draft = contact("FI");
    draft["data"]["identity"]["shoe_size"] = json!("42");
    let refused = anna.post("/api/v1/crm/contacts", &draft).await;
    let refused = refused.problem(403, "refused", "not-in-notice");
    assert_eq!(refused.body["category"], "identity.shoe_size");
    let mut draft = contact("FI");
    draft["data"]["horoscope"] = json!({ "sign": "aries" });
    anna.post("/api/v1/crm/contacts", &draft).await.problem(403, "refused", "unknown");
    let page = anna.get("/api/v1/crm/contacts").await.expect(200);
    assert_eq!(page.body["items"], json!([]));
}

#[tokio::test]
async fn a_record_is_added_listed_shown_and_changed() {
    let house = House::new().await;
    let anna = house.anna().await;
    let contact = anna.contact("FI").await;
    let records = format!("/api/v1/crm/contacts/{contact}/records");
    let call = json!({
        "category": "communications",
        "at": "2026-10-30T08:15:00Z",
        "fields": { "channel": "phone", "subject": "Wants a second hoist" },
    });
    let made = anna.post(&records, &call).await.expect(201);
    let place = made.header("location").to_owned();
    assert!(place.starts_with(&format!("{records}/communications/")), "{place}");
    assert_eq!(anna.get(&place).await.expect(200).body, made.body);
    let listed = anna.get(&format!("{records}?category=communications")).await.expect(200);
    assert_eq!(listed.body["items"][0], made.body);
    let change = json!({ "fields": { "subject": "Wants a third hoist" } });
    let changed = anna.patch(&place, "\"1\"", &change).await.expect(200);
    assert_eq!(changed.body["fields"]["subject"], "Wants a third hoist");
    assert_eq!(changed.header("etag"), "\"2\"");
    anna.patch(&place, "\"1\"", &change).await.problem(412, "changed", "");
}

#[tokio::test]
async fn records_of_a_contact_come_in_pages_with_remarks_of_what_was_withheld() {
    let house = House::new().await;
    let anna = house.anna().await;
    let contact = anna.contact("FI").await;
    let records = format!("/api/v1/crm/contacts/{contact}/records");
    for day in 1..=5 {
        let at = format!("2026-10-{day:02}");
        let call =
            json!({ "category": "communications", "at": at, "fields": { "channel": "phone" } });
        anna.post(&records, &call).await.expect(201);
    }
    let first = anna.get(&format!("{records}?limit=4")).await.expect(200);
    let next = first.body["next"].as_str().unwrap().to_owned();
    let second = anna.get(&format!("{records}?limit=4&cursor={next}")).await.expect(200);
    let count = |page: &Value| page["items"].as_array().unwrap().len();
    // Three records of the profile, five of what happened.
    assert_eq!(count(&first.body) + count(&second.body), 8);
    let planner = anna.get(&records.replace("/crm/", "/manufacturing/")).await.expect(200);
    let withheld = planner.body["withheld"].as_array().unwrap();
    assert!(withheld.iter().any(|remark| remark["category"] == "communications"
        && remark["reason"] == "not-in-notice"
        && remark["records"] == 0));
}

#[tokio::test]
async fn ids_of_nobody_of_somebody_else_and_no_ids_are_not_found() {
    let house = House::new().await;
    let anna = house.anna().await;
    let (one, other) = (anna.contact("FI").await, anna.contact("SE").await);
    let call = json!({ "category": "communications", "fields": { "channel": "phone" } });
    let made = anna.post(&format!("/api/v1/crm/contacts/{one}/records"), &call).await.expect(201);
    let record = made.body["id"].as_str().unwrap();
    for path in [
        format!("/api/v1/crm/contacts/{NOBODY}"),
        "/api/v1/crm/contacts/aino".to_owned(),
        format!("/api/v1/crm/contacts/{other}/records/communications/{record}"),
        format!("/api/v1/crm/contacts/{one}/records/communications/{NOBODY}"),
        format!("/api/v1/crm/contacts/{NOBODY}/export"),
        format!("/api/v1/crm/contacts/{NOBODY}/why?category=identity"),
        format!("/api/v1/crm/contacts/{record}"),
        format!("/api/v1/crm/companies/{one}"),
    ] {
        anna.get(&path).await.problem(404, "not-found", "");
    }
}

#[tokio::test]
async fn an_export_holds_the_profile_and_every_record_and_is_a_file() {
    let house = House::new().await;
    let anna = house.anna().await;
    let contact = anna.contact("FI").await;
    let call = json!({ "category": "communications", "fields": { "channel": "phone" } });
    anna.post(&format!("/api/v1/crm/contacts/{contact}/records"), &call).await.expect(201);
    let export = anna.get(&format!("/api/v1/claims/contacts/{contact}/export")).await.expect(200);
    assert!(export.header("content-disposition").starts_with("attachment"));
    assert_eq!(export.body["contact"]["id"], contact);
    assert_eq!(export.body["records"].as_array().unwrap().len(), 4);
    // The purpose that answers requests says why, too; others get what they may see.
    assert_eq!(export.body["said"]["told"], "2026-11");
    let identity = &export.body["categories"][0];
    assert_eq!((&identity["category"], &identity["records"]), (&"identity".into(), &1.into()));
    assert!(identity["uses"].as_array().unwrap().len() > 10, "{identity}");
    let export = anna.get(&format!("/api/v1/crm/contacts/{contact}/export")).await.expect(200);
    assert!(export.body["said"].is_null() && export.body["records"].is_array());
}

#[tokio::test]
async fn why_says_the_ground_and_the_window_and_what_denies() {
    let house = House::new().await;
    let anna = house.anna().await;
    let (finn, chinese) = (anna.contact("FI").await, anna.contact("CN").await);
    let why = |contact: &str| format!("/api/v1/marketing/contacts/{contact}/why?category=identity");
    let yes = anna.get(&why(&finn)).await.expect(200).body;
    assert_eq!(yes["allowed"], true);
    assert_eq!(yes["basis"]["id"], "legitimate-interest");
    assert!(yes["window"].is_string());
    let no = anna.get(&why(&chinese)).await.expect(200).body;
    assert_eq!((&no["allowed"], &no["reason"]["id"]), (&json!(false), &json!("no-consent")));
    let odd = format!("{}&operation=steal", why(&finn));
    anna.get(&odd).await.problem(422, "invalid", "");
}
