//! Walks through console and portal, as people at work and contacts take them.

mod contacts;
mod importing;
mod keyboard;
mod light;
mod notice;
pub(crate) mod portal;
mod provider;
mod purposes;
mod signing_in;

use gantry_tests::demo::Demo;

use crate::browser::Browser;

/// Signs in with an account of the demo.
pub(crate) async fn sign_in(browser: &Browser, demo: &Demo, account: &str) {
    browser.go("/sign-in").await;
    try_to_sign_in(browser, account, password(demo)).await;
    browser.see("Sign out").await;
}

/// Fills in the form for signing in, and sends it.
async fn try_to_sign_in(browser: &Browser, account: &str, password: &str) {
    browser.fill("Account", account).await;
    browser.fill("Password", password).await;
    browser.press("Sign in").await;
}

/// The password of all accounts of the demo.
fn password(demo: &Demo) -> &str {
    demo.guide()["password"].as_str().unwrap()
}
