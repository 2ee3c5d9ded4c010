//! The API fuzzed from its own description: what it answers is what it says it may answer.

use std::fs;
use std::path::Path;
use std::process::Command;

use gantry_tests::client::Asked;
use gantry_tests::demo::Demo;
use gantry_tests::place::{folder, tool};

use crate::support::{on_a_server, soak};

/// Seconds of it.
const USUALLY: u32 = 60;
const SOAKING: u32 = 300;

#[test]
fn the_api_answers_as_it_describes_itself_whatever_is_asked() {
    if on_a_server() {
        eprintln!("skipped: the demo is a store in files");
        return;
    }
    let demo = Demo::serve();
    let place = tempfile::tempdir().unwrap();
    let settings = place.path().join("schemathesis.toml");
    let written = Path::new(env!("CARGO_MANIFEST_DIR")).join("tools/schemathesis.toml");
    fs::copy(written, &settings).unwrap();
    let records = format!("contacts/{}/records", demo.person("customer"));
    for (file, path) in [
        ("contacts.txt", "contacts"),
        ("companies.txt", "companies"),
        ("records.txt", records.as_str()),
    ] {
        fs::write(place.path().join(file), ids(&demo, path)).unwrap();
    }
    let seconds = if soak() { SOAKING } else { USUALLY };
    let mut fuzz = Command::new(tool("python/bin/st"));
    fuzz.arg("--no-color").arg("--config-file").arg(&settings).arg("run");
    fuzz.arg(format!("{}/api/openapi.json", demo.url())).args(["--max-time", &seconds.to_string()]);
    fuzz.args(["--generation-database", "none", "--report", "junit", "--report-dir"]);
    fuzz.arg(folder("schemathesis")).current_dir(place.path());
    fuzz.env("GANTRY_TOKEN", demo.token());
    // It says with which seed it began: `--seed` does the same again.
    let ran = fuzz.output().unwrap();
    let said = String::from_utf8_lossy(&ran.stdout);
    assert!(ran.status.success(), "{said}{}", String::from_utf8_lossy(&ran.stderr));
    eprintln!("{said}");
    let log = demo.end();
    assert!(!log.contains("panicked"), "{log}");
}

/// Ids of some things of the demo, quoted, a line for each.
fn ids(demo: &Demo, of: &str) -> String {
    let page = demo.client().ask(&Asked::get(format!("/api/v1/crm/{of}?limit=20"))).unwrap().json();
    let items = page["items"].as_array().unwrap().iter();
    items.fold(String::new(), |lines, item| lines + &item["id"].to_string() + "\n")
}
