//! `gantry store`: brought up to date, checked, and copied to a server and back.

use std::fmt::Write as _;
use std::fs;
use std::process::Stdio;
use std::time::{Duration, Instant};

use gantry_testbed::{Database, Proxy};
use serde_json::Value as Json;

use crate::server::Server;
use crate::support::{House, Ran, text};

use super::real_data::{map, shared};

/// The store of these tests that is a file, wherever other tests have theirs.
const FILE: &str = "sqlite:store.db";
/// The key and the checkpoints that went along to another store.
const ALONG: [&str; 4] = ["--key-file", "store.db.key", "--checkpoints", "store.db.checkpoints"];

/// A house with a store in a file.
fn house() -> House {
    let house = House::empty();
    house.done(&["init", "--as", "tester", "--store", FILE]);
    house
}

/// A command on a store, answering JSON.
fn on(house: &House, store: &str, args: &[&str]) -> Json {
    house.json(&[args, &["--store", store], &ALONG].concat())
}

/// Looks at a copy, and leaves the store in use.
fn look(house: &House, from: &str, to: &str) {
    house.json(&["store", "copy", "--keep", "--from", from, "--to", to]);
}

fn copy(house: &House, from: &str, to: &str) -> Ran {
    house.run(&[&["store", "copy", "--from", from, "--to", to, "--json"], &ALONG[..]].concat())
}

/// What a copy reports that was made.
fn copied(house: &House, from: &str, to: &str) -> Json {
    let ran = copy(house, from, to);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let report: Json = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(report["same"], true, "{report}");
    assert_eq!(report["signed"]["holds"], true, "{report}");
    report
}

fn verify(house: &House, store: &str) {
    let report = on(house, store, &["audit", "verify"]);
    assert_eq!(report["holds"], true, "{report}");
}

fn rows(report: &Json, table: &str) -> u64 {
    let tables = report["tables"].as_array().unwrap();
    let table = tables.iter().find(|one| one["table"] == table).unwrap();
    table["rows"].as_u64().or_else(|| table["rows"][0].as_u64()).unwrap()
}

/// New people with a lot of records.
fn import_people(house: &House, number: usize) {
    let mut file =
        "Record ID,First Name,Last Name,Email,Phone Number,Job Title,Country\n".to_owned();
    for row in 0..number {
        let line =
            format!("r{row},Given{row},Family{row},p{row}@people.example,+4930{row:07},Boss,DE");
        writeln!(file, "{line}").unwrap();
    }
    house.write("people.csv", file);
    on(house, FILE, &["import", "--for", "crm", "--source", "hubspot", "people.csv"]);
}

#[test]
fn the_people_of_adventure_works_go_to_a_server_and_back() {
    let Some(contacts) = shared("adventureworks/Sales_vStoreWithContacts.csv") else { return };
    let (house, database) = (house(), Database::new());
    let (contacts, map) = (contacts.display().to_string(), map("adventureworks-store-contacts"));
    let import = ["import", "--for", "crm", "--source", "adventureworks", "--map", &map, &contacts];
    assert_eq!(on(&house, FILE, &import)["contacts"]["added"], 753);
    let found = on(&house, FILE, &["contact", "find", "--for", "crm", "--limit", "3"]);
    let people: Vec<String> =
        found["items"].as_array().unwrap().iter().map(|person| text(person, "id")).collect();
    assert_eq!(people.len(), 3);
    on(&house, FILE, &["erase", "--contact", &people[2]]);
    let exports = |store: &str| {
        let export =
            |id: &String| on(&house, store, &["export", "--for", "claims", "--contact", id]);
        people.iter().take(2).map(export).collect::<Vec<Json>>()
    };
    let before = exports(FILE);

    let there = copied(&house, FILE, &database.url());
    assert_eq!(there["beginning"], "new");
    assert_eq!(rows(&there, "contact"), 753);
    verify(&house, &database.url());
    assert_eq!(exports(&database.url()), before);
    let dead = ["contact", "show", "--for", "crm", &people[2], "--store", &database.url()];
    house.ends(&[&dead[..], &ALONG].concat(), 3);

    let back = copied(&house, &database.url(), "sqlite:back.db");
    assert_eq!(rows(&back, "key"), 752);
    verify(&house, "sqlite:back.db");
    assert_eq!(exports("sqlite:back.db"), before);
    let checked = on(&house, "sqlite:back.db", &["store", "check"]);
    assert_eq!(checked["sound"], true, "{checked}");
}

