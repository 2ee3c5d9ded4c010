//! Bodies of records and objects: names and canonical values, in the order of the notice.
//!
//! Names, not numbers, so that a body can be read whatever versions of the notice come later.

use postcard::{from_bytes, to_allocvec};

/// At most this many bytes in one body.
pub(crate) const MAX_BODY: usize = 256 * 1024;

/// Packs fields.
pub(crate) fn encode<'a>(fields: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<u8> {
    let fields: Vec<(&str, &str)> = fields.collect();
    if fields.is_empty() {
        return Vec::new();
    }
    // A vector of pairs of text always has a packed form.
    to_allocvec(&fields).unwrap_or_default()
}

/// Unpacks fields; `None` where the bytes are no body.
pub(crate) fn decode(bytes: &[u8]) -> Option<Vec<(&str, &str)>> {
    if bytes.is_empty() {
        return Some(Vec::new());
    }
    from_bytes(bytes).ok()
}
