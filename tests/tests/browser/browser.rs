//! A browser as somebody sits before it: looks for words, fills in fields by their labels, follows links
//! and presses buttons by their names, and waits until what it expects is there.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::elements::Element;
use fantoccini::key::Key;
use fantoccini::{Client, ClientBuilder, Locator};
use gantry_tests::client::{Asked, Client as Connection};
use gantry_tests::place::folder;
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value as Json, json};

use crate::driver::{Driver, Native, Said, capabilities};

/// Nothing that a page does takes as long, on a machine that is busy with other tests.
const PATIENCE: Duration = Duration::from_secs(20);
/// How often is looked whether it is there.
const LOOK: Duration = Duration::from_millis(25);

/// What somebody looks at pages with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Screen {
    Desktop,
    Phone,
}

/// What somebody likes pages to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Light {
    Light,
    Dark,
}

/// A browser of its own for a test, before one server.
pub(crate) struct Browser {
    test: &'static str,
    client: Client,
    session: String,
    base: String,
    driver: Driver,
}

impl Browser {
    /// Opens one on a desktop in daylight. `test` names the picture that is left where the test fails.
    pub(crate) async fn open(test: &'static str, base: &str) -> Browser {
        let driver = Driver::start();
        let capabilities = capabilities().as_object().unwrap().clone();
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let address = format!("http://{}", driver.address);
        let client = builder.capabilities(capabilities).connect(&address).await;
        let client = client.unwrap_or_else(|error| panic!("no browser: {error}"));
        let session = client.session_id().await.unwrap().unwrap();
        let browser = Browser { test, client, session, base: base.to_owned(), driver };
        browser.sit_at(Screen::Desktop, Light::Light).await;
        browser
    }

    /// Takes another screen, or another light.
    pub(crate) async fn sit_at(&self, screen: Screen, light: Light) {
        let (width, height, scale, mobile) = match screen {
            Screen::Desktop => (1280, 900, 1, false),
            Screen::Phone => (390, 844, 2, true),
        };
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": scale, "mobile": mobile });
        self.native("Emulation.setDeviceMetricsOverride", metrics).await;
        self.native("Emulation.setTouchEmulationEnabled", json!({ "enabled": mobile })).await;
        let scheme = if light == Light::Dark { "dark" } else { "light" };
        let features = json!([
            { "name": "prefers-color-scheme", "value": scheme },
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ]);
        self.native("Emulation.setEmulatedMedia", json!({ "features": features })).await;
    }

    /// Opens a page by its path, or by a whole address.
    pub(crate) async fn go(&self, path: &str) {
        let url =
            if path.starts_with("http") { path.to_owned() } else { format!("{}{path}", self.base) };
        self.client.goto(&url).await.unwrap_or_else(|error| panic!("{url}: {error}"));
    }

    /// Where it is now: the path and what follows it.
    pub(crate) async fn path(&self) -> String {
        let url = self.client.current_url().await.unwrap().to_string();
        url.strip_prefix(&self.base).map_or(url.clone(), str::to_owned)
    }

    /// The words on the page, as they are shown.
    pub(crate) async fn text(&self) -> String {
        self.script("return document.body.innerText").await.as_str().unwrap_or_default().to_owned()
    }

    /// The words of a part of the page.
    pub(crate) async fn text_of(&self, css: &str) -> String {
        self.find(css).await.text().await.unwrap()
    }

    /// Waits until these words are on the page.
    pub(crate) async fn see(&self, words: &str) {
        self.until(words, async || self.text().await.contains(words)).await;
    }

    /// These words are not on the page, which is there as a whole.
    pub(crate) async fn see_no(&self, words: &str) {
        let text = self.text().await;
        assert!(!text.contains(words), "`{words}` is on {}:\n{text}", self.path().await);
    }

