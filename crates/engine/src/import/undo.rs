//! Taking a row back: a bad row is found out only after some of it was taken, and leaves nothing.

use std::collections::BTreeMap;

use gantry_notice::ContactState;
use gantry_store::{Id, ObjectRow, RecordKey, RecordRow};

use crate::import::chunk::{Chunk, Person};
use crate::import::{Import, Later};

/// What was before the row at hand.
#[derive(Default)]
pub(super) struct Undo {
    writes: usize,
    companies: usize,
    people: BTreeMap<Id, Option<Was>>,
    later: BTreeMap<Id, Option<Later>>,
    /// With whether the row was the first to write it.
    records: Vec<(RecordKey, Option<RecordRow>, bool)>,
    objects: Vec<((u8, Id), Option<ObjectRow>, bool)>,
}

/// What a row may change of a person.
struct Was {
    state: ContactState,
    company: Option<Id>,
    changed: bool,
}

impl Chunk {
    pub(super) fn begin_row(&mut self, import: &mut Import<'_>) {
        let (writes, companies) = (self.writes.len(), self.companies.len());
        self.undo = Undo { writes, companies, ..Undo::default() };
        import.names.begin();
    }

    pub(super) fn take_back_row(&mut self, import: &mut Import<'_>) {
        let undo = std::mem::take(&mut self.undo);
        import.names.take_back();
        self.writes.truncate(undo.writes);
        self.companies.truncate(undo.companies);
        for (key, before, first) in undo.records.into_iter().rev() {
            put_back(&mut self.records, key, before);
            if first {
                self.written.remove(&key);
            }
        }
        for (key, before, first) in undo.objects.into_iter().rev() {
            put_back(&mut self.objects, key, before);
            if first {
                self.built.remove(&key);
            }
        }
        for (id, later) in undo.later {
            put_back(&mut import.later, id, later);
        }
        for (id, was) in undo.people {
            let Some(was) = was else {
                self.people.remove(&id);
                continue;
            };
            if let Some(person) = self.people.get_mut(&id) {
                (person.state, person.company, person.changed) =
                    (was.state, was.company, was.changed);
            }
        }
    }

    /// Brings in a new person.
    pub(super) fn add_person(&mut self, id: Id, person: Person) {
        self.people.insert(id, person);
        self.undo.people.entry(id).or_insert(None);
    }

    /// A person whom the row at hand changes.
    pub(super) fn person_mut(&mut self, id: &Id) -> Option<&mut Person> {
        let person = self.people.get_mut(id)?;
        self.undo.people.entry(*id).or_insert_with(|| {
            let Person { state, company, changed, .. } = &*person;
            Some(Was { state: state.clone(), company: *company, changed: *changed })
        });
        Some(person)
    }

    /// What is to be applied to a person who was there before, and to whom the row at hand adds.
    pub(super) fn later_of<'i>(&mut self, import: &'i mut Import<'_>, id: Id) -> &'i mut Later {
        self.undo.later.entry(id).or_insert_with(|| import.later.get(&id).cloned());
        import.later.entry(id).or_default()
    }

    /// Writes a record.
    pub(super) fn put_record(&mut self, row: RecordRow) {
        let (key, first) = (row.key, self.written.insert(row.key));
        let before = self.records.insert(key, row);
        self.undo.records.push((key, before, first));
    }

    /// Writes an object.
    pub(super) fn put_object(&mut self, row: ObjectRow) {
        let key = (row.kind, row.id);
        let first = self.built.insert(key);
        let before = self.objects.insert(key, row);
        self.undo.objects.push((key, before, first));
    }
}

fn put_back<K: Ord, V>(all: &mut BTreeMap<K, V>, key: K, before: Option<V>) {
    match before {
        Some(before) => drop(all.insert(key, before)),
        None => drop(all.remove(&key)),
    }
}
