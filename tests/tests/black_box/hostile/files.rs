//! Files to import that are cut, broken or made up.

use std::fs;

use super::{Counts, clear};
use crate::chance::Chance;
use crate::support::House;

const HEAD: &str = "Record ID,First Name,Last Name,Email,Phone Number,Lifecycle Stage,Country\n";
const GOOD: &str = "1,Anna,Muster,anna@muster.example,+49301234567,lead,DE\n";

/// Bytes, and the built-in map they are read with.
struct File {
    what: &'static str,
    map: &'static str,
    bytes: Vec<u8>,
}

fn csv(what: &'static str, rows: impl AsRef<[u8]>) -> File {
    File { what, map: "hubspot", bytes: [HEAD.as_bytes(), GOOD.as_bytes(), rows.as_ref()].concat() }
}

fn raw(what: &'static str, map: &'static str, bytes: impl AsRef<[u8]>) -> File {
    File { what, map, bytes: bytes.as_ref().to_vec() }
}

/// All of these have something that must not be let in, most beside a row that may.
fn bad_files() -> Vec<File> {
    let card = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Anna Muster\r\nN:Muster;Anna\r\nEMAIL:anna@muster.example\r\n";
    let entry = "dn: cn=Anna\nobjectclass: person\ncn: Anna Muster\nmail: anna@muster.example\n";
    vec![
        csv(
            "a quotation mark that never closes",
            "2,\"Berta,Muster,b@muster.example,,lead,DE\n3,C,C,c@muster.example,,lead,DE\n",
        ),
        csv("a row that is cut", "2,Berta,Mus"),
        csv("a row with too many cells", "2,Berta,Muster,b@muster.example,,lead,DE,x,y,z\n"),
        csv("a zero byte", b"2,Ber\0ta,Muster,b@muster.example,,lead,DE\n"),
        csv(
            "an escape sequence of a terminal",
            "2,\u{1b}[2J\u{1b}]0;Berta\u{7},Muster,b@muster.example,,lead,DE\n",
        ),
        csv("no address", "2,Berta,Muster,not an address,,lead,DE\n"),
        csv("no country", "2,Berta,Muster,b@muster.example,,lead,Narnia\n"),
        csv(
            "a name beyond the notice's bound",
            format!("2,{},Muster,b@muster.example,,lead,DE\n", "B".repeat(81)),
        ),
        csv(
            "broken UTF-8 among good",
            [
                &b"2,J\xc3\xbcrg,\xc3\x9cber,j@muster.example,,lead,DE\n"[..],
                b"3,Ber\xc3,Muster,b@muster.example,,lead,DE\n",
                "4,Zoë,Müßig,z@muster.example,,lead,DE\n".repeat(40).as_bytes(),
            ]
            .concat(),
        ),
        raw("an empty file", "hubspot", ""),
        raw("a byte order mark and nothing else", "hubspot", "\u{feff}"),
        raw("no text", "hubspot", b"PK\x03\x04\x14\0\x08\0\x08\0!\0\0,\n\0\n\0"),
        raw("a card in place of a table", "hubspot", format!("{card}END:VCARD\r\n\0")),
        raw("a card that is cut", "vcard", card),
        raw(
            "a card after a good one with a zero byte",
            "vcard",
            format!(
                "{card}END:VCARD\r\nBEGIN:VCARD\r\nVERSION:4.0\r\nFN:B\0\r\nEMAIL:b@muster.example\r\nEND:VCARD\r\n"
            ),
        ),
        raw(
            "Base64 that is none",
            "thunderbird-ldif",
            format!("{entry}\ndn: cn=B\nobjectclass: person\ncn:: ####\nmail: b@muster.example\n"),
        ),
        raw(
            "a line that is no attribute",
            "thunderbird-ldif",
            format!(
                "{entry}\ndn: cn=B\nobjectclass: person\nwhat is this\nmail: b@muster.example\n"
            ),
        ),
    ]
}

#[test]
fn a_file_with_anything_wrong_is_refused_and_leaves_nothing() {
    let house = House::new();
    let before = Counts::of(&house);
    for file in bad_files() {
        fs::write(house.path("hostile"), &file.bytes).unwrap();
        let import =
            ["import", "--for", "crm", "--source", "hostile", "--map", file.map, "hostile"];
        let ran = house.run(&import);
        clear(&ran, 4, file.what);
        assert!(!ran.err.contains('\u{1b}') && !ran.out.contains('\u{1b}'), "{}", file.what);
        assert!(
            !ran.err.contains("Berta") && !ran.out.contains("Berta"),
            "a value is told: {ran:?}"
        );
        assert_eq!(Counts::of(&house), before, "{}", file.what);
    }
    house.verify();
}

#[test]
fn a_file_cut_or_changed_anywhere_is_imported_or_refused() {
    let mut chance = Chance::of("cut");
    let house = House::new();
    let many =
        |part: &str| -> String { (0..20).map(|n| part.replace('#', &n.to_string())).collect() };
    let row = "#,\"An\"\"na\",Müster,a#@muster.example,+49301230#,lead,DE\n";
    let table = format!("{HEAD}{}", many(row)).into_bytes();
    let card = "BEGIN:VCARD\nVERSION:2.1\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;Anna=\n #\nEMAIL:a#@muster.example\nEND:VCARD\n";
    let entry =
        "dn: cn=A#\nobjectclass: person\ncn:: TcO8bGxlcg==\n mail\nmail: a#@muster.example\n\n";
    let (cards, entries) = (many(card), many(entry));
    for (map, whole) in [
        ("hubspot", table),
        ("vcard", cards.into_bytes()),
        ("thunderbird-ldif", entries.into_bytes()),
    ] {
        for _ in 0..12 {
            let mut bytes = whole.clone();
            if chance.below(2) == 0 {
                bytes.truncate(chance.below(whole.len()));
            }
            for _ in 0..chance.below(4) {
                let at = chance.below(bytes.len());
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << chance.below(8);
                }
            }
            fs::write(house.path("cut"), &bytes).unwrap();
            let import = ["import", "--for", "crm", "--source", "cut", "--dry-run", "--map", map];
            let ran = house.run(&[&import[..], &["cut"]].concat());
            if ran.code != Some(0) {
                clear(&ran, 4, map);
            }
        }
    }
    assert_eq!(Counts::of(&house).contacts, 0, "they were only looked at");
}

#[test]
fn what_is_good_is_kept_where_that_is_wanted_and_the_bad_rows_are_written_down() {
    let house = House::new();
    let file = csv(
        "",
        "2,Berta,Muster,not an address,,lead,DE\n3,Cora,Cut\n4,Dora,Muster,d@muster.example,,lead,DE\n",
    );
    fs::write(house.path("mixed.csv"), &file.bytes).unwrap();
    let import = ["import", "--for", "crm", "--source", "hostile", "--map", "hubspot", "mixed.csv"];
    let report = house.json(&[&import[..], &["--keep-good"]].concat());
    assert_eq!(report["rejected_rows"], 2, "{report}");
    assert_eq!(Counts::of(&house).contacts, 2);
    let rejects = fs::read_to_string(house.path("mixed.csv.rejects.csv")).unwrap();
    assert_eq!(rejects.lines().count(), 3, "{rejects}");
}
