//! Idempotency keys: a write that is asked for twice happens once.
//!
//! What is remembered is which thing the write made, in the same transaction, and not the answer:
//! whoever asks again gets the thing as the purpose sees it then.

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

/// The key of a write, as it is stored.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Once {
    key: [u8; 16],
    request: [u8; 16],
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
        let once = Once {
            key: vault.lookup().hash(Form::Exact, &label, key),
            request: vault.lookup().hash(Form::Exact, "request", &asked),
        };
        self.desk.once = Some(once);
        self.happened().await
    }

    /// What the write with this session's key has made already, be it a moment ago by somebody else.
    pub async fn happened(&self) -> Result<Option<Made>, EngineError> {
        let Some(once) = &self.desk.once else { return Ok(None) };
        let stored = self.engine.inner.store.entry(Space::Once, &once.key).await?;
        let Some(stored) = stored else { return Ok(None) };
        let remembered: Remembered = serde_json::from_slice(&stored)
            .map_err(|_| EngineError::Corrupt("what an idempotency key stands for"))?;
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
        let remembered = Remembered { request: self.request, made };
        batch.expects.push(Expect::NoEntry(Space::Once, self.key.to_vec()));
        let entry = Write::Entry(Space::Once, self.key.to_vec(), encode(&remembered));
        batch.writes.push(entry);
    }
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
            _ => None,
        }),
        Whom::Nobody | Whom::Many(_) => None,
    }
}