    /// Waits until something holds.
    pub(crate) async fn until(&self, what: &str, mut holds: impl AsyncFnMut() -> bool) {
        let began = Instant::now();
        while !holds().await {
            assert!(
                began.elapsed() < PATIENCE,
                "`{what}` does not come on {}:\n{}",
                self.path().await,
                self.text().await
            );
            tokio::time::sleep(LOOK).await;
        }
    }

    /// A part of the page, once it is there.
    pub(crate) async fn find(&self, css: &str) -> Element {
        self.at(Locator::Css(css), css).await
    }

    async fn at(&self, locator: Locator<'_>, what: &str) -> Element {
        let wait = self.client.wait().at_most(PATIENCE).every(LOOK);
        match wait.for_element(locator).await {
            Ok(element) => element,
            Err(error) => {
                panic!("no `{what}` on {}: {error}\n{}", self.path().await, self.text().await)
            }
        }
    }

    /// How many of them there are now.
    pub(crate) async fn count(&self, css: &str) -> usize {
        self.client.find_all(Locator::Css(css)).await.unwrap().len()
    }

    /// Writes into the field with this label, over what is there.
    pub(crate) async fn fill(&self, label: &str, value: &str) {
        let field = self.field(label).await;
        if field.attr("type").await.unwrap().as_deref() != Some("file") {
            field.clear().await.unwrap();
        }
        field.send_keys(value).await.unwrap();
    }

    /// Writes into a field that has no label of its own.
    pub(crate) async fn fill_at(&self, css: &str, value: &str) {
        self.find(css).await.send_keys(value).await.unwrap();
    }

    /// Chooses in the field with this label what is called so.
    pub(crate) async fn choose(&self, label: &str, option: &str) {
        let chosen = self.field(label).await.select_by_label(option).await;
        chosen.unwrap_or_else(|error| panic!("no `{option}` in `{label}`: {error}"));
    }

    /// The field with this label.
    pub(crate) async fn field(&self, label: &str) -> Element {
        let (whole, needed) = (quoted(label), quoted(&format!("{label} (needed)")));
        let words = "normalize-space(.)";
        let path = format!("//*[@id=//label[{words}={whole} or {words}={needed}]/@for]");
        self.at(Locator::XPath(&path), label).await
    }

    /// Follows the link that is called so to another page.
    pub(crate) async fn follow(&self, name: &str) {
        let path = format!("//a[normalize-space(.)={}]", quoted(name));
        let link = self.at(Locator::XPath(&path), name).await;
        self.leave_by(&link).await;
    }

    /// Presses the button that is called so, which leads to another page.
    pub(crate) async fn press(&self, name: &str) {
        let path = format!("//button[normalize-space(.)={}]", quoted(name));
        let button = self.at(Locator::XPath(&path), name).await;
        self.leave_by(&button).await;
    }

    /// Clicks on a part of the page that leads to another.
    pub(crate) async fn click(&self, css: &str) {
        let part = self.find(css).await;
        self.leave_by(&part).await;
    }

    async fn leave_by(&self, element: &Element) {
        self.mark().await;
        element.click().await.unwrap();
        self.arrive().await;
    }

    /// Marks the page, so that one can tell when it is another.
    pub(crate) async fn mark(&self) {
        self.script("window.left = true").await;
    }

    /// Waits until another page than the marked one is there as a whole.
    pub(crate) async fn arrive(&self) {
        let there = "return !window.left && document.readyState === 'complete'";
        self.until("another page", async || self.script(there).await == json!(true)).await;
    }

    /// Types on the keyboard, wherever the focus is.
    pub(crate) async fn keys(&self, keys: &str) {
        self.client.active_element().await.unwrap().send_keys(keys).await.unwrap();
    }

    /// Presses a key while another is held.
    pub(crate) async fn chord(&self, held: Key, key: char) {
        let pressed = KeyActions::new("keyboard".to_owned())
            .then(KeyAction::Down { value: held.into() })
            .then(KeyAction::Down { value: key })
            .then(KeyAction::Up { value: key })
            .then(KeyAction::Up { value: held.into() });
        self.client.perform_actions(pressed).await.unwrap();
    }

