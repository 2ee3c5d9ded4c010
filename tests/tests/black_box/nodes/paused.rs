//! A node that stands still for longer than its lease.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::writing::Writer;
use super::{is_sound, site};
use crate::server::{self, Server};
use crate::tables::Half;

#[test]
fn a_node_that_wakes_after_its_lease_went_to_another_works_on_under_a_chain_of_its_own() {
    let house = site();
    let token = server::token(&house);
    let folders = [house.node(&house.store()), house.node(&house.store())];
    let sleeper = Server::start(&folders[0], &token);
    let (mut of_sleeper, mut of_heir) = (Writer::new("a", &token), Writer::new("b", &token));
    of_sleeper.once(&mut sleeper.client());
    let leased = "SELECT id FROM node WHERE leased_until > now()";
    let [chain] = <[String; 1]>::try_from(house.values(Half::Main, leased)).unwrap();
    let links = format!("(SELECT 1 FROM audit WHERE chain = {})", house.literal(&chain));
    let length = || house.count(Half::Main, &links);
    let stop = AtomicBool::new(false);
    let heir = std::thread::scope(|scope| {
        scope.spawn(|| of_sleeper.work(sleeper.address, &stop));
        // Not in the middle of a transaction: whose locks the server would take away only after 20 s.
        loop {
            std::thread::sleep(Duration::from_millis(50));
            sleeper.pause(true);
            if house.count(Half::Main, "(SELECT 1 FROM node FOR UPDATE SKIP LOCKED)") == 1 {
                break;
            }
            sleeper.pause(false);
        }
        house.end_leases();
        let before = length();
        let heir = Server::start(&folders[1], &token);
        assert!(of_heir.once(&mut heir.client()));
        assert!(length() > before, "the heir has got another chain");
        sleeper.pause(false);
        std::thread::sleep(Duration::from_millis(300));
        stop.store(true, Ordering::Relaxed);
        heir
    });
    let heirs = house.count(Half::Main, &links);
    assert!(of_sleeper.once(&mut sleeper.client()));
    assert_eq!(house.count(Half::Main, &links), heirs, "the sleeper wrote into the heir's chain");
    assert!(of_sleeper.acknowledged() > 1);
    assert_eq!(house.count(Half::Main, "(SELECT 1 FROM node WHERE leased_until > now())"), 2);
    of_sleeper.check(&mut heir.client());
    of_heir.check(&mut sleeper.client());
    sleeper.kill();
    heir.kill();
    is_sound(&[&folders[0], &folders[1], &house]);
}
