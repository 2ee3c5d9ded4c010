//! Copying a store to another place: the same rows, keys and chains; from any backend to any other.

use std::collections::BTreeSet;

use gantry_store::copy::{
    Beginning, Copied, CopyError, Original, Progress, copy, must_be_idle, reopen,
};
use gantry_store::{
    Batch, ContactFilter, ContactRow, Edition, Location, ObjectFilter, ObjectRow, RecordRow, Space,
    Store, StoreError, Target, Write,
};
use gantry_testbed::Database;
use proptest::prelude::ProptestConfig;
use proptest::test_runner::TestRunner;

use crate::conformance::trail;
use crate::editions;
use crate::make::{
    Folder, Place, batch, contact, create, damage, id, key, object, of, open, record, setup, told,
    tombstone,
};

async fn copied(from: &Location, to: &Location) -> Result<Copied, CopyError> {
    copy(from, to, Original::Stays, setup(), &mut |_| {}).await
}

/// All that can be seen of a store, as text.
async fn seen(store: &Store) -> String {
    let everybody = ContactFilter { erased: true, ..ContactFilter::default() };
    let contacts = store.contact_page(everybody, None, usize::MAX >> 1).await.unwrap().value;
    let mut seen = vec![format!("{contacts:?}")];
    for contact in &contacts {
        let records = store.records(contact.id, None, None, 9_999).await.unwrap().value;
        let keys = store.keys(&[contact.id]).await.unwrap();
        seen.push(format!("{records:?} {keys:?}"));
    }
    for kind in [1, 2] {
        let filter = ObjectFilter { kind, ..ObjectFilter::default() };
        seen.push(format!("{:?}", store.object_page(&filter, None, 9_999).await.unwrap().value));
    }
    for hash in 0..8 {
        seen.push(format!("{:?}", store.lookup(&[hash; 16], None, 9_999).await.unwrap()));
    }
    for space in [Space::Meta, Space::Notice, Space::Account, Space::Suppressed] {
        seen.push(format!("{:?}", store.entries(space, b"", None, 9_999).await.unwrap()));
    }
    seen.push(format!("{:?}", store.changes(0, 99_999).await.unwrap()));
    seen.push(format!("{:?}", trail(store).await));
    seen.join("\n")
}

async fn assert_same(one: &Location, other: &Location) {
    let (one, other) = (open(one).await, open(other).await);
    assert_eq!(damage(&one).await, [""; 0]);
    assert_eq!(damage(&other).await, [""; 0]);
    assert_eq!(seen(&one).await, seen(&other).await);
}

/// A store with something of everything, and with what imports and erasures leave.
async fn filled(place: &Location, contacts: u32) -> Store {
    let store = create(place).await;
    for number in 0..contacts {
        let person = Target::Contact(id(number));
        let writes = [
            Write::Contact(contact(number)),
            Write::Key(id(number), vec![3; 40]),
            Write::Record(record(key(number, 1, 1))),
            Write::Record(RecordRow { about: Some((1, id(7))), ..record(key(number, 2, 1)) }),
            Write::Lookup([u8::try_from(number % 8).unwrap(); 16], person),
            Write::Object(object(1, number)),
        ];
        store.commit(told(b"made", writes)).await.unwrap();
    }
    let kept = vec![record(key(1, 2, 1))];
    let erase = Write::Erase { tombstone: tombstone(1, 2), kept, key: Some(vec![9; 40]) };
    let gone = Write::Erase { tombstone: tombstone(2, 2), kept: vec![], key: None };
    store.commit(told(b"erased", [erase, gone])).await.unwrap();
    let entry = |space, value: &[u8]| Write::Entry(space, b"name".to_vec(), value.to_vec());
    let entries = [entry(Space::Meta, b""), entry(Space::Account, &[0, 255])];
    store.commit(batch(entries)).await.unwrap();
    let published = import(&store, contacts).await;
    store.commit(Batch { publish: Some(published), ..Batch::default() }).await.unwrap();
    let discarded = import(&store, contacts + 10).await;
    store.discard(discarded).await.unwrap();
    store
}

/// An import that changes a record and an object, and brings a contact.
async fn import(store: &Store, new: u32) -> Edition {
    let edition = store.begin_edition(b"note").await.unwrap();
    let writes = [
        Write::Contact(ContactRow { edition, ..contact(new) }),
        Write::Key(id(new), vec![4; 40]),
        Write::Record(of(edition, record(key(new, 1, 1)))),
        Write::Record(RecordRow { version: 2, ..of(edition, record(key(3, 1, 1))) }),
        Write::Object(ObjectRow { edition, version: 2, ..object(1, 3) }),
        Write::Lookup([3; 16], Target::Contact(id(new))),
    ];
    store.commit(batch(writes)).await.unwrap();
    edition
}

