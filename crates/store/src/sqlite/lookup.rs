//! Look-ups: hashes that lead to contacts and objects.

use std::ops::ControlFlow::{Break, Continue};

use rusqlite::{Connection, Params};

use crate::error::StoreError;
use crate::filter::LOOKUPS_PER_HASH;
use crate::row::{Edition, Hash, Id, Target};
use crate::sqlite::code::{tagged, target};
use crate::sqlite::reader::Reader;

pub(super) fn targets(
    reader: &mut Reader,
    hash: &Hash,
    after: Option<Target>,
    limit: usize,
) -> Result<Vec<Target>, StoreError> {
    let Some(after) = &after else {
        let sql = "SELECT tag, id, edition FROM lookup WHERE hash = ?1 ORDER BY tag, id";
        return gather(reader, sql, [hash], limit);
    };
    let (tag, id) = tagged(after);
    gather(
        reader,
        "SELECT tag, id, edition FROM lookup WHERE hash = ?1 AND (tag, id) > (?2, ?3)
         ORDER BY tag, id",
        (hash, tag, id),
        limit,
    )
}

/// Visible targets, each once, although it may have been found in several editions.
fn gather(
    reader: &mut Reader,
    sql: &str,
    params: impl Params,
    limit: usize,
) -> Result<Vec<Target>, StoreError> {
    let mut targets = Vec::new();
    reader.each(sql, params, |row, view| {
        if targets.len() == limit {
            return Ok(Break(()));
        }
        let target = target(row, 0)?;
        if view.shows(row.get(2)?) && targets.last() != Some(&target) {
            targets.push(target);
        }
        Ok(Continue(()))
    })?;
    Ok(targets)
}

pub(super) fn many(reader: &mut Reader, hashes: &[Hash]) -> Result<Vec<Vec<Target>>, StoreError> {
    hashes.iter().map(|hash| targets(reader, hash, None, LOOKUPS_PER_HASH)).collect()
}

/// Lets a target be found. A look-up of the base edition takes the place of all editions; one of
/// another edition is not needed beside it.
pub(super) fn put(
    main: &Connection,
    hash: &Hash,
    target: &Target,
    edition: Edition,
    editions: bool,
) -> Result<(), StoreError> {
    let (tag, id) = tagged(target);
    if edition == 0 && editions {
        main.prepare_cached(
            "DELETE FROM lookup WHERE hash = ?1 AND tag = ?2 AND id = ?3 AND edition > 0",
        )?
        .execute((hash, tag, id))?;
    }
    main.prepare_cached(
        "INSERT OR IGNORE INTO lookup (hash, tag, id, edition)
         SELECT ?1, ?2, ?3, ?4 WHERE NOT EXISTS (
            SELECT 1 FROM lookup WHERE hash = ?1 AND tag = ?2 AND id = ?3 AND edition = 0)",
    )?
    .execute((hash, tag, id, edition))?;
    Ok(())
}

/// Whether a target is found by a hash in another edition than this one.
pub(super) fn is_layered(
    main: &Connection,
    hash: &Hash,
    target: &Target,
    edition: Edition,
) -> Result<bool, StoreError> {
    let (tag, id) = tagged(target);
    let mut statement = main.prepare_cached(
        "SELECT 1 FROM lookup WHERE hash = ?1 AND tag = ?2 AND id = ?3 AND edition <> ?4 LIMIT 1",
    )?;
    Ok(statement.exists((hash, tag, id, edition))?)
}

/// Removes a look-up in every edition; says whether there was any.
pub(super) fn remove(main: &Connection, hash: &Hash, target: &Target) -> Result<bool, StoreError> {
    let (tag, id) = tagged(target);
    let mut statement =
        main.prepare_cached("DELETE FROM lookup WHERE hash = ?1 AND tag = ?2 AND id = ?3")?;
    Ok(statement.execute((hash, tag, id))? > 0)
}

/// Removes all look-ups of a contact.
pub(super) fn remove_all(main: &Connection, contact: &Id) -> Result<(), StoreError> {
    main.prepare_cached("DELETE FROM lookup WHERE tag = 0 AND id = ?1")?.execute([contact])?;
    Ok(())
}

/// Removes the look-ups of a target that are of an edition.
pub(super) fn remove_edition(
    main: &Connection,
    target: &Target,
    edition: Edition,
) -> Result<(), StoreError> {
    let (tag, id) = tagged(target);
    main.prepare_cached("DELETE FROM lookup WHERE tag = ?1 AND id = ?2 AND edition = ?3")?
        .execute((tag, id, edition))?;
    Ok(())
}

/// Removes the look-ups of a target that are there in a visible higher edition, too.
pub(super) fn remove_replaced(main: &Connection, target: &Target) -> Result<(), StoreError> {
    let (tag, id) = tagged(target);
    main.prepare_cached(
        "DELETE FROM lookup AS low WHERE tag = ?1 AND id = ?2 AND EXISTS (
            SELECT 1 FROM lookup AS high WHERE high.hash = low.hash
                AND high.tag = low.tag AND high.id = low.id AND high.edition > low.edition
                AND high.edition NOT IN (SELECT edition FROM pending))",
    )?
    .execute((tag, id))?;
    Ok(())
}