/// Starts a copy over a slow line, and kills it when the server has what the question asks for.
fn kill_copy(house: &House, to: &str, database: &Database, has: &str) {
    let mut command = house.command(&["store", "copy", "--from", FILE, "--to", to]);
    let mut copying = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let until = Instant::now() + Duration::from_mins(1);
    while database.sql(has) != "t" {
        assert!(Instant::now() < until, "it never had it");
        assert_eq!(copying.try_wait().unwrap(), None, "it ended before it could be killed");
    }
    copying.kill().unwrap();
    copying.wait().unwrap();
}

/// Whether the table is there and has rows, asked without failing where it is not there yet.
fn has_rows(table: &str) -> String {
    format!(
        "SELECT to_regclass('gantry_copy') IS NOT NULL AND to_regclass('{table}') IS NOT NULL
            AND pg_relation_size(to_regclass('{table}')) > 0"
    )
}

/// A line to a server that takes its time, and the address of a database over it.
fn slow_line(database: &Database) -> (Proxy, String) {
    let url = database.url();
    let port = url.rsplit_once('/').and_then(|(place, _)| place.rsplit_once(':')).unwrap().1;
    let proxy = Proxy::to(port.parse().unwrap());
    proxy.slow(Duration::from_millis(40));
    let slow = url.replacen(&format!(":{port}/"), &format!(":{}/", proxy.port()), 1);
    (proxy, slow)
}

