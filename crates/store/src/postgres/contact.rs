//! Reading contacts: one row each.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use tokio_postgres::types::ToSql;
use uuid::Uuid;

use crate::error::StoreError;
use crate::filter::ContactFilter;
use crate::postgres::read::{Asker, CONTACT, contact, only, sql_limit, uuid, visible};
use crate::row::{ContactRow, Id, Seen, Standing};

pub(super) async fn by_id(
    asker: &Asker<'_>,
    ids: &[Id],
) -> Result<Seen<Vec<Option<ContactRow>>>, StoreError> {
    let seen = visible("c", 2);
    let found = if let [id] = ids {
        let sql = format!("SELECT {CONTACT} FROM contact c WHERE c.id = $1 AND {seen}");
        asker.rows(&sql, &[&uuid(id), &asker.sees]).await?
    } else {
        let wanted: Vec<Uuid> = ids.iter().map(uuid).collect();
        let sql = format!("SELECT {CONTACT} FROM contact c WHERE c.id = ANY($1) AND {seen}");
        asker.rows(&sql, &[&wanted, &asker.sees]).await?
    };
    let mut rows = BTreeMap::new();
    for row in &found {
        let row = contact(row, 0)?;
        rows.insert(row.id, row);
    }
    let value: Vec<_> = ids.iter().map(|id| rows.get(id).cloned()).collect();
    let standing = Standing::Contacts(value.iter().flatten().cloned().collect());
    Ok(Seen { standing, value })
}

pub(super) async fn page(
    asker: &Asker<'_>,
    filter: ContactFilter,
    after: Option<Id>,
    limit: usize,
) -> Result<Seen<Vec<ContactRow>>, StoreError> {
    let narrowed = Narrowed::new(filter);
    let (limit, after) = (sql_limit(limit), after.as_ref().map(uuid));
    let mut params: Vec<&(dyn ToSql + Sync)> = vec![&asker.sees, &limit];
    let mut sql = format!("SELECT {CONTACT} FROM contact c WHERE {}", visible("c", 1));
    narrowed.add_to(&mut sql, &mut params);
    if let Some(after) = &after {
        params.push(after);
        let _ = write!(sql, " AND c.id > ${}", params.len());
    }
    sql.push_str(" ORDER BY c.id LIMIT $2");
    let found = asker.rows(&sql, &params).await?;
    let rows: Vec<_> = found.iter().map(|row| contact(row, 0)).collect::<Result<_, _>>()?;
    Ok(Seen { standing: Standing::Contacts(rows.clone()), value: rows })
}

pub(super) async fn count(
    asker: &Asker<'_>,
    filter: ContactFilter,
) -> Result<Seen<u64>, StoreError> {
    let narrowed = Narrowed::new(filter);
    let mut params: Vec<&(dyn ToSql + Sync)> = vec![&asker.sees];
    let mut sql = format!("SELECT count(*) FROM contact c WHERE {}", visible("c", 1));
    narrowed.add_to(&mut sql, &mut params);
    let count: i64 = only(&asker.rows(&sql, &params).await?)?.unwrap_or_default();
    Ok(Seen { standing: Standing::Contacts(Vec::new()), value: count.unsigned_abs() })
}

/// A filter as the driver takes it.
struct Narrowed {
    company: Option<Uuid>,
    country: Option<Vec<u8>>,
    erased: bool,
}

impl Narrowed {
    fn new(filter: ContactFilter) -> Narrowed {
        Narrowed {
            company: filter.company.as_ref().map(uuid),
            country: filter.country.map(Vec::from),
            erased: filter.erased,
        }
    }

    fn add_to<'n>(&'n self, sql: &mut String, params: &mut Vec<&'n (dyn ToSql + Sync)>) {
        if !self.erased {
            sql.push_str(" AND NOT c.erased");
        }
        if let Some(company) = &self.company {
            params.push(company);
            let _ = write!(sql, " AND c.company = ${}", params.len());
        }
        if let Some(country) = &self.country {
            params.push(country);
            let _ = write!(sql, " AND c.country = ${}", params.len());
        }
    }
}
