//! Contacts and keys side by side: who lacks a key, and whose keys are of nobody.

use std::collections::{BTreeMap, BTreeSet};

use crate::row::Id;

/// What a page of contacts and the keys beside it come to.
#[derive(Debug)]
pub(crate) struct SideBySide {
    /// Contacts that are not erased and have no key.
    pub(crate) keyless: Vec<Id>,
    /// How many contacts there are keys of that are not there.
    pub(crate) of_nobody: u64,
}

impl SideBySide {
    /// Of contacts, with whether they are erased, and all whose keys are there in the same span.
    pub(crate) fn of(contacts: &BTreeMap<Id, bool>, keys: &BTreeSet<Id>) -> SideBySide {
        let alive = contacts.iter().filter(|(_, erased)| !**erased).map(|(id, _)| *id);
        let of_nobody = keys.iter().filter(|id| !contacts.contains_key(*id)).count();
        SideBySide {
            keyless: alive.filter(|id| !keys.contains(id)).collect(),
            of_nobody: u64::try_from(of_nobody).unwrap_or(u64::MAX),
        }
    }
}

/// How contacts without a key are told of.
pub(crate) fn keyless(count: usize) -> Option<String> {
    (count > 0).then(|| format!("contacts without a key that are not erased: {count}"))
}
