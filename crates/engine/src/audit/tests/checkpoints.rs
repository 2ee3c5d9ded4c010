//! Files of checkpoints: what is taken away from them shows, and who writes to one together does no
//! harm.

use std::path::Path;

use gantry_store::{Batch, ONE_CHAIN, Write};

use super::*;
use crate::audit::checkpoint::{Checkpoint, Numbered};
use crate::audit::lines::{self, Lines};
use crate::audit::memory;

const LOST: &str = "signed, and missing from the file";
const NOT_GIVEN: &str = "signed, and the file was not given";

fn read(path: &Path) -> Vec<Option<Checkpoint>> {
    Lines::of(path).unwrap().map(Result::unwrap).collect()
}

/// Where the lines of a file say that they belong.
fn places(path: &Path) -> Vec<(u8, u64)> {
    let place = |line: Option<Checkpoint>| line.unwrap().place();
    read(path).into_iter().map(place).map(|place| (place.file[0], place.number)).collect()
}

fn missing(report: &Report) -> Vec<(u8, u64, u64, &'static str)> {
    let about = |fault: &Fault| match fault.about {
        Subject::Checkpoints { file, first, last, .. } => (file[0], first, last, fault.what),
        _ => panic!("{fault:?}"),
    };
    report.faults.iter().map(about).collect()
}

/// Adds an entry to the chain, and signs it.
fn sign(house: &House, trail: &Trail, at: i64) {
    trail.append(&entry(at)).unwrap();
    block_on(trail.drain(&house.store)).unwrap();
    block_on(trail.checkpoint(&house.store, at)).unwrap();
}

fn trail_to(house: &House, process: u8, file: &str) -> Trail {
    Trail::new(TrailSetup {
        path: house.path(),
        store_id: STORE,
        process: [process; 16],
        vault: vault(),
        strict: false,
        checkpoints: Some(house.folder.path().join(file)),
    })
}

fn verified(house: &House, files: &[&str]) -> Report {
    let files: Vec<PathBuf> = files.iter().map(|file| house.folder.path().join(file)).collect();
    block_on(verify(&house.store, &STORE, &files, &vault().public_key())).unwrap()
}

#[test]
fn a_byte_changed_in_the_stores_file_is_found() {
    let house = House::new();
    let trail = house.trail(1);
    for at in 1..=50 {
        trail.append(&entry(at)).unwrap();
    }
    block_on(trail.close(&house.store, 2_000)).unwrap();
    drop(trail);
    let House { folder, store } = house;
    let copy = tempfile::tempdir().unwrap();
    block_on(store.copy_to(&copy.path().join("x.db"))).unwrap();
    block_on(store.copy_keys_to(&copy.path().join("x.db.keys"))).unwrap();
    let mut bytes = fs::read(copy.path().join("x.db")).unwrap();
    let place = bytes.windows(4).position(|four| four == b"anna").unwrap();
    bytes[place] = b'h';
    fs::write(copy.path().join("x.db"), bytes).unwrap();
    let tampered = block_on(Store::open(&location(&copy), setup())).unwrap();
    let (key, path) = (vault().public_key(), folder.path().join("checkpoints"));
    let report = block_on(verify(&tampered, &STORE, std::slice::from_ref(&path), &key)).unwrap();
    assert_eq!(told(&report), ["its content is not what it was"]);
    assert_eq!(report.faults[0].about, Subject::Link { chain: ONE_CHAIN, sequence: 1 });
    assert!(block_on(verify(&store, &STORE, std::slice::from_ref(&path), &key)).unwrap().holds());
}

#[test]
fn a_store_that_was_rolled_back_is_found() {
    let house = House::new();
    let trail = house.trail(1);
    trail.append(&entry(1)).unwrap();
    block_on(trail.close(&house.store, 1)).unwrap();
    let old = tempfile::tempdir().unwrap();
    block_on(house.store.copy_to(&old.path().join("x.db"))).unwrap();
    block_on(house.store.copy_keys_to(&old.path().join("x.db.keys"))).unwrap();
    trail.append(&entry(2)).unwrap();
    block_on(trail.close(&house.store, 2)).unwrap();
    let rolled_back = block_on(Store::open(&location(&old), setup())).unwrap();
    let (key, path) = (vault().public_key(), house.checkpoints());
    let report = block_on(verify(&rolled_back, &STORE, std::slice::from_ref(&path), &key)).unwrap();
    assert_eq!(told(&report), ["the link was signed, and is gone"]);
    assert_eq!(report.faults[0].about, Subject::Link { chain: ONE_CHAIN, sequence: 2 });
    assert!(house.verify().holds());
}

