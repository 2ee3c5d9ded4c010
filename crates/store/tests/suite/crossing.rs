//! Batches that cross each other on a server: in one group, or from two nodes at the same row.

use futures::future::{join, join3};
use gantry_store::{
    Batch, Conflict, ContactRow, Expect, ObjectRow, RecordRow, Revision, Store, StoreError, Target,
    Write,
};
use gantry_testbed::Database;
use tokio_postgres::{Client, NoTls};

use crate::make::{Place, batch, contact, create, id, key, object, of, open, record};

/// Two nodes on one database.
async fn two() -> (Database, Store, Store) {
    let database = Database::new();
    let one = create(&database.location()).await;
    let other = open(&database.location()).await;
    (database, one, other)
}

fn text(number: u32) -> String {
    uuid::Uuid::from_bytes(id(number)).to_string()
}

/// A transaction of somebody else, who has locked a row.
struct Holder(Client);

impl Holder {
    async fn of(database: &Database, sql: &str) -> Holder {
        let (client, connection) = tokio_postgres::connect(&database.url(), NoTls).await.unwrap();
        tokio::spawn(connection);
        client.batch_execute(&format!("BEGIN; {sql}")).await.unwrap();
        Holder(client)
    }

    /// Until so many wait for a lock in this database.
    async fn until_waiting(&self, count: i64) {
        let sql = "SELECT count(*) FROM pg_stat_activity
             WHERE datname = current_database() AND wait_event_type = 'Lock'";
        // What it says stays as it is within a transaction, unless it is cleared.
        while self.0.query_one(sql, &[]).await.unwrap().get::<_, i64>(0) < count {
            self.0.batch_execute("SELECT pg_stat_clear_snapshot()").await.unwrap();
        }
    }

    async fn let_go(self) {
        self.0.batch_execute("COMMIT").await.unwrap();
    }
}

/// A batch that waits for contact 1, and changes a record of contact 2 that it has seen in version 1.
fn own() -> Batch {
    let place = key(2, 1, 1);
    let writes = [
        Write::Contact(ContactRow { version: 2, ..contact(1) }),
        Write::Record(RecordRow { version: 2, open: b"own".to_vec(), ..record(place) }),
    ];
    Batch { expects: vec![Expect::Record(place, 1)], ..batch(writes) }
}

async fn people(store: &Store) {
    let record = Write::Record(record(key(2, 1, 1)));
    let all = [Write::Contact(contact(1)), Write::Contact(contact(2)), record];
    store.commit(batch(all)).await.unwrap();
}