async fn a_copy_is_the_same_and_is_worked_with<From: Place, To: Place>() {
    let (from, to, back) = (From::new(), To::new(), From::new());
    let (from, to, back) = (from.location(), to.location(), back.location());
    let store = filled(&from, 20).await;
    let edition = store.begin_edition(b"").await.unwrap();
    store.discard(edition).await.unwrap();
    drop(store);
    let copied_there = copied(&from, &to).await.unwrap();
    assert!(copied_there.holds(), "{copied_there:?}");
    assert_eq!(copied_there.beginning, Beginning::New);
    assert_same(&from, &to).await;

    // The copy is a store: chains and feed go on, erased contacts stay dead, editions rise.
    let there = open(&to).await;
    let links = trail(&there).await.len();
    let head = there.head().await.unwrap();
    let again = Write::Contact(ContactRow { version: 2, ..contact(5) });
    assert_eq!(there.commit(told(b"there", [again])).await.unwrap().head, head + 1);
    assert_eq!(trail(&there).await.len(), links + 1);
    let dead = there.commit(batch([Write::Record(record(key(2, 1, 1)))])).await;
    assert!(matches!(dead, Err(StoreError::Conflict { .. })));
    assert!(there.begin_edition(b"").await.unwrap() > edition);
    there.discard(edition + 1).await.unwrap();
    let kept = Write::Erase { tombstone: tombstone(1, 3), kept: vec![], key: None };
    there.commit(told(b"gone", [kept])).await.unwrap();
    assert_eq!(there.keys(&[id(1)]).await.unwrap(), [None]);
    drop(there);

    // And back again.
    assert!(copied(&to, &back).await.unwrap().holds());
    assert_same(&to, &back).await;
    let home = open(&back).await;
    home.commit(told(b"home", [])).await.unwrap();
    assert_eq!(trail(&home).await.len(), links + 3);
    assert_eq!(damage(&home).await, [""; 0]);
}

#[tokio::test]
async fn a_file_is_copied_to_a_server_and_back() {
    a_copy_is_the_same_and_is_worked_with::<Folder, Database>().await;
}

#[tokio::test]
async fn a_server_is_copied_to_a_file_and_back() {
    a_copy_is_the_same_and_is_worked_with::<Database, Folder>().await;
}

#[tokio::test]
async fn a_file_is_copied_to_a_file() {
    a_copy_is_the_same_and_is_worked_with::<Folder, Folder>().await;
}

#[tokio::test]
async fn a_server_is_copied_to_a_server() {
    a_copy_is_the_same_and_is_worked_with::<Database, Database>().await;
}

#[tokio::test]
async fn a_copy_from_a_server_has_the_chains_of_all_nodes() {
    let (from, to, on) = (Database::new(), Folder::new(), Database::new());
    let (from, to, on) = (from.location(), to.location(), on.location());
    let nodes = [create(&from).await, open(&from).await, open(&from).await];
    for (number, node) in (0..).zip(&nodes) {
        for _ in 0..=number {
            node.commit(told(b"x", [])).await.unwrap();
        }
    }
    drop(nodes);
    assert_eq!(copied(&from, &to).await.unwrap().chains.len(), 3);
    let file = open(&to).await;
    file.commit(told(b"own", [])).await.unwrap();
    let heads = file.audit_heads().await.unwrap();
    assert_eq!(heads[0].chain, gantry_store::ONE_CHAIN);
    let lengths: BTreeSet<i64> = heads[1..].iter().map(|head| head.sequence).collect();
    assert_eq!(lengths, BTreeSet::from([1, 2, 3]));
    drop(file);
    assert_eq!(copied(&to, &on).await.unwrap().chains.len(), 4);
    assert_same(&to, &on).await;
    // The nodes that come take these chains up.
    let node = open(&on).await;
    node.commit(told(b"next", [])).await.unwrap();
    assert_eq!(node.audit_heads().await.unwrap().len(), 4);
    assert_eq!(trail(&node).await.len(), 8);
}

