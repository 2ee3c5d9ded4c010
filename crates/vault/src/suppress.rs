//! Suppression: a keyed hash keeps an address that was erased from quietly starting again.

use crate::mac::MacKey;
use crate::normal;
use crate::vault::Vault;

pub(crate) struct SuppressKey(pub(crate) MacKey);

/// An address as somebody wrote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Address<'a> {
    /// Electronic mail.
    Email(&'a str),
    /// Telephone.
    Phone(&'a str),
}

impl Vault {
    /// The hash under which an address is suppressed; `None` where it is no address. Its key is
    /// not that of look-ups, so that the one list says nothing about the other.
    pub fn suppression(&self, address: Address<'_>) -> Option<[u8; 32]> {
        let (head, normal) = match address {
            Address::Email(text) => (b"e", normal::email(text)?),
            Address::Phone(text) => (b"p", normal::phone(text)?),
        };
        Some(self.suppress.0.hash(&[head, normal.as_bytes()]))
    }
}
