//! What every backend must do: rows are found as they were put.

use gantry_store::{
    Batch, Conflict, ContactFilter, ContactRow, LOOKUPS_PER_HASH, Location, ObjectFilter,
    ObjectRow, RecordKey, RecordRow, Revision, Seen, Space, Store, StoreError, Target, Write,
};

use crate::conformance::assert_standing;
use crate::make::{batch, contact, create, damage, id, key, object, record, tombstone};

fn numbers(contacts: &Seen<Vec<ContactRow>>) -> Vec<u32> {
    contacts.value.iter().map(|contact| number(&contact.id)).collect()
}

fn object_numbers(objects: &Seen<Vec<ObjectRow>>) -> Vec<u32> {
    objects.value.iter().map(|object| number(&object.id)).collect()
}

fn number(id: &[u8; 16]) -> u32 {
    u32::from_be_bytes(id[12..].try_into().unwrap())
}

fn keys(records: Seen<Vec<RecordRow>>) -> Vec<RecordKey> {
    records.value.into_iter().map(|record| record.key).collect()
}

async fn put(store: &Store, writes: Vec<Write>) -> i64 {
    store.commit(batch(writes)).await.unwrap().head
}

pub(crate) async fn a_contact_is_found_by_its_id(location: &Location) {
    let store = create(location).await;
    let head = put(&store, vec![Write::Contact(contact(1)), Write::Contact(contact(2))]).await;
    let found = store.contacts(&[id(2), id(3), id(1)]).await.unwrap();
    assert_eq!(found.value, [Some(contact(2)), None, Some(contact(1))]);
    assert_standing(&found.standing, head, &[contact(2), contact(1)]);

    let changed = ContactRow { version: 2, company: None, state: vec![9; 300], ..contact(1) };
    put(&store, vec![Write::Contact(changed.clone())]).await;
    assert_eq!(store.contacts(&[id(1)]).await.unwrap().value, [Some(changed)]);
    assert!(store.contacts(&[]).await.unwrap().value.is_empty());
}

pub(crate) async fn contacts_come_in_pages_of_a_company_and_a_country(location: &Location) {
    let store = create(location).await;
    let mut writes = Vec::new();
    for number in 1..=20 {
        let country = if number % 2 == 0 { *b"CN" } else { *b"FI" };
        let company = (number % 5 == 0).then(|| id(500));
        writes.push(Write::Contact(ContactRow { country, company, ..contact(number) }));
    }
    writes.push(Write::Erase { tombstone: tombstone(20, 2), kept: Vec::new(), key: None });
    put(&store, writes).await;
    let all = ContactFilter::default();
    let page = |filter, after, limit| store.contact_page(filter, after, limit);
    let count = |filter| store.contact_count(filter);

    assert_eq!(numbers(&page(all, None, 3).await.unwrap()), [1, 2, 3]);
    assert_eq!(numbers(&page(all, Some(id(3)), 2).await.unwrap()), [4, 5]);
    assert_eq!(numbers(&page(all, Some(id(17)), 100).await.unwrap()), [18, 19]);
    assert_eq!(count(all).await.unwrap().value, 19);

    let erased = ContactFilter { erased: true, ..all };
    assert_eq!(numbers(&page(erased, Some(id(18)), 100).await.unwrap()), [19, 20]);
    assert_eq!(count(erased).await.unwrap().value, 20);

    let china = ContactFilter { country: Some(*b"CN"), ..all };
    assert_eq!(numbers(&page(china, Some(id(4)), 3).await.unwrap()), [6, 8, 10]);
    assert_eq!(count(china).await.unwrap().value, 9);

    let company = ContactFilter { company: Some(id(500)), ..all };
    assert_eq!(numbers(&page(company, None, 100).await.unwrap()), [5, 10, 15]);
    assert_eq!(numbers(&page(company, Some(id(5)), 1).await.unwrap()), [10]);

    let both = ContactFilter { company: Some(id(500)), ..china };
    assert_eq!(numbers(&page(both, None, 100).await.unwrap()), [10]);
    assert_eq!(count(both).await.unwrap().value, 1);
    assert!(page(all, None, 0).await.unwrap().value.is_empty());
}

