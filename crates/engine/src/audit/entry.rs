//! An audit entry: who, for which purpose, what, about whom, when, how many. Ids only: never a
//! name or a value of a contact.

use std::borrow::Cow;

use gantry_notice::Reason;
use gantry_store::{Id, RecordKey};
use serde::{Deserialize, Serialize};

/// At most this many bytes an entry takes; about sixty thousand contacts fit.
pub const MAX_ENTRY: usize = 1 << 20;
/// The purpose where there was none to name: a session refused, work on the store as a whole.
pub const NO_PURPOSE: u8 = u8::MAX;
/// The use where there was none to name.
pub const NO_USE: u16 = u16::MAX;

/// How entries are written: the first byte of each.
const VERSION: u8 = 1;
const LENGTH_LEN: usize = 4;

/// What one act was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When, in milliseconds since 1970 (UTC).
    pub at: i64,
    /// Whose account worked.
    pub actor: String,
    /// For which purpose; [`NO_PURPOSE`] where there was none.
    pub purpose: u8,
    /// For which use of it; [`NO_USE`] where there was none.
    pub use_id: u16,
    /// Under which version of the notice.
    pub notice: u16,
    /// Why.
    pub cause: Cause,
    /// What was done, in a word.
    pub operation: Cow<'static, str>,
    /// Of which data categories.
    pub categories: Vec<u8>,
    /// About whom or what.
    pub about: About,
    /// How many records or rows.
    pub count: u32,
    /// Whether it was done.
    pub outcome: Outcome,
    /// The request it belongs to.
    pub request: Option<Id>,
}

/// Why an act happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Cause {
    /// A request over HTTP.
    Request,
    /// Background work.
    Job,
    /// A command.
    Cli,
    /// A test.
    Test,
    /// The system itself.
    System,
}

/// About whom or what an act was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum About {
    /// Nobody in particular: counts, settings.
    Nobody,
    /// A contact.
    One(Id),
    /// Contacts.
    Many(Vec<Id>),
    /// An object of a kind.
    Object(u8, Id),
    /// Single records.
    Records(Vec<RecordPlace>),
}

/// Which record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordPlace {
    /// Of which contact.
    pub contact: Id,
    /// Of which category.
    pub category: u8,
    /// Its id.
    pub id: Id,
}

impl From<RecordKey> for RecordPlace {
    fn from(key: RecordKey) -> RecordPlace {
        RecordPlace { contact: key.contact, category: key.category, id: key.id }
    }
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// It was done.
    Allowed,
    /// It was refused, for the reason of that number.
    Denied(u8),
}

impl Entry {
    /// The same act, refused.
    #[must_use]
    pub fn denied(mut self, reason: Reason) -> Entry {
        self.outcome = Outcome::Denied(reason as u8);
        self.count = 0;
        self
    }

    /// The same act under a name that says more.
    #[must_use]
    pub fn called(mut self, operation: String) -> Entry {
        self.operation = operation.into();
        self
    }

    /// Whether it is about that contact, alone or among others.
    pub fn concerns(&self, contact: &Id) -> bool {
        match &self.about {
            About::One(id) => id == contact,
            About::Many(ids) => ids.contains(contact),
            About::Records(places) => places.iter().any(|place| place.contact == *contact),
            About::Nobody | About::Object(..) => false,
        }
    }

    /// Appends its bytes, which tell their own length.
    pub fn encode_into(&self, bytes: &mut Vec<u8>) -> Result<(), EntryTooLong> {
        let start = bytes.len();
        bytes.extend_from_slice(&[0; LENGTH_LEN]);
        bytes.push(VERSION);
        // The writer is a vector, so that nothing but the length can be wrong.
        let written = postcard::to_extend(self, Appending(bytes)).is_ok();
        let length = bytes.len().saturating_sub(start + LENGTH_LEN);
        if !written || length > MAX_ENTRY {
            bytes.truncate(start);
            return Err(EntryTooLong);
        }
        let length = u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes();
        if let Some(place) = bytes.get_mut(start..start + LENGTH_LEN) {
            place.copy_from_slice(&length);
        }
        Ok(())
    }
}

/// The entries that [`Entry::encode_into`] wrote, one after the other. After bytes that are no
/// entry it says so once and ends.
pub fn decode(bytes: &[u8]) -> Entries<'_> {
    Entries { rest: bytes }
}

/// How many entries there are, by their lengths alone; `None` where the last one is cut.
pub(crate) fn count(mut bytes: &[u8]) -> Option<u32> {
    let mut count = 0u32;
    while !bytes.is_empty() {
        bytes = split_body(bytes)?.1;
        count = count.checked_add(1)?;
    }
    Some(count)
}

/// The bytes of each entry, with its length; they end where the bytes are no entry.
pub(crate) fn split_off(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let (body, after) = split_body(rest)?;
        let one = rest.get(..LENGTH_LEN + body.len())?;
        rest = after;
        Some(one)
    })
}

/// See [`decode`].
#[derive(Clone, Debug)]
pub struct Entries<'a> {
    rest: &'a [u8],
}

impl Iterator for Entries<'_> {
    type Item = Result<Entry, BadEntry>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let Some((entry, rest)) = split(self.rest) else {
            self.rest = &[];
            return Some(Err(BadEntry));
        };
        self.rest = rest;
        Some(Ok(entry))
    }
}

/// The entry is longer than [`MAX_ENTRY`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an audit entry is too long\nhint: do less at once; {MAX_ENTRY} bytes fit")]
pub struct EntryTooLong;

/// Bytes that are no audit entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("bytes in the audit trail are no entry of it")]
pub struct BadEntry;

fn split(bytes: &[u8]) -> Option<(Entry, &[u8])> {
    let (body, rest) = split_body(bytes)?;
    let body = body.strip_prefix(&[VERSION])?;
    let (entry, left) = postcard::take_from_bytes(body).ok()?;
    left.is_empty().then_some((entry, rest))
}

fn split_body(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<LENGTH_LEN>()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    if length > MAX_ENTRY {
        return None;
    }
    rest.split_at_checked(length)
}

/// Lets the encoder append to a vector that has something in it already.
struct Appending<'a>(&'a mut Vec<u8>);

impl Extend<u8> for Appending<'_> {
    fn extend<I: IntoIterator<Item = u8>>(&mut self, bytes: I) {
        self.0.extend(bytes);
    }
}
