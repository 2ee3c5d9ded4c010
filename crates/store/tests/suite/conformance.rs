//! What every backend must do: batches are applied whole or not at all, and told of.

use gantry_store::{
    AuditLink, Batch, Conflict, ContactRow, Expect, LinkPlace, Location, ObjectRow, RecordRow,
    Space, Standing, Store, StoreError, Target, Touched, Write, beginning,
};

use crate::make::{batch, contact, create, id, key, link_hash, object, open, record, told};

fn conflict<T>(what: Conflict) -> Result<T, StoreError> {
    Err(StoreError::Conflict { what })
}

/// Asserts that an answer shows how contacts stand that were changed last, with the head given.
pub(crate) fn assert_standing(standing: &Standing, head: i64, contacts: &[ContactRow]) {
    match standing {
        Standing::Head(seen) => assert_eq!(*seen, head),
        Standing::Contacts(rows) => assert_eq!(rows, contacts),
    }
}

async fn expecting(store: &Store, expect: Expect) -> Result<(), StoreError> {
    let batch = Batch { expects: vec![expect], ..Batch::default() };
    store.commit(batch).await.map(drop)
}

pub(crate) async fn a_batch_is_applied_only_if_what_it_expects_holds(location: &Location) {
    let store = create(location).await;
    let writes = [
        Write::Contact(ContactRow { version: 4, ..contact(1) }),
        Write::Record(RecordRow { version: 5, ..record(key(1, 1, 1)) }),
        Write::Object(ObjectRow { version: 6, ..object(1, 1) }),
        Write::Entry(Space::Once, b"k".to_vec(), b"v".to_vec()),
    ];
    store.commit(batch(writes)).await.unwrap();
    let there = |value: &[u8]| Expect::Entry(Space::Once, b"k".to_vec(), value.to_vec());
    let absent = |key: &[u8]| Expect::NoEntry(Space::Once, key.to_vec());

    for expect in [
        Expect::Contact(id(1), 4),
        Expect::Contact(id(2), 0),
        Expect::Record(key(1, 1, 1), 5),
        Expect::Record(key(1, 1, 2), 0),
        Expect::Object(1, id(1), 6),
        Expect::Object(2, id(1), 0),
        there(b"v"),
        absent(b"other"),
    ] {
        assert_eq!(expecting(&store, expect.clone()).await, Ok(()), "{expect:?}");
    }
    for (expect, what) in [
        (Expect::Contact(id(1), 3), Conflict::Contact),
        (Expect::Contact(id(2), 1), Conflict::Contact),
        (Expect::Record(key(1, 1, 1), 0), Conflict::Record),
        (Expect::Object(1, id(1), 7), Conflict::Object),
        (there(b"w"), Conflict::Entry),
        (absent(b"k"), Conflict::Entry),
    ] {
        assert_eq!(expecting(&store, expect).await, conflict(what));
    }
}

pub(crate) async fn a_batch_that_fails_leaves_nothing(location: &Location) {
    let store = create(location).await;
    store.commit(told(b"first", [Write::Contact(contact(1))])).await.unwrap();
    let head = store.head().await.unwrap();
    let mut failing = told(
        b"never",
        [
            Write::Contact(ContactRow { version: 2, ..contact(1) }),
            Write::Contact(contact(2)),
            Write::Record(record(key(1, 1, 1))),
            Write::Object(object(1, 1)),
            Write::Lookup([1; 16], Target::Contact(id(1))),
            Write::Entry(Space::Meta, vec![1], vec![1]),
            Write::Key(id(2), b"key".to_vec()),
            // A row of an edition that nobody has begun.
            Write::Record(RecordRow { edition: 77, ..record(key(2, 1, 1)) }),
        ],
    );
    assert_eq!(store.commit(failing.clone()).await, conflict(Conflict::Edition));
    failing.writes.pop();
    failing.expects = vec![Expect::Contact(id(1), 9)];
    assert_eq!(store.commit(failing).await, conflict(Conflict::Contact));

    assert_eq!(store.head().await.unwrap(), head);
    assert_eq!(store.contacts(&[id(1), id(2)]).await.unwrap().value, [Some(contact(1)), None]);
    assert_eq!(store.record(&key(1, 1, 1)).await.unwrap().value, None);
    assert_eq!(store.object_count(1).await.unwrap().value, 0);
    assert_eq!(store.lookup(&[1; 16], None, 9).await.unwrap(), []);
    assert_eq!(store.entry(Space::Meta, &[1]).await.unwrap(), None);
    assert_eq!(store.keys(&[id(2)]).await.unwrap(), [None]);
    assert_eq!(trail(&store).await.len(), 1);
    // And the next one is as if nothing had been.
    assert_eq!(store.commit(batch([Write::Contact(contact(2))])).await.unwrap().head, head + 1);
}

