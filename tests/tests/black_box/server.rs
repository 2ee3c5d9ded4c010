//! `gantry serve`, running for a test, and how it is killed.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;

use crate::client::{Answer, Asked, Client};
use crate::support::House;

/// A running server.
pub(crate) struct Server {
    child: Child,
    errors: Option<JoinHandle<String>>,
    pub(crate) address: SocketAddr,
    pub(crate) token: String,
}

/// A token for all purposes that a test works for.
pub(crate) fn token(house: &House) -> String {
    let purposes = "crm,sales,marketing,claims,invoicing,reporting,research";
    let granted = house.json(&["token", "grant", "--for", purposes]);
    granted["token"].as_str().unwrap().to_owned()
}

impl Server {
    /// Starts it on a free port of the loopback, and waits until it listens.
    pub(crate) fn start(house: &House, token: &str) -> Server {
        Server::try_start(house, token).unwrap()
    }

    /// The same where it may be that it cannot start, and says so.
    pub(crate) fn try_start(house: &House, token: &str) -> Option<Server> {
        Server::try_start_with(house, token, &[])
    }

    /// The same with more words on the command line.
    pub(crate) fn try_start_with(house: &House, token: &str, args: &[&str]) -> Option<Server> {
        let mut command = house.command(&[&["serve", "--listen", "127.0.0.1:0"], args].concat());
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut errors = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        errors.read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on http://").map(str::parse);
        let Some(Ok(address)) = address else {
            assert!(line.starts_with("error: "), "the server says: {line}");
            child.wait().unwrap();
            return None;
        };
        let errors = std::thread::spawn(move || {
            let mut rest = String::new();
            errors.read_to_string(&mut rest).unwrap();
            rest
        });
        Some(Server { child, errors: Some(errors), address, token: token.to_owned() })
    }

    /// Stops it for a while (SIGSTOP), or has it go on.
    pub(crate) fn pause(&self, pause: bool) {
        let (signal, id) = (if pause { "-STOP" } else { "-CONT" }, self.child.id().to_string());
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
    }

    pub(crate) fn client(&self) -> Client {
        Client::connect(self.address, &self.token).unwrap()
    }

    /// Asks on a connection of its own.
    pub(crate) fn ask(&self, asked: &Asked) -> Answer {
        self.client().ask(asked).unwrap()
    }

    /// Asks it to end (SIGTERM), and waits until it has.
    pub(crate) fn end(mut self) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        assert!(self.child.wait().unwrap().success());
    }

    /// Kills it (SIGKILL). It had nothing to complain about until then.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        let said = self.errors.take().unwrap().join().unwrap();
        assert!(!said.contains("panicked"), "{said}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Nothing of a test that failed stays behind; one that was killed is dead already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
