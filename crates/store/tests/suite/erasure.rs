//! What every backend must do: an erased contact is gone, and stays dead.

use gantry_store::{
    Conflict, ContactRow, Expect, Location, RecordRow, Store, StoreError, Target, Touched, Write,
};

use crate::make::{batch, contact, create, id, key, open, record, tombstone};

async fn with_contact(location: &Location) -> Store {
    let store = create(location).await;
    let writes = [
        Write::Contact(contact(1)),
        Write::Key(id(1), b"first key".to_vec()),
        Write::Record(record(key(1, 1, 1))),
        Write::Record(record(key(1, 7, 1))),
        Write::Lookup([1; 16], Target::Contact(id(1))),
        // Somebody else's.
        Write::Contact(contact(2)),
        Write::Key(id(2), b"other key".to_vec()),
        Write::Record(record(key(2, 1, 1))),
        Write::Lookup([1; 16], Target::Contact(id(2))),
    ];
    store.commit(batch(writes)).await.unwrap();
    store
}

fn erase(version: i64, kept: Vec<RecordRow>, key: Option<&[u8]>) -> Write {
    Write::Erase { tombstone: tombstone(1, version), kept, key: key.map(<[u8]>::to_vec) }
}

pub(crate) async fn an_erased_contact_leaves_only_its_id(location: &Location) {
    let store = with_contact(location).await;
    let head = store.commit(batch([erase(2, vec![], None)])).await.unwrap().head;
    assert_eq!(store.contacts(&[id(1)]).await.unwrap().value, [Some(tombstone(1, 2))]);
    assert_eq!(store.records(id(1), None, None, 99).await.unwrap().value, []);
    assert_eq!(store.lookup(&[1; 16], None, 99).await.unwrap(), [Target::Contact(id(2))]);
    let keys = store.keys(&[id(1), id(2)]).await.unwrap();
    assert_eq!(keys, [None, Some(b"other key".to_vec())]);
    assert_eq!(store.records(id(2), None, None, 99).await.unwrap().value.len(), 1);
    let change = store.changes(head - 1, 1).await.unwrap()[0];
    assert_eq!(change.what, Touched::Contact(id(1)));
    assert_eq!(store.check().await.unwrap(), [""; 0]);
}

pub(crate) async fn nothing_tells_that_something_was_collected_of_the_erased(location: &Location) {
    let store = with_contact(location).await;
    let of = |purpose, row: RecordRow| Write::Record(RecordRow { collected_for: purpose, ..row });
    let purposes = [0, 3, 6, 63, 255];
    for number in [1, 2] {
        let mut writes = vec![Write::Contact(ContactRow { version: 2, ..contact(number) })];
        writes.extend(purposes.map(|purpose| of(purpose, record(key(number, purpose, 1)))));
        store.commit(batch(writes)).await.unwrap();
    }
    let kept = RecordRow { version: 2, collected_for: 63, ..record(key(1, 63, 1)) };
    let erase = Write::Erase { tombstone: tombstone(1, 9), kept: vec![kept], key: None };
    store.commit(batch([erase])).await.unwrap();
    for purpose in purposes {
        let found = store.records_collected(purpose, purpose, None, 9).await.unwrap().value;
        let whose: Vec<_> = found.iter().map(|row| row.key.contact).collect();
        let both = [id(1), id(2)];
        assert_eq!(whose, if purpose == 63 { &both[..] } else { &both[1..] });
    }
    assert_eq!(store.check().await.unwrap(), [""; 0]);
}

