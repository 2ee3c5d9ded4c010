//! The tables: made and changed by migrations, one after the other, each once, under a lock.
//!
//! A migration says which schema a program must know at least to go on working beside it, so that
//! nodes of two versions can run on one store while it is brought up to date: first the migration,
//! then the nodes.

use deadpool_postgres::ClientWrapper;
use tokio_postgres::error::SqlState;
use uuid::Uuid;

use crate::error::{Absence, StoreError};
use crate::postgres::address::{Address, Database};
use crate::postgres::connect::connect;
use crate::postgres::moved;
use crate::postgres::pair;
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
/// The main one comes last: where it is a store, the keys are there too.
pub(super) async fn create(address: &Address) -> Result<(), StoreError> {
    // What is in the way is told before anything is made, of the main database first.
    let main = try_connect(&address.main).await?;
    let mut own = None;
    if let Some(main) = &main {
        must_be_unused(main, &address.main, None).await?;
        own = pair::id(main).await?;
    }
    let keys = connect_or_make(address, &address.keys).await?;
    must_be_unused(&keys, &address.keys, own).await?;
    migrate_one(&keys, &address.keys, KEYS).await?;
    let main = match main {
        Some(main) => main,
        None => connect_or_make(address, &address.main).await?,
    };
    migrate_one(&main, &address.main, MAIN).await?;
    pair::tie(&main, &keys).await
}

/// Brings both databases up to date.
pub(super) async fn migrate(address: &Address) -> Result<Migrated, StoreError> {
    let halves = Halves::find(address).await?;
    let mut migrated = Migrated::default();
    for (database, migrations, (client, _)) in
        [(&address.keys, KEYS, &halves.keys), (&address.main, MAIN, &halves.main)]
    {
        migrated.done.extend(migrate_one(client, database, migrations).await?);
        let reached = must_be_readable(client, database, migrations).await?;
        migrated.schemas.push((database.to_string(), i64::from(reached)));
    }
    Ok(migrated)
}

/// Looks whether this program can work with the store.
pub(super) async fn must_fit(address: &Address) -> Result<(), StoreError> {
    must_have_schema(address).await?;
    if is_unfinished(address).await? {
        return Err(StoreError::Unfinished { place: address.to_string() });
    }
    match moved::to(address).await? {
        Some(to) => Err(StoreError::Moved { place: address.to_string(), to }),
        None => Ok(()),
    }
}

/// Looks whether this program knows the schema of both databases.
pub(super) async fn must_have_schema(address: &Address) -> Result<(), StoreError> {
    let Halves { main, keys } = Halves::find(address).await?;
    for (database, migrations, (_, found)) in
        [(&address.keys, KEYS, keys), (&address.main, MAIN, main)]
    {
        let needed = newest(migrations);
        if found < needed {
            let (found, needed) = (i64::from(found), i64::from(needed));
            return Err(StoreError::Older { place: database.to_string(), found, needed });
        }
    }
    Ok(())
}

/// A database of a store, and its schema.
type Half = (ClientWrapper, i32);

/// The two databases of a store, which belong together.
struct Halves {
    main: Half,
    keys: Half,
}

impl Halves {
    /// Finds both, or says which of them is not there, and what is there instead.
    async fn find(address: &Address) -> Result<Halves, StoreError> {
        let main = look(&address.main, MAIN, "contact").await?;
        let keys = look(&address.keys, KEYS, "key").await?;
        let (place, keys_place) = (address.main.to_string(), address.keys.to_string());
        let (main, keys) = match (main, keys) {
            (Ok(main), Ok(keys)) => (main, keys),
            (Ok(_), Err(why)) => {
                return Err(StoreError::KeysMissing { place, why, keys: keys_place });
            }
            (Err(why), Ok(_)) => {
                return Err(StoreError::MainMissing { place, why, keys: keys_place });
            }
            (Err(why), Err(_)) => return Err(StoreError::Missing { place, why }),
        };
        pair::must_match(address, &main.0, &keys.0).await?;
        Ok(Halves { main, keys })
    }
}

/// A database of a store and its schema, or what there is instead. That it is one, and which of the
/// two, shows in a table.
async fn look(
    database: &Database,
    migrations: &[Migration],
    table: &str,
) -> Result<Result<Half, Absence>, StoreError> {
    let Some(client) = try_connect(database).await? else { return Ok(Err(Absence::Database)) };
    if version(&client).await?.is_none() && is_blank(&client).await? {
        return Ok(Err(Absence::Empty));
    }
    let found = must_be_readable(&client, database, migrations).await?;
    let sql = "SELECT to_regclass($1) IS NOT NULL";
    if only(&client.query(sql, &[&table]).await?)? != Some(true) {
        return Err(StoreError::NoStore { place: database.to_string() });
    }
    Ok(Ok((client, found)))
}

