//! The built program, a house of its own for each test, and what a run of it answers.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use gantry_testbed::Database;
pub(crate) use gantry_tests::place::{program, soak};
use serde_json::Value as Json;

/// Whether tests of any kind of store are to take a server.
pub(crate) fn on_a_server() -> bool {
    Database::is_asked()
}

/// A folder with a store in it, or beside a database that is the store; both go with the test.
pub(crate) struct House {
    folder: tempfile::TempDir,
    store: &'static str,
    /// Where the database is that is the store, if one is.
    address: Option<String>,
    database: Option<Database>,
}

/// What a run answered.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl House {
    /// A folder without a store.
    pub(crate) fn empty() -> House {
        House::on(Database::if_asked())
    }

    /// The same for a test of what only files have; none where other stores are tested.
    pub(crate) fn of_files() -> Option<House> {
        if on_a_server() {
            eprintln!("skipped: it is about the files of a store in files");
            return None;
        }
        Some(House::on(None))
    }

    /// A folder beside a database that is not a store yet.
    pub(crate) fn on(database: Option<Database>) -> House {
        let address = database.as_ref().map(Database::url);
        House { folder: tempfile::tempdir().unwrap(), store: "store.db", address, database }
    }

    /// A folder beside a database of somebody else's.
    pub(crate) fn at(address: String) -> House {
        House { address: Some(address), ..House::on(None) }
    }

    /// Another machine's folder, which has the same store at that address, and its key.
    pub(crate) fn node(&self, address: &str) -> House {
        let node = House::at(address.to_owned());
        fs::copy(self.key_file(), node.key_file()).unwrap();
        node
    }

    /// The same with its store elsewhere in the folder.
    pub(crate) fn with_store(self, store: &'static str) -> House {
        House { store, ..self }
    }

    /// A new store with the bundled notice and one account.
    pub(crate) fn new() -> House {
        House::empty().init()
    }

    /// Makes the store, with the bundled notice and one account.
    pub(crate) fn init(self) -> House {
        self.done(&["init", "--as", "tester"]);
        self
    }

    /// The database that is the store, if one is.
    pub(crate) fn database(&self) -> Option<&Database> {
        self.database.as_ref()
    }

    /// Where the store is.
    pub(crate) fn store(&self) -> String {
        self.address.clone().unwrap_or_else(|| format!("sqlite:{}", self.store))
    }

    /// The file with the master key.
    pub(crate) fn key_file(&self) -> PathBuf {
        self.beside("key")
    }

    /// The file beside the store with that ending.
    pub(crate) fn beside(&self, ending: &str) -> PathBuf {
        let beside = match &self.address {
            Some(_) if ending == "key" => "gantry",
            Some(address) => {
                let place = address.split('?').next().unwrap();
                place.rsplit('/').next().unwrap()
            }
            None => self.store,
        };
        self.path(&format!("{beside}.{ending}"))
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A command on this store; nothing of the caller's environment reaches it.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(program());
        command.args(args).current_dir(self.folder.path()).env_clear();
        command.env("GANTRY_STORE", self.store()).stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        Ran::of(self.command(args).output().unwrap())
    }

    /// Runs what must succeed.
    pub(crate) fn done(&self, args: &[&str]) -> Ran {
        let ran = self.run(args);
        assert_eq!(ran.code, Some(0), "{args:?}: {ran:?}");
        ran
    }

    /// The same, answering JSON.
    pub(crate) fn json(&self, args: &[&str]) -> Json {
        let args = [args, &["--json"]].concat();
        let ran = self.done(&args);
        serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{args:?}: {error}: {ran:?}"))
    }

    /// The audit trail must verify.
    pub(crate) fn verify(&self) {
        let report = self.json(&["audit", "verify"]);
        assert_eq!(report["holds"], true, "{report}");
    }

    /// All entries of the audit trail.
    pub(crate) fn trail(&self) -> Vec<Json> {
        let exported = self.done(&["audit", "export"]).out;
        exported.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

impl Ran {
    pub(crate) fn of(output: Output) -> Ran {
        Ran {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// A text of a JSON value that must have it.
pub(crate) fn text(value: &Json, name: &str) -> String {
    value[name].as_str().unwrap_or_else(|| panic!("no text `{name}` in {value}")).to_owned()
}
