//! Secrets of the portal: links, and tokens of visits. Given once, stored by a keyed hash.
//!
//! The key under which one is stored begins with the minute in which it is over, which the secret
//! itself tells: those that are over come first and can be taken away without looking at the others.

use gantry_store::{Space, Write};
use gantry_vault::{Form, decode, encode};
use rand::Rng;
use zeroize::Zeroizing;

use crate::engine::Inner;
use crate::error::EngineError;

const MINUTE: i64 = 60_000;
const MINUTE_LEN: usize = 4;
const RANDOM_LEN: usize = 32;
/// Entries that are over and that one write takes away, at most.
const TAKEN_AWAY: usize = 16;

/// What a secret is for, and where it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum For {
    /// Coming in.
    Link,
    /// Staying.
    Visit,
}

impl For {
    pub(super) const fn space(self) -> Space {
        match self {
            For::Link => Space::PortalLink,
            For::Visit => Space::Visit,
        }
    }

    /// What keys begin with: other links may lie in the same space.
    const fn prefix(self) -> &'static [u8] {
        match self {
            For::Link => b"portal link ",
            For::Visit => b"portal visit ",
        }
    }

    const fn label(self) -> &'static str {
        match self {
            For::Link => "portal link",
            For::Visit => "portal visit",
        }
    }
}

/// A new secret: its text, to be given, and the key to store it under.
pub(super) fn make(inner: &Inner, what: For, over: i64) -> (Zeroizing<String>, Vec<u8>) {
    let mut bytes = Zeroizing::new([0u8; MINUTE_LEN + RANDOM_LEN]);
    let (minute, random) = bytes.split_at_mut(MINUTE_LEN);
    minute.copy_from_slice(&minute_of(over.saturating_add(MINUTE - 1)).to_be_bytes());
    inner.entropy.fork().fill_bytes(random);
    let key = key(inner, what, bytes.as_slice());
    (Zeroizing::new(encode(bytes.as_slice())), key)
}

/// A secret that is stored nowhere here.
pub(super) fn unstored(inner: &Inner) -> Zeroizing<String> {
    let mut bytes = Zeroizing::new([0u8; RANDOM_LEN]);
    inner.entropy.fork().fill_bytes(bytes.as_mut_slice());
    Zeroizing::new(encode(bytes.as_slice()))
}

/// The key under which a secret of that text is stored; `None` where there can be none.
pub(super) fn key_of(inner: &Inner, what: For, text: &str) -> Option<Vec<u8>> {
    const LETTERS: usize = 58;
    let bytes = Zeroizing::new(decode(text).filter(|_| text.len() == LETTERS)?);
    (bytes.len() == MINUTE_LEN + RANDOM_LEN).then(|| key(inner, what, &bytes))
}

fn key(inner: &Inner, what: For, bytes: &[u8]) -> Vec<u8> {
    let minute = bytes.get(..MINUTE_LEN).unwrap_or_default();
    let hash = inner.vault.lookup().hash(Form::Exact, what.label(), &encode(bytes));
    [what.prefix(), minute, hash.as_slice()].concat()
}

fn minute_of(millis: i64) -> u32 {
    u32::try_from(millis.div_euclid(MINUTE)).unwrap_or(0)
}

/// A keyed hash of something that only its owner knows, as text.
pub(super) fn mark(inner: &Inner, label: &str, secret: &str) -> String {
    encode(&inner.vault.lookup().hash(Form::Exact, label, secret))
}

/// Takes away some of the secrets that are over, so that there are never many.
pub(super) async fn sweep(inner: &Inner, what: For) -> Result<Vec<Write>, EngineError> {
    let (space, prefix) = (what.space(), what.prefix());
    let first = inner.store.entries(space, prefix, None, TAKEN_AWAY).await?;
    let now = [prefix, &minute_of(inner.clock.now()).to_be_bytes()].concat();
    let over = first.into_iter().map(|(key, _)| key).filter(|key| *key < now);
    Ok(over.map(|key| Write::RemoveEntry(space, key)).collect())
}
