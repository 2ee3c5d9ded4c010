//! The halves of a store, keys that are lost or another's, and files of other stores beside its own:
//! said as it is, before anything is done.

use std::fs;

use gantry_testbed::Database;
use serde_json::Value as Json;

use crate::support::{House, text};
use crate::tables::Half;

const FIND: [&str; 3] = ["contact", "find", "--for"];
const IMPORT: [&str; 6] = ["import", "--for", "crm", "--source", "hubspot", "people.csv"];

fn find(house: &House) -> Vec<Json> {
    house.json(&[&FIND[..], &["crm"]].concat())["items"].as_array().unwrap().clone()
}

#[test]
fn who_lacks_a_key_is_not_taken_for_erased() {
    let house = House::new();
    house.write(
        "people.csv",
        "Record ID,First Name,Last Name,Email,Job Title,Country\nr1,Eve,East,eve@people.example,Boss,FI\n",
    );
    house.done(&IMPORT);
    let id = house.somebody("Anna", "FI");
    let order = ["--contact", &id, "--category", "orders", "--set", "role=orderer"];
    house.done(&[&["record", "add", "--for", "crm"], &order[..]].concat());
    house.change(Half::Keys, "DELETE FROM key");
    for args in [
        &["contact", "show", "--for", "crm", &id][..],
        &["contact", "find", "--for", "crm"],
        &["record", "find", "--for", "research", "--category", "orders"],
        &["report", "--for", "reporting", "--of", "records:orders"],
        &["erase", "--contact", &id],
        &IMPORT,
    ] {
        let said = house.ends(args, 1);
        assert!(said.contains("the key of a contact is missing"), "{args:?}: {said}");
        assert!(said.contains("hint: ") && !said.contains(&id), "{args:?}: {said}");
    }
    let ran = house.run(&["store", "check"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.out.contains("contacts without a key that are not erased: 2"), "{ran:?}");
}

#[test]
fn keys_of_nobody_are_told_and_no_damage() {
    let house = House::new();
    let id = house.somebody("Anna", "FI");
    let one = house.literal("00000000000000000000000000000007");
    let of_anna = house.literal(&id);
    let sql = format!(
        "INSERT INTO key (contact, slot, wrapped)
         SELECT {one}, slot, wrapped FROM key WHERE contact = {of_anna}"
    );
    house.change(Half::Keys, &sql);
    let checked = house.json(&["store", "check"]);
    assert_eq!((&checked["sound"], &checked["keys_of_nobody"]), (&true.into(), &1.into()));
    let said = house.done(&["store", "check"]).out;
    assert!(said.contains("1 key of nobody"), "{said}");
}

/// The data of yesterday and the keys of today.
#[test]
fn who_was_erased_since_an_old_copy_stays_erased() {
    let Some(house) = House::of_files().map(House::init) else { return };
    let (anna, _) = (house.somebody("Anna", "FI"), house.somebody("Bert", "FI"));
    let early = fs::read(house.path("store.db")).unwrap();
    house.done(&["erase", "--contact", &anna]);
    fs::write(house.path("store.db"), early).unwrap();
    assert_eq!(find(&house).len(), 1);
    house.ends(&["contact", "show", "--for", "crm", &anna], 3);
    house.done(&["store", "check"]);
}

#[test]
fn keys_of_another_store_open_nothing() {
    let Some(house) = House::of_files().map(House::init) else { return };
    let other = House::of_files().map(House::init).unwrap();
    house.somebody("Anna", "FI");
    fs::copy(other.path("store.db.keys"), house.path("store.db.keys")).unwrap();
    for args in [&["contact", "find", "--for", "crm"][..], &["store", "check"]] {
        let said = house.ends(args, 1);
        assert!(said.contains("`store.db.keys` are not those of the store `store.db`"), "{said}");
        assert!(said.contains("hint: put the keys of this store there"), "{said}");
    }
}

#[test]
fn checkpoints_that_cannot_be_written_stop_everything_before_it_begins() {
    let house = House::new();
    let add = ["contact", "add", "--for", "crm", "--set", "identity.given_name=Eve"];
    for args in [&add[..], &["serve", "--listen", "127.0.0.1:0"]] {
        let ran = house.run(&[args, &["--checkpoints", "nosuch/x"]].concat());
        assert_eq!(ran.code, Some(1), "{ran:?}");
        assert_eq!(ran.out, "", "{ran:?}");
        assert!(ran.err.contains("nothing was done") && ran.err.contains("`nosuch/x`"), "{ran:?}");
        assert!(!ran.err.contains("listening"), "{ran:?}");
    }
    assert_eq!(find(&house), [""; 0].map(Json::from));
    let blank = House::empty();
    let said = blank.ends(&["init", "--as", "tester", "--checkpoints", "nosuch/x"], 1);
    assert!(said.contains("nothing was done"), "{said}");
    assert!(!blank.key_file().exists() && !blank.path("store.db").exists());
    blank.init();
}

#[test]
fn init_says_which_key_it_takes() {
    let house = House::new();
    let key = house.key_file().display().to_string();
    let init = ["init", "--as", "tester", "--store", "sqlite:second.db", "--key-file", &key];
    let said = house.done(&init).out;
    assert!(said.contains("which was there before and"), "{said}");
    assert!(said.contains("`second.db.keys`"), "{said}");
    let init = ["init", "--as", "tester", "--store", "sqlite:third.db", "--key-file", &key];
    let made = house.json(&init);
    assert_eq!((text(&made, "key_file"), &made["key_made"]), (key, &Json::Bool(false)));
}

#[test]
fn a_database_that_is_no_store_says_what_it_is_and_what_to_do() {
    let (house, blank) =
        (House::on(Some(Database::new())).init(), House::on(Some(Database::new())));
    let said = house.ends(&["init"], 1);
    assert!(said.contains("there is something at `") && !said.contains("_keys"), "{said}");
    let said = blank.ends(&["contact", "find", "--for", "crm"], 1);
    assert!(said.contains("the database is empty") && !said.contains("_keys"), "{said}");
    assert!(said.contains("gantry store copy --to") && said.contains("gantry init"), "{said}");
    assert_eq!(said, blank.ends(&["store", "migrate"], 1));
    let nowhere = format!("{}_nowhere", blank.store());
    let said = blank.ends(&["contact", "find", "--for", "crm", "--store", &nowhere], 1);
    assert!(said.contains("no such database") && said.contains("_nowhere`"), "{said}");
    let keys = format!("{}?keys=nowhere", house.store());
    let said = house.ends(&["contact", "find", "--for", "crm", "--store", &keys], 1);
    assert!(said.contains("contacts' keys are not at `") && !said.contains("init"), "{said}");
}

/// A rehearsal in the folder that production works in.
#[test]
fn a_restored_database_leaves_the_checkpoints_of_the_first_alone() {
    let (house, copy) = (House::on(Some(Database::new())).init(), Database::new());
    house.somebody("Anna", "FI");
    // As `pg_dump` and `pg_restore` would do it between two databases.
    let administration = Database::new();
    for half in ["", "_keys"] {
        let (from, to) = (house.database().unwrap().name(), copy.name());
        administration.sql(&format!("DROP DATABASE IF EXISTS {to}{half} WITH (FORCE)"));
        administration.sql(&format!("CREATE DATABASE {to}{half} TEMPLATE {from}{half}"));
    }
    let before = fs::read(house.beside("checkpoints")).unwrap();
    house.done(&["contact", "find", "--for", "crm", "--store", &copy.url()]);
    assert_eq!(fs::read(house.beside("checkpoints")).unwrap(), before);
    house.verify();
}
