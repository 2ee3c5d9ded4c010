//! The two halves of a store belong together: another's keys, or none, are refused by name.

use gantry_store::copy::{Original, copy};
use gantry_store::{Absence, Location, Store, StoreError, Write};
use gantry_testbed::Database;
use rusqlite::Connection;

use crate::make::{Folder, Place, batch, contact, create, id, open, setup, tombstone};

/// A place whose halves can be taken apart.
trait Halves: Place {
    /// This place's store with the keys of another place.
    fn with_keys_of(&self, other: &Self) -> Location;
    fn of_keys(&self, sql: &str);
    fn lose_keys(&self);
    fn lose_main(&self);
    const GONE: Absence;
}

impl Halves for Folder {
    fn with_keys_of(&self, other: &Self) -> Location {
        std::fs::copy(other.file("store.db.keys"), self.file("store.db.keys")).unwrap();
        self.location()
    }

    fn of_keys(&self, sql: &str) {
        Connection::open(self.file("store.db.keys")).unwrap().execute_batch(sql).unwrap();
    }

    fn lose_keys(&self) {
        std::fs::remove_file(self.file("store.db.keys")).unwrap();
    }

    fn lose_main(&self) {
        std::fs::remove_file(self.file("store.db")).unwrap();
    }

    const GONE: Absence = Absence::File;
}

impl Halves for Database {
    fn with_keys_of(&self, other: &Self) -> Location {
        Location::parse(&format!("{}?keys={}_keys", self.url(), other.name())).unwrap()
    }

    fn of_keys(&self, sql: &str) {
        self.keys_sql(sql);
    }

    fn lose_keys(&self) {
        self.sql(&format!("DROP DATABASE {}_keys WITH (FORCE)", self.name()));
    }

    fn lose_main(&self) {
        self.keys_sql(&format!("DROP DATABASE {} WITH (FORCE)", self.name()));
    }

    const GONE: Absence = Absence::Database;
}

/// A store with a contact and its key.
async fn with_somebody(location: &Location) -> Store {
    let store = create(location).await;
    let writes = [Write::Contact(contact(1)), Write::Key(id(1), vec![3; 40])];
    store.commit(batch(writes)).await.unwrap();
    store
}

async fn refused(location: &Location) -> StoreError {
    let migrated = Store::migrate(location).await.unwrap_err();
    let opened = Store::open(location, setup()).await.unwrap_err();
    assert_eq!(migrated, opened);
    assert!(opened.to_string().contains("\n  hint: "), "{opened}");
    opened
}

async fn keys_of_another_store_are_refused<P: Halves>() {
    let (one, other, empty) = (P::new(), P::new(), P::new());
    for place in [&one, &other] {
        drop(with_somebody(&place.location()).await);
    }
    drop(create(&empty.location()).await);
    for wrong in [&other, &empty] {
        let location = one.with_keys_of(wrong);
        let error = refused(&location).await;
        let StoreError::OtherKeys { keys, .. } = &error else { panic!("{error:?}") };
        assert_eq!(*keys, location.keys());
        assert!(error.to_string().contains("are not those of the store"), "{error}");
    }
    // A copy of the wrong halves is none.
    let (to, location) = (P::new(), one.with_keys_of(&other));
    assert!(copy(&location, &to.location(), Original::Stays, setup(), &mut |_| {}).await.is_err());
}

#[tokio::test]
async fn a_file_of_keys_of_another_store_is_refused() {
    keys_of_another_store_are_refused::<Folder>().await;
}

#[tokio::test]
async fn a_database_of_keys_of_another_store_is_refused() {
    keys_of_another_store_are_refused::<Database>().await;
}

async fn the_half_that_is_missing_is_named<P: Halves>() {
    let place = P::new();
    drop(with_somebody(&place.location()).await);
    place.lose_keys();
    let error = refused(&place.location()).await;
    let StoreError::KeysMissing { why, keys, .. } = &error else { panic!("{error:?}") };
    assert_eq!((*why, keys.clone()), (P::GONE, place.location().keys()));
    assert!(!error.to_string().contains("gantry init"), "{error}");

    let place = P::new();
    drop(with_somebody(&place.location()).await);
    place.lose_main();
    let error = refused(&place.location()).await;
    let StoreError::MainMissing { why, keys, .. } = &error else { panic!("{error:?}") };
    assert_eq!((*why, keys.clone()), (P::GONE, place.location().keys()));
}

#[tokio::test]
async fn the_file_that_is_missing_is_named() {
    the_half_that_is_missing_is_named::<Folder>().await;
}

#[tokio::test]
async fn the_database_that_is_missing_is_named() {
    the_half_that_is_missing_is_named::<Database>().await;
}

