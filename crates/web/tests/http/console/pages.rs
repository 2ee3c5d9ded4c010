//! Every page is rendered strictly: whatever the table of pages gets is asked for here, under every
//! purpose of two notices, and looked at for what a page must have.

use gantry_web::all_pages;
use serde_json::json;

use super::browser::{Browser, Shown};
use crate::support::{Client, House, small};

/// What a page must have, whatever is on it.
#[track_caller]
pub(super) fn whole(path: &str, shown: &Shown) {
    let html = &shown.html;
    assert!(html.starts_with("<!DOCTYPE html>"), "{path}");
    for part in
        ["<html lang=\"en\">", "<title>", "name=\"viewport\"", "id=\"content\"", "class=\"skip\""]
    {
        assert!(html.contains(part), "{path} lacks {part}: {html}");
    }
    assert_eq!(html.matches("<h1").count(), 1, "{path} has not one heading: {html}");
    let mut ids: Vec<&str> =
        html.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count, "{path} has an id twice: {html}");
    for label in html.split("<label").skip(1) {
        let tag = label.split('>').next().unwrap();
        let id = tag.split("for=\"").nth(1).and_then(|rest| rest.split('"').next());
        assert!(id.is_some(), "{path}: a label for nothing: {tag}");
        let id = id.unwrap();
        assert!(
            html.contains(&format!(" id=\"{id}\"")),
            "{path}: a label for {id}, which is not there"
        );
    }
}

/// A contact with a record, a company and an order, and what stands for them in paths.
async fn sample(anna: &Client) -> [(&'static str, String); 4] {
    let contact = anna.contact("FI").await;
    let company = anna.company("Harju Lifting").await;
    let letter = json!({ "category": "communications", "fields": { "channel": "email", "direction": "in", "subject": "The crane" } });
    let record = anna.post(&format!("/api/v1/crm/contacts/{contact}/records"), &letter).await;
    let record = record.expect(201).body["id"].as_str().unwrap().to_owned();
    [
        ("{contact}", contact),
        ("{object}", company),
        ("{record}", record),
        ("{purpose}", String::new()),
    ]
}

async fn look_at_all(
    browser: &mut Browser,
    sample: &[(&'static str, String)],
    purposes: &[String],
) -> usize {
    let mut seen = 0;
    for page in all_pages().into_iter().filter(|page| page.method == "GET") {
        let mut paths = vec![page.path.to_owned()];
        if page.path.contains("{purpose}") {
            paths =
                purposes.iter().map(|purpose| page.path.replace("{purpose}", purpose)).collect();
        }
        for mut path in paths {
            for (place, value) in sample {
                path = path.replace(place, value);
            }
            let category = if path.contains("/why/") { "identity" } else { "communications" };
            path = path.replace("{category}", category).replace("{kind}", "company");
            if path.contains("compare") {
                path.push_str("?from=0&to=0");
            }
            let shown = browser.get(&path).await;
            let status = shown.status.as_u16();
            assert!(matches!(status, 200 | 403 | 404), "{path}: {status} {}", shown.html);
            let html = shown.header("content-type").starts_with("text/html");
            // The published notice is a document of its own.
            if html && path != "/notice" {
                whole(&path, &shown);
                seen += 1;
            }
        }
    }
    seen
}

#[tokio::test]
async fn every_page_under_every_purpose_is_whole() {
    let house = House::new().await;
    let anna = house.anna().await;
    let sample = sample(&anna).await;
    let mut browser = house.at_work("anna", &[]).await;
    let policy = house.engine.policy();
    let purposes = policy.policy().notice().purposes.iter();
    let purposes = purposes
        .flat_map(|(id, purpose)| purpose.uses.keys().map(move |used| format!("{id}.{used}")));
    let purposes: Vec<String> = purposes.collect();
    assert!(look_at_all(&mut browser, &sample, &purposes).await > 300);
}

#[tokio::test]
async fn a_room_is_there_for_every_purpose_of_another_companys_notice() {
    let house = House::under(&small()).await;
    let mut browser = house.at_work("anna", &[]).await;
    let policy = house.engine.policy();
    let notice = policy.policy().notice().clone();
    browser.get("/").await.expect(200).shows(&notice.controller.name);
    for (id, purpose) in &notice.purposes {
        let shown = browser.get(&format!("/{id}")).await.expect(200);
        whole(id, &shown);
        let title = maud_escaped(&purpose.title);
        shown.shows(&title);
        let page = match purpose.mode.word() {
            "identified" => "contacts",
            "pseudonymous" => "records",
            _ => "report",
        };
        browser.get(&format!("/{id}/{page}")).await.expect(200);
    }
}

fn maud_escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

#[tokio::test]
async fn the_same_contact_is_another_answer_under_another_purpose() {
    let house = House::new().await;
    let anna = house.anna().await;
    let contact = anna.contact("FI").await;
    let order = json!({ "category": "orders", "fields": { "role": "orderer" } });
    anna.post(&format!("/api/v1/crm/contacts/{contact}/records"), &order).await.expect(201);
    let mut browser = house.at_work("anna", &[]).await;
    let crm = browser.get(&format!("/crm/contacts/{contact}")).await.expect(200);
    crm.shows("Aino Virtanen")
        .shows("Purchasing manager")
        .shows("data categories are not used for Customer relationship management");
    let made = browser.get(&format!("/manufacturing/contacts/{contact}")).await.expect(200);
    made.hides("preferences").shows("not used for");
    browser.get(&format!("/reporting/contacts/{contact}")).await.expect(403).hides("Aino");
    browser.get(&format!("/research/contacts/{contact}")).await.expect(403).hides("Aino");
}

#[tokio::test]
async fn purposes_that_are_not_granted_are_shown_locked_with_why() {
    let house = House::new().await;
    let mut browser = house.at_work("mika", &["marketer"]).await;
    let shown = browser.get("/marketing").await.expect(200);
    let shown = shown
        .shows("None of your roles works for it. The notice gives it to: Invoicing specialist");
    assert_eq!(
        shown.html.matches("class=\"locked\"").count(),
        16 - shown.html.matches("class=\"purpose p").count() + 1
    );
    let palette = browser.get("/house/palette").await.expect(200).shows("/marketing");
    palette.hides("\"/invoicing").hides("\"/crm");
}

#[tokio::test]
async fn assets_are_small_and_never_change_under_one_address() {
    let house = House::new().await;
    let mut browser = house.at_work("anna", &[]).await;
    let page = browser.get("/").await.expect(200);
    let mut bytes = page.html.len();
    let parts: Vec<String> = page
        .html
        .split('"')
        .filter(|part| part.starts_with("/assets/"))
        .map(str::to_owned)
        .collect();
    assert!(parts.len() >= 3, "{parts:?}");
    for part in parts {
        let asset = browser.get(&part).await.expect(200);
        assert!(asset.header("cache-control").contains("immutable"));
        bytes += asset.html.len();
    }
    assert!(bytes <= 60_000, "the first page has {bytes} bytes");
}