pub(crate) async fn a_record_is_found_and_how_its_contact_stands(location: &Location) {
    let store = create(location).await;
    let full = RecordRow {
        about: Some((3, id(70))),
        at: -5,
        closed: 19_000,
        keep_until: i32::MIN,
        expires: i64::MIN,
        objected: 7,
        collected_for: u8::MAX,
        notice: u16::MAX,
        source: "häfen \u{1F3D7}".into(),
        open: vec![0, 255],
        sealed: Vec::new(),
        ..record(key(1, 255, 1))
    };
    let writes = vec![Write::Contact(contact(1)), Write::Record(full.clone())];
    let head = put(&store, writes).await;

    let found = store.record(&full.key).await.unwrap();
    assert_eq!(found.value, Some(full));
    assert_standing(&found.standing, head, &[contact(1)]);
    let no_record = store.record(&key(1, 254, 1)).await.unwrap();
    assert_eq!(no_record.value, None);
    assert_standing(&no_record.standing, head, &[contact(1)]);
    let nobody = store.record(&key(2, 1, 1)).await.unwrap();
    assert_eq!(nobody.value, None);
    assert_standing(&nobody.standing, head, &[]);
}

pub(crate) async fn records_of_a_contact_come_in_pages(location: &Location) {
    let store = create(location).await;
    let all: Vec<_> =
        [(1, 1), (1, 2), (1, 3), (4, 1), (4, 2), (9, 1)].map(|(c, r)| key(5, c, r)).into();
    let others = [key(4, 1, 1), key(6, 1, 1)];
    put(&store, (4..=6).map(|number| Write::Contact(contact(number))).collect()).await;
    let writes = all.iter().chain(&others).map(|key| Write::Record(record(*key)));
    put(&store, writes.collect()).await;
    let page = async |category, after, limit| {
        keys(store.records(id(5), category, after, limit).await.unwrap())
    };

    assert_eq!(page(None, None, 100).await, all);
    assert_eq!(page(None, None, 2).await, all[..2]);
    assert_eq!(page(None, Some(all[1]), 3).await, all[2..5]);
    assert_eq!(page(None, Some(all[5]), 3).await, []);
    assert_eq!(page(Some(4), None, 100).await, all[3..5]);
    assert_eq!(page(Some(1), Some(all[0]), 1).await, all[1..2]);
    // A page before may have ended in another category.
    assert_eq!(page(Some(4), Some(all[2]), 100).await, all[3..5]);
    assert_eq!(page(Some(4), Some(all[5]), 100).await, []);
    assert_eq!(page(Some(2), None, 100).await, []);
    assert_eq!(page(None, None, 0).await, []);
}

pub(crate) async fn records_of_a_category_come_across_contacts(location: &Location) {
    let store = create(location).await;
    let mut wanted = Vec::new();
    let mut writes = Vec::new();
    for number in 1..=6 {
        writes.push(Write::Contact(contact(number)));
        writes.push(Write::Record(record(key(number, 1, 1))));
        for place in 0..number % 3 {
            wanted.push(key(number, 2, place));
            writes.push(Write::Record(record(key(number, 2, place))));
        }
    }
    put(&store, writes).await;
    assert_eq!(keys(store.record_scan(2, None, 100).await.unwrap()), wanted);
    let mut paged = Vec::new();
    loop {
        let page = keys(store.record_scan(2, paged.last().copied(), 2).await.unwrap());
        if page.is_empty() {
            break;
        }
        paged.extend(page);
    }
    assert_eq!(paged, wanted);
    assert_eq!(keys(store.record_scan(3, None, 100).await.unwrap()), []);
}