#[tokio::test]
async fn a_database_that_is_no_store_says_what_it_is() {
    let at = |url: &str| Location::parse(url).unwrap();
    let (store, empty, other) = (Database::new(), Database::new(), Database::new());
    drop(with_somebody(&store.location()).await);
    other.sql("CREATE TABLE theirs (id integer)");

    // Neither main database nor keys: missing, and empty.
    let nowhere = format!("{}_nowhere", empty.url());
    let error = refused(&at(&nowhere)).await;
    assert!(matches!(error, StoreError::Missing { why: Absence::Database, .. }), "{error:?}");
    empty.sql(&format!("CREATE DATABASE {}_keys", empty.name()));
    let error = refused(&empty.location()).await;
    let StoreError::Missing { place, why: Absence::Empty } = &error else { panic!("{error:?}") };
    assert!(place.ends_with(empty.name()), "{place}");

    // Something else, in the place of the one and of the other; and the two mixed up.
    let with_keys = |main: &Database, keys: &str| at(&format!("{}?keys={keys}", main.url()));
    let named = |error: StoreError, name: &str| {
        let StoreError::NoStore { place } = &error else { panic!("{error:?}") };
        assert!(place.ends_with(name), "{place}");
    };
    named(refused(&with_keys(&other, empty.name())).await, other.name());
    named(refused(&with_keys(&store, other.name())).await, other.name());
    let mixed_up = format!("{}?keys={}", store.keys_url(), store.name());
    named(refused(&at(&mixed_up)).await, &format!("{}_keys", store.name()));
    let error = refused(&with_keys(&store, empty.name())).await;
    assert!(matches!(error, StoreError::KeysMissing { why: Absence::Empty, .. }), "{error:?}");
    let error = refused(&with_keys(&empty, &format!("{}_keys", store.name()))).await;
    assert!(matches!(error, StoreError::MainMissing { why: Absence::Empty, .. }), "{error:?}");
}

#[tokio::test]
async fn keys_that_are_a_stores_are_not_taken_for_another() {
    let (store, second) = (Database::new(), Database::new());
    drop(create(&store.location()).await);
    let location = second.with_keys_of(&store);
    let error = Store::create(&location, setup()).await.unwrap_err();
    assert_eq!(error, StoreError::Exists { place: location.keys() });
    // The store itself, that nobody has used yet, may be made again.
    drop(create(&store.location()).await);
    // What is there is told of the main database first.
    drop(with_somebody(&second.location()).await);
    let error = Store::create(&second.location(), setup()).await.unwrap_err();
    assert_eq!(error, StoreError::Exists { place: second.location().to_string() });
}

async fn who_lacks_a_key_is_counted<P: Halves>() {
    let place = P::new();
    let store = with_somebody(&place.location()).await;
    let writes = [2, 3].map(|number| Write::Contact(contact(number)));
    store.commit(batch(writes)).await.unwrap();
    let keys = [2, 3, 4].map(|number| Write::Key(id(number), vec![3; 40]));
    store.commit(batch(keys)).await.unwrap();
    let erase = Write::Erase { tombstone: tombstone(3, 2), kept: vec![], key: None };
    store.commit(batch([erase])).await.unwrap();
    assert_eq!(store.check().await.unwrap(), [""; 0]);
    assert_eq!(store.keys_of_nobody().await.unwrap(), 1);
    let destroyed = store.destroyed(&[id(1), id(2), id(3)]).await.unwrap();
    assert_eq!(destroyed, [false, false, true]);

    place.of_keys("DELETE FROM key");
    let found = store.check().await.unwrap();
    assert_eq!(found, ["contacts without a key that are not erased: 2"]);
    assert_eq!(store.keys_of_nobody().await.unwrap(), 0);
    drop(store);
    // It goes along with a copy, which is a pair of its own.
    let to = P::new();
    assert!(
        copy(&place.location(), &to.location(), Original::Stays, setup(), &mut |_| {})
            .await
            .unwrap()
            .holds()
    );
    let copied = open(&to.location()).await;
    let destroyed = copied.destroyed(&[id(2), id(3)]).await.unwrap();
    assert_eq!(destroyed, [false, true]);
    let error = refused(&to.with_keys_of(&place)).await;
    assert!(matches!(error, StoreError::OtherKeys { .. }), "{error:?}");
}

#[tokio::test]
async fn who_lacks_a_key_in_files_is_counted() {
    who_lacks_a_key_is_counted::<Folder>().await;
}

#[tokio::test]
async fn who_lacks_a_key_in_databases_is_counted() {
    who_lacks_a_key_is_counted::<Database>().await;
}
