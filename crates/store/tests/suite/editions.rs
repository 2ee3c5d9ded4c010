//! What every backend must do: what an import writes is seen by nobody until it is published.

use std::collections::{BTreeMap, BTreeSet};

use gantry_store::{
    BASE, Batch, Conflict, ContactFilter, ContactRow, Edition, Expect, Hash, Location,
    ObjectFilter, ObjectRow, RecordKey, RecordRow, Revision, Store, StoreError, Target, Touched,
    Write,
};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use crate::make::{Place, batch, contact, create, damage, id, key, object, of, open, record};

fn publish(edition: Edition) -> Batch {
    Batch { publish: Some(edition), ..Batch::default() }
}

fn refused<T>() -> Result<T, StoreError> {
    Err(StoreError::Conflict { what: Conflict::Edition })
}

async fn settle(store: &Store) {
    while store.settle(1).await.unwrap() {}
}

const HASH: Hash = [1; 16];

/// An import of a new contact, a new record of an old one, an object, and a look-up.
async fn import(store: &Store, edition: Edition) {
    let about = RecordRow { about: Some((1, id(1))), ..record(key(1, 1, 1)) };
    let writes = [
        Write::Contact(ContactRow { edition, ..contact(2) }),
        Write::Key(id(2), b"key of two".to_vec()),
        Write::Record(of(edition, about)),
        Write::Record(of(edition, record(key(2, 1, 1)))),
        Write::Object(ObjectRow { edition, ..object(1, 1) }),
        Write::Lookup(HASH, Target::Contact(id(2))),
    ];
    store.commit(batch(writes)).await.unwrap();
}

/// What of that import is seen, by every way of reading.
async fn seen(store: &Store) -> Vec<bool> {
    let filter = ObjectFilter { kind: 1, ..ObjectFilter::default() };
    let company = ObjectFilter { company: Some(id(9_000)), ..filter.clone() };
    let everybody = ContactFilter::default();
    vec![
        store.contacts(&[id(2)]).await.unwrap().value[0].is_some(),
        store.contact_page(everybody, Some(id(1)), 9).await.unwrap().value.len() == 1,
        store.contact_count(everybody).await.unwrap().value == 2,
        store.record(&key(2, 1, 1)).await.unwrap().value.is_some(),
        store.record(&key(1, 1, 1)).await.unwrap().value.is_some(),
        !store.records(id(1), None, None, 9).await.unwrap().value.is_empty(),
        !store.records(id(1), Some(1), None, 9).await.unwrap().value.is_empty(),
        !store.record_scan(1, None, 9).await.unwrap().value.is_empty(),
        !store.records_about(1, id(1), None, 9).await.unwrap().value.is_empty(),
        store.records_at(&[key(1, 1, 1)]).await.unwrap().value[0].is_some(),
        !store.lookup(&HASH, None, 9).await.unwrap().is_empty(),
        !store.lookup_many(&[HASH]).await.unwrap()[0].is_empty(),
        store.objects(1, &[id(1)]).await.unwrap().value[0].is_some(),
        !store.object_page(&filter, None, 9).await.unwrap().value.is_empty(),
        !store.object_page(&company, None, 9).await.unwrap().value.is_empty(),
        !store.object_latest(1, None, 9).await.unwrap().value.is_empty(),
        store.object_count(1).await.unwrap().value == 1,
    ]
}

async fn assert_all_seen(store: &Store, all: bool) {
    let seen = seen(store).await;
    assert!(seen.iter().all(|one| *one == all), "{all}: {seen:?}");
}

pub(crate) async fn rows_of_an_edition_are_seen_when_it_is_published(location: &Location) {
    let store = create(location).await;
    let head = store.commit(batch([Write::Contact(contact(1))])).await.unwrap().head;
    let edition = store.begin_edition(b"an import").await.unwrap();
    assert!(edition > BASE);
    import(&store, edition).await;
    assert_all_seen(&store, false).await;
    assert_all_seen(&store.seeing(edition), true).await;
    assert_all_seen(&store, false).await;
    assert_eq!(store.head().await.unwrap(), head);

    let published = store.commit(publish(edition)).await.unwrap().head;
    assert_all_seen(&store, true).await;
    let changes = store.changes(head, 99).await.unwrap();
    assert_eq!(changes.len(), 1);
    assert_eq!((changes[0].number, changes[0].what), (published, Touched::Many));
    settle(&store).await;
    assert_all_seen(&store, true).await;
    drop(store);
    assert_all_seen(&open(location).await, true).await;
}

