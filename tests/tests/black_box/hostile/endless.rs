//! Fields of a hundred megabytes, and files without end: the memory of the program stays small.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::process::Stdio;
use std::time::Duration;

use super::{Counts, clear};
use crate::support::{House, Ran};

const HUGE: usize = 100 << 20;
/// The program may have this much memory at its highest, in KiB; idle it has about 20,000.
const MOST_MEMORY: u64 = 150 << 10;

/// Runs it and watches how much memory it takes at most.
fn watched(house: &House, args: &[&str]) -> (Ran, u64) {
    let mut command = house.command(args);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut most = 0;
    while child.try_wait().unwrap().is_none() {
        let told = fs::read_to_string(&status).unwrap_or_default();
        let peak = told.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let peak = peak.and_then(|peak| peak.trim().trim_end_matches(" kB").parse().ok());
        most = most.max(peak.unwrap_or(0));
        std::thread::sleep(Duration::from_millis(5));
    }
    (Ran::of(child.wait_with_output().unwrap()), most)
}

/// Writes a file with something huge between two texts.
fn huge(house: &House, name: &str, before: &str, after: &str) {
    let mut file = BufWriter::new(File::create(house.path(name)).unwrap());
    file.write_all(before.as_bytes()).unwrap();
    let block = vec![b'x'; 1 << 16];
    for _ in 0..HUGE / block.len() {
        file.write_all(&block).unwrap();
    }
    file.write_all(after.as_bytes()).unwrap();
    file.flush().unwrap();
}

#[test]
fn a_field_of_a_hundred_megabytes_costs_no_memory_and_is_refused() {
    let house = House::new();
    let before = Counts::of(&house);
    let head = "Record ID,First Name,Last Name,Email,Lifecycle Stage\n";
    let good = "3,Cora,Muster,c@muster.example,lead\n";
    let files = [
        ("hubspot", format!("{head}1,\""), format!("\",Muster,a@muster.example,lead\n{good}")),
        ("hubspot", format!("{head}{good}1,\""), String::new()),
        ("hubspot", format!("{head}{good}"), "\n".to_owned()),
        ("hubspot", "Record ID,".to_owned(), format!("\n{good}")),
        (
            "vcard",
            "BEGIN:VCARD\nVERSION:3.0\nFN:Anna\nNOTE:".to_owned(),
            "\nEND:VCARD\n".to_owned(),
        ),
        (
            "thunderbird-ldif",
            "dn: cn=Anna\ncn: ".to_owned(),
            "\nmail: a@muster.example\n".to_owned(),
        ),
    ];
    for (map, first, last) in files {
        huge(&house, "huge", &first, &last);
        let import = ["import", "--for", "crm", "--source", "huge", "--map", map, "huge"];
        let (ran, most) = watched(&house, &import);
        clear(&ran, 4, map);
        assert!(most < MOST_MEMORY, "{map}: {most} KiB");
        assert!(ran.err.len() + ran.out.len() < 10_000, "it tells too much");
    }
    assert_eq!(Counts::of(&house), before);
}

#[test]
fn a_notice_and_a_map_of_a_hundred_megabytes_are_refused_unread() {
    let house = House::new();
    huge(&house, "huge.toml", "name = \"", "\"\n");
    fs::write(house.path("rows.csv"), "Email\na@muster.example\n").unwrap();
    for args in [
        &["notice", "check", "huge.toml"][..],
        &["notice", "diff", "huge.toml", "huge.toml"],
        &["import", "--for", "crm", "--source", "x", "--map", "huge.toml", "rows.csv"],
    ] {
        let (ran, most) = watched(&house, args);
        clear(&ran, 4, args[0]);
        assert!(most < MOST_MEMORY, "{args:?}: {most} KiB");
    }
}

#[test]
fn what_is_no_file_or_has_no_end_is_refused() {
    let house = House::new();
    fs::write(house.path("rows.csv"), "Email\na@muster.example\n").unwrap();
    let import = ["import", "--for", "crm", "--source", "x", "--map"];
    let cases: [(&[&str], i32); 9] = [
        (&["hubspot", "/dev/zero"], 4),
        (&["hubspot", "/dev/null"], 4),
        (&["hubspot", "."], 4),
        (&["hubspot", "/nowhere/at-all.csv"], 1),
        (&["hubspot", "rows.csv/rows.csv"], 1),
        (&["/dev/zero", "rows.csv"], 4),
        (&["/dev/null", "rows.csv"], 4),
        (&[".", "rows.csv"], 1),
        (&["/nowhere/at-all.toml", "rows.csv"], 1),
    ];
    for (args, code) in cases {
        let (ran, most) = watched(&house, &[&import[..], args].concat());
        clear(&ran, code, args[0]);
        assert!(most < MOST_MEMORY, "{args:?}: {most} KiB");
    }
    for (name, code) in [("/dev/zero", 4), ("/dev/null", 4), (".", 1), ("/nowhere", 1)] {
        clear(&house.run(&["notice", "check", name]), code, name);
    }
}
