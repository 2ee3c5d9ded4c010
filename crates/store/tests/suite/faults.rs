//! What servers and networks do: connections that are cut, silent, slow or too few.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use gantry_store::{Batch, ContactRow, Expect, Location, Store, StoreError, Write};
use gantry_testbed::{Database, Proxy};

use crate::conformance::trail;
use crate::make::{Place, contact, create, id, key, open, record, told};

/// A database, and a line to it that can be broken.
struct Line {
    direct: Store,
    far: Store,
    proxy: Arc<Proxy>,
    database: Database,
}

impl Line {
    async fn to_a_store(settings: &str) -> Line {
        let database = Database::new();
        let direct = create(&database.location()).await;
        let (begin, rest) = database.url().split_once("127.0.0.1:").map(owned).unwrap();
        let (port, name) = rest.split_once('/').map(owned).unwrap();
        let proxy = Arc::new(Proxy::to(port.parse().unwrap()));
        let url = format!("{begin}127.0.0.1:{}/{name}?{settings}", proxy.port());
        let far = open(&Location::parse(&url).unwrap()).await;
        Line { direct, far, proxy, database }
    }

    /// Breaks the line in some way after a while, and mends it after another.
    fn break_for(&self, wait: Duration, length: Duration, how: fn(&Proxy)) {
        let proxy = Arc::clone(&self.proxy);
        thread::spawn(move || {
            thread::sleep(wait);
            how(&proxy);
            thread::sleep(length);
            proxy.mend();
        });
    }
}

fn owned((one, other): (&str, &str)) -> (String, String) {
    (one.to_owned(), other.to_owned())
}

/// A contact with a record and a key, which is not there yet.
fn make(number: u32) -> Batch {
    let writes = [
        Write::Contact(contact(number)),
        Write::Key(id(number), vec![1; 40]),
        Write::Record(record(key(number, 1, 1))),
    ];
    Batch { expects: vec![Expect::Contact(id(number), 0)], ..told(b"made", writes) }
}

/// The next version of a contact.
fn change(number: u32, version: i64) -> Batch {
    let expects = vec![Expect::Contact(id(number), version)];
    let writes = [Write::Contact(ContactRow { version: version + 1, ..contact(number) })];
    Batch { expects, ..told(b"changed", writes) }
}

async fn version(store: &Store, number: u32) -> i64 {
    let found = store.contacts(&[id(number)]).await.unwrap().value.remove(0);
    found.map_or(0, |row| row.version)
}

async fn entries(store: &Store) -> u32 {
    trail(store).await.iter().map(|link| link.entries).sum()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_whose_connection_is_cut_happens_once_and_is_acknowledged() {
    let line = Line::to_a_store("").await;
    line.far.commit(make(1)).await.unwrap();
    let mut at = 1;
    for round in 0..60_u64 {
        // From before it begins until after it has ended.
        let wait = Duration::from_micros(round * 300);
        line.break_for(wait, Duration::from_millis(5), Proxy::cut);
        line.far.commit(change(1, at)).await.unwrap();
        at += 1;
        assert_eq!(version(&line.direct, 1).await, at, "round {round}");
    }
    assert_eq!(entries(&line.direct).await, 61);
    assert_eq!(line.direct.check().await.unwrap(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_that_comes_late_over_a_lost_connection_is_not_done_again() {
    let line = Line::to_a_store("").await;
    line.far.commit(make(1)).await.unwrap();
    for round in 0..4 {
        let before = line.direct.head().await.unwrap();
        thread::scope(|scope| {
            // Whoever commits waits for the feed, last of all, until long after its line was cut.
            let held = "BEGIN; SELECT head FROM feed FOR UPDATE; SELECT pg_sleep(0.6); COMMIT";
            scope.spawn(|| line.database.sql(held));
            thread::sleep(Duration::from_millis(150));
            line.break_for(Duration::from_millis(150), Duration::from_millis(20), Proxy::cut);
            line.far.commit_blocking(change(1, 1 + round)).unwrap();
        });
        assert_eq!(version(&line.direct, 1).await, 2 + round);
        assert_eq!(line.direct.head().await.unwrap(), before + 1, "done twice in round {round}");
    }
    assert_eq!(entries(&line.direct).await, 5);
    assert_eq!(line.direct.check().await.unwrap(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reads_wait_for_a_short_break_and_end_clearly_in_a_long_one() {
    let line = Line::to_a_store("").await;
    line.far.commit(make(1)).await.unwrap();
    for how in [Proxy::cut, Proxy::freeze] {
        line.break_for(Duration::ZERO, Duration::from_millis(200), how);
        for _ in 0..20 {
            assert_eq!(version(&line.far, 1).await, 1);
        }
    }
    line.proxy.cut();
    let error = line.far.contacts(&[id(1)]).await.unwrap_err();
    assert!(matches!(error, StoreError::Unreachable { .. }), "{error}");
    assert!(error.to_string().contains("hint: "), "{error}");
    line.proxy.mend();
    assert_eq!(version(&line.far, 1).await, 1);
    line.proxy.slow(Duration::from_millis(30));
    assert_eq!(version(&line.far, 1).await, 1);
    line.far.commit(change(1, 1)).await.unwrap();
    assert_eq!(version(&line.direct, 1).await, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_over_a_frozen_line_waits_and_happens_once() {
    let line = Line::to_a_store("").await;
    line.far.commit(make(1)).await.unwrap();
    for round in 0..12_u64 {
        let wait = Duration::from_micros(round * 700);
        line.break_for(wait, Duration::from_millis(300), Proxy::freeze);
        let at = i64::try_from(round).unwrap() + 1;
        line.far.commit(change(1, at)).await.unwrap();
        assert_eq!(version(&line.direct, 1).await, at + 1, "round {round}");
    }
    assert_eq!(entries(&line.direct).await, 13);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn where_all_connections_are_in_use_that_is_said_and_passes() {
    let line = Line::to_a_store("pool=1").await;
    line.far.commit(make(1)).await.unwrap();
    line.proxy.slow(Duration::from_millis(250));
    let begun = Instant::now();
    let reads = (0..40).map(|_| {
        let far = line.far.clone();
        tokio::spawn(async move { far.contacts(&[id(1)]).await })
    });
    let (mut answered, mut refused) = (0, 0);
    for read in reads.collect::<Vec<_>>() {
        match read.await.unwrap() {
            Ok(seen) => answered += usize::from(seen.value == [Some(contact(1))]),
            Err(StoreError::Exhausted { connections: 1 }) => refused += 1,
            Err(error) => panic!("{error}"),
        }
    }
    assert!(answered > 0 && refused > 0, "{answered} answered, {refused} refused");
    assert_eq!(answered + refused, 40);
    assert!(begun.elapsed() < Duration::from_secs(15), "{:?}", begun.elapsed());
    line.proxy.slow(Duration::ZERO);
    for _ in 0..5 {
        assert_eq!(version(&line.far, 1).await, 1);
    }
}