pub(crate) async fn of_those_who_race_for_one_version_one_wins(location: &Location) {
    let store = create(location).await;
    store.commit(batch([Write::Contact(contact(1))])).await.unwrap();
    let racers: Vec<_> = (0..20u8)
        .map(|racer| {
            let store = store.clone();
            let row = ContactRow { version: 2, state: vec![racer], ..contact(1) };
            let batch = Batch {
                expects: vec![Expect::Contact(id(1), 1)],
                ..told(&[racer], [Write::Contact(row)])
            };
            tokio::spawn(async move { store.commit(batch).await.is_ok() })
        })
        .collect();
    let mut winners = Vec::new();
    for (racer, handle) in (0u8..).zip(racers) {
        if handle.await.unwrap() {
            winners.push(racer);
        }
    }
    assert_eq!(winners.len(), 1);
    let found = store.contacts(&[id(1)]).await.unwrap().value;
    assert_eq!(found[0].as_ref().unwrap().state, winners);
    assert_eq!(bodies(&trail(&store).await), winners);
}

fn bodies(links: &[AuditLink]) -> Vec<u8> {
    links.iter().flat_map(|link| link.body.iter().copied()).collect()
}

/// All links of all chains.
pub(crate) async fn trail(store: &Store) -> Vec<AuditLink> {
    let mut links = Vec::new();
    for head in store.audit_heads().await.unwrap() {
        let chain = store.audit_links(&head.chain, 0, usize::MAX).await.unwrap();
        assert_eq!(chain.last(), Some(&head));
        assert_chain(&chain);
        links.extend(chain);
    }
    links
}

/// Asserts that links are a chain from the very beginning.
fn assert_chain(links: &[AuditLink]) {
    let mut previous = beginning(&links[0].chain);
    for (sequence, link) in (1..).zip(links) {
        assert_eq!(link.chain, links[0].chain);
        assert_eq!(link.sequence, sequence);
        assert_eq!(link.previous, previous);
        let hash = link_hash(&previous, sequence, link.at, link.entries, &link.body);
        assert_eq!(link.hash, hash);
        previous = hash;
    }
}

