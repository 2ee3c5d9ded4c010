//! The trail from end to end, and what happens to whoever tampers with it.

mod chains;
mod checkpoints;
mod nodes;
mod side_by_side;

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use gantry_notice::Reason;
use gantry_store::{AuditLink, Id, Location, Setup, Space, Store, beginning};
use gantry_vault::{MasterKey, Vault, link_hash};
use proptest::prelude::*;
use rand::SeedableRng;
use rand::rngs::StdRng;
use tempfile::TempDir;

use super::entry::count;
use super::name::{SpoolName, prefix};
use super::*;

const STORE: [u8; 16] = [5; 16];

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

fn vault() -> Arc<Vault> {
    Arc::new(Vault::new(&MasterKey::generate(&mut StdRng::seed_from_u64(1))))
}

fn entry(at: i64) -> Entry {
    Entry {
        at,
        actor: "anna".to_owned(),
        purpose: 4,
        use_id: 9,
        notice: 1,
        cause: Cause::Test,
        operation: "read".into(),
        categories: vec![1, 2],
        about: About::One([7; 16]),
        count: 3,
        outcome: Outcome::Allowed,
        request: None,
    }
}

struct House {
    folder: TempDir,
    store: Store,
}

impl House {
    fn new() -> House {
        let folder = tempfile::tempdir().unwrap();
        let store = block_on(Store::create(&location(&folder), setup())).unwrap();
        House { folder, store }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("x.db")
    }

    fn checkpoints(&self) -> PathBuf {
        self.folder.path().join("checkpoints")
    }

    fn trail(&self, process: u8) -> Trail {
        self.trail_that(process, false)
    }

    fn trail_that(&self, process: u8, strict: bool) -> Trail {
        Trail::new(TrailSetup {
            path: self.path(),
            store_id: STORE,
            process: [process; 16],
            vault: vault(),
            strict,
            checkpoints: Some(self.checkpoints()),
        })
    }

    fn spools(&self) -> Vec<PathBuf> {
        let prefix = prefix(&self.path(), &STORE);
        let names = SpoolName::of(&prefix).unwrap();
        names.into_iter().map(|name| name.path(&prefix)).collect()
    }

    fn verify(&self) -> Report {
        let key = vault().public_key();
        block_on(verify(&self.store, &STORE, &[self.checkpoints()], &key)).unwrap()
    }

    fn times(&self) -> Vec<i64> {
        let page =
            block_on(show::page(&self.store, &Filter::default(), Position::default(), 1_000));
        page.unwrap().entries.into_iter().map(|found| found.entry.at).collect()
    }
}

fn location(folder: &TempDir) -> Location {
    Location::Sqlite(folder.path().join("x.db"))
}

fn setup() -> Setup {
    Setup { link_hash, now: Arc::new(|| 1_000), readers: 2 }
}

/// A link with one entry, after others of its chain.
fn link(chain: Id, before: &[AuditLink], at: i64, entry: &Entry) -> AuditLink {
    let previous = before.last().map_or(beginning(&chain), |link| link.hash);
    let sequence = before.last().map_or(1, |link| link.sequence + 1);
    let mut body = Vec::new();
    entry.encode_into(&mut body).unwrap();
    let hash = link_hash(&previous, sequence, at, 1, &body);
    AuditLink { chain, sequence, at, entries: 1, body, previous, hash }
}

/// A chain of links with one entry each, written at those times, as a store makes it.
fn chain_at(chain: Id, times: impl IntoIterator<Item = i64>) -> Vec<AuditLink> {
    let mut links = Vec::new();
    for at in times {
        links.push(link(chain, &links, at, &entry(at)));
    }
    links
}

fn told(report: &Report) -> Vec<&'static str> {
    report.faults.iter().map(|fault| fault.what).collect()
}

fn any_about() -> impl Strategy<Value = About> {
    prop_oneof![
        Just(About::Nobody),
        any::<[u8; 16]>().prop_map(About::One),
        any::<Vec<[u8; 16]>>().prop_map(About::Many),
        any::<(u8, [u8; 16])>().prop_map(|(kind, id)| About::Object(kind, id)),
    ]
}

fn any_entry() -> impl Strategy<Value = Entry> {
    let who = (any::<i64>(), any::<String>(), any::<u8>(), any::<u16>(), any::<u16>());
    let what = (any::<String>(), any::<Vec<u8>>(), any_about(), any::<u32>());
    let outcome = (any::<Option<u8>>(), any::<Option<[u8; 16]>>());
    (who, what, outcome).prop_map(|(who, what, outcome)| Entry {
        at: who.0,
        actor: who.1,
        purpose: who.2,
        use_id: who.3,
        notice: who.4,
        cause: Cause::Job,
        operation: what.0.into(),
        categories: what.1,
        about: what.2,
        count: what.3,
        outcome: outcome.0.map_or(Outcome::Allowed, Outcome::Denied),
        request: outcome.1,
    })
}

