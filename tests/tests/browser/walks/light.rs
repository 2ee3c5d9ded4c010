//! What a page costs and asks for.

use gantry_tests::demo::Demo;

use super::sign_in;
use crate::browser::Browser;

/// Bytes of the first page over the wire, with all that it loads.
const FIRST_PAGE: u64 = 60 * 1024;

#[tokio::test]
async fn the_first_page_is_light_and_asks_nobody_else() {
    let demo = Demo::serve();
    let browser = Browser::open("light", demo.url()).await;
    for page in ["/sign-in", "/"] {
        browser.go(page).await;
        let loaded = browser
            .script("return performance.getEntries().filter((e) => e.transferSize !== undefined).map((e) => [e.name, e.transferSize])")
            .await;
        let loaded = loaded.as_array().unwrap();
        let bytes: u64 = loaded.iter().map(|one| one[1].as_u64().unwrap()).sum();
        assert!(loaded.len() >= 3, "page, sheet, script: {loaded:?}");
        let elsewhere =
            |one: &&serde_json::Value| !one[0].as_str().unwrap().starts_with(demo.url());
        assert_eq!(loaded.iter().find(elsewhere), None);
        eprintln!("{page}: {bytes} bytes, {loaded:?}");
        assert!(bytes <= FIRST_PAGE, "{page} takes {bytes} bytes: {loaded:?}");
        sign_in(&browser, &demo, "demo").await;
    }
    browser.close().await;
}
