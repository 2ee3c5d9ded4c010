//! What the README says can be typed is typed here, as it stands there.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::{House, program};

fn readme() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    fs::read_to_string(root.join("README.md")).unwrap()
}

#[test]
fn every_command_of_the_tour_does_what_the_readme_says() {
    let readme = readme();
    let parts: Vec<&str> = readme.split("```sh tour\n").skip(1).collect();
    let script: String =
        parts.iter().map(|part| part.split("```").next().unwrap()).collect::<Vec<_>>().join("\n");
    assert!(script.contains("gantry init") && script.contains("gantry erase"), "{script}");
    let house = House::empty();
    let programs = program().parent().unwrap().display().to_string();
    let path = format!("{programs}:{}", std::env::var("PATH").unwrap_or_default());
    let ran = Command::new("bash")
        .args(["-euo", "pipefail", "-c", &script])
        .current_dir(house.folder())
        .env("PATH", path)
        .env_remove("GANTRY_STORE")
        .env_remove("GANTRY_AS")
        .output()
        .unwrap();
    let (out, err) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert!(ran.status.success(), "{out}\n{err}");
    assert!(out.contains("name Harbour Works, country FI"), "{out}\n{err}");
    let by_address = "nothing found that this purpose may see";
    assert!(out.contains(by_address) || err.contains(by_address), "{out}\n{err}");
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
