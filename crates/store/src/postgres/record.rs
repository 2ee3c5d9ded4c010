//! Reading records: one person's lie together.

use std::collections::BTreeMap;

use tokio_postgres::Row;
use uuid::Uuid;

use crate::error::StoreError;
use crate::postgres::read::{
    Asker, CONTACT, Contacts, RECORD, RECORD_WIDTH, byte, id, record, sql_limit, uuid, visible,
};
use crate::row::{Id, RecordKey, RecordRow, Seen};

/// A record and its contact. The contact comes first, so that it is told where there is no record.
const ONE: &str = "SELECT r.edition, r.version, r.at, r.closed, r.keep_until, r.notice, r.category, \
    r.collected_for, r.about_kind, r.contact, r.id, r.about_id, r.source, r.open, r.sealed, \
    r.objected, r.expires, c.id, c.edition, c.version, c.created, c.country, c.company, c.erased, c.state \
    FROM contact c LEFT JOIN LATERAL ( \
        SELECT * FROM record o WHERE o.contact = $1 AND o.category = $2 AND o.id = $3 \
            AND (o.edition = $4 \
                OR NOT EXISTS (SELECT 1 FROM pending p WHERE p.edition = o.edition)) \
        ORDER BY o.edition DESC LIMIT 1 \
    ) r ON true \
    WHERE c.id = $1 AND (c.edition = $4 \
        OR NOT EXISTS (SELECT 1 FROM pending p WHERE p.edition = c.edition))";

pub(super) async fn one(
    asker: &Asker<'_>,
    key: &RecordKey,
) -> Result<Seen<Option<RecordRow>>, StoreError> {
    let (contact, id) = (uuid(&key.contact), uuid(&key.id));
    let category = i16::from(key.category);
    let rows = asker.rows(ONE, &[&contact, &category, &id, &asker.sees]).await?;
    let mut contacts = Contacts::default();
    let mut value = None;
    for row in &rows {
        contacts.take(row, RECORD_WIDTH)?;
        value = record(row)?;
    }
    Ok(Seen { standing: contacts.standing(), value })
}

/// Records with their contacts, as the statements below give them.
async fn gather(
    asker: &Asker<'_>,
    sql: &str,
    params: crate::postgres::read::Params<'_>,
) -> Result<Seen<Vec<RecordRow>>, StoreError> {
    let rows = asker.rows(sql, params).await?;
    let mut contacts = Contacts::default();
    let mut value = Vec::with_capacity(rows.len());
    for row in &rows {
        contacts.take(row, RECORD_WIDTH)?;
        value.extend(record(row)?);
    }
    Ok(Seen { standing: contacts.standing(), value })
}

pub(super) async fn of_contact(
    asker: &Asker<'_>,
    contact: Id,
    category: Option<u8>,
    after: Option<RecordKey>,
    limit: usize,
) -> Result<Seen<Vec<RecordRow>>, StoreError> {
    // Before the first key that there can be.
    let (from, id) = match (category, after) {
        (None, None) => (-1, Id::default()),
        (None, Some(key)) => (i16::from(key.category), key.id),
        (Some(wanted), Some(key)) if key.category == wanted => (i16::from(wanted), key.id),
        // Where the page before ended in another category, this one begins at its beginning, or is
        // over.
        (Some(wanted), Some(key)) if key.category > wanted => (i16::MAX, Id::default()),
        (Some(_), _) => (-1, Id::default()),
    };
    let narrow = if category.is_some() { "AND o.category = $6" } else { "" };
    let (shown, seen) = (visible("o", 5), visible("c", 5));
    let sql = format!(
        "SELECT {RECORD}, {CONTACT} FROM contact c LEFT JOIN LATERAL (
            SELECT DISTINCT ON (o.contact, o.category, o.id) o.* FROM record o
            WHERE o.contact = $1 AND (o.category, o.id) > ($2, $3) {narrow} AND {shown}
            ORDER BY o.contact, o.category, o.id, o.edition DESC LIMIT $4
         ) r ON true
         WHERE c.id = $1 AND {seen} ORDER BY r.category, r.id"
    );
    let (whose, id, limit) = (uuid(&contact), uuid(&id), sql_limit(limit));
    match category.map(i16::from) {
        Some(category) => {
            gather(asker, &sql, &[&whose, &from, &id, &limit, &asker.sees, &category]).await
        }
        None => gather(asker, &sql, &[&whose, &from, &id, &limit, &asker.sees]).await,
    }
}

