//! The program that runs a command with a cluster beside it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs::{self, Permissions};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Output};

use gantry_testbed::VARIABLE;
use tempfile::TempDir;

/// Runs a script; returns when everything that it started has ended.
///
/// The keeper and the server's guard share the standard error that is read to its end here.
fn run(script: &str) -> (Output, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o777)).unwrap();
    let mut runner = Command::new(env!("CARGO_BIN_EXE_gantry-testbed"));
    runner.args(["sh", "-c", script]).env("TMPDIR", folder.path()).env_remove(VARIABLE);
    (runner.output().unwrap(), folder)
}

fn is_empty(folder: &TempDir) -> bool {
    fs::read_dir(folder.path()).unwrap().next().is_none()
}

/// The port in what a script printed of its address.
fn port(output: &Output) -> u16 {
    let said = String::from_utf8_lossy(&output.stdout);
    let said = said.trim_end().strip_prefix("postgres://owner@127.0.0.1:").unwrap();
    said.strip_suffix("/postgres").unwrap().parse().unwrap()
}

#[test]
fn a_command_has_a_cluster_and_its_exit_code_is_given() {
    let (output, folder) = run(&format!("ls -d $TMPDIR/*/data >&2; echo ${VARIABLE}; exit 7"));
    assert_eq!(output.status.code(), Some(7));
    assert!(String::from_utf8_lossy(&output.stderr).contains("/data"), "{output:?}");
    assert!(TcpStream::connect(("127.0.0.1", port(&output))).is_err());
    assert!(is_empty(&folder));
}

#[test]
fn nothing_stays_of_a_command_that_was_killed() {
    for signal in [2, 9, 15] {
        let (output, folder) = run(&format!("echo ${VARIABLE}; kill -{signal} $$"));
        assert_eq!(output.status.signal(), Some(signal));
        assert!(TcpStream::connect(("127.0.0.1", port(&output))).is_err());
        assert!(is_empty(&folder));
    }
}

#[test]
fn nothing_stays_when_the_keeper_was_killed() {
    let kill = "read keeper rest </proc/$$/task/$$/children; kill -9 $keeper";
    let (output, folder) = run(&format!("echo ${VARIABLE}; {kill}"));
    assert!(output.status.success(), "{output:?}");
    assert!(TcpStream::connect(("127.0.0.1", port(&output))).is_err());
    assert!(is_empty(&folder));
}

#[test]
fn a_command_that_does_not_exist_is_said_to_be_missing() {
    let output =
        Command::new(env!("CARGO_BIN_EXE_gantry-testbed")).arg("no-such-command").output().unwrap();
    assert_eq!(output.status.code(), Some(127));
    assert!(String::from_utf8_lossy(&output.stderr).contains("`no-such-command`"));
}

#[test]
fn without_a_command_the_usage_is_told() {
    let output = Command::new(env!("CARGO_BIN_EXE_gantry-testbed")).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
}