pub(crate) async fn every_entry_of_the_audit_is_in_the_chain_once(location: &Location) {
    let store = create(location).await;
    let writers: Vec<_> = (0..100u8)
        .map(|writer| {
            let store = store.clone();
            let mut batch = told(&[writer], []);
            batch.audit_entries = u32::from(writer % 3);
            tokio::spawn(async move { store.commit(batch).await.unwrap() })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    let links = trail(&store).await;
    let mut written = bodies(&links);
    written.sort_unstable();
    assert_eq!(written, (0..100).collect::<Vec<u8>>());
    assert_eq!(links.iter().map(|link| link.entries).sum::<u32>(), 99);
    let last = links.last().unwrap();
    let tail = store.audit_links(&last.chain, last.sequence - 1, 9).await.unwrap();
    assert_eq!(tail, links[links.len() - 1..]);
    // Who says nothing is not in it.
    store.commit(batch([Write::Contact(contact(1))])).await.unwrap();
    assert_eq!(trail(&store).await, links);
}

pub(crate) async fn an_entry_says_where_the_audit_tells_of_its_batch(location: &Location) {
    let store = create(location).await;
    let tasks = (0..20u8).map(|number| {
        let store = store.clone();
        let batch = told(&[number], [Write::Where(Space::Removed, vec![number])]);
        tokio::spawn(async move { store.commit(batch).await.unwrap() })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }
    for number in 0..20u8 {
        let place = store.entry(Space::Removed, &[number]).await.unwrap().unwrap();
        let LinkPlace { chain, sequence } = LinkPlace::decode(&place).unwrap();
        let link = store.audit_links(&chain, sequence - 1, 1).await.unwrap().remove(0);
        assert_eq!((link.chain, link.sequence), (chain, sequence));
        assert!(link.body.contains(&number));
    }
    let silent = batch([Write::Where(Space::Removed, vec![0])]);
    assert!(matches!(store.commit(silent).await, Err(StoreError::Invalid { .. })));
}

pub(crate) async fn the_feed_names_each_target_of_a_batch_once(location: &Location) {
    let store = create(location).await;
    let (one, two) = (Touched::Contact(id(1)), Touched::Records(id(2)));
    let (of_one, thing) = (Touched::Records(id(1)), Touched::Object(1, id(1)));
    let head = store
        .commit(batch([
            Write::Object(object(1, 1)),
            Write::Record(record(key(1, 1, 1))),
            Write::Record(record(key(1, 1, 2))),
            Write::Contact(contact(1)),
            Write::Lookup([1; 16], Target::Contact(id(2))),
            Write::Entry(Space::Meta, vec![1], vec![1]),
            Write::RemoveRecord(key(3, 1, 1)),
        ]))
        .await
        .unwrap()
        .head;
    assert_eq!(head, 3);
    store.commit(batch([Write::RemoveRecord(key(1, 1, 1))])).await.unwrap();
    store.commit(batch([Write::Close { kind: 1, id: id(1), day: 1 }])).await.unwrap();

    let changes = store.changes(0, 100).await.unwrap();
    let touched: Vec<_> = changes.iter().map(|change| change.what).collect();
    assert_eq!(touched, [one, two, thing, of_one, thing]);
    let numbers: Vec<_> = changes.iter().map(|change| change.number).collect();
    assert_eq!(numbers, [1, 2, 3, 4, 5]);
    assert_eq!(store.changes(3, 1).await.unwrap(), changes[3..4]);
}

pub(crate) async fn what_is_acknowledged_is_there_after_opening_again(location: &Location) {
    let store = create(location).await;
    store
        .commit(told(b"x", [Write::Contact(contact(1)), Write::Key(id(1), b"key".to_vec())]))
        .await
        .unwrap();
    let edition = store.begin_edition(b"note").await.unwrap();
    let links = trail(&store).await;
    drop(store);

    let store = open(location).await;
    assert_eq!(store.contacts(&[id(1)]).await.unwrap().value, [Some(contact(1))]);
    assert_eq!(store.keys(&[id(1)]).await.unwrap(), [Some(b"key".to_vec())]);
    assert_eq!(store.pending().await.unwrap(), [(edition, b"note".to_vec())]);
    assert_eq!(trail(&store).await, links);
    assert_eq!(store.check().await.unwrap(), [""; 0]);
}

pub(crate) async fn two_handles_share_rows_feed_and_chain(location: &Location) {
    let one = create(location).await;
    let two = open(location).await;
    let mut head = 0;
    for number in 0..10u8 {
        let (writer, reader) = if number % 2 == 0 { (&one, &two) } else { (&two, &one) };
        let row = contact(u32::from(number));
        head = writer.commit(told(&[number], [Write::Contact(row.clone())])).await.unwrap().head;
        let seen = reader.contacts(&[row.id]).await.unwrap();
        assert_eq!(seen.value, [Some(row)]);
        assert_standing(&seen.standing, head, &[contact(u32::from(number))]);
    }
    assert_eq!(head, 10);
    assert_eq!(trail(&one).await.len(), 10);

    let edition = two.begin_edition(b"").await.unwrap();
    let row = RecordRow { edition, ..record(key(1, 1, 1)) };
    two.commit(batch([Write::Record(row.clone())])).await.unwrap();
    assert_eq!(one.record(&row.key).await.unwrap().value, None);
    one.commit(Batch { publish: Some(edition), ..Batch::default() }).await.unwrap();
    assert_eq!(two.record(&row.key).await.unwrap().value, Some(row));
}

pub(crate) async fn a_batch_can_be_committed_from_anywhere(location: &Location) {
    let store = create(location).await;
    // Within a task of the runtime, more often than a task may go without a pause ...
    for number in 0..300 {
        store.commit_blocking(batch([Write::Contact(contact(number))])).unwrap();
    }
    // ... and from a thread that knows no runtime.
    let other = store.clone();
    std::thread::spawn(move || other.commit_blocking(batch([Write::Contact(contact(300))])))
        .join()
        .unwrap()
        .unwrap();
    assert_eq!(store.head().await.unwrap(), 301);
}

/// Contact and record are changed together, so what a reader learns of the contact may not be older
/// than the record.
pub(crate) async fn what_decides_is_not_older_than_what_is_read(location: &Location) {
    let store = create(location).await;
    let versions = 1..=200i64;
    let step = |version| {
        let mut row = record(key(1, 1, 1));
        row.version = version;
        batch([Write::Contact(ContactRow { version, ..contact(1) }), Write::Record(row)])
    };
    store.commit(step(1)).await.unwrap();
    let readers: Vec<_> = (0..4)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move {
                let mut seen = Vec::new();
                while seen.last() != Some(&200) {
                    let found = store.record(&key(1, 1, 1)).await.unwrap();
                    let version = found.value.unwrap().version;
                    match found.standing {
                        // Each batch is one change.
                        Standing::Head(head) => assert!(head >= version),
                        Standing::Contacts(rows) => assert_eq!(rows[0].version, version),
                    }
                    seen.push(version);
                    tokio::task::yield_now().await;
                }
                assert!(seen.is_sorted());
            })
        })
        .collect();
    for version in versions.skip(1) {
        store.commit(step(version)).await.unwrap();
    }
    for reader in readers {
        reader.await.unwrap();
    }
}