/// Goes from contact to contact, one step in the tree of records each. An index by category would
/// do it with less, but every write of a record at a random contact would dirty a page of it.
pub(super) async fn of_category(
    asker: &Asker<'_>,
    category: u8,
    after: Option<RecordKey>,
    limit: usize,
) -> Result<Seen<Vec<RecordRow>>, StoreError> {
    let (shown, seen) = (visible("o", 3), visible("c", 3));
    let start = match after {
        Some(_) => "c.id >= $4 AND (c.id > $4 OR r.id > $5) AND",
        None => "",
    };
    let sql = format!(
        "SELECT {RECORD}, {CONTACT} FROM contact c CROSS JOIN LATERAL (
            SELECT DISTINCT ON (o.id) o.* FROM record o
            WHERE o.contact = c.id AND o.category = $1 AND {shown}
            ORDER BY o.id, o.edition DESC
         ) r
         WHERE {start} {seen} ORDER BY c.id, r.id LIMIT $2"
    );
    let (category, limit) = (i16::from(category), sql_limit(limit));
    let Some(key) = after else {
        return gather(asker, &sql, &[&category, &limit, &asker.sees]).await;
    };
    let (from, id) = (uuid(&key.contact), uuid(&key.id));
    gather(asker, &sql, &[&category, &limit, &asker.sees, &from, &id]).await
}

/// Goes by an index: in contrast to the store in a file it is not written to where a record changes in
/// its place. Only while an import is not settled there are several rows of a record to choose from.
pub(super) async fn collected(
    asker: &Asker<'_>,
    purpose: u8,
    category: u8,
    after: Option<RecordKey>,
    limit: usize,
) -> Result<Seen<Vec<RecordRow>>, StoreError> {
    let (shown, above) = (visible("r", 4), visible("o", 4));
    let start = match after {
        Some(_) => "AND (r.contact, r.id) > ($5, $6)",
        None => "",
    };
    let sql = format!(
        "SELECT {RECORD} FROM record r
         WHERE r.collected_for = $1 AND r.category = $2 {start} AND {shown}
            AND (NOT EXISTS (SELECT 1 FROM staged)
                OR NOT EXISTS (SELECT 1 FROM record o WHERE o.contact = r.contact
                    AND o.category = r.category AND o.id = r.id AND o.edition > r.edition
                    AND {above}))
         ORDER BY r.contact, r.id LIMIT $3"
    );
    let (purpose, category, limit) = (i16::from(purpose), i16::from(category), sql_limit(limit));
    let Some(key) = after else {
        return asker.records(&sql, &[&purpose, &category, &limit, &asker.sees]).await;
    };
    let (contact, id) = (uuid(&key.contact), uuid(&key.id));
    asker.records(&sql, &[&purpose, &category, &limit, &asker.sees, &contact, &id]).await
}

/// What may have expired, of any edition.
pub(super) async fn expired(
    asker: &Asker<'_>,
    until: i64,
    after: Option<(i64, RecordKey)>,
    limit: usize,
) -> Result<Vec<(i64, RecordKey)>, StoreError> {
    let start = match after {
        Some(_) => "AND (expires, contact, category, id) > ($3, $4, $5, $6)",
        None => "",
    };
    let sql = format!(
        "SELECT DISTINCT expires, contact, category, id FROM record
         WHERE expires <= $1 AND expires < 9223372036854775807 {start}
         ORDER BY expires, contact, category, id LIMIT $2"
    );
    let limit = sql_limit(limit);
    let rows = match after {
        None => asker.rows(&sql, &[&until, &limit]).await?,
        Some((from, key)) => {
            let (contact, category) = (uuid(&key.contact), i16::from(key.category));
            let id = uuid(&key.id);
            asker.rows(&sql, &[&until, &limit, &from, &contact, &category, &id]).await?
        }
    };
    let place = |row: &Row| {
        let key = RecordKey { contact: id(row, 1)?, category: byte(row, 2)?, id: id(row, 3)? };
        Ok((row.try_get(0)?, key))
    };
    rows.iter().map(place).collect()
}