pub(crate) async fn records_collected_for_a_purpose_come_across_contacts(location: &Location) {
    let store = create(location).await;
    let (mut wanted, mut writes) = (Vec::new(), Vec::new());
    for number in 1..=5 {
        writes.push(Write::Contact(contact(number)));
        for (category, purpose, which) in [(1, 6, 1), (2, 7, 1), (2, 6, 2), (2, 7, 3), (2, 255, 4)]
        {
            let row = RecordRow { collected_for: purpose, ..record(key(number, category, which)) };
            if (category, purpose) == (2, 7) && number != 3 {
                wanted.push(row.key);
            }
            if number != 3 || purpose != 7 {
                writes.push(Write::Record(row));
            }
        }
    }
    let head = put(&store, writes).await;
    let page = async |purpose, category, after, limit| {
        store.records_collected(purpose, category, after, limit).await.unwrap()
    };
    let all = page(7, 2, None, 100).await;
    assert!(all.value.iter().all(|row| row.collected_for == 7));
    let contacts = [1, 2, 4, 5].map(contact);
    assert_standing(&all.standing, head, &contacts);
    assert_eq!(keys(all), wanted);
    assert_eq!(keys(page(7, 2, None, 3).await), wanted[..3]);
    assert_eq!(keys(page(7, 2, Some(wanted[2]), 3).await), wanted[3..6]);
    assert_eq!(keys(page(7, 2, Some(wanted[7]), 3).await), []);
    assert_eq!(keys(page(7, 1, None, 3).await), []);
    assert_eq!(keys(page(8, 2, None, 3).await), []);
    assert_eq!(keys(page(255, 2, None, 9).await).len(), 5);

    put(&store, wanted[..3].iter().map(|key| Write::RemoveRecord(*key)).collect()).await;
    let other = RecordRow { version: 2, collected_for: 6, ..record(wanted[3]) };
    put(&store, vec![Write::Record(other)]).await;
    assert_eq!(keys(page(7, 2, None, 100).await), wanted[4..]);
    assert_eq!(damage(&store).await, [""; 0]);
}

pub(crate) async fn records_that_end_are_found_by_their_end(location: &Location) {
    let store = create(location).await;
    let mut writes = vec![Write::Contact(contact(1)), Write::Contact(contact(2))];
    let ends = |expires, key| RecordRow { expires, ..record(key) };
    let rows = [
        ends(-5, key(2, 3, 1)),
        ends(10, key(1, 3, 1)),
        ends(10, key(1, 3, 2)),
        ends(10, key(2, 1, 1)),
        ends(11, key(1, 1, 1)),
        ends(i64::MAX, key(1, 1, 2)),
    ];
    writes.extend(rows.iter().cloned().map(Write::Record));
    put(&store, writes).await;
    let all: Vec<_> = rows.iter().map(|row| (row.expires, row.key)).collect();
    let page =
        async |until, after, limit| store.records_expired(until, after, limit).await.unwrap();
    assert_eq!(page(11, None, 100).await, all[..5]);
    assert_eq!(page(i64::MAX, None, 100).await, all[..5]);
    assert_eq!(page(10, None, 2).await, all[..2]);
    assert_eq!(page(10, Some(all[1]), 100).await, all[2..4]);
    assert_eq!(page(11, Some(all[4]), 100).await, []);
    assert_eq!(page(-6, None, 100).await, []);
    put(&store, vec![Write::RemoveRecord(all[0].1)]).await;
    assert_eq!(page(10, None, 1).await, all[1..2]);
}

pub(crate) async fn a_record_is_revised_in_its_place(location: &Location) {
    let store = create(location).await;
    let about = Some((3, id(70)));
    let first = RecordRow { about, version: 4, expires: 10, ..record(key(1, 1, 1)) };
    let other = record(key(1, 1, 2));
    put(
        &store,
        vec![
            Write::Contact(contact(1)),
            Write::Record(first.clone()),
            Write::Record(other.clone()),
        ],
    )
    .await;
    let revision = |key, version| {
        let open = b"otherwise".to_vec();
        Write::Revise(Revision { key, version, expires: 20, objected: 3, open })
    };
    let revised = |row: &RecordRow, version| RecordRow {
        version,
        expires: 20,
        objected: 3,
        open: b"otherwise".to_vec(),
        ..row.clone()
    };
    put(&store, vec![revision(first.key, 5), revision(other.key, 2)]).await;
    let found = store.records(id(1), None, None, 9).await.unwrap().value;
    assert_eq!(found, [revised(&first, 5), revised(&other, 2)]);
    assert_eq!(store.records_expired(10, None, 9).await.unwrap(), []);
    assert_eq!(store.records_about(3, id(70), None, 9).await.unwrap().value, found[..1]);

    // Who has not seen the version before, or means a record that is not there, changes nothing.
    for (key, version) in [(first.key, 5), (first.key, 7), (key(1, 1, 3), 1), (key(2, 1, 1), 1)] {
        let together = batch([revision(other.key, 3), revision(key, version)]);
        let refused = store.commit(together).await;
        assert_eq!(refused, Err(StoreError::Conflict { what: Conflict::Record }));
    }
    // In a batch each write sees those before it.
    let again = RecordRow { version: 6, ..first.clone() };
    put(&store, vec![Write::Record(again), revision(first.key, 7), revision(first.key, 8)]).await;
    let removed = vec![revision(other.key, 3), Write::RemoveRecord(other.key)];
    put(&store, removed).await;
    let found = store.records(id(1), None, None, 9).await.unwrap().value;
    assert_eq!(found, [revised(&first, 8)]);
}

