//! The database of keys: wrapped keys of contacts, put before the rows that need them are committed,
//! and destroyed after those that replace them are.
//!
//! **Slots.** A contact's key is in slot 0. The key of what a law obliges to keep of an erased one
//! is in a slot of its own, the version of the tombstone, so that it can be durable before the
//! tombstone is and the old key be destroyed after. The lowest slot counts; who has seen the tombstone
//! asks for its slot.
//!
//! **Crashes.** Which keys are to go is written with the tombstones (`doomed`), and removed there once
//! they have gone; whoever comes next finds what was left. Both databases count the erasures, so that
//! an older copy of either shows: then all tombstones are gone through. Whose keys have gone is noted
//! (`destroyed`): an older copy of the main database still knows such a contact, as one without a key,
//! and of whoever else has none the key is lost.
//!
//! What the server keeps of a deleted key, and for how long, is said in `docs/postgresql.md`.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use deadpool_postgres::ClientWrapper;
use tokio::time::sleep;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use crate::error::StoreError;
use crate::pairing::SideBySide;
use crate::postgres::read::{id, only, optional_id, uuid};
use crate::postgres::steps::Steps;
use crate::postgres::table::{self, There};
use crate::row::Id;

/// Tombstones gone through at once.
const PAGE: i64 = 1_000;
/// Pauses between looks at two counts that do not agree.
const LOOKS: [Duration; 3] =
    [Duration::from_millis(20), Duration::from_millis(60), Duration::from_millis(180)];

/// Puts keys, durably.
pub(super) async fn put(
    keys: &ClientWrapper,
    new: &BTreeMap<(Id, i64), Vec<u8>>,
) -> Result<(), StoreError> {
    let rows = new.iter().map(|(place, wrapped)| table::key(place, wrapped)).collect();
    let mut steps = Steps::default();
    steps.put(&table::KEY, rows, There::Replaced);
    Ok(steps.prepare(keys).await?.send(keys).await?)
}

/// Destroys the keys of contacts whose tombstones say so, unless somebody else is about to.
pub(super) async fn destroy(
    main: &ClientWrapper,
    keys: &ClientWrapper,
    doomed: &[(Id, Option<i64>)],
) -> Result<(), StoreError> {
    if doomed.is_empty() {
        return Ok(());
    }
    let contacts: Vec<Uuid> = doomed.iter().map(|(contact, _)| uuid(contact)).collect();
    claim(main, keys, "= ANY($1)", &[&contacts]).await.map(drop)
}

/// Destroys what somebody was stopped before it could. Says how many contacts' keys these were, as
/// many as go at once.
pub(super) async fn destroy_left(
    main: &ClientWrapper,
    keys: &ClientWrapper,
) -> Result<usize, StoreError> {
    // Most often there is nothing, and no transaction is needed to see that.
    if main.query("SELECT 1 FROM doomed LIMIT 1", &[]).await?.is_empty() {
        return Ok(0);
    }
    claim(main, keys, "IS NOT NULL LIMIT $1", &[&PAGE]).await
}

/// Takes what is to be destroyed so that nobody else does, destroys it, and takes note of that. Keys
/// are destroyed and counted once, unless this is stopped between the two databases.
async fn claim(
    main: &ClientWrapper,
    keys: &ClientWrapper,
    which: &str,
    params: &[&(dyn ToSql + Sync)],
) -> Result<usize, StoreError> {
    main.batch_execute("BEGIN").await?;
    let done = async {
        let sql = format!(
            "SELECT contact, keep FROM doomed WHERE contact {which} FOR UPDATE SKIP LOCKED"
        );
        let rows = main.query(&sql, params).await?;
        let claimed = rows.iter().map(|row| Ok((id(row, 0)?, row.try_get(1)?)));
        let claimed: Vec<(Id, Option<i64>)> = claimed.collect::<Result<_, StoreError>>()?;
        remove(keys, &claimed).await?;
        let contacts: Vec<Uuid> = claimed.iter().map(|(contact, _)| uuid(contact)).collect();
        main.execute("DELETE FROM doomed WHERE contact = ANY($1)", &[&contacts]).await?;
        main.batch_execute("COMMIT").await?;
        Ok(claimed.len())
    };
    let done = done.await;
    if done.is_err() {
        // The claim ends; on a connection that is lost it has.
        let _ = main.batch_execute("ROLLBACK").await;
    }
    done
}

