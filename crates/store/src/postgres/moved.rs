//! A database whose store was copied to another place, and is there now; and who works with one.

use deadpool_postgres::ClientWrapper;

use crate::copy::Note;
use crate::error::StoreError;
use crate::postgres::address::Address;
use crate::postgres::connect::connect;
use crate::postgres::read::only;
use crate::postgres::{raw, schema};

/// Where the store has gone, if it has.
pub(crate) async fn to(address: &Address) -> Result<Option<String>, StoreError> {
    match schema::try_connect(&address.main).await? {
        Some(main) => place(&main).await,
        None => Ok(None),
    }
}

/// Notes where the store has gone, or that it is here.
pub(crate) async fn set(address: &Address, to: Option<&str>) -> Result<(), StoreError> {
    let mut main = connect(&address.main).await?;
    let tx = main.transaction().await?;
    tx.batch_execute("DROP TABLE IF EXISTS gantry_moved").await?;
    if let Some(to) = to {
        tx.batch_execute("CREATE TABLE gantry_moved (place text NOT NULL)").await?;
        tx.execute("INSERT INTO gantry_moved (place) VALUES ($1)", &[&to]).await?;
    }
    Ok(tx.commit().await?)
}

/// Where the store of a database has gone, if it has.
pub(super) async fn place(main: &ClientWrapper) -> Result<Option<String>, StoreError> {
    let sql = "SELECT to_regclass('gantry_moved') IS NOT NULL";
    if only(&main.query(sql, &[]).await?)? != Some(true) {
        return Ok(None);
    }
    only(&main.query("SELECT place FROM gantry_moved", &[]).await?)
}

/// How many nodes work with the store.
pub(crate) async fn working(address: &Address) -> Result<i64, StoreError> {
    schema::must_have_schema(address).await?;
    let main = connect(&address.main).await?;
    let sql = "SELECT count(*) FROM node WHERE leased_until > now()";
    Ok(only(&main.query(sql, &[]).await?)?.unwrap_or(0))
}

/// Makes an unfinished copy of a store that has gone.
pub(crate) async fn give_up(address: &Address, note: &Note) -> Result<(), StoreError> {
    let mut main = connect(&address.main).await?;
    let tx = main.transaction().await?;
    let sql = "SELECT value FROM entry WHERE space = $1 AND key = $2";
    let row = tx.query_opt(sql, &[&raw::META, &raw::STORE]).await?;
    let identity: Vec<u8> = row.map(|row| row.try_get(0)).transpose()?.unwrap_or_default();
    if identity != note.source {
        return Err(StoreError::Exists { place: address.to_string() });
    }
    tx.batch_execute(raw::NOTED).await?;
    let sql = "INSERT INTO gantry_copy (source, mark) VALUES ($1, $2)";
    tx.execute(sql, &[&note.source, &note.mark]).await?;
    tx.batch_execute("DELETE FROM node; DROP TABLE gantry_moved").await?;
    Ok(tx.commit().await?)
}

/// Whether it is a copy that was begun and not finished.
pub(crate) async fn is_unfinished(address: &Address) -> Result<bool, StoreError> {
    schema::is_unfinished(address).await
}
