//! Cursors: where a list goes on, given to a client that can neither read nor change it.
//!
//! Not readable, because under a pseudonymous purpose the key of the last row must not show. The
//! nonce is a keyed hash of all that is sealed, so it comes twice only for the same cursor.

use zeroize::Zeroizing;

use crate::mac::MacKey;
use crate::seal::{NotSealed, open_with, seal_at};
use crate::text;
use crate::vault::Vault;

pub(crate) struct CursorKey {
    nonce: MacKey,
    seal: Zeroizing<[u8; 32]>,
}

impl CursorKey {
    pub(crate) fn new(key: &MacKey) -> CursorKey {
        CursorKey { nonce: MacKey::new(&key.subkey("nonce")), seal: key.subkey("seal") }
    }
}

impl Vault {
    /// A cursor for a list. `context` says which list for whom (actor, purpose, filter); only there
    /// it is good.
    pub fn cursor(&self, context: &[u8], position: &[u8]) -> Result<String, NotSealed> {
        let length = u64::try_from(context.len()).unwrap_or(u64::MAX).to_le_bytes();
        let hash = self.cursor.nonce.hash(&[&length, context, position]);
        let nonce = hash.first_chunk().copied().unwrap_or_default();
        Ok(text::encode(&seal_at(&self.cursor.seal, nonce, context, position)?))
    }

    /// The position in a cursor that [`Vault::cursor`] made for the same context, else `None`.
    pub fn read_cursor(&self, context: &[u8], cursor: &str) -> Option<Vec<u8>> {
        let sealed = text::decode(cursor)?;
        let opened = open_with(&self.cursor.seal, context, &sealed).ok()?;
        Some(opened.to_vec())
    }
}
