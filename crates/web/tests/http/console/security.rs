//! What hostile input, other people and other sites do not get.

use serde_json::json;

use crate::support::{House, NOBODY};

/// Markup in every way that a page could take it for its own.
const MARKUP: &str = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>";

#[tokio::test]
async fn markup_that_was_stored_comes_out_as_text_on_every_page() {
    let house = House::new().await;
    let anna = house.anna().await;
    let contact = anna.contact("FI").await;
    let person = json!({ "data": {
        "identity": { "given_name": MARKUP, "family_name": MARKUP },
        "employment": { "job_title": MARKUP },
    }});
    anna.patch(&format!("/api/v1/crm/contacts/{contact}"), "*", &person).await.expect(200);
    let letter = json!({ "category": "communications", "fields": {
        "channel": "email", "direction": "in", "subject": MARKUP, "content": MARKUP,
    }});
    let record = anna.post(&format!("/api/v1/crm/contacts/{contact}/records"), &letter).await;
    let record = record.expect(201).body["id"].as_str().unwrap().to_owned();
    let company = json!({ "fields": { "name": MARKUP, "country": "FI" } });
    let company = anna.post("/api/v1/crm/companies", &company).await.expect(201);
    let company = company.body["id"].as_str().unwrap().to_owned();
    let mut browser = house.at_work("anna", &[]).await;
    for path in [
        "/crm/contacts".to_owned(),
        format!("/crm/contacts/{contact}"),
        format!("/crm/contacts/{contact}/edit"),
        format!("/crm/contacts/{contact}/records"),
        format!("/crm/contacts/{contact}/records/communications/{record}"),
        format!("/crm/contacts/{contact}/why/identity"),
        "/crm/objects/company".to_owned(),
        format!("/crm/objects/company/{company}"),
        format!("/crm/objects/company/{company}/edit"),
    ] {
        let shown = browser.get(&path).await.expect(200);
        assert!(
            !shown.html.contains("<script>alert") && !shown.html.contains("<img src=x"),
            "{path}"
        );
        shown.shows("&lt;script&gt;");
    }
    // And what was typed and refused comes back as text, too.
    let fields = [("identity.given_name", MARKUP), ("country", MARKUP), ("company", MARKUP)];
    browser.post("/crm/contacts/new", &fields).await.expect(422).hides("<script>alert");
}

#[tokio::test]
async fn pages_load_nothing_from_elsewhere_and_run_no_script_within() {
    let house = House::new().await;
    let mut browser = house.at_work("anna", &[]).await;
    for path in
        ["/", "/crm", "/crm/contacts", "/house/you", "/house/notice", "/sign-in", "/nothing"]
    {
        let shown = browser.get(path).await;
        let policy = shown.header("content-security-policy");
        for part in [
            "default-src 'none'",
            "script-src 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        ] {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe"), "{path}: {policy}");
        assert_eq!(shown.header("x-content-type-options"), "nosniff");
        assert_eq!(shown.header("referrer-policy"), "no-referrer");
        assert_eq!(shown.header("cache-control"), "no-store");
        assert_eq!(shown.header("x-frame-options"), "DENY");
        for (_, rest) in shown.html.match_indices("<script").map(|(at, _)| shown.html.split_at(at))
        {
            assert!(rest.starts_with("<script src=\"/assets/"), "{path}");
        }
        for word in [" onclick", " onload", " style=", "javascript:"] {
            assert!(!shown.html.contains(word), "{path}: {word}");
        }
        assert!(
            !shown.html.contains("src=\"http") && !shown.html.contains("href=\"http"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn what_is_looked_for_stands_in_no_address_but_sealed() {
    let house = House::new().await;
    let anna = house.anna().await;
    anna.contact("FI").await;
    let mut browser = house.at_work("anna", &[]).await;
    browser.get("/crm/contacts").await.expect(200);
    let to =
        browser.post("/crm/contacts/find", &[("text", "virtanen")]).await.to("/crm/contacts?q=");
    assert!(!to.to_lowercase().contains("virtanen"), "{to}");
    browser.get(&to).await.expect(200).shows("Aino Virtanen").shows("value=\"virtanen\"");
    // Sealed for her and this use; good for nobody else, and nowhere else.
    let mut other = house.at_work("mika", &["account-manager"]).await;
    other.get(&to).await.expect(422);
    browser.get(&to.replace("/crm/", "/delivery/")).await.expect(422);
}

#[tokio::test]
async fn ids_of_others_are_nothing_here_and_told_like_ids_of_nobody() {
    let house = House::new().await;
    let anna = house.anna().await;
    let chinese = anna.contact("CN").await;
    let mut browser = house.at_work("mika", &["marketer"]).await;
    // There, but not for this purpose: refused by what its state says, and nothing of it told.
    browser.get(&format!("/marketing/contacts/{chinese}")).await.expect(403).hides("Aino");
    browser.get(&format!("/marketing/contacts/{NOBODY}")).await.expect(404);
    browser.get("/marketing/contacts/not-an-id").await.expect(404);
    browser.get(&format!("/marketing/objects/invoice/{NOBODY}")).await.expect(404);
}

#[tokio::test]
async fn after_signing_in_nobody_is_sent_elsewhere() {
    let house = House::new().await;
    for path in ["//evil.example/x", "/\\evil.example", "/%2fevil.example"] {
        let mut browser = house.at_work("anna", &[]).await;
        browser.cookies.insert("gantry-next".into(), path.into());
        let shown = browser.sign_in("anna", super::browser::PASSWORD).await;
        assert_eq!(shown.to("/"), "/", "{path}");
    }
}

#[tokio::test]
async fn somebody_who_tries_again_and_again_is_made_to_wait() {
    let house = House::new().await;
    let mut browser = house.browser();
    let mut statuses = Vec::new();
    for _ in 0..200 {
        let shown = browser.send("/sign-in", &[("account", ""), ("password", "")]).await;
        statuses.push(shown.status.as_u16());
    }
    assert!(statuses.contains(&429), "{statuses:?}");
}
