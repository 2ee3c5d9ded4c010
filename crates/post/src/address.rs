//! Addresses: what can stand in a header and in an envelope, and nothing else.

use std::fmt;
use std::str::FromStr;

use crate::error::PostError;

/// The longest address that a server takes (RFC 5321, section 4.5.3.1.3, without the angle brackets).
const MAX_ADDRESS: usize = 254;

/// An e-mail address. It has no blanks, no control characters and nothing that parts addresses, so
/// that it is one recipient wherever it is written.
#[derive(Clone, PartialEq, Eq)]
pub struct Address(lettre::Address);

impl Address {
    pub(crate) fn mailbox(&self) -> lettre::message::Mailbox {
        lettre::message::Mailbox::new(None, self.0.clone())
    }
}

impl FromStr for Address {
    type Err = PostError;

    fn from_str(text: &str) -> Result<Address, PostError> {
        let odd = |c: char| c.is_whitespace() || c.is_control() || "<>()[],;:\"\\".contains(c);
        let text = text.trim_matches(' ');
        if text.len() > MAX_ADDRESS || text.contains(odd) {
            return Err(PostError::Address);
        }
        text.parse().map(Address).map_err(|_| PostError::Address)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// An address is somebody's: it is not printed by accident.
impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Address(..)")
    }
}