/// Stops a copy as somebody would who pulls the plug: after so many reports of progress.
async fn stopped(from: &Location, to: &Location, after: u32) -> bool {
    let (mut told, enough) = (0, tokio::sync::Notify::new());
    let mut tell = |_: Progress| {
        told += 1;
        if told >= after {
            enough.notify_one();
        }
    };
    tokio::select! {
        biased;
        () = enough.notified() => true,
        done = copy(from, to, Original::Stays, setup(), &mut tell) => { done.unwrap(); false }
    }
}

/// More than is copied at once: rows of each large table, and bytes.
async fn grown(store: &Store) {
    let large = |number| RecordRow { sealed: vec![5; 1 << 20], ..record(key(4, 9, number)) };
    store.commit(batch((0..5).map(|number| Write::Record(large(number))))).await.unwrap();
    let many = 11_000..17_000;
    let writes = many.clone().flat_map(|number| {
        let looked_up = [(6, number), (7, number)]
            .map(|(hash, number)| Write::Lookup([hash; 16], Target::Object(2, id(number))));
        let rows = [Write::Record(record(key(5, 1, number))), Write::Object(object(2, number))];
        rows.into_iter().chain(looked_up)
    });
    store.commit(batch(writes)).await.unwrap();
    for _ in 0..140 {
        store.commit(told(b"more links than are copied at once", [])).await.unwrap();
    }
}

async fn a_copy_that_was_stopped_goes_on<From: Place, To: Place>() {
    let (from, to) = (From::new(), To::new());
    let (from, to) = (from.location(), to.location());
    let store = filled(&from, 40).await;
    grown(&store).await;
    drop(store);
    for after in [1, 3, 6, 8, 9, 12, 16, 20] {
        assert!(stopped(&from, &to, after).await);
        let unfinished = Store::open(&to, setup()).await.unwrap_err();
        assert!(matches!(unfinished, StoreError::Unfinished { .. }), "{unfinished:?}");
        let made = Store::create(&to, setup()).await;
        assert!(made.is_err(), "nobody makes a store of it");
    }
    let rest = copied(&from, &to).await.unwrap();
    assert_eq!(rest.beginning, Beginning::Resumed);
    assert!(rest.holds());
    assert_same(&from, &to).await;
}

#[tokio::test]
async fn a_copy_to_a_server_that_was_stopped_goes_on() {
    a_copy_that_was_stopped_goes_on::<Folder, Database>().await;
}

#[tokio::test]
async fn a_copy_to_a_file_that_was_stopped_goes_on() {
    a_copy_that_was_stopped_goes_on::<Database, Folder>().await;
}

async fn a_store_that_has_changed_is_copied_anew<From: Place, To: Place>() {
    let (from, to) = (From::new(), To::new());
    let (from, to) = (from.location(), to.location());
    let store = filled(&from, 20).await;
    assert!(stopped(&from, &to, 12).await);
    let erase = Write::Erase { tombstone: tombstone(4, 2), kept: vec![], key: None };
    store.commit(batch([erase])).await.unwrap();
    let anew = copied(&from, &to).await.unwrap();
    assert_eq!(anew.beginning, Beginning::Anew);
    assert!(anew.holds());
    assert_same(&from, &to).await;
}

#[tokio::test]
async fn a_file_that_has_changed_is_copied_to_a_server_anew() {
    a_store_that_has_changed_is_copied_anew::<Folder, Database>().await;
}

#[tokio::test]
async fn a_server_that_has_changed_is_copied_to_a_file_anew() {
    a_store_that_has_changed_is_copied_anew::<Database, Folder>().await;
}

#[tokio::test]
async fn entries_that_changed_while_a_copy_was_stopped_are_copied_again() {
    let (from, to) = (Folder::new(), Database::new());
    let (from, to) = (from.location(), to.location());
    let store = filled(&from, 20).await;
    assert!(stopped(&from, &to, 20).await);
    let entry = Write::Entry(Space::Account, b"name".to_vec(), b"other".to_vec());
    store.commit(batch([entry])).await.unwrap();
    assert_eq!(copied(&from, &to).await.unwrap().beginning, Beginning::Resumed);
    assert_same(&from, &to).await;
}

#[tokio::test]
async fn a_store_that_changes_meanwhile_is_no_copy() {
    let (from, to) = (Folder::new(), Database::new());
    let (from, to) = (from.location(), to.location());
    let store = filled(&from, 20).await;
    let mut tell = |progress: Progress| {
        if progress == Progress::Comparing("key", 0, 20) {
            store.commit_blocking(told(b"late", [])).unwrap();
        }
    };
    let error = copy(&from, &to, Original::Stays, setup(), &mut tell).await.unwrap_err();
    assert_eq!(error, CopyError::Changed);
    assert!(Store::open(&to, setup()).await.is_err());
    assert_eq!(copied(&from, &to).await.unwrap().beginning, Beginning::Anew);
    assert_same(&from, &to).await;
}

