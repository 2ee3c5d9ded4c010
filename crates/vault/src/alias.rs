//! Aliases: how a pseudonymous purpose tells people and objects apart without knowing them.

use std::fmt;

use crate::mac::MacKey;
use crate::text;
use crate::vault::Vault;

/// 80 bits: among a hundred million contacts two share an alias with a chance of 1 in 10^8.
const ALIAS_LEN: usize = 10;

pub(crate) struct AliasKey(pub(crate) MacKey);

/// A name for a contact or an object under one purpose: the same each time, different under
/// another purpose, and without the key no way back to the id. Reads like `P-7Q4K2M9XABCD1234`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Alias {
    letter: char,
    bytes: [u8; ALIAS_LEN],
}

impl Alias {
    /// Its bytes, for keys of maps.
    pub const fn bytes(&self) -> [u8; 10] {
        self.bytes
    }
}

impl fmt::Display for Alias {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.letter, text::encode(&self.bytes))
    }
}

impl Vault {
    /// The alias of a contact under a purpose.
    pub fn contact_alias(&self, purpose: u8, contact: &[u8; 16]) -> Alias {
        self.alias_of('P', [b'P', purpose, 0], contact)
    }

    /// The alias of an object of a kind under a purpose.
    pub fn object_alias(&self, purpose: u8, kind: u8, object: &[u8; 16]) -> Alias {
        self.alias_of('O', [b'O', purpose, kind], object)
    }

    /// A lot drawn for a cell of a table, by the names of its line and its column: always the same,
    /// and not to be foreseen without the key.
    pub fn lot(&self, line: &str, column: &str) -> u16 {
        let length = u64::try_from(line.len()).unwrap_or(u64::MAX).to_be_bytes();
        let hash = self.alias.0.hash(&[b"L", &length, line.as_bytes(), column.as_bytes()]);
        hash.first_chunk().copied().map_or(0, u16::from_be_bytes)
    }

    fn alias_of(&self, letter: char, head: [u8; 3], id: &[u8; 16]) -> Alias {
        let hash = self.alias.0.hash(&[&head, id]);
        Alias { letter, bytes: hash.first_chunk().copied().unwrap_or_default() }
    }
}
