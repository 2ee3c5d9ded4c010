//! Runs a command with a private PostgreSQL beside it: `gantry-testbed COMMAND [ARGUMENT...]`.
//!
//! This process becomes the command, so that its exit code and signals are the command's own. The
//! cluster belongs to a second process, the keeper, which ends it when the first has ended.

#![expect(clippy::expect_used, reason = "a test bed fails as a test does")]

use std::env;
use std::ffi::OsString;
use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::process::{self, Command, ExitCode, Stdio};

use gantry_testbed::{Cluster, SMALL_TESTS, VARIABLE};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::{Pid, PidfdFlags, getppid, pidfd_open};

/// The first argument of the keeper; the second is whose process it serves.
const KEEP: &str = "--keep-a-cluster-for";
const USAGE: &str = "usage: gantry-testbed COMMAND [ARGUMENT...]";

fn main() -> ExitCode {
    let mut arguments = env::args_os().skip(1);
    match arguments.next() {
        None => {
            eprintln!("{USAGE}");
            ExitCode::from(2)
        }
        Some(first) if first == KEEP => keep(arguments.next()),
        Some(command) => become_command(&command, arguments),
    }
}

/// Has a cluster started and becomes the command; returns only where that fails.
fn become_command(command: &OsString, arguments: impl Iterator<Item = OsString>) -> ExitCode {
    let mut keeper = Command::new(env::current_exe().expect("this program is known"));
    keeper.arg(KEEP).arg(process::id().to_string());
    // In a group of its own: what the terminal sends to the command is not for it.
    keeper.stdin(Stdio::null()).stdout(Stdio::piped()).process_group(0);
    let mut keeper = keeper.spawn().expect("the keeper starts");
    let mut url = String::new();
    let mut said = BufReader::new(keeper.stdout.take().expect("it is a pipe"));
    said.read_line(&mut url).expect("the keeper says where");
    let code = if url.is_empty() {
        // It has said why, on its way out.
        eprintln!("error: there is no PostgreSQL to run `{}` with", command.display());
        1
    } else {
        let error = Command::new(command).args(arguments).env(VARIABLE, url.trim_end()).exec();
        eprintln!("error: `{}` cannot be run: {error}", command.display());
        // Its cluster has a guard of its own, and ends with it.
        keeper.kill().expect("the keeper is ours");
        127
    };
    keeper.wait().expect("the keeper ends");
    ExitCode::from(code)
}

/// Keeps a cluster until the process that asked for it has ended, however it ends.
fn keep(owner: Option<OsString>) -> ExitCode {
    let owner = owner.and_then(|owner| Pid::from_raw(owner.to_str()?.parse().ok()?));
    let Some(owner) = owner else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    let watch = pidfd_open(owner, PidfdFlags::empty());
    // Looked at after the process is watched: where it is still the parent, it is the one meant.
    let (Ok(watch), Some(parent)) = (watch, getppid()) else { return ExitCode::FAILURE };
    if parent != owner {
        return ExitCode::FAILURE;
    }
    let cluster = Cluster::start_in_memory(SMALL_TESTS);
    let mut out = io::stdout();
    if writeln!(out, "{}", cluster.url("postgres")).and_then(|()| out.flush()).is_err() {
        return ExitCode::FAILURE;
    }
    // An interrupted wait begins anew; any other end of it ends the cluster.
    while poll(&mut [PollFd::new(&watch, PollFlags::IN)], None) == Err(rustix::io::Errno::INTR) {}
    ExitCode::SUCCESS
}
