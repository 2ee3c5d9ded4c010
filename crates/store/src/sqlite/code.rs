//! How rows' small parts are written in columns.

use rusqlite::{Result, Row};

use crate::row::{Id, Space, Target};

/// A target as a tag and an id: 0 for contacts, the kind and one more for objects. The order of
/// (tag, id) is the order of targets.
pub(super) fn tagged(target: &Target) -> (i64, &Id) {
    match target {
        Target::Contact(id) => (0, id),
        Target::Object(kind, id) => (object_tag(*kind), id),
    }
}

/// The tag of objects of a kind.
pub(super) fn object_tag(kind: u8) -> i64 {
    i64::from(kind) + 1
}

/// The target of two columns, tag and id.
pub(super) fn target(row: &Row<'_>, first: usize) -> Result<Target> {
    let tag: i64 = row.get(first)?;
    let id: Id = row.get(first + 1)?;
    match tag {
        0 => Ok(Target::Contact(id)),
        tag => match u8::try_from(tag - 1) {
            Ok(kind) => Ok(Target::Object(kind, id)),
            Err(_) => Err(rusqlite::Error::IntegralValueOutOfRange(first, tag)),
        },
    }
}

/// The number of a space.
pub(super) fn space_number(space: Space) -> i64 {
    space as i64
}

/// A limit as SQL wants it.
pub(super) fn sql_limit(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}