pub(crate) async fn a_discarded_edition_leaves_nothing(location: &Location) {
    let store = create(location).await;
    store.commit(batch([Write::Contact(contact(1))])).await.unwrap();
    let edition = store.begin_edition(b"").await.unwrap();
    import(&store, edition).await;
    store.discard(edition).await.unwrap();
    assert_eq!(store.pending().await.unwrap(), []);
    assert_all_seen(&store, false).await;
    assert_eq!(store.commit(publish(edition)).await.map(drop), refused());
    settle(&store).await;
    assert_all_seen(&store, false).await;
    assert_all_seen(&store.seeing(edition), false).await;
    assert_eq!(store.keys(&[id(2)]).await.unwrap(), [None]);
    assert_eq!(damage(&store).await, [""; 0]);
}

pub(crate) async fn editions_rise_and_are_open_until_published_or_discarded(location: &Location) {
    let store = create(location).await;
    let first = store.begin_edition(b"one").await.unwrap();
    let second = store.begin_edition(b"two").await.unwrap();
    assert!(second > first);
    store.discard(second).await.unwrap();
    settle(&store).await;
    drop(store);

    let store = open(location).await;
    let third = store.begin_edition(b"three").await.unwrap();
    assert!(third > second);
    let pending = store.pending().await.unwrap();
    assert_eq!(pending, [(first, b"one".to_vec()), (third, b"three".to_vec())]);
    store.commit(publish(third)).await.unwrap();
    for closed in [second, third, third + 1] {
        let row = of(closed, record(key(1, 1, 1)));
        assert_eq!(store.commit(batch([Write::Record(row)])).await.map(drop), refused());
        assert_eq!(store.commit(publish(closed)).await.map(drop), refused());
        assert_eq!(store.discard(closed).await, refused());
    }
}

pub(crate) async fn an_edition_cannot_hide_a_contact(location: &Location) {
    let store = create(location).await;
    store.commit(batch([Write::Contact(contact(1))])).await.unwrap();
    let edition = store.begin_edition(b"").await.unwrap();
    let refused = store.commit(batch([Write::Contact(ContactRow { edition, ..contact(1) })])).await;
    assert_eq!(refused, Err(StoreError::Conflict { what: Conflict::Exists }));
    assert_eq!(store.contacts(&[id(1)]).await.unwrap().value, [Some(contact(1))]);
}

pub(crate) async fn an_import_expects_what_it_has_written_itself(location: &Location) {
    let store = create(location).await;
    store.commit(batch([Write::Contact(contact(1))])).await.unwrap();
    let edition = store.begin_edition(b"").await.unwrap();
    let own = store.seeing(edition);
    let step = |version: i64| Batch {
        expects: vec![Expect::Record(key(1, 1, 1), version)],
        ..batch([Write::Record(RecordRow {
            version: version + 1,
            ..of(edition, record(key(1, 1, 1)))
        })])
    };
    own.commit(step(0)).await.unwrap();
    own.commit(step(1)).await.unwrap();
    let conflict = Err(StoreError::Conflict { what: Conflict::Record });
    assert_eq!(store.commit(step(2)).await, conflict);
    assert_eq!(own.record(&key(1, 1, 1)).await.unwrap().value.unwrap().version, 2);
}

/// The same rules, as naively as possible.
#[derive(Debug, Default)]
struct Model {
    records: BTreeMap<RecordKey, BTreeMap<Edition, RecordRow>>,
    objects: BTreeMap<u32, BTreeMap<Edition, ObjectRow>>,
    lookups: BTreeSet<(u32, Edition)>,
    hidden: BTreeSet<Edition>,
}

impl Model {
    fn visible<'r, R>(&self, rows: &'r BTreeMap<Edition, R>) -> Option<&'r R> {
        rows.iter().rev().find(|(edition, _)| !self.hidden.contains(edition)).map(|(_, row)| row)
    }

    fn records(&self) -> Vec<RecordRow> {
        self.records.values().filter_map(|rows| self.visible(rows)).cloned().collect()
    }

    fn objects(&self) -> Vec<ObjectRow> {
        self.objects.values().filter_map(|rows| self.visible(rows)).cloned().collect()
    }

    fn targets(&self) -> Vec<Target> {
        let seen = self.lookups.iter().filter(|(_, edition)| !self.hidden.contains(edition));
        let numbers: BTreeSet<_> = seen.map(|(number, _)| *number).collect();
        numbers.into_iter().map(|number| Target::Object(1, id(number))).collect()
    }

    fn put(&mut self, edition: Edition, what: u32, number: u32, version: i64) -> Write {
        match what {
            0 => {
                let key = key(1 + number % 2, 1 + u8::from(number > 3), number);
                let about = Some((1, id(u32::try_from(version % 3).unwrap())));
                let collected_for = u8::try_from(version % 2).unwrap();
                let row = RecordRow { version, about, collected_for, ..of(edition, record(key)) };
                replace(self.records.entry(key).or_default(), edition, row.clone());
                Write::Record(row)
            }
            1 => {
                let state = if version % 2 == 0 { "even" } else { "odd" };
                let row = ObjectRow { edition, version, state: state.into(), ..object(1, number) };
                replace(self.objects.entry(number).or_default(), edition, row.clone());
                Write::Object(row)
            }
            3 => {
                let key = key(1 + number % 2, 1 + u8::from(number > 3), number);
                let expires = version;
                let row = RecordRow { version, expires, ..of(edition, record(key)) };
                replace(self.records.entry(key).or_default(), edition, row.clone());
                Write::Record(row)
            }
            _ => {
                if edition == BASE {
                    self.lookups.retain(|(other, _)| *other != number);
                }
                self.lookups.insert((number, edition));
                Write::Lookup(HASH, Target::Object(1, id(number)))
            }
        }
    }
}

