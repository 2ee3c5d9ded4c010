//! `gantry notice`.

use crate::support::House;

const BUNDLED: &str = include_str!("../../../../notices/customer-contacts.toml");
const SMALL: &str = include_str!("../../../notices/small-service.toml");

#[test]
fn the_bundled_notice_holds_and_needs_no_store() {
    let house = House::empty();
    let checked = house.done(&["notice", "check"]).out;
    assert!(checked.contains("16 purposes"), "{checked}");
    let checked = house.json(&["notice", "check"]);
    assert_eq!(checked[0]["faults"].as_array().unwrap().len(), 0);
}

#[test]
fn every_fault_is_told_with_its_line() {
    let house = House::empty();
    let broken = BUNDLED.replacen("mode = \"aggregate\"", "mode = \"everything\"", 1);
    let broken = broken.replacen("smallest_cell = 10", "smallest_cell = 1", 1);
    let line = 1 + broken.lines().position(|line| line == "mode = \"everything\"").unwrap();
    house.write("broken.toml", &broken);
    let said = house.ends(&["notice", "check", "broken.toml"], 4);
    assert!(said.contains(&format!("broken.toml:{line}:")), "{said}");
    assert!(said.contains("mode = \"everything\""), "the line itself is shown: {said}");
    let ran = house.run(&["notice", "check", "broken.toml", "--json"]);
    assert_eq!(ran.code, Some(4));
    assert!(ran.out.contains(&format!("\"line\":{line}")), "{}", ran.out);
    house.write("rubbish.toml", [0xff, 0xfe, 0x00]);
    house.ends(&["notice", "check", "rubbish.toml"], 4);
    house.ends(&["notice", "check", "missing.toml"], 1);
}

#[test]
fn show_lists_purposes_categories_and_the_matrix() {
    let house = House::empty();
    let shown = house.json(&["notice", "show"]);
    assert_eq!(shown["purposes"].as_array().unwrap().len(), 16);
    assert_eq!(shown["purposes"][15]["id"], "claims");
    assert!(shown["categories"].as_array().unwrap().len() > 10);
    assert!(shown["matrix"].as_array().unwrap().len() > 16, "a line for each use");
    house.write("small.toml", SMALL);
    let small = house.json(&["notice", "show", "small.toml"]);
    assert_eq!(small["purposes"].as_array().unwrap().len(), 5);
    assert!(house.done(&["notice", "show"]).out.contains("manufacturing"));
}

#[test]
fn the_page_and_the_record_of_processing_are_printed() {
    let house = House::empty();
    let page = house.done(&["notice", "render"]).out;
    assert!(page.starts_with("<!DOCTYPE html>") && page.contains("Invoicing, taxation"));
    let table = house.done(&["notice", "ropa"]).out;
    assert!(table.lines().count() >= 17 && table.contains("dpv") | table.contains("lawful basis"));
    let linked = house.json(&["notice", "ropa"]);
    assert!(linked.get("@context").is_some(), "{linked}");
    assert_eq!(house.done(&["notice", "ropa", "--format", "csv", "--json"]).out, table);
}

#[test]
fn of_what_is_no_notice_only_the_first_faults_are_shown() {
    let house = House::empty();
    let lines: Vec<String> = (0..60).map(|n| format!("thing{n} = {n}")).collect();
    house.write("none.toml", lines.join("\n"));
    let said = house.ends(&["notice", "check", "none.toml"], 4);
    assert!(said.contains("of which the first 20 are listed"), "{said}");
    assert!(said.lines().count() < 400, "{said}");
}

#[test]
fn a_difference_says_who_gains() {
    let house = House::empty();
    let newer = BUNDLED.replacen("version = \"2026-11\"", "version = \"2026-12\"", 1);
    let newer = newer.replacen(
        "reactions = { window = \"12 months after collected\" }",
        "reactions = { window = \"18 months after collected\" }",
        1,
    );
    house.write("old.toml", BUNDLED);
    house.write("new.toml", &newer);
    let difference = house.json(&["notice", "diff", "old.toml", "new.toml"]);
    assert_eq!(difference["changes"][0]["effect"], "gains", "{difference}");
    let same = house.json(&["notice", "diff", "old.toml", "old.toml"]);
    assert_eq!(same["changes"].as_array().unwrap().len(), 0);
    // A single one is compared with the one in force.
    let against = house.json(&["notice", "diff", "new.toml"]);
    assert_eq!(against["changes"], difference["changes"]);
}

#[test]
fn a_new_version_comes_into_force_by_being_published() {
    let house = House::new();
    let id = house.somebody("Anna", "FI");
    let newer = BUNDLED.replacen("version = \"2026-11\"", "version = \"2026-12\"", 1);
    // What manufacturing may do to employment data: nothing, until the notice says so.
    let newer = newer.replacen(
        "[purposes.manufacturing.reads]\n",
        "[purposes.manufacturing.reads]\nemployment = { window = \"12 months after last activity\" }\n",
        1,
    );
    house.write("new.toml", &newer);
    let why = ["why", "--for", "manufacturing", "--contact", &id, "--category", "employment"];
    house.ends(&why, 3);
    let said = house.ends(&["notice", "publish", "new.toml"], 0);
    assert!(said.contains("hint: once they were told, `gantry notice told"), "{said}");
    house.ends(&why, 0);
    let told = house.done(&["notice", "told", "--contact", &id]).out;
    assert!(told.contains("1 contact") && told.contains("2026-12"), "{told}");
    assert_eq!(house.json(&["notice", "told", "--contact", &id])["before"], 1);
    house.ends(&["notice", "publish", "new.toml"], 4);
    assert_eq!(house.json(&["notice", "show"])["notice"]["version"], "2026-12");
}

#[test]
fn a_store_may_run_another_notice() {
    let house = House::empty();
    house.write("small.toml", SMALL);
    house.done(&["init", "--notice", "small.toml"]);
    assert_eq!(house.json(&["notice", "show"])["purposes"].as_array().unwrap().len(), 5);
    let said = house.ends(&["contact", "find", "--for", "manufacturing"], 4);
    assert!(said.contains("there are: jobs, "), "{said}");
    // Lists show what this notice lets people be found by, and the access answer works the same.
    let add = ["contact", "add", "--for", "jobs", "--set", "person.name=Eilidh Brae", "--set"];
    let added = house.json(&[&add[..], &["reach.telephone=+441738000000"]].concat());
    let list = house.done(&["contact", "find", "--for", "jobs"]).out;
    assert!(
        list.starts_with("ID") && list.contains("NAME") && list.contains("TELEPHONE"),
        "{list}"
    );
    assert!(list.contains("Eilidh Brae") && list.contains("+441738000000"), "{list}");
    let id = added["id"].as_str().unwrap();
    let told = house.json(&["export", "--for", "duties", "--contact", id]);
    assert!(told["categories"].as_array().is_some_and(|held| !held.is_empty()), "{told}");
    let broken = SMALL.replacen("[purposes.", "[porpoises.", 1);
    house.write("broken.toml", broken);
    let other = House::empty();
    let path = house.path("broken.toml").display().to_string();
    other.ends(&["init", "--notice", &path], 4);
    assert!(!other.path("store.db").exists() && !other.key_file().exists());
}
