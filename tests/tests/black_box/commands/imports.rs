//! `gantry import`: all of it or nothing, or the good rows and the rejects.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::Value as Json;

use crate::support::House;

use super::rows::names;

const IMPORT: [&str; 7] = ["import", "--for", "crm", "--source", "test", "--map", "map.toml"];

fn import(house: &House, more: &[&str]) -> (Option<i32>, Json) {
    let ran = house.run(&[&IMPORT[..], more, &["--json"]].concat());
    let report = serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("{ran:?}"));
    (ran.code, report)
}

fn contacts(house: &House) -> usize {
    house.json(&["contact", "find", "--for", "crm"])["items"].as_array().unwrap().len()
}

const GOOD: &str =
    "1,Anna,Virta,anna@firm.example,Finland,likes cake\n2,Bo,Berg,bo@firm.example,SE,\n";
const MIXED: &str = "1,Anna,Virta,anna@firm.example,Finland,\n2,Bo,Berg,not an address,SE,\n\
    3,Cy,Dahl,cy@firm.example,Atlantis,\n4,Di,Ek,di@firm.example,Norway,\n";

#[test]
fn good_rows_are_imported_and_the_same_file_twice_changes_nothing() {
    let house = House::new();
    house.people(GOOD);
    let (code, report) = import(&house, &["people.csv"]);
    assert_eq!((code, report["contacts"]["added"].as_u64()), (Some(0), Some(2)), "{report}");
    assert_eq!(report["files"][0]["columns_not_stored"], serde_json::json!(["Note"]));
    let (_, again) = import(&house, &["people.csv"]);
    assert_eq!(again["contacts"]["unchanged"], 2, "{again}");
    assert_eq!(
        (again["contacts"]["added"].as_u64(), again["records"]["changed"].as_u64()),
        (Some(0), Some(0))
    );
    let table = house.done(&[&IMPORT[..], &["people.csv"]].concat()).out;
    assert!(table.contains("not stored") && table.contains("Note"), "{table}");
}

#[test]
fn one_bad_row_keeps_everything_out_and_every_fault_is_told() {
    let house = House::new();
    house.people(MIXED);
    let (code, report) = import(&house, &["people.csv"]);
    assert_eq!((code, report["kept"].as_bool()), (Some(4), Some(false)), "{report}");
    let faults = report["faults"].as_array().unwrap();
    assert_eq!(faults.len(), 2, "{report}");
    assert_eq!((faults[0]["row"].as_u64(), faults[0]["column"].as_str()), (Some(3), Some("Mail")));
    assert_eq!(
        (faults[1]["row"].as_u64(), faults[1]["column"].as_str()),
        (Some(4), Some("Country"))
    );
    assert!(!report.to_string().contains("Atlantis"), "values are not repeated");
    assert_eq!(contacts(&house), 0);
    let said = house.ends(&[&IMPORT[..], &["people.csv"]].concat(), 4);
    assert!(said.contains("people.csv") && said.contains("hint: "), "{said}");
}

#[test]
fn with_keep_good_the_rest_is_kept_and_rejects_are_written() {
    let house = House::new();
    house.people(MIXED);
    let (code, report) = import(&house, &["--keep-good", "people.csv"]);
    assert_eq!((code, report["rejected_rows"].as_u64()), (Some(0), Some(2)), "{report}");
    assert_eq!(contacts(&house), 2);
    let rejects = fs::read_to_string(house.path("people.csv.rejects.csv")).unwrap();
    let lines: Vec<&str> = rejects.lines().collect();
    assert_eq!(lines[0], "Id,First,Last,Mail,Country,Note,gantry_fault");
    assert!(lines[1].starts_with("2,Bo,Berg,not an address,SE,,Mail: "), "{rejects}");
    assert_eq!(lines.len(), 3);
    // Mended, the rejects are a file like any other.
    let mended = rejects.replace("not an address", "bo@firm.example").replace("Atlantis", "DK");
    house.write("mended.csv", mended);
    let (code, report) = import(&house, &["mended.csv"]);
    assert_eq!((code, report["contacts"]["added"].as_u64()), (Some(0), Some(2)), "{report}");
}

