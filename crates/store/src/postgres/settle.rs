//! Editions: begun, given up, and cleaned up after.

use deadpool_postgres::ClientWrapper;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use crate::error::{Conflict, StoreError};
use crate::postgres::node::Lease;
use crate::postgres::read::{id, only, sql_limit, uuid};
use crate::postgres::small::{tagged, target};
use crate::row::{Edition, Target};

/// Whoever begins an edition has this lock until that is committed: "begin" in ASCII.
const BEGINNING: i64 = 0x62_6567_696e;

/// Begins an edition, in a transaction: its number is above those of all that anybody saw before, as
/// numbers are given in the order in which editions are committed. `begun` is the number of a try of
/// which nobody knows how it ended.
pub(super) async fn begin(
    main: &ClientWrapper,
    lease: Lease,
    note: &[u8],
    begun: &mut Option<Edition>,
) -> Result<Edition, StoreError> {
    main.batch_execute("BEGIN").await?;
    // A try before this one has ended when the lock is had.
    main.execute("SELECT pg_advisory_xact_lock($1)", &[&BEGINNING]).await?;
    let there = main.query("SELECT edition FROM pending WHERE edition = $1", &[begun]).await?;
    let edition = match only(&there)? {
        Some(edition) => edition,
        None => *begun.insert(next_edition(main).await?),
    };
    let sql = "INSERT INTO pending (edition, discarded, epoch, node, note)
         VALUES ($1, false, $2, $3, $4) ON CONFLICT DO NOTHING";
    main.execute(sql, &[&edition, &lease.epoch, &uuid(&lease.node), &note]).await?;
    main.batch_execute("COMMIT").await?;
    Ok(edition)
}

/// A number above those of all editions before.
async fn next_edition(main: &ClientWrapper) -> Result<Edition, StoreError> {
    let rows = main.query("SELECT nextval('edition_number')", &[]).await?;
    only(&rows)?.ok_or(StoreError::Closed)
}

/// Gives an edition up. Asked `again`, after nobody knows what, it may be given up already.
pub(super) async fn discard(
    main: &ClientWrapper,
    edition: Edition,
    again: bool,
) -> Result<(), StoreError> {
    let sql = "UPDATE pending SET discarded = true WHERE edition = $1 AND (NOT discarded OR $2)";
    match main.execute(sql, &[&edition, &again]).await? {
        0 if !again => Err(Conflict::Edition.into()),
        _ => Ok(()),
    }
}

/// Stops being the one who writes an edition.
pub(super) async fn let_go(main: &ClientWrapper, edition: Edition) -> Result<(), StoreError> {
    main.execute("UPDATE pending SET node = NULL WHERE edition = $1", &[&edition]).await?;
    Ok(())
}

/// Cleans up after at most `limit` targets of published and discarded editions, in one transaction.
/// Says how many there were. Several may do so at once: each takes targets that no other has.
pub(super) async fn settle(main: &ClientWrapper, limit: usize) -> Result<usize, StoreError> {
    main.batch_execute("BEGIN").await?;
    let (mut done, mut gone) = (0, Vec::new());
    for (edition, discarded) in unsettled(main).await? {
        done += settle_one(main, edition, discarded, limit - done, &mut gone).await?;
        if done >= limit {
            break;
        }
    }
    doom(main, &gone).await?;
    // What is discarded and has no rows any more is forgotten.
    main.batch_execute(
        "DELETE FROM pending WHERE discarded
            AND NOT EXISTS (SELECT 1 FROM staged WHERE staged.edition = pending.edition);
         COMMIT",
    )
    .await?;
    Ok(done)
}

/// Editions that have anything staged and are not pending, and whether they are discarded.
async fn unsettled(main: &ClientWrapper) -> Result<Vec<(Edition, bool)>, StoreError> {
    let sql = "WITH RECURSIVE unsettled (edition) AS (
            (SELECT edition FROM staged ORDER BY edition LIMIT 1)
            UNION ALL
            SELECT (SELECT s.edition FROM staged s WHERE s.edition > u.edition
                ORDER BY s.edition LIMIT 1)
            FROM unsettled u WHERE u.edition IS NOT NULL
         )
         SELECT u.edition, coalesce(p.discarded, false) FROM unsettled u
         LEFT JOIN pending p ON p.edition = u.edition
         WHERE u.edition IS NOT NULL AND (p.edition IS NULL OR p.discarded) ORDER BY u.edition";
    let rows = main.query(sql, &[]).await?;
    rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
}

