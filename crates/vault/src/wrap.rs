//! Wrapping: how a contact's key lies in the key store.
//!
//! Each contact's key is wrapped under a key derived for that contact, so that one nonce is drawn
//! for it and not millions under one key, and bytes moved to another contact do not unwrap.

use rand::CryptoRng;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::mac::MacKey;
use crate::seal::{ContactKey, NotSealed, open_with, seal_with};
use crate::vault::Vault;

/// What tells which master key wrapped.
const NAME_LEN: usize = 4;

pub(crate) struct WrapKey {
    key: MacKey,
    name: [u8; NAME_LEN],
}

impl WrapKey {
    pub(crate) fn new(key: MacKey) -> WrapKey {
        let name = key.hash(&[b"name"]).first_chunk().copied().unwrap_or_default();
        WrapKey { key, name }
    }

    fn of(&self, contact: &[u8; 16]) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.key.hash(&[b"contact ", contact]))
    }
}

/// Why a wrapped key does not unwrap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotUnwrapped {
    /// Another master key wrapped it.
    #[error(
        "the contact's key was wrapped under another master key\nhint: use the master key that this store was made with"
    )]
    OtherMaster,
    /// The bytes are damaged, or those of another contact.
    #[error("the contact's wrapped key is damaged, or another contact's")]
    Damaged,
}

impl Vault {
    /// Wraps a contact's key for the key store: 65 bytes that only this master key unwraps, for
    /// this contact alone.
    pub fn wrap(
        &self,
        contact: &[u8; 16],
        key: &ContactKey,
        random: &mut dyn CryptoRng,
    ) -> Result<Vec<u8>, NotSealed> {
        let sealed = seal_with(&self.wrap.of(contact), contact, key.0.as_slice(), random)?;
        let mut wrapped = Vec::with_capacity(NAME_LEN + sealed.len());
        wrapped.extend_from_slice(&self.wrap.name);
        wrapped.extend_from_slice(&sealed);
        Ok(wrapped)
    }

    /// The key that [`Vault::wrap`] wrapped for the contact.
    pub fn unwrap(&self, contact: &[u8; 16], wrapped: &[u8]) -> Result<ContactKey, NotUnwrapped> {
        let (name, sealed) =
            wrapped.split_first_chunk::<NAME_LEN>().ok_or(NotUnwrapped::Damaged)?;
        if !bool::from(name.ct_eq(&self.wrap.name)) {
            return Err(NotUnwrapped::OtherMaster);
        }
        let opened = open_with(&self.wrap.of(contact), contact, sealed)
            .map_err(|_| NotUnwrapped::Damaged)?;
        let bytes = opened.as_slice().try_into().map_err(|_| NotUnwrapped::Damaged)?;
        Ok(ContactKey(Zeroizing::new(bytes)))
    }
}