#[test]
fn rejects_go_where_they_are_wanted() {
    let house = House::new();
    house.people(MIXED);
    let (code, report) = import(&house, &["--keep-good", "--rejects", "bad.csv", "people.csv"]);
    assert_eq!((code, report["rejects"][0].as_str()), (Some(0), Some("bad.csv")));
    assert!(house.path("bad.csv").exists());
    house.ends(&[&IMPORT[..], &["--rejects", "bad.csv", "people.csv"]].concat(), 2);
    // Without a wish they come to where the command is given, for nobody else to read.
    fs::create_dir(house.path("theirs")).unwrap();
    fs::rename(house.path("people.csv"), house.path("theirs/people.csv")).unwrap();
    house.write("people.csv.rejects.csv", "");
    let (_, report) = import(&house, &["--keep-good", "theirs/people.csv"]);
    assert_eq!(report["rejects"][0], "people.csv.rejects.csv", "{report}");
    let mode = fs::metadata(house.path("people.csv.rejects.csv")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_dry_run_says_what_would_be_and_writes_nothing() {
    let house = House::new();
    house.people(GOOD);
    let (code, report) = import(&house, &["--dry-run", "people.csv"]);
    assert_eq!((code, report["contacts"]["added"].as_u64()), (Some(0), Some(2)), "{report}");
    assert_eq!((report["dry_run"].as_bool(), report["kept"].as_bool()), (Some(true), Some(false)));
    assert_eq!(contacts(&house), 0);
    house.people(MIXED);
    assert_eq!(import(&house, &["--dry-run", "people.csv"]).0, Some(4));
    assert_eq!(import(&house, &["--dry-run", "--keep-good", "people.csv"]).0, Some(0));
    assert_eq!(contacts(&house), 0);
    assert!(!house.path("people.csv.rejects.csv").exists());
}

#[test]
fn several_files_are_one_import() {
    let house = House::new();
    house.people(GOOD);
    house.write("more.csv", "Id,First,Last,Mail,Country,Note\n9,Eva,Holm,nonsense,NO,\n");
    let (code, report) = import(&house, &["people.csv", "more.csv"]);
    assert_eq!((code, report["rows"].as_u64()), (Some(4), Some(3)), "{report}");
    assert_eq!(contacts(&house), 0, "a bad row of one file keeps out the other, too");
    let (code, _) = import(&house, &["--keep-good", "people.csv", "more.csv"]);
    assert_eq!((code, contacts(&house)), (Some(0), 2));
    assert!(house.path("more.csv.rejects.csv").exists());
    assert!(!house.path("people.csv.rejects.csv").exists());
}

#[test]
fn what_a_file_says_about_being_reached_becomes_state() {
    let house = House::new();
    house.people("1,Anna,Virta,anna@firm.example,Finland,stop\n2,Bo,Berg,bo@firm.example,Finland,\n3,,,info@firm.example,Finland,\n");
    let map = super::rows::MAP.to_owned()
        + "\n[[said]]\nwhat = \"objects-marketing\"\nwhen = { column = \"Note\", is = [\"stop\"] }\n";
    house.write("map.toml", map);
    let (code, report) = import(&house, &["people.csv"]);
    assert_eq!(code, Some(0), "{report}");
    assert_eq!(report["said"]["objects to direct marketing"], 1, "{report}");
    assert_eq!(report["shared_mailboxes"], 1, "{report}");
    let marketing = house.json(&["contact", "find", "--for", "marketing"]);
    assert_eq!(names(&marketing["items"], "country").len(), 1, "only Bo is left: {marketing}");
}

#[test]
fn a_purpose_imports_only_what_it_may_collect() {
    let house = House::new();
    house.people(GOOD);
    let args = ["import", "--for", "manufacturing", "--source", "test", "--map", "map.toml"];
    let report = house.json(&[&args[..], &["people.csv"]].concat());
    assert_eq!(report["contacts"]["added"], 0, "{report}");
    assert_eq!(report["refused"]["contact: operation-not-allowed"], 2, "{report}");
    let said = house.done(&[&args[..], &["--dry-run", "people.csv"]].concat()).out;
    assert!(said.contains("nothing to be added") && !said.contains("-not-allowed"), "{said}");
    let args = ["import", "--for", "reporting", "--source", "test", "--map", "map.toml"];
    house.ends(&[&args[..], &["people.csv"]].concat(), 3);
}

#[test]
fn of_many_columns_that_are_not_stored_some_are_named_and_the_others_counted() {
    let house = House::new();
    house.people("");
    let columns: Vec<String> = (0..50).map(|n| format!("Extra {n}")).collect();
    house.write(
        "people.csv",
        format!(
            "Id,First,Last,Mail,Country,{}\n1,Anna,Virta,,FI{}\n",
            columns.join(","),
            ",x".repeat(50)
        ),
    );
    let ran = house.done(&[&IMPORT[..], &["--dry-run", "people.csv"]].concat());
    assert!(ran.out.contains("looked at 1 row and wrote nothing"), "{ran:?}");
    let words: Vec<&str> = ran.out.split_whitespace().collect();
    assert!(words.join(" ").contains("Extra 9 and 40 more; `--json` lists all"), "{ran:?}");
    assert!(ran.out.lines().all(|line| line.len() <= 80), "{ran:?}");
}

#[test]
fn bad_files_and_maps_are_clear_errors() {
    let house = House::new();
    house.people(GOOD);
    house.ends(&[&IMPORT[..], &["missing.csv"]].concat(), 1);
    house.write("empty.csv", "");
    house.ends(&[&IMPORT[..], &["empty.csv"]].concat(), 4);
    house.write("other.csv", "Name,Age\nAnna,44\n");
    let said = house.ends(&[&IMPORT[..], &["other.csv"]].concat(), 4);
    assert!(said.contains("has no column"), "{said}");
    let args = ["import", "--for", "crm", "--source", "test", "other.csv"];
    let said = house.ends(&args, 4);
    assert!(said.contains("hint: ") && said.contains("--map"), "{said}");
    house.write("other.csv", "MailingCity,FirstName\nTurku,Anna\n");
    let said = house.ends(&args, 4);
    assert!(
        said.contains("`salesforce-contacts` comes nearest, but the file misses `LastName`"),
        "{said}"
    );
    house.write("other.csv", "Vorname;Nachname;Email\nAnna;Virta;anna@firm.example\n");
    let said = house.ends(&args, 4);
    assert!(!said.contains("comes nearest") && said.contains("examples/maps/README.md"), "{said}");
    let said = house.ends(&[&args[..], &["--map", "hubsot"]].concat(), 1);
    assert!(said.contains("did you mean `hubspot`?"), "{said}");
    assert!(house.done(&["import", "--help"]).out.contains("salesforce-contacts"));
    house.write("map.toml", "name = \"x\"\n[contact]\nkey = 7\n");
    let said = house.ends(&[&IMPORT[..], &["people.csv"]].concat(), 4);
    assert!(said.contains("map.toml"), "{said}");
    let args = ["import", "--for", "crm", "--source", "not a name", "--map", "map.toml"];
    house.ends(&[&args[..], &["people.csv"]].concat(), 4);
    assert_eq!(contacts(&house), 0);
}

#[test]
fn hostile_files_are_refused_row_by_row() {
    let house = House::new();
    house.people(GOOD);
    let mut open_quote = b"Id,First,Last,Mail,Country,Note\n1,\"Anna,Virta\n".to_vec();
    open_quote.extend(vec![b'x'; 2_000_000]);
    house.write("quote.csv", &open_quote);
    let mut odd = b"Id,First,Last,Mail,Country,Note\n".to_vec();
    odd.extend(
        b"1,An\0na,Virta,a@firm.example,FI,\n2,Bo,Berg\n3,\x80\xff\xfe,X,c@firm.example,FI,\n",
    );
    house.write("odd.csv", &odd);
    for file in ["quote.csv", "odd.csv"] {
        let (code, report) = import(&house, &[file]);
        assert_eq!(code, Some(4), "{report}");
    }
    assert_eq!(contacts(&house), 0);
    house.verify();
}

#[test]
fn cards_are_imported_by_a_built_in_map() {
    let house = House::new();
    house.write(
        "people.vcf",
        "BEGIN:VCARD\r\nVERSION:3.0\r\nN:Virta;Anna;;;\r\nFN:Anna Virta\r\nEMAIL:anna@firm.example\r\nTEL;TYPE=WORK:+358 9 0000\r\nNOTE:likes cake\r\nEND:VCARD\r\n",
    );
    let report = house.json(&["import", "--for", "crm", "--source", "phone", "people.vcf"]);
    assert_eq!(report["contacts"]["added"], 1, "{report}");
    let found = house.json(&["contact", "find", "--for", "crm", "--email", "anna@firm.example"]);
    assert_eq!(found["items"][0]["data"]["identity"]["family_name"], "Virta");
    let named = ["import", "--for", "crm", "--source", "phone", "--map", "vcard", "people.vcf"];
    assert_eq!(house.json(&named)["contacts"]["unchanged"], 1);
}
