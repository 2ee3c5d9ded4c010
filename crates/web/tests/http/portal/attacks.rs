//! Forms of other sites, markup in what people wrote, and what must not be in addresses.

use super::browser::{AINO, event};
use crate::support::{House, texts};

/// Every form of the portal, filled in so that it would do something.
const FORMS: &[(&str, &[(&str, &str)])] = &[
    ("/me/purposes", &[("says", "object"), ("scope", "marketing")]),
    ("/me/purposes", &[("says", "consent"), ("scope", "marketing")]),
    ("/me/preferences", &[("preferences.ports", "yes")]),
    ("/me/preferences", &[("says", "object"), ("scope", "email")]),
    ("/me/requests/new/erasure", &[("words", "all of it")]),
    (
        "/me/requests/new/rectification",
        &[("field", "contact-details.phone"), ("value", "+358 1 2345")],
    ),
    ("/me/leave", &[]),
];

#[tokio::test]
async fn a_form_without_the_token_of_the_visit_does_nothing() {
    let house = House::with_portal().await;
    let id = house.aino("FI", None).await;
    house.contact("FI", texts(&[("given_name", "Eeva")]), "eeva@harbour.example").await;
    let mut browser = house.visitor(AINO, "en").await;
    let mut other = house.visitor("eeva@harbour.example", "en").await;
    let of_other = other.get("/me/purposes").await.token();
    let guest = house.engine.portal_form(&browser.cookies["__Secure-portal-browser"]);
    let before = house.people("claims").await.access(id).await.unwrap().said;
    for (path, fields) in FORMS {
        for token in [None, Some(""), Some("x"), Some(of_other.as_str()), Some(guest.as_str())] {
            let mut all: Vec<(&str, &str)> = token.iter().map(|token| ("form", *token)).collect();
            all.extend(*fields);
            browser.post(path, &all).await.expect(403);
        }
    }
    assert_eq!(house.people("claims").await.access(id).await.unwrap().said, before);
    browser.get("/me/requests").await.expect(200).says("You have not asked for anything");
    // Without a visit a form leads to the page for signing in.
    for (path, fields) in FORMS {
        let answer = house.guest().post(path, fields).await.expect(303);
        assert_eq!(answer.header("location"), "/me/sign-in");
    }
}

#[tokio::test]
async fn a_form_of_another_kind_or_size_is_not_read() {
    let house = House::with_portal().await;
    house.aino("FI", None).await;
    let mut browser = house.visitor(AINO, "en").await;
    let token = browser.get("/me/purposes").await.token();
    let json = format!("{{\"form\":\"{token}\"}}");
    let headers = [("content-type", "application/json")];
    browser.send("POST", "/me/purposes", &headers, Some(json)).await.expect(403);
    let long = "a".repeat(200_000);
    let fields = [("form", token.as_str()), ("words", long.as_str())];
    browser.post("/me/requests/new/access", &fields).await.expect(413);
}

#[tokio::test]
async fn nobody_asks_for_a_link_or_uses_one_from_another_site() {
    let house = House::with_portal().await;
    house.aino("FI", None).await;
    let mut browser = house.guest();
    browser.get("/me/sign-in").await.expect(200);
    let other = house.engine.portal_form("a secret of another browser");
    for token in ["", other.as_str()] {
        let fields = [("form", token), ("email", AINO)];
        browser.post("/me/sign-in", &fields).await.expect(403);
        house.guest().post("/me/sign-in", &fields).await.expect(403);
    }
    assert!(house.mails().await.is_empty());
    browser.send_form("/me/sign-in", &[("email", AINO)]).await.expect(303);
    let link = house.link().await;
    browser.post(&link, &[("form", &other)]).await.expect(403);
    assert!(!browser.cookies.contains_key("__Secure-portal-visit"));
}

