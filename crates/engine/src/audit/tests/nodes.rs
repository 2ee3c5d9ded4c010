//! Several processes on one database, each with a chain of its own.

use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};

use gantry_testbed::Database;

use super::*;

const GONE: &str = "the link was signed, and is gone";
const NO_FOLLOWER: &str = "it does not follow the link before it";

/// A database, a folder for what lies outside it, and a clock that all processes share.
struct Place {
    database: Database,
    folder: TempDir,
    clock: Arc<AtomicI64>,
}

/// A process that works on it.
struct Process {
    store: Store,
    trail: Trail,
}

impl Place {
    async fn new() -> Place {
        let (database, folder) = (Database::new(), tempfile::tempdir().unwrap());
        let place = Place { database, folder, clock: Arc::default() };
        Store::create(&place.location(), place.setup()).await.unwrap();
        place
    }

    fn location(&self) -> Location {
        Location::parse(&self.database.url()).unwrap()
    }

    fn setup(&self) -> Setup {
        let clock = Arc::clone(&self.clock);
        Setup { now: Arc::new(move || clock.fetch_add(1, Ordering::SeqCst)), ..setup() }
    }

    /// A process whose spools lie on its machine, and that signs into a file.
    async fn process(&self, number: u8, machine: &str, file: &str) -> Process {
        let store = Store::open(&self.location(), self.setup()).await.unwrap();
        let trail = Trail::new(TrailSetup {
            path: self.folder.path().join(machine),
            store_id: STORE,
            process: [number; 16],
            vault: vault(),
            strict: false,
            checkpoints: Some(self.folder.path().join(file)),
        });
        Process { store, trail }
    }

    async fn verified(&self, process: &Process, files: &[&str]) -> Report {
        let path = |file: &&str| Path::new(self.folder.path()).join(file);
        let files: Vec<PathBuf> = files.iter().map(path).collect();
        verify(&process.store, &STORE, &files, &vault().public_key()).await.unwrap()
    }
}

impl Process {
    async fn work(&self, at: i64) {
        self.trail.append(&entry(at)).unwrap();
        self.trail.drain(&self.store).await.unwrap();
    }

    async fn sign(&self) {
        self.trail.checkpoint(&self.store, 99).await.unwrap();
    }

    async fn times(&self) -> Vec<i64> {
        let all = Filter::default();
        let page = show::page(&self.store, &all, show::Position::default(), 99).await.unwrap();
        page.entries.iter().map(|found| found.entry.at).collect()
    }
}

#[tokio::test]
async fn each_process_writes_its_own_chain_and_all_are_proved_and_shown_together() {
    let place = Place::new().await;
    let (north, south) =
        (place.process(1, "n", "north").await, place.process(2, "s", "south").await);
    for at in [1, 3, 5] {
        north.work(at).await;
        south.work(at + 1).await;
        north.sign().await;
        south.sign().await;
    }
    let report = place.verified(&north, &["north", "south"]).await;
    assert!(report.holds(), "{report:?}");
    assert_eq!((report.chains.len(), report.entries, report.unproven), (2, 6, 0));
    assert_eq!(south.times().await, [1, 2, 3, 4, 5, 6]);
    let newest = show::near_the_end(&north.store, 2).await.unwrap();
    let page = show::page(&north.store, &Filter::default(), newest, 99).await.unwrap();
    assert_eq!(page.entries.iter().map(|found| found.entry.at).collect::<Vec<_>>(), [5, 6]);
    let alone = place.verified(&north, &["north"]).await;
    assert_eq!(told(&alone), ["signed, and the file was not given"]);
    assert!(alone.holds_as_given() && !alone.holds(), "{alone:?}");
}

#[tokio::test]
async fn a_node_that_died_in_the_middle_is_proved_by_the_others() {
    let place = Place::new().await;
    let (living, dying) =
        (place.process(1, "n", "file").await, place.process(2, "s", "file").await);
    living.work(1).await;
    dying.work(2).await;
    dying.sign().await;
    dying.work(3).await;
    // One entry is still in its spool, on its machine.
    dying.trail.append(&entry(4)).unwrap();
    drop(dying);
    living.work(5).await;
    let report = place.verified(&living, &["file"]).await;
    assert!(report.holds(), "{report:?}");
    assert_eq!(report.unproven, 2);
    living.sign().await;
    let report = place.verified(&living, &["file"]).await;
    assert!(report.holds(), "{report:?}");
    assert_eq!((report.entries, report.checkpoints, report.unproven), (4, 2, 0));
    // A process on that machine finds the entry, and takes it into its chain.
    let next = place.process(3, "s", "file").await;
    assert_eq!(next.trail.adopt(&next.store, 9).await.unwrap().entries, 1);
    next.trail.close(&next.store, 10).await.unwrap();
    let report = place.verified(&living, &["file"]).await;
    assert!(report.holds(), "{report:?}");
    assert_eq!((report.entries, report.unproven), (5, 0));
    let mut times = living.times().await;
    times.sort_unstable();
    assert_eq!(times, [1, 2, 3, 4, 5]);
}

#[tokio::test]
async fn whoever_tampers_with_a_chain_of_the_database_is_found_out() {
    let swap = "UPDATE audit SET chain = CASE chain WHEN (SELECT min(chain::text)::uuid FROM audit)
                THEN (SELECT max(chain::text)::uuid FROM audit)
                ELSE (SELECT min(chain::text)::uuid FROM audit) END";
    let last = "(SELECT max(chain::text)::uuid FROM audit)";
    let tampered = [
        (format!("DELETE FROM audit WHERE chain = {last}"), vec![GONE]),
        (format!("DELETE FROM audit WHERE chain = {last} AND sequence = 2"), vec![GONE]),
        (
            format!("UPDATE audit SET at = at + 1 WHERE chain = {last} AND sequence = 1"),
            vec!["its content is not what it was"],
        ),
        (swap.to_owned(), [[NO_FOLLOWER, "the link is not the one that was signed"]; 2].concat()),
    ];
    for (sql, faults) in tampered {
        let place = Place::new().await;
        let (one, other) =
            (place.process(1, "n", "file").await, place.process(2, "s", "file").await);
        for at in [1, 3] {
            one.work(at).await;
            other.work(at + 1).await;
        }
        one.sign().await;
        assert!(place.verified(&one, &["file"]).await.holds());
        place.database.sql("ALTER TABLE audit DROP CONSTRAINT IF EXISTS audit_pkey");
        place.database.sql(&sql);
        assert_eq!(told(&place.verified(&one, &["file"]).await), faults, "{sql}");
    }
}
