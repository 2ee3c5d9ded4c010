//! Holds the house in order: heads of files, sizes, manifests, and what the documents promise.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Files under a folder with an ending, build output and hidden folders aside.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name == "target" || name.starts_with('.') {
            continue;
        }
        if path.is_dir() {
            found.extend(files(&path, ending));
        } else if name.ends_with(ending) {
            found.push(path);
        }
    }
    found.sort();
    found
}

#[test]
fn every_rust_file_says_in_its_first_line_what_it_is() {
    let silent: Vec<_> = files(&root(), ".rs")
        .into_iter()
        .filter(|path| !fs::read_to_string(path).unwrap().starts_with("//! "))
        .collect();
    assert!(silent.is_empty(), "{silent:#?}");
}

#[test]
fn no_rust_file_is_longer_than_a_subject() {
    let long: Vec<_> = files(&root(), ".rs")
        .into_iter()
        .map(|path| (fs::read_to_string(&path).unwrap().lines().count(), path))
        .filter(|(lines, _)| *lines > 800)
        .collect();
    assert!(long.is_empty(), "{long:#?}");
}

#[test]
fn every_crate_obeys_the_workspace_lints_and_is_named_in_the_architecture() {
    let architecture = fs::read_to_string(root().join("docs/architecture.md")).unwrap();
    for manifest in files(&root(), "Cargo.toml") {
        let text = fs::read_to_string(&manifest).unwrap();
        if text.contains("[workspace]") {
            continue;
        }
        assert!(text.contains("[lints]\nworkspace = true"), "{}", manifest.display());
        let folder = manifest.parent().unwrap().strip_prefix(root()).unwrap();
        let name = folder.to_string_lossy();
        assert!(architecture.contains(&*name), "docs/architecture.md does not name {name}");
    }
}

/// The README's first command names no program.
#[test]
fn of_all_programs_cargo_runs_gantry() {
    let runs = |manifest: &PathBuf| fs::read_to_string(manifest).unwrap().contains("default-run");
    let run: Vec<_> = files(&root(), "Cargo.toml").into_iter().filter(runs).collect();
    assert_eq!(run, [root().join("crates/gantry/Cargo.toml")]);
}

#[test]
fn sql_is_written_in_the_backends_alone() {
    let spoken: Vec<_> = files(&root().join("crates"), ".rs")
        .into_iter()
        .filter(|path| {
            // The backend itself, its tests, and a test that reads another system's dump.
            let path = path.to_string_lossy();
            let own = [
                "store/src/sqlite",
                "store/src/postgres",
                "store/tests",
                "intake/src/real_data.rs",
            ];
            !own.iter().any(|place| path.contains(place))
        })
        // Whoever tampers with a database does it behind the backend's back.
        .filter(|path| !path.ends_with("engine/src/audit/tests/nodes.rs"))
        .filter(|path| {
            let text = fs::read_to_string(path).unwrap();
            ["\"SELECT ", "\"INSERT ", "\"UPDATE ", "\"DELETE FROM"]
                .iter()
                .any(|sql| text.contains(sql))
        })
        .collect();
    assert!(spoken.is_empty(), "{spoken:#?}");
}

#[test]
fn the_engine_speaks_no_http_and_the_web_decides_nothing() {
    let manifest = |name: &str| {
        fs::read_to_string(root().join("crates").join(name).join("Cargo.toml")).unwrap()
    };
    assert!(!manifest("engine").contains("axum"));
    let web = manifest("web");
    let dependencies = web.split("[dev-dependencies]").next().unwrap();
    for room in ["gantry-store", "gantry-vault", "gantry-intake"] {
        assert!(!dependencies.contains(room), "web depends on {room}");
    }
}

#[test]
fn decisions_are_numbered_without_gaps() {
    let pages = files(&root().join("docs/decisions"), ".md");
    let numbered = pages.iter().filter_map(|path| {
        path.file_name()?.to_string_lossy().split('-').next()?.parse::<usize>().ok()
    });
    let numbers: Vec<usize> = numbered.collect();
    assert_eq!(numbers, (1..=numbers.len()).collect::<Vec<_>>());
}
