//! The tables: made and changed by migrations, one after the other, each once, under a lock.
//!
//! A migration says which schema a program must know at least to go on working beside it, so that
//! nodes of two versions can run on one store while it is brought up to date: first the migration,
//! then the nodes.

use deadpool_postgres::ClientWrapper;
use tokio_postgres::error::SqlState;

use crate::error::StoreError;
use crate::postgres::address::{Address, Database};
use crate::postgres::connect::connect;
use crate::postgres::read::only;
use crate::store::Migrated;

/// A step from one schema to the next.
struct Migration {
    /// The schema it leads to.
    version: i32,
    name: &'static str,
    /// The oldest schema that a program must know to work with it.
    minimum_reader: i32,
    sql: &'static str,
}

const MAIN: &[Migration] = &[Migration {
    version: 1,
    name: "beginning",
    minimum_reader: 1,
    sql: include_str!("migrations/0001-beginning.sql"),
}];

const KEYS: &[Migration] = &[Migration {
    version: 1,
    name: "beginning",
    minimum_reader: 1,
    sql: include_str!("migrations/keys-0001-beginning.sql"),
}];

/// Whoever migrates holds this lock: "gantry" in ASCII.
const LOCK: i64 = 0x6761_6e74_7279;

/// Makes the tables of an empty store, and the databases where there are none and the server lets us.
pub(super) async fn create(address: &Address) -> Result<(), StoreError> {
    for (database, migrations) in both(address) {
        let client = connect_or_make(database).await?;
        if used(&client).await? {
            return Err(StoreError::Exists { place: database.to_string() });
        }
        migrate_one(&client, database, migrations).await?;
    }
    Ok(())
}

/// Brings both databases up to date.
pub(super) async fn migrate(address: &Address) -> Result<Migrated, StoreError> {
    let mut migrated = Migrated::default();
    for (database, migrations) in both(address) {
        let client = connect_existing(database).await?;
        must_be_readable(&client, database, migrations).await?;
        migrated.done.extend(migrate_one(&client, database, migrations).await?);
        let reached = must_be_readable(&client, database, migrations).await?;
        migrated.schemas.push((database.to_string(), i64::from(reached.found)));
    }
    Ok(migrated)
}

/// Looks whether this program can work with the store.
pub(super) async fn must_fit(address: &Address) -> Result<(), StoreError> {
    must_have_schema(address).await?;
    if is_unfinished(address).await? {
        return Err(StoreError::Unfinished { place: address.to_string() });
    }
    Ok(())
}

/// Looks whether this program knows the schema of both databases.
pub(super) async fn must_have_schema(address: &Address) -> Result<(), StoreError> {
    for (database, migrations) in both(address) {
        let client = connect_existing(database).await?;
        let Version { found, .. } = must_be_readable(&client, database, migrations).await?;
        let needed = newest(migrations);
        if found < needed {
            let (found, needed) = (i64::from(found), i64::from(needed));
            return Err(StoreError::Older { place: database.to_string(), found, needed });
        }
    }
    Ok(())
}

/// How far a database has come, which must be one of a store and not too far for this program.
async fn must_be_readable(
    client: &ClientWrapper,
    database: &Database,
    migrations: &[Migration],
) -> Result<Version, StoreError> {
    let place = database.to_string();
    let Some(version) = version(client).await? else {
        return Err(match is_blank(client).await? {
            true => StoreError::Missing { place },
            false => StoreError::NoStore { place },
        });
    };
    let known = newest(migrations);
    if version.minimum_reader > known {
        let (found, known) = (i64::from(version.minimum_reader), i64::from(known));
        return Err(StoreError::Newer { place, found, known });
    }
    Ok(version)
}

/// Whether the main database is there, and is a copy that was begun and not finished.
pub(super) async fn is_unfinished(address: &Address) -> Result<bool, StoreError> {
    match try_connect(&address.main).await? {
        Some(client) => is_noted(&client).await,
        None => Ok(false),
    }
}

/// Whether a database is a copy that was begun and not finished.
pub(super) async fn is_noted(client: &ClientWrapper) -> Result<bool, StoreError> {
    let sql = "SELECT to_regclass('gantry_copy') IS NOT NULL";
    Ok(only(&client.query(sql, &[]).await?)?.unwrap_or(false))
}

