//! The server is killed while several clients write; each remembers what was acknowledged.

use std::io;
use std::time::Duration;

use serde_json::{Value as Json, json};

use crate::chance::Chance;
use crate::client::{Asked, Client};
use crate::server::{self, Server};
use crate::support::{House, text};

const CLIENTS: usize = 4;
/// How long the clients write before the server is killed.
const WRITING: Duration = Duration::from_millis(300);

/// A contact as its client believes it to be.
struct Person {
    id: String,
    email: String,
    /// All values of its profile are of this generation.
    generation: u32,
    records: u32,
    objected: bool,
    erased: bool,
    /// Reads that were answered.
    reads: usize,
    /// Reads of which nobody knows whether they were.
    reads_in_doubt: usize,
    /// Whether it is to be looked at after the next kill.
    touched: bool,
}

/// A client, and what it knows to be acknowledged.
struct Worker {
    number: usize,
    chance: Chance,
    /// Keys and names that were used; none is used again.
    count: u32,
    people: Vec<Person>,
    companies: u32,
    doubt: Option<(Act, Asked)>,
    done: usize,
}

/// What a client does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    Add,
    Company,
    Record(usize),
    Profile(usize, u32),
    Object(usize),
    Erase(usize),
    Read(usize),
}

/// What the server is asked for reads that are counted; nothing else reads for this purpose.
const COUNTED: &str = "sales";

#[test]
fn what_a_killed_server_acknowledged_is_there_and_nothing_is_there_by_half() {
    let mut chance = Chance::of("serving");
    let house = House::new();
    let token = server::token(&house);
    let mut workers: Vec<Worker> = (0..CLIENTS).map(|n| Worker::new(n, chance.fork())).collect();
    let mut server = Server::start(&house, &token);
    let rounds = super::kills(20);
    for _ in 0..rounds {
        let delay = chance.part_of(WRITING, 10, 100);
        std::thread::scope(|scope| {
            for worker in &mut workers {
                let client = server.client();
                scope.spawn(|| worker.work(client));
            }
            std::thread::sleep(delay);
            server.kill();
        });
        house.verify();
        server = Server::start(&house, &token);
        for worker in &mut workers {
            worker.settle(&mut server.client());
            worker.check(&mut server.client(), false);
        }
    }
    for worker in &mut workers {
        worker.check(&mut server.client(), true);
    }
    server.kill();
    house.verify();
    let trail = house.trail();
    for worker in &workers {
        worker.check_trail(&trail);
    }
    let done: usize = workers.iter().map(|worker| worker.done).sum();
    eprintln!("serving: {rounds} kills, {done} requests acknowledged");
    assert!(done > rounds * CLIENTS, "the clients hardly came to write: {done}");
}

impl Worker {
    fn new(number: usize, chance: Chance) -> Worker {
        let (people, doubt) = (Vec::new(), None);
        Worker { number, chance, count: 0, people, companies: 0, doubt, done: 0 }
    }

    /// Asks for one thing after the other until the server is gone.
    fn work(&mut self, mut client: Client) {
        loop {
            let act = self.choose();
            let asked = self.asked(act);
            if self.try_once(&mut client, act, &asked).is_err() {
                self.doubt = Some((act, asked));
                return;
            }
            self.done += 1;
        }
    }

    fn choose(&mut self) -> Act {
        let living: Vec<usize> =
            (0..self.people.len()).filter(|at| !self.people[*at].erased).collect();
        let Some(&who) = living.get(self.chance.below(living.len())) else { return Act::Add };
        match self.chance.below(20) {
            0..6 => Act::Add,
            6 => Act::Company,
            7..12 => Act::Record(who),
            12..15 => Act::Profile(who, self.people[who].generation + 1),
            15 => Act::Object(who),
            16 => Act::Erase(who),
            _ => Act::Read(who),
        }
    }

