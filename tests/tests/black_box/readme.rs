//! What the README says can be typed is typed here, as it stands there.

use std::fs;
use std::path::Path;
use std::process::Command;

use gantry_testbed::Database;

use crate::support::{House, program};

fn document(name: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    fs::read_to_string(root.join(name)).unwrap()
}

fn readme() -> String {
    document("README.md")
}

/// The commands that a document says can be typed, in its order.
fn script(document: &str) -> String {
    let parts = document.split("```sh tour\n").skip(1);
    parts.map(|part| part.split("```").next().unwrap()).collect::<Vec<_>>().join("\n")
}

/// Types commands in a folder.
fn typed(script: &str, house: &House) -> (String, String) {
    let programs = program().parent().unwrap().display().to_string();
    let path = format!("{programs}:{}", std::env::var("PATH").unwrap_or_default());
    let ran = Command::new("bash")
        .args(["-euo", "pipefail", "-c", script])
        .current_dir(house.folder())
        .env("PATH", path)
        .env_remove("GANTRY_STORE")
        .env_remove("GANTRY_AS")
        .output()
        .unwrap();
    let (out, err) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert!(ran.status.success(), "{out}\n{err}");
    (out.into_owned(), err.into_owned())
}

#[test]
fn every_command_of_the_tour_does_what_the_readme_says() {
    let script = script(&readme());
    assert!(script.contains("gantry init") && script.contains("gantry erase"), "{script}");
    let (out, err) = typed(&script, &House::empty());
    assert!(out.contains("name Harbour Works, country FI"), "{out}\n{err}");
    let by_address = "nothing found that this purpose may see";
    assert!(out.contains(by_address) || err.contains(by_address), "{out}\n{err}");
}

#[test]
fn every_command_of_the_page_on_postgresql_does_what_it_says() {
    let page = script(&document("docs/postgresql.md"));
    assert!(page.contains("gantry store copy") && page.contains("gantry store migrate"), "{page}");
    let (house, database) = (House::empty(), Database::new());
    let page = page.replace("postgres://gantry@db.example/shop", &database.url());
    // What is restored has a name of its own, and goes with the test.
    let (back, keys) =
        (format!("{}_back", database.name()), format!("{}_back_keys", database.name()));
    let page = page.replace(" shop_back", &format!(" {back}"));
    let page = page.replace("/shop_back.checkpoints", &format!("/{back}.checkpoints"));
    let page = page.replace("shop.checkpoints", &format!("{}.checkpoints", database.name()));
    // A store, and somebody in it, as the README's tour makes them.
    let added = "gantry contact add --for crm --country FI --set identity.given_name=Aino";
    let (out, err) = typed(&format!("gantry init --as anna\n{added}\n{page}"), &house);
    for name in [back, keys] {
        database.sql(&format!("DROP DATABASE {name}"));
    }
    assert_eq!(out.matches("and both are the same").count(), 3, "{out}\n{err}");
    assert!(out.contains("the trail holds against"), "{out}\n{err}");
    assert_eq!(out.matches("\nthe trail holds: ").count(), 3, "{out}\n{err}");
    assert_eq!(out.matches("no damage was found").count(), 3, "{out}\n{err}");
    assert!(out.contains("no damage was found") && out.contains("nothing to do"), "{out}\n{err}");
}

#[test]
fn the_guided_tour_of_the_demo_holds() {
    let Some(house) = House::of_files() else { return };
    let ran = Command::new(program())
        .args(["demo", "--check"])
        .current_dir(house.folder())
        .output()
        .unwrap();
    let out = String::from_utf8_lossy(&ran.stdout);
    assert!(ran.status.success(), "{out}\n{}", String::from_utf8_lossy(&ran.stderr));
    assert!(!out.contains("FAIL"), "{out}");
}

#[test]
fn both_commands_of_the_readme_are_there_to_be_typed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let readme = readme();
    assert!(readme.contains("cargo run --release -- demo") && readme.contains("./test"));
    assert!(root.join("test").exists() && root.join(".ci/run").exists());
}