#[tokio::test]
async fn markup_in_what_somebody_wrote_comes_out_as_text() {
    let house = House::with_portal().await;
    let markup = "<script>alert(1)</script>\"><img src=x onerror=alert(1)>";
    let identity = texts(&[("given_name", markup), ("title", "<b>Dr</b>")]);
    let id = house.contact("FI", identity, AINO).await;
    let talk = event("communications", &[("subject", markup), ("content", markup)]);
    house.record("crm", id, talk).await;
    let mut browser = house.visitor(AINO, "en").await;
    let fields = [("words", markup), ("field", "identity.given_name"), ("value", markup)];
    browser.send_form("/me/requests/new/rectification", &fields).await.expect(303);
    for path in ["/me", "/me/held", "/me/held/communications", "/me/requests", "/me/preferences"] {
        let page = browser.get(path).await.expect(200);
        page.says_not("<script>alert").says_not("<img src=x").says_not("<b>Dr");
    }
    // A form that comes back with what was filled in.
    let long = format!("{markup}{}", "a".repeat(5_000));
    let fields = [("words", long.as_str()), ("field", "\"><script>"), ("value", markup)];
    let page = browser.send_form("/me/requests/new/rectification", &fields).await.expect(422);
    page.says("aria-invalid=\"true\"").says_not("<script>").says_not("<img src=x");
    browser.get("/me/held/%3Cscript%3E").await.expect(404).says_not("<script>");
}

#[tokio::test]
async fn no_header_is_slipped_in_through_an_address_a_language_or_a_cookie() {
    let house = House::with_portal().await;
    house.aino("FI", None).await;
    let mut browser = house.guest();
    browser.get("/me/sign-in").await.expect(200);
    let hostile = [
        "aino@harbour.example\r\nBcc: all@harbour.example",
        "aino@harbour.example%0d%0aBcc:all@harbour.example",
        "aino@harbour.example,all@harbour.example",
        "\"aino\r\n\"@harbour.example",
    ];
    for text in hostile {
        browser.send_form("/me/sign-in", &[("email", text)]).await;
    }
    assert!(house.mails().await.is_empty());
    let page = browser.get("/me/sign-in?lang=fi%0d%0aset-cookie:x=y").await.expect(200);
    assert!(
        page.headers.get_all("set-cookie").iter().all(|c| !c.to_str().unwrap().contains("x=y"))
    );
    for path in ["//evil.example/?lang=fi", "/me/..//evil.example?lang=fi"] {
        let page = browser.get(path).await;
        assert!(!page.header("location").starts_with("//"), "{path}");
    }
    browser.cookies.insert("__Secure-portal-browser".into(), "x".into());
    browser.get("/me/sign-in").await.expect(200);
    assert_eq!(
        browser.cookies["__Secure-portal-browser"].len(),
        52,
        "what it was given, and no other"
    );
    browser.cookies.insert("__Secure-portal-language".into(), "\"><script>".into());
    browser.get("/me/sign-in").await.expect(200).says_not("<script>");
}

#[tokio::test]
async fn nothing_of_a_contact_is_in_addresses_or_in_what_is_kept_by_the_browser() {
    let house = House::with_portal().await;
    let id = house.aino("FI", None).await;
    let mut browser = house.visitor(AINO, "en").await;
    let fields =
        [("words", "It is Laine now"), ("field", "identity.family_name"), ("value", "Laine")];
    let opened = browser.send_form("/me/requests/new/rectification", &fields).await.expect(303);
    assert_eq!(opened.header("location"), "/me/requests?opened");
    let mut addresses = vec![opened.header("location").to_owned()];
    for path in ["/me", "/me/held", "/me/purposes", "/me/used", "/me/requests", "/me/preferences"] {
        let page = browser.get(path).await.expect(200);
        assert_eq!(page.header("cache-control"), "no-store");
        assert_eq!(page.header("referrer-policy"), "no-referrer");
        let links = page.text.split("href=\"").chain(page.text.split("action=\"")).skip(1);
        addresses.extend(links.map(|rest| rest.split('"').next().unwrap().to_owned()));
    }
    let kept = browser.cookies.values().cloned();
    for text in addresses.into_iter().chain(kept) {
        let id = id.to_string();
        for personal in ["aino", "virtanen", "laine", "harbour", id.as_str()] {
            assert!(!text.to_lowercase().contains(personal), "{text}");
        }
    }
}

#[tokio::test]
async fn every_page_loads_from_this_house_alone() {
    let house = House::with_portal().await;
    house.aino("FI", None).await;
    let mut browser = house.visitor(AINO, "en").await;
    for path in ["/me", "/me/held", "/me/purposes", "/me/used", "/me/categories", "/me/requests"] {
        let page = browser.get(path).await.expect(200);
        let page = page.says_not("<script").says_not("<style").says_not(" style=");
        let loaded = page.text.split("<link").skip(1).chain(page.text.split("src=").skip(1));
        for part in loaded {
            assert!(!part.split('>').next().unwrap().contains("://"), "{part}");
        }
    }
    let sheet = browser.get("/me/portal.css").await.expect(200);
    assert!(sheet.header("content-type").starts_with("text/css"));
}
