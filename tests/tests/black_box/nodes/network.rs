//! The network between a node and the database is cut, falls silent, and is slow.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use gantry_testbed::Proxy;

use super::writing::Writer;
use super::{is_sound, site, soon};
use crate::chance::Chance;
use crate::client::Asked;
use crate::server::{self, Server};
use crate::support::House;

/// A proxy before the server of a house, and the address of its store through it.
fn line_to(house: &House) -> (Proxy, String) {
    let store = house.store();
    let (begin, rest) = store.split_once("127.0.0.1:").unwrap();
    let (port, name) = rest.split_once('/').unwrap();
    let proxy = Proxy::to(port.parse().unwrap());
    let address = format!("{begin}127.0.0.1:{}/{name}", proxy.port());
    (proxy, address)
}

#[test]
fn a_node_whose_network_fails_comes_back_by_itself_and_loses_nothing() {
    let mut chance = Chance::of("network");
    let house = site();
    let token = server::token(&house);
    let (proxy, address) = line_to(&house);
    let folder = house.node(&address);
    let near = Server::start(&house, &token);
    let far = Server::start(&folder, &token);
    let mut writers: Vec<Writer> = (0..3).map(|n| Writer::new(format!("w{n}"), &token)).collect();
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for (n, writer) in writers.iter_mut().enumerate() {
            let (node, stop) = (if n == 0 { near.address } else { far.address }, &stop);
            scope.spawn(move || writer.work(node, stop));
        }
        for round in 0..12 {
            match round % 3 {
                0 => proxy.cut(),
                1 => proxy.freeze(),
                _ => proxy.slow(Duration::from_millis(20)),
            }
            std::thread::sleep(chance.part_of(Duration::from_millis(300), 5, 100));
            proxy.slow(Duration::ZERO);
            proxy.mend();
            std::thread::sleep(chance.part_of(Duration::from_millis(300), 20, 100));
        }
        stop.store(true, Ordering::Relaxed);
    });
    let doubts: usize = writers.iter().map(Writer::doubts).sum();
    assert_eq!(doubts, 0, "the database came back in time to say what became of every write");
    for writer in &mut writers {
        assert!(writer.acknowledged() > 3);
        writer.check(&mut far.client());
    }
    far.kill();
    near.kill();
    is_sound(&[&folder, &house]);
}

#[test]
fn without_a_database_a_node_says_so_and_goes_on_when_it_is_back() {
    let house = site();
    let token = server::token(&house);
    let (proxy, address) = line_to(&house);
    let folder = house.node(&address);
    let node = Server::start(&folder, &token);
    let mut writer = Writer::new("w", &token);
    while writer.acknowledged() < 3 {
        writer.once(&mut node.client());
    }
    proxy.cut();
    let read = || node.ask(&Asked::get("/api/v1/crm/contacts?limit=5"));
    let refused = read();
    assert_eq!(refused.status, 503, "{refused:?}");
    assert!(refused.body.contains("try again"), "{refused:?}");
    for word in ["postgres", "127.0.0.1", "SELECT", "os error"] {
        assert!(!refused.body.contains(word), "{refused:?}");
    }
    proxy.mend();
    soon("it reads", || read().status == 200);
    let before = writer.acknowledged();
    soon("it writes", || {
        writer.once(&mut node.client());
        writer.acknowledged() > before
    });
    writer.check(&mut node.client());
    node.kill();
    is_sound(&[&house, &folder]);
}
