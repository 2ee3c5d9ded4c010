//! Keys and secrets. Pure: no I/O, no clock, and randomness is a parameter.
//!
//! One [`MasterKey`], which never lies beside the data, gives a [`Vault`] with a key of its own for
//! every job: wrapping contacts' keys, blind look-ups, aliases, suppression, cursors, signatures,
//! passwords and second factors of people at work.
//! Every contact has a [`ContactKey`]; whoever destroys it has erased what was sealed with it.

mod alias;
mod cursor;
mod link;
mod lookup;
mod mac;
mod master;
mod normal;
mod password;
mod seal;
mod sign;
mod spool;
mod suppress;
mod text;
mod ticket;
mod token;
mod totp;
mod vault;
mod wrap;

#[cfg(test)]
mod tests;

pub use alias::Alias;
pub use link::{NO_LINK, link_hash};
pub use lookup::{Form, Lookup};
pub use master::{MasterKey, MasterKeyError};
pub use normal::{MAX_WORDS, email, phone, words};
pub use password::{NotHashed, PasswordCost};
pub use seal::{
    ContactKey, MAX_SEALED, NotSealed, NotSealedHere, Opened, Place, ReadyKey, open, seal,
};
pub use sign::{PublicKey, PublicKeyError, SIGNATURE_LEN};
pub use suppress::Address;
pub use text::{decode, encode};
pub use ticket::{Ticket, TicketKind};
pub use token::{Token, TokenError};
pub use totp::TotpSecret;
pub use vault::Vault;
pub use wrap::NotUnwrapped;
