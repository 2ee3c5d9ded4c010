//! Checks for what lies outside the store for a moment: audit entries on their way to it.

use crate::mac::MacKey;
use crate::vault::Vault;

pub(crate) struct SpoolKey(pub(crate) MacKey);

impl Vault {
    /// A keyed check of a frame of a spool at an offset. A torn frame fails it, and so does one
    /// that was changed, moved or made by somebody without the key.
    pub fn spool_check(&self, spool: &[u8; 20], offset: u64, frame: &[u8]) -> [u8; 16] {
        self.spool.0.short(&[spool, &offset.to_le_bytes(), frame])
    }
}
