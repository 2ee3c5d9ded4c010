//! Clients that write, and remember what they were told.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Value as Json, json};

use crate::client::{Answer, Asked, Client};
use crate::support::text;

/// A client of one node, who adds contacts and records of them.
pub(super) struct Writer {
    name: String,
    token: String,
    count: u32,
    people: Vec<Person>,
    /// Addresses of those that were refused: they must not be there.
    refused: Vec<String>,
    /// What nobody knows of, with its key, and whose record it was to be.
    doubts: Vec<(Asked, Option<usize>)>,
}

struct Person {
    id: String,
    email: String,
    records: usize,
}

impl Writer {
    pub(super) fn new(name: impl Into<String>, token: &str) -> Writer {
        let (name, token) = (name.into(), token.to_owned());
        let (people, refused, doubts) = (Vec::new(), Vec::new(), Vec::new());
        Writer { name, token, count: 0, people, refused, doubts }
    }

    /// How much was acknowledged.
    pub(super) fn acknowledged(&self) -> usize {
        self.people.iter().map(|person| 1 + person.records).sum()
    }

    /// How much nobody knows of.
    pub(super) fn doubts(&self) -> usize {
        self.doubts.len()
    }

    /// How many contacts were refused.
    pub(super) fn refused(&self) -> usize {
        self.refused.len()
    }

    /// Writes at a node until it is to stop; where the node goes away, it waits for it.
    pub(super) fn work(&mut self, node: SocketAddr, stop: &AtomicBool) {
        let mut client = None;
        while !stop.load(Ordering::Relaxed) {
            let Some(open) = client.as_mut() else {
                client = Client::connect(node, &self.token).ok();
                std::thread::sleep(Duration::from_millis(2));
                continue;
            };
            if !self.once(open) {
                client = None;
            }
        }
    }

    /// Writes one thing. Says whether the node answered.
    pub(super) fn once(&mut self, client: &mut Client) -> bool {
        self.count += 1;
        let whose = (!self.count.is_multiple_of(3) && !self.people.is_empty())
            .then(|| usize::try_from(self.count).unwrap() % self.people.len());
        let asked = match whose {
            Some(whose) => self.record(whose),
            None => self.contact(),
        };
        let asked = asked.once(format!("{}-{}", self.name, self.count));
        let Ok(answer) = client.ask(&asked) else {
            self.doubts.push((asked, whose));
            return false;
        };
        self.note(asked, whose, &answer);
        true
    }

    fn contact(&self) -> Asked {
        let email = format!("{}.{}@nodes.example", self.name, self.count);
        let data = json!({
            "identity": { "given_name": "Given", "family_name": "Family" },
            "employment": { "job_title": "Title" },
            "contact-details": { "email": email },
        });
        let body = json!({ "country": "FI", "data": data });
        Asked::send("POST", "/api/v1/crm/contacts", &body)
    }

    fn record(&self, whose: usize) -> Asked {
        let fields = json!({ "subject": format!("subject {}", self.count), "content": "words" });
        let body = json!({ "category": "communications", "fields": fields });
        let id = &self.people[whose].id;
        Asked::send("POST", format!("/api/v1/crm/contacts/{id}/records"), &body)
    }

    fn note(&mut self, asked: Asked, whose: Option<usize>, answer: &Answer) {
        match (answer.status, whose) {
            (200 | 201, Some(whose)) => self.people[whose].records += 1,
            (200 | 201, None) => {
                let body = answer.json();
                let email = text(&body["data"]["contact-details"], "email");
                self.people.push(Person { id: text(&body, "id"), email, records: 0 });
            }
            (503, None) => self.refused.push(email_of(&asked)),
            (503, Some(_)) => {}
            _ if answer.body.contains("nobody knows") => self.doubts.push((asked, whose)),
            _ => panic!("{answer:?}"),
        }
    }

    /// All that was acknowledged is there, once, nothing of what was refused, and nothing by half;
    /// what nobody knew of is asked again with its key, and happens once.
    pub(super) fn check(&mut self, client: &mut Client) {
        for (asked, whose) in std::mem::take(&mut self.doubts) {
            if whose.is_none() {
                let before = found(client, &email_of(&asked));
                let answer = client.ask(&asked).unwrap();
                let expected = if before.is_empty() { 201 } else { 200 };
                assert_eq!(answer.status, expected, "{asked:?}: {answer:?}");
                self.note(asked, whose, &answer);
            } else {
                let answer = client.ask(&asked).unwrap();
                self.note(asked, whose, &answer);
            }
        }
        for person in &self.people {
            let there = found(client, &person.email);
            assert_eq!(there.len(), 1, "{}: {there:?}", person.email);
            assert_eq!(there[0]["data"]["employment"]["job_title"], "Title", "by half");
            let path = format!(
                "/api/v1/crm/contacts/{}/records?category=communications&limit=500",
                person.id
            );
            let listed = client.ask(&Asked::get(path)).unwrap().json();
            let records = listed["items"].as_array().unwrap().len();
            assert_eq!(records, person.records, "records of {}", person.email);
        }
        for email in &self.refused {
            assert!(found(client, email).is_empty(), "{email} was refused, and is there");
        }
    }
}

fn email_of(asked: &Asked) -> String {
    let body: Json = serde_json::from_slice(asked.body.as_deref().unwrap()).unwrap();
    text(&body["data"]["contact-details"], "email")
}

fn found(client: &mut Client, email: &str) -> Vec<Json> {
    let answer = client.ask(&Asked::get(format!("/api/v1/crm/contacts?email={email}"))).unwrap();
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()["items"].as_array().unwrap().clone()
}
