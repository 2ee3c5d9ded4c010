//! `gantry audit`: what was done is told, and whoever changes the account of it is found out.

use std::fs;

use serde_json::Value as Json;

use crate::support::House;

use super::rows::names;

#[test]
fn every_access_is_in_the_trail_allowed_or_denied() {
    let house = House::new();
    let id = house.somebody("Anna", "FI");
    house.done(&["contact", "show", "--for", "crm", &id]);
    house.ends(&["contact", "show", "--for", "reporting", &id], 3);
    house.ends(
        &["record", "find", "--for", "manufacturing", "--contact", &id, "--category", "payment"],
        3,
    );
    let about = house.json(&["audit", "show", "--contact", &id]);
    let purposes = names(&about["items"], "purpose");
    assert!(purposes.contains(&"crm") && purposes.contains(&"manufacturing"), "{about}");
    let denied = house.json(&["audit", "show", "--denied"]);
    assert!(names(&denied["items"], "reason").contains(&"not-in-notice"), "{denied}");
    let by_crm = house.json(&["audit", "show", "--for", "crm", "--allowed"]);
    assert!(names(&by_crm["items"], "purpose").iter().all(|purpose| *purpose == "crm"));
    // A look at the trail is in it, too.
    let looks = house.json(&["audit", "show", "--for", "integrity"]);
    assert!(!looks["items"].as_array().unwrap().is_empty());
    house.ends(&["audit", "show", "--for", "no-such-purpose"], 4);
    let ran = house.done(&["audit", "show", "--by", "nobody"]);
    assert!(ran.out.is_empty() && ran.err.contains("there are: tester"), "{ran:?}");
    house.ends(&["audit", "show", "--from", "yesterday"], 2);
}

#[test]
fn the_trail_names_nobody() {
    let house = House::new();
    house.somebody("Anna", "FI");
    house.done(&["contact", "find", "--for", "crm", "--name", "anna"]);
    let exported = house.done(&["audit", "export"]).out;
    assert!(exported.lines().count() >= 2);
    assert!(!exported.to_lowercase().contains("anna"), "{exported}");
    for line in exported.lines() {
        let entry: Json = serde_json::from_str(line).unwrap();
        assert_eq!(entry["actor"], "tester");
    }
    assert!(house.done(&["audit", "show"]).out.contains("crm/relations"));
}

#[test]
fn the_trail_is_proved_and_a_changed_byte_is_found() {
    let Some(house) = House::of_files().map(House::init) else { return };
    let id = house.somebody("Anna", "FI");
    house.done(&["contact", "show", "--for", "crm", &id]);
    house.verify();
    let said = house.done(&["audit", "verify"]).out;
    assert!(said.starts_with("the trail holds"), "{said}");
    // The actor's name lies in every entry: the one in the oldest link is changed.
    let path = house.path("store.db");
    let mut bytes = fs::read(&path).unwrap();
    let places = bytes.windows(6).enumerate().filter(|(_, window)| *window == b"tester");
    let places: Vec<usize> = places.map(|(place, _)| place).collect();
    assert!(!places.is_empty());
    for place in places {
        bytes[place] = b'T';
    }
    fs::write(&path, bytes).unwrap();
    let ran = house.run(&["audit", "verify", "--as", "Tester"]);
    let ran = if ran.code == Some(1) && ran.err.contains("account") {
        house.run(&["audit", "verify", "--as", "tester"])
    } else {
        ran
    };
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.out.contains("NOT hold"), "{ran:?}");
    assert!(ran.out.contains("link 1 of chain 00000000-0000-"), "{ran:?}");
}

#[test]
fn a_cut_tail_contradicts_the_checkpoints() {
    let Some(house) = House::of_files().map(House::init) else { return };
    let early = fs::read(house.path("store.db")).unwrap();
    let early_keys = fs::read(house.path("store.db.keys")).unwrap();
    house.somebody("Anna", "FI");
    house.verify();
    fs::write(house.path("store.db"), early).unwrap();
    fs::write(house.path("store.db.keys"), early_keys).unwrap();
    let ran = house.run(&["audit", "verify", "--json"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let report: Json = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(report["holds"], false, "{report}");
}

#[test]
fn every_file_of_checkpoints_is_wanted() {
    let house = House::new();
    let elsewhere = house.path("elsewhere").display().to_string();
    house.done(&["company", "find", "--for", "crm", "--checkpoints", &elsewhere]);
    let ran = house.run(&["audit", "verify"]);
    assert_eq!(ran.code, Some(5), "nothing is known to be wrong: {ran:?}");
    assert!(ran.out.starts_with("the trail holds as far as was given (1 file of"), "{ran:?}");
    assert!(ran.out.contains("checkpoint 1 of file"), "{ran:?}");
    assert!(ran.out.contains("the file was not given"), "{ran:?}");
    assert!(ran.err.contains("hint: every machine") && ran.err.contains("FILE..."), "{ran:?}");
    let report = house.json(&["audit", "verify", &elsewhere]);
    assert_eq!(report["holds"], true, "{report}");
    assert_eq!(report["chains"].as_array().unwrap().len(), 1, "{report}");
    let said = house.ends(&["audit", "verify", "nowhere"], 1);
    assert!(said.contains("hint: a node makes its file when it starts to serve"), "{said}");
}

#[test]
fn a_line_that_was_taken_from_the_checkpoints_is_missed() {
    let house = House::new();
    for _ in 0..3 {
        house.done(&["company", "find", "--for", "crm"]);
    }
    house.verify();
    let path = house.beside("checkpoints");
    let lines = fs::read_to_string(&path).unwrap();
    let mut lines: Vec<&str> = lines.split_inclusive('\n').collect();
    lines.remove(1);
    fs::write(&path, lines.concat()).unwrap();
    for _ in 0..2 {
        let ran = house.run(&["audit", "verify", "--json"]);
        assert_eq!(ran.code, Some(1), "{ran:?}");
        let report: Json = serde_json::from_str(&ran.out).unwrap();
        assert_eq!(report["faults"][0]["checkpoints"], serde_json::json!([2, 2]), "{report}");
        assert_eq!(report["fault_count"], 1, "{report}");
    }
}

#[test]
fn processes_that_work_at_once_share_a_file_of_checkpoints() {
    let house = House::new();
    for _ in 0..3 {
        let find = || house.command(&["company", "find", "--for", "crm"]).output();
        std::thread::scope(|scope| {
            let running: Vec<_> = (0..6).map(|_| scope.spawn(find)).collect();
            for process in running {
                assert!(process.join().unwrap().unwrap().status.success());
            }
        });
    }
    house.verify();
    let lines = fs::read_to_string(house.beside("checkpoints")).unwrap();
    let lines: Vec<Json> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(lines.iter().all(|line| line["file"] == lines[0]["file"]));
    assert!((1..).zip(&lines).all(|(number, line)| line["number"] == number));
}
