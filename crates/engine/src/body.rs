//! Bodies of records and objects: names and canonical values, in the order of the notice.
//!
//! Names, not numbers, so that a body can be read whatever versions of the notice come later.

use postcard::{from_bytes, take_from_bytes, to_allocvec};

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

/// The fields of a body, one after the other; they end where the bytes are no body.
pub(crate) fn pairs(bytes: &[u8]) -> impl Iterator<Item = (&str, &str)> {
    let (mut left, mut rest) = take_from_bytes::<usize>(bytes).unwrap_or((0, &[]));
    std::iter::from_fn(move || {
        left = left.checked_sub(1)?;
        let (pair, after) = take_from_bytes::<(&str, &str)>(rest).ok()?;
        rest = after;
        Some(pair)
    })
}

/// Unpacks fields; `None` where the bytes are no body.
pub(crate) fn decode(bytes: &[u8]) -> Option<Vec<(&str, &str)>> {
    if bytes.is_empty() {
        return Some(Vec::new());
    }
    from_bytes(bytes).ok()
}
