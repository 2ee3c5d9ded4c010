//! Every page, by everybody: read by screen readers, in daylight and in the dark, on a desk and on a phone.

use gantry_tests::demo::Demo;

use crate::axe::{Violation, violations};
use crate::browser::{Browser, Light, Screen};
use crate::look::{small_targets, sticks_out};
use crate::pages::{self, Sight};
use crate::walks::portal::{come_in, email_of};
use crate::walks::sign_in;

/// Who has all roles in the demo.
const EVERYBODY: &str = "demo";

#[tokio::test]
async fn pages_that_anybody_may_open_are_for_everybody() {
    let demo = Demo::serve();
    let browser = Browser::open("open-to-all", demo.url()).await;
    look_at(&browser, &pages::open_to_all()).await;
    browser.close().await;
}

#[tokio::test]
async fn pages_of_the_house_are_for_everybody() {
    console(|sight| sight.path.starts_with("/house") || sight.path == "/").await;
}

#[tokio::test]
async fn start_pages_of_all_purposes_are_for_everybody() {
    console(|sight| sight.name.starts_with("start-")).await;
}

#[tokio::test]
async fn pages_of_rooms_are_for_everybody() {
    let elsewhere = |sight: &Sight| {
        sight.path.starts_with("/house") || sight.path == "/" || sight.name.starts_with("start-")
    };
    console(|sight| !elsewhere(sight)).await;
}

#[tokio::test]
async fn pages_of_the_portal_are_for_everybody() {
    let demo = Demo::serve();
    let browser = Browser::open("portal", demo.url()).await;
    look_at(&browser, &pages::portal_open()).await;
    come_in(&browser, &email_of(&demo, "customer")).await;
    look_at(&browser, &pages::portal()).await;
    browser.close().await;
}

async fn console(wanted: impl Fn(&Sight) -> bool) {
    let demo = Demo::serve();
    let browser = Browser::open("console", demo.url()).await;
    sign_in(&browser, &demo, EVERYBODY).await;
    let sights: Vec<Sight> = pages::console(&demo).into_iter().filter(wanted).collect();
    look_at(&browser, &sights).await;
    browser.close().await;
}

/// Looks at each page.
async fn look_at(browser: &Browser, sights: &[Sight]) {
    assert!(!sights.is_empty());
    let mut looked = Looked::default();
    for Sight { name, path } in sights {
        browser.go(path).await;
        looked.here(browser, name).await;
    }
    looked.done();
}

/// Pages that were looked at, and what is wrong with them.
#[derive(Default)]
pub(crate) struct Looked {
    violations: Vec<Violation>,
    wrong: Vec<String>,
}

impl Looked {
    /// Looks at the page that is open, and leaves pictures of it.
    pub(crate) async fn here(&mut self, browser: &Browser, name: &str) {
        let path = browser.path().await;
        let title = browser.script("return document.title").await;
        assert_ne!(title, "", "{path} has no title");
        for (screen, light, shown) in [
            (Screen::Desktop, Light::Light, "desktop"),
            (Screen::Desktop, Light::Dark, "desktop-dark"),
            (Screen::Phone, Light::Light, "phone"),
        ] {
            browser.sit_at(screen, light).await;
            self.violations.extend(violations(browser, &format!("{path} ({shown})")).await);
            if light == Light::Light {
                self.say(&path, shown, "sticks out", &sticks_out(browser).await);
            }
            if screen == Screen::Phone {
                self.say(&path, shown, "is small", &small_targets(browser).await);
            }
            browser.picture(&format!("{name}-{shown}")).await;
        }
        browser.sit_at(Screen::Desktop, Light::Light).await;
    }

    fn say(&mut self, path: &str, shown: &str, what: &str, parts: &[String]) {
        let said = parts.iter().map(|part| format!("{path} ({shown}): {what}: {part}"));
        self.wrong.extend(said);
    }

    /// Fails with all that is wrong.
    pub(crate) fn done(self) {
        let (counts, rest): (Vec<_>, Vec<_>) =
            self.violations.into_iter().partition(Violation::counts);
        for violation in rest {
            eprintln!("not serious: {violation}");
        }
        let counts: String = counts.iter().map(ToString::to_string).collect();
        assert!(counts.is_empty() && self.wrong.is_empty(), "{counts}{:#?}", self.wrong);
    }
}
