//! Reading all that is no contact, record or object: look-ups, entries, the audit trail, the feed,
//! editions, keys.

use std::collections::{BTreeMap, BTreeSet};

use tokio_postgres::Row;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use crate::error::StoreError;
use crate::filter::{LOOKUPS_PER_HASH, end_of};
use crate::postgres::read::{Asker, damaged, fixed, id, only, small, sql_limit, uuid, visible};
use crate::row::{AuditLink, Change, Edition, Hash, Id, Space, Target, Touched};
use crate::store::KeyAndValue;

/// A target as a tag and an id: 0 for contacts, the kind and one more for objects. The order of
/// (tag, id) is the order of targets.
pub(super) fn tagged(target: &Target) -> (i16, Uuid) {
    match target {
        Target::Contact(id) => (0, uuid(id)),
        Target::Object(kind, id) => (i16::from(*kind) + 1, uuid(id)),
    }
}

/// What changed as a tag and an id: that of a target, -1 for records of a contact, none for many
/// things.
pub(super) fn touched_tag(touched: &Touched) -> Option<(i16, Uuid)> {
    match touched {
        Touched::Contact(id) => Some((0, uuid(id))),
        Touched::Records(id) => Some((-1, uuid(id))),
        Touched::Object(kind, id) => Some((i16::from(*kind) + 1, uuid(id))),
        Touched::Many => None,
    }
}

/// The target of a tag and an id.
pub(super) fn target(tag: i16, id: Id) -> Result<Target, StoreError> {
    match tag {
        0 => Ok(Target::Contact(id)),
        tag => Ok(Target::Object(small(tag - 1)?, id)),
    }
}

/// The number of a space.
pub(super) fn space_number(space: Space) -> i16 {
    i16::from(space as u8)
}

pub(super) async fn lookup(
    asker: &Asker<'_>,
    hash: &Hash,
    after: Option<Target>,
    limit: usize,
) -> Result<Vec<Target>, StoreError> {
    let (tag, id) = after.as_ref().map_or((-1, Uuid::nil()), tagged);
    let sql = format!(
        "SELECT DISTINCT l.tag, l.id FROM lookup l WHERE l.hash = $2 AND (l.tag, l.id) > ($3, $4)
            AND {} ORDER BY l.tag, l.id LIMIT $5",
        visible("l", 1)
    );
    let limit = sql_limit(limit);
    let rows = asker.rows(&sql, &[&asker.sees, &uuid(hash), &tag, &id, &limit]).await?;
    rows.iter().map(|row| target(row.try_get(0)?, self::id(row, 1)?)).collect()
}

pub(super) async fn lookup_many(
    asker: &Asker<'_>,
    hashes: &[Hash],
) -> Result<Vec<Vec<Target>>, StoreError> {
    let wanted: Vec<Uuid> = hashes.iter().map(uuid).collect();
    let sql = format!(
        "SELECT k.hash, t.tag, t.id FROM unnest($2::uuid[]) AS k (hash)
         CROSS JOIN LATERAL (
            SELECT DISTINCT l.tag, l.id FROM lookup l WHERE l.hash = k.hash AND {}
            ORDER BY l.tag, l.id LIMIT {LOOKUPS_PER_HASH}
         ) t",
        visible("l", 1)
    );
    let mut found: BTreeMap<Hash, Vec<Target>> = BTreeMap::new();
    for row in asker.rows(&sql, &[&asker.sees, &wanted]).await? {
        found.entry(id(&row, 0)?).or_default().push(target(row.try_get(1)?, id(&row, 2)?)?);
    }
    for targets in found.values_mut() {
        targets.sort_unstable();
        targets.dedup();
    }
    Ok(hashes.iter().map(|hash| found.get(hash).cloned().unwrap_or_default()).collect())
}

