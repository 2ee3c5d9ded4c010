//! A contact in the portal, and what the console then sees.

use gantry_tests::client::Asked;
use gantry_tests::demo::Demo;

use super::sign_in;
use crate::browser::Browser;

/// The e-mail address of somebody whom the demo says to look at.
pub(crate) fn email_of(demo: &Demo, part: &str) -> String {
    let path = format!("/api/v1/crm/contacts/{}", demo.person(part));
    let contact = demo.client().ask(&Asked::get(path)).unwrap().json();
    contact["data"]["contact-details"]["email"].as_str().unwrap().to_owned()
}

/// Comes in by the link in the mail that the demo caught.
pub(crate) async fn come_in(browser: &Browser, email: &str) {
    ask_for_a_link(browser, email).await;
    browser.follow("This is a demo: see the mail that was caught").await;
    browser.see(email).await;
    browser.click("article a").await;
    browser.press("Show my data").await;
    browser.see("Your data with us").await;
}

async fn ask_for_a_link(browser: &Browser, email: &str) {
    // Who chooses no language gets the one that the contact prefers.
    browser.go("/me/sign-in?lang=en").await;
    browser.fill("Your e-mail address", email).await;
    browser.press("Send me a link").await;
    browser.see("Look at your mail").await;
}

#[tokio::test]
async fn who_objects_to_marketing_is_gone_from_it_at_once() {
    let demo = Demo::serve();
    let (marketed, email) = (demo.person("marketed"), email_of(&demo, "marketed"));
    let (console, portal) =
        (Browser::open("marketer", demo.url()).await, Browser::open("objecting", demo.url()).await);
    sign_in(&console, &demo, "marketer").await;
    let page = format!("/marketing/contacts/{marketed}");
    console.go(&page).await;
    console.see(&email).await;
    come_in(&portal, &email).await;
    portal.follow("What we use it for").await;
    portal.click("section[aria-labelledby=purpose-marketing] form button").await;
    portal.see("Direct marketing to you stops from now on").await;
    portal.picture("portal-objected").await;
    console.go(&page).await;
    console.see("objected").await;
    console.see_no(&email).await;
    // What else works with the contact goes on.
    leave(&console).await;
    sign_in(&console, &demo, "account-manager").await;
    console.go(&format!("/crm/contacts/{marketed}")).await;
    console.see(&email).await;
    // It is taken back as easily.
    portal.click("section[aria-labelledby=purpose-marketing] form button").await;
    leave(&console).await;
    sign_in(&console, &demo, "marketer").await;
    console.go(&page).await;
    console.see(&email).await;
    portal.close().await;
    console.close().await;
    let log = demo.end();
    assert!(!log.contains(&email) && !log.contains("panicked"), "{log}");
}

async fn leave(console: &Browser) {
    console.go("/").await;
    console.press("Sign out").await;
}

#[tokio::test]
async fn a_link_is_good_once_and_in_the_browser_that_asked_for_it() {
    let demo = Demo::serve();
    let email = email_of(&demo, "customer");
    let own = Browser::open("own-link", demo.url()).await;
    // Whoever asks with an address that nobody has gets the same answer, and no mail.
    ask_for_a_link(&own, "nobody@nowhere.example").await;
    let unknown = own.text_of("main").await;
    ask_for_a_link(&own, &email).await;
    assert_eq!(own.text_of("main").await, unknown);
    own.follow("This is a demo: see the mail that was caught").await;
    own.see(&email).await;
    own.see_no("nobody@nowhere.example").await;
    let link = own.find("article a").await.attr("href").await.unwrap().unwrap();
    let thief = Browser::open("thief", demo.url()).await;
    thief.go("/me/sign-in").await;
    thief.go(&link).await;
    thief.press("Show my data").await;
    thief.see("This link does not work.").await;
    thief.close().await;
    own.go(&link).await;
    own.press("Show my data").await;
    own.see("Your data with us").await;
    own.go(&link).await;
    own.press("Show my data").await;
    own.see("This link does not work.").await;
    own.close().await;
}
