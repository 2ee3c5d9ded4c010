//! Databases for one test each, in the shared cluster.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::env;
use std::process::Command;

use gantry_testbed::{Cluster, Database, SMALL_TESTS, VARIABLE};

const RUNNER: &str = env!("CARGO_BIN_EXE_gantry-testbed");
const NAMES: &str = "SELECT datname FROM pg_database ORDER BY 1";

/// Whether this test has a shared cluster; where it has none, it is run once more with one.
fn is_run_with_a_cluster(test: &str) -> bool {
    if env::var_os(VARIABLE).is_some() {
        return true;
    }
    let mut again = Command::new(RUNNER);
    let again = again.arg(env::current_exe().unwrap()).args(["--exact", test]).output().unwrap();
    assert!(again.status.success(), "{}", String::from_utf8_lossy(&again.stdout));
    false
}

#[test]
fn each_test_has_a_database_of_its_own() {
    if !is_run_with_a_cluster("each_test_has_a_database_of_its_own") {
        return;
    }
    let (one, other) = (Database::new(), Database::new());
    one.sql("CREATE TABLE mine ()");
    other.sql("CREATE TABLE mine ()");
    assert_ne!(one.url(), other.url());
    assert!(one.url().ends_with(one.name()));
}

#[test]
fn a_database_goes_with_its_keys_and_whoever_is_connected() {
    let cluster = Cluster::start(SMALL_TESTS);
    let before = cluster.sql("postgres", NAMES);
    let database = Database::of(&cluster);
    let keys = format!("{}_keys", database.name());
    cluster.create_database(&keys);
    assert_eq!(database.keys_url(), cluster.url(&keys));
    std::thread::scope(|scope| {
        let connected = scope.spawn(|| cluster.try_sql(&keys, "SELECT pg_sleep(60)"));
        let count = format!("SELECT count(*) FROM pg_stat_activity WHERE datname = '{keys}'");
        while cluster.sql("postgres", &count) == "0" {}
        drop(database);
        assert!(connected.join().unwrap().is_err());
    });
    assert_eq!(cluster.sql("postgres", NAMES), before);
}
