//! The server itself is killed, replaced by its standby, or has no room left.

use std::os::unix::fs::MetadataExt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use gantry_testbed::{Cluster, SMALL_TESTS};

use super::writing::Writer;
use super::{is_sound, soon};
use crate::hostile::disk::Small;
use crate::server::{self, Server};
use crate::support::House;

#[test]
fn a_standby_that_takes_over_has_all_that_was_acknowledged_and_nodes_find_it() {
    let primary = Cluster::start_in_memory(SMALL_TESTS);
    let standby = primary.standby();
    let (one, other) = (primary.port(), standby.port());
    let house =
        House::at(format!("postgres://owner@127.0.0.1:{one},127.0.0.1:{other}/gantry")).init();
    let token = server::token(&house);
    let folders = [house.node(&house.store()), house.node(&house.store())];
    let nodes = folders.each_ref().map(|folder| Server::start(folder, &token));
    let mut writers: Vec<Writer> = (0..4).map(|n| Writer::new(format!("w{n}"), &token)).collect();
    let stop = AtomicBool::new(false);
    let back = std::thread::scope(|scope| {
        for (n, writer) in writers.iter_mut().enumerate() {
            let (node, stop) = (nodes[n % 2].address, &stop);
            scope.spawn(move || writer.work(node, stop));
        }
        std::thread::sleep(Duration::from_millis(600));
        primary.kill();
        std::thread::sleep(Duration::from_millis(200));
        standby.promote();
        let mut probes = [0, 1].map(|n| Writer::new(format!("probe{n}"), &token));
        let back = soon("both nodes write again", || {
            for (probe, node) in probes.iter_mut().zip(&nodes) {
                if probe.acknowledged() == 0 {
                    probe.once(&mut node.client());
                }
            }
            probes.iter().all(|probe| probe.acknowledged() > 0)
        });
        std::thread::sleep(Duration::from_millis(300));
        stop.store(true, Ordering::Relaxed);
        back
    });
    eprintln!("failover: nodes write again {back:?} after the promotion");
    assert!(back < Duration::from_secs(10), "{back:?}");
    for writer in &mut writers {
        assert!(writer.acknowledged() > 10);
        assert_eq!(writer.doubts(), 0);
        writer.check(&mut nodes[0].client());
    }
    nodes.into_iter().for_each(Server::kill);
    is_sound(&[&folders[0], &folders[1], &house]);
}

#[test]
fn a_server_that_is_killed_and_started_again_has_all_that_was_acknowledged() {
    let cluster = Cluster::start_in_memory(SMALL_TESTS);
    let house = House::at(cluster.url("gantry")).init();
    let token = server::token(&house);
    let node = Server::start(&house, &token);
    let mut writer = Writer::new("w", &token);
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| writer.work(node.address, &stop));
        for _ in 0..3 {
            std::thread::sleep(Duration::from_millis(300));
            cluster.kill();
            cluster.start_again();
        }
        std::thread::sleep(Duration::from_millis(800));
        stop.store(true, Ordering::Relaxed);
    });
    assert!(writer.acknowledged() > 10);
    writer.check(&mut node.client());
    node.kill();
    is_sound(&[&house]);
}

#[test]
fn a_server_without_room_refuses_clearly_and_goes_on_when_there_is_room() {
    let cluster = Cluster::start_in_memory(SMALL_TESTS);
    let owner = cluster.folder().join("data").metadata().unwrap().uid();
    let options = format!("size=24m,mode=700,uid={owner}");
    let place = cluster.folder().join("small");
    let Some(small) = Small::mount(&place, &options) else { return };
    let at = place.join("space");
    std::fs::create_dir(&at).unwrap();
    std::os::unix::fs::chown(&at, Some(owner), None).unwrap();
    cluster.sql("postgres", &format!("CREATE TABLESPACE small LOCATION '{}'", at.display()));
    cluster.sql("postgres", "CREATE DATABASE gantry TEMPLATE template0 TABLESPACE small");
    let house = House::at(cluster.url("gantry")).init();
    let token = server::token(&house);
    let node = Server::start(&house, &token);
    let mut client = node.client();
    let mut writer = Writer::new("w", &token);
    for _ in 0..10 {
        assert!(writer.once(&mut client));
    }
    for room in [0, 100_000] {
        small.fill(room);
        let before = writer.refused();
        for _ in 0..3_000 {
            assert!(writer.once(&mut client));
            if writer.refused() > before + 2 {
                break;
            }
        }
        assert!(writer.refused() > before, "it was to be full");
        assert_eq!(writer.doubts(), 0);
        small.empty();
        let before = writer.acknowledged();
        soon("it writes again", || {
            writer.once(&mut client);
            writer.acknowledged() > before
        });
        writer.check(&mut client);
    }
    node.kill();
    is_sound(&[&house]);
}
