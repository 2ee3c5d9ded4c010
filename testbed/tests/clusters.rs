//! Clusters: started, killed, started again, followed and replaced by a standby.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::net::TcpStream;
use std::sync::Mutex;
use std::thread;

use gantry_testbed::{Cluster, SMALL_TESTS};

const DATABASE: &str = "postgres";

fn counted(cluster: &Cluster) -> usize {
    cluster.sql(DATABASE, "SELECT count(*) FROM number").parse().unwrap()
}

/// The shared memory that a running server has from the operating system, by its number.
fn memory(cluster: &Cluster) -> String {
    let file = fs::read_to_string(cluster.folder().join("data/postmaster.pid")).unwrap();
    file.lines().nth(6).unwrap().split_whitespace().nth(1).unwrap().to_owned()
}

fn memory_exists(number: &str) -> bool {
    let segments = fs::read_to_string("/proc/sysvipc/shm").unwrap();
    segments.lines().any(|segment| segment.split_whitespace().nth(1) == Some(number))
}

#[test]
fn a_cluster_starts_and_answers_and_leaves_nothing_behind() {
    let cluster = Cluster::start(&[("cluster_name", "it's mine")]);
    assert_eq!(cluster.sql(DATABASE, "SELECT 1, 'a'; SHOW cluster_name"), "1|a\nit's mine");
    let version: u32 = cluster.sql(DATABASE, "SHOW server_version_num").parse().unwrap();
    assert!(version >= 150_000);
    assert_eq!(cluster.sql(DATABASE, "SHOW lc_collate; SHOW server_encoding"), "C\nUTF8");
    let (port, memory) = (cluster.port(), memory(&cluster));
    let folder = cluster.folder().to_owned();
    assert!(memory_exists(&memory));
    drop(cluster);
    assert!(!folder.exists());
    assert!(!memory_exists(&memory));
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
}

#[test]
fn databases_come_and_go() {
    let cluster = Cluster::start(SMALL_TESTS);
    cluster.create_database("house");
    cluster.sql("house", "CREATE TABLE chair ()");
    assert!(cluster.try_sql(DATABASE, "TABLE chair").unwrap_err().contains("does not exist"));
    cluster.drop_database("house");
    assert!(cluster.try_sql("house", "SELECT 1").unwrap_err().contains("does not exist"));
}

#[test]
fn a_server_that_was_killed_comes_back_with_what_was_committed() {
    let cluster = Cluster::start(SMALL_TESTS);
    cluster.sql(DATABASE, "CREATE TABLE number AS SELECT generate_series(1, 1000)");
    let port = cluster.port();
    cluster.kill();
    assert!(cluster.try_sql(DATABASE, "SELECT 1").is_err());
    cluster.start_again();
    assert_eq!(cluster.port(), port);
    assert_eq!(counted(&cluster), 1000);
    assert!(cluster.log().contains("was not properly shut down"));
}

#[test]
fn a_server_that_was_killed_and_stays_down_leaves_nothing_behind() {
    let cluster = Cluster::start(SMALL_TESTS);
    let (folder, memory) = (cluster.folder().to_owned(), memory(&cluster));
    cluster.kill();
    drop(cluster);
    assert!(!folder.exists());
    assert!(!memory_exists(&memory));
}

#[test]
fn a_server_that_was_stopped_starts_again_in_good_order() {
    let cluster = Cluster::start(SMALL_TESTS);
    cluster.sql(DATABASE, "CREATE TABLE number AS SELECT generate_series(1, 10)");
    cluster.stop();
    assert!(cluster.try_sql(DATABASE, "SELECT 1").is_err());
    cluster.start_again();
    assert_eq!(counted(&cluster), 10);
    assert!(!cluster.log().contains("was not properly shut down"));
}

#[test]
fn a_promoted_standby_has_all_that_the_killed_primary_acknowledged() {
    let primary = Cluster::start(SMALL_TESTS);
    let standby = primary.standby();
    primary.sql(DATABASE, "CREATE TABLE number (value int4 PRIMARY KEY)");
    let refused = standby.try_sql(DATABASE, "CREATE TABLE other ()").unwrap_err();
    assert!(refused.contains("read-only"), "{refused}");
    let acknowledged = Mutex::new(0);
    thread::scope(|scope| {
        scope.spawn(|| {
            for value in 0.. {
                let insert = format!("INSERT INTO number VALUES ({value})");
                if primary.try_sql(DATABASE, &insert).is_err() {
                    return;
                }
                *acknowledged.lock().unwrap() += 1;
            }
        });
        while *acknowledged.lock().unwrap() < 10 {
            thread::yield_now();
        }
        primary.kill();
    });
    standby.promote();
    // The last one may have arrived without having been acknowledged.
    let acknowledged = *acknowledged.lock().unwrap();
    assert!((acknowledged..=acknowledged + 1).contains(&counted(&standby)));
    standby.sql(DATABASE, "INSERT INTO number VALUES (-1)");
}

#[test]
fn a_commit_waits_for_every_standby_and_a_promoted_one_for_none() {
    let primary = Cluster::start(SMALL_TESTS);
    let first = primary.standby();
    let second = primary.standby();
    let waits = "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'";
    assert_eq!(primary.sql(DATABASE, waits), "2");
    primary.sql(DATABASE, "CREATE TABLE number AS SELECT generate_series(1, 10)");
    primary.kill();
    for promoted in [first, second] {
        promoted.promote();
        promoted.sql(DATABASE, "INSERT INTO number VALUES (11)");
        assert_eq!(counted(&promoted), 11);
    }
}