/// How far a database has come, which must be one of a store and not too far for this program.
async fn must_be_readable(
    client: &ClientWrapper,
    database: &Database,
    migrations: &[Migration],
) -> Result<i32, StoreError> {
    let place = database.to_string();
    let Some(version) = version(client).await? else { return Err(StoreError::NoStore { place }) };
    let known = newest(migrations);
    if version.minimum_reader > known {
        let (found, known) = (i64::from(version.minimum_reader), i64::from(known));
        return Err(StoreError::Newer { place, found, known });
    }
    Ok(version.found)
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

/// An error where a database holds something: a store that was used, or something else. Keys that
/// nobody has used yet may be those of a store all the same, unless that is the one that is made, which
/// bears an id of its `own`.
async fn must_be_unused(
    client: &ClientWrapper,
    database: &Database,
    own: Option<Uuid>,
) -> Result<(), StoreError> {
    let in_the_way = || StoreError::Exists { place: database.to_string() };
    if version(client).await?.is_none() {
        return if is_blank(client).await? { Ok(()) } else { Err(in_the_way()) };
    }
    let keys = only(&client.query("SELECT to_regclass('key') IS NOT NULL", &[]).await?)?;
    let row = if keys == Some(true) {
        let sql = "SELECT EXISTS (SELECT 1 FROM key) OR (SELECT count > 0 FROM erasures)
            OR EXISTS (SELECT 1 FROM pair WHERE taken AND id IS DISTINCT FROM $1)";
        client.query(sql, &[&own]).await?
    } else {
        let sql = "SELECT EXISTS (SELECT 1 FROM entry) OR EXISTS (SELECT 1 FROM change)
            OR EXISTS (SELECT 1 FROM audit)";
        client.query(sql, &[]).await?
    };
    if only(&row)?.unwrap_or(true) { Err(in_the_way()) } else { Ok(()) }
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
                "BEGIN; {sql};
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

async fn connect_or_make(
    address: &Address,
    database: &Database,
) -> Result<ClientWrapper, StoreError> {
    if let Some(client) = try_connect(database).await? {
        return Ok(client);
    }
    let server = connect(&database.called("postgres")).await?;
    let name = database.name().replace('"', "\"\"");
    let made = server.batch_execute(&format!("CREATE DATABASE \"{name}\"")).await;
    if let Err(error) = made {
        return Err(match error.code() {
            Some(&SqlState::INSUFFICIENT_PRIVILEGE) => may_not_make(address, database),
            _ => error.into(),
        });
    }
    connect(database).await
}

fn may_not_make(address: &Address, missing: &Database) -> StoreError {
    let owner = missing.config.get_user().unwrap_or("ROLE");
    let [main, keys] = [&address.main, &address.keys].map(Database::name);
    StoreError::Backend {
        cause: format!(
            "`{missing}` is not there, and the role may not make it; hint: have a superuser make \
             both: `CREATE DATABASE {main} OWNER {owner}`, `CREATE DATABASE {keys} OWNER {owner}`"
        ),
    }
}

/// A connection, or none where the server has no such database.
pub(super) async fn try_connect(database: &Database) -> Result<Option<ClientWrapper>, StoreError> {
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

#[cfg(test)]
mod tests {
    use gantry_testbed::Database as Empty;

    use super::*;

    const fn step(version: i32, sql: &'static str) -> Migration {
        Migration { version, name: "step", minimum_reader: 1, sql }
    }

    const STEPS: &[Migration] = &[
        step(1, "CREATE TABLE one (id integer)"),
        step(2, "SELECT pg_sleep(0.2); CREATE TABLE two (id integer)"),
        step(3, "INSERT INTO two VALUES (1); CREATE TABLE three (id integer)"),
    ];

    fn at(empty: &Empty) -> Database {
        Address::parse(&empty.url()).unwrap().main
    }

    async fn migrated(database: &Database, steps: &[Migration]) -> Result<Vec<String>, StoreError> {
        let client = connect(database).await.unwrap();
        migrate_one(&client, database, steps).await
    }

    fn steps_of(empty: &Empty) -> String {
        empty.sql("SELECT string_agg(version::text, ',' ORDER BY version) FROM gantry_schema")
    }

    #[tokio::test]
    async fn of_those_who_migrate_at_once_each_step_is_done_by_one() {
        let empty = Empty::new();
        let database = at(&empty);
        let done = futures::future::join_all((0..4).map(|_| migrated(&database, STEPS))).await;
        let done: Vec<String> = done.into_iter().flat_map(Result::unwrap).collect();
        let named = |version| format!("{database}: {version:04} step");
        assert_eq!(done, [1, 2, 3].map(named));
        assert_eq!(steps_of(&empty), "1,2,3");
        assert_eq!(empty.sql("SELECT count(*) FROM two"), "1");
        assert_eq!(migrated(&database, STEPS).await, Ok(Vec::new()), "nothing is done twice");
    }

    #[tokio::test]
    async fn a_step_that_fails_leaves_nothing_and_is_done_the_next_time() {
        let empty = Empty::new();
        let database = at(&empty);
        let failing = [
            step(1, "CREATE TABLE one (id integer)"),
            step(2, "CREATE TABLE two (id integer); SELECT 1 / 0"),
        ];
        migrated(&database, &failing).await.unwrap_err();
        assert_eq!(steps_of(&empty), "1");
        assert_eq!(empty.sql("SELECT to_regclass('two') IS NULL"), "t");
        assert_eq!(migrated(&database, STEPS).await.unwrap().len(), 2);
        assert_eq!(steps_of(&empty), "1,2,3");
    }

    #[tokio::test]
    async fn who_dies_while_migrating_leaves_nothing_half_done_and_no_lock() {
        let empty = Empty::new();
        let database = at(&empty);
        let dying = [step(1, "CREATE TABLE one (id integer); SELECT pg_sleep(60)")];
        let asleep = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
             WHERE datname = current_database() AND wait_event = 'PgSleep'";
        let kill = async {
            for _ in 0..1_000 {
                if empty.sql(asleep) == "1" {
                    return;
                }
                tokio::task::yield_now().await;
            }
            panic!("nobody sleeps");
        };
        let (died, ()) = futures::join!(migrated(&database, &dying), kill);
        assert!(died.is_err());
        assert_eq!(empty.sql("SELECT to_regclass('one') IS NULL"), "t");
        assert_eq!(migrated(&database, STEPS).await.unwrap().len(), 3);
    }
}
