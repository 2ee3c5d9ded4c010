//! Several nodes on one database: they write to the same contacts, clean up at once, are fenced off.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use gantry_store::{
    Batch, Conflict, ContactRow, Expect, ObjectRow, RecordRow, Space, Store, StoreError, Write,
};
use gantry_testbed::Database;

use crate::conformance::trail;
use crate::make::{
    Place, batch, contact, create, damage, id, key, object, of, open, record, told, tombstone,
};

const PEOPLE: u32 = 6;

/// Two nodes on one database.
async fn two() -> (Database, [Store; 2]) {
    let database = Database::new();
    let one = create(&database.location()).await;
    let other = open(&database.location()).await;
    (database, [one, other])
}

/// Has the leases of all nodes run out.
fn end_leases(database: &Database) {
    database.sql("UPDATE node SET leased_until = now() - interval '1 second'");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nodes_that_write_to_the_same_contacts_in_opposite_orders_all_come_through() {
    let (database, nodes) = two().await;
    let people: Vec<Write> = (0..PEOPLE)
        .flat_map(|n| [Write::Contact(contact(n)), Write::Object(object(1, n))])
        .collect();
    nodes[0].commit(batch(people)).await.unwrap();
    let acknowledged = Arc::new(AtomicI64::new(0));
    let writers = (0..6).map(|writer: usize| {
        let (store, done) = (nodes[writer % 2].clone(), Arc::clone(&acknowledged));
        tokio::spawn(async move {
            for round in 0..12 {
                while !write_all(&store, writer, round).await {}
                done.fetch_add(1, Ordering::Relaxed);
            }
        })
    });
    let writers: Vec<_> = writers.collect();
    // Somebody else who locks in an order of his own: deadlocks, each of which ends one of the two.
    for _ in 0..15 {
        let lock = |n| format!("UPDATE contact SET country = country WHERE id = '{}';", text(n));
        let sql = format!("BEGIN; {} SELECT pg_sleep(0.02); {} COMMIT", lock(5), lock(0));
        let database = &database;
        let _ = tokio::task::block_in_place(|| database.try_sql(&sql));
    }
    for writer in writers {
        writer.await.unwrap();
    }
    let done = acknowledged.load(Ordering::Relaxed);
    assert_eq!(done, 6 * 12);
    for n in 0..PEOPLE {
        let found = nodes[1].contacts(&[id(n)]).await.unwrap().value.remove(0).unwrap();
        assert_eq!(found.version, 1 + done, "contact {n}");
        let found = nodes[1].objects(1, &[id(n)]).await.unwrap().value.remove(0).unwrap();
        assert_eq!(found.version, 1 + done, "object {n}");
    }
    let links = trail(&nodes[0]).await;
    assert_eq!(i64::from(links.iter().map(|link| link.entries).sum::<u32>()), done);
    assert_eq!(damage(&nodes[0]).await, [""; 0]);
}

/// Raises the versions of all contacts and objects; says whether it could.
async fn write_all(store: &Store, writer: usize, round: i64) -> bool {
    let mut order: Vec<u32> = (0..PEOPLE).collect();
    if writer % 2 == 1 {
        order.reverse();
    }
    let ids: Vec<_> = order.iter().map(|n| id(*n)).collect();
    let contacts = store.contacts(&ids).await.unwrap().value;
    let objects = store.objects(1, &ids).await.unwrap().value;
    let place = (Space::Once, vec![u8::try_from(round % 3).unwrap()]);
    let mut all = told(b"raised", [Write::Entry(place.0, place.1, vec![1])]);
    for (contact, object) in contacts.into_iter().zip(objects) {
        let (contact, object) = (contact.unwrap(), object.unwrap());
        all.expects.push(Expect::Contact(contact.id, contact.version));
        all.expects.push(Expect::Object(1, object.id, object.version));
        all.writes.push(Write::Contact(ContactRow { version: contact.version + 1, ..contact }));
        all.writes.push(Write::Object(ObjectRow { version: object.version + 1, ..object }));
    }
    match store.commit(all).await {
        Ok(_) => true,
        Err(StoreError::Conflict { what: Conflict::Contact | Conflict::Object }) => false,
        Err(error) => panic!("{error}"),
    }
}

fn text(number: u32) -> String {
    uuid::Uuid::from_bytes(id(number)).to_string()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_whose_lease_went_to_another_cannot_write_into_that_chain() {
    let (database, [one, _]) = two().await;
    one.commit(told(b"first", [Write::Contact(contact(1))])).await.unwrap();
    let chain = one.audit_heads().await.unwrap().remove(0).chain;
    end_leases(&database);
    let thief = open(&database.location()).await;
    thief.commit(told(b"second", [Write::Contact(contact(2))])).await.unwrap();
    let heads = one.audit_heads().await.unwrap();
    assert_eq!((heads.len(), heads[0].chain, heads[0].sequence), (1, chain, 2));
    // It works on, under another chain.
    one.commit(told(b"third", [Write::Contact(contact(3))])).await.unwrap();
    thief.commit(told(b"fourth", [Write::Contact(contact(4))])).await.unwrap();
    let mut ends: Vec<_> = one
        .audit_heads()
        .await
        .unwrap()
        .iter()
        .map(|head| (head.chain == chain, head.sequence))
        .collect();
    ends.sort_unstable();
    assert_eq!(ends, [(false, 1), (true, 3)]);
    assert_eq!(damage(&one).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_edition_of_a_writer_whose_lease_has_ended_is_given_up_once() {
    let (database, nodes) = two().await;
    nodes[0].commit(batch([Write::Contact(contact(1))])).await.unwrap();
    let dying = open(&database.location()).await;
    for n in 0..8 {
        let edition = dying.begin_edition(b"import").await.unwrap();
        let row = RecordRow { version: 2, ..record(key(1, 1, n)) };
        dying.commit(batch([Write::Record(of(edition, row))])).await.unwrap();
    }
    assert_eq!(nodes[0].discard_abandoned().await.unwrap(), 0, "its writer lives");
    end_leases(&database);
    let [one, other] = &nodes;
    let (by_one, by_other) = tokio::join!(one.discard_abandoned(), other.discard_abandoned());
    assert_eq!(by_one.unwrap() + by_other.unwrap(), 8);
    let settle = async |store: &Store| while store.settle(3).await.unwrap() {};
    tokio::join!(settle(one), settle(other));
    assert_eq!(one.records(id(1), None, None, 99).await.unwrap().value, []);
    assert_eq!(database.sql("SELECT count(*) FROM pending"), "0");
    assert_eq!(database.sql("SELECT count(*) FROM staged"), "0");
    assert_eq!(database.sql("SELECT count(*) FROM record"), "0");
    assert_eq!(damage(one).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_are_destroyed_and_counted_once_whoever_does_it() {
    let (database, nodes) = two().await;
    let erasures = (0..40_u32).map(|n| {
        let store = nodes[usize::try_from(n % 2).unwrap()].clone();
        tokio::spawn(async move {
            let made = [Write::Contact(contact(n)), Write::Key(id(n), vec![1; 40])];
            store.commit(batch(made)).await.unwrap();
            let erase = Write::Erase { tombstone: tombstone(n, 2), kept: Vec::new(), key: None };
            store.commit(batch([erase])).await.unwrap();
            // Whoever settles destroys what others have left, or are about to.
            store.settle(10).await.unwrap();
        })
    });
    for erasure in erasures.collect::<Vec<_>>() {
        erasure.await.unwrap();
    }
    drop(open(&database.location()).await);
    assert_eq!(database.sql("SELECT count(*) FROM doomed"), "0");
    assert_eq!(database.keys_sql("SELECT count(*) FROM key"), "0");
    assert_eq!(database.sql("SELECT erasures FROM feed"), "40");
    assert_eq!(database.keys_sql("SELECT count FROM erasures"), "40");
    assert_eq!(damage(&nodes[0]).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_editions_have_replaced_is_cleaned_up_by_several_at_once() {
    let (database, nodes) = two().await;
    let people = |edition: i64, version: i64| {
        batch((0..60).map(move |n| {
            Write::Record(of(edition, RecordRow { version, ..record(key(n, 1, 1)) }))
        }))
    };
    nodes[0].commit(batch((0..60).map(|n| Write::Contact(contact(n))))).await.unwrap();
    nodes[0].commit(people(0, 1)).await.unwrap();
    let edition = nodes[0].begin_edition(b"import").await.unwrap();
    nodes[0].commit(people(edition, 2)).await.unwrap();
    nodes[0].commit(Batch { publish: Some(edition), ..Batch::default() }).await.unwrap();
    let settle = async |store: &Store| while store.settle(7).await.unwrap() {};
    let busy = async {
        for n in 0..60 {
            let row = RecordRow { version: 3, ..record(key(n, 1, 1)) };
            nodes[1].commit(batch([Write::Record(row)])).await.unwrap();
        }
    };
    tokio::join!(settle(&nodes[0]), settle(&nodes[1]), busy);
    while nodes[0].settle(100).await.unwrap() {}
    assert_eq!(database.sql("SELECT count(*), min(version) FROM record"), "60|3");
    assert_eq!(database.sql("SELECT count(*) FROM staged"), "0");
    assert_eq!(damage(&nodes[0]).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_begins_an_edition_sees_those_with_lower_numbers() {
    let (_database, nodes) = two().await;
    let begin = |node: usize| {
        let store = nodes[node].clone();
        tokio::spawn(async move {
            let edition = store.begin_edition(b"an import").await.unwrap();
            let pending = store.pending().await.unwrap();
            (edition, pending.into_iter().map(|(edition, _)| edition).collect::<Vec<_>>())
        })
    };
    for _ in 0..40 {
        let (one, other) = tokio::join!(begin(0), begin(1));
        let mut both = [one.unwrap(), other.unwrap()];
        both.sort();
        let [(first, _), (_, seen_by_the_second)] = both;
        assert!(seen_by_the_second.contains(&first), "{first} not in {seen_by_the_second:?}");
    }
}
