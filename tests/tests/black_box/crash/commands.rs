//! A command is killed, and what it was to do is done or not, never by half.

use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::Value as Json;

use crate::chance::Chance;
use crate::support::{House, text};
use crate::tables::Half;

/// A contact before the command.
struct Person {
    id: String,
    email: String,
}

/// What is to be done to a contact, or with one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    Erase,
    /// With something that a law obliges to keep.
    EraseMost,
    Change,
    Object,
    Record,
    Add,
}

/// Erasure has most to do, so it is killed most often.
const ACTS: [Act; 6] =
    [Act::Erase, Act::Change, Act::EraseMost, Act::Object, Act::Record, Act::Add];

#[test]
fn a_killed_command_has_done_all_or_nothing() {
    let mut chance = Chance::of("commands");
    let house = House::new();
    let warm = add(&house, 9_999);
    let started = Instant::now();
    house.done(&["erase", "--contact", &warm.id]);
    let mut whole = started.elapsed();
    let kills = super::kills(24);
    let (mut happened, mut acknowledged) = (0, 0);
    for round in 0..kills {
        let person = add(&house, round);
        let act = ACTS[round % ACTS.len()];
        if act == Act::EraseMost {
            let id = &person.id;
            let line = format!(
                "record add --for invoicing --category payment --contact {id} --set name_on_document=Kept"
            );
            house.done(&line.split(' ').collect::<Vec<_>>());
        }
        let told = killed(&house, &arguments(act, &person), chance.part_of(whole, 20, 100));
        let done = look(&house, act, &person);
        assert!(done || !told, "{act:?} was acknowledged, and is not there");
        house.verify();
        // Aim at the moment of writing, however fast the machine is now.
        whole = if done { whole * 7 / 8 } else { whole * 8 / 7 };
        happened += usize::from(done);
        acknowledged += usize::from(told);
    }
    eprintln!("commands: {kills} kills, {happened} had done it, {acknowledged} had said so");
    assert!(happened < kills, "none was killed before it wrote");
}

/// A contact with values in three categories, and a record.
fn add(house: &House, number: usize) -> Person {
    let email = format!("c{number}@command.example");
    let shown = house.json(&[
        "contact",
        "add",
        "--for",
        "crm",
        "--country",
        "FI",
        "--set",
        "identity.given_name=Before",
        "--set",
        "employment.job_title=Before",
        "--set",
        &format!("contact-details.email={email}"),
    ]);
    let id = text(&shown, "id");
    let values = ["--set", "subject=Before"];
    let record =
        ["record", "add", "--for", "crm", "--category", "communications", "--contact", &id];
    house.done(&[&record[..], &values].concat());
    Person { id, email }
}

fn arguments(act: Act, person: &Person) -> Vec<String> {
    let id = person.id.as_str();
    let line = match act {
        Act::Erase | Act::EraseMost => format!("erase --contact {id}"),
        Act::Change => format!(
            "contact change --for crm {id} --set identity.given_name=After --set employment.job_title=After --set contact-details.city=After"
        ),
        Act::Object => format!("objection add --contact {id} marketing"),
        Act::Record => {
            format!(
                "record add --for crm --category communications --contact {id} --set subject=After --set content=After"
            )
        }
        Act::Add => format!(
            "contact add --for crm --country SE --set identity.given_name=After --set employment.job_title=After --set contact-details.email=new.{}",
            person.email
        ),
    };
    words(&line)
}

/// Runs a command and kills it after a while. Says whether it had said that it was done.
fn killed(house: &House, arguments: &[String], after: Duration) -> bool {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let mut command = house.command(&arguments);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    std::thread::sleep(after);
    child.kill().unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.stderr.is_empty(), "{output:?}");
    !output.stdout.is_empty()
}