/// Removes keys, all of a contact or all but one, and counts them.
async fn remove(keys: &ClientWrapper, doomed: &[(Id, Option<i64>)]) -> Result<(), StoreError> {
    if doomed.is_empty() {
        return Ok(());
    }
    let contacts: Vec<Uuid> = doomed.iter().map(|(contact, _)| uuid(contact)).collect();
    let keeps: Vec<Option<i64>> = doomed.iter().map(|(_, keep)| *keep).collect();
    let sql = "WITH gone AS (
            DELETE FROM key USING unnest($1::uuid[], $2::bigint[]) AS d (contact, keep)
            WHERE key.contact = d.contact AND (d.keep IS NULL OR key.slot <> d.keep)
         ), noted AS (
            INSERT INTO destroyed (contact) SELECT unnest($1::uuid[]) ON CONFLICT DO NOTHING
         )
         UPDATE erasures SET count = count + $3";
    let count = i64::try_from(doomed.len()).unwrap_or(i64::MAX);
    keys.execute(sql, &[&contacts, &keeps, &count]).await?;
    Ok(())
}

/// Where the two databases disagree on how many erasures there were, one is older than the other:
/// destroys what tombstones say should be gone.
pub(super) async fn reconcile(
    main: &ClientWrapper,
    keys: &ClientWrapper,
) -> Result<(), StoreError> {
    destroy_left(main, keys).await?;
    let mut pauses = LOOKS.iter();
    let wanted = loop {
        let wanted = "SELECT erasures - (SELECT count(*) FROM doomed) FROM feed";
        let wanted: Option<i64> = only(&main.query(wanted, &[]).await?)?;
        let done: Option<i64> = only(&keys.query("SELECT count FROM erasures", &[]).await?)?;
        if wanted == done {
            return Ok(());
        }
        // Somebody may be destroying keys just now.
        let Some(pause) = pauses.next() else { break wanted };
        sleep(*pause).await;
    };
    let mut after = Some(Id::default());
    while let Some(from) = after {
        let (left, last) = left_over(main, keys, from).await?;
        remove(keys, &left).await?;
        after = last;
    }
    keys.execute("UPDATE erasures SET count = $1", &[&wanted]).await?;
    Ok(())
}

/// Of the tombstones after an id, those whose keys are still there though they should not be; and the
/// last one looked at, if there may be more.
pub(super) async fn left_over(
    main: &ClientWrapper,
    keys: &ClientWrapper,
    after: Id,
) -> Result<(Vec<(Id, Option<i64>)>, Option<Id>), StoreError> {
    let sql = "SELECT id, kept_key FROM contact WHERE erased AND id > $1 ORDER BY id LIMIT $2";
    let rows = main.query(sql, &[&uuid(&after), &PAGE]).await?;
    let mut tombstones: BTreeMap<Id, Option<i64>> = BTreeMap::new();
    for row in &rows {
        tombstones.insert(id(row, 0)?, row.try_get(1)?);
    }
    let last = match rows.last().filter(|_| i64::try_from(rows.len()).unwrap_or(PAGE) == PAGE) {
        Some(row) => optional_id(row, 0)?,
        None => None,
    };
    let contacts: Vec<Uuid> = tombstones.keys().map(uuid).collect();
    let keeps: Vec<Option<i64>> = tombstones.values().copied().collect();
    let sql = "SELECT DISTINCT d.contact FROM unnest($1::uuid[], $2::bigint[]) AS d (contact, keep)
         JOIN key ON key.contact = d.contact AND (d.keep IS NULL OR key.slot <> d.keep)";
    let mut left = Vec::new();
    for row in keys.query(sql, &[&contacts, &keeps]).await? {
        let contact = id(&row, 0)?;
        left.push((contact, tombstones.get(&contact).copied().flatten()));
    }
    Ok((left, last))
}

/// A page of contacts after an id, and the keys beside it; and the last contact of it, if there may be
/// more.
pub(super) async fn side_by_side(
    main: &ClientWrapper,
    keys: &ClientWrapper,
    after: Id,
) -> Result<(SideBySide, Option<Id>), StoreError> {
    let sql = "SELECT id, erased FROM contact WHERE id > $1 ORDER BY id LIMIT $2";
    let mut contacts: BTreeMap<Id, bool> = BTreeMap::new();
    for row in main.query(sql, &[&uuid(&after), &PAGE]).await? {
        contacts.insert(id(&row, 0)?, row.try_get(1)?);
    }
    let whole = i64::try_from(contacts.len()).unwrap_or(PAGE) == PAGE;
    let last = contacts.keys().next_back().filter(|_| whole).copied();
    let until = uuid(&last.unwrap_or([u8::MAX; 16]));
    let sql = "SELECT DISTINCT contact FROM key WHERE contact > $1 AND contact <= $2";
    let mut beside: BTreeSet<Id> = BTreeSet::new();
    for row in keys.query(sql, &[&uuid(&after), &until]).await? {
        beside.insert(id(&row, 0)?);
    }
    Ok((SideBySide::of(&contacts, &beside), last))
}
