//! DuckDB and ClickHouse in a process of Python, on the same columns.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde::Deserialize;
use serde_json::json;

use super::people::{AT, COUNTRIES, LANGUAGES, People, ROLES};
use crate::{Failure, Outcome};

const SCRIPT: &str = include_str!("peers.py");

/// What the peers answered, by name.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Answers {
    seconds: BTreeMap<String, f64>,
    counts: BTreeMap<String, u64>,
}

impl Answers {
    pub(crate) fn seconds(&self, name: &str) -> Option<f64> {
        self.seconds.get(name).copied()
    }

    pub(crate) fn millis(&self, name: &str) -> Outcome<f64> {
        Ok(self.seconds(name).ok_or("the peer did not answer")? * 1e3)
    }

    pub(crate) fn count(&self, name: &str) -> Outcome<u64> {
        Ok(self.counts.get(name).copied().ok_or("the peer did not count")?)
    }
}

/// Lets the peers work on what the index works on.
pub(crate) fn ask(people: &People) -> Outcome<Answers> {
    let folder = tempfile::tempdir()?;
    people.write(folder.path())?;
    let at = |all: &[&str], one: &str| all.iter().position(|other| *other == one);
    let countries = ["FI", "SE", "DE"].map(|one| at(&COUNTRIES, one));
    let given = json!({
        "folder": folder.path(),
        "now": AT,
        "half_life": 90.0 * 86_400_000.0,
        "weights": people.weights(),
        "countries": countries,
        "language": at(&LANGUAGES, "de"),
        "role": at(&ROLES, "maintenance"),
        "topic": people.model.topics().iter().position(|topic| topic == "ports"),
    });
    let script = folder.path().join("peers.py");
    std::fs::write(&script, SCRIPT)?;
    let output = Command::new(python()?)
        .arg(&script)
        .arg(given.to_string())
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()?;
    if !output.status.success() {
        return Err(Failure::from("the peers failed"));
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// A Python that has them; they are installed at the first time.
fn python() -> Outcome<PathBuf> {
    let target = std::env::current_exe()?;
    let target = target.parent().and_then(|one| one.parent()).ok_or("no folder of the build")?;
    let (home, python) = (target.join("bench-python"), target.join("bench-python/bin/python"));
    let has = |python: &PathBuf| {
        let wanted = "import duckdb, chdb, numpy, pyarrow";
        let asked = Command::new(python).args(["-c", wanted]).stderr(Stdio::null()).status();
        asked.is_ok_and(|status| status.success())
    };
    if !has(&python) {
        eprintln!("installing DuckDB and ClickHouse for Python");
        let made = Command::new("python3").args(["-m", "venv"]).arg(&home).status()?;
        let packages = ["install", "--quiet", "duckdb", "chdb", "numpy", "pyarrow"];
        let installed = Command::new(&python).args(["-m", "pip"]).args(packages).status()?;
        if !made.success() || !installed.success() {
            return Err(Failure::from("Python, or its packages duckdb and chdb, are missing"));
        }
    }
    Ok(python)
}
