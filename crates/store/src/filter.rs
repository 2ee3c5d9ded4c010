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
