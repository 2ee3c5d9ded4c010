//! What decides about contacts, and their keys, kept in memory.
//!
//! INVARIANT: an entry is used with an answer of the store only where the store shows that it is as
//! new ([`Standing`]): the cache has followed the change feed as far as that answer saw, and what was
//! put in was read no earlier than the cache stands; or the answer names the version of the contact.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use gantry_notice::ContactState;
use gantry_store::{Change, Id, Standing, Touched};
use gantry_vault::ContactKey;
use quick_cache::sync::Cache as Quick;
use tokio::sync::{Mutex, MutexGuard};

/// A contact as the door knows it.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) state: ContactState,
    pub(crate) version: i64,
    pub(crate) created: i64,
    pub(crate) company: Option<Id>,
    pub(crate) key: Option<ContactKey>,
}

/// Contacts in memory at most: about 300 bytes each.
const CONTACTS: usize = 100_000;

#[derive(Debug)]
pub(crate) struct Cache {
    contacts: Quick<Id, Arc<Known>>,
    head: AtomicI64,
    following: Mutex<()>,
}

impl Cache {
    pub(crate) fn new(head: i64) -> Cache {
        Cache {
            contacts: Quick::new(CONTACTS),
            head: AtomicI64::new(head),
            following: Mutex::new(()),
        }
    }

    /// How far it has followed the feed.
    pub(crate) fn head(&self) -> i64 {
        self.head.load(Ordering::Acquire)
    }

    /// The contact, if it is in memory.
    pub(crate) fn get(&self, id: &Id) -> Option<Arc<Known>> {
        self.contacts.get(id)
    }

    /// How many contacts are in memory.
    pub(crate) fn len(&self) -> usize {
        self.contacts.len()
    }

    /// Nobody else puts or follows while this is held.
    pub(crate) async fn lock(&self) -> MutexGuard<'_, ()> {
        self.following.lock().await
    }

    /// Keeps a contact, unless it was read when the feed did not stand as far as the cache does.
    pub(crate) fn put(
        &self,
        _lock: &MutexGuard<'_, ()>,
        standing: &Standing,
        id: Id,
        known: Arc<Known>,
    ) {
        if !matches!(standing, Standing::Head(head) if *head < self.head()) {
            self.contacts.insert(id, known);
        }
    }

    /// Forgets what changed.
    pub(crate) fn follow(&self, _lock: &MutexGuard<'_, ()>, changes: &[Change]) {
        for change in changes {
            match change.what {
                Touched::Contact(id) => {
                    self.contacts.remove(&id);
                }
                Touched::Records(_) | Touched::Object(..) => {}
                Touched::Many => self.contacts.clear(),
            }
            self.head.store(change.number, Ordering::Release);
        }
    }
}
