//! Signing in and out, and what the browser keeps.

use axum::http::StatusCode;
use gantry_engine::Cause;

use super::browser::PASSWORD;
use crate::support::{House, owner};

#[tokio::test]
async fn without_a_sign_in_a_page_leads_to_it_and_from_there_back() {
    let house = House::new().await;
    house.engine.set_password(&owner(), "anna", PASSWORD, Cause::Test).await.unwrap();
    let mut browser = house.browser();
    browser.get("/crm/contacts").await.to("/sign-in");
    browser.get("/sign-in").await.expect(200).shows("Sign in");
    let shown = browser.send("/sign-in", &[("account", "anna"), ("password", PASSWORD)]).await;
    assert_eq!(shown.to("/crm"), "/crm/contacts");
    browser.get("/crm/contacts").await.expect(200).shows("Contacts");
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_account_are_told_alike() {
    let house = House::new().await;
    house.engine.set_password(&owner(), "anna", PASSWORD, Cause::Test).await.unwrap();
    let mut browser = house.browser();
    let wrong = browser.sign_in("anna", "not the right one at all").await.expect(401);
    let unknown = browser.sign_in("nobody", "not the right one at all").await.expect(401);
    assert_eq!(wrong.html.replace("anna", ""), unknown.html.replace("nobody", ""));
    assert!(browser.cookies.is_empty());
}

#[tokio::test]
async fn a_sign_in_has_a_new_token_whatever_the_browser_brought() {
    let house = House::new().await;
    house.engine.set_password(&owner(), "anna", PASSWORD, Cause::Test).await.unwrap();
    let mut browser = house.browser();
    browser.cookies.insert("gantry".into(), "fixed-by-somebody".into());
    browser.sign_in("anna", PASSWORD).await.to("/");
    assert_ne!(browser.cookies.get("gantry").unwrap(), "fixed-by-somebody");
    let first = browser.cookies.clone();
    browser.sign_in("anna", PASSWORD).await.to("/");
    assert_ne!(browser.cookies, first);
}

#[tokio::test]
async fn signing_out_ends_the_sign_in_also_for_who_kept_its_cookie() {
    let house = House::new().await;
    let mut browser = house.at_work("anna", &[]).await;
    let mut thief = browser.clone();
    browser.post("/sign-out", &[]).await.to("/sign-in");
    browser.get("/").await.to("/sign-in");
    thief.get("/").await.to("/sign-in");
}

#[tokio::test]
async fn the_cookie_is_for_this_host_alone_and_over_tls_where_the_house_has_it() {
    let house = House::new().await;
    house.engine.set_password(&owner(), "anna", PASSWORD, Cause::Test).await.unwrap();
    let shown = house.browser().sign_in("anna", PASSWORD).await;
    let cookies = shown.headers.get_all("set-cookie").iter();
    let cookie = cookies.map(|c| c.to_str().unwrap()).find(|c| c.starts_with("gantry=")).unwrap();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
    let site = gantry_web::Site { public_url: "https://gantry.test".into(), ..Default::default() };
    let mut browser = house.browser_at(site);
    let shown = browser.sign_in("anna", PASSWORD).await;
    let cookies = shown.headers.get_all("set-cookie").iter();
    let mut cookies = cookies.map(|c| c.to_str().unwrap());
    let cookie = cookies.find(|c| c.starts_with("__Host-gantry=")).unwrap();
    assert!(cookie.contains("; Secure") && cookie.contains("Path=/;"), "{cookie}");
    assert_eq!(shown.header("strict-transport-security"), "max-age=31536000");
}

#[tokio::test]
async fn a_one_time_link_is_used_by_a_button_and_then_a_password_comes_first() {
    let house = House::new().await;
    house.account("mika", &["seller"]).await;
    let link = house.engine.sign_in_link(&owner(), "mika", Cause::Test).await.unwrap();
    let (path, link) = ("/sign-in/link", [("link", link.as_str())]);
    let mut browser = house.browser();
    browser.get(path).await.expect(200);
    browser.get("/").await.to("/sign-in");
    browser.send(path, &link).await.to("/house/you");
    browser.get("/sales").await.to("/house/you");
    browser.get("/house/you").await.expect(200).shows("set a password of your own first");
    let fields = [("password", PASSWORD), ("again", PASSWORD)];
    browser.post("/house/you/password", &fields).await.to("/house/you");
    browser.get("/sales").await.expect(200);
    let again = house.browser().send(path, &link).await;
    assert_eq!(again.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_weak_password_is_refused_at_its_field_and_the_old_one_stays() {
    let house = House::new().await;
    let mut browser = house.at_work("anna", &[]).await;
    let fields = [("current", PASSWORD), ("password", "anna"), ("again", "anna")];
    browser.post("/house/you/password", &fields).await.expect(422).shows("Nothing was stored");
    let fields = [("password", "lantern kettle harbour 77"), ("again", "another")];
    browser.post("/house/you/password", &fields).await.expect(422).shows("not the same");
    house.browser().sign_in("anna", PASSWORD).await.to("/");
}

#[tokio::test]
async fn other_sign_ins_are_listed_and_can_be_ended() {
    let house = House::new().await;
    let mut here = house.at_work("anna", &[]).await;
    let mut there = house.browser();
    there.sign_in("anna", PASSWORD).await.to("/");
    let page = here.get("/house/you").await.expect(200);
    let (_, rest) = page.html.split_once("/house/you/sign-ins/").unwrap();
    let id = rest.split('/').next().unwrap().to_owned();
    here.post(&format!("/house/you/sign-ins/{id}/end"), &[]).await.to("/house/you");
    there.get("/").await.to("/sign-in");
    here.get("/").await.expect(200);
}