async fn settle_one(
    main: &ClientWrapper,
    edition: Edition,
    discarded: bool,
    limit: usize,
    gone: &mut Vec<Uuid>,
) -> Result<usize, StoreError> {
    let sql = "WITH taken AS (
            SELECT edition, tag, id FROM staged WHERE edition = $1 ORDER BY tag, id LIMIT $2
            FOR UPDATE SKIP LOCKED
         )
         DELETE FROM staged s USING taken t
         WHERE s.edition = t.edition AND s.tag = t.tag AND s.id = t.id
         RETURNING s.tag, s.id, s.layered";
    let rows = main.query(sql, &[&edition, &sql_limit(limit)]).await?;
    let mut targets = Vec::with_capacity(rows.len());
    for row in &rows {
        let layered: bool = row.try_get(2)?;
        if discarded || layered {
            targets.push(target(row.try_get(0)?, id(row, 1)?)?);
        }
    }
    targets.sort_unstable();
    for target in &targets {
        lock(main, target).await?;
        if discarded {
            gone.extend(drop_rows(main, edition, target).await?);
        } else {
            drop_replaced(main, target).await?;
        }
    }
    Ok(rows.len())
}

/// Nobody writes to a target that is locked. What is removed is chosen by a later statement, which
/// sees what was written before.
async fn lock(main: &ClientWrapper, target: &Target) -> Result<(), StoreError> {
    let (tag, id) = tagged(target);
    match target {
        Target::Contact(_) => {
            let sql = "SELECT 1 FROM contact WHERE id = $1 FOR NO KEY UPDATE";
            run(main, sql, &[&id]).await
        }
        Target::Object(..) => {
            let sql = "SELECT 1 FROM object WHERE kind = $1 AND id = $2 FOR NO KEY UPDATE";
            run(main, sql, &[&(tag - 1), &id]).await
        }
    }
}

/// Removes the rows of a target that are of a discarded edition; of a contact that it has made, all,
/// and says that it is gone.
async fn drop_rows(
    main: &ClientWrapper,
    edition: Edition,
    target: &Target,
) -> Result<Option<Uuid>, StoreError> {
    let (tag, id) = tagged(target);
    let sql = "DELETE FROM lookup WHERE tag = $1 AND id = $2 AND edition = $3";
    run(main, sql, &[&tag, &id, &edition]).await?;
    let Target::Contact(_) = target else {
        let sql = "DELETE FROM object WHERE kind = $1 AND id = $2 AND edition = $3";
        run(main, sql, &[&(tag - 1), &id, &edition]).await?;
        return Ok(None);
    };
    let made = main.prepare_cached("DELETE FROM contact WHERE id = $1 AND edition = $2").await?;
    if main.execute(&made, &[&id, &edition]).await? == 0 {
        let sql = "DELETE FROM record WHERE contact = $1 AND edition = $2";
        run(main, sql, &[&id, &edition]).await?;
        return Ok(None);
    }
    run(main, "DELETE FROM record WHERE contact = $1", &[&id]).await?;
    run(main, "DELETE FROM lookup WHERE tag = 0 AND id = $1", &[&id]).await?;
    Ok(Some(id))
}

/// Notes that the keys of contacts must go that are gone altogether.
async fn doom(main: &ClientWrapper, gone: &[Uuid]) -> Result<(), StoreError> {
    if gone.is_empty() {
        return Ok(());
    }
    let sql = "INSERT INTO doomed (contact, keep) SELECT *, NULL FROM unnest($1::uuid[])
         ON CONFLICT DO NOTHING";
    run(main, sql, &[&gone]).await?;
    let count = i64::try_from(gone.len()).unwrap_or(i64::MAX);
    run(main, "UPDATE feed SET erasures = erasures + $1", &[&count]).await
}

/// Removes the rows of a target that a visible one of a higher edition has replaced.
async fn drop_replaced(main: &ClientWrapper, target: &Target) -> Result<(), StoreError> {
    let (tag, id) = tagged(target);
    let sql = "DELETE FROM lookup low WHERE low.tag = $1 AND low.id = $2 AND EXISTS (
            SELECT 1 FROM lookup high WHERE high.hash = low.hash
                AND high.tag = low.tag AND high.id = low.id AND high.edition > low.edition
                AND NOT EXISTS (SELECT 1 FROM pending p WHERE p.edition = high.edition))";
    run(main, sql, &[&tag, &id]).await?;
    match target {
        Target::Object(..) => {
            let sql = "DELETE FROM object low WHERE low.kind = $1 AND low.id = $2 AND EXISTS (
                SELECT 1 FROM object high WHERE high.kind = low.kind AND high.id = low.id
                    AND high.edition > low.edition
                    AND NOT EXISTS (SELECT 1 FROM pending p WHERE p.edition = high.edition))";
            run(main, sql, &[&(tag - 1), &id]).await
        }
        Target::Contact(_) => {
            let sql = "DELETE FROM record low WHERE low.contact = $1 AND EXISTS (
                SELECT 1 FROM record high WHERE high.contact = low.contact
                    AND high.category = low.category AND high.id = low.id
                    AND high.edition > low.edition
                    AND NOT EXISTS (SELECT 1 FROM pending p WHERE p.edition = high.edition))";
            run(main, sql, &[&id]).await
        }
    }
}

async fn run(
    main: &ClientWrapper,
    sql: &str,
    params: &[&(dyn ToSql + Sync)],
) -> Result<(), StoreError> {
    let statement = main.prepare_cached(sql).await?;
    main.execute(&statement, params).await?;
    Ok(())
}
