//! Editions: what imports write is invisible until it is published, and then replaces what was.

use rusqlite::{Connection, OptionalExtension};

use crate::error::{Conflict, StoreError};
use crate::row::{Edition, Id, Target};
use crate::sqlite::code::{sql_limit, tagged, target};
use crate::sqlite::{contact, lookup, object, record};

/// What the table of editions says.
#[derive(Debug, Default)]
pub(super) struct Editions {
    /// Editions, and whether they are discarded.
    open: Vec<(Edition, bool)>,
    /// Whether there has ever been an edition.
    pub(super) any: bool,
}

impl Editions {
    pub(super) fn read(main: &Connection) -> Result<Editions, StoreError> {
        let mut statement = main.prepare_cached("SELECT edition, discarded FROM pending")?;
        let rows = statement.query_map((), |row| Ok((row.get(0)?, row.get(1)?)))?;
        let open = rows.collect::<Result<_, _>>()?;
        let mut statement = main.prepare_cached("SELECT 1 FROM sqlite_sequence")?;
        let any = statement.query_row((), |_| Ok(())).optional()?.is_some();
        Ok(Editions { open, any })
    }

    /// Editions whose rows do not count.
    pub(super) fn hidden(&self) -> Vec<Edition> {
        self.open.iter().map(|(edition, _)| *edition).collect()
    }

    /// An error unless rows of this edition may be written.
    pub(super) fn must_be_pending(&self, edition: Edition) -> Result<(), StoreError> {
        if self.open.contains(&(edition, false)) { Ok(()) } else { Err(Conflict::Edition.into()) }
    }
}

pub(super) fn begin(main: &Connection, note: &[u8]) -> Result<Edition, StoreError> {
    main.prepare_cached("INSERT INTO pending (note) VALUES (?1)")?.execute([note])?;
    Ok(main.last_insert_rowid())
}

pub(super) fn discard(main: &Connection, edition: Edition) -> Result<(), StoreError> {
    main.prepare_cached("UPDATE pending SET discarded = 1 WHERE edition = ?1")?
        .execute([edition])?;
    Ok(())
}

pub(super) fn publish(main: &Connection, edition: Edition) -> Result<(), StoreError> {
    main.prepare_cached("DELETE FROM pending WHERE edition = ?1")?.execute([edition])?;
    Ok(())
}

pub(super) fn pending(main: &Connection) -> Result<Vec<(Edition, Vec<u8>)>, StoreError> {
    let mut statement = main
        .prepare_cached("SELECT edition, note FROM pending WHERE discarded = 0 ORDER BY edition")?;
    let rows = statement.query_map((), |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Remembers that a target has rows of an edition.
pub(super) fn stage(
    main: &Connection,
    edition: Edition,
    target: &Target,
) -> Result<(), StoreError> {
    let (tag, id) = tagged(target);
    main.prepare_cached(
        "INSERT OR IGNORE INTO staged (edition, tag, id, layered) VALUES (?1, ?2, ?3, 0)",
    )?
    .execute((edition, tag, id))?;
    Ok(())
}

/// Remembers that a target has rows of several editions at one place. Whichever of them that are
/// not settled is published last cleans up.
pub(super) fn layer(main: &Connection, target: &Target) -> Result<(), StoreError> {
    let (tag, id) = tagged(target);
    main.prepare_cached(
        "UPDATE staged SET layered = 1
         WHERE edition IN (SELECT DISTINCT edition FROM staged) AND tag = ?1 AND id = ?2",
    )?
    .execute((tag, id))?;
    Ok(())
}

/// What one step of settling has done.
#[derive(Debug, Default)]
pub(super) struct Settled {
    /// How many targets were dealt with.
    pub(super) targets: usize,
    /// Contacts that are gone altogether, and whose keys must go.
    pub(super) gone: Vec<Id>,
}

/// Cleans up after at most `limit` targets of published and discarded editions.
pub(super) fn settle(main: &Connection, limit: usize) -> Result<Settled, StoreError> {
    let mut settled = Settled::default();
    let mut before = 0;
    while let Some(edition) = next_staged(main, before)? {
        before = edition;
        match is_discarded(main, edition)? {
            Some(false) => {}
            discarded => settle_one(main, edition, discarded.is_some(), limit, &mut settled)?,
        }
        if settled.targets >= limit {
            return Ok(settled);
        }
    }
    // What is discarded and has no rows any more is forgotten.
    main.prepare_cached(
        "DELETE FROM pending WHERE discarded = 1
            AND NOT EXISTS (SELECT 1 FROM staged WHERE staged.edition = pending.edition)",
    )?
    .execute(())?;
    Ok(settled)
}

fn settle_one(
    main: &Connection,
    edition: Edition,
    discarded: bool,
    limit: usize,
    settled: &mut Settled,
) -> Result<(), StoreError> {
    let targets = staged(main, edition, limit.saturating_sub(settled.targets))?;
    for (target, layered) in &targets {
        if discarded {
            drop_rows(main, edition, target, settled)?;
        } else if *layered {
            drop_replaced(main, target)?;
        }
    }
    if let Some((last, _)) = targets.last() {
        let (tag, id) = tagged(last);
        main.prepare_cached("DELETE FROM staged WHERE edition = ?1 AND (tag, id) <= (?2, ?3)")?
            .execute((edition, tag, id))?;
    }
    settled.targets += targets.len();
    Ok(())
}

fn drop_rows(
    main: &Connection,
    edition: Edition,
    target: &Target,
    settled: &mut Settled,
) -> Result<(), StoreError> {
    lookup::remove_edition(main, target, edition)?;
    match target {
        Target::Object(kind, id) => object::remove_edition(main, *kind, id, edition),
        Target::Contact(id) if contact::remove(main, id, edition)? => {
            settled.gone.push(*id);
            lookup::remove_all(main, id)?;
            record::remove_all(main, id)
        }
        Target::Contact(id) => record::remove_edition(main, id, edition),
    }
}

fn drop_replaced(main: &Connection, target: &Target) -> Result<(), StoreError> {
    lookup::remove_replaced(main, target)?;
    match target {
        Target::Object(kind, id) => object::remove_replaced(main, *kind, id),
        Target::Contact(id) => record::remove_replaced(main, id),
    }
}

/// The first edition above `before` that has anything staged.
fn next_staged(main: &Connection, before: Edition) -> Result<Option<Edition>, StoreError> {
    let mut statement =
        main.prepare_cached("SELECT min(edition) FROM staged WHERE edition > ?1")?;
    Ok(statement.query_row([before], |row| row.get(0))?)
}

/// Whether an edition is discarded; none where it is published.
fn is_discarded(main: &Connection, edition: Edition) -> Result<Option<bool>, StoreError> {
    let mut statement = main.prepare_cached("SELECT discarded FROM pending WHERE edition = ?1")?;
    Ok(statement.query_row([edition], |row| row.get(0)).optional()?)
}

/// What is staged first of an edition, and whether it is layered.
fn staged(
    main: &Connection,
    edition: Edition,
    limit: usize,
) -> Result<Vec<(Target, bool)>, StoreError> {
    let mut statement = main.prepare_cached(
        "SELECT tag, id, layered FROM staged WHERE edition = ?1 ORDER BY tag, id LIMIT ?2",
    )?;
    let rows = statement
        .query_map((edition, sql_limit(limit)), |row| Ok((target(row, 0)?, row.get(2)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
