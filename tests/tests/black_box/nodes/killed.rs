//! A node is killed while another goes on.

use std::fmt::Write as _;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::writing::Writer;
use super::{is_sound, site, soon};
use crate::chance::Chance;
use crate::client::Asked;
use crate::server::{self, Server};
use crate::support::{House, soak};
use crate::tables::Half;

#[test]
fn a_node_that_is_killed_loses_nothing_and_does_not_stop_another() {
    let mut chance = Chance::of("nodes killed");
    let house = site();
    let token = server::token(&house);
    let folders = [house.node(&house.store()), house.node(&house.store())];
    let stays = Server::start(&folders[0], &token);
    let mut of_both: Vec<Writer> =
        (0..4).map(|n| Writer::new(format!("writer{n}"), &token)).collect();
    let rounds = if soak() { 60 } else { 8 };
    for _ in 0..rounds {
        let dies = Server::start(&folders[1], &token);
        let stop = AtomicBool::new(false);
        let before = of_both[0].acknowledged();
        std::thread::scope(|scope| {
            for (n, writer) in of_both.iter_mut().enumerate() {
                let node = if n % 2 == 0 { stays.address } else { dies.address };
                let stop = &stop;
                scope.spawn(move || writer.work(node, stop));
            }
            std::thread::sleep(chance.part_of(Duration::from_millis(400), 10, 100));
            dies.kill();
            // The other one has its locks soon.
            std::thread::sleep(Duration::from_millis(100));
            stop.store(true, Ordering::Relaxed);
        });
        assert!(of_both[0].acknowledged() > before, "the other one went on");
    }
    let back = Server::start(&folders[1], &token);
    for (n, writer) in of_both.iter_mut().enumerate() {
        writer.check(&mut if n % 2 == 0 { back.client() } else { stays.client() });
    }
    back.kill();
    stays.kill();
    is_sound(&[&folders[1], &folders[0], &house]);
}

#[test]
fn an_import_that_died_on_another_node_is_given_up_when_its_lease_has_ended() {
    let house = site();
    let token = server::token(&house);
    let other = house.node(&house.store());
    let node = Server::start(&house, &token);
    // One that was quick enough to be done before it was killed is no case of this.
    let attempt = (0..8).find(|attempt| {
        write_people(&other, *attempt, 4_000);
        import_and_kill(&other, *attempt, &house);
        house.count(Half::Main, "pending") == 1
    });
    let attempt = attempt.unwrap();
    let nothing = || {
        for by in [format!("email=i7@import{attempt}.example"), format!("name=family{attempt}x7")] {
            let asked = Asked::get(format!("/api/v1/crm/contacts?{by}"));
            let found = node.ask(&asked).json();
            assert_eq!(found["items"].as_array().map(Vec::len), Some(0), "{by}: {found}");
        }
    };
    nothing();
    write_people(&house, attempt, 300);
    let (there, source) = (4_000 * attempt, format!("old{attempt}"));
    let import = import(&source);
    // Nobody knows yet that it died.
    let refused = house.run(&import);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.err.contains(&format!("import from `{source}`")), "{refused:?}");
    nothing();
    house.end_leases();
    let report = house.json(&import);
    assert_eq!(report["contacts"]["added"], 300, "{report}");
    assert_eq!(house.count(Half::Main, "contact"), there + 300);
    assert_eq!(house.count(Half::Main, "staged"), 0);
    assert_eq!(house.count(Half::Main, "pending"), 0);
    node.kill();
    is_sound(&[&house, &other]);
}

fn import(source: &str) -> [&str; 8] {
    ["import", "--for", "crm", "--source", source, "--map", "hubspot", "people.csv"]
}

fn write_people(folder: &House, attempt: usize, count: usize) {
    let mut rows = String::from("Record ID,First Name,Last Name,Email,Lifecycle Stage,Country\n");
    for n in 0..count {
        let email = format!("i{n}@import{attempt}.example");
        writeln!(rows, "{n},Given,Family{attempt}x{n},{email},lead,DE").unwrap();
    }
    std::fs::write(folder.path("people.csv"), rows).unwrap();
}

/// Begins an import at a node, and kills it once it has written something.
fn import_and_kill(node: &House, attempt: usize, house: &House) {
    let before = house.last_edition();
    let source = format!("old{attempt}");
    let mut command = node.command(&import(&source));
    let mut dying = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    soon("it begins to write", || house.last_edition() > before);
    soon("it has written", || {
        house.count(Half::Main, "staged") > 0 || dying.try_wait().unwrap().is_some()
    });
    dying.kill().unwrap();
    dying.wait().unwrap();
}
