//! Signing in and out, and where one is signed in.

use gantry_tests::demo::Demo;

use super::{password, sign_in, try_to_sign_in};
use crate::browser::Browser;

#[tokio::test]
async fn who_signs_in_comes_to_the_page_that_was_asked_for() {
    let demo = Demo::serve();
    let browser = Browser::open("signing-in", demo.url()).await;
    browser.go("/crm/contacts").await;
    assert_eq!(browser.path().await, "/sign-in");
    try_to_sign_in(&browser, "account-manager", "not the password").await;
    browser.see("That did not fit").await;
    let wrong = browser.text_of("[role=alert]").await;
    try_to_sign_in(&browser, "nobody-of-this-name", "not the password").await;
    browser.see("That did not fit").await;
    assert_eq!(
        browser.text_of("[role=alert]").await,
        wrong,
        "nobody learns which accounts there are"
    );
    try_to_sign_in(&browser, "account-manager", password(&demo)).await;
    browser.see("Sign out").await;
    assert_eq!(browser.path().await, "/crm/contacts");
    browser.press("Sign out").await;
    browser.go("/crm/contacts").await;
    assert_eq!(browser.path().await, "/sign-in");
    browser.close().await;
    let log = demo.end();
    assert!(!log.contains("not the password") && !log.contains("panicked"), "{log}");
}

#[tokio::test]
async fn a_sign_in_elsewhere_can_be_ended() {
    let demo = Demo::serve();
    let here = Browser::open("sign-in-here", demo.url()).await;
    let elsewhere = Browser::open("sign-in-elsewhere", demo.url()).await;
    sign_in(&elsewhere, &demo, "marketer").await;
    sign_in(&here, &demo, "marketer").await;
    here.go("/house/you").await;
    here.press("End it").await;
    elsewhere.go("/marketing").await;
    assert_eq!(elsewhere.path().await, "/sign-in");
    here.go("/marketing").await;
    here.see("Sign out").await;
    here.close().await;
    elsewhere.close().await;
}
