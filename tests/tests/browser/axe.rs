//! axe-core in a page: what keeps people from using it.

use std::fmt;
use std::fs;
use std::sync::LazyLock;

use gantry_tests::place::tool;
use serde_json::{Value as Json, json};

use crate::browser::Browser;

static AXE: LazyLock<String> =
    LazyLock::new(|| fs::read_to_string(tool("node_modules/axe-core/axe.min.js")).unwrap());

/// WCAG 2.2 on level AA, and what is good practice besides.
const TAGS: &[&str] = &["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

const RUN: &str = "const [tags, done] = arguments;
    axe.run(document, { runOnly: tags, resultTypes: ['violations'] })
        .then((found) => done(found.violations), (error) => done(String(error)))";

/// A rule that a page breaks, and where.
#[derive(Debug)]
pub(crate) struct Violation {
    rule: String,
    impact: String,
    help: String,
    /// How the page was looked at.
    page: String,
    /// Each with its markup and what is wrong with it.
    elements: Vec<(String, String)>,
}

impl Violation {
    /// Whether it keeps somebody from using the page.
    pub(crate) fn counts(&self) -> bool {
        matches!(&*self.impact, "serious" | "critical")
    }

    fn of(found: &Json, page: &str) -> Violation {
        let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
        let nodes = found["nodes"].as_array().unwrap().iter();
        let elements = nodes.map(|node| (text(&node["html"]), text(&node["failureSummary"])));
        Violation {
            rule: text(&found["id"]),
            impact: text(&found["impact"]),
            help: text(&found["help"]),
            page: page.to_owned(),
            elements: elements.collect(),
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} ({}) on {}: {}", self.rule, self.impact, self.page, self.help)?;
        for (markup, wrong) in &self.elements {
            writeln!(f, "  {markup}\n    {}", wrong.replace('\n', "\n    "))?;
        }
        Ok(())
    }
}

/// What axe-core finds on the page at which the browser is.
pub(crate) async fn violations(browser: &Browser, page: &str) -> Vec<Violation> {
    if browser.script("return typeof axe").await == "undefined" {
        browser.script(&AXE).await;
    }
    let found = browser.script_later(RUN, vec![json!(TAGS)]).await;
    let found = found.as_array().unwrap_or_else(|| panic!("{page}: axe says {found}"));
    found.iter().map(|one| Violation::of(one, page)).collect()
}