pub(crate) async fn what_must_be_kept_has_a_key_of_its_own(location: &Location) {
    let store = with_contact(location).await;
    let kept = RecordRow { version: 2, sealed: b"anew".to_vec(), ..record(key(1, 7, 1)) };
    store.commit(batch([erase(2, vec![kept.clone()], Some(b"second key"))])).await.unwrap();
    assert_eq!(store.records(id(1), None, None, 99).await.unwrap().value, [kept]);
    assert_eq!(store.keys(&[id(1)]).await.unwrap(), [Some(b"second key".to_vec())]);
    let asked = [(id(1), 1), (id(2), 2), (id(1), 2), (id(1), 0)];
    let kept = store.keys_of_kept(&asked).await.unwrap();
    assert_eq!(kept, [None, None, Some(b"second key".to_vec()), None]);
    drop(store);

    // Opening again changes nothing, and one day the rest goes, too.
    let store = open(location).await;
    assert_eq!(store.keys(&[id(1)]).await.unwrap(), [Some(b"second key".to_vec())]);
    assert_eq!(store.check().await.unwrap(), [""; 0]);
    store.commit(batch([Write::RemoveRecord(key(1, 7, 1))])).await.unwrap();
    store.commit(batch([erase(3, vec![], None)])).await.unwrap();
    assert_eq!(store.keys(&[id(1)]).await.unwrap(), [None]);
    assert_eq!(store.records(id(1), None, None, 99).await.unwrap().value, []);
}

pub(crate) async fn an_erased_contact_stays_dead(location: &Location) {
    let store = with_contact(location).await;
    let edition = store.begin_edition(b"").await.unwrap();
    store.commit(batch([erase(2, vec![], None)])).await.unwrap();
    for write in [
        Write::Contact(contact(1)),
        Write::Contact(ContactRow { edition, ..contact(1) }),
        Write::Record(record(key(1, 1, 1))),
        Write::Record(RecordRow { edition, ..record(key(1, 1, 1)) }),
        Write::Lookup([1; 16], Target::Contact(id(1))),
        Write::Key(id(1), b"third key".to_vec()),
    ] {
        let refused = store.commit(batch([write])).await;
        assert_eq!(refused, Err(StoreError::Conflict { what: Conflict::Erased }));
    }
    // Also within the batch that erases.
    let writes = [
        Write::Record(record(key(2, 1, 1))),
        Write::Erase { tombstone: tombstone(2, 2), kept: vec![], key: None },
        Write::Record(record(key(2, 1, 1))),
    ];
    let refused = store.commit(batch(writes)).await;
    assert_eq!(refused, Err(StoreError::Conflict { what: Conflict::Erased }));
    assert_eq!(store.keys(&[id(1)]).await.unwrap(), [None]);
}

pub(crate) async fn an_erasure_must_make_sense(location: &Location) {
    let store = with_contact(location).await;
    let of_another = erase(2, vec![record(key(2, 1, 1))], Some(b"key"));
    let of_an_edition = erase(2, vec![RecordRow { edition: 1, ..record(key(1, 1, 1)) }], None);
    let alive = Write::Erase {
        tombstone: ContactRow { version: 2, ..contact(1) },
        kept: vec![],
        key: None,
    };
    let otherwise = Write::Contact(tombstone(1, 2));
    for write in [of_another, of_an_edition, alive, otherwise] {
        let refused = store.commit(batch([write])).await;
        assert!(matches!(refused, Err(StoreError::Invalid { .. })), "{refused:?}");
    }
    // The version counts on, so that one erasure is not taken for another.
    let refused = store.commit(batch([erase(1, vec![], None)])).await;
    assert_eq!(refused, Err(StoreError::Conflict { what: Conflict::Contact }));
    assert_eq!(store.keys(&[id(1)]).await.unwrap(), [Some(b"first key".to_vec())]);
}

pub(crate) async fn an_erasure_takes_what_an_import_has_brought(location: &Location) {
    let store = with_contact(location).await;
    let edition = store.begin_edition(b"").await.unwrap();
    let pending = RecordRow { edition, ..record(key(1, 1, 5)) };
    let lookup = Write::Lookup([3; 16], Target::Contact(id(1)));
    store.commit(batch([Write::Record(pending), lookup])).await.unwrap();
    let mut erasing = batch([erase(2, vec![], None)]);
    erasing.expects = vec![Expect::Contact(id(1), 1)];
    store.commit(erasing).await.unwrap();
    let publishing = gantry_store::Batch { publish: Some(edition), ..batch([]) };
    store.commit(publishing).await.unwrap();
    assert_eq!(store.records(id(1), None, None, 99).await.unwrap().value, []);
    assert_eq!(store.lookup(&[3; 16], None, 99).await.unwrap(), []);
    while store.settle(1).await.unwrap() {}
    assert_eq!(store.check().await.unwrap(), [""; 0]);
}
