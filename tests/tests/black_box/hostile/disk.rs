//! The disk is full: what cannot be written is told, nothing is harmed, and work goes on afterwards.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Counts, clear};
use crate::client::Asked;
use crate::server::{self, Server};
use crate::support::{House, text};

/// A file system of its own in memory, of which the test decides how large it is.
pub(crate) struct Small {
    at: PathBuf,
}

impl Small {
    /// Mounts it on a folder that is made for it, with further options; only root can.
    pub(crate) fn mount(at: &Path, options: &str) -> Option<Small> {
        fs::create_dir(at).unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", options, "none"]).arg(at);
        let mounted = mount.output().is_ok_and(|output| output.status.success());
        if !mounted {
            eprintln!("skipped: no file system can be mounted here, which takes root");
        }
        mounted.then(|| Small { at: at.to_owned() })
    }

    /// Fills it until nothing more goes in but so many bytes.
    pub(crate) fn fill(&self, but: u64) {
        let mut ballast = File::create(self.at.join("ballast")).unwrap();
        let block = [0u8; 4_096];
        while ballast.write_all(&block).is_ok() {}
        let length = ballast.metadata().unwrap().len();
        ballast.set_len(length.saturating_sub(but)).unwrap();
    }

    pub(crate) fn empty(&self) {
        fs::remove_file(self.at.join("ballast")).unwrap();
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.at).status();
    }
}

#[test]
fn a_full_disk_is_told_and_harms_nothing() {
    let Some(house) = House::of_files() else { return };
    let Some(small) = Small::mount(&house.path("small"), "size=16m") else { return };
    let house = house.with_store("small/store.db");
    house.done(&["init", "--as", "tester"]);
    let anna = add(&house, "Anna");
    let token = server::token(&house);
    write_rows(&house.path("rows.csv"), 3_000);
    let import = ["import", "--for", "crm", "--source", "x", "--map", "hubspot", "rows.csv"];
    let mut expected = Counts::of(&house);
    // Room for nothing, for a few pages, and for half of an import.
    for room in [0, 20_000, 100_000, 1_500_000] {
        small.fill(room);
        clear(&house.run(&import), 1, "an import on a full disk");
        let ran = house.run(&["erase", "--contact", "01a20000-0000-7000-8000-000000000000"]);
        clear(&ran, 1, "nobody is erased");
        expected.contacts += serve_when_full(&house, &token);
        small.empty();
        house.verify();
        assert_eq!(Counts::of(&house), expected, "with room for {room} bytes");
    }
    small.fill(0);
    let refused = house.run(&["contact", "show", "--for", "crm", &anna]);
    clear(&refused, 1, "no answer without its audit entry");
    assert!(!refused.out.contains("Anna"), "{refused:?}");
    small.empty();
    house.json(&["contact", "show", "--for", "crm", &anna]);
    house.json(&import);
    let report = house.json(&import);
    assert_eq!(report["contacts"]["unchanged"], 3_000, "{report}");
    house.done(&["erase", "--contact", &anna]);
    house.verify();
}

/// A server goes on, and says of what it cannot write that it failed. Answers how many contacts it
/// took.
fn serve_when_full(house: &House, token: &str) -> usize {
    let Some(server) = Server::try_start(house, token) else { return 0 };
    let (mut taken, mut failed) = (0, 0);
    for n in 0..400 {
        let body =
            serde_json::json!({ "data": { "identity": { "given_name": format!("Full{n}") } } });
        let asked = Asked::send("POST", "/api/v1/sales/contacts", &body);
        let answer = server.ask(&asked);
        taken += usize::from(answer.status == 201);
        failed += usize::from(answer.status >= 500);
        assert!(answer.status == 201 || answer.status >= 500, "{answer:?}");
        if failed > 2 {
            break;
        }
    }
    server.kill();
    taken
}

fn add(house: &House, name: &str) -> String {
    let name = format!("identity.given_name={name}");
    text(&house.json(&["contact", "add", "--for", "crm", "--country", "FI", "--set", &name]), "id")
}

fn write_rows(path: &Path, count: usize) {
    let row = "#,Given#,Family#,f#@full.example,lead,DE\n";
    let rows: String = (0..count).map(|n| row.replace('#', &n.to_string())).collect();
    let head = "Record ID,First Name,Last Name,Email,Lifecycle Stage,Country\n";
    fs::write(path, [head, &rows].concat()).unwrap();
}
