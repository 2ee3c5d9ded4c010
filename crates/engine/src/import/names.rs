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
        for (hash, targets) in new.into_iter().zip(found) {
            self.met.insert(hash, targets.first().copied());
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

    pub(super) fn give(&mut self, hash: Hash, target: Target) {
        self.met.insert(hash, Some(target));
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
