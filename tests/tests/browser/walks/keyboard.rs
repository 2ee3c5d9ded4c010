//! Without a mouse.

use fantoccini::key::Key;
use gantry_tests::demo::Demo;

use super::{password, sign_in};
use crate::browser::Browser;

#[tokio::test]
async fn one_signs_in_finds_and_changes_by_keyboard_alone() {
    let demo = Demo::serve();
    let browser = Browser::open("keyboard", demo.url()).await;
    browser.go("/sign-in").await;
    assert_eq!(browser.focused().await, "Account", "the first field has the focus");
    browser.keys("account-manager").await;
    press(&browser, Key::Tab).await;
    browser.keys(password(&demo)).await;
    browser.mark().await;
    press(&browser, Key::Enter).await;
    browser.arrive().await;
    // The first stop of a page leads past what is on every page.
    press(&browser, Key::Tab).await;
    assert_eq!(browser.focused().await, "Skip to the content");
    press(&browser, Key::Enter).await;
    let main = browser.script("return document.activeElement.id").await;
    assert_eq!(main, "content");
    // The palette: called, narrowed down, walked with arrows, left by Enter.
    browser.chord(Key::Control, 'k').await;
    browser.until("the palette", async || browser.focused().await == "Purpose or page").await;
    browser.keys("customer contacts").await;
    browser.until("a place", async || browser.count("[role=option]").await > 0).await;
    press(&browser, Key::Down).await;
    press(&browser, Key::Up).await;
    browser.mark().await;
    press(&browser, Key::Enter).await;
    browser.arrive().await;
    assert_eq!(browser.path().await, "/crm/contacts");
    // Escape leaves it, and the focus is where it was.
    tab_to(&browser, "Name, e-mail, phone or company").await;
    browser.chord(Key::Control, 'k').await;
    browser.until("the palette", async || browser.focused().await == "Purpose or page").await;
    press(&browser, Key::Escape).await;
    browser
        .until("the field", async || browser.focused().await == "Name, e-mail, phone or company")
        .await;
    // The form is sent from its field, and what it finds is walked through.
    browser.keys("helmi").await;
    browser.mark().await;
    press(&browser, Key::Enter).await;
    browser.arrive().await;
    tab_to(&browser, "Helmi Peltonen").await;
    browser.mark().await;
    press(&browser, Key::Enter).await;
    browser.arrive().await;
    assert_eq!(browser.text_of("h1").await, "Helmi Peltonen");
    browser.close().await;
}

#[tokio::test]
async fn every_stop_of_the_keyboard_can_be_seen() {
    let demo = Demo::serve();
    let browser = Browser::open("focus", demo.url()).await;
    sign_in(&browser, &demo, "account-manager").await;
    browser.go(&format!("/crm/contacts/{}", demo.person("customer"))).await;
    let stops =
        browser.script("return [...document.querySelectorAll('a, button, input, summary')].length");
    let stops = stops.await.as_u64().unwrap();
    for _ in 0..stops.min(60) {
        press(&browser, Key::Tab).await;
        let seen = browser.script(
            "const e = document.activeElement, s = getComputedStyle(e), r = e.getBoundingClientRect();
             if (e === document.body) return true;
             const shown = r.bottom > 0 && r.top < innerHeight && r.right > 0 && r.left < innerWidth;
             return shown && s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2",
        );
        let at = browser.focused().await;
        assert_eq!(seen.await, true, "the focus on `{at}` cannot be seen");
    }
    browser.close().await;
}

async fn press(browser: &Browser, key: Key) {
    browser.keys(&key.to_string()).await;
}

/// Goes on by Tab until something has the focus.
async fn tab_to(browser: &Browser, what: &str) {
    for _ in 0..80 {
        if browser.focused().await == what {
            return;
        }
        press(browser, Key::Tab).await;
    }
    panic!("`{what}` is not reached by Tab on {}", browser.path().await);
}
