//! What a page of rows is limited to.

use crate::row::Id;

/// At most this many targets come back for one hash of many asked at once.
pub const LOOKUPS_PER_HASH: usize = 100;

/// Which contacts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ContactFilter {
    /// Only those of this company.
    pub company: Option<Id>,
    /// Only those of this country; zeros for those without.
    pub country: Option<[u8; 2]>,
    /// Also those that were erased.
    pub erased: bool,
}

/// Which objects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ObjectFilter {
    /// Of this kind.
    pub kind: u8,
    /// Only those of this company.
    pub company: Option<Id>,
    /// Only parts of this object.
    pub part_of: Option<Id>,
    /// Only those in this state.
    pub state: Option<String>,
}

/// The first key behind all with this prefix; none where the prefix is empty or at the very end.
pub(crate) fn end_of(prefix: &[u8]) -> Option<Vec<u8>> {
    let mut end = prefix.to_vec();
    while let Some(last) = end.pop() {
        if last < u8::MAX {
            end.push(last + 1);
            return Some(end);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_ends_where_its_last_byte_can_still_grow() {
        assert_eq!(end_of(b"ab"), Some(b"ac".to_vec()));
        assert_eq!(end_of(&[1, 255, 255]), Some(vec![2]));
        assert_eq!(end_of(&[255]), None);
        assert_eq!(end_of(&[]), None);
    }
}
