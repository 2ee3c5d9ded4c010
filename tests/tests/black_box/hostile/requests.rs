//! Requests over HTTP that are malformed, deep, huge, or about somebody else's.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::json;

use super::Counts;
use crate::client::{Answer, Asked, Client};
use crate::server::{self, Server};
use crate::support::{House, text};

/// Stands in every hostile value, and in no answer.
const MARK: &str = "Qzxwvu";

#[test]
fn a_hostile_request_is_a_problem_and_the_server_lives() {
    let house = House::new();
    let add = ["contact", "add", "--for", "crm", "--country", "FI", "--set"];
    let anna = text(&house.json(&[&add[..], &["identity.given_name=Anna"]].concat()), "id");
    let bert = text(&house.json(&[&add[..], &["identity.given_name=Bert"]].concat()), "id");
    let company =
        text(&house.json(&["company", "add", "--for", "crm", "--set", "name=Firma"]), "id");
    let record =
        ["record", "add", "--for", "crm", "--category", "communications", "--set", "subject=x"];
    let note = text(&house.json(&[&record[..], &["--contact", &anna]].concat()), "id");
    let before = Counts::of(&house);
    let server = Server::start(&house, &server::token(&house));
    for (status, asked) in bodies() {
        problem(&server, status, &asked);
    }
    for (status, asked) in paths(&anna, &bert, &company, &note) {
        problem(&server, status, &asked);
    }
    let strange = Client::connect(server.address, "gtr_NONSENSE")
        .unwrap()
        .ask(&Asked::get("/api/v1/crm/contacts"));
    assert_eq!(strange.unwrap().status, 401);
    server.kill();
    assert_eq!(Counts::of(&house), before);
    house.verify();
}

/// Bodies of a new contact that are none.
fn bodies() -> Vec<(u16, Asked)> {
    let deep = |open: &str, close: &str, n: usize| {
        let inner = format!("{}{}", open.repeat(n), close.repeat(n));
        format!("{{\"data\":{{\"identity\":{{\"given_name\":{inner}}}}}}}").into_bytes()
    };
    let named = |name: &str| {
        json!({ "data": { "identity": { "given_name": name } } }).to_string().into_bytes()
    };
    let broken = [
        b"{\"data\":{\"identity\":{\"given_name\":\"".to_vec(),
        vec![0xC3, 0x28],
        b"\"}}}".to_vec(),
    ]
    .concat();
    let bodies: Vec<(u16, Vec<u8>)> = vec![
        (400, Vec::new()),
        (400, b"{".to_vec()),
        (400, vec![0xFF; 100]),
        (400, vec![0; 100]),
        (400, broken),
        (400, b"[".repeat(500_000)),
        (400, deep("[", "]", 100_000)),
        (400, deep("{\"a\":", "}", 100_000)),
        (422, deep("[", "]", 50)),
        (422, b"[]".to_vec()),
        (422, format!("{{\"nonsense\": \"{MARK}\"}}").into_bytes()),
        (422, format!("{{\"data\": \"{MARK}\"}}").into_bytes()),
        (422, format!("{{\"country\": \"{MARK}\", \"data\": {{}}}}").into_bytes()),
        (422, format!("{{\"company\": \"{MARK}\", \"data\": {{}}}}").into_bytes()),
        (422, named(&format!("{MARK}\0"))),
        (422, named(&format!("{MARK}\u{1b}[2J"))),
        (422, named(&MARK.repeat(100_000))),
        (422, json!({ "data": { "contact-details": { "email": MARK } } }).to_string().into_bytes()),
        (403, json!({ "data": { "identity": { "shoe_size": MARK } } }).to_string().into_bytes()),
        (403, json!({ "data": { "nonsense": { "name": MARK } } }).to_string().into_bytes()),
    ];
    let ask = |body| Asked {
        body: Some(body),
        ..Asked::send("POST", "/api/v1/crm/contacts", &json!(null))
    };
    bodies.into_iter().map(|(status, body)| (status, ask(body))).collect()
}

