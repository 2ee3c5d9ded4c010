//! Spreading a store over the machines of a cluster: what belongs to a contact by the contact, look-ups
//! by their hash, objects by their id. The layout is that of one server, so that all of it works as
//! well where nothing is spread.

use deadpool_postgres::ClientWrapper;

use crate::error::StoreError;
use crate::postgres::address::{Address, Database};
use crate::postgres::connect::connect;
use crate::postgres::read::only;
use crate::store::ShardEngine;

/// How the tables of the main database are spread with Citus. Those of a contact lie together. The
/// editions that are not published are looked at by every statement, and so are everywhere; what is
/// not named stays with the coordinator.
const CITUS_MAIN: &[(&str, &str)] = &[
    ("contact", "SELECT create_distributed_table('contact', 'id', colocate_with => 'none')"),
    ("record", "SELECT create_distributed_table('record', 'contact', colocate_with => 'contact')"),
    ("lookup", "SELECT create_distributed_table('lookup', 'hash', colocate_with => 'none')"),
    ("object", "SELECT create_distributed_table('object', 'id', colocate_with => 'none')"),
    ("pending", "SELECT create_reference_table('pending')"),
];

/// The same for the keys.
const CITUS_KEYS: &[(&str, &str)] = &[
    ("key", "SELECT create_distributed_table('key', 'contact', colocate_with => 'none')"),
    (
        "destroyed",
        "SELECT create_distributed_table('destroyed', 'contact', colocate_with => 'key')",
    ),
];

/// Spreads what is not spread yet. Says which tables were.
pub(super) async fn shard(
    address: &Address,
    engine: ShardEngine,
) -> Result<Vec<String>, StoreError> {
    let ShardEngine::Citus = engine;
    let mut done = Vec::new();
    for (database, tables) in [(&address.main, CITUS_MAIN), (&address.keys, CITUS_KEYS)] {
        done.extend(with_citus(database, tables).await?);
    }
    Ok(done)
}

async fn with_citus(
    database: &Database,
    tables: &[(&str, &str)],
) -> Result<Vec<String>, StoreError> {
    let client = connect(database).await?;
    if !has_citus(&client).await? {
        return Err(StoreError::Unsupported {
            what: "the database has no Citus; hint: `CREATE EXTENSION citus` in both databases of the store, and add the machines with `citus_add_node`",
        });
    }
    let mut done = Vec::new();
    for (table, spread) in tables {
        let sql = "SELECT EXISTS (SELECT 1 FROM pg_dist_partition
             WHERE logicalrelid = to_regclass($1))";
        if only(&client.query(sql, &[table]).await?)? == Some(true) {
            continue;
        }
        client.batch_execute(spread).await?;
        done.push(format!("{database}: {table}"));
    }
    Ok(done)
}

/// Whether tables of the database can be spread with Citus.
pub(super) async fn has_citus(client: &ClientWrapper) -> Result<bool, StoreError> {
    let sql = "SELECT EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'citus')";
    Ok(only(&client.query(sql, &[]).await?)?.unwrap_or(false))
}