#[test]
fn a_killed_copy_goes_on() {
    let (house, database) = (house(), Database::new());
    import_people(&house, 400);
    let (_proxy, slow) = slow_line(&database);
    kill_copy(&house, &slow, &database, &has_rows("contact"));
    let unfinished = ["contact", "find", "--for", "crm", "--store", &database.url()];
    let said = house.ends(&[&unfinished[..], &ALONG].concat(), 1);
    assert!(said.contains("a copy that was not finished\nhint: "), "{said}");
    let init = ["init", "--as", "tester", "--store", &database.url()];
    house.ends(&[&init[..], &ALONG].concat(), 1);
    kill_copy(&house, &slow, &database, &has_rows("record"));
    let resumed = copy(&house, FILE, &database.url());
    assert!(resumed.err.contains("going on with a copy that was stopped"), "{resumed:?}");
    assert!(resumed.out.contains(r#""beginning":"resumed""#), "{resumed:?}");
    verify(&house, &database.url());
}

#[test]
fn a_killed_copy_begins_anew_where_the_store_has_changed() {
    let (house, database) = (house(), Database::new());
    import_people(&house, 400);
    let (_proxy, slow) = slow_line(&database);
    kill_copy(&house, &slow, &database, &has_rows("record"));
    on(&house, FILE, &["contact", "add", "--for", "crm", "--set", "identity.given_name=Late"]);
    let anew = copy(&house, FILE, &database.url());
    assert!(anew.err.contains("beginning anew"), "{anew:?}");
    assert!(anew.out.contains(r#""same":true"#), "{anew:?}");
    let late = ["contact", "find", "--for", "crm", "--name", "late"];
    let late = on(&house, &database.url(), &late);
    assert_eq!(late["items"].as_array().unwrap().len(), 1, "{late}");
    verify(&house, &database.url());
}

#[test]
fn what_cannot_be_copied_says_why_and_what_to_do() {
    let (house, database) = (house(), Database::new());
    let url = database.url();
    import_people(&house, 3);
    let refused = |from: &str, to: &str, why: &str| {
        let ran = copy(&house, from, to);
        assert_eq!(ran.code, Some(1), "{ran:?}");
        let said: Json = serde_json::from_str(&ran.err).unwrap();
        assert!(text(&said, "detail").contains(why), "{said}");
        assert!(said["hint"].is_string(), "{said}");
    };
    refused("sqlite:nothing.db", &url, "there is no store");
    refused(FILE, FILE, "exists already");
    let process = "0123456789abcdef0123456789abcdef";
    // Another store's is nothing to this one.
    house.write(&format!("store.db.audit-{process}-{process}-0"), "");
    let file = rusqlite::Connection::open(house.path("store.db")).unwrap();
    let sql = "SELECT lower(hex(value)) FROM entry WHERE key = CAST('store' AS BLOB)";
    let id: String = file.query_row(sql, (), |row| row.get(0)).unwrap();
    drop(file);
    let waiting = house.write(&format!("store.db.audit-{id}-{process}-0"), "");
    refused(FILE, &url, "audit entries of `sqlite:store.db` wait in 1 file");
    fs::remove_file(waiting).unwrap();
    database.sql("CREATE TABLE theirs (id integer)");
    refused(FILE, &url, "exists already");
    assert_eq!(database.sql("SELECT count(*) FROM theirs"), "0");
    let ran = copy(&house, FILE, "sqlite:no/such/x.db");
    assert!(ran.err.contains("no folder for `no/such/x.db`"), "{ran:?}");
    assert!(ran.err.contains("make it"), "{ran:?}");
    let said = house.ends(&["store", "check", "--store", "."], 1);
    assert!(said.contains("`.` is a folder\nhint: name a file"), "{said}");
    let lost = ["company", "find", "--for", "crm", "--store", FILE, "--spool", "nowhere"];
    let said = house.ends(&lost, 1);
    assert!(said.contains("hint: make the folder"), "{said}");
    let said = house.ends(&["serve", "--listen", "18091"], 2);
    assert!(said.contains("such as `127.0.0.1:8080`"), "{said}");
    house.ends(&["store", "copy", "--from", FILE], 2);
    house.ends(&["store", "copy", "--from", FILE, "--to", "oracle:x"], 2);
    // Without the key the rest is proved all the same.
    fs::rename(house.path("store.db.key"), house.path("safe")).unwrap();
    let ran = house.done(&["store", "copy", "--from", FILE, "--to", "sqlite:other.db"]);
    assert!(ran.out.contains("and both are the same"), "{ran:?}");
    assert!(ran.err.contains("no checkpoints were looked at"), "{ran:?}");
}

#[test]
fn a_store_that_was_copied_is_closed_until_somebody_takes_it_up_again() {
    let (house, database) = (house(), Database::new());
    let url = database.url();
    import_people(&house, 3);
    assert_eq!(copied(&house, FILE, &url)["moved"], true);
    let find = ["contact", "find", "--for", "crm", "--store", FILE];
    let said = house.ends(&find, 1);
    assert!(said.contains("`store.db` was moved to `postgres://127.0.0.1:"), "{said}");
    assert!(said.contains("\nhint: "), "{said}");
    // The same command once more has nothing to copy: the store is there.
    let again = house.ends(&["store", "copy", "--from", FILE, "--to", &url], 1);
    assert!(again.contains("was moved to"), "{again}");
    let reopened = on(&house, FILE, &["store", "reopen"]);
    assert_eq!(reopened["reopened"], true, "{reopened}");
    house.done(&find);
    assert_eq!(on(&house, FILE, &["store", "reopen"])["reopened"], false);
}

#[test]
fn a_password_is_never_told_again() {
    let house = House::of_files().unwrap_or_else(House::new);
    for store in [
        "postgres://me:hidden@h/shop?sslmode=prefer",
        "postgres://me:hid@den/hidden@h/shop",
        "postgres://me:hidden@h:port/shop",
        "oracle://me:hidden@h/shop",
    ] {
        for args in [
            &["contact", "find", "--for", "crm", "--store", store][..],
            &["contact", "find", "--for", "crm", "--store", store, "--json"],
            &["store", "copy", "--from", store, "--to", "sqlite:x.db"],
            &["contact", store],
            &["contact", "find", store],
            &[&format!("--store={store}"), "nothing"],
        ] {
            let ran = house.run(args);
            assert_eq!(ran.code, Some(2), "{ran:?}");
            assert!(!ran.err.contains("hid") && !ran.err.contains("den"), "{ran:?}");
        }
    }
    let said = house.ends(&["serve", "--store", "postgres://me:hidden@127.0.0.1:1/shop"], 1);
    assert!(said.contains("127.0.0.1:1") && !said.contains("hidden"), "{said}");
}

#[test]
fn who_may_not_write_is_told_so_when_a_server_starts() {
    let (house, database) = (house(), Database::new());
    look(&house, FILE, &database.url());
    let (name, place) = (database.name(), database.url());
    let place = place.split_once('@').unwrap().1;
    let role = format!("reader_of_{name}");
    database.sql(&format!("CREATE ROLE {role} LOGIN IN ROLE pg_read_all_data"));
    let store = format!("postgres://{role}@{place}");
    let args = ["serve", "--listen", "127.0.0.1:0", "--store", &store];
    let said = house.ends(&[&args[..], &ALONG].concat(), 1);
    database.sql(&format!("DROP ROLE {role}"));
    assert!(said.contains("permission denied for table node"), "{said}");
    assert!(said.contains("hint: the role"), "{said}");
    assert_eq!(said.matches("the store failed").count(), 1, "{said}");
}

#[test]
fn who_was_erased_since_a_backup_comes_back_only_with_the_keys_of_then() {
    let (house, database) = (house(), Database::new());
    import_people(&house, 3);
    copied(&house, FILE, &database.url());
    let (url, name) = (database.url(), database.name());
    let find = ["contact", "find", "--for", "crm", "--limit", "1"];
    let person = text(&on(&house, &url, &find)["items"][0], "id");
    // A database is copied only while nobody is in it.
    database.keys_sql(&format!("CREATE DATABASE {name}_back TEMPLATE {name}"));
    database.sql(&format!("CREATE DATABASE {name}_back_keys TEMPLATE {name}_keys"));
    on(&house, &url, &["erase", "--contact", &person]);
    let show = |store: &str| {
        let apart = ["--store", store, "--checkpoints", "rehearsal", "--spool", "."];
        let show = ["contact", "show", "--for", "crm", &person, "--key-file", "store.db.key"];
        house.run(&[&show[..], &apart].concat())
    };
    let today = show(&format!("{url}_back?keys={name}_keys"));
    let both = show(&format!("{url}_back"));
    for back in ["back", "back_keys"] {
        database.sql(&format!("DROP DATABASE {name}_{back}"));
    }
    assert_eq!(today.code, Some(3), "{today:?}");
    assert_eq!(both.code, Some(0), "{both:?}");
}

#[test]
fn a_store_that_is_served_is_not_copied() {
    let (house, database) = (house(), Database::new());
    let url = database.url();
    look(&house, FILE, &url);
    for (store, by) in [(FILE, "by another process"), (&url, "by 1 node")] {
        let spool = house.path("elsewhere");
        fs::create_dir_all(&spool).unwrap();
        let spool = spool.display().to_string();
        let serving = [&["--store", store, "--spool", &spool], &ALONG[..]].concat();
        let served = Server::try_start_with(&house, "", &serving).unwrap();
        let said = house.ends(&["store", "copy", "--from", store, "--to", "sqlite:x.db"], 1);
        assert!(said.contains(by) && said.contains("hint: stop what works with it"), "{said}");
        served.end();
        house.done(&["store", "copy", "--keep", "--from", store, "--to", "sqlite:x.db"]);
        fs::remove_file(house.path("x.db")).unwrap();
        fs::remove_file(house.path("x.db.keys")).unwrap();
    }
}

#[test]
fn a_store_is_brought_up_to_date_and_checked_wherever_it_is() {
    let (house, database) = (house(), Database::new());
    import_people(&house, 3);
    look(&house, FILE, &database.url());
    for store in [FILE, &database.url()] {
        let migrated = on(&house, store, &["store", "migrate"]);
        assert_eq!(migrated["done"].as_array().unwrap().len(), 0, "{migrated}");
        assert_eq!(migrated["schemas"].as_array().unwrap().len(), 2, "{migrated}");
        let said = house.done(&["store", "migrate", "--store", store]).out;
        assert!(said.starts_with("nothing to do\n") && said.contains("has schema 1"), "{said}");
        let checked = on(&house, store, &["store", "check"]);
        assert_eq!(checked["sound"], true, "{checked}");
        assert_eq!(rows(&checked, "contact"), 3);
    }
    let hashes = |store: &str| on(&house, store, &["store", "check"])["tables"].clone();
    assert_eq!(hashes(FILE), hashes(&database.url()), "a copy is known by its hashes");

    let file = rusqlite::Connection::open(house.path("store.db")).unwrap();
    file.execute("UPDATE audit SET at = at + 1 WHERE sequence = 1", ()).unwrap();
    database.sql("DELETE FROM contact WHERE id = (SELECT id FROM contact LIMIT 1)");
    for (store, found) in [
        (FILE, "chain 00000000-0000-0000-0000-000000000000 of the audit trail: the content"),
        (&database.url(), "records without a contact: 1"),
    ] {
        let ran = house.run(&["store", "check", "--store", store]);
        assert_eq!(ran.code, Some(1), "{ran:?}");
        assert!(ran.out.contains("is damaged:\n") && ran.out.contains(found), "{ran:?}");
        let ran = house.run(&["store", "check", "--json", "--store", store]);
        assert_eq!(ran.code, Some(1), "{ran:?}");
        assert!(ran.out.contains(r#""sound":false"#) && ran.out.contains(found), "{ran:?}");
    }
    let newer = "UPDATE gantry_schema SET version = 2, minimum_reader = 2";
    database.keys_sql(newer);
    let said = house.ends(&["store", "migrate", "--store", &database.url()], 1);
    assert!(said.contains("hint: use a newer version of the program"), "{said}");
}
