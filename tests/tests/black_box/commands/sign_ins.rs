//! `gantry user`: how people sign in, on the command line.

use std::io::Write;
use std::process::Stdio;

use crate::support::{House, Ran, text};

const PASSWORD: &str = "lantern quay teal forty";

/// Sets a password that comes on standard input.
fn password(house: &House, name: &str, line: &str) -> Ran {
    let mut command = house.command(&["user", "password", name, "--stdin", "--as", "tester"]);
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut running = piped.spawn().unwrap();
    running.stdin.take().unwrap().write_all(line.as_bytes()).unwrap();
    Ran::of(running.wait_with_output().unwrap())
}

#[test]
fn a_password_is_set_from_standard_input_and_never_told() {
    let house = House::new();
    let tester = |args: &[&str]| house.json(&[args, &["--as", "tester"]].concat());
    tester(&["user", "add", "ben", "--role", "seller:read"]);
    let ran = password(&house, "ben", &format!("{PASSWORD}\nand what follows\n"));
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(!ran.out.contains("lantern") && !ran.err.contains("lantern"), "{ran:?}");
    let weak = password(&house, "ben", "passwordpassword\n");
    assert_eq!(weak.code, Some(4), "{weak:?}");
    assert!(weak.err.contains("easy to guess") && !weak.err.contains("passwordpassword"));
    assert_eq!(password(&house, "ben", "").code, Some(4));
    assert_eq!(password(&house, "nobody", PASSWORD).code, Some(4));
    let listed = tester(&["user", "list"]);
    assert_eq!(listed["items"][0]["name"], "ben", "{listed}");
    assert_eq!(listed["items"][0]["password"], true);
    assert_eq!(listed["items"][0]["second_factor"], false);
    assert_eq!(listed["items"][1]["password"], false);
    assert!(!listed.to_string().contains("argon2"));
    let table = house.done(&["user", "list"]).out;
    assert!(table.contains("seller:read") && table.contains("a link"), "{table}");
    let told = house.done(&["audit", "export", "--as", "tester"]).out;
    assert!(told.contains("\"password-set ben\"") && !told.contains("lantern"), "{told}");
    house.done(&["audit", "verify", "--as", "tester"]);
}

#[test]
fn without_a_terminal_a_password_is_not_asked_for() {
    let house = House::new();
    let mut command = house.command(&["user", "password", "tester"]);
    // A process without a terminal of its own has none to ask on.
    let ran = Ran::of(setsid(&mut command));
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.err.contains("hint: `--stdin`"), "{ran:?}");
}

/// Runs a command in a session without a terminal.
fn setsid(command: &mut std::process::Command) -> std::process::Output {
    let mut alone = std::process::Command::new("setsid");
    alone.arg("--wait").arg(command.get_program()).args(command.get_args()).env_clear();
    for (name, value) in command.get_envs() {
        alone.env(name, value.unwrap_or_default());
    }
    alone.env("PATH", "/usr/bin:/bin").current_dir(command.get_current_dir().unwrap());
    alone.stdin(Stdio::null()).output().unwrap()
}

#[test]
fn links_and_subjects_are_made_by_who_has_all_roles() {
    let house = House::new();
    house.done(&["user", "add", "ben", "--role", "seller"]);
    let link = text(&house.json(&["user", "link", "ben", "--as", "tester"]), "link");
    assert!(link.starts_with("http://127.0.0.1:8080/sign-in/link#gsl_"), "{link}");
    let elsewhere = ["user", "link", "ben", "--public-url", "https://contacts.example"];
    let link = text(&house.json(&[&elsewhere[..], &["--as", "tester"]].concat()), "link");
    assert!(link.starts_with("https://contacts.example/sign-in/link#gsl_"), "{link}");
    let said = house.ends(&["user", "link", "ben", "--as", "ben"], 3);
    assert!(said.contains("only an account with all roles"), "{said}");
    let subject = ["user", "subject", "ben", "https://id.example", "sub-1", "--as", "tester"];
    house.done(&subject);
    house.done(&subject);
    assert_eq!(house.json(&["user", "list"])["items"][0]["subjects"], 1);
    house.done(&[&subject[..], &["--remove"]].concat());
    house.ends(&[&subject[..], &["--remove"]].concat(), 1);
    house.ends(&["user", "no-totp", "ben", "--as", "tester"], 1);
    assert_eq!(house.json(&["user", "sign-ins", "ben"])["items"].as_array().unwrap().len(), 0);
    house.ends(&["user", "sign-out", "ben", "0123456789abcdef", "--as", "tester"], 1);
    assert_eq!(house.json(&["user", "sign-out", "ben", "--as", "tester"])["ended"], 0);
}

#[test]
fn an_account_that_only_reads_writes_nothing() {
    let house = House::new();
    house.done(&["user", "add", "ben", "--role", "seller:read"]);
    house.done(&["contact", "find", "--for", "crm", "--as", "ben"]);
    let add = ["contact", "add", "--for", "crm", "--set", "identity.given_name=Eve", "--as", "ben"];
    let said = house.ends(&add, 3);
    assert!(said.contains("may only read under this purpose"), "{said}");
    assert!(said.contains("hint: ") && said.contains("gantry user add"), "{said}");
    let said = house.ends(&["user", "add", "cleo", "--role", "seller:nonsense"], 4);
    assert!(said.contains("no level"), "{said}");
}
