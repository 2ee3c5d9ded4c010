//! A visit: from the link to leaving, half an hour without a sign of life, or two hours.

use gantry_notice::Operation;
use gantry_store::{Batch, Expect, Space, StoreError, Write};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::Portal;
use super::secret::{self, For};
use crate::audit::About as Whom;
use crate::engine::{Engine, Inner, encode};
use crate::error::EngineError;

/// A visit without a sign of life ends after so long.
pub const VISIT_IDLE_MINUTES: i64 = 30;
/// A visit ends after so long.
pub const VISIT_MINUTES: i64 = 120;

const MINUTE: i64 = 60_000;

/// What is stored of a visit.
#[derive(Serialize, Deserialize)]
struct Stored {
    contact: Uuid,
    /// The last sign of life, to the minute (ms).
    seen: i64,
    /// When it is over (ms).
    over: i64,
}

/// A new visit: its token, and what is to be written.
pub(super) async fn begin(
    inner: &Inner,
    contact: Uuid,
) -> Result<(Zeroizing<String>, Vec<Write>), EngineError> {
    let seen = inner.clock.now();
    let over = seen + VISIT_MINUTES * MINUTE;
    let (token, key) = secret::make(inner, For::Visit, over);
    let mut writes = secret::sweep(inner, For::Visit).await?;
    writes.push(Write::Entry(Space::Visit, key, encode(&Stored { contact, seen, over })));
    Ok((token, writes))
}

impl Engine {
    /// Who comes with the token of a visit; nothing where it is unknown or over, or the contact is not
    /// there any more. A sign of life is noted at most once a minute.
    pub async fn portal(&self, token: &str) -> Result<Option<Portal>, EngineError> {
        let inner = &self.inner;
        let Some(key) = secret::key_of(inner, For::Visit, token) else { return Ok(None) };
        let Some(stored) = self.visit(&key).await? else { return Ok(None) };
        let session = self.portal_session().await?;
        if !session.may_visit(stored.contact).await? {
            return Ok(None);
        }
        let form = secret::mark(inner, "portal form of a visit", &gantry_vault::encode(&key));
        Ok(Some(Portal { session, contact: stored.contact, form }))
    }

    /// A visit that goes on.
    async fn visit(&self, key: &[u8]) -> Result<Option<Stored>, EngineError> {
        let inner = &self.inner;
        loop {
            let Some(bytes) = inner.store.entry(Space::Visit, key).await? else {
                return Ok(None);
            };
            let stored: Stored = serde_json::from_slice(&bytes)
                .map_err(|_| EngineError::Corrupt("a visit of the portal"))?;
            let now = inner.clock.now();
            let silent = now.saturating_sub(stored.seen);
            if stored.over <= now || silent >= VISIT_IDLE_MINUTES * MINUTE {
                return Ok(None);
            }
            if silent < MINUTE {
                return Ok(Some(stored));
            }
            let stored = Stored { seen: now, ..stored };
            let batch = Batch {
                expects: vec![Expect::Entry(Space::Visit, key.to_vec(), bytes)],
                writes: vec![Write::Entry(Space::Visit, key.to_vec(), encode(&stored))],
                ..Batch::default()
            };
            match inner.store.commit(batch).await {
                // Somebody noted it at the same time, or the visit has ended: look again.
                Err(StoreError::Conflict { .. }) => {}
                done => return done.map(|_| Some(stored)).map_err(EngineError::from),
            }
        }
    }

    /// Ends a visit. One that is unknown has ended.
    pub async fn portal_leave(&self, token: &str) -> Result<(), EngineError> {
        let inner = &self.inner;
        let Some(key) = secret::key_of(inner, For::Visit, token) else { return Ok(()) };
        let Some(bytes) = inner.store.entry(Space::Visit, &key).await? else { return Ok(()) };
        let stored: Stored = serde_json::from_slice(&bytes)
            .map_err(|_| EngineError::Corrupt("a visit of the portal"))?;
        let session = self.portal_session().await?;
        let mut writes = secret::sweep(inner, For::Visit).await?;
        writes.push(Write::RemoveEntry(Space::Visit, key));
        let whom = Whom::One(*stored.contact.as_bytes());
        let entry = session.desk.entry(inner.clock.now(), Operation::Read, Vec::new(), whom, 1);
        let batch = Batch { writes, ..Batch::default() };
        session.commit_as(batch, entry.called("portal-leave".to_owned())).await
    }
}
