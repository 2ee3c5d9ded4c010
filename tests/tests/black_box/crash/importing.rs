//! An import is killed, and what it would have brought is there wholly or not at all.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value as Json;

use crate::chance::Chance;
use crate::client::{Asked, Client};
use crate::server::{self, Server};
use crate::support::{House, text};
use crate::tables::Half;

/// Contacts that are there before, and that every import changes.
const KNOWN: usize = 100;
/// Contacts that every import brings: several batches.
const NEW: usize = 4_100;
/// After a kill every so many rows are looked at.
const STEP: usize = 100;

/// What a look at the store finds of an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Seen {
    Nothing,
    Everything,
}

#[test]
fn a_killed_import_is_there_wholly_or_not_at_all_and_can_be_run_again() {
    let mut chance = Chance::of("importing");
    let house = House::new();
    let token = server::token(&house);
    import(&house, 0);
    let mut writing = Importing::begin(&house, 1).watch();
    let mut generation = 2;
    let kills = super::kills(12);
    let mut published = 0;
    for kill in 0..kills {
        Importing::begin(&house, generation).kill(chance.part_of(writing, 0, 100));
        house.verify();
        let seen = look(&house, &token, generation);
        // What takes how long depends on what else the machine does: aim a little earlier or later.
        if seen == Seen::Everything {
            published += 1;
            writing = writing * 3 / 4;
        } else {
            writing = writing * 9 / 8;
        }
        let last = kill + 1 == kills;
        if last || chance.below(4) == 0 {
            check_report(&import(&house, generation), seen);
            assert_eq!(look(&house, &token, generation), Seen::Everything);
            check_files(&house, generation);
        }
        if last || look(&house, &token, generation) == Seen::Everything {
            generation += 1;
        }
    }
    house.verify();
    eprintln!("importing: {kills} kills, {published} after the end");
    assert!(published < kills, "none was killed while it wrote");
}

/// An import runs again although another one of the same source died a moment ago, and nothing of the
/// dead one comes with it.
#[test]
fn what_a_killed_import_left_is_cleared_by_the_next_of_another_file() {
    let mut chance = Chance::of("leftovers");
    let house = House::new();
    import(&house, 0);
    for _ in 0..super::kills(2) {
        Importing::begin(&house, 1).kill(chance.part_of(Duration::from_millis(300), 10, 100));
    }
    let left = house.count(Half::Main, "pending");
    assert!(left > 0, "they were to be killed while they wrote");
    write_file(&house, 2, "small.csv", 0..3);
    let report = house.json(&["import", "--for", "crm", "--source", "crm-old", "small.csv"]);
    assert_eq!(report["kept"], true, "{report}");
    assert_eq!(house.count(Half::Main, "pending"), 0, "{left} were left by the dead");
    assert_eq!(house.count(Half::Main, "staged"), 0);
    check_files(&house, 0);
}

/// Who presses Ctrl-C is told that nothing was kept, and nothing is.
#[test]
fn an_interrupted_import_keeps_nothing_and_says_so() {
    let house = House::new();
    import(&house, 0);
    // One that is done before it is interrupted is done.
    let interrupted = (1..=10).find(|generation| {
        let mut importing = Importing::begin(&house, *generation);
        let errors = importing.child.stderr.take().unwrap();
        let id = importing.child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
        let said = std::io::read_to_string(errors).unwrap();
        let code = importing.child.wait().unwrap().code();
        assert!(code == Some(0) || said.contains("interrupted: nothing was kept"), "{said}");
        code == Some(1)
    });
    check_files(&house, interrupted.unwrap() - 1);
    house.verify();
}

/// What there is to import: everybody known with a new number, company and title, and new people.
fn write_file(house: &House, generation: usize, name: &str, rows: std::ops::Range<usize>) {
    let mut text = String::from(
        "Record ID,First Name,Last Name,Email,Phone Number,Job Title,Lifecycle Stage,Country,Company Name\n",
    );
    for row in rows {
        let id = id_of(generation, row);
        let email = email_of(generation, row);
        let phone = format!("+4930{:07}", generation * 100_000 + row);
        let company = format!("Firma {generation}/{}", row % 50);
        let line = format!(
            "{id},Given{row},Family{row},{email},{phone},Title {generation},lead,DE,{company}"
        );
        writeln!(text, "{line}").unwrap();
    }
    std::fs::write(house.path(name), text).unwrap();
}

/// Rows of those known are about the same person in every generation.
fn id_of(generation: usize, row: usize) -> String {
    if row < KNOWN { format!("k{row}") } else { format!("n{generation}-{row}") }
}

fn email_of(generation: usize, row: usize) -> String {
    format!("{}@import.example", id_of(generation, row))
}

fn rows_of(generation: usize) -> usize {
    if generation == 0 { KNOWN } else { KNOWN + NEW }
}