/// The keys come first: where the main database is a store, the keys are there too.
fn both(address: &Address) -> [(&Database, &'static [Migration]); 2] {
    [(&address.keys, KEYS), (&address.main, MAIN)]
}

fn newest(migrations: &[Migration]) -> i32 {
    migrations.iter().map(|migration| migration.version).max().unwrap_or(0)
}

struct Version {
    found: i32,
    minimum_reader: i32,
}

/// How far a database has come; none where it is no store.
async fn version(client: &ClientWrapper) -> Result<Option<Version>, StoreError> {
    let there = "SELECT to_regclass('gantry_schema') IS NOT NULL";
    if only(&client.query(there, &[]).await?)? != Some(true) {
        return Ok(None);
    }
    let sql = "SELECT max(version), max(minimum_reader) FROM gantry_schema";
    let row = client.query_one(sql, &[]).await?;
    let (found, minimum_reader): (Option<i32>, Option<i32>) = (row.try_get(0)?, row.try_get(1)?);
    let both = found.zip(minimum_reader);
    Ok(both.map(|(found, minimum_reader)| Version { found, minimum_reader }))
}

/// Whether nothing of anybody is in a database.
async fn is_blank(client: &ClientWrapper) -> Result<bool, StoreError> {
    let sql = "SELECT NOT EXISTS (SELECT 1 FROM pg_tables
         WHERE schemaname NOT IN ('pg_catalog', 'information_schema'))";
    Ok(only(&client.query(sql, &[]).await?)?.unwrap_or(false))
}

/// Whether a database holds something: a store that was used, or something else.
async fn used(client: &ClientWrapper) -> Result<bool, StoreError> {
    if version(client).await?.is_none() {
        return Ok(!is_blank(client).await?);
    }
    let keys = only(&client.query("SELECT to_regclass('key') IS NOT NULL", &[]).await?)?;
    let sql = if keys == Some(true) {
        "SELECT EXISTS (SELECT 1 FROM key) OR (SELECT count > 0 FROM erasures)"
    } else {
        "SELECT EXISTS (SELECT 1 FROM entry) OR EXISTS (SELECT 1 FROM change)
            OR EXISTS (SELECT 1 FROM audit)"
    };
    Ok(only(&client.query(sql, &[]).await?)?.unwrap_or(true))
}

/// Carries out what is missing, in one transaction each, while nobody else does.
async fn migrate_one(
    client: &ClientWrapper,
    database: &Database,
    migrations: &[Migration],
) -> Result<Vec<String>, StoreError> {
    let mut done = Vec::new();
    client.execute("SELECT pg_advisory_lock($1)", &[&LOCK]).await?;
    client
        .batch_execute(
            "CREATE TABLE IF NOT EXISTS gantry_schema (
                version integer PRIMARY KEY, name text NOT NULL, minimum_reader integer NOT NULL,
                applied timestamptz NOT NULL DEFAULT now())",
        )
        .await?;
    let found = version(client).await?.map_or(0, |version| version.found);
    for Migration { version, name, minimum_reader, sql } in migrations {
        if *version <= found {
            continue;
        }
        client
            .batch_execute(&format!(
                "BEGIN; {sql}
                 INSERT INTO gantry_schema (version, name, minimum_reader)
                 VALUES ({version}, '{name}', {minimum_reader});
                 COMMIT"
            ))
            .await?;
        done.push(format!("{database}: {version:04} {name}"));
    }
    client.execute("SELECT pg_advisory_unlock($1)", &[&LOCK]).await?;
    Ok(done)
}

/// A connection to a database that must be there.
async fn connect_existing(database: &Database) -> Result<ClientWrapper, StoreError> {
    match try_connect(database).await? {
        Some(client) => Ok(client),
        None => Err(StoreError::Missing { place: database.to_string() }),
    }
}

async fn connect_or_make(database: &Database) -> Result<ClientWrapper, StoreError> {
    if let Some(client) = try_connect(database).await? {
        return Ok(client);
    }
    let server = connect(&database.called("postgres")).await?;
    let name = database.name().replace('"', "\"\"");
    server.batch_execute(&format!("CREATE DATABASE \"{name}\"")).await?;
    connect(database).await
}

/// A connection, or none where the server has no such database.
async fn try_connect(database: &Database) -> Result<Option<ClientWrapper>, StoreError> {
    match connect(database).await {
        Ok(client) => Ok(Some(client)),
        Err(StoreError::Backend { cause })
            if cause.ends_with(&format!("({})", SqlState::INVALID_CATALOG_NAME.code())) =>
        {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}