pub(super) async fn entry(
    asker: &Asker<'_>,
    space: Space,
    key: &[u8],
) -> Result<Option<Vec<u8>>, StoreError> {
    let sql = "SELECT value FROM entry WHERE space = $1 AND key = $2";
    only(&asker.rows(sql, &[&space_number(space), &key]).await?)
}

pub(super) async fn entries(
    asker: &Asker<'_>,
    space: Space,
    prefix: &[u8],
    after: Option<&[u8]>,
    limit: usize,
) -> Result<Vec<KeyAndValue>, StoreError> {
    let more = if after.is_some_and(|after| after >= prefix) { ">" } else { ">=" };
    let from = after.filter(|after| *after >= prefix).unwrap_or(prefix);
    let (space, limit, end) = (space_number(space), sql_limit(limit), end_of(prefix));
    let mut params: Vec<&(dyn ToSql + Sync)> = vec![&space, &from, &limit];
    let mut sql = format!("SELECT key, value FROM entry WHERE space = $1 AND key {more} $2");
    if let Some(end) = &end {
        params.push(end);
        sql.push_str(" AND key < $4");
    }
    sql.push_str(" ORDER BY key LIMIT $3");
    let rows = asker.rows(&sql, &params).await?;
    rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
}

const LINK: &str = "a.chain, a.sequence, a.at, a.entries, a.body, a.previous, a.hash";

fn link(row: &Row) -> Result<AuditLink, StoreError> {
    let entries: i64 = row.try_get(3)?;
    Ok(AuditLink {
        chain: id(row, 0)?,
        sequence: row.try_get(1)?,
        at: row.try_get(2)?,
        entries: u32::try_from(entries).map_err(|_| damaged("a link of the audit trail"))?,
        body: row.try_get(4)?,
        previous: fixed(row, 5)?,
        hash: fixed(row, 6)?,
    })
}

pub(super) async fn audit_links(
    asker: &Asker<'_>,
    chain: &Id,
    after: i64,
    limit: usize,
) -> Result<Vec<AuditLink>, StoreError> {
    let sql = format!(
        "SELECT {LINK} FROM audit a WHERE a.chain = $1 AND a.sequence > $2
         ORDER BY a.sequence LIMIT $3"
    );
    let rows = asker.rows(&sql, &[&uuid(chain), &after, &sql_limit(limit)]).await?;
    rows.iter().map(link).collect()
}

/// The chains that there are, one step of an index for each.
pub(super) const CHAINS: &str = "WITH RECURSIVE chains (chain) AS (
        (SELECT chain FROM audit ORDER BY chain LIMIT 1)
        UNION ALL
        SELECT (SELECT n.chain FROM audit n WHERE n.chain > c.chain ORDER BY n.chain LIMIT 1)
        FROM chains c WHERE c.chain IS NOT NULL
    )";

/// The last link of every chain that the audit trail itself has, whatever the nodes say of it.
pub(super) async fn audit_heads(asker: &Asker<'_>) -> Result<Vec<AuditLink>, StoreError> {
    let sql = format!(
        "{CHAINS} SELECT {LINK} FROM chains c CROSS JOIN LATERAL (
            SELECT * FROM audit h WHERE h.chain = c.chain ORDER BY h.sequence DESC LIMIT 1
         ) a ORDER BY a.chain"
    );
    asker.rows(&sql, &[]).await?.iter().map(link).collect()
}

pub(super) async fn changes(
    asker: &Asker<'_>,
    after: i64,
    limit: usize,
) -> Result<Vec<Change>, StoreError> {
    let sql = "SELECT number, tag, id FROM change WHERE number > $1 ORDER BY number LIMIT $2";
    let rows = asker.rows(sql, &[&after, &sql_limit(limit)]).await?;
    let change = |row: &Row| {
        let tag: Option<i16> = row.try_get(1)?;
        let what = match tag {
            None => Touched::Many,
            Some(-1) => Touched::Records(id(row, 2)?),
            Some(tag) => match target(tag, id(row, 2)?)? {
                Target::Contact(id) => Touched::Contact(id),
                Target::Object(kind, id) => Touched::Object(kind, id),
            },
        };
        Ok(Change { number: row.try_get(0)?, what })
    };
    rows.iter().map(change).collect()
}

