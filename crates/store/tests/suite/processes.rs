//! Several processes on one file, and processes that are killed.

use std::env;
use std::io::{BufRead, BufReader};

use std::process::{Child, Command, Stdio};

use gantry_store::{Batch, Expect, Location, Store, Write};

use crate::conformance::trail;
use crate::make::{Folder, Place, contact, create, id, key, open, record, told, tombstone};

/// Where a process of this test works, and from which number.
const PLACE: &str = "GANTRY_STORE_TEST_PLACE";
const FROM: &str = "GANTRY_STORE_TEST_FROM";
/// How many contacts it makes.
const CONTACTS: u32 = 150;

/// Not a test by itself: what a second process does. It makes one contact after the other, erases
/// every second one, and says after each step what it has been told to be done.
#[test]
#[ignore = "what a second process does, started by other tests"]
fn second_process() {
    let Ok(place) = env::var(PLACE) else { return };
    let from: u32 = env::var(FROM).unwrap().parse().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let store = runtime.block_on(open(&Location::parse(&place).unwrap()));
    for number in from..from + CONTACTS {
        store.commit_blocking(make(number)).unwrap();
        println!("\nmade {number}");
        if number % 2 == 0 {
            store.commit_blocking(erase(number)).unwrap();
            println!("\nerased {number}");
        }
    }
}

fn make(number: u32) -> Batch {
    let writes = [
        Write::Contact(contact(number)),
        Write::Key(id(number), vec![1; 40]),
        Write::Record(record(key(number, 1, 1))),
        Write::Record(record(key(number, 2, 1))),
    ];
    Batch { expects: vec![Expect::Contact(id(number), 0)], ..told(b"made", writes) }
}

fn erase(number: u32) -> Batch {
    let erase = Write::Erase {
        tombstone: tombstone(number, 2),
        kept: vec![record(key(number, 2, 1))],
        key: Some(vec![2; 40]),
    };
    told(b"erased", [erase])
}

fn start(place: &Folder, from: u32) -> Child {
    Command::new(env::current_exe().unwrap())
        .args(["--exact", "processes::second_process", "--ignored", "--nocapture"])
        .env(PLACE, place.location().to_string())
        .env(FROM, from.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// What a process said it has made and erased, as numbers; stops listening after `lines`.
fn said(child: &mut Child, lines: usize) -> (Vec<u32>, Vec<u32>) {
    let (mut made, mut erased) = (Vec::new(), Vec::new());
    let said = BufReader::new(child.stdout.as_mut().unwrap()).lines().map_while(Result::ok);
    let facts = said.filter_map(|line| {
        let (what, number) = line.split_once(' ')?;
        let list = ["made", "erased"].iter().position(|word| *word == what)?;
        Some((list, number.parse().ok()?))
    });
    for (list, number) in facts.take(lines) {
        if list == 0 { made.push(number) } else { erased.push(number) }
    }
    (made, erased)
}

async fn assert_sound(store: &Store) {
    assert_eq!(store.check().await.unwrap(), [""; 0]);
    trail(store).await;
}

#[tokio::test]
async fn processes_on_one_file_share_rows_and_chain() {
    let place = Folder::new();
    let store = create(&place.location()).await;
    let mut children = [start(&place, 10_000), start(&place, 20_000)];
    for number in 0..50 {
        store.commit(make(number)).await.unwrap();
    }
    for child in &mut children {
        assert_eq!(said(child, usize::MAX).0.len(), 150);
        assert!(child.wait().unwrap().success());
    }
    let links = trail(&store).await;
    assert_eq!(links.iter().map(|link| link.entries).sum::<u32>(), 50 + 2 * (150 + 75));
    assert_eq!(store.contacts(&[id(20_149)]).await.unwrap().value, [Some(contact(20_149))]);
    assert_sound(&store).await;
}

#[tokio::test]
async fn what_a_killed_process_was_told_is_there_and_nothing_is_half_done() {
    let place = Folder::new();
    drop(create(&place.location()).await);
    for round in 0..12 {
        let from = round * 10_000;
        let mut child = start(&place, from);
        let (made, erased) = said(&mut child, 1 + usize::try_from(round * round).unwrap());
        child.kill().unwrap();
        child.wait().unwrap();

        let store = open(&place.location()).await;
        assert_sound(&store).await;
        for number in made {
            let is_erased = erased.contains(&number);
            // What it was not told may have been done, too, but then as a whole.
            let found = store.contacts(&[id(number)]).await.unwrap().value.remove(0).unwrap();
            assert!(found.erased || !is_erased);
            let records = store.records(id(number), None, None, 9).await.unwrap().value.len();
            let wrapped = store.keys(&[id(number)]).await.unwrap().remove(0).unwrap();
            let whole = if found.erased { (1, 2) } else { (2, 1) };
            assert_eq!((records, wrapped[0]), whole);
        }
    }
}