pub(crate) async fn many_records_are_revised_together_or_not_at_all(location: &Location) {
    let store = create(location).await;
    let all: Vec<RecordKey> =
        (1..=4).flat_map(|whose| (1..=50).map(move |number| key(whose, 1, number))).collect();
    let mut writes: Vec<_> = (1..=4).map(|whose| Write::Contact(contact(whose))).collect();
    writes.extend(all.iter().map(|key| Write::Record(record(*key))));
    put(&store, writes).await;
    let revised = |keys: &[RecordKey], version: i64| -> Vec<Write> {
        let open = version.to_string().into_bytes();
        let revision = |key: &RecordKey| Revision {
            key: *key,
            version,
            expires: i64::MAX,
            objected: 3,
            open: open.clone(),
        };
        keys.iter().map(|key| Write::Revise(revision(key))).collect()
    };
    let versions = async || -> Vec<i64> {
        let found = store.records_at(&all).await.unwrap().value;
        found.into_iter().map(|row| row.unwrap().version).collect()
    };
    put(&store, revised(&all, 2)).await;
    assert_eq!(versions().await, [2; 200]);

    // One of them is another version by now, or is not there: nothing changes.
    put(&store, revised(&all[120..121], 3)).await;
    let before = versions().await;
    for others in [vec![], revised(&[key(3, 2, 1)], 2)] {
        let refused = store.commit(batch([revised(&all, 3), others].concat())).await;
        assert_eq!(refused, Err(StoreError::Conflict { what: Conflict::Record }));
        assert_eq!(versions().await, before);
    }
    let others = [&all[..120], &all[121..]].concat();
    put(&store, [revised(&others, 3), revised(&all, 4)].concat()).await;
    assert_eq!(versions().await, [4; 200]);

    // What an edition that nobody sees has of one of them goes with it.
    let edition = store.begin_edition(b"").await.unwrap();
    let hidden = RecordRow { edition, version: 5, ..record(all[7]) };
    put(&store, vec![Write::Record(hidden)]).await;
    put(&store, revised(&all, 5)).await;
    store.commit(Batch { publish: Some(edition), ..Batch::default() }).await.unwrap();
    assert_eq!(versions().await, [5; 200]);
    assert_eq!(store.record(&all[7]).await.unwrap().value.unwrap().open, b"5");
}

pub(crate) async fn records_about_an_object_are_found_and_closed(location: &Location) {
    let store = create(location).await;
    let about = |key, number| RecordRow { about: Some((8, id(number))), ..record(key) };
    let wanted = [key(1, 2, 1), key(1, 5, 1), key(3, 1, 4)];
    let mut writes: Vec<_> = wanted.iter().map(|key| Write::Record(about(*key, 100))).collect();
    writes.extend([1, 3].map(|number| Write::Contact(contact(number))));
    writes.push(Write::Record(about(key(1, 2, 7), 101)));
    writes.push(Write::Record(record(key(1, 2, 8))));
    put(&store, writes).await;

    let page =
        async |after, limit| keys(store.records_about(8, id(100), after, limit).await.unwrap());
    assert_eq!(page(None, 100).await, wanted);
    assert_eq!(page(Some(wanted[0]), 1).await, wanted[1..2]);
    assert_eq!(page(Some(wanted[2]), 1).await, []);
    assert_eq!(keys(store.records_about(7, id(100), None, 9).await.unwrap()), []);

    put(&store, vec![Write::Close { kind: 8, id: id(100), day: 20_100 }]).await;
    let rows = store.records(id(1), None, None, 100).await.unwrap().value;
    let closed: Vec<_> = rows.iter().map(|row| row.closed).collect();
    assert_eq!(closed, [20_100, i32::MAX, i32::MAX, 20_100]);
}