/// Paths, queries and keys; ids of others and of other kinds.
fn paths(anna: &str, bert: &str, company: &str, note: &str) -> Vec<(u16, Asked)> {
    let crm = |rest: String| format!("/api/v1/crm/{rest}");
    let subject = json!({ "fields": { "subject": MARK } });
    let statement = |scope: &str| json!({ "statement": "objects", "scope": scope });
    let said = |of: &str, scope: &str| {
        Asked::send("POST", format!("/api/v1/claims/contacts/{of}/statements"), &statement(scope))
    };
    let firma = json!({ "fields": { "name": MARK } });
    let once = |key: &str| Asked::send("POST", crm("companies".into()), &firma).once(key);
    vec![
        (403, Asked::get("/api/v1/nonsense/contacts")),
        (403, Asked::get("/api/v1/delivery/contacts")),
        (403, Asked::get(format!("/api/v1/reporting/contacts/{anna}"))),
        (403, Asked::get(format!("/api/v1/research/contacts/{anna}"))),
        (404, Asked::get(crm(format!("contacts/{company}")))),
        (404, Asked::get(crm(format!("contacts/{MARK}")))),
        (404, Asked::get(crm(format!("companies/{anna}")))),
        (404, Asked::get(crm(format!("objects/order/{company}")))),
        (404, Asked::get(crm(format!("contacts/{bert}/records/communications/{note}")))),
        (404, Asked::get(crm(format!("contacts/{anna}/records/communications/{bert}")))),
        (
            404,
            Asked::send(
                "PATCH",
                crm(format!("contacts/{bert}/records/communications/{note}")),
                &subject,
            ),
        ),
        (422, Asked::get(crm(format!("contacts?cursor={MARK}")))),
        (422, Asked::get(crm(format!("contacts?nonsense={MARK}")))),
        (422, Asked::get(crm("contacts?limit=-1".into()))),
        (422, Asked::get(crm(format!("contacts?company={MARK}")))),
        (404, said(company, "marketing")),
        (422, said(anna, MARK)),
        (403, said(anna, "invoicing")),
        (422, once(&MARK.repeat(40))),
        (405, Asked { method: "PUT", ..Asked::get(crm("contacts".into())) }),
        (405, Asked { method: "DELETE", ..Asked::get(crm(format!("contacts/{anna}"))) }),
        (404, Asked::get(format!("/api/{MARK}"))),
        (404, Asked::get("/api/v1/crm/../../etc/passwd")),
    ]
}

fn problem(server: &Server, status: u16, asked: &Asked) {
    let told = || {
        let body = String::from_utf8_lossy(asked.body.as_deref().unwrap_or_default()).into_owned();
        format!("{} {} {}", asked.method, asked.path, body.chars().take(100).collect::<String>())
    };
    let answer = server.ask(asked);
    assert_eq!(answer.status, status, "{}: {answer:?}", told());
    let Answer { head, body, .. } = &answer;
    assert!(head.to_lowercase().contains("application/problem+json"), "{}: {answer:?}", told());
    assert!(!body.contains(MARK) && body.len() < 10_000, "{}: {answer:?}", told());
    let health = server.ask(&Asked::get("/healthz"));
    assert_eq!(health.status, 200, "{}: then {health:?}", told());
}

/// What is no HTTP, or too much of it, ends its own connection and nobody else's.
#[test]
fn bytes_that_are_no_request_end_their_connection_alone() {
    let house = House::new();
    let server = Server::start(&house, &server::token(&house));
    let huge = format!(
        "POST /api/v1/crm/contacts HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        2 << 20
    );
    let long = format!("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", "a".repeat(2 << 20));
    let heads = format!("GET / HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(10_000));
    let lie = "POST /api/v1/crm/contacts HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFFF\r\n";
    let zeros = "\0".repeat(10_000);
    for bytes in [&huge, &long, &heads, lie, &zeros, "GET / HTTP/9.9\r\n\r\n", "\r\n\r\n\r\n"] {
        let mut stream = TcpStream::connect(server.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        // Whether it is all taken is the server's affair.
        let _ = stream.write_all(bytes.as_bytes());
        let _ = stream.shutdown(std::net::Shutdown::Write);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        assert!(!answer.starts_with(b"HTTP/1.1 2"), "{}", String::from_utf8_lossy(&answer));
        assert_eq!(server.ask(&Asked::get("/healthz")).status, 200);
    }
    server.kill();
}
