//! Reading business objects: by kind and id, by company, by what they are part of, by time.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use tokio_postgres::Row;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use crate::error::StoreError;
use crate::filter::ObjectFilter;
use crate::postgres::read::{Asker, byte, id, only, optional_id, sql_limit, uuid, visible};
use crate::row::{Id, ObjectRow, Seen, Standing};

const COLUMNS: &str = "o.kind, o.id, o.edition, o.version, o.created, o.at, o.company, o.part_of, \
    o.person, o.state, o.closed, o.body";

fn object(row: &Row) -> Result<ObjectRow, StoreError> {
    Ok(ObjectRow {
        kind: byte(row, 0)?,
        id: id(row, 1)?,
        edition: row.try_get(2)?,
        version: row.try_get(3)?,
        created: row.try_get(4)?,
        at: row.try_get(5)?,
        company: optional_id(row, 6)?,
        part_of: optional_id(row, 7)?,
        person: optional_id(row, 8)?,
        state: row.try_get(9)?,
        closed: row.try_get(10)?,
        body: row.try_get(11)?,
    })
}

/// An answer that is about no contact: whose it is must be asked anew.
fn seen<T>(value: T) -> Seen<T> {
    Seen { standing: Standing::Contacts(Vec::new()), value }
}

/// That an object is the visible one of its id.
fn counts() -> String {
    format!(
        "{} AND NOT EXISTS (SELECT 1 FROM object h WHERE h.kind = o.kind AND h.id = o.id
            AND h.edition > o.edition AND {})",
        visible("o", 1),
        visible("h", 1)
    )
}

pub(super) async fn by_id(
    asker: &Asker<'_>,
    kind: u8,
    ids: &[Id],
) -> Result<Seen<Vec<Option<ObjectRow>>>, StoreError> {
    let kind = i16::from(kind);
    let found = if let [id] = ids {
        let sql = format!(
            "SELECT {COLUMNS} FROM object o WHERE o.kind = $2 AND o.id = $3 AND {}
             ORDER BY o.edition DESC LIMIT 1",
            visible("o", 1)
        );
        asker.rows(&sql, &[&asker.sees, &kind, &uuid(id)]).await?
    } else {
        let wanted: Vec<Uuid> = ids.iter().map(uuid).collect();
        let sql = format!(
            "SELECT {COLUMNS} FROM object o WHERE o.kind = $2 AND o.id = ANY($3) AND {}",
            counts()
        );
        asker.rows(&sql, &[&asker.sees, &kind, &wanted]).await?
    };
    let mut rows = BTreeMap::new();
    for row in &found {
        let row = object(row)?;
        rows.insert(row.id, row);
    }
    Ok(seen(ids.iter().map(|id| rows.get(id).cloned()).collect()))
}

pub(super) async fn page(
    asker: &Asker<'_>,
    filter: &ObjectFilter,
    after: Option<Id>,
    limit: usize,
) -> Result<Seen<Vec<ObjectRow>>, StoreError> {
    let (kind, limit) = (i16::from(filter.kind), sql_limit(limit));
    let (part_of, company) = (filter.part_of.as_ref().map(uuid), filter.company.as_ref().map(uuid));
    let after = after.as_ref().map(uuid);
    let mut sql = format!("SELECT {COLUMNS} FROM object o WHERE o.kind = $2 AND {}", counts());
    let mut params: Vec<&(dyn ToSql + Sync)> = vec![&asker.sees, &kind, &limit];
    for (column, wanted) in [("part_of", &part_of), ("company", &company)] {
        if let Some(wanted) = wanted {
            params.push(wanted);
            let _ = write!(sql, " AND o.{column} = ${}", params.len());
        }
    }
    if let Some(state) = &filter.state {
        params.push(state);
        let _ = write!(sql, " AND o.state = ${}", params.len());
    }
    if let Some(after) = &after {
        params.push(after);
        let _ = write!(sql, " AND o.id > ${}", params.len());
    }
    sql.push_str(" ORDER BY o.id LIMIT $3");
    gather(asker, &sql, &params).await
}

pub(super) async fn latest(
    asker: &Asker<'_>,
    kind: u8,
    before: Option<(i64, Id)>,
    limit: usize,
) -> Result<Seen<Vec<ObjectRow>>, StoreError> {
    let (kind, limit) = (i16::from(kind), sql_limit(limit));
    let (at, id) = before.map(|(at, id)| (at, uuid(&id))).unzip();
    let mut params: Vec<&(dyn ToSql + Sync)> = vec![&asker.sees, &kind, &limit];
    let mut sql = format!("SELECT {COLUMNS} FROM object o WHERE o.kind = $2 AND {}", counts());
    if let (Some(at), Some(id)) = (&at, &id) {
        params.push(at);
        params.push(id);
        sql.push_str(" AND (o.at, o.id) < ($4, $5)");
    }
    sql.push_str(" ORDER BY o.at DESC, o.id DESC LIMIT $3");
    gather(asker, &sql, &params).await
}

async fn gather(
    asker: &Asker<'_>,
    sql: &str,
    params: &[&(dyn ToSql + Sync)],
) -> Result<Seen<Vec<ObjectRow>>, StoreError> {
    let rows = asker.rows(sql, params).await?;
    Ok(seen(rows.iter().map(object).collect::<Result<_, _>>()?))
}

pub(super) async fn count(asker: &Asker<'_>, kind: u8) -> Result<Seen<u64>, StoreError> {
    let sql = format!("SELECT count(*) FROM object o WHERE o.kind = $2 AND {}", counts());
    let count: i64 =
        only(&asker.rows(&sql, &[&asker.sees, &i16::from(kind)]).await?)?.unwrap_or_default();
    Ok(seen(count.unsigned_abs()))
}
