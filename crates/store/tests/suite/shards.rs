//! The tables spread: what works on one server works where contacts, look-ups and objects lie in many
//! places, and a call about one contact, hash or object goes to one place.
//!
//! Where the server has no Citus, its own partitions stand for the shards: the keys are the same, and
//! a plan says as well which of them it has looked into.

use std::collections::{BTreeMap, BTreeSet};

use gantry_store::{
    Batch, Expect, Location, ObjectRow, RecordRow, ShardEngine, Store, StoreError, Target, Write,
};
use gantry_testbed::{Cluster, Database};

use crate::make::{Place, batch, contact, create, id, key, object, record};

/// The tables that are spread, and by what.
const SPREAD: [(&str, &str); 4] =
    [("contact", "id"), ("record", "contact"), ("lookup", "hash"), ("object", "id")];
const PARTS: u32 = 4;

/// A place for a store whose tables are spread over partitions.
pub(crate) struct Spread(Database);

impl Place for Spread {
    fn new() -> Spread {
        let database = Database::new();
        spread(&database);
        Spread(database)
    }

    fn location(&self) -> Location {
        Location::parse(&self.0.url()).unwrap()
    }
}

crate::both::common!(Spread);

/// Makes the tables, spread. An unused store may be made again.
fn spread(database: &Database) {
    let location = Location::parse(&database.url()).unwrap();
    std::thread::spawn(move || {
        tokio::runtime::Runtime::new().unwrap().block_on(async { drop(create(&location).await) });
    })
    .join()
    .unwrap();
    for (table, column) in SPREAD {
        let mut sql = format!(
            "ALTER TABLE {table} RENAME TO whole;
             CREATE TABLE {table} (LIKE whole INCLUDING ALL) PARTITION BY HASH ({column});"
        );
        for part in 0..PARTS {
            let part = format!(
                "CREATE TABLE {table}_{part} PARTITION OF {table}
                 FOR VALUES WITH (MODULUS {PARTS}, REMAINDER {part});"
            );
            sql.push_str(&part);
        }
        database.sql(&format!("{sql} DROP TABLE whole;"));
    }
}

/// The tables and parts that the plans in a log have looked into, by the number of the plan.
fn looked_into(log: &str) -> Vec<BTreeMap<String, BTreeSet<String>>> {
    let mut plans: Vec<BTreeMap<String, BTreeSet<String>>> = Vec::new();
    for line in log.lines() {
        if line.contains("Query Text:") {
            plans.push(BTreeMap::new());
        }
        // What a statement may write to is listed as well; what it reads says "Scan".
        let scan = line.split_once(" on ").filter(|(how, _)| how.contains("Scan"));
        let Some((_, place)) = scan else { continue };
        let part = place.split([' ', '(']).next().unwrap_or_default();
        let Some((table, number)) = part.rsplit_once('_') else { continue };
        let spread = SPREAD.iter().any(|(name, _)| *name == table);
        if spread && number.parse::<u32>().is_ok() && !line.contains("never executed") {
            let parts = plans.last_mut().unwrap().entry(table.to_owned()).or_default();
            parts.insert(number.to_owned());
        }
    }
    plans
}

/// What to ask for that is about one contact, hash or object.
async fn ask_about_one(store: &Store) {
    let about = RecordRow { about: Some((1, id(1))), ..record(key(1, 1, 1)) };
    let expects = vec![
        Expect::Contact(id(1), 1),
        Expect::Record(key(1, 1, 1), 1),
        Expect::Record(key(1, 1, 3), 0),
    ];
    let writes = [
        Write::Contact(gantry_store::ContactRow { version: 2, ..contact(1) }),
        Write::Record(RecordRow { version: 2, ..about }),
        Write::Record(record(key(1, 1, 3))),
        Write::RemoveRecord(key(1, 1, 2)),
        Write::Lookup([1; 16], Target::Contact(id(1))),
    ];
    store.commit(Batch { expects, ..batch(writes) }).await.unwrap();
    let changed = ObjectRow { version: 2, ..object(1, 1) };
    let expects = vec![Expect::Object(1, id(1), 1)];
    store.commit(Batch { expects, ..batch([Write::Object(changed)]) }).await.unwrap();

    assert!(store.contacts(&[id(1)]).await.unwrap().value[0].is_some());
    assert!(store.record(&key(1, 1, 1)).await.unwrap().value.is_some());
    assert_eq!(store.records(id(1), None, None, 9).await.unwrap().value.len(), 2);
    let after = Some(key(1, 1, 1));
    assert_eq!(store.records(id(1), Some(1), after, 9).await.unwrap().value.len(), 1);
    let keys = [key(1, 1, 1), key(1, 1, 3)];
    assert!(store.records_at(&keys).await.unwrap().value.iter().all(Option::is_some));
    assert_eq!(store.lookup(&[1; 16], None, 9).await.unwrap().len(), 1);
    assert!(store.objects(1, &[id(1)]).await.unwrap().value[0].is_some());
}

