//! Looking for damage: what must never be found.

use deadpool_postgres::ClientWrapper;
use uuid::Uuid;

use crate::error::StoreError;
use crate::pairing;
use crate::postgres::address::Address;
use crate::postgres::connect::connect;
use crate::postgres::keys;
use crate::postgres::read::{only, uuid};
use crate::row::Id;

/// What must not be found, and how it is called. Each query gives a count.
const NEVER: [(&str, &str); 8] = [
    (
        "records without a contact",
        "SELECT count(DISTINCT contact) FROM record
         WHERE NOT EXISTS (SELECT 1 FROM contact WHERE contact.id = record.contact)",
    ),
    (
        "erased contacts that can still be looked up",
        "SELECT count(*) FROM contact WHERE erased
            AND EXISTS (SELECT 1 FROM lookup WHERE tag = 0 AND lookup.id = contact.id)",
    ),
    (
        "gaps in chains of the audit trail",
        "SELECT coalesce(sum(last - links), 0)::bigint FROM (
            SELECT max(sequence) AS last, count(*) AS links FROM audit GROUP BY chain) chains",
    ),
    (
        "links of the audit trail that do not follow the one before",
        // The first link follows the id of its chain.
        "SELECT count(*) FROM audit link LEFT JOIN audit before
            ON before.chain = link.chain AND before.sequence = link.sequence - 1
         WHERE link.previous <> coalesce(before.hash,
            uuid_send(link.chain) || uuid_send(uuid '00000000-0000-0000-0000-000000000000'))",
    ),
    (
        "nodes that do not stand where their chain ends",
        "SELECT count(*) FROM node WHERE sequence <> coalesce(
            (SELECT max(sequence) FROM audit WHERE chain = node.id), 0)",
    ),
    (
        "chains of the audit trail that no node has",
        "SELECT count(DISTINCT chain) FROM audit
         WHERE NOT EXISTS (SELECT 1 FROM node WHERE node.id = audit.chain)",
    ),
    (
        "gaps in the feed of changes",
        "SELECT head - (SELECT count(*) FROM change WHERE number BETWEEN 1 AND head) FROM feed",
    ),
    (
        "records of editions that are neither staged nor settled",
        "SELECT count(*) FROM record low WHERE edition > 0
            AND EXISTS (SELECT 1 FROM record high WHERE high.contact = low.contact
                AND high.category = low.category AND high.id = low.id
                AND high.edition > low.edition)
            AND NOT EXISTS (SELECT 1 FROM staged WHERE tag = 0 AND staged.id = low.contact
                AND staged.edition >= low.edition)",
    ),
];

/// Reads all of both databases, and says what is wrong with them.
pub(super) async fn check(address: &Address) -> Result<Vec<String>, StoreError> {
    let (main, key_base) = (connect(&address.main).await?, connect(&address.keys).await?);
    let mut found = Vec::new();
    main.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
    for (what, sql) in NEVER {
        let count: i64 = only(&main.query(sql, &[]).await?)?.unwrap_or(0);
        if count != 0 {
            found.push(format!("{what}: {count}"));
        }
    }
    main.batch_execute("COMMIT").await?;
    let (mut left, mut after) = (0, Some(Id::default()));
    while let Some(from) = after {
        let (page, last) = keys::left_over(&main, &key_base, from).await?;
        left += page.len();
        after = last;
    }
    if left > 0 {
        found.push(format!("keys of erased contacts: {left}"));
    }
    found.extend(pairing::keyless(keyless(&main, &key_base).await?));
    Ok(found)
}

/// How many contacts are not erased and have no key, though it was not destroyed.
async fn keyless(main: &ClientWrapper, key_base: &ClientWrapper) -> Result<usize, StoreError> {
    let (mut count, mut after) = (0, Some(Id::default()));
    while let Some(from) = after {
        let (page, last) = keys::side_by_side(main, key_base, from).await?;
        after = last;
        if page.keyless.is_empty() {
            continue;
        }
        // Whoever was erased between the two looks, or since this copy was made, had a key.
        let ids: Vec<Uuid> = page.keyless.iter().map(uuid).collect();
        let sql = "SELECT contact FROM destroyed WHERE contact = ANY($1)";
        let destroyed = key_base.query(sql, &[&ids]).await?.len();
        count += page.keyless.len().saturating_sub(destroyed);
    }
    Ok(count)
}

/// How many contacts there are keys of that are not there.
pub(super) async fn keys_of_nobody(address: &Address) -> Result<u64, StoreError> {
    let (main, key_base) = (connect(&address.main).await?, connect(&address.keys).await?);
    let (mut count, mut after) = (0, Some(Id::default()));
    while let Some(from) = after {
        let (page, last) = keys::side_by_side(&main, &key_base, from).await?;
        count += page.of_nobody;
        after = last;
    }
    Ok(count)
}
