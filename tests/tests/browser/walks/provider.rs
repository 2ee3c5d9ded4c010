//! Signing in with the company's provider of identities.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use gantry_tests::demo::Demo;
use gantry_tests::place::tool;
use serde_json::Value as Json;

use crate::browser::Browser;

const SUBJECT: &str = "planner-of-the-company";

/// A provider that knows one person and one client; it goes with the test.
struct Provider {
    child: Child,
    /// What it writes; it ends where nobody listens.
    _out: BufReader<ChildStdout>,
    said: Json,
}

impl Provider {
    fn start() -> Provider {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser/provider.mjs");
        let mut node = Command::new("node");
        node.arg(script).arg(tool("node_modules").parent().unwrap());
        node.args([SUBJECT, "/sign-in/provider/back"]);
        let mut child = node.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        out.read_line(&mut line).unwrap();
        let said = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
        Provider { child, _out: out, said }
    }

    fn say(&self, name: &str) -> &str {
        self.said[name].as_str().unwrap()
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn whom_the_company_vouches_for_is_let_in_once_the_account_is_known() {
    let provider = Provider::start();
    let house = Demo::serve_in_earnest(&[
        ("GANTRY_OIDC_ISSUER", provider.say("issuer")),
        ("GANTRY_OIDC_CLIENT", provider.say("client")),
        ("GANTRY_OIDC_SECRET", provider.say("secret")),
        ("GANTRY_OIDC_TITLE", "Harju account"),
    ]);
    let browser = Browser::open("provider", house.url()).await;
    browser.go("/manufacturing/contacts").await;
    browser.picture("sign-in-provider").await;
    browser.follow("Sign in with Harju account").await;
    browser.fill_at("input[name=login]", SUBJECT).await;
    browser.fill_at("input[name=password]", "anything").await;
    browser.press("Sign-in").await;
    browser.press("Continue").await;
    // Who somebody is does not say what they may do: an account must be theirs.
    browser.see("You are known there, and have no account here yet.").await;
    browser.picture("provider-unknown").await;
    house.command(&["user", "subject", "planner", provider.say("issuer"), SUBJECT]);
    browser.go("/manufacturing/contacts").await;
    browser.follow("Sign in with Harju account").await;
    browser.press("Continue").await;
    browser.see("Sign out").await;
    assert_eq!(browser.path().await, "/manufacturing/contacts");
    // The provider's pages asked for a font from elsewhere, in vain.
    browser.complaints().await;
    browser.go("/house/you").await;
    browser.see("Manufacturing of products").await;
    // What comes back to a browser that did not leave is not taken.
    browser.press("Sign out").await;
    browser.go("/sign-in/provider/back?code=stolen&state=guessed").await;
    browser.see("It began in another browser, or too long ago.").await;
    browser.close().await;
}
