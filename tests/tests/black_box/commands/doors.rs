//! `gantry serve`: it begins, answers, and ends when it is asked to.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::client::Asked;
use crate::server::{Server, token};
use crate::support::House;

#[test]
fn a_server_answers_and_the_command_line_works_beside_it() {
    let house = House::new();
    let id = house.somebody("Anna", "FI");
    let server = Server::start(&house, &token(&house));
    let answer = server.ask(&Asked::get(format!("/api/v1/crm/contacts/{id}")));
    assert!(answer.status == 200 && answer.body.contains("anna@firm.example"), "{answer:?}");
    house.done(&["objection", "add", "--contact", &id, "marketing"]);
    let answer = server.ask(&Asked::get(format!("/api/v1/marketing/contacts/{id}")));
    assert!(answer.status == 403 && answer.body.contains("\"objected\""), "{answer:?}");
    server.kill();
    house.verify();
}

#[test]
fn sigterm_ends_a_server_in_order() {
    let house = House::new();
    let args = ["serve", "--listen", "127.0.0.1:0", "--strict-audit"];
    let mut child = house.command(&args).stderr(Stdio::piped()).spawn().unwrap();
    let mut errors = std::io::BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    std::io::BufRead::read_line(&mut errors, &mut line).unwrap();
    assert!(line.starts_with("listening on http://127.0.0.1:"), "{line}");
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    let begun = Instant::now();
    let status = child.wait().unwrap();
    assert!(status.success() && begun.elapsed() < Duration::from_secs(20), "{status}");
    house.verify();
}

#[test]
fn an_address_in_use_is_a_clear_error() {
    let house = House::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let said = house.ends(&["serve", "--listen", &address], 1);
    assert!(said.contains("cannot listen on"), "{said}");
}
