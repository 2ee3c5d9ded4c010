//! The store in two files of SQLite: the common suite, and what is particular to files.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use gantry_store::{Absence, Batch, Location, Setup, Store, StoreError, Target, Write};
use rusqlite::Connection;

use crate::make::{
    Folder, Place, batch, contact, create, damage, holds, id, key, open, record, setup, told,
    tombstone,
};

crate::both::suite!(Folder);

fn text(path: &Path) -> String {
    path.display().to_string()
}

async fn open_error(location: &Location) -> StoreError {
    Store::open(location, setup()).await.unwrap_err()
}

#[tokio::test]
async fn a_store_is_made_only_where_there_is_nothing() {
    let place = Folder::new();
    drop(create(&place.location()).await);
    let again = Store::create(&place.location(), setup()).await.unwrap_err();
    assert_eq!(again, StoreError::Exists { place: text(&place.file("store.db")) });

    // Keys without a store may be somebody's last copy.
    let other = Folder::new();
    let store = create(&other.location()).await;
    store.commit(batch([Write::Key(id(1), vec![1])])).await.unwrap();
    drop(store);
    std::fs::remove_file(other.file("store.db")).unwrap();
    let refused = Store::create(&other.location(), setup()).await.unwrap_err();
    assert_eq!(refused, StoreError::Exists { place: text(&other.file("store.db.keys")) });
    assert!(!other.file("store.db").exists());
}

#[tokio::test]
async fn a_store_that_somebody_began_to_make_is_finished() {
    for begun in [&["store.db.keys"][..], &["store.db.keys", "store.db"]] {
        let place = Folder::new();
        for file in begun {
            std::fs::write(place.file(file), b"").unwrap();
        }
        drop(create(&place.location()).await);
        assert_eq!(open(&place.location()).await.check().await.unwrap(), [""; 0]);
    }
    // The keys were made, and then no store.
    let place = Folder::new();
    drop(create(&place.location()).await);
    std::fs::remove_file(place.file("store.db")).unwrap();
    drop(create(&place.location()).await);
}

#[tokio::test]
async fn what_is_no_store_is_not_opened_and_not_changed() {
    let place = Folder::new();
    let path = place.file("store.db");
    assert_eq!(
        open_error(&place.location()).await,
        StoreError::Missing { place: text(&path), why: Absence::File }
    );
    assert!(!path.exists());

    for content in [&b""[..], b"a text that is long enough to be looked at, but no database"] {
        std::fs::write(&path, content).unwrap();
        let error = open_error(&place.location()).await;
        assert_eq!(error, StoreError::NoStore { place: text(&path) });
        assert_eq!(std::fs::read(&path).unwrap(), content);
    }
    std::fs::remove_file(&path).unwrap();
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE contact (id)").unwrap();
    assert_eq!(open_error(&place.location()).await, StoreError::NoStore { place: text(&path) });
}

#[tokio::test]
async fn a_store_without_its_keys_is_not_opened() {
    let place = Folder::new();
    drop(create(&place.location()).await);
    let keys = place.file("store.db.keys");
    std::fs::remove_file(&keys).unwrap();
    let (place, keys) = (place.location(), text(&keys));
    let error = open_error(&place).await;
    let path = text(place.path().unwrap());
    assert_eq!(error, StoreError::KeysMissing { place: path, why: Absence::File, keys });
}

