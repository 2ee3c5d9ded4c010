//! A new version of the notice: proposed by one person, approved by another.

use gantry_tests::demo::{Demo, today};

use super::sign_in;
use crate::browser::Browser;

#[tokio::test]
async fn a_version_comes_into_force_when_a_second_person_has_approved_it() {
    let demo = Demo::serve();
    let browser = Browser::open("publishing", demo.url()).await;
    sign_in(&browser, &demo, "privacy").await;
    browser.go("/house/notice").await;
    browser.follow("A new version").await;
    // A version that does not hold is sent back with what is wrong, and where.
    edit(&browser, "mode = \"aggregate\"", "mode = \"everything\"").await;
    browser.press("Check and propose").await;
    browser.see("It does not hold yet.").await;
    browser.see("Line ").await;
    edit(&browser, "mode = \"everything\"", "mode = \"aggregate\"").await;
    edit(&browser, "version = \"2026-11\"", "version = \"2026-12\"").await;
    edit(&browser, "effective = 2026-11-01", &format!("effective = {}", today())).await;
    // Planners learn e-mail addresses: they see more, so that contacts must be told.
    edit(
        &browser,
        "contact-details = { fields = [\"phone\", \"mobile\"], window = \"12 months",
        "contact-details = { fields = [\"email\", \"phone\", \"mobile\"], window = \"12 months",
    )
    .await;
    browser.press("Check and propose").await;
    browser.see("Version 2026-12 waits").await;
    browser.see("Somebody else who may approve must look at it.").await;
    browser.see("More may be done").await;
    browser.see("who must be told").await;
    assert_eq!(
        browser.count("form[action$='/approve']").await,
        0,
        "nobody approves what is their own"
    );
    browser.picture("notice-waits").await;
    browser.press("Sign out").await;
    sign_in(&browser, &demo, "counsel").await;
    browser.go("/house/notice").await;
    browser.follow("look at it").await;
    browser.press("Approve it").await;
    browser.go("/house/notice").await;
    let versions = browser.text_of("section[class=card]:last-of-type").await;
    assert!(versions.contains("2026-12 in force"), "{versions}");
    browser.follow("with the one before").await;
    browser.see("More may be done").await;
    browser.close().await;
}

/// Replaces the first such text of the notice in its field, as a person would by hand.
async fn edit(browser: &Browser, from: &str, to: &str) {
    let script = "const field = document.querySelector('textarea'), [from, to] = arguments;
         if (!field.value.includes(from)) return false;
         field.value = field.value.replace(from, () => to);
         return true";
    let done = browser.script_with(script, &[from, to]).await;
    assert_eq!(done, true, "the notice does not say `{from}`");
}