    fn asked(&mut self, act: Act) -> Asked {
        self.count += 1;
        let (number, count) = (self.number, self.count);
        let key = format!("key-{number}-{count}");
        let person = |at: usize| &self.people[at];
        let at =
            |purpose: &str, id: &str, what: &str| format!("/api/v1/{purpose}/contacts/{id}{what}");
        match act {
            Act::Add => {
                let email = format!("p{number}.{count}@crash.example");
                let mut data = profile(0);
                data["contact-details"]["email"] = json!(email);
                Asked::send(
                    "POST",
                    "/api/v1/crm/contacts",
                    &json!({ "country": "FI", "data": data }),
                )
                .once(key)
            }
            Act::Company => {
                let name = format!("Firma{number}x{}", self.companies);
                let body = json!({ "fields": { "name": name } });
                Asked::send("POST", "/api/v1/crm/companies", &body).once(key)
            }
            Act::Record(who) => {
                let subject = format!("subject {}", person(who).records);
                let fields = json!({ "subject": subject, "content": "words" });
                let body = json!({ "category": "communications", "fields": fields });
                Asked::send("POST", at("crm", &person(who).id, "/records"), &body).once(key)
            }
            Act::Profile(who, generation) => {
                let body = json!({ "data": profile(generation) });
                Asked::send("PATCH", at("crm", &person(who).id, ""), &body)
            }
            Act::Object(who) => {
                let body = json!({ "statement": "objects", "scope": "marketing" });
                Asked::send("POST", at("claims", &person(who).id, "/statements"), &body)
            }
            Act::Erase(who) => {
                Asked::send("POST", at("claims", &person(who).id, "/erasure"), &json!({}))
            }
            Act::Read(who) => Asked::get(at(COUNTED, &person(who).id, "")),
        }
    }

    /// Asks, and notes what was acknowledged.
    fn try_once(&mut self, client: &mut Client, act: Act, asked: &Asked) -> io::Result<()> {
        let answer = client.ask(asked)?;
        let expected = match act {
            Act::Add | Act::Company | Act::Record(_) => 201,
            Act::Object(_) => 204,
            Act::Profile(..) | Act::Erase(_) | Act::Read(_) => 200,
        };
        assert_eq!(answer.status, expected, "{act:?}: {answer:?}");
        if act == Act::Add {
            let body: Json = answer.json();
            self.add(text(&body, "id"), text(&body["data"]["contact-details"], "email"));
        }
        self.note(act);
        Ok(())
    }

    fn add(&mut self, id: String, email: String) {
        self.people.push(Person {
            id,
            email,
            generation: 0,
            records: 0,
            objected: false,
            erased: false,
            reads: 0,
            reads_in_doubt: 0,
            touched: true,
        });
    }

    /// It was done.
    fn note(&mut self, act: Act) {
        match act {
            Act::Add => {}
            Act::Company => self.companies += 1,
            Act::Record(who) => self.people[who].records += 1,
            Act::Profile(who, generation) => self.people[who].generation = generation,
            Act::Object(who) => self.people[who].objected = true,
            Act::Erase(who) => self.people[who].erased = true,
            Act::Read(who) => self.people[who].reads += 1,
        }
        if let Some(who) = act.who() {
            self.people[who].touched = true;
        }
    }

    /// Finds out what became of the request that was under way when the server died; what may be
    /// asked again with its key is asked again, and happens once.
    fn settle(&mut self, client: &mut Client) {
        let Some((act, asked)) = self.doubt.take() else { return };
        match act {
            Act::Read(who) => self.people[who].reads_in_doubt += 1,
            Act::Add => {
                let before = found(client, &email_of(&asked));
                for person in &before {
                    whole(person, 0);
                }
                let id = again(client, &asked, before.len());
                assert_eq!(found(client, &email_of(&asked)).len(), 1);
                self.add(id, email_of(&asked));
            }
            Act::Company => {
                let path = format!(
                    "/api/v1/crm/companies?search=name:Firma{}x{}",
                    self.number, self.companies
                );
                let listed = client.ask(&Asked::get(path)).unwrap().json();
                again(client, &asked, listed["items"].as_array().unwrap().len());
                self.note(act);
            }
            Act::Record(who) => {
                let before = records(client, &self.people[who].id).len();
                let known = usize::try_from(self.people[who].records).unwrap();
                again(client, &asked, before - known);
                self.note(act);
            }
            Act::Profile(who, generation) => {
                let seen = show(client, &self.people[who].id).unwrap_or_default();
                if seen["data"] != with_email(profile(generation - 1), &self.people[who].email) {
                    self.note(act);
                }
            }
            Act::Object(who) => {
                if objects(client, &self.people[who].id) {
                    self.note(act);
                }
            }
            Act::Erase(who) => {
                if show(client, &self.people[who].id).is_none() {
                    self.note(act);
                }
            }
        }
        if let Some(who) = act.who() {
            self.people[who].touched = true;
        }
    }