    /// What has the focus: its words, or the label of a field.
    pub(crate) async fn focused(&self) -> String {
        let focused = self.script(
            "const e = document.activeElement;
             if (!e || e === document.body) return '';
             const named = e.labels?.[0]?.innerText ?? e.getAttribute('aria-label') ?? e.innerText;
             return (named || e.id || e.tagName).trim()",
        );
        focused.await.as_str().unwrap_or_default().to_owned()
    }

    /// Runs a script in the page and gives what it returns. The page's own rules for scripts stay in force.
    pub(crate) async fn script(&self, script: &str) -> Json {
        self.client
            .execute(script, Vec::new())
            .await
            .unwrap_or_else(|error| panic!("{error}: {script}"))
    }

    /// The same with arguments.
    pub(crate) async fn script_with(&self, script: &str, arguments: &[&str]) -> Json {
        let arguments = arguments.iter().map(|one| json!(one)).collect();
        self.client
            .execute(script, arguments)
            .await
            .unwrap_or_else(|error| panic!("{error}: {script}"))
    }

    /// The same with a script that calls its last argument when it has done.
    pub(crate) async fn script_later(&self, script: &str, arguments: Vec<Json>) -> Json {
        self.client.execute_async(script, arguments).await.unwrap_or_else(|error| panic!("{error}"))
    }

    /// Leaves a picture of the whole page in `target/screenshots`.
    pub(crate) async fn picture(&self, name: &str) {
        let taken = self.native("Page.captureScreenshot", json!({ "captureBeyondViewport": true }));
        keep(name, taken.await["data"].as_str().unwrap());
    }

    /// What the browser complained about since it was last asked: scripts and styles that the page's
    /// policy forbids, faults in scripts, files that are not there.
    pub(crate) async fn complaints(&self) -> Vec<String> {
        let said = self.client.issue_cmd(Said).await.unwrap();
        let bad = said.as_array().unwrap().iter().filter(|entry| entry["level"] == "SEVERE");
        let texts = bad.map(|entry| entry["message"].as_str().unwrap_or_default().to_owned());
        // That a page was answered with a refusal is what the walk is about.
        texts.filter(|text| !text.contains("the server responded with a status of 4")).collect()
    }

    /// Closes it. It had nothing to complain about.
    pub(crate) async fn close(self) {
        let complaints = self.complaints().await;
        assert!(complaints.is_empty(), "the browser complains: {complaints:#?}");
    }

    async fn native(&self, command: &'static str, parameters: Json) -> Json {
        let done = self.client.issue_cmd(Native(command, parameters)).await;
        done.unwrap_or_else(|error| panic!("{command}: {error}"))
    }

    /// Asks the driver without the runtime, which is gone when a test has failed.
    fn last(&self, what: &str) -> Option<String> {
        let mut driver = Connection::connect(self.driver.address, "").ok()?;
        let path = format!("/session/{}/{what}", self.session);
        let answer = driver.ask(&Asked::get(path)).ok()?;
        answer.json()["value"].as_str().map(str::to_owned)
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            return;
        }
        if let Some(picture) = self.last("screenshot") {
            let kept = keep(&format!("failed-{}", self.test), &picture);
            let url = self.last("url").unwrap_or_default();
            eprintln!("the browser was at {url}: {}", kept.display());
        }
    }
}

/// Keeps a picture (base64).
fn keep(name: &str, picture: &str) -> PathBuf {
    let file = folder("screenshots").join(format!("{name}.png"));
    std::fs::write(&file, STANDARD.decode(picture).unwrap()).unwrap();
    file
}

/// A text in an XPath, which knows no escapes.
fn quoted(text: &str) -> String {
    if text.contains('\'') { format!("\"{text}\"") } else { format!("'{text}'") }
}