#[tokio::test]
async fn a_store_of_a_newer_program_is_not_opened() {
    let place = Folder::new();
    drop(create(&place.location()).await);
    let path = place.file("store.db");
    Connection::open(&path).unwrap().execute_batch("PRAGMA user_version = 2").unwrap();
    let error = open_error(&place.location()).await;
    assert_eq!(error, StoreError::Newer { place: text(&path), found: 2, known: 1 });
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_may_read_the_files() {
    use std::os::unix::fs::PermissionsExt;
    let place = Folder::new();
    let store = create(&place.location()).await;
    store.commit(batch([Write::Key(id(1), vec![1])])).await.unwrap();
    store.copy_to(&place.file("copy")).await.unwrap();
    let mut names = Vec::new();
    for entry in std::fs::read_dir(place.file("")).unwrap() {
        let entry = entry.unwrap();
        names.push(entry.file_name().into_string().unwrap());
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{names:?}");
    }
    assert!(names.contains(&"store.db.keys-journal".to_owned()), "{names:?}");
    assert!(names.contains(&"store.db-wal".to_owned()), "{names:?}");
}

/// A key that is easy to find again, also in parts: each half names its contact.
fn marked_key(number: u32) -> Vec<u8> {
    let half = [b"<key>".as_slice(), &number.to_be_bytes(), &[0xa5; 20]].concat();
    half.repeat(2)
}

/// The contacts whose keys, or parts of them, are in any file.
fn marked(place: &Folder) -> BTreeSet<u32> {
    let bytes = place.bytes();
    let marks = bytes.windows(9).filter(|window| window.starts_with(b"<key>"));
    marks.map(|mark| u32::from_be_bytes(mark[5..].try_into().unwrap())).collect()
}

#[tokio::test]
async fn nothing_of_a_destroyed_key_is_left_in_any_file() {
    let place = Folder::new();
    let store = create(&place.location()).await;
    // In no order, so that pages are split and joined.
    let mut numbers: Vec<u32> = (0..3_000).collect();
    numbers.sort_by_key(|number| number.wrapping_mul(2_654_435_761));
    for part in numbers.chunks(100) {
        let writes = part.iter().flat_map(|number| {
            [Write::Contact(contact(*number)), Write::Key(id(*number), marked_key(*number))]
        });
        store.commit(batch(writes)).await.unwrap();
    }
    assert_eq!(marked(&place).len(), 3_000);
    let (dead, alive) = numbers.split_at(2_800);
    for part in dead.chunks(70) {
        let erase = |number: &u32| Write::Erase {
            tombstone: tombstone(*number, 2),
            kept: Vec::new(),
            key: None,
        };
        store.commit(batch(part.iter().map(erase))).await.unwrap();
    }
    assert_eq!(marked(&place), alive.iter().copied().collect());
    let ids: Vec<_> = alive.iter().map(|number| id(*number)).collect();
    let keys: Vec<_> = alive.iter().map(|number| Some(marked_key(*number))).collect();
    assert_eq!(store.keys(&ids).await.unwrap(), keys);
}

/// Sets the key file back, as if the process had died between the commit and the destruction.
fn undo_destruction(keys: &Path, contact: u32, wrapped: &[u8]) {
    let keys = Connection::open(keys).unwrap();
    let sql = "INSERT INTO key (contact, slot, wrapped) VALUES (?1, 0, ?2)";
    keys.execute(sql, (id(contact), wrapped)).unwrap();
    keys.execute("UPDATE erasures SET count = count - 1", ()).unwrap();
}

#[tokio::test]
async fn a_key_that_a_crash_left_behind_is_destroyed_on_opening() {
    let place = Folder::new();
    let store = create(&place.location()).await;
    let writes = [1, 2, 3].map(|number| Write::Contact(contact(number)));
    store.commit(batch(writes)).await.unwrap();
    let erase = |number, kept, key| Write::Erase { tombstone: tombstone(number, 2), kept, key };
    store
        .commit(batch([
            erase(1, vec![], None),
            erase(2, vec![record(key(2, 1, 1))], Some(b"key of what is kept".to_vec())),
            Write::Key(id(3), b"key of the living".to_vec()),
        ]))
        .await
        .unwrap();
    let keys = place.file("store.db.keys");
    undo_destruction(&keys, 1, b"first key");
    undo_destruction(&keys, 2, b"second key");
    let found = store.check().await.unwrap();
    assert_eq!(found, ["keys of erased contacts: 2"]);
    drop(store);

    let store = open(&place.location()).await;
    let keys = store.keys(&[id(1), id(2), id(3)]).await.unwrap();
    let kept = [&b"key of what is kept"[..], b"key of the living"].map(|key| Some(key.to_vec()));
    assert_eq!(keys[0], None);
    assert_eq!(keys[1..], kept);
    assert_eq!(store.check().await.unwrap(), [""; 0]);
    assert!(!holds(&place.bytes(), b"second key"));
}

/// The key of what is kept is durable before the tombstone is; until then it must not count.
#[tokio::test]
async fn a_key_of_what_would_have_been_kept_does_not_count_before_the_tombstone() {
    let place = Folder::new();
    let store = create(&place.location()).await;
    let writes = [Write::Contact(contact(1)), Write::Key(id(1), b"first".to_vec())];
    store.commit(batch(writes)).await.unwrap();
    let keys = Connection::open(place.file("store.db.keys")).unwrap();
    let sql = "INSERT INTO key (contact, slot, wrapped) VALUES (?1, 2, ?2)";
    keys.execute(sql, (id(1), b"second")).unwrap();
    assert_eq!(store.keys(&[id(1)]).await.unwrap(), [Some(b"first".to_vec())]);
    let erase =
        Write::Erase { tombstone: tombstone(1, 3), kept: vec![], key: Some(b"third".to_vec()) };
    store.commit(batch([erase])).await.unwrap();
    assert_eq!(store.keys(&[id(1)]).await.unwrap(), [Some(b"third".to_vec())]);
    assert!(!holds(&place.bytes(), b"second"));
}

#[tokio::test]
async fn a_copy_is_of_one_moment_and_has_no_keys() {
    let place = Folder::new();
    let store = create(&place.location()).await;
    let writes = [Write::Contact(contact(1)), Write::Key(id(1), b"a wrapped key".to_vec())];
    store.commit(told(b"x", writes)).await.unwrap();
    let copy = place.file("copy.db");
    store.copy_to(&copy).await.unwrap();
    store.commit(batch([Write::Contact(contact(2))])).await.unwrap();
    assert!(!holds(&std::fs::read(&copy).unwrap(), b"a wrapped key"));
    let again = store.copy_to(&copy).await.unwrap_err();
    assert_eq!(again, StoreError::Exists { place: text(&copy) });

    store.copy_keys_to(&place.file("copy.db.keys")).await.unwrap();
    let copied = open(&Location::Sqlite(copy)).await;
    let contacts = copied.contacts(&[id(1), id(2)]).await.unwrap().value;
    assert_eq!(contacts, [Some(contact(1)), None]);
    assert_eq!(copied.keys(&[id(1)]).await.unwrap(), [Some(b"a wrapped key".to_vec())]);
    assert_eq!(copied.check().await.unwrap(), [""; 0]);
}

#[tokio::test]
async fn a_check_tells_what_does_not_fit() {
    let place = Folder::new();
    let store = create(&place.location()).await;
    for number in 1..=3 {
        store.commit(told(b"x", [Write::Contact(contact(number))])).await.unwrap();
    }
    let erase = Write::Erase { tombstone: tombstone(1, 2), kept: vec![], key: None };
    store.commit(batch([erase, Write::Record(record(key(9, 1, 1)))])).await.unwrap();
    let main = Connection::open(place.file("store.db")).unwrap();
    main.execute("DELETE FROM audit WHERE sequence = 2", ()).unwrap();
    let sql = "INSERT INTO lookup (hash, tag, id, edition) VALUES (?1, 0, ?2, 0)";
    main.execute(sql, ([1; 16], id(1))).unwrap();
    let found = damage(&store).await;
    assert_eq!(
        found,
        [
            "records without a contact: 1",
            "erased contacts that can still be looked up: 1",
            "gaps in chains of the audit trail: 1",
            "links of the audit trail that do not follow the one before: 1",
        ]
    );
}

#[tokio::test]
async fn a_dead_writer_is_told_and_not_waited_for() {
    let place = Folder::new();
    let failing = Setup { now: Arc::new(|| panic!("no time")), ..setup() };
    let store = Store::create(&place.location(), failing).await.unwrap();
    store.commit(batch([Write::Contact(contact(1))])).await.unwrap();
    // A link of the audit chain asks for the time.
    let told = store.commit(told(b"x", [Write::Contact(contact(2))])).await;
    assert_eq!(told, Err(StoreError::Closed));
    assert_eq!(store.commit_blocking(Batch::default()), Err(StoreError::Closed));
    assert_eq!(store.settle(1).await, Err(StoreError::Closed));
    // What was durable can still be read, and what was not is not there.
    let contacts = store.contacts(&[id(1), id(2)]).await.unwrap().value;
    assert_eq!(contacts, [Some(contact(1)), None]);
    drop(store);
    open(&place.location()).await.commit(batch([Write::Contact(contact(2))])).await.unwrap();
}

#[tokio::test]
async fn a_store_held_by_somebody_else_is_waited_for() {
    let place = Folder::new();
    let store = create(&place.location()).await;
    let other = Connection::open(place.file("store.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let waiting = store.clone();
    let write = batch([Write::Lookup([1; 16], Target::Contact(id(1)))]);
    let waiting = std::thread::spawn(move || waiting.commit_blocking(write));
    // Reading goes on meanwhile.
    assert_eq!(store.head().await.unwrap(), 0);
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(waiting.join().unwrap().unwrap().head, 1);
}