fn replace<R>(rows: &mut BTreeMap<Edition, R>, edition: Edition, row: R) {
    if edition == BASE {
        rows.clear();
    }
    rows.insert(edition, row);
}

#[derive(Clone, Debug)]
pub(crate) enum Step {
    Begin,
    Put { edition: Option<usize>, what: u32, number: u32 },
    Remove { number: u32 },
    Revise { number: u32 },
    Unlook { number: u32 },
    Publish(usize),
    Discard(usize),
    Settle(usize),
}

pub(crate) fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        2 => Just(Step::Begin),
        10 => (proptest::option::weighted(0.7, 0..4usize), 0..4u32, 0..6u32)
            .prop_map(|(edition, what, number)| Step::Put { edition, what, number }),
        1 => (0..6u32).prop_map(|number| Step::Remove { number }),
        2 => (0..6u32).prop_map(|number| Step::Revise { number }),
        1 => (0..6u32).prop_map(|number| Step::Unlook { number }),
        2 => (0..4usize).prop_map(Step::Publish),
        1 => (0..4usize).prop_map(Step::Discard),
        2 => (1..4usize).prop_map(Step::Settle),
    ];
    proptest::collection::vec(step, 1..40)
}

/// A store, a model of it, and the editions that are open.
struct Run {
    store: Store,
    model: Model,
    open: Vec<Edition>,
    version: i64,
}

impl Run {
    /// One of the open editions, removed from them.
    fn close(&mut self, which: usize) -> Option<Edition> {
        (which < self.open.len()).then(|| self.open.remove(which))
    }

    async fn step(&mut self, step: Step) {
        self.version += 1;
        match step {
            Step::Begin => {
                let edition = self.store.begin_edition(b"").await.unwrap();
                self.model.hidden.insert(edition);
                self.open.push(edition);
            }
            Step::Put { edition, what, number } => {
                let edition = edition.map_or(Some(BASE), |which| self.open.get(which).copied());
                let Some(edition) = edition else { return };
                let mut writes = vec![self.model.put(edition, what, number, self.version)];
                if what == 2 && edition != BASE {
                    // A look-up belongs to the edition of the rows beside it.
                    writes.push(self.model.put(edition, 1, number, self.version));
                }
                self.store.commit(batch(writes)).await.unwrap();
            }
            Step::Remove { number } => {
                let key = key(1 + number % 2, 1 + u8::from(number > 3), number);
                self.model.records.remove(&key);
                self.store.commit(batch([Write::RemoveRecord(key)])).await.unwrap();
            }
            Step::Revise { number } => self.revise(number).await,
            Step::Unlook { number } => {
                self.model.lookups.retain(|(other, _)| *other != number);
                let write = Write::Unlook(HASH, Target::Object(1, id(number)));
                self.store.commit(batch([write])).await.unwrap();
            }
            Step::Publish(which) => {
                let Some(edition) = self.close(which) else { return };
                self.model.hidden.remove(&edition);
                self.store.commit(publish(edition)).await.unwrap();
            }
            Step::Discard(which) => {
                let Some(edition) = self.close(which) else { return };
                self.store.discard(edition).await.unwrap();
            }
            Step::Settle(limit) => drop(self.store.settle(limit).await.unwrap()),
        }
    }

