//! Where a store stands: what must be the same before and after a copy, and what a copy goes on from.

use sha2::{Digest, Sha256};

use crate::row::{Edition, Id};

/// Where a store stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Stand {
    /// Number of the last change.
    pub(crate) head: i64,
    /// How many contacts' keys were destroyed.
    pub(crate) erasures: i64,
    /// The highest number that an edition ever had.
    pub(crate) editions: Edition,
    /// Whether nothing is left to do about editions.
    pub(crate) settled: bool,
    /// The last links of the chains of the audit trail, by chain.
    pub(crate) chains: Vec<End>,
}

/// Where a chain of the audit trail ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct End {
    pub(crate) chain: Id,
    pub(crate) sequence: i64,
    pub(crate) hash: [u8; 32],
}

/// What an unfinished copy knows of what it is a copy of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Note {
    /// Which store that is.
    pub(crate) source: Vec<u8>,
    /// Where it stood, as [`Stand::mark`] says; nothing once the copy is known to be no good.
    pub(crate) mark: Vec<u8>,
}

impl Stand {
    /// A few bytes that are others when the store stands elsewhere.
    pub(crate) fn mark(&self) -> Vec<u8> {
        let mut hash = Sha256::new();
        for number in [self.head, self.erasures, self.editions] {
            hash.update(number.to_le_bytes());
        }
        for end in &self.chains {
            hash.update(end.chain);
            hash.update(end.sequence.to_le_bytes());
            hash.update(end.hash);
        }
        hash.finalize().to_vec()
    }
}