pub(crate) async fn records_are_found_by_many_keys_and_removed(location: &Location) {
    let store = create(location).await;
    let (one, two) = (key(1, 1, 1), key(2, 1, 1));
    put(&store, [1, 2].map(|number| Write::Contact(contact(number))).into()).await;
    put(&store, vec![Write::Record(record(two)), Write::Record(record(one))]).await;
    let found = store.records_at(&[one, key(9, 9, 9), two]).await.unwrap().value;
    assert_eq!(found, [Some(record(one)), None, Some(record(two))]);
    put(&store, vec![Write::RemoveRecord(one)]).await;
    assert_eq!(store.records_at(&[one, two]).await.unwrap().value, [None, Some(record(two))]);
}

pub(crate) async fn a_hash_leads_to_its_targets_in_order(location: &Location) {
    let store = create(location).await;
    let targets = [
        Target::Contact(id(1)),
        Target::Contact(id(2)),
        Target::Object(0, id(1)),
        Target::Object(u8::MAX, id(0)),
    ];
    let hash = [4; 16];
    let mut writes: Vec<_> =
        targets.iter().rev().map(|target| Write::Lookup(hash, *target)).collect();
    writes.push(Write::Lookup(hash, targets[0]));
    writes.push(Write::Lookup([5; 16], targets[0]));
    put(&store, writes).await;

    assert_eq!(store.lookup(&hash, None, 100).await.unwrap(), targets);
    assert_eq!(store.lookup(&hash, Some(targets[0]), 2).await.unwrap(), targets[1..3]);
    assert_eq!(store.lookup(&hash, Some(targets[3]), 2).await.unwrap(), []);
    let many = store.lookup_many(&[[6; 16], [5; 16], hash]).await.unwrap();
    assert_eq!(many, [vec![], vec![targets[0]], targets.to_vec()]);

    put(&store, vec![Write::Unlook(hash, targets[2])]).await;
    assert_eq!(store.lookup(&hash, Some(targets[1]), 9).await.unwrap(), targets[3..]);
}

pub(crate) async fn a_hash_of_many_leads_to_a_bounded_number(location: &Location) {
    let store = create(location).await;
    let many = u32::try_from(LOOKUPS_PER_HASH).unwrap() + 10;
    let writes = (0..many).map(|number| Write::Lookup([1; 16], Target::Contact(id(number))));
    put(&store, writes.collect()).await;
    let found = store.lookup_many(&[[1; 16]]).await.unwrap();
    assert_eq!(found[0].len(), LOOKUPS_PER_HASH);
}

