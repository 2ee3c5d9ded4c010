//! Bringing stores up to date: what is done, what is not, and programs of two versions on one store.

use gantry_store::{Location, Store, StoreError, Write};
use gantry_testbed::Database;

use crate::make::{Folder, Place, batch, contact, create, id, open, setup};

#[tokio::test]
async fn a_store_that_is_up_to_date_stays_as_it_is() {
    let (folder, database) = (Folder::new(), Database::new());
    for location in [folder.location(), database.location()] {
        let missing = Store::migrate(&location).await.unwrap_err();
        assert!(matches!(missing, StoreError::Missing { .. }), "{missing:?}");
        let store = create(&location).await;
        store.commit(batch([Write::Contact(contact(1))])).await.unwrap();
        let migrated = Store::migrate(&location).await.unwrap();
        assert_eq!(migrated.done, [""; 0]);
        let versions: Vec<i64> = migrated.schemas.iter().map(|(_, version)| *version).collect();
        assert_eq!(versions, [1, 1]);
        assert_eq!(store.contacts(&[id(1)]).await.unwrap().value, [Some(contact(1))]);
    }
}

/// A step that a later version of the program would have done.
fn later(database: &Database, keys: bool, minimum_reader: i32) {
    let table = if keys { "key" } else { "contact" };
    let step = format!(
        "ALTER TABLE {table} ADD COLUMN colour text;
         INSERT INTO gantry_schema (version, name, minimum_reader)
         VALUES (2, 'later', {minimum_reader})"
    );
    if keys {
        database.keys_sql(&step)
    } else {
        database.sql(&step)
    };
}

async fn is_worked_with(store: &Store, number: u32) {
    let writes = [Write::Contact(contact(number)), Write::Key(id(number), vec![1; 40])];
    store.commit(batch(writes)).await.unwrap();
    assert_eq!(store.contacts(&[id(number)]).await.unwrap().value, [Some(contact(number))]);
}

#[tokio::test]
async fn programs_of_two_versions_work_with_a_store_that_allows_both() {
    let database = Database::new();
    let running = create(&database.location()).await;
    is_worked_with(&running, 1).await;
    for keys in [false, true] {
        later(&database, keys, 1);
    }
    is_worked_with(&running, 2).await;
    let started = open(&database.location()).await;
    is_worked_with(&started, 3).await;
    is_worked_with(&running, 4).await;
    assert_eq!(started.check().await.unwrap(), [""; 0]);
    // Whose steps are fewer than are done has nothing to do.
    let migrated = Store::migrate(&database.location()).await.unwrap();
    assert_eq!(migrated.done, [""; 0]);
    assert!(migrated.schemas.iter().all(|(_, version)| *version == 2), "{migrated:?}");
}

#[tokio::test]
async fn a_store_that_needs_a_newer_program_is_refused_with_a_hint() {
    for keys in [false, true] {
        let database = Database::new();
        drop(create(&database.location()).await);
        later(&database, keys, 2);
        for refused in [
            Store::open(&database.location(), setup()).await.unwrap_err(),
            Store::migrate(&database.location()).await.unwrap_err(),
        ] {
            let StoreError::Newer { place, found: 2, known: 1 } = &refused else {
                panic!("{refused:?}");
            };
            assert_eq!(place.ends_with("_keys"), keys);
            assert!(refused.to_string().contains("hint: use a newer version"));
        }
    }
}

#[tokio::test]
async fn a_store_that_is_behind_is_refused_with_a_hint() {
    let database = Database::new();
    drop(create(&database.location()).await);
    database.sql("UPDATE gantry_schema SET version = 0, minimum_reader = 0");
    let refused = Store::open(&database.location(), setup()).await.unwrap_err();
    assert!(matches!(refused, StoreError::Older { found: 0, needed: 1, .. }), "{refused:?}");
    assert!(refused.to_string().contains("hint: bring it up to date with `gantry store migrate`"));
}

#[tokio::test]
async fn what_is_no_store_is_not_migrated() {
    let database = Database::new();
    drop(create(&database.location()).await);
    database.sql("DROP TABLE gantry_schema");
    let refused = Store::migrate(&database.location()).await.unwrap_err();
    assert!(matches!(refused, StoreError::NoStore { .. }), "{refused:?}");
    let folder = Folder::new();
    std::fs::write(folder.file("store.db"), "no store").unwrap();
    std::fs::write(folder.file("store.db.keys"), "no keys").unwrap();
    let location = Location::Sqlite(folder.file("store.db"));
    let refused = Store::migrate(&location).await.unwrap_err();
    assert!(matches!(refused, StoreError::NoStore { .. }), "{refused:?}");
}