proptest! {
    #[test]
    fn entries_are_read_back_as_they_were_written(
        entries in prop::collection::vec(any_entry(), 0..5)
    ) {
        let mut bytes = Vec::new();
        for entry in &entries {
            entry.encode_into(&mut bytes).unwrap();
        }
        prop_assert_eq!(count(&bytes), Some(u32::try_from(entries.len()).unwrap()));
        let read: Result<Vec<_>, _> = decode(&bytes).collect();
        prop_assert_eq!(read.unwrap(), entries);
    }

    #[test]
    fn hostile_bytes_are_no_entries(bytes: Vec<u8>, flip: prop::sample::Index) {
        prop_assert!(decode(&bytes).count() <= bytes.len());
        let mut real = Vec::new();
        entry(1).encode_into(&mut real).unwrap();
        let place = flip.index(real.len());
        real.truncate(place);
        real.extend(bytes);
        prop_assert!(decode(&real).count() <= real.len());
    }
}

#[test]
fn an_entry_without_bound_is_refused_and_leaves_nothing() {
    let mut bytes = b"before".to_vec();
    let huge = Entry { about: About::Many(vec![[1; 16]; 70_000]), ..entry(1) };
    assert_eq!(huge.encode_into(&mut bytes), Err(EntryTooLong));
    assert_eq!(bytes, b"before");
}

#[test]
fn a_denied_entry_says_why_and_counts_nothing() {
    let denied = entry(1).denied(Reason::Objected);
    assert_eq!(denied.outcome, Outcome::Denied(Reason::Objected as u8));
    assert_eq!(denied.count, 0);
}

#[test]
fn what_is_appended_is_drained_into_the_chain_once() {
    let house = House::new();
    let trail = house.trail(1);
    for at in 1..=3 {
        trail.append(&entry(at)).unwrap();
    }
    assert!(trail.waiting() > 0);
    assert_eq!(block_on(trail.drain(&house.store)).unwrap().entries, 3);
    assert_eq!(trail.waiting(), 0);
    assert_eq!(block_on(trail.drain(&house.store)).unwrap().entries, 0);
    trail.append(&entry(4)).unwrap();
    block_on(trail.close(&house.store, 2_000)).unwrap();
    assert_eq!(house.times(), [1, 2, 3, 4]);
    assert_eq!(house.spools(), Vec::<PathBuf>::new());
    assert_eq!(block_on(house.store.entries(Space::Spool, &[], None, 10)).unwrap(), []);
    let report = house.verify();
    assert!(report.holds(), "{report:?}");
    assert_eq!((report.links, report.entries, report.checkpoints), (2, 4, 1));
    assert_eq!(report.unproven, 0);
}

#[test]
fn a_trail_that_was_closed_begins_another_spool() {
    let house = House::new();
    let trail = house.trail_that(1, true);
    trail.append(&entry(1)).unwrap();
    block_on(trail.close(&house.store, 1)).unwrap();
    trail.append(&entry(2)).unwrap();
    block_on(trail.close(&house.store, 2)).unwrap();
    assert_eq!(house.times(), [1, 2]);
    assert!(house.verify().holds());
}

#[test]
fn nothing_is_made_where_nothing_is_noted() {
    let house = House::new();
    let trail = house.trail(1);
    block_on(trail.close(&house.store, 1)).unwrap();
    assert_eq!(house.spools(), Vec::<PathBuf>::new());
    assert!(!house.checkpoints().exists());
    assert_eq!(house.verify(), Report::default());
}

#[test]
fn the_spool_of_another_store_in_the_same_folder_is_left_alone() {
    let house = House::new();
    let dying = house.trail(1);
    dying.append(&entry(1)).unwrap();
    drop(dying);
    let other = House::new();
    let setup = |store_id, process| TrailSetup {
        path: house.path(),
        store_id,
        process: [process; 16],
        vault: vault(),
        strict: false,
        checkpoints: None,
    };
    let strange = Trail::new(setup([6; 16], 2));
    assert_eq!(block_on(strange.adopt(&other.store, 9)).unwrap(), Drained::default());
    assert_eq!(other.times(), [0; 0]);
    assert_eq!(house.spools().len(), 1);
    assert_eq!(spools(&house.path(), &[6; 16]).unwrap(), 0);
    assert_eq!(block_on(house.trail(3).adopt(&house.store, 9)).unwrap().entries, 1);
    assert_eq!(house.times(), [1]);
}

