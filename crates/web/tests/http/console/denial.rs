//! Every page is denied to whom it should be: whatever the table of pages gets is held here.

use gantry_web::{PageNeeds, all_pages};

use crate::support::{House, NOBODY};

/// A page's path with something in its places.
fn filled(path: &str, purpose: &str) -> String {
    path.replace("{purpose}", purpose)
        .replace("{category}", "identity")
        .replace("{kind}", "order")
        .split('/')
        .map(|part| if part.starts_with('{') { NOBODY } else { part })
        .collect::<Vec<_>>()
        .join("/")
}

#[tokio::test]
async fn without_a_sign_in_every_page_leads_to_it() {
    let house = House::new().await;
    let mut browser = house.browser();
    for page in all_pages().into_iter().filter(|page| page.needs != PageNeeds::Nothing) {
        let path = filled(page.path, "crm");
        let shown = match page.method {
            "GET" => browser.get(&path).await,
            _ => browser.send(&path, &[]).await,
        };
        shown.to("/sign-in");
    }
}

#[tokio::test]
async fn a_purpose_that_the_account_lacks_is_refused_on_every_page_of_it() {
    let house = House::new().await;
    let mut browser = house.at_work("mika", &["marketer"]).await;
    for page in all_pages().into_iter().filter(|page| page.needs == PageNeeds::Purpose) {
        for purpose in ["crm", "invoicing.invoices", "nonsense"] {
            let path = filled(page.path, purpose);
            let shown = match page.method {
                "GET" => browser.get(&path).await,
                _ => browser.post(&path, &[]).await,
            };
            let status = shown.status.as_u16();
            assert!(status == 403 || status == 404, "{} {path}: {status}", page.method);
        }
    }
}

#[tokio::test]
async fn a_form_without_the_token_of_its_sign_in_does_nothing() {
    let house = House::new().await;
    let mut browser = house.at_work("anna", &[]).await;
    let mut other = house.at_work("mika", &["account-manager"]).await;
    let theirs = std::mem::take(&mut other.csrf);
    for page in all_pages() {
        if page.method != "POST" || page.needs == PageNeeds::Nothing {
            continue;
        }
        let path = filled(page.path, "crm");
        for token in ["", "wrong", &theirs] {
            let shown = browser.send(&path, &[("csrf", token)]).await;
            assert_eq!(shown.status.as_u16(), 403, "{path}: {}", shown.html);
        }
    }
    browser.get("/").await.expect(200);
}

#[tokio::test]
async fn a_form_from_another_site_is_refused_whatever_it_says() {
    let house = House::new().await;
    let mut browser = house.at_work("anna", &[]).await;
    let csrf = browser.csrf.clone();
    for headers in [
        [("sec-fetch-site", "cross-site")],
        [("sec-fetch-site", "same-site")],
        [("origin", "https://evil.example")],
        [("origin", "null")],
    ] {
        for path in ["/sign-out", "/crm/contacts/new", "/house/you/password", "/sign-in"] {
            let shown = browser.send_from(path, &[("csrf", &csrf)], &headers).await;
            assert_eq!(shown.status.as_u16(), 403, "{path} {headers:?}");
        }
    }
    browser.get("/").await.expect(200);
}

#[tokio::test]
async fn who_only_reads_is_shown_no_forms_and_cannot_write_by_sending_them() {
    let house = House::new().await;
    let anna = house.anna().await;
    let contact = anna.contact("FI").await;
    let mut browser = house.at_work("rea", &["account-manager:read"]).await;
    let page = browser.get(&format!("/crm/contacts/{contact}")).await.expect(200);
    page.shows("Aino Virtanen").shows("reading only").hides(">Edit<");
    let page = browser.get(&format!("/crm/contacts/{contact}")).await;
    let before = page.html;
    let fields = [("identity.given_name", "Eeva"), ("version", "1")];
    let shown = browser.post(&format!("/crm/contacts/{contact}/edit"), &fields).await;
    assert_eq!(shown.status.as_u16(), 403, "{}", shown.html);
    let shown = browser.post("/crm/contacts/new", &[("identity.given_name", "Eeva")]).await;
    assert_eq!(shown.status.as_u16(), 403, "{}", shown.html);
    assert_eq!(browser.get(&format!("/crm/contacts/{contact}")).await.html, before);
}