#[test]
fn a_checkpoint_that_is_gone_is_missed_for_ever() {
    let house = House::new();
    let trail = house.trail(1);
    (1..=3).for_each(|at| sign(&house, &trail, at));
    assert_eq!(house.verify().checkpoints, 3);
    let whole = fs::read_to_string(house.checkpoints()).unwrap();
    let without = |line: usize| {
        let rest = whole.split_inclusive('\n').enumerate();
        let rest = rest.filter(|(number, _)| *number != line);
        rest.map(|(_, line)| line).collect::<String>()
    };
    for (line, number) in [(0, 1), (1, 2), (2, 3)] {
        fs::write(house.checkpoints(), without(line)).unwrap();
        let report = house.verify();
        assert_eq!(missing(&report), [(1, number, number, LOST)]);
        assert_eq!(report.faults[0].hint.is_some(), number == 3, "an old copy lacks the end only");
    }
    fs::remove_file(house.checkpoints()).unwrap();
    let report = house.verify();
    assert_eq!(missing(&report), [(1, 1, 3, NOT_GIVEN)]);
    let about = Subject::Checkpoints { file: [1; 16], first: 1, last: 3, since: Some(1) };
    assert_eq!(report.faults[0].about, about);
    // Signing anew does not heal it.
    sign(&house, &trail, 4);
    assert_eq!(places(&house.checkpoints()), [(1, 4)]);
    assert_eq!(missing(&house.verify()), [(1, 1, 3, LOST)]);
}

#[test]
fn nothing_is_signed_where_nothing_has_grown() {
    let house = House::new();
    let trail = house.trail(1);
    sign(&house, &trail, 1);
    block_on(trail.checkpoint(&house.store, 2)).unwrap();
    assert_eq!(places(&house.checkpoints()), [(1, 1)]);
    // Another process has not signed yet, and cannot know.
    block_on(house.trail(2).checkpoint(&house.store, 3)).unwrap();
    assert_eq!(places(&house.checkpoints()), [(1, 1), (1, 2)]);
    assert!(house.verify().holds());
}

#[test]
fn a_checkpoint_that_a_crash_cut_short_is_written_over() {
    let house = House::new();
    let trail = house.trail(1);
    sign(&house, &trail, 1);
    let path = house.checkpoints();
    for (torn, next) in [("{", 2), ("{\"store\":\"0505", 3), ("{\"store\":\"0\",\"file\":\"01", 4)]
    {
        let whole = fs::read_to_string(&path).unwrap();
        let before = read(&path);
        fs::write(&path, format!("{whole}{torn}")).unwrap();
        assert_eq!(read(&path), before, "it is not told of: somebody may be writing it");
        assert!(house.verify().holds());
        sign(&house, &trail, 2);
        assert_eq!(places(&path).last(), Some(&(1, next)));
    }
    assert!(house.verify().holds());
}

#[test]
fn lines_that_are_none_are_told_and_left_and_do_not_keep_anybody_from_signing() {
    let house = House::new();
    let trail = house.trail(1);
    sign(&house, &trail, 1);
    let path = house.checkpoints();
    let good = fs::read_to_string(&path).unwrap();
    for foreign in ["nonsense\n", "somebody's notes without an end", &"x".repeat(600_000)] {
        fs::write(&path, format!("{good}{foreign}")).unwrap();
        sign(&house, &trail, 2);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.starts_with(&format!("{good}{}", foreign.trim_end())), "nothing was cut off");
        let report = house.verify();
        assert!(!report.holds());
        let line = |fault: &Fault| matches!(fault.about, Subject::Line { line: 2.., .. });
        assert!(line(&report.faults[0]), "{report:?}");
    }
}

#[test]
fn a_crash_between_the_file_and_the_store_leaves_no_fault() {
    let house = House::new();
    let trail = house.trail(1);
    sign(&house, &trail, 1);
    let before = block_on(memory::all(&house.store)).unwrap();
    sign(&house, &trail, 2);
    // As if the store had not been told of the second.
    let value = [before[0].last.to_be_bytes(), before[0].since.to_be_bytes()].concat();
    let write = Write::Entry(Space::Meta, [b"signed".as_slice(), &[1; 16]].concat(), value);
    block_on(house.store.commit(Batch { writes: vec![write], ..Batch::default() })).unwrap();
    assert_eq!(block_on(memory::number(&house.store, &[1; 16])).unwrap(), 1);
    assert!(house.verify().holds());
    sign(&house, &house.trail(2), 3);
    assert_eq!(places(&house.checkpoints()), [(1, 1), (1, 2), (1, 3)]);
    assert!(house.verify().holds());
    assert_eq!(block_on(memory::number(&house.store, &[1; 16])).unwrap(), 3);
}

