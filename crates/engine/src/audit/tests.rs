//! The trail from end to end, and what happens to whoever tampers with it.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use gantry_notice::Reason;
use gantry_store::{AuditLink, Batch, Location, ONE_CHAIN, Setup, Space, Store};
use gantry_vault::{MasterKey, NO_LINK, Vault, link_hash};
use proptest::prelude::*;
use rand::SeedableRng;
use rand::rngs::StdRng;
use tempfile::TempDir;

use super::checkpoint::{self, Checkpoint};
use super::entry::count;
use super::name::SpoolName;
use super::verify::{Report, Walk, signed};
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
        let names = SpoolName::beside(&self.path()).unwrap();
        names.into_iter().map(|name| name.path(&self.path())).collect()
    }

    fn verify(&self) -> Report {
        let key = vault().public_key();
        block_on(verify(&self.store, &STORE, Some(&self.checkpoints()), &key)).unwrap()
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

/// A chain of links with one entry each, as a store makes it.
fn chain(length: i64) -> Vec<AuditLink> {
    let mut links: Vec<AuditLink> = Vec::new();
    for sequence in 1..=length {
        let previous = links.last().map_or(NO_LINK, |link| link.hash);
        let mut body = Vec::new();
        entry(sequence).encode_into(&mut body).unwrap();
        let hash = link_hash(&previous, sequence, sequence, 1, &body);
        links.push(AuditLink {
            chain: ONE_CHAIN,
            sequence,
            at: sequence,
            entries: 1,
            body,
            previous,
            hash,
        });
    }
    links
}

fn walk(links: &[AuditLink], checkpoints: Vec<Checkpoint>) -> Report {
    let mut report = Report::default();
    let checkpoints = checkpoints.into_iter().map(Some).collect();
    let signed = signed(checkpoints, 0, &STORE, &vault().public_key(), &mut report);
    let mut walk = Walk::new(signed, report);
    for link in links {
        walk.step(link);
    }
    walk.end()
}

fn checkpoint_of(link: &AuditLink) -> Checkpoint {
    Checkpoint::sign(&vault(), STORE, link, 0, 99)
}

fn faults(report: &Report) -> Vec<(i64, &'static str)> {
    report.faults.iter().map(|fault| (fault.sequence, fault.what)).collect()
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
    let forged = SpoolName { process: [9; 16], number: 0 }.path(&house.path());
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

#[test]
fn a_chain_that_nobody_touched_holds() {
    let links = chain(5);
    let report = walk(&links, vec![checkpoint_of(&links[1]), checkpoint_of(&links[3])]);
    assert!(report.holds(), "{report:?}");
    assert_eq!((report.links, report.entries, report.checkpoints), (5, 5, 2));
    assert_eq!((report.first, report.last, report.unproven), (Some(1), Some(5), 1));
}

#[test]
fn a_flipped_byte_is_found_in_every_part_of_a_link() {
    let whole = chain(3);
    let tampered: [fn(&mut AuditLink); 6] = [
        |link| link.body[9] ^= 1,
        |link| link.at ^= 1,
        |link| link.entries ^= 1,
        |link| link.hash[0] ^= 1,
        |link| link.previous[0] ^= 1,
        |link| link.sequence += 1,
    ];
    for tamper in tampered {
        let mut links = whole.clone();
        tamper(&mut links[1]);
        assert!(!walk(&links, Vec::new()).holds());
    }
}

#[test]
fn a_removed_link_is_found() {
    let mut links = chain(4);
    links.remove(1);
    let found = faults(&walk(&links, Vec::new()));
    let follows = "it does not follow the link before it";
    assert_eq!(found, [(3, "links before it are missing"), (3, follows)]);
}

#[test]
fn a_swapped_pair_is_found_also_when_it_is_numbered_anew() {
    let mut links = chain(4);
    links.swap(1, 2);
    assert!(!walk(&links, Vec::new()).holds());
    (links[1].sequence, links[2].sequence) = (2, 3);
    assert!(!walk(&links, Vec::new()).holds());
}

#[test]
fn a_cut_tail_is_found_by_the_checkpoint_beyond_it() {
    let links = chain(4);
    let report = walk(&links[..2], vec![checkpoint_of(&links[3])]);
    assert_eq!(faults(&report), [(4, "the link was signed, and is gone")]);
    let report = walk(&[], vec![checkpoint_of(&links[3])]);
    assert_eq!(faults(&report), [(4, "the link was signed, and is gone")]);
}

#[test]
fn a_chain_that_was_written_anew_is_found_by_its_checkpoint() {
    let signed = checkpoint_of(&chain(3)[2]);
    let mut links = chain(2);
    let mut body = Vec::new();
    Entry { actor: "nobody".to_owned(), ..entry(3) }.encode_into(&mut body).unwrap();
    let previous = links[1].hash;
    let hash = link_hash(&previous, 3, 3, 1, &body);
    links.push(AuditLink {
        chain: ONE_CHAIN,
        sequence: 3,
        at: 3,
        entries: 1,
        body,
        previous,
        hash,
    });
    assert!(walk(&links, Vec::new()).holds());
    let report = walk(&links, vec![signed]);
    assert_eq!(faults(&report), [(3, "the link is not the one that was signed")]);
}

#[test]
fn a_forged_or_foreign_checkpoint_is_found() {
    let links = chain(2);
    let good = checkpoint_of(&links[1]);
    let forged: Vec<Checkpoint> = vec![
        Checkpoint { sequence: 1, ..good.clone() },
        Checkpoint { at: 98, ..good.clone() },
        Checkpoint { after: 1, ..good.clone() },
        Checkpoint { hash: gantry_vault::encode(&links[0].hash), ..good.clone() },
        Checkpoint { signature: "0".to_owned(), ..good.clone() },
        Checkpoint::sign(&vault(), [6; 16], &links[1], 0, 99),
    ];
    for checkpoint in forged {
        let found = faults(&walk(&links, vec![checkpoint]));
        assert_eq!(found, [(1, "a checkpoint was not signed by this key for this store")]);
    }
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
    let report = block_on(verify(&tampered, &STORE, Some(&path), &key)).unwrap();
    assert_eq!(faults(&report), [(1, "its content is not what it was")]);
    assert!(block_on(verify(&store, &STORE, Some(&path), &key)).unwrap().holds());
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
    let report = block_on(verify(&rolled_back, &STORE, Some(&path), &key)).unwrap();
    assert_eq!(faults(&report), [(2, "the link was signed, and is gone")]);
    assert!(house.verify().holds());
}

#[test]
fn a_checkpoint_that_is_gone_is_missed_for_ever() {
    let house = House::new();
    let trail = house.trail(1);
    for at in 1..=3 {
        trail.append(&entry(at)).unwrap();
        block_on(trail.drain(&house.store)).unwrap();
        block_on(trail.checkpoint(&house.store, at)).unwrap();
    }
    assert_eq!(house.verify().checkpoints, 3);
    let whole = fs::read_to_string(house.checkpoints()).unwrap();
    let gone = "the link was signed, and its checkpoint is missing";
    let without = |line: usize| {
        let rest = whole.split_inclusive('\n').enumerate();
        let rest = rest.filter(|(number, _)| *number != line);
        rest.map(|(_, line)| line).collect::<String>()
    };
    for (line, sequence) in [(0, 1), (1, 2), (2, 3)] {
        fs::write(house.checkpoints(), without(line)).unwrap();
        assert_eq!(faults(&house.verify()), [(sequence, gone)]);
    }
    fs::remove_file(house.checkpoints()).unwrap();
    assert_eq!(faults(&house.verify()), [(3, gone)]);
    // Signing anew does not heal it.
    trail.append(&entry(4)).unwrap();
    block_on(trail.close(&house.store, 4)).unwrap();
    assert_eq!(faults(&house.verify()), [(3, gone)]);
}

#[test]
fn a_checkpoint_that_a_crash_cut_short_is_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("checkpoints");
    let links = chain(2);
    let first = checkpoint_of(&links[0]);
    checkpoint::append(&path, &first).unwrap();
    let mut bytes = fs::read(&path).unwrap();
    bytes.extend_from_slice(b"{\"store\":\"0505");
    fs::write(&path, &bytes).unwrap();
    assert_eq!(checkpoint::read(&path).unwrap(), [Some(first.clone())]);
    let second = checkpoint_of(&links[1]);
    checkpoint::append(&path, &second).unwrap();
    assert_eq!(checkpoint::read(&path).unwrap(), [Some(first), Some(second)]);
    fs::write(&path, "nonsense\n").unwrap();
    assert_eq!(checkpoint::read(&path).unwrap(), [None]);
    fs::write(&path, "x".repeat(10_000)).unwrap();
    assert!(checkpoint::read(&path).unwrap().iter().all(Option::is_none));
}

#[test]
fn the_trail_is_shown_in_pages_through_a_filter() {
    let house = House::new();
    for at in 0..10 {
        let mut audit = Vec::new();
        let mut one = entry(at);
        one.purpose = u8::try_from(at % 2).unwrap();
        one.encode_into(&mut audit).unwrap();
        entry(at).denied(Reason::Objected).encode_into(&mut audit).unwrap();
        let batch = Batch { audit, audit_entries: 2, ..Batch::default() };
        block_on(house.store.commit(batch)).unwrap();
    }
    let filter = Filter { purpose: Some(1), from: Some(2), to: Some(9), ..Filter::default() };
    let first = block_on(show::page(&house.store, &filter, Position::default(), 2)).unwrap();
    let times = |page: &Page| page.entries.iter().map(|f| f.entry.at).collect::<Vec<_>>();
    assert_eq!(times(&first), [3, 5]);
    let second = block_on(show::page(&house.store, &filter, first.next.unwrap(), 2)).unwrap();
    assert_eq!(times(&second), [7]);
    assert_eq!(second.next, None);
    let about = Filter { contact: Some([8; 16]), ..Filter::default() };
    assert_eq!(
        block_on(show::page(&house.store, &about, Position::default(), 9)).unwrap(),
        Page::default()
    );
    let denied = Filter { denied: Some(true), contact: Some([7; 16]), ..Filter::default() };
    let page = block_on(show::page(&house.store, &denied, Position::default(), 99)).unwrap();
    assert_eq!(page.entries.len(), 10);
    let start = block_on(show::near_the_end(&house.store, 3)).unwrap();
    let newest = block_on(show::page(&house.store, &Filter::default(), start, 99)).unwrap();
    assert_eq!(times(&newest), [7, 7, 8, 8, 9, 9]);
}
