//! The processes of a server, and killing them.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// How long anything may take before it is held to be stuck.
const PATIENCE: Duration = Duration::from_mins(1);

/// Kills every process that works in a folder, the given one first, and returns when all have gone.
pub(crate) fn kill_all_in(folder: &Path, first: Option<Pid>) {
    wait_until("the server has been killed", Duration::from_millis(2), || {
        let mut all = working_in(folder);
        all.sort_by_key(|process| Some(*process) != first);
        for process in &all {
            // It may have gone by itself.
            let _ = kill_process(*process, Signal::KILL);
        }
        all.is_empty()
    });
}

/// Waits for something that comes to pass outside; panics when it does not.
pub(crate) fn wait_until(what: &str, pause: Duration, mut done: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !done() {
        assert!(begin.elapsed() < PATIENCE, "not within {PATIENCE:?}: {what}");
        thread::sleep(pause);
    }
}

/// Processes whose current folder is this one: the server's all are in its data. Those that have
/// ended and wait for their parent have none any more.
fn working_in(folder: &Path) -> Vec<Pid> {
    let entries = fs::read_dir("/proc").expect("processes are listed");
    let working = entries.filter_map(|entry| {
        let entry = entry.ok()?;
        let number: i32 = entry.file_name().to_str()?.parse().ok()?;
        let place = fs::read_link(entry.path().join("cwd")).ok()?;
        if place == folder { Pid::from_raw(number) } else { None }
    });
    working.collect()
}
