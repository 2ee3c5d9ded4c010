//! The two databases of a store belong together: both bear the same id, made with the keys. Whoever has
//! another's keys, or an empty database of them, would else take everybody for erased.

use deadpool_postgres::ClientWrapper;
use uuid::Uuid;

use crate::error::StoreError;
use crate::postgres::address::Address;

/// The id that a database bears; none where it bears none.
pub(super) async fn id(client: &ClientWrapper) -> Result<Option<Uuid>, StoreError> {
    let there = "SELECT to_regclass('pair') IS NOT NULL";
    let there: bool = client.query_one(there, &[]).await?.try_get(0)?;
    if !there {
        return Ok(None);
    }
    let row = client.query_opt("SELECT id FROM pair", &[]).await?;
    Ok(row.map(|row| row.try_get(0)).transpose()?)
}

/// Has the main database, which was never used, bear the id of the keys, and the keys be nobody else's.
pub(super) async fn tie(main: &ClientWrapper, keys: &ClientWrapper) -> Result<(), StoreError> {
    let of_keys = id(keys).await?;
    let sql = "INSERT INTO pair (id) VALUES ($1) ON CONFLICT (one) DO UPDATE SET id = excluded.id";
    main.execute(sql, &[&of_keys]).await?;
    keys.execute("UPDATE pair SET taken = true", &[]).await?;
    Ok(())
}

/// An error where the keys are not those of the store.
pub(super) async fn must_match(
    address: &Address,
    main: &ClientWrapper,
    keys: &ClientWrapper,
) -> Result<(), StoreError> {
    let own = id(main).await?;
    if own.is_none() || own != id(keys).await? {
        let (place, keys) = (address.main.to_string(), address.keys.to_string());
        return Err(StoreError::OtherKeys { place, keys });
    }
    Ok(())
}