#[test]
fn checkpoints_are_tried_without_leaving_anything() {
    let house = House::new();
    house.trail(1).must_be_able_to_sign().unwrap();
    assert!(!house.checkpoints().exists());
    fs::create_dir(house.checkpoints()).unwrap();
    let refused = house.trail(1).must_be_able_to_sign().unwrap_err().to_string();
    assert!(refused.contains("nothing was done"), "{refused}");
    // What fails afterwards does not say so.
    let trail = house.trail(2);
    trail.append(&entry(1)).unwrap();
    let behind = block_on(trail.close(&house.store, 2)).unwrap_err().to_string();
    assert!(behind.starts_with("what was done is done, but no checkpoint"), "{behind}");
}

#[test]
fn the_spool_of_a_dead_process_is_taken_over_and_that_of_a_living_one_is_not() {
    let house = House::new();
    let (living, dying) = (house.trail(1), house.trail(2));
    living.append(&entry(1)).unwrap();
    dying.append(&entry(2)).unwrap();
    drop(dying);
    let next = house.trail(3);
    let drained = block_on(next.adopt(&house.store, 9)).unwrap();
    assert_eq!((drained.entries, drained.adopted, drained.torn), (1, 1, 0));
    assert_eq!(house.times(), [2]);
    assert_eq!(house.spools().len(), 1);
    living.append(&entry(3)).unwrap();
    block_on(living.drain(&house.store)).unwrap();
    assert_eq!(house.times(), [2, 1, 3]);
}

#[test]
fn a_crash_between_commit_and_removal_doubles_nothing() {
    let house = House::new();
    let trail = house.trail(1);
    trail.append(&entry(1)).unwrap();
    trail.append(&entry(2)).unwrap();
    block_on(trail.drain(&house.store)).unwrap();
    trail.append(&entry(3)).unwrap();
    drop(trail);
    let drained = block_on(house.trail(2).adopt(&house.store, 9)).unwrap();
    assert_eq!(drained.entries, 1);
    assert_eq!(house.times(), [1, 2, 3]);
    assert_eq!(block_on(house.trail(3).adopt(&house.store, 9)).unwrap(), Drained::default());
}

#[test]
fn a_torn_end_is_set_aside_and_told_and_what_is_before_it_is_kept() {
    for torn in 1..40 {
        let house = House::new();
        let trail = house.trail(1);
        trail.append(&entry(1)).unwrap();
        trail.append(&entry(2)).unwrap();
        drop(trail);
        let spool = house.spools().remove(0);
        let bytes = fs::read(&spool).unwrap();
        fs::write(&spool, &bytes[..bytes.len() - torn]).unwrap();
        let drained = block_on(house.trail(2).adopt(&house.store, 9)).unwrap();
        assert_eq!(drained.entries, 1, "{torn} bytes cut off");
        assert_eq!(drained.torn, u64::try_from(bytes.len() / 2 - torn).unwrap());
        assert_eq!(house.times(), [1, 9]);
        assert_eq!(house.spools(), Vec::<PathBuf>::new());
        assert!(house.verify().holds());
    }
}

#[test]
fn a_spool_that_was_changed_or_put_elsewhere_is_not_believed() {
    let house = House::new();
    let trail = house.trail(1);
    trail.append(&entry(1)).unwrap();
    drop(trail);
    let spool = house.spools().remove(0);
    let forged = SpoolName { process: [9; 16], number: 0 }.path(&prefix(&house.path(), &STORE));
    fs::copy(&spool, forged).unwrap();
    let mut bytes = fs::read(&spool).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&spool, bytes).unwrap();
    let drained = block_on(house.trail(2).adopt(&house.store, 9)).unwrap();
    assert_eq!((drained.entries, drained.adopted), (0, 2));
    assert!(drained.torn > 0);
}

#[test]
fn an_entry_that_cannot_be_written_is_an_error() {
    let house = House::new();
    let nowhere = Trail::new(TrailSetup {
        path: house.folder.path().join("missing").join("x.db"),
        store_id: STORE,
        process: [1; 16],
        vault: vault(),
        strict: false,
        checkpoints: None,
    });
    let error = nowhere.append(&entry(1)).unwrap_err().to_string();
    assert!(error.contains("nothing was done"), "{error}");
    assert_eq!(nowhere.waiting(), 0);
}

#[test]
fn entries_of_many_threads_all_arrive() {
    let house = House::new();
    let trail = house.trail(1);
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let trail = &trail;
            scope.spawn(move || {
                for number in 0..200 {
                    trail.append(&entry(thread * 1_000 + number)).unwrap();
                }
            });
        }
        for _ in 0..20 {
            block_on(trail.drain(&house.store)).unwrap();
        }
    });
    block_on(trail.close(&house.store, 1)).unwrap();
    let report = house.verify();
    assert!(report.holds(), "{report:?}");
    assert_eq!(report.entries, 1_600);
}
