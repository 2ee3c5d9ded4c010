//! `gantry demo`, served for a test.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;
use std::time::UNIX_EPOCH;

use serde_json::{Value as Json, json};
use tempfile::TempDir;

use crate::client::Client;
use crate::place::{folder, program};

/// A demo of its own for a test; it goes with the test.
pub struct Demo {
    child: Child,
    log: Option<JoinHandle<String>>,
    guide: Json,
    folder: TempDir,
}

impl Demo {
    /// Serves a fresh one on a free port of the loopback.
    pub fn serve() -> Demo {
        let folder = tempfile::tempdir().unwrap();
        make(folder.path());
        let (child, guide) = start(folder.path());
        Demo::of(child, guide, folder)
    }

    /// Serves a fresh one with `gantry serve`, which knows of no demo, and with this in its environment.
    pub fn serve_in_earnest(environment: &[(&str, &str)]) -> Demo {
        let folder = tempfile::tempdir().unwrap();
        make(folder.path());
        let store = format!("sqlite:{}", folder.path().join("gantry.db").display());
        let mut command = Command::new(program());
        command.args(["serve", "--listen", "127.0.0.1:0"]).current_dir(folder.path());
        command.env_clear().envs(environment.iter().copied()).env("GANTRY_STORE", &store);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // Byte by byte: what comes after this line is the log's.
        let (mut line, errors) = (Vec::new(), child.stderr.as_mut().unwrap());
        while !line.ends_with(b"\n") {
            let mut byte = [0];
            errors.read_exact(&mut byte).unwrap();
            line.extend(byte);
        }
        let line = String::from_utf8(line).unwrap();
        let url = line.trim().strip_prefix("listening on ");
        let url = url.unwrap_or_else(|| panic!("the server says: {line}"));
        Demo::of(child, json!({ "url": url, "store": store }), folder)
    }

    fn of(mut child: Child, guide: Json, folder: TempDir) -> Demo {
        let mut errors = child.stderr.take().unwrap();
        let log = std::thread::spawn(move || {
            let mut log = String::new();
            errors.read_to_string(&mut log).unwrap();
            log
        });
        Demo { child, log: Some(log), guide, folder }
    }

    /// Where it serves, e.g. `http://127.0.0.1:41234`.
    pub fn url(&self) -> &str {
        self.guide["url"].as_str().unwrap()
    }

    /// The same as an address.
    pub fn address(&self) -> SocketAddr {
        self.url().strip_prefix("http://").unwrap().parse().unwrap()
    }

    /// The token of its API, which is good for all purposes.
    pub fn token(&self) -> &str {
        self.guide["token"].as_str().unwrap()
    }

    /// The id of somebody whom the demo says to look at: `customer`, `in_china` or `marketed`.
    pub fn person(&self, part: &str) -> &str {
        self.guide["people"][part].as_str().unwrap_or_else(|| panic!("no {part}: {}", self.guide))
    }

    /// All that the demo says of itself.
    pub fn guide(&self) -> &Json {
        &self.guide
    }

    /// A connection to its API.
    pub fn client(&self) -> Client {
        Client::connect(self.address(), self.token()).unwrap()
    }

    /// Runs a command on its store, which must succeed, and gives what it answers.
    pub fn command(&self, args: &[&str]) -> Json {
        let mut command = Command::new(program());
        command.args(args).args(["--as", "demo", "--json"]);
        command.current_dir(self.folder.path()).env_clear();
        command.env("GANTRY_STORE", self.guide["store"].as_str().unwrap());
        let ran = command.stdin(Stdio::null()).output().unwrap();
        let (out, said) = (&ran.stdout, String::from_utf8_lossy(&ran.stderr));
        assert!(ran.status.success(), "{args:?}: {said}");
        serde_json::from_slice(out).unwrap_or_else(|error| panic!("{args:?}: {error}: {said}"))
    }

    /// Ends it, and gives what it logged.
    pub fn end(mut self) -> String {
        terminate(&mut self.child);
        self.log.take().unwrap().join().unwrap()
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        // Nothing of a test that failed stays behind; one that was ended is dead already.
        let _ = self.child.kill();
        let _ = self.child.wait();
        let log = self.log.take().and_then(|log| log.join().ok()).unwrap_or_default();
        if std::thread::panicking() {
            eprintln!("the demo logged:\n{log}");
        }
    }
}

fn start(folder: &Path) -> (Child, Json) {
    let mut command = Command::new(program());
    command.args(["demo", "--listen", "127.0.0.1:0", "--json", "--folder"]).arg(folder);
    command.current_dir(folder).env_clear();
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let Ok(guide) = serde_json::from_str(&line) else {
        let said = child.wait_with_output().unwrap().stderr;
        panic!("the demo says: {line}{}", String::from_utf8_lossy(&said));
    };
    (child, guide)
}

/// Puts a demo into a folder as it is when it has just been made. To make one takes seconds, so that all
/// tests of one build of the program copy the same, of the same day.
fn make(to: &Path) {
    let all = folder("demo");
    let lock = File::create(all.join("lock")).unwrap();
    lock.lock().unwrap();
    let built = fs::metadata(program()).unwrap().modified().unwrap();
    let built = built.duration_since(UNIX_EPOCH).unwrap().as_millis();
    let made = all.join(format!("{built}-{}", today()));
    let whole = made.with_extension("whole");
    if !whole.exists() {
        remove_all_in(&all);
        fs::create_dir(&made).unwrap();
        let (mut child, _) = start(&made);
        terminate(&mut child);
        File::create(whole).unwrap();
    }
    for entry in fs::read_dir(made).unwrap().map(Result::unwrap) {
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

fn remove_all_in(folder: &Path) {
    for old in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if old.is_dir() {
            fs::remove_dir_all(old).unwrap();
        } else if !old.ends_with("lock") {
            fs::remove_file(old).unwrap();
        }
    }
}

/// The day (UTC) until which a demo that is made now tells what happened.
#[expect(
    clippy::disallowed_methods,
    reason = "the program that is tested takes the machine's clock"
)]
pub fn today() -> String {
    jiff::Timestamp::now().strftime("%F").to_string()
}

/// Asks it to end (SIGTERM), and waits until it has.
fn terminate(child: &mut Child) {
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    assert!(child.wait().unwrap().success());
}
