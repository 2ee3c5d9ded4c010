//! How rows' small parts are written in columns.

use rusqlite::{Result, Row};

use crate::row::{Id, Space, Target, Touched};

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

/// What changed as a tag and an id: that of a target, -1 for records of a contact, none for many
/// things.
pub(super) fn touched_tag(touched: &Touched) -> Option<(i64, &Id)> {
    match touched {
        Touched::Contact(id) => Some((0, id)),
        Touched::Records(id) => Some((-1, id)),
        Touched::Object(kind, id) => Some((object_tag(*kind), id)),
        Touched::Many => None,
    }
}

/// What the two columns, tag and id, say that changed.
pub(super) fn touched(row: &Row<'_>, first: usize) -> Result<Touched> {
    match row.get::<_, Option<i64>>(first)? {
        None => Ok(Touched::Many),
        Some(-1) => Ok(Touched::Records(row.get(first + 1)?)),
        Some(_) => Ok(match target(row, first)? {
            Target::Contact(id) => Touched::Contact(id),
            Target::Object(kind, id) => Touched::Object(kind, id),
        }),
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