    /// Everything that was acknowledged is there, and nothing more.
    fn check(&mut self, client: &mut Client, all: bool) {
        for person in self.people.iter_mut().filter(|person| all || person.touched) {
            person.touched = false;
            let seen = show(client, &person.id);
            if person.erased {
                assert!(seen.is_none(), "erased, and still seen");
                assert!(found(client, &person.email).is_empty(), "erased, and still found");
                continue;
            }
            let seen = seen.unwrap_or_else(|| panic!("contact {} is gone", person.id));
            assert_eq!(seen["data"], with_email(profile(person.generation), &person.email));
            let subjects = records(client, &person.id);
            let expected: Vec<String> =
                (0..person.records).map(|n| format!("subject {n}")).collect();
            assert_eq!(subjects, expected, "{}", person.id);
            assert_eq!(objects(client, &person.id), person.objected, "{}", person.id);
        }
    }

    /// Every write has its entry, once, and so has every read that was answered.
    fn check_trail(&self, trail: &[Json]) {
        for person in &self.people {
            let about = trail.iter().filter(|entry| entry["about"]["contacts"][0] == *person.id);
            let (mut collected, mut read) = (0, 0);
            for entry in about {
                assert_eq!(entry["reason"].is_null(), entry["allowed"] == true);
                collected += u32::from(entry["operation"] == "collect");
                let counted = entry["purpose"] == COUNTED && entry["operation"] == "read";
                read += usize::from(counted);
            }
            assert_eq!(collected, 1 + person.records, "{}", person.id);
            let most = person.reads + person.reads_in_doubt;
            assert!(
                (person.reads..=most).contains(&read),
                "{read} reads of {}, at most {most}",
                person.reads
            );
        }
    }
}

impl Act {
    const fn who(self) -> Option<usize> {
        match self {
            Act::Add | Act::Company => None,
            Act::Record(who)
            | Act::Profile(who, _)
            | Act::Object(who)
            | Act::Erase(who)
            | Act::Read(who) => Some(who),
        }
    }
}

/// Values in three categories, all of one generation.
fn profile(generation: u32) -> Json {
    json!({
        "identity": { "given_name": format!("Given{generation}"), "family_name": "Family" },
        "employment": { "job_title": format!("Title {generation}") },
        "contact-details": { "phone": format!("+3584012{generation:05}") },
    })
}

/// The same with the address that never changes, as the server shows it.
fn with_email(mut data: Json, email: &str) -> Json {
    data["contact-details"]["email"] = json!(email);
    data
}

/// A contact that is there is there in all its categories.
fn whole(person: &Json, generation: u32) {
    let email = text(&person["data"]["contact-details"], "email");
    assert_eq!(person["data"], with_email(profile(generation), &email));
}

fn email_of(asked: &Asked) -> String {
    let body: Json = serde_json::from_slice(asked.body.as_deref().unwrap()).unwrap();
    text(&body["data"]["contact-details"], "email")
}

/// Asks again with the same key: 200 where it had happened, 201 where it had not. Answers the id.
fn again(client: &mut Client, asked: &Asked, happened: usize) -> String {
    assert!(happened <= 1, "{asked:?} happened {happened} times");
    let answer = client.ask(asked).unwrap();
    assert_eq!(answer.status, if happened == 1 { 200 } else { 201 }, "{asked:?}: {answer:?}");
    text(&answer.json(), "id")
}

/// The contact, unless it was erased.
fn show(client: &mut Client, id: &str) -> Option<Json> {
    let answer = client.ask(&Asked::get(format!("/api/v1/crm/contacts/{id}"))).unwrap();
    match answer.status {
        200 => Some(answer.json()),
        403 if answer.body.contains("erased") => None,
        _ => panic!("{answer:?}"),
    }
}

fn found(client: &mut Client, email: &str) -> Vec<Json> {
    let answer = client.ask(&Asked::get(format!("/api/v1/crm/contacts?email={email}"))).unwrap();
    answer.json()["items"].as_array().unwrap().clone()
}

/// The subjects of all records of a contact, sorted by their number.
fn records(client: &mut Client, id: &str) -> Vec<String> {
    let path = format!("/api/v1/crm/contacts/{id}/records?category=communications&limit=500");
    let listed = client.ask(&Asked::get(path)).unwrap().json();
    let items = listed["items"].as_array().unwrap();
    let mut subjects: Vec<String> =
        items.iter().map(|item| text(&item["fields"], "subject")).collect();
    subjects.sort_by_key(|subject| subject.rsplit(' ').next().and_then(|n| n.parse::<u32>().ok()));
    subjects
}

fn objects(client: &mut Client, id: &str) -> bool {
    let path = format!("/api/v1/marketing/contacts/{id}/why?category=identity");
    let why = client.ask(&Asked::get(path)).unwrap().json();
    match why["reason"]["id"].as_str() {
        None => false,
        Some("objected") => true,
        Some(other) => panic!("{other}: {why}"),
    }
}