/// Whether it was done: wholly, or not at all.
fn look(house: &House, act: Act, person: &Person) -> bool {
    match act {
        Act::Erase => erased(house, person, 0),
        Act::EraseMost => erased(house, person, 1),
        Act::Change => {
            let shown = house.json(&["contact", "show", "--for", "crm", &person.id]);
            let data = &shown["data"];
            let changed = data["identity"]["given_name"] == "After";
            assert_eq!(
                data["employment"]["job_title"] == "After",
                changed,
                "half changed: {shown}"
            );
            assert_eq!(
                data["contact-details"]["city"] == "After",
                changed,
                "half changed: {shown}"
            );
            changed
        }
        Act::Object => {
            let why = house.run(&[
                "why",
                "--for",
                "marketing",
                "--category",
                "identity",
                "--contact",
                &person.id,
            ]);
            assert!(matches!(why.code, Some(0 | 3)), "{why:?}");
            why.code == Some(3)
        }
        Act::Record => {
            let subjects = subjects(house, person);
            let after = subjects.iter().filter(|subject| **subject == "After").count();
            assert!(after <= 1 && subjects.len() == 1 + after, "{subjects:?}");
            after == 1
        }
        Act::Add => {
            let found = find(house, &format!("new.{}", person.email));
            let whole = |one: &Json| {
                one["data"]["identity"]["given_name"] == "After"
                    && one["data"]["employment"]["job_title"] == "After"
            };
            assert!(found.len() <= 1 && found.iter().all(whole), "{found:?}");
            found.len() == 1
        }
    }
}

/// An erased contact is wholly gone, and its key, too; one that is not is wholly there.
fn erased(house: &House, person: &Person, kept: usize) -> bool {
    let shown = house.run(&["contact", "show", "--for", "crm", "--json", &person.id]);
    if shown.code == Some(0) {
        let shown: Json = serde_json::from_str(&shown.out).unwrap();
        for (category, field) in [("identity", "given_name"), ("employment", "job_title")] {
            assert_eq!(shown["data"][category][field], "Before", "half erased: {shown}");
        }
        assert_eq!(find(house, &person.email).len(), 1);
        assert_eq!(subjects(house, person), ["Before"]);
        // And what was not done can be done.
        house.done(&["erase", "--contact", &person.id]);
        gone(house, person, kept);
        return false;
    }
    assert_eq!(shown.code, Some(3), "{shown:?}");
    gone(house, person, kept);
    true
}

/// Nothing is left but so many records that a law obliges to keep, under a key of their own.
fn gone(house: &House, person: &Person, kept: usize) {
    assert!(find(house, &person.email).is_empty(), "erased, and still found");
    let id = house.literal(&person.id);
    let rows = |half, table: &str, column: &str| {
        house.count(half, &format!("(SELECT 1 FROM {table} WHERE {column} = {id})"))
    };
    assert_eq!(rows(Half::Keys, "key", "contact"), kept, "its key is still there");
    let old = rows(Half::Keys, "key", "slot = 0 AND contact");
    assert_eq!(old, 0, "its own key is still there");
    assert_eq!(rows(Half::Main, "record", "contact"), kept, "records are still there");
    if kept > 0 {
        let find = ["record", "find", "--for", "invoicing", "--contact", &person.id];
        let found = house.json(&find);
        assert_eq!(found["items"].as_array().unwrap().len(), kept, "{found}");
        assert_eq!(found["items"][0]["fields"]["name_on_document"], "Kept", "{found}");
    }
    assert_eq!(rows(Half::Main, "lookup", "id"), 0, "it can still be looked up");
    assert_eq!(rows(Half::Main, "contact", "id"), 1, "the id is dead for ever");
    let address = format!("contact-details.email={}", person.email);
    let again = house.run(&["contact", "add", "--for", "crm", "--set", &address]);
    assert_ne!(again.code, Some(0), "an erased address started again: {again:?}");
}

fn find(house: &House, email: &str) -> Vec<Json> {
    let found = house.json(&["contact", "find", "--for", "crm", "--email", email]);
    found["items"].as_array().unwrap().clone()
}

fn subjects(house: &House, person: &Person) -> Vec<String> {
    let category = ["--category", "communications", "--contact", &person.id];
    let listed = house.json(&[&["record", "find", "--for", "crm"][..], &category].concat());
    listed["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| text(&item["fields"], "subject"))
        .collect()
}

#[test]
fn a_killed_init_is_finished_by_the_next() {
    let mut chance = Chance::of("init");
    let started = Instant::now();
    House::new();
    let whole = started.elapsed();
    for _ in 0..super::kills(8) {
        let house = House::empty();
        killed(&house, &words("init --as tester"), chance.part_of(whole, 20, 100));
        let again = house.run(&["init", "--as", "tester"]);
        let finished =
            again.err.contains("there is something at `") && again.err.contains("` already");
        assert!(again.code == Some(0) || finished, "{again:?}");
        add(&house, 0);
        house.verify();
    }
}

fn words(line: &str) -> Vec<String> {
    line.split(' ').map(str::to_owned).collect()
}