#[tokio::test]
async fn what_is_unlike_is_told_with_its_place_and_is_no_store() {
    let (from, to) = (Folder::new(), Database::new());
    drop(filled(&from.location(), 20).await);
    let mut tell = |progress: Progress| {
        if progress == Progress::Comparing("key", 0, 20) {
            let second = "(SELECT id FROM contact ORDER BY id OFFSET 1 LIMIT 1)";
            to.sql(&format!(
                "UPDATE record SET version = 77 WHERE category = 2 AND contact = {second}"
            ));
            let last = "(SELECT id FROM object ORDER BY id DESC LIMIT 1)";
            to.sql(&format!("DELETE FROM object WHERE id = {last}"));
            to.sql("UPDATE audit SET body = 'xxxx' WHERE sequence = 3");
        }
    };
    let (from, place) = (from.location(), to.location());
    let unlike = copy(&from, &place, Original::Stays, setup(), &mut tell).await.unwrap();
    assert!(!unlike.holds());
    let of = |name| unlike.tables.iter().find(|table| table.table == name).unwrap();
    let difference = |name| of(name).difference.clone().unwrap_or_default();
    let record =
        "row 3 is not what it was, at contact 07070707070707070707070700000001, category 2";
    assert!(difference("record").starts_with(record), "{}", difference("record"));
    assert!(difference("object").contains("is missing, at kind 1"), "{}", difference("object"));
    assert_eq!(of("object").rows[0], of("object").rows[1] + 1);
    assert_ne!(of("record").hashes[0], of("record").hashes[1]);
    assert_eq!(of("contact").hashes[0], of("contact").hashes[1]);
    let chain = unlike.chains[0].fault.clone().unwrap();
    assert_eq!(chain, "the content of a link is not what it was, after link 2");
    assert!(Store::open(&place, setup()).await.is_err());
    assert_eq!(copied(&from, &place).await.unwrap().beginning, Beginning::Anew);
    assert_same(&from, &place).await;
}

#[tokio::test]
async fn a_store_that_imports_is_not_copied() {
    for place in [&Folder::new() as &dyn Located, &Database::new()] {
        let (from, to) = (place.at(), Folder::new().location());
        let store = filled(&from, 20).await;
        let edition = import(&store, 90).await;
        assert_eq!(copied(&from, &to).await.unwrap_err(), CopyError::Importing { imports: 1 });
        // What nobody writes any more is given up.
        store.let_go(edition);
        store.settle(1).await.unwrap();
        let folder = Folder::new();
        assert!(copied(&from, &folder.location()).await.unwrap().holds());
    }
}

/// Something with a location, of any backend.
trait Located {
    fn at(&self) -> Location;
}

impl<P: Place> Located for P {
    fn at(&self) -> Location {
        self.location()
    }
}

#[tokio::test]
async fn a_copy_is_made_only_where_there_is_nothing_or_a_copy_of_the_same() {
    let (from, other) = (Folder::new(), Folder::new());
    let (from, other) = (from.location(), other.location());
    let stores = [filled(&from, 20).await, filled(&other, 20).await];
    for (store, name) in stores.iter().zip([1, 2]) {
        let named = Write::Entry(Space::Meta, b"store".to_vec(), vec![name; 16]);
        store.commit(batch([named])).await.unwrap();
    }
    let exists = |error| matches!(error, CopyError::Store(StoreError::Exists { .. }));
    let (folder, database) = (Folder::new(), Database::new());
    for to in [folder.location(), database.location()] {
        let mut tell = |progress: Progress| {
            if let Progress::Began(_) = progress {
                stores[1].commit_blocking(told(b"meanwhile", [])).unwrap();
            }
        };
        let unfinished = copy(&other, &to, Original::Stays, setup(), &mut tell).await.unwrap_err();
        assert_eq!(unfinished, CopyError::Changed);
        let refused = copied(&from, &to).await.unwrap_err();
        assert!(matches!(refused, CopyError::OfAnother { .. }), "{refused:?}");
        assert!(copied(&other, &to).await.unwrap().holds());
        // A store is not copied over, not even by itself.
        assert!(exists(copied(&other, &to).await.unwrap_err()));
        assert!(exists(copied(&from, &to).await.unwrap_err()));
        assert_same(&other, &to).await;
    }
    let (folder, database) = (Folder::new(), Database::new());
    std::fs::write(folder.file("store.db"), "something else").unwrap();
    database.sql("CREATE TABLE theirs (id integer)");
    for to in [folder.location(), database.location()] {
        assert!(exists(copied(&from, &to).await.unwrap_err()));
    }
}

