//! `gantry init`, keys, accounts and tokens: who may come in, and with what.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use crate::support::{House, text};

#[test]
fn init_makes_a_store_a_key_and_an_account() {
    let house = House::empty();
    let made = house.json(&["init", "--as", "maria"]);
    assert_eq!(made["account"], "maria");
    assert!(text(&made, "sign_in_link").contains("/sign-in/link#gsl_"), "{made}");
    let mode = fs::metadata(house.key_file()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(house.path("store.db").exists(), house.database().is_none());
    let said = house.ends(&["init"], 1);
    assert!(said.starts_with("error: ") && said.contains("already"), "{said}");
    house.ends(&["init", "--as", "not a name"], 2);
    assert_eq!(house.json(&["user", "list"])["items"][0]["roles"][0], "*");
}

#[test]
fn without_its_key_nothing_opens() {
    let house = House::new();
    let key = fs::read_to_string(house.key_file()).unwrap();
    fs::set_permissions(house.key_file(), Permissions::from_mode(0o644)).unwrap();
    let said = house.ends(&["contact", "find", "--for", "crm"], 1);
    assert!(said.contains("hint: `chmod 600"), "{said}");
    fs::remove_file(house.key_file()).unwrap();
    let said = house.ends(&["contact", "find", "--for", "crm"], 1);
    assert!(said.contains("hint: ") && said.contains("GANTRY_MASTER_KEY"), "{said}");
    let mut command = house.command(&["contact", "find", "--for", "crm"]);
    assert!(command.env("GANTRY_MASTER_KEY", &key).status().unwrap().success());
    let mut command = house.command(&["contact", "find", "--for", "crm"]);
    let ran = command.env("GANTRY_MASTER_KEY", "gantry-master-WRONG").output().unwrap();
    assert_eq!(ran.status.code(), Some(1));
    assert!(!String::from_utf8_lossy(&ran.stderr).contains("WRONG"), "secrets are not repeated");
}

#[test]
fn a_key_that_is_of_another_store_or_without_its_store_says_so() {
    let (house, other) = (House::new(), House::new());
    let find = ["contact", "find", "--for", "crm"];
    let key = fs::read(house.key_file()).unwrap();
    fs::write(house.key_file(), fs::read(other.key_file()).unwrap()).unwrap();
    let said = house.ends(&find, 1);
    assert!(said.contains("is not the one of"), "{said}");
    house.ends(&["contact", "add", "--for", "crm", "--set", "identity.given_name=Eve"], 1);
    fs::write(house.key_file(), key).unwrap();
    house.done(&["contact", "add", "--for", "crm", "--set", "identity.given_name=Eve"]);
}

#[test]
fn half_a_store_in_files_says_which_half_is_gone() {
    let Some(house) = House::of_files().map(House::init) else { return };
    let find = ["contact", "find", "--for", "crm"];
    house.done(&["contact", "add", "--for", "crm", "--set", "identity.given_name=Eve"]);
    fs::rename(house.path("store.db.keys"), house.path("aside")).unwrap();
    let said = house.ends(&find, 1);
    assert!(said.contains("contacts' keys") && !said.contains("gantry init"), "{said}");
    fs::rename(house.path("aside"), house.path("store.db.keys")).unwrap();
    house.done(&find);
    fs::remove_file(house.path("store.db")).unwrap();
    let said = house.ends(&find, 1);
    assert!(said.contains("though its contacts' keys are there"), "{said}");
    let said = house.ends(&["init"], 1);
    assert!(said.contains("keys of a store that is not"), "{said}");
}

#[test]
fn a_store_may_be_named_by_its_path_and_an_account_needs_roles() {
    let Some(house) = House::of_files().map(House::init) else { return };
    house.done(&["user", "list", "--store", "store.db"]);
    house.done(&["account", "list"]);
    let said = house.ends(&["user", "add", "bert"], 2);
    assert!(said.contains("seller (Sales person)"), "{said}");
}

#[test]
fn a_key_in_the_environment_needs_no_file() {
    let first = House::new();
    let key = fs::read_to_string(first.key_file()).unwrap();
    let house = House::empty();
    let run = |args: &[&str]| house.command(args).env("GANTRY_MASTER_KEY", &key).status().unwrap();
    assert!(run(&["init"]).success());
    assert!(!house.key_file().exists());
    assert!(run(&["audit", "verify"]).success());
}

#[test]
fn where_there_is_no_store_a_command_says_how_to_make_one() {
    let house = House::empty();
    let said = house.ends(&["contact", "find", "--for", "crm"], 1);
    assert!(said.contains("`gantry init` makes a new store"), "{said}");
    let said = house.ends(&["--store", "oracle://somewhere", "user", "list"], 2);
    assert!(said.contains("sqlite:PATH"), "{said}");
    house.ends(&["contact", "find"], 2);
    house.ends(&["no-such-command"], 2);
}

#[test]
fn an_account_works_only_for_the_purposes_of_its_roles() {
    let house = House::new();
    house.done(&["user", "add", "seller", "--role", "seller"]);
    let said = house.ends(&["contact", "find", "--for", "crm"], 2);
    assert!(said.contains("--as"), "{said}");
    house.done(&["contact", "find", "--for", "crm", "--as", "seller"]);
    let refused = house.ends(&["contact", "find", "--for", "invoicing", "--as", "seller"], 3);
    assert!(refused.contains("your role may not work under this purpose"), "{refused}");
    house.ends(&["audit", "show", "--as", "seller"], 3);
    house.ends(&["contact", "find", "--for", "crm", "--as", "nobody"], 1);
    house.ends(&["user", "add", "other", "--role", "emperor", "--as", "tester"], 4);
}

#[test]
fn who_leaves_is_locked_out_with_all_tokens() {
    let house = House::new();
    let tester = |args: &[&str], code| house.ends(&[args, &["--as", "tester"]].concat(), code);
    tester(&["user", "add", "ben", "--role", "seller"], 0);
    let said = tester(&["user", "add", "ben", "--role", "marketer"], 4);
    assert!(said.contains("hint: `--replace`"), "{said}");
    let said = tester(&["token", "grant", "--account", "ben", "--for", "sales,claims"], 0);
    assert!(said.contains("no role of `ben` may work under `claims`"), "{said}");
    assert!(!said.contains("under `sales`"), "{said}");
    let listed = house.json(&["token", "list"]);
    assert!(listed["items"][0]["account"] == "ben" && !listed.to_string().contains("gtr_"));
    let said = tester(&["user", "remove", "tester"], 4);
    assert!(said.contains("last account with all roles"), "{said}");
    tester(&["user", "add", "tester", "--role", "seller", "--replace"], 4);
    tester(&["user", "remove", "ben"], 0);
    assert_eq!(house.json(&["token", "list"])["items"].as_array().map(Vec::len), Some(0));
    let said = tester(&["user", "remove", "ben"], 4);
    assert!(said.contains("there is no account `ben`"), "{said}");
    let did: Vec<String> = house.trail().iter().map(|entry| text(entry, "operation")).collect();
    assert!(did.iter().any(|one| one == "account-remove ben"), "{did:?}");
    house.verify();
}

#[test]
fn a_token_is_ended_by_the_id_that_is_listed() {
    let house = House::new();
    let granted = house.json(&["token", "grant", "--for", "crm", "--label", "till"]);
    let listed = house.done(&["token", "list"]).out;
    assert!(listed.contains("till") && !listed.contains(&text(&granted, "token")), "{listed}");
    let id = text(&house.json(&["token", "list"])["items"][0], "id");
    house.done(&["token", "revoke", &id]);
    house.ends(&["token", "revoke", &id], 1);
    house.ends(&["token", "revoke", &text(&granted, "token")], 1);
    let last = house.trail().iter().map(|entry| text(entry, "operation")).collect::<Vec<_>>();
    assert!(last.contains(&format!("token-revoke {id}")), "{last:?}");
}

#[test]
fn a_token_is_shown_once_and_can_be_ended() {
    let house = House::new();
    let granted = house.json(&["token", "grant", "--for", "crm,sales", "--label", "test"]);
    let token = text(&granted, "token");
    assert!(token.starts_with("gtr_"), "{granted}");
    house.done(&["token", "revoke", &token]);
    house.ends(&["token", "revoke", &token], 1);
    house.ends(&["token", "revoke", "gtr_nonsense"], 4);
    house.ends(&["token", "grant", "--for", "no-such-purpose"], 4);
    house.ends(&["token", "grant", "--for", "crm", "--days", "5000"], 2);
}
