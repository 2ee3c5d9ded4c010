//! The source's own names for things, and what they stand for here.

use std::collections::BTreeMap;

use gantry_intake::Key;
use gantry_notice::KindId;
use gantry_store::{Hash, Id, Store, Target};
use gantry_vault::{Form, Vault};

use crate::error::EngineError;

/// Names met so far in an import, by their hashes. Those of the store are looked up once.
#[derive(Debug, Default)]
pub(super) struct Names {
    met: BTreeMap<Hash, Option<Target>>,
    /// The hashes of the contacts' keys in the rows at hand: many rows name the same contact.
    contacts: BTreeMap<Key, Hash>,
    /// What the row at hand has named, and what the names stood for before.
    given: Vec<(Hash, Option<Target>)>,
    /// Contacts to which hashes lead that were looked up for the rows at hand.
    found: BTreeMap<Hash, Vec<Id>>,
}

impl Names {
    /// Looks up what has not been met yet, all together.
    pub(super) async fn meet(
        &mut self,
        store: &Store,
        hashes: impl IntoIterator<Item = Hash>,
    ) -> Result<(), EngineError> {
        let mut new: Vec<Hash> =
            hashes.into_iter().filter(|hash| !self.met.contains_key(hash)).collect();
        new.sort_unstable();
        new.dedup();
        let found = store.lookup_many(&new).await?;
        self.found.clear();
        for (hash, targets) in new.into_iter().zip(found) {
            self.met.insert(hash, targets.first().copied());
            let contacts = targets.into_iter().filter_map(|target| match target {
                Target::Contact(id) => Some(id),
                Target::Object(..) => None,
            });
            let contacts: Vec<Id> = contacts.collect();
            if !contacts.is_empty() {
                self.found.insert(hash, contacts);
            }
        }
        Ok(())
    }

    /// Takes the contacts' keys that the rows at hand use, and gives their hashes.
    pub(super) fn take_contacts<'k>(
        &mut self,
        vault: &Vault,
        source: &str,
        keys: impl Iterator<Item = &'k Key>,
    ) -> Vec<Hash> {
        self.contacts.clear();
        for key in keys {
            if !self.contacts.contains_key(key)
                && let Some(hash) = contact_hash(vault, source, key)
            {
                self.contacts.insert(key.clone(), hash);
            }
        }
        self.contacts.values().copied().collect()
    }

    /// The hash of a contact's key that the rows at hand use.
    pub(super) fn hash_of(&self, key: &Key) -> Option<Hash> {
        self.contacts.get(key).copied()
    }

    pub(super) fn contact(&self, key: &Key) -> Option<Id> {
        match self.met.get(self.contacts.get(key)?) {
            Some(Some(Target::Contact(id))) => Some(*id),
            _ => None,
        }
    }

    pub(super) fn object(&self, hash: &Hash) -> Option<Id> {
        match self.met.get(hash) {
            Some(Some(Target::Object(_, id))) => Some(*id),
            _ => None,
        }
    }

    /// The addresses among the contacts' keys at hand that were looked up for them, each with whom
    /// its hash leads to.
    pub(super) fn addresses(&self) -> Vec<(Hash, String, Vec<Id>)> {
        let led = self.contacts.iter().filter_map(|(key, hash)| match key {
            Key::Email(address) => Some((*hash, address.clone(), self.found.get(hash)?.clone())),
            Key::ExternalId(_) => None,
        });
        led.collect()
    }

    /// Says whom an address, or what a key, stands for.
    pub(super) fn confirm(&mut self, hash: Hash, target: Option<Target>) {
        self.met.insert(hash, target);
    }

    pub(super) fn give(&mut self, hash: Hash, target: Target) {
        let before = self.met.insert(hash, Some(target)).flatten();
        self.given.push((hash, before));
    }

    /// Begins a row, whose names can be taken back.
    pub(super) fn begin(&mut self) {
        self.given.clear();
    }

    /// Takes back what the row at hand has named.
    pub(super) fn take_back(&mut self) {
        for (hash, before) in self.given.drain(..).rev() {
            self.met.insert(hash, before);
        }
    }
}

/// The hash of a contact's key in a source.
fn contact_hash(vault: &Vault, source: &str, key: &Key) -> Option<Hash> {
    let hashes = match key {
        Key::Email(address) => vault.lookup().asked(Form::Email, "email", address),
        Key::ExternalId(id) => vault.lookup().asked(Form::Exact, &format!("{source}/contact"), id),
    };
    hashes.first().copied()
}

/// The hash of an object's key in a source.
pub(super) fn object_hash(vault: &Vault, source: &str, kind: KindId, key: &str) -> Option<Hash> {
    let label = format!("{source}/object {}", kind.0);
    vault.lookup().asked(Form::Exact, &label, key).first().copied()
}
