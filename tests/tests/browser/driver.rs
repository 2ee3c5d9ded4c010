//! chromedriver, and the commands of it that the WebDriver standard does not have.

use std::fmt::Debug;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

use fantoccini::wd::WebDriverCompatibleCommand;
use http::Method;
use serde_json::{Value as Json, json};
use url::{ParseError, Url};

/// A chromedriver that goes with the test, and its browser with it.
pub(crate) struct Driver {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Driver {
    /// Starts one on a free port of the loopback.
    pub(crate) fn start() -> Driver {
        let mut command = Command::new("chromedriver");
        command.arg("--port=0").stdin(Stdio::null());
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        let child = command.spawn();
        let mut child = child.unwrap_or_else(|error| {
            panic!("no chromedriver: {error}; install it (on Debian: chromium-driver)")
        });
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let port = loop {
            let mut line = String::new();
            assert_ne!(out.read_line(&mut line).unwrap(), 0, "chromedriver does not start");
            let port = line.trim().strip_prefix("ChromeDriver was started successfully on port ");
            if let Some(port) = port {
                break port.trim_end_matches('.').parse().unwrap();
            }
        };
        std::thread::spawn(move || out.read_to_end(&mut Vec::new()));
        Driver { child, address: SocketAddr::from(([127, 0, 0, 1], port)) }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a browser is to be: without a window, in nobody's profile, and without a way to anywhere but here.
pub(crate) fn capabilities() -> Json {
    let mut arguments = vec![
        "--headless=new",
        "--disable-dev-shm-usage",
        "--disable-gpu",
        "--hide-scrollbars",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--force-prefers-reduced-motion",
        "--force-color-profile=srgb",
        "--lang=en",
        // Whoever would ask elsewhere finds nobody, and the test sees the complaint.
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
        // The browser ends when its driver does.
        "--remote-debugging-pipe",
    ];
    if is_root() {
        arguments.push("--no-sandbox");
    }
    json!({
        "browserName": "chrome",
        "goog:chromeOptions": {
            "args": arguments,
            "prefs": {
                "credentials_enable_service": false,
                "profile.password_manager_enabled": false,
                "profile.password_manager_leak_detection": false,
            },
        },
        "goog:loggingPrefs": { "browser": "ALL" },
    })
}

/// Chromium does not put root in a sandbox.
fn is_root() -> bool {
    let asked = Command::new("id").arg("-u").output().unwrap();
    asked.stdout.starts_with(b"0")
}

/// A command of the browser's own protocol (`Emulation.setEmulatedMedia` ...).
#[derive(Debug)]
pub(crate) struct Native(pub(crate) &'static str, pub(crate) Json);

impl WebDriverCompatibleCommand for Native {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!("session/{}/goog/cdp/execute", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(json!({ "cmd": self.0, "params": self.1 }).to_string()))
    }
}

/// What the browser wrote to its console since it was last asked.
#[derive(Debug)]
pub(crate) struct Said;

impl WebDriverCompatibleCommand for Said {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!("session/{}/se/log", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(json!({ "type": "browser" }).to_string()))
    }
}
