//! `gantry demo`: the main job.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

use serde_json::Value as Json;

use crate::client::{Asked, Client};
use crate::support::House;

#[test]
fn the_guided_tour_holds() {
    let Some(house) = House::of_files() else { return };
    let ran = house.done(&["demo", "--check"]);
    assert!(ran.out.contains("all of it holds") && !ran.out.contains("FAIL"), "{}", ran.out);
    assert!(ran.out.matches("expected:").count() >= 7 && ran.out.matches("seen:").count() >= 7);
    let left: Vec<_> = std::fs::read_dir(house.folder()).unwrap().collect();
    assert!(left.is_empty(), "nothing is left behind: {left:?}");
}

#[test]
fn the_demo_serves_what_it_says_to_try() {
    let Some(house) = House::of_files() else { return };
    let (mut demo, guide) = served(&house);
    let address = guide["url"].as_str().unwrap().strip_prefix("http://").unwrap();
    let token = guide["token"].as_str().unwrap();
    let mut client = Client::connect(address.parse().unwrap(), token).unwrap();
    let mut get = |path: String| client.ask(&Asked::get(path)).unwrap();
    let customer = guide["people"]["customer"].as_str().unwrap();
    let crm = get(format!("/api/v1/crm/contacts/{customer}"));
    assert!(crm.status == 200 && crm.body.contains("email"), "{crm:?}");
    let planner = get(format!("/api/v1/manufacturing/contacts/{customer}"));
    assert!(planner.status == 200 && !planner.body.contains("\"email\""), "{planner:?}");
    assert_eq!(get(format!("/api/v1/reporting/contacts/{customer}")).status, 403);
    let in_china = guide["people"]["in_china"].as_str().unwrap();
    assert!(get(format!("/api/v1/marketing/contacts/{in_china}")).body.contains("no-consent"));
    // A contact's own way in, and the mail that does not leave the demo.
    assert!(guide["portal"]["address"].as_str().unwrap().contains('@'), "{guide}");
    for (way, says) in [("sign-in", "Your e-mail address"), ("mail", "Mail that was caught")] {
        let way = guide["portal"][way].as_str().unwrap();
        let page = get(way.strip_prefix(guide["url"].as_str().unwrap()).unwrap().to_owned());
        assert!(page.status == 200 && page.body.contains(says), "{page:?}");
    }
    // The command line works on the same store at the same time.
    let store = guide["store"].as_str().unwrap();
    let at_work = ["--store", store, "--as", "demo"];
    let on = |rest: &[&'static str]| [&at_work[..], rest].concat();
    let found = house.json(&on(&["contact", "find", "--for", "crm", "--limit", "3"]));
    assert_eq!(found["items"].as_array().unwrap().len(), 3);
    demo.kill().unwrap();
    demo.wait().unwrap();
    let verified = house.json(&on(&["audit", "verify"]));
    assert_eq!(verified["holds"], true, "{verified}");
    // Served again it shows as much; the tour leaves it as it is.
    let (mut demo, again) = served(&house);
    assert_eq!(again["people"], guide["people"]);
    demo.kill().unwrap();
    demo.wait().unwrap();
    let ran = house.done(&["demo", "--folder", "here", "--check"]);
    assert!(ran.out.contains("all of it holds") && ran.err.contains("stays as it is"), "{ran:?}");
    house.done(&["contact", "show", "--store", store, "--as", "demo", "--for", "crm", customer]);
}

/// The demo, once it serves, and what it says to try.
fn served(house: &House) -> (Child, Json) {
    let args = ["demo", "--folder", "here", "--listen", "127.0.0.1:0", "--json"];
    let mut demo =
        house.command(&args).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(demo.stdout.take().unwrap()).read_line(&mut line).unwrap();
    (demo, serde_json::from_str(&line).unwrap())
}

#[test]
fn a_store_that_is_no_demo_is_not_taken_for_one() {
    let Some(house) = House::of_files().map(House::init) else { return };
    house.done(&["init", "--store", "gantry.db"]);
    let said = house.ends(&["demo", "--folder", ".", "--listen", "127.0.0.1:0"], 1);
    assert!(said.contains("is no demo"), "{said}");
}
