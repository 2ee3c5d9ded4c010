//! An objection that one node has acknowledged holds at every other from that moment.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use serde_json::json;

use super::{is_sound, site};
use crate::client::{Asked, Client};
use crate::server::{self, Server};
use crate::support::{soak, text};

struct Person {
    id: String,
    email: String,
}

#[test]
fn an_objection_acknowledged_by_one_node_is_honoured_by_every_read_of_another() {
    let house = site();
    let token = server::token(&house);
    let other = house.node(&house.store());
    let nodes = [Server::start(&house, &token), Server::start(&other, &token)];
    let people = people(&mut nodes[0].client(), if soak() { 400 } else { 80 });
    let acknowledged: Mutex<Vec<usize>> = Mutex::default();
    let (over, reads) = (AtomicBool::new(false), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for reader in 0..3 {
            let (nodes, people, over) = (&nodes, &people, &over);
            let (acknowledged, reads) = (&acknowledged, &reads);
            scope.spawn(move || {
                let mut client = nodes[1].client();
                let mut round = reader;
                while !over.load(Ordering::Relaxed) {
                    // Whoever is in this list objected before what follows is asked.
                    let objected = acknowledged.lock().unwrap().clone();
                    look(&mut client, people, &objected, round);
                    reads.fetch_add(1, Ordering::Relaxed);
                    round += 1;
                }
            });
        }
        let mut client = nodes[0].client();
        for (at, person) in people.iter().enumerate() {
            // Seen at the other node, so that it is there in whatever that node keeps.
            assert!(shows(&mut nodes[1].client(), person), "before the objection");
            let body = json!({ "statement": "objects", "scope": "marketing" });
            let path = format!("/api/v1/claims/contacts/{}/statements", person.id);
            assert_eq!(client.ask(&Asked::send("POST", path, &body)).unwrap().status, 204);
            acknowledged.lock().unwrap().push(at);
            assert!(!shows(&mut nodes[1].client(), person), "after the objection");
        }
        over.store(true, Ordering::Relaxed);
    });
    let reads = reads.load(Ordering::Relaxed);
    assert!(reads > people.len(), "they hardly came to read: {reads}");
    nodes.into_iter().for_each(Server::kill);
    is_sound(&[&house, &other]);
}

fn people(client: &mut Client, count: usize) -> Vec<Person> {
    let person = |n: usize| {
        let email = format!("objector{n}@nodes.example");
        let data = json!({
            "identity": { "given_name": "Given", "family_name": format!("Objector{n}") },
            "contact-details": { "email": email },
        });
        let asked =
            Asked::send("POST", "/api/v1/crm/contacts", &json!({ "country": "FI", "data": data }));
        let answer = client.ask(&asked).unwrap();
        assert_eq!(answer.status, 201, "{answer:?}");
        Person { id: text(&answer.json(), "id"), email }
    };
    (0..count).map(person).collect()
}

fn shows(client: &mut Client, person: &Person) -> bool {
    let asked = Asked::get(format!("/api/v1/marketing/contacts/{}", person.id));
    client.ask(&asked).unwrap().status == 200
}

/// Looks at people in one of the ways there are; nobody is seen who had objected before.
fn look(client: &mut Client, people: &[Person], objected: &[usize], round: usize) {
    let Some(last) = objected.last() else { return };
    let person = &people[*last];
    let path = match round % 4 {
        0 => format!("/api/v1/marketing/contacts/{}", person.id),
        1 => format!("/api/v1/marketing/contacts?email={}", person.email),
        2 => format!("/api/v1/marketing/contacts?name=objector{last}"),
        _ => "/api/v1/marketing/contacts?limit=500".to_owned(),
    };
    let answer = client.ask(&Asked::get(&path)).unwrap();
    assert!(answer.status == 200 || answer.status == 403, "{answer:?}");
    for at in objected {
        assert!(!answer.body.contains(&people[*at].email), "{path} shows one who objected");
        let shown = answer.status == 200 && round % 4 == 3;
        assert!(!shown || !answer.body.contains(&people[*at].id), "{path} lists one who objected");
    }
}

#[test]
fn an_objection_made_by_a_command_holds_at_a_node_that_runs() {
    let house = site();
    let token = server::token(&house);
    let other = house.node(&house.store());
    let node = Server::start(&other, &token);
    let people = people(&mut node.client(), 3);
    for person in &people {
        assert!(shows(&mut node.client(), person));
        house.done(&["objection", "add", "--contact", &person.id, "marketing"]);
        assert!(!shows(&mut node.client(), person));
    }
}