    /// Only a record whose visible row is of the base edition is revised, and becomes its only row.
    async fn revise(&mut self, number: u32) {
        let key = key(1 + number % 2, 1 + u8::from(number > 3), number);
        let rows = self.model.records.entry(key).or_default();
        let before = self.model.hidden.clone();
        let seen = rows.iter().rev().find(|(edition, _)| !before.contains(edition));
        let before = seen.map_or(0, |(_, row)| row.version);
        let (open, expires) = (b"revised".to_vec(), self.version);
        let revision = Revision { key, version: before + 1, expires, objected: 1, open };
        let done = self.store.commit(batch([Write::Revise(revision.clone())])).await;
        let Some((BASE, row)) = seen.map(|(edition, row)| (*edition, row.clone())) else {
            return assert_eq!(done, Err(StoreError::Conflict { what: Conflict::Record }));
        };
        done.unwrap();
        let Revision { version, expires, objected, open, .. } = revision;
        *rows = BTreeMap::from([(BASE, RecordRow { version, expires, objected, open, ..row })]);
    }

    async fn compare(&self) {
        let records = self.model.records();
        let by_contact: Vec<_> = [id(1), id(2)].into_iter().collect();
        let mut found = Vec::new();
        for contact in by_contact {
            found.extend(self.store.records(contact, None, None, 99).await.unwrap().value);
        }
        assert_eq!(found, records);
        for row in &records {
            let found = self.store.record(&row.key).await.unwrap().value;
            assert_eq!(found.as_ref(), Some(row));
        }
        for category in [1, 2] {
            let of_category = records.iter().filter(|row| row.key.category == category);
            let scanned = self.store.record_scan(category, None, 99).await.unwrap().value;
            assert_eq!(scanned, of_category.cloned().collect::<Vec<_>>());
        }
        for (purpose, category) in [(0, 1), (0, 2), (1, 1), (1, 2), (6, 1), (6, 2)] {
            let collected = records
                .iter()
                .filter(|row| (row.collected_for, row.key.category) == (purpose, category));
            let found = self.store.records_collected(purpose, category, None, 99).await.unwrap();
            assert_eq!(found.value, collected.cloned().collect::<Vec<_>>());
        }
        let ended: BTreeSet<_> =
            self.store.records_expired(i64::MAX, None, 99).await.unwrap().into_iter().collect();
        for row in records.iter().filter(|row| row.expires != i64::MAX) {
            assert!(ended.contains(&(row.expires, row.key)), "{row:?}");
        }
        for number in 0..3 {
            let about = records.iter().filter(|row| row.about == Some((1, id(number))));
            let found = self.store.records_about(1, id(number), None, 99).await.unwrap().value;
            assert_eq!(found, about.cloned().collect::<Vec<_>>());
        }
        self.compare_objects().await;
        let targets = self.store.lookup(&HASH, None, 99).await.unwrap();
        assert_eq!(targets, self.model.targets());
    }

    async fn compare_objects(&self) {
        let objects = self.model.objects();
        let filter = ObjectFilter { kind: 1, ..ObjectFilter::default() };
        let found = self.store.object_page(&filter, None, 99).await.unwrap().value;
        assert_eq!(found, objects);
        let even = ObjectFilter { state: Some("even".into()), ..filter };
        let found = self.store.object_page(&even, None, 99).await.unwrap().value;
        let wanted = objects.iter().filter(|row| row.state == "even");
        assert_eq!(found, wanted.cloned().collect::<Vec<_>>());
        let count = self.store.object_count(1).await.unwrap().value;
        assert_eq!(count, objects.len() as u64);
    }
}

/// A store on which steps were taken, with what is left of imports that were given up.
pub(crate) async fn run(location: &Location, steps: Vec<Step>) -> Store {
    let store = create(location).await;
    let writes = [Write::Contact(contact(1)), Write::Contact(contact(2))];
    store.commit(batch(writes)).await.unwrap();
    let mut run = Run { store, model: Model::default(), open: Vec::new(), version: 0 };
    for step in steps {
        run.step(step).await;
    }
    for edition in run.open {
        run.store.discard(edition).await.unwrap();
    }
    run.store
}

async fn run_against_the_model(location: &Location, steps: Vec<Step>) {
    let store = create(location).await;
    let writes = [Write::Contact(contact(1)), Write::Contact(contact(2))];
    store.commit(batch(writes)).await.unwrap();
    let mut run = Run { store, model: Model::default(), open: Vec::new(), version: 0 };
    for step in steps {
        run.step(step).await;
        run.compare().await;
    }
    settle(&run.store).await;
    run.compare().await;
    assert_eq!(damage(&run.store).await, [""; 0]);
}

pub(crate) fn the_store_shows_what_a_naive_model_shows<P: Place>() {
    let config =
        ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let run = |steps| {
        let place = P::new();
        runtime.block_on(run_against_the_model(&place.location(), steps));
        Ok(())
    };
    TestRunner::new(config).run(&steps(), run).unwrap();
}
