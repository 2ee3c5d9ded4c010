//! The hash that makes the audit trail a chain.

use sha2::{Digest, Sha256};

/// What the first link follows.
pub const NO_LINK: [u8; 32] = [0; 32];

/// The hash of a link: over the hash before it, its place, its time, how many entries it holds, and
/// the entries. Changing, dropping or swapping any link changes every hash after it.
pub fn link_hash(
    previous: &[u8; 32],
    sequence: i64,
    at: i64,
    entries: u32,
    body: &[u8],
) -> [u8; 32] {
    let length = u64::try_from(body.len()).unwrap_or(u64::MAX);
    let mut hash = Sha256::new();
    hash.update(b"gantry audit link 1");
    hash.update(previous);
    hash.update(sequence.to_le_bytes());
    hash.update(at.to_le_bytes());
    hash.update(entries.to_le_bytes());
    hash.update(length.to_le_bytes());
    hash.update(body);
    hash.finalize().into()
}