#[test]
fn an_old_copy_that_is_put_back_gets_no_number_twice() {
    let house = House::new();
    let trail = house.trail(1);
    sign(&house, &trail, 1);
    let old = fs::read(house.checkpoints()).unwrap();
    sign(&house, &trail, 2);
    let whole = fs::read(house.checkpoints()).unwrap();
    fs::write(house.checkpoints(), &old).unwrap();
    sign(&house, &trail, 3);
    assert_eq!(places(&house.checkpoints()), [(1, 1), (1, 3)]);
    assert_eq!(missing(&house.verify()), [(1, 2, 2, LOST)]);
    // What was lost is found again in another copy.
    fs::write(house.folder.path().join("copy"), whole).unwrap();
    let report = verified(&house, &["copy", "checkpoints", "checkpoints"]);
    assert!(report.holds(), "{report:?}");
    assert_eq!(report.checkpoints, 3, "each counts once");
}

#[test]
fn the_store_remembers_the_highest_number_whoever_comes_last() {
    let house = House::new();
    let told = |number, at| {
        let place = Numbered { file: [1; 16], number };
        let checkpoint = Checkpoint::sign(&vault(), STORE, place, &[], at);
        block_on(memory::remember(&house.store, &checkpoint)).unwrap();
        let all = block_on(memory::all(&house.store)).unwrap();
        assert_eq!(all.len(), 1);
        (all[0].last, all[0].since)
    };
    assert_eq!(told(2, 20), (2, 20));
    assert_eq!(told(1, 10), (2, 20));
    assert_eq!(told(5, 50), (5, 20));
}

#[test]
fn processes_that_sign_into_one_file_at_once_leave_no_fault() {
    let house = House::new();
    std::thread::scope(|scope| {
        for process in 1..=4 {
            let house = &house;
            scope.spawn(move || {
                let trail = house.trail(process);
                (1..=10).for_each(|at| sign(house, &trail, at));
            });
        }
    });
    let report = house.verify();
    assert!(report.holds(), "{report:?}");
    // Where others signed a link first, there was nothing new; what was signed has a place of its own.
    let places = places(&house.checkpoints());
    let numbers: Vec<u64> = places.iter().map(|(_, number)| *number).collect();
    assert_eq!(numbers, (1..=report.checkpoints).collect::<Vec<_>>());
    assert!(places.iter().all(|(file, _)| *file == places[0].0), "one file has one id");
}

#[test]
fn every_file_must_be_given_and_one_that_is_not_is_told_by_its_id_and_age() {
    let house = House::new();
    let (north, south) = (trail_to(&house, 1, "north"), trail_to(&house, 2, "south"));
    for at in 1..=4 {
        sign(&house, &north, at);
        sign(&house, &south, at + 10);
    }
    let report = verified(&house, &["north", "south"]);
    assert!(report.holds(), "{report:?}");
    assert_eq!((report.checkpoints, report.unproven), (8, 0));
    let report = verified(&house, &["north"]);
    let about = Subject::Checkpoints { file: [2; 16], first: 1, last: 4, since: Some(11) };
    assert_eq!(report.faults[0].about, about);
    assert_eq!(told(&report), [NOT_GIVEN]);
    assert!(report.faults[0].hint.unwrap().contains("give all of them"));
    assert_eq!(missing(&verified(&house, &[])), [(1, 1, 4, NOT_GIVEN), (2, 1, 4, NOT_GIVEN)]);
    // Lines of several files may lie in one.
    let both = ["north", "south"].map(|file| fs::read(house.folder.path().join(file)).unwrap());
    fs::write(house.folder.path().join("both"), both.concat()).unwrap();
    assert!(verified(&house, &["both"]).holds());
}

#[test]
fn more_chains_than_a_line_takes_are_signed_in_several() {
    let heads: Vec<AuditLink> = (0..lines::MAX_HEADS)
        .map(|number| {
            let mut id = [0xff; 16];
            id[..8].copy_from_slice(&u64::try_from(number).unwrap().to_be_bytes());
            AuditLink { sequence: i64::MAX, ..chain_at(id, [1]).remove(0) }
        })
        .collect();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("checkpoints");
    let place = Numbered { file: [1; 16], number: u64::MAX };
    let largest = Checkpoint::sign(&vault(), STORE, place, &heads, i64::MIN);
    for _ in 0..3 {
        lines::append(&path, |_| true, |_| largest.clone()).unwrap();
    }
    assert_eq!(read(&path), vec![Some(largest); 3], "the largest fits a line");
    assert_eq!(lines::last(&path, |_| true).unwrap(), Some(place));
    assert_eq!(lines::last(&path, |_| false).unwrap(), None);
}