async fn a_store_that_moved_is_closed_until_it_comes_back<From: Place, To: Place>() {
    let (from, to) = (From::new(), To::new());
    let (from, to) = (from.location(), to.location());
    let store = filled(&from, 20).await;
    store.begin_edition(b"lease").await.unwrap();
    let working = must_be_idle(&from).await.unwrap_err();
    assert!(matches!(working, CopyError::Working { .. }), "{working:?}");
    store.discard(store.pending().await.unwrap()[0].0).await.unwrap();
    drop(store);
    must_be_idle(&from).await.unwrap();
    let moved = async |from: &Location, to: &Location| {
        copy(from, to, Original::Moves, setup(), &mut |_| {}).await
    };
    assert!(moved(&from, &to).await.unwrap().holds());
    let gone = Store::open(&from, setup()).await.unwrap_err();
    assert!(matches!(&gone, StoreError::Moved { .. }), "{gone:?}");
    let elsewhere = Folder::new().location();
    assert!(matches!(
        copied(&from, &elsewhere).await,
        Err(CopyError::Store(StoreError::Moved { .. }))
    ));

    // It comes back over what it was copied from, with what was done meanwhile.
    let there = open(&to).await;
    there.begin_edition(b"").await.unwrap();
    there.discard(there.pending().await.unwrap()[0].0).await.unwrap();
    let erase = Write::Erase { tombstone: tombstone(4, 2), kept: vec![], key: None };
    there.commit(told(b"meanwhile", [erase])).await.unwrap();
    drop(there);
    let back = moved(&to, &from).await.unwrap();
    assert!(back.holds() && back.beginning == Beginning::Anew, "{back:?}");
    assert!(Store::open(&to, setup()).await.is_err());
    assert!(reopen(&to).await.unwrap().is_some() && reopen(&to).await.unwrap().is_none());
    assert_same(&from, &to).await;
    let home = open(&from).await;
    assert_eq!(home.keys(&[id(4)]).await.unwrap(), [None]);
    home.commit(told(b"home", [])).await.unwrap();
    assert_eq!(home.check().await.unwrap(), [""; 0]);
}

#[tokio::test]
async fn a_file_that_moved_to_a_server_is_closed_until_it_comes_back() {
    a_store_that_moved_is_closed_until_it_comes_back::<Folder, Database>().await;
}

#[tokio::test]
async fn a_server_whose_store_moved_to_a_file_is_closed_until_it_comes_back() {
    a_store_that_moved_is_closed_until_it_comes_back::<Database, Folder>().await;
}

#[tokio::test]
async fn a_store_that_moved_is_copied_over_by_itself_alone() {
    let (one, other, place) = (Folder::new(), Folder::new(), Folder::new());
    let (one, other, place) = (one.location(), other.location(), place.location());
    for (at, name) in [(&one, 1), (&other, 2)] {
        let named = Write::Entry(Space::Meta, b"store".to_vec(), vec![name; 16]);
        filled(at, 20).await.commit(batch([named])).await.unwrap();
    }
    copy(&one, &place, Original::Moves, setup(), &mut |_| {}).await.unwrap();
    let refused = copied(&other, &one).await.unwrap_err();
    assert!(matches!(refused, CopyError::Store(StoreError::Exists { .. })), "{refused:?}");
    reopen(&one).await.unwrap();
    assert_same(&one, &place).await;
}

/// Two stores of the same rows, whatever has become of imports.
#[test]
fn whatever_was_written_is_copied() {
    let config =
        ProptestConfig { cases: 8, failure_persistence: None, ..ProptestConfig::default() };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let run = |steps| {
        let (from, to, back) = (Folder::new(), Database::new(), Folder::new());
        let (from, to, back) = (from.location(), to.location(), back.location());
        runtime.block_on(async {
            drop(editions::run(&from, steps).await);
            assert!(copied(&from, &to).await.unwrap().holds());
            assert_same(&from, &to).await;
            assert!(copied(&to, &back).await.unwrap().holds());
            assert_same(&from, &back).await;
        });
        Ok(())
    };
    TestRunner::new(config).run(&editions::steps(), run).unwrap();
}
