//! The keyed hash under everything here: HMAC-SHA-256, its key schedule kept.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::{Zeroize, Zeroizing};

/// A key for keyed hashes, ready to use: cloning the state costs less than setting it up.
#[derive(Clone)]
pub(crate) struct MacKey(Hmac<Sha256>);

impl MacKey {
    pub(crate) fn new(key: &[u8; 32]) -> MacKey {
        // HMAC fills a short key up with zeros to a block; doing so here leaves nothing to fail.
        let mut block = [0u8; 64];
        for (to, from) in block.iter_mut().zip(key) {
            *to = *from;
        }
        let mac = Hmac::<Sha256>::new((&block).into());
        block.zeroize();
        MacKey(mac)
    }

    /// The hash of the parts in their order. The caller sees to it that parts cannot be confused:
    /// all but the last are of fixed length or carry their length.
    pub(crate) fn hash(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut mac = self.0.clone();
        for part in parts {
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }

    /// The first 16 bytes of [`MacKey::hash`].
    pub(crate) fn short(&self, parts: &[&[u8]]) -> [u8; 16] {
        self.hash(parts).first_chunk().copied().unwrap_or_default()
    }

    /// A key of its own for a job.
    pub(crate) fn subkey(&self, label: &str) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.hash(&[b"gantry subkey 1 ", label.as_bytes()]))
    }
}