pub(super) async fn about(
    asker: &Asker<'_>,
    kind: u8,
    object: Id,
    after: Option<RecordKey>,
    limit: usize,
) -> Result<Seen<Vec<RecordRow>>, StoreError> {
    // Whatever was found by something else than its key must be the visible one under that key.
    let (shown, seen, above) = (visible("r", 4), visible("c", 4), visible("o", 4));
    let start = match after {
        Some(_) => "AND (r.contact, r.category, r.id) > ($5, $6, $7)",
        None => "",
    };
    let sql = format!(
        "SELECT {RECORD}, {CONTACT} FROM record r LEFT JOIN contact c ON c.id = r.contact AND {seen}
         WHERE r.about_kind = $1 AND r.about_id = $2 {start} AND {shown}
            AND NOT EXISTS (SELECT 1 FROM record o WHERE o.contact = r.contact
                AND o.category = r.category AND o.id = r.id AND o.edition > r.edition AND {above})
         ORDER BY r.contact, r.category, r.id LIMIT $3"
    );
    let (kind, object, limit) = (i16::from(kind), uuid(&object), sql_limit(limit));
    let Some(key) = after else {
        return gather(asker, &sql, &[&kind, &object, &limit, &asker.sees]).await;
    };
    let (contact, category, id) = (uuid(&key.contact), i16::from(key.category), uuid(&key.id));
    let sees = &asker.sees;
    gather(asker, &sql, &[&kind, &object, &limit, sees, &contact, &category, &id]).await
}

pub(super) async fn by_key(
    asker: &Asker<'_>,
    keys: &[RecordKey],
) -> Result<Seen<Vec<Option<RecordRow>>>, StoreError> {
    let mut contacts: Vec<Uuid> = keys.iter().map(|key| uuid(&key.contact)).collect();
    let categories: Vec<i16> = keys.iter().map(|key| i16::from(key.category)).collect();
    let ids: Vec<Uuid> = keys.iter().map(|key| uuid(&key.id)).collect();
    let alone = contacts.windows(2).all(|pair| matches!(pair, [one, other] if one == other));
    let found = match contacts.first().copied() {
        Some(contact) if alone => of_one(asker, contact, &categories, &ids).await?,
        _ => {
            let rows = of_many(asker, &contacts, &categories, &ids).await?;
            contacts.sort_unstable();
            rows
        }
    };
    let mut by_key: BTreeMap<RecordKey, RecordRow> =
        found.value.into_iter().map(|row| (row.key, row)).collect();
    // A key may be asked for twice.
    let value = keys.iter().enumerate().map(|(at, key)| {
        let later = keys.iter().skip(at + 1).any(|other| other == key);
        if later { by_key.get(key).cloned() } else { by_key.remove(key) }
    });
    Ok(Seen { value: value.collect(), standing: found.standing })
}

/// Records of one contact: they are all on one shard.
async fn of_one(
    asker: &Asker<'_>,
    contact: Uuid,
    categories: &[i16],
    ids: &[Uuid],
) -> Result<Seen<Vec<RecordRow>>, StoreError> {
    let (shown, seen) = (visible("o", 4), visible("c", 4));
    let sql = format!(
        "SELECT {RECORD}, {CONTACT} FROM contact c LEFT JOIN LATERAL (
            SELECT DISTINCT ON (o.category, o.id) o.* FROM record o
            WHERE o.contact = $1 AND {shown}
                AND (o.category, o.id) IN (SELECT * FROM unnest($2::smallint[], $3::uuid[]))
            ORDER BY o.category, o.id, o.edition DESC
         ) r ON true
         WHERE c.id = $1 AND {seen}"
    );
    gather(asker, &sql, &[&contact, &categories, &ids, &asker.sees]).await
}

async fn of_many(
    asker: &Asker<'_>,
    contacts: &[Uuid],
    categories: &[i16],
    ids: &[Uuid],
) -> Result<Seen<Vec<RecordRow>>, StoreError> {
    let (shown, seen) = (visible("o", 4), visible("c", 4));
    let sql = format!(
        "SELECT DISTINCT ON (o.contact, o.category, o.id) {}, {CONTACT}
         FROM unnest($1::uuid[], $2::smallint[], $3::uuid[]) AS k (contact, category, id)
         JOIN record o ON o.contact = k.contact AND o.category = k.category AND o.id = k.id
         LEFT JOIN contact c ON c.id = o.contact AND {seen}
         WHERE {shown} ORDER BY o.contact, o.category, o.id, o.edition DESC",
        RECORD.replace("r.", "o.")
    );
    gather(asker, &sql, &[&contacts, &categories, &ids, &asker.sees]).await
}
