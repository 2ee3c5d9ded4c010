//! Values as other systems write them, turned into Gantry's canonical text.
//!
//! Each function returns what the value is not where it cannot be read: `an e-mail address`.

pub(crate) mod contact;
pub(crate) mod country;
pub(crate) mod date;
pub(crate) mod number;
pub(crate) mod words;

/// What a value is not, with its article.
pub(crate) type NotA = &'static str;