fn imported(edition: i64) -> Batch {
    let row = RecordRow { version: 2, open: b"imported".to_vec(), ..record(key(2, 1, 1)) };
    batch([Write::Record(of(edition, row))])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_is_published_while_a_batch_waits_is_not_taken_for_hidden() {
    let (database, one, other) = two().await;
    people(&one).await;
    let edition = other.begin_edition(b"").await.unwrap();
    other.commit(imported(edition)).await.unwrap();
    let lock = format!("UPDATE contact SET country = country WHERE id = '{}'", text(1));
    let holder = Holder::of(&database, &lock).await;
    let crossing = async {
        holder.until_waiting(1).await;
        let published = other.commit(Batch { publish: Some(edition), ..Batch::default() });
        let rest = async {
            holder.until_waiting(2).await;
            holder.let_go().await;
        };
        join(published, rest).await.0.unwrap();
    };
    let (own, ()) = join(one.commit(own()), crossing).await;
    // Whoever was first, nothing that anybody has seen is lost.
    own.unwrap();
    let seen = other.record(&key(2, 1, 1)).await.unwrap().value.unwrap();
    assert_eq!(seen.open, b"own");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_edition_that_begins_while_a_batch_waits_is_hidden_from_it() {
    let (database, one, other) = two().await;
    people(&one).await;
    let lock = format!("UPDATE contact SET country = country WHERE id = '{}'", text(1));
    let holder = Holder::of(&database, &lock).await;
    let crossing = async {
        holder.until_waiting(1).await;
        let edition = other.begin_edition(b"").await.unwrap();
        other.commit(imported(edition)).await.unwrap();
        holder.let_go().await;
    };
    let (own, ()) = join(one.commit(own()), crossing).await;
    own.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_lookup_that_came_while_a_batch_waited_is_removed_by_it() {
    let (database, one, other) = two().await;
    one.commit(batch([Write::Object(object(1, 1)), Write::Object(object(2, 1))])).await.unwrap();
    let target = Target::Object(2, id(1));
    let put = |version| Write::Object(ObjectRow { version, ..object(2, 1) });
    let lock = format!("UPDATE object SET closed = closed WHERE kind = 2 AND id = '{}'", text(1));
    let holder = Holder::of(&database, &lock).await;
    let first = other.commit(batch([put(2), Write::Lookup([9; 16], target)]));
    let second = async {
        holder.until_waiting(1).await;
        let both = Write::Object(ObjectRow { version: 2, ..object(1, 1) });
        let second = one.commit(batch([both, put(3), Write::Unlook([9; 16], target)]));
        let rest = async {
            holder.until_waiting(2).await;
            holder.let_go().await;
        };
        join(second, rest).await.0.unwrap();
    };
    let (first, ()) = join(first, second).await;
    first.unwrap();
    let version = one.objects(2, &[id(1)]).await.unwrap().value[0].clone().unwrap().version;
    let found = one.lookup(&[9; 16], None, 9).await.unwrap();
    assert_eq!(version == 3, found.is_empty(), "version {version}, look-ups {found:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_who_make_the_same_contact_the_key_is_the_winners() {
    let (_database, one, other) = two().await;
    for round in 0..40 {
        let make = |who: &[u8]| {
            let sealed = RecordRow { sealed: who.to_vec(), ..record(key(round, 1, 1)) };
            let writes = [
                Write::Contact(contact(round)),
                Write::Key(id(round), who.to_vec()),
                Write::Record(sealed),
            ];
            Batch { expects: vec![Expect::Contact(id(round), 0)], ..batch(writes) }
        };
        let (a, b) = join(one.commit(make(b"one")), other.commit(make(b"other"))).await;
        assert!(a.is_ok() != b.is_ok(), "{a:?} {b:?}");
        let sealed = one.record(&key(round, 1, 1)).await.unwrap().value.unwrap().sealed;
        assert_eq!(one.keys(&[id(round)]).await.unwrap(), [Some(sealed)], "round {round}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_refused_batch_says_of_a_record_is_believed_by_no_other() {
    let (_database, store, _) = two().await;
    let rows = (0..200).map(|n| Write::Record(RecordRow { version: 5, ..record(key(1, 1, n)) }));
    let people = [Write::Contact(contact(1)), Write::Contact(contact(2))].into_iter();
    store.commit(batch(people.chain(rows))).await.unwrap();
    let revise = |n, version| {
        let open = b"x".to_vec();
        Write::Revise(Revision { key: key(1, 1, n), version, expires: 7, objected: 1, open })
    };
    for version in 6..11 {
        let expects = vec![Expect::Contact(id(2), 77)];
        let stale = Batch { expects, ..batch([revise(0, version - 1)]) };
        let good = batch((0..200).map(|n| revise(n, version)));
        // The first keeps the writer busy, so that the others are one group.
        let first = store.commit(batch([Write::Object(object(1, 1))]));
        let (first, stale, good) = join3(first, store.commit(stale), store.commit(good)).await;
        first.unwrap();
        assert_eq!(stale.map(drop), Err(StoreError::Conflict { what: Conflict::Contact }));
        assert_eq!(good.map(drop), Ok(()), "version {version}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_closed_stays_closed_in_a_group_that_put_it_and_revises_it() {
    let (_database, store, _) = two().await;
    store.commit(batch([Write::Contact(contact(1)), Write::Object(object(1, 1))])).await.unwrap();
    for round in 0..5 {
        let place = key(1, 1, round);
        let put = RecordRow { about: Some((1, id(1))), ..record(place) };
        let open = b"x".to_vec();
        let close = batch([
            Write::Close { kind: 1, id: id(1), day: 77 },
            Write::Revise(Revision { key: place, version: 2, expires: 9, objected: 1, open }),
        ]);
        let first = store.commit(batch([Write::Object(object(1, 2))]));
        let put = store.commit(batch([Write::Record(put)]));
        let (first, put, close) = join3(first, put, store.commit(close)).await;
        for done in [first, put, close] {
            done.unwrap();
        }
        let row = store.record(&place).await.unwrap().value.unwrap();
        assert_eq!((row.version, row.closed), (2, 77), "round {round}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_of_nobody_are_taken_as_a_file_takes_them() {
    let (_database, store, _) = two().await;
    let edition = store.begin_edition(b"").await.unwrap();
    for n in 0..3 {
        store.commit(batch([Write::Record(of(edition, record(key(1, 1, n))))])).await.unwrap();
    }
}
