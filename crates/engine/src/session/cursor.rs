//! Cursors: where a list goes on. Sealed, and good only for the same list of the same session.

use gantry_store::Id;
use gantry_vault::Vault;

use crate::door::Desk;
use crate::error::EngineError;
use crate::session::find::LONGEST_TEXT;
use crate::session::identified::Identified;

/// Pages hold at most this many items: a page is read, opened and audited as one.
pub const MAX_PAGE: usize = 500;

/// The list that sealed words belong to.
const WORDS: &str = "words";

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

impl Identified {
    /// Words that somebody looks for, sealed so that they may stand in an address: they open for the
    /// same actor and use alone.
    pub fn seal_words(&self, words: &str) -> Result<String, EngineError> {
        let too_long = || EngineError::invalid("text", "is longer than 200 characters");
        if words.chars().count() > LONGEST_TEXT {
            return Err(too_long());
        }
        let vault = &self.engine.inner.vault;
        give(vault, &self.desk, WORDS, words.as_bytes()).ok_or_else(too_long)
    }

    /// The words that were sealed.
    pub fn open_words(&self, sealed: &str) -> Result<String, EngineError> {
        let words = read(&self.engine.inner.vault, &self.desk, WORDS, Some(sealed))?;
        let unreadable = || EngineError::invalid("text", "was not sealed for you and this use");
        words.and_then(|words| String::from_utf8(words).ok()).ok_or_else(unreadable)
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
