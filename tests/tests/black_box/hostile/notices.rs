//! Notices that are cut, changed, or no notices.

use std::fs;
use std::path::Path;

use super::clear;
use crate::chance::Chance;
use crate::support::House;

fn bundled() -> Vec<u8> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    fs::read(root.join("notices/customer-contacts.toml")).unwrap()
}

#[test]
fn a_notice_cut_or_changed_anywhere_holds_or_is_told_what_is_wrong() {
    let mut chance = Chance::of("notices");
    let (house, whole) = (House::empty(), bundled());
    for round in 0..40 {
        let mut bytes = whole.clone();
        if round % 2 == 0 {
            bytes.truncate(chance.below(whole.len()));
        } else {
            let (at, length) = (chance.below(bytes.len() - 400), chance.below(400));
            bytes.drain(at..at + length);
            let at = chance.below(bytes.len());
            bytes[at] ^= 1 << chance.below(8);
        }
        fs::write(house.path("n.toml"), &bytes).unwrap();
        let ran = house.run(&["notice", "check", "n.toml"]);
        if ran.code != Some(0) {
            clear(&ran, 4, "a changed notice");
            assert!(ran.err.contains("n.toml"), "no place: {ran:?}");
        }
    }
}

#[test]
fn what_is_no_notice_is_refused_and_no_store_is_made_of_it() {
    let house = House::empty();
    let half = bundled().len() / 2;
    let hostile: [(&str, Vec<u8>); 10] = [
        ("empty", Vec::new()),
        ("no text", vec![0xFF; 1_000]),
        ("zero bytes", vec![0; 1_000]),
        ("broken UTF-8", [&bundled()[..half], b"\xC3\x28", &bundled()[half..]].concat()),
        ("deep lists", [b"a = ".to_vec(), vec![b'['; 200_000]].concat()),
        ("deep tables", [b"a = ".to_vec(), b"{a=".repeat(100_000)].concat()),
        ("a deep name", [b"[a".to_vec(), b".a".repeat(100_000), b"]\n".to_vec()].concat()),
        ("a long name", [vec![b'x'; 400_000], b" = 1\n".to_vec()].concat()),
        (
            "many purposes",
            (0..20_000).flat_map(|n| format!("[purposes.p{n}]\n").into_bytes()).collect(),
        ),
        ("many faults", (0..50_000).flat_map(|n| format!("x{n} = {n}\n").into_bytes()).collect()),
    ];
    for (what, bytes) in hostile {
        fs::write(house.path("hostile.toml"), bytes).unwrap();
        let ran = house.run(&["notice", "check", "hostile.toml"]);
        clear(&ran, 4, what);
        assert!(ran.err.len() < 200_000, "{what}: {} bytes of faults", ran.err.len());
        for command in ["show", "render", "ropa"] {
            clear(&house.run(&["notice", command, "hostile.toml"]), 4, what);
        }
        clear(&house.run(&["init", "--notice", "hostile.toml"]), 4, what);
        let left = fs::read_dir(house.folder()).unwrap().count();
        assert_eq!(left, 1, "{what}: init left something");
    }
}