fn arguments(house: &House, generation: usize) -> Vec<String> {
    let name = format!("people-{generation}.csv");
    write_file(house, generation, &name, 0..rows_of(generation));
    ["import", "--for", "crm", "--source", "crm-old", &name].map(str::to_owned).to_vec()
}

fn import(house: &House, generation: usize) -> Json {
    let arguments = arguments(house, generation);
    house.json(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
}

/// An import that is running.
struct Importing<'h> {
    house: &'h House,
    child: Child,
}

impl Importing<'_> {
    /// Starts one, and waits until it has looked at everything and begins to write.
    fn begin(house: &House, generation: usize) -> Importing<'_> {
        let arguments = arguments(house, generation);
        let before = house.last_edition();
        let mut command = house.command(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
        let child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut importing = Importing { house, child };
        while importing.house.last_edition() == before {
            assert_eq!(importing.child.try_wait().unwrap(), None, "it ended before it began");
            std::thread::sleep(Duration::from_millis(2));
        }
        importing
    }

    /// Waits for its end, and says how long that took.
    fn watch(mut self) -> Duration {
        let started = Instant::now();
        assert!(self.child.wait().unwrap().success());
        started.elapsed()
    }

    fn kill(mut self, delay: Duration) {
        std::thread::sleep(delay);
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.house.end_leases();
    }
}

/// The same file again changes nothing where it is there, and does it all where it is not.
fn check_report(report: &Json, before: Seen) {
    let (added, changed, unchanged) = match before {
        Seen::Nothing => (NEW, KNOWN, 0),
        Seen::Everything => (0, 0, KNOWN + NEW),
    };
    let contacts = &report["contacts"];
    assert_eq!(contacts["added"], added, "{report}");
    assert_eq!(contacts["changed"], changed, "{report}");
    assert_eq!(contacts["unchanged"], unchanged, "{report}");
}

/// Looks at rows of all parts of the file: they must agree on whether the import was.
fn look(house: &House, token: &str, generation: usize) -> Seen {
    let server = Server::start(house, token);
    let mut client = server.client();
    let rows = (0..KNOWN + NEW).step_by(STEP).chain([KNOWN - 1, KNOWN, KNOWN + NEW - 1]);
    let seen: Vec<(usize, Seen)> =
        rows.map(|row| (row, look_at(&mut client, generation, row))).collect();
    let (_, first) = seen[0];
    assert!(seen.iter().all(|(_, one)| *one == first), "half an import: {seen:?}");
    server.kill();
    first
}

fn look_at(client: &mut Client, generation: usize, row: usize) -> Seen {
    let path = format!("/api/v1/crm/contacts?email={}", email_of(generation, row));
    let listed = client.ask(&Asked::get(path)).unwrap().json();
    let items = listed["items"].as_array().unwrap();
    assert!(items.len() <= 1, "row {row} is there {} times", items.len());
    let Some(person) = items.first() else {
        assert!(row >= KNOWN, "row {row}, which was there before, is gone");
        return Seen::Nothing;
    };
    let title = text(&person["data"]["employment"], "job_title");
    let of: usize = title.rsplit(' ').next().unwrap().parse().unwrap();
    assert!(of == generation || (row < KNOWN && of + 1 == generation), "row {row}: {person}");
    let phone = format!("+4930{:07}", of * 100_000 + row);
    assert_eq!(person["data"]["contact-details"]["phone"], phone, "row {row} is half changed");
    assert_eq!(person["data"]["identity"]["given_name"], format!("Given{row}"));
    let company =
        client.ask(&Asked::get(format!("/api/v1/crm/companies/{}", text(person, "company"))));
    let company = company.unwrap().json();
    assert_eq!(
        company["fields"]["name"],
        format!("Firma {of}/{}", row % 50),
        "row {row} is half changed"
    );
    if of == generation { Seen::Everything } else { Seen::Nothing }
}

/// Nothing is there twice, and nothing of the dead imports is left.
fn check_files(house: &House, generation: usize) {
    let people = KNOWN + NEW * generation;
    assert_eq!(house.count(Half::Main, "contact"), people);
    assert_eq!(house.count(Half::Main, "(SELECT DISTINCT contact FROM record)"), people);
    assert_eq!(house.count(Half::Main, "pending"), 0);
    assert_eq!(house.count(Half::Main, "staged"), 0);
    // Nobody lacks a key; a batch that was killed before it was committed may leave keys of nobody.
    let keys: BTreeSet<String> =
        house.values(Half::Keys, "SELECT contact FROM key").into_iter().collect();
    let contacts = house.values(Half::Main, "SELECT id FROM contact");
    assert_eq!(contacts.iter().filter(|id| !keys.contains(*id)).count(), 0);
}
