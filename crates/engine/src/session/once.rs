//! Idempotency keys: a write that is asked for twice happens once.
//!
//! What is remembered is which thing the write made, in the same transaction, and not the answer:
//! whoever asks again gets the thing as the purpose sees it then. After a day it is forgotten: a write
//! with a key takes away some of those that are over, so that there are never many.

use gantry_store::{Batch, Expect, Id, Space, Write};
use gantry_vault::Form;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::audit::About as Whom;
use crate::engine::encode;
use crate::error::EngineError;
use crate::session::identified::Identified;

/// An idempotency key is at most this long.
const MAX_KEY: usize = 128;

/// A key is remembered for so long, in milliseconds: longer than any client repeats a request.
const REMEMBERED: i64 = 24 * 60 * 60 * 1_000;
/// Keys that one write forgets, at most.
const FORGOTTEN: usize = 16;

/// The key of a write, as it is stored.
#[derive(Clone, Debug)]
pub(crate) struct Once {
    request: [u8; 16],
    /// When it is asked for.
    at: i64,
    /// Where it may be remembered: under the day on which it was used, which is today or, not a
    /// whole day ago, yesterday, or tomorrow by another clock.
    places: Vec<Vec<u8>>,
    /// Entries that are over, and that nobody reads any more.
    over: Vec<Vec<u8>>,
}

/// What a write made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Made {
    /// A contact.
    Contact(Uuid),
    /// A record: contact, number of the category, record.
    Record(Uuid, u8, Uuid),
    /// An object: number of the kind, object.
    Object(u8, Uuid),
}

#[derive(Serialize, Deserialize)]
struct Remembered {
    request: [u8; 16],
    made: Made,
    at: i64,
}

impl Identified {
    /// Makes the next write of this session happen once for a key of the client. `request` is all
    /// that was asked. Answers what was made, where it has happened already; a key that was used
    /// for something else is invalid.
    pub async fn once(&mut self, key: &str, request: &[u8]) -> Result<Option<Made>, EngineError> {
        if key.is_empty() || key.len() > MAX_KEY || !key.bytes().all(|b| b.is_ascii_graphic()) {
            let fault = "is not a key of 1 to 128 visible ASCII characters";
            return Err(EngineError::invalid("Idempotency-Key", fault));
        }
        let vault = &self.engine.inner.vault;
        let label = format!("once {} {}", self.desk.actor.name, self.desk.use_id.0);
        let asked = String::from_utf8_lossy(request);
        let key = vault.lookup().hash(Form::Exact, &label, key);
        let request = vault.lookup().hash(Form::Exact, "request", &asked);
        let inner = &self.engine.inner;
        let at = inner.clock.now();
        let first = inner.store.entries(Space::Once, &[], None, FORGOTTEN).await?;
        let kept = entry(at.saturating_sub(REMEMBERED), &[0; 16]);
        let over = first.into_iter().map(|(entry, _)| entry).filter(|entry| *entry < kept);
        let over = over.collect();
        let mut places: Vec<Vec<u8>> =
            [0, REMEMBERED, -REMEMBERED].map(|ago| entry(at - ago, &key)).into();
        if let Some(yesterday) = places.get(1)
            && let Some(stored) = inner.store.entry(Space::Once, yesterday).await?
            && decode(&stored)?.at < at - REMEMBERED
        {
            places.remove(1);
        }
        self.desk.once = Some(Once { request, at, places, over });
        self.happened().await
    }

    /// What the write with this session's key has made already, be it a moment ago by somebody else.
    pub async fn happened(&self) -> Result<Option<Made>, EngineError> {
        let Some(once) = &self.desk.once else { return Ok(None) };
        let mut found = None;
        for place in &once.places {
            let stored = self.engine.inner.store.entry(Space::Once, place).await?;
            found = found.or(stored);
        }
        let Some(stored) = found else { return Ok(None) };
        let remembered = decode(&stored)?;
        if remembered.request != once.request {
            let fault = "was used before for another request";
            return Err(EngineError::invalid("Idempotency-Key", fault));
        }
        Ok(Some(remembered.made))
    }
}

impl Once {
    /// Lets a batch be applied only once.
    pub(crate) fn bind(&self, batch: &mut Batch, about: &Whom) {
        let Some(made) = made(batch, about) else { return };
        let remembered = Remembered { request: self.request, made, at: self.at };
        let over = self.over.iter().cloned();
        batch.writes.extend(over.map(|entry| Write::RemoveEntry(Space::Once, entry)));
        let places = self.places.iter().cloned();
        batch.expects.extend(places.map(|place| Expect::NoEntry(Space::Once, place)));
        let today = self.places.first().cloned();
        batch
            .writes
            .extend(today.map(|today| Write::Entry(Space::Once, today, encode(&remembered))));
    }
}

fn decode(stored: &[u8]) -> Result<Remembered, EngineError> {
    let read = serde_json::from_slice(stored);
    read.map_err(|_| EngineError::Corrupt("what an idempotency key stands for"))
}

/// Days first, so that the entries of days that are over come first and are never asked for again.
fn entry(at: i64, key: &[u8; 16]) -> Vec<u8> {
    let day = u32::try_from(at.div_euclid(REMEMBERED)).unwrap_or(0);
    [day.to_be_bytes().as_slice(), key].concat()
}

fn made(batch: &Batch, about: &Whom) -> Option<Made> {
    let uuid = |id: &Id| Uuid::from_bytes(*id);
    match about {
        Whom::Object(kind, id) => Some(Made::Object(*kind, uuid(id))),
        Whom::One(contact) if batch.expects.contains(&Expect::Contact(*contact, 0)) => {
            Some(Made::Contact(uuid(contact)))
        }
        Whom::One(contact) => batch.writes.iter().rev().find_map(|write| match write {
            Write::Record(row) => {
                Some(Made::Record(uuid(contact), row.key.category, uuid(&row.key.id)))
            }
            Write::Revise(revision) => {
                let key = revision.key;
                Some(Made::Record(uuid(contact), key.category, uuid(&key.id)))
            }
            _ => None,
        }),
        Whom::Nobody | Whom::Many(_) | Whom::Records(_) => None,
    }
}
