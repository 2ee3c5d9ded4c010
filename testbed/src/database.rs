//! A database for one test, in the cluster that all tests share.

use std::env;
use std::hash::{BuildHasher, Hasher, RandomState};

use crate::cluster::Cluster;
use crate::programs::Programs;

/// The environment variable that says where the shared cluster is administered.
pub const VARIABLE: &str = "GANTRY_TEST_POSTGRES";
/// The environment variable that says what tests run on that are the same on every kind of store:
/// `postgres`, or files where it is not set.
const STORE: &str = "GANTRY_TEST_STORE";

/// An empty database that nobody else uses; it is dropped with this value, and with it the database
/// of the same name and `_keys`, where there is one.
#[must_use = "it ends when it is dropped"]
pub struct Database {
    programs: Programs,
    administration: String,
    name: String,
}

impl Database {
    /// A database in the cluster that [`VARIABLE`] names; panics where it names none.
    pub fn new() -> Database {
        let administration = env::var(VARIABLE).unwrap_or_else(|_| {
            panic!(
                "`{VARIABLE}` is not set\n\
                 hint: run the tests with a PostgreSQL: \
                 `cargo run -p gantry-testbed -- cargo nextest run`"
            )
        });
        Database::at(&administration)
    }

    /// A database in the shared cluster where `GANTRY_TEST_STORE` asks for it; none where a test of
    /// any kind of store is to take a file.
    pub fn if_asked() -> Option<Database> {
        Database::is_asked().then(Database::new)
    }

    /// Whether `GANTRY_TEST_STORE` asks for databases.
    pub fn is_asked() -> bool {
        let asked = env::var(STORE).unwrap_or_default();
        assert!(asked.is_empty() || asked == "postgres", "`{STORE}` is `postgres` or nothing");
        !asked.is_empty()
    }

    /// A database in a cluster of the test's own.
    pub fn of(cluster: &Cluster) -> Database {
        Database::at(&cluster.url("postgres"))
    }

    /// Where it is.
    pub fn url(&self) -> String {
        replaced(&self.administration, &self.name)
    }

    /// Where the database of the same name and `_keys` is, once somebody has made it.
    pub fn keys_url(&self) -> String {
        replaced(&self.administration, &self.keys_name())
    }

    /// What it is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Runs statements, as [`Cluster::sql`] does.
    pub fn sql(&self, text: &str) -> String {
        self.try_sql(text).unwrap_or_else(|error| panic!("`{text}`: {error}"))
    }

    /// The same, where failing is of interest: the error is what `psql` says.
    pub fn try_sql(&self, text: &str) -> Result<String, String> {
        self.programs.psql(&self.url(), text)
    }

    /// The same in the database of the same name and `_keys`.
    pub fn keys_sql(&self, text: &str) -> String {
        let done = self.programs.psql(&self.keys_url(), text);
        done.unwrap_or_else(|error| panic!("`{text}`: {error}"))
    }

    /// Remembers the keys that a store has there now.
    pub fn remember_keys(&self) {
        self.keys_sql("CREATE TABLE remembered AS SELECT * FROM key");
    }

    /// Puts those back that were destroyed since, as if somebody had been stopped before.
    pub fn put_keys_back(&self) {
        self.keys_sql("INSERT INTO key SELECT * FROM remembered ON CONFLICT DO NOTHING");
    }

    /// Destroys the key of a contact, and notes it nowhere: as in an older copy of the keys.
    pub fn destroy_key(&self, contact: &str) {
        self.keys_sql(&format!("DELETE FROM key WHERE slot = 0 AND contact = '{contact}'"));
    }

    /// Notes that the key of a contact was destroyed, as an erasure does.
    pub fn note_destroyed(&self, contact: &str) {
        self.keys_sql(&format!("INSERT INTO destroyed (contact) VALUES ('{contact}')"));
    }

    fn at(administration: &str) -> Database {
        let programs = Programs::find();
        let name = format!("test_{:016x}", RandomState::new().build_hasher().finish());
        let database = Database { programs, administration: administration.to_owned(), name };
        // Nobody can be connected to this template, so that tests copy it at the same time.
        let create = format!("CREATE DATABASE {} TEMPLATE template0", database.name);
        let made = database.programs.psql(administration, &create);
        made.unwrap_or_else(|error| panic!("no database for a test: {error}"));
        database
    }

    fn keys_name(&self) -> String {
        format!("{}_keys", self.name)
    }
}

impl Default for Database {
    fn default() -> Database {
        Database::new()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let (name, keys) = (&self.name, self.keys_name());
        let drop = format!(
            "SET client_min_messages = warning;
             DROP DATABASE IF EXISTS {name} WITH (FORCE);
             DROP DATABASE IF EXISTS {keys} WITH (FORCE)"
        );
        // Where a test has killed its cluster there is nothing left to drop.
        if let Err(error) = self.programs.psql(&self.administration, &drop) {
            eprintln!("error: the database `{name}` stays: {error}");
        }
    }
}

/// The address of another database of the same cluster.
fn replaced(url: &str, database: &str) -> String {
    let (place, settings) = url.split_once('?').unwrap_or((url, ""));
    let (place, _) = place.rsplit_once('/').expect("the address names a database");
    let mark = if settings.is_empty() { "" } else { "?" };
    format!("{place}/{database}{mark}{settings}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::SMALL_TESTS;

    #[test]
    fn an_address_is_that_of_another_database() {
        let change = |url| replaced(url, "mine");
        assert_eq!(change("postgres://a@127.0.0.1:1/postgres"), "postgres://a@127.0.0.1:1/mine");
        assert_eq!(
            change("postgres://a@/x?host=/y/z&port=1"),
            "postgres://a@/mine?host=/y/z&port=1"
        );
    }

    #[test]
    fn a_cluster_is_found_at_its_socket_too() {
        let cluster = Cluster::start(SMALL_TESTS);
        let database = Database::at(&cluster.socket_url("postgres"));
        assert_eq!(database.sql("SELECT inet_server_addr() IS NULL"), "t");
        assert_eq!(database.sql("SELECT current_database()"), database.name());
    }
}
