//! Several nodes (`gantry serve`) on one database, and what happens to nodes, servers and networks.

mod killed;
mod network;
mod objection;
mod paused;
mod primary;
mod writing;

use std::sync::Arc;
use std::time::{Duration, Instant};

use gantry_store::{Location, Setup, Store};
use gantry_testbed::Database;
use gantry_vault::link_hash;

use crate::support::House;

/// Nothing that has to come back may take longer.
const SOON: Duration = Duration::from_secs(20);

/// A store in a database of its own, and the folder of its first node.
fn site() -> House {
    House::on(Some(Database::new())).init()
}

/// The store that these machines work on finds nothing wrong, and its audit trail holds, by the
/// checkpoints of them all.
fn is_sound(machines: &[&House]) {
    let [first, others @ ..] = machines else { panic!("no machine") };
    let now = Arc::new(|| 0);
    let setup = Setup { link_hash, now, readers: 1 };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let found = runtime.block_on(async {
        let location = Location::parse(&first.store()).unwrap();
        Store::open(&location, setup).await.unwrap().check().await.unwrap()
    });
    assert_eq!(found, [""; 0]);
    let files = others.iter().map(|other| other.beside("checkpoints"));
    let files: Vec<String> =
        files.filter(|file| file.exists()).map(|file| file.display().to_string()).collect();
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let report = first.json(&[&["audit", "verify"][..], &files].concat());
    assert_eq!(report["holds"], true, "{report}");
}

/// Waits until something holds; panics if it does not soon.
fn soon(what: &str, mut holds: impl FnMut() -> bool) -> Duration {
    let begin = Instant::now();
    while !holds() {
        assert!(begin.elapsed() < SOON, "not within {SOON:?}: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
    begin.elapsed()
}
