//! Cursors: where a list goes on. Sealed, and good only for the same list of the same session.

use gantry_store::Id;
use gantry_vault::Vault;

use crate::door::Desk;
use crate::error::EngineError;

/// Pages hold at most this many items: a page is read, opened and audited as one.
pub const MAX_PAGE: usize = 500;

pub(crate) fn page_size(limit: usize) -> usize {
    limit.clamp(1, MAX_PAGE)
}

fn context(desk: &Desk, list: &str) -> Vec<u8> {
    let mut context = desk.actor.name.as_bytes().to_vec();
    context.push(0);
    context.extend(desk.use_id.0.to_le_bytes());
    context.extend(list.as_bytes());
    context
}

/// The cursor of a position in a list.
pub(crate) fn give(vault: &Vault, desk: &Desk, list: &str, position: &[u8]) -> Option<String> {
    vault.cursor(&context(desk, list), position).ok()
}

/// The position that a cursor stands for.
pub(crate) fn read(
    vault: &Vault,
    desk: &Desk,
    list: &str,
    cursor: Option<&str>,
) -> Result<Option<Vec<u8>>, EngineError> {
    let Some(cursor) = cursor else { return Ok(None) };
    let position = vault.read_cursor(&context(desk, list), cursor);
    match position {
        Some(position) => Ok(Some(position)),
        None => Err(EngineError::invalid("cursor", "is not a cursor of this list")),
    }
}

/// The same for lists whose positions are ids.
pub(crate) fn read_id(
    vault: &Vault,
    desk: &Desk,
    list: &str,
    cursor: Option<&str>,
) -> Result<Option<Id>, EngineError> {
    let position = read(vault, desk, list, cursor)?;
    Ok(position.and_then(|bytes| bytes.try_into().ok()))
}
