//! What an import did, or would do. It names nobody.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::error::FieldFault;

/// What an import did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ImportReport {
    /// Rows taken.
    pub rows: u64,
    /// What became of contacts.
    pub contacts: Outcome,
    /// What became of records, profiles included.
    pub records: Outcome,
    /// What became of objects, by kind.
    pub objects: BTreeMap<String, Outcome>,
    /// What the notice does not let in, with its reason, and how often.
    pub refused: BTreeMap<String, u64>,
    /// What contacts said, and how often.
    pub said: BTreeMap<String, u64>,
    /// Companies that the source tells of for the first time, and that were there already: known again
    /// by the fields that the map names.
    pub companies_known: u64,
    /// New companies that share a number with one that was there already, maybe from another source.
    pub companies_met: u64,
    /// Contacts whose address was erased before, and who were not started again.
    pub erased_before: u64,
    /// Rows that name a contact or an object that is not there.
    pub unresolved: BTreeMap<String, u64>,
}

/// What became of things of one kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// New.
    pub added: u64,
    /// There already, and changed.
    pub changed: u64,
    /// There already, and the same.
    pub unchanged: u64,
}

impl ImportReport {
    pub(crate) fn refuse(&mut self, what: &str, reason: &str) {
        *self.refused.entry(format!("{what}: {reason}")).or_default() += 1;
    }

    /// Adds what one row came to.
    pub(crate) fn add(&mut self, row: ImportReport) {
        self.contacts.add(row.contacts);
        self.records.add(row.records);
        for (kind, outcome) in row.objects {
            self.objects.entry(kind).or_default().add(outcome);
        }
        for (all, more) in [
            (&mut self.refused, row.refused),
            (&mut self.said, row.said),
            (&mut self.unresolved, row.unresolved),
        ] {
            for (what, count) in more {
                *all.entry(what).or_default() += count;
            }
        }
        self.erased_before += row.erased_before;
    }

    pub(crate) fn unresolve(&mut self, what: &str) {
        *self.unresolved.entry(what.to_owned()).or_default() += 1;
    }
}

impl Outcome {
    fn add(&mut self, other: Outcome) {
        self.added += other.added;
        self.changed += other.changed;
        self.unchanged += other.unchanged;
    }
}

/// A row that does not fit the notice: its place among the rows given, and what is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadRow {
    /// Index in the rows given.
    pub index: usize,
    /// What is wrong.
    pub faults: Vec<FieldFault>,
}