pub(crate) async fn objects_come_in_pages_of_a_company_a_whole_and_a_state(location: &Location) {
    let store = create(location).await;
    let mut writes = vec![Write::Object(object(2, 1))];
    for number in 1..=12 {
        writes.push(Write::Object(ObjectRow {
            company: (number % 2 == 0).then(|| id(100)),
            part_of: (number % 3 == 0).then(|| id(200)),
            state: if number > 6 { "done".into() } else { "new".into() },
            person: Some(id(300)),
            at: 100 - i64::from(number / 2),
            ..object(1, number)
        }));
    }
    put(&store, writes).await;
    let of_kind = ObjectFilter { kind: 1, ..ObjectFilter::default() };
    let page = async |filter: &ObjectFilter, after, limit| {
        object_numbers(&store.object_page(filter, after, limit).await.unwrap())
    };

    assert_eq!(page(&of_kind, None, 3).await, [1, 2, 3]);
    assert_eq!(page(&of_kind, Some(id(10)), 100).await, [11, 12]);
    let company = ObjectFilter { company: Some(id(100)), ..of_kind.clone() };
    assert_eq!(page(&company, Some(id(2)), 2).await, [4, 6]);
    let part_of = ObjectFilter { part_of: Some(id(200)), ..of_kind.clone() };
    assert_eq!(page(&part_of, None, 100).await, [3, 6, 9, 12]);
    let done = ObjectFilter { state: Some("done".into()), ..of_kind.clone() };
    assert_eq!(page(&done, None, 2).await, [7, 8]);
    let all = ObjectFilter { part_of: Some(id(200)), state: done.state.clone(), ..company };
    assert_eq!(page(&all, None, 100).await, [12]);

    assert_eq!(store.object_count(1).await.unwrap().value, 12);
    assert_eq!(store.object_count(2).await.unwrap().value, 1);
    assert_eq!(store.object_count(3).await.unwrap().value, 0);
    let found = store.objects(2, &[id(2), id(1)]).await.unwrap().value;
    assert_eq!(found, [None, Some(object(2, 1))]);

    let latest = store.object_latest(1, None, 4).await.unwrap();
    assert_eq!(object_numbers(&latest), [1, 3, 2, 5]);
    let last = &latest.value[3];
    let next = store.object_latest(1, Some((last.at, last.id)), 2).await.unwrap();
    assert_eq!(object_numbers(&next), [4, 7]);
}

pub(crate) async fn entries_are_found_by_prefix(location: &Location) {
    let store = create(location).await;
    let put_entry =
        |key: &[u8], value: &[u8]| Write::Entry(Space::Account, key.to_vec(), value.to_vec());
    let mut writes: Vec<_> = [&b"a"[..], b"ab", b"ab\xff", b"ac", b"b", b"\xff\xff"]
        .iter()
        .map(|key| put_entry(key, key))
        .collect();
    writes.push(Write::Entry(Space::Token, b"ab".to_vec(), b"other".to_vec()));
    put(&store, writes).await;
    let page = async |prefix: &'static [u8], after: Option<&'static [u8]>, limit| {
        let found = store.entries(Space::Account, prefix, after, limit).await.unwrap();
        found.into_iter().map(|(key, _)| key).collect::<Vec<_>>()
    };

    assert_eq!(page(b"", None, 100).await.len(), 6);
    assert_eq!(page(b"ab", None, 100).await, [b"ab".to_vec(), b"ab\xff".to_vec()]);
    assert_eq!(page(b"ab", Some(b"ab"), 100).await, [b"ab\xff"]);
    assert_eq!(page(b"ab", Some(b"a"), 1).await, [b"ab"]);
    assert_eq!(page(b"ab", Some(b"b"), 100).await, [[]; 0]);
    assert_eq!(page(b"\xff", None, 100).await, [b"\xff\xff"]);

    let value = store.entry(Space::Token, b"ab").await.unwrap();
    assert_eq!(value, Some(b"other".to_vec()));
    put(&store, vec![put_entry(b"ab", b"new")]).await;
    assert_eq!(store.entry(Space::Account, b"ab").await.unwrap(), Some(b"new".to_vec()));
    put(&store, vec![Write::RemoveEntry(Space::Account, b"ab".to_vec())]).await;
    assert_eq!(store.entry(Space::Account, b"ab").await.unwrap(), None);
}

pub(crate) async fn an_empty_store_answers_with_nothing(location: &Location) {
    let store = create(location).await;
    assert_eq!(store.head().await.unwrap(), 0);
    assert_standing(&store.contacts(&[id(1)]).await.unwrap().standing, 0, &[]);
    assert_eq!(store.audit_heads().await.unwrap(), []);
    assert_eq!(store.changes(0, 100).await.unwrap(), []);
    assert_eq!(store.pending().await.unwrap(), []);
    assert_eq!(store.keys(&[id(1)]).await.unwrap(), [None]);
    assert!(!store.settle(100).await.unwrap());
    assert_eq!(store.commit(batch([])).await.unwrap().head, 0);
}