pub(super) async fn head(asker: &Asker<'_>) -> Result<i64, StoreError> {
    let rows = asker.rows("SELECT head FROM feed", &[]).await?;
    only(&rows)?.ok_or_else(|| damaged("the feed of changes"))
}

pub(super) async fn pending(asker: &Asker<'_>) -> Result<Vec<(Edition, Vec<u8>)>, StoreError> {
    let sql = "SELECT edition, note FROM pending WHERE NOT discarded ORDER BY edition";
    let rows = asker.rows(sql, &[]).await?;
    rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
}

/// Editions whose writers' leases have ended.
pub(super) async fn abandoned(asker: &Asker<'_>) -> Result<Vec<Edition>, StoreError> {
    let sql = "SELECT e.edition FROM pending e WHERE NOT e.discarded AND NOT EXISTS (
            SELECT 1 FROM node n WHERE n.id = e.node AND n.epoch = e.epoch
                AND n.leased_until > now())
         ORDER BY e.edition";
    let rows = asker.rows(sql, &[]).await?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

/// The keys of what is kept of erased contacts, by the versions of their tombstones.
pub(super) async fn keys_of_kept(
    asker: &Asker<'_>,
    tombstones: &[(Id, i64)],
) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
    let contacts: Vec<Uuid> = tombstones.iter().map(|(contact, _)| uuid(contact)).collect();
    let slots: Vec<i64> = tombstones.iter().map(|(_, slot)| *slot).collect();
    let sql = "SELECT key.contact, key.slot, key.wrapped
         FROM unnest($1::uuid[], $2::bigint[]) AS t (contact, slot)
         JOIN key ON key.contact = t.contact AND key.slot = t.slot";
    let mut found: BTreeMap<(Id, i64), Vec<u8>> = BTreeMap::new();
    for row in asker.rows(sql, &[&contacts, &slots]).await? {
        found.insert((id(&row, 0)?, row.try_get(1)?), row.try_get(2)?);
    }
    Ok(tombstones.iter().map(|tombstone| found.get(tombstone).cloned()).collect())
}

/// Wrapped keys, in the order asked, from the database of keys. Of several slots the lowest counts.
pub(super) async fn keys(
    asker: &Asker<'_>,
    contacts: &[Id],
) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
    if let [contact] = contacts {
        let sql = "SELECT wrapped FROM key WHERE contact = $1 ORDER BY slot LIMIT 1";
        return Ok(vec![only(&asker.rows(sql, &[&uuid(contact)]).await?)?]);
    }
    let wanted: Vec<Uuid> = contacts.iter().map(uuid).collect();
    let sql = "SELECT DISTINCT ON (contact) contact, wrapped FROM key WHERE contact = ANY($1)
         ORDER BY contact, slot";
    let mut found: BTreeMap<Id, Vec<u8>> = BTreeMap::new();
    for row in asker.rows(sql, &[&wanted]).await? {
        found.insert(id(&row, 0)?, row.try_get(1)?);
    }
    Ok(contacts.iter().map(|contact| found.get(contact).cloned()).collect())
}

/// Of whom there was a key that was destroyed, in the order asked.
pub(super) async fn destroyed(asker: &Asker<'_>, contacts: &[Id]) -> Result<Vec<bool>, StoreError> {
    let wanted: Vec<Uuid> = contacts.iter().map(uuid).collect();
    let sql = "SELECT contact FROM destroyed WHERE contact = ANY($1)";
    let mut found: BTreeSet<Id> = BTreeSet::new();
    for row in asker.rows(sql, &[&wanted]).await? {
        found.insert(id(&row, 0)?);
    }
    Ok(contacts.iter().map(|contact| found.contains(contact)).collect())
}