/// Contacts, records and objects enough that every part has some.
async fn fill(store: &Store) {
    let mut writes = Vec::new();
    for number in 1..=40 {
        writes.push(Write::Contact(contact(number)));
        writes.push(Write::Record(record(key(number, 1, 1))));
        writes.push(Write::Record(record(key(number, 1, 2))));
        writes.push(Write::Object(object(1, number)));
        let hash = [u8::try_from(number).unwrap(); 16];
        writes.push(Write::Lookup(hash, Target::Contact(id(number))));
    }
    store.commit(batch(writes)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_about_one_goes_to_one_part() {
    let cluster = Cluster::start_in_memory(&[
        ("session_preload_libraries", "auto_explain"),
        ("auto_explain.log_min_duration", "0"),
        ("auto_explain.log_analyze", "on"),
        ("auto_explain.log_timing", "off"),
    ]);
    let database = Database::of(&cluster);
    spread(&database);
    let store = create(&Location::parse(&database.url()).unwrap()).await;
    fill(&store).await;
    // What comes by something else than its key is looked for everywhere: so the log can tell.
    store.records_about(1, id(1), None, 9).await.unwrap();
    let before = cluster.log().len();
    let everywhere = looked_into(&cluster.log())
        .into_iter()
        .any(|plan| plan.get("record").is_some_and(|parts| parts.len() == PARTS as usize));
    assert!(everywhere);

    ask_about_one(&store).await;
    let log = cluster.log().split_off(before);
    let plans = looked_into(&log);
    let used: BTreeSet<&str> =
        plans.iter().flat_map(|plan| plan.keys().map(String::as_str)).collect();
    assert_eq!(used, BTreeSet::from(["contact", "lookup", "object", "record"]), "{log}");
    for plan in plans {
        assert!(plan.values().all(|parts| parts.len() == 1), "{plan:?}: {log}");
    }
}

/// Whether the server's programs come with Citus.
fn citus_is_there(cluster: &Cluster) -> bool {
    let sql = "SELECT count(*) FROM pg_available_extensions WHERE name = 'citus'";
    cluster.sql("postgres", sql) == "1"
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_about_one_goes_to_one_shard_of_citus() {
    if !citus_is_there(&Cluster::start_in_memory(&[])) {
        eprintln!("skipped: this PostgreSQL has no Citus; its own partitions were asked instead");
        return;
    }
    let cluster = Cluster::start_in_memory(&[
        ("shared_preload_libraries", "citus"),
        ("session_preload_libraries", "auto_explain"),
        ("auto_explain.log_min_duration", "0"),
    ]);
    let database = Database::of(&cluster);
    let location = Location::parse(&database.url()).unwrap();
    drop(create(&location).await);
    for place in [database.name().to_owned(), format!("{}_keys", database.name())] {
        cluster.sql(&place, "CREATE EXTENSION citus");
    }
    assert_eq!(Store::shard(&location, ShardEngine::Citus).await.unwrap().len(), 6);
    assert_eq!(Store::shard(&location, ShardEngine::Citus).await.unwrap(), [""; 0]);
    let store = create(&location).await;
    fill(&store).await;
    let before = cluster.log().len();
    ask_about_one(&store).await;
    let log = cluster.log().split_off(before);
    let tasks: Vec<&str> = log
        .lines()
        .filter_map(|line| line.split_once("Task Count: "))
        .map(|(_, count)| count)
        .collect();
    assert!(!tasks.is_empty(), "{log}");
    assert!(tasks.iter().all(|count| *count == "1"), "{log}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_there_is_no_citus_a_store_stays_as_it_is() {
    let database = Database::new();
    let location = database.location();
    drop(create(&location).await);
    let refused = Store::shard(&location, ShardEngine::Citus).await;
    assert!(matches!(refused, Err(StoreError::Unsupported { .. })), "{refused:?}");
    let file = Location::Sqlite("nowhere.db".into());
    let refused = Store::shard(&file, ShardEngine::Citus).await;
    assert!(matches!(refused, Err(StoreError::Unsupported { .. })), "{refused:?}");
}
