//! What concerns the house and no contact: who may do it, how it is written, and how it is noted.

use std::borrow::Cow;

use gantry_notice::Reason;
use gantry_store::{Batch, Expect, StoreError, Write};

use crate::actor::Actor;
use crate::audit::{About, Cause, Entry, NO_PURPOSE, NO_USE, Outcome};
use crate::engine::Engine;
use crate::error::EngineError;

/// A write that loses against others this often is given up.
const ATTEMPTS: usize = 20;

impl Engine {
    /// Writes what concerns the house and no contact, with its audit entry.
    pub(crate) async fn house(
        &self,
        by: &Actor,
        what: impl Into<Cow<'static, str>>,
        cause: Cause,
        expects: Vec<Expect>,
        writes: Vec<Write>,
    ) -> Result<(), EngineError> {
        let entry = self.house_entry(&by.name, what, cause);
        let mut batch = Batch { expects, writes, audit_entries: 1, ..Batch::default() };
        entry.encode_into(&mut batch.audit).map_err(|e| EngineError::Audit(e.to_string()))?;
        self.inner.store.commit(batch).await?;
        Ok(())
    }

    /// That the actor looks after the house. Whoever does not is refused, and that is noted.
    pub(super) fn keeper(
        &self,
        by: &Actor,
        what: &'static str,
        cause: Cause,
    ) -> Result<(), EngineError> {
        if by.is_keeper() {
            return Ok(());
        }
        self.note_denied(by, what, cause)?;
        Err(EngineError::OnlyKeeper(what))
    }

    /// Notes that somebody was refused who may not do what concerns the house.
    pub(crate) fn note_denied(
        &self,
        by: &Actor,
        what: &'static str,
        cause: Cause,
    ) -> Result<(), EngineError> {
        let entry = self.house_entry(&by.name, what, cause).denied(Reason::RoleLacksPurpose);
        self.inner.trail.append(&entry)
    }

    /// That the account is the actor's own, or the actor looks after the house. What came in with a
    /// token owns no account.
    pub(super) fn own_or_keeper(
        &self,
        by: &Actor,
        account: &str,
        what: &'static str,
        cause: Cause,
    ) -> Result<(), EngineError> {
        if by.purposes.is_none() && by.name == account {
            return Ok(());
        }
        self.keeper(by, what, cause)
    }

    /// Notes that somebody failed to come in. `account` is empty where there is none: what was typed
    /// in its place may be a password, and is not told.
    pub(super) fn note_failed(
        &self,
        account: &str,
        what: impl Into<Cow<'static, str>>,
    ) -> Result<(), EngineError> {
        let entry = self.house_entry(account, what, Cause::Request).denied(Reason::Unknown);
        self.inner.trail.append(&entry)
    }

    /// Notes what has come of failing.
    pub(super) fn note_house(&self, account: &str, what: String) -> Result<(), EngineError> {
        self.inner.trail.append(&self.house_entry(account, what, Cause::Request))
    }

    fn house_entry(&self, actor: &str, what: impl Into<Cow<'static, str>>, cause: Cause) -> Entry {
        Entry {
            at: self.inner.clock.now(),
            actor: actor.to_owned(),
            purpose: NO_PURPOSE,
            use_id: NO_USE,
            notice: self.policy().policy().version(),
            cause,
            operation: what.into(),
            categories: Vec::new(),
            about: About::Nobody,
            count: 1,
            outcome: Outcome::Allowed,
            request: None,
        }
    }
}

/// Repeats what lost against another writer, each time read anew.
// Not an async closure: the compiler cannot yet prove its future to be `Send`, and a server moves
// requests between threads.
pub(super) async fn again<T, W: Future<Output = Result<T, EngineError>>>(
    act: impl Fn() -> W,
) -> Result<T, EngineError> {
    for _ in 1..ATTEMPTS {
        match act().await {
            Err(EngineError::Store(StoreError::Conflict { .. })) => {}
            done => return done,
        }
    }
    match act().await {
        Err(EngineError::Store(StoreError::Conflict { .. })) => {
            Err(EngineError::Conflict { what: "account".to_owned() })
        }
        done => done,
    }
}

/// What is stored of an account, a token or a sign-in.
pub(crate) fn decode<T: serde::de::DeserializeOwned>(
    bytes: &[u8],
    what: &'static str,
) -> Result<T, EngineError> {
    serde_json::from_slice(bytes).map_err(|_| EngineError::Corrupt(what))
}

/// So much of a hash is the id of what it is the hash of.
const ID_BYTES: usize = 8;

/// Sixteen hexadecimal digits of a stored hash: they lead to nobody's token or sign-in.
pub(super) fn id_of(hash: &[u8]) -> String {
    hash.iter().take(ID_BYTES).fold(String::new(), |id, byte| id + &format!("{byte:02x}"))
}
