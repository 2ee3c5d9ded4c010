//! A look past the program into the tables of a store, whichever kind it is.

use std::fmt::Write as _;
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::types::Value;

use crate::support::House;

/// Which part of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Half {
    /// All but the keys.
    Main,
    /// The contacts' keys.
    Keys,
}

impl House {
    /// The only number that a query gives.
    pub(crate) fn number(&self, half: Half, sql: &str) -> i64 {
        let found = self.values(half, sql);
        let [one] = found.as_slice() else { panic!("`{sql}` gives {found:?}") };
        one.parse().unwrap_or_else(|error| panic!("`{sql}` gives `{one}`: {error}"))
    }

    /// How many rows a table has, or a query that stands for one.
    pub(crate) fn count(&self, half: Half, table: &str) -> usize {
        let count = self.number(half, &format!("SELECT count(*) FROM {table} AS counted"));
        usize::try_from(count).unwrap()
    }

    /// The values of the only column that a query gives. Ids and bytes are hexadecimal digits.
    pub(crate) fn values(&self, half: Half, sql: &str) -> Vec<String> {
        if self.database().is_some() {
            let bare = |line: &str| line.trim_start_matches("\\x").replace('-', "");
            return self.at_server(half, sql).lines().map(bare).collect();
        }
        let store = self.file(half);
        let mut statement = store.prepare(sql).unwrap();
        let found = statement.query_map((), |row| row.get(0)).unwrap();
        let text = |value| match value {
            Value::Integer(number) => number.to_string(),
            Value::Text(text) => text,
            Value::Blob(bytes) => bytes.iter().fold(String::new(), |mut digits, byte| {
                write!(digits, "{byte:02x}").unwrap();
                digits
            }),
            other => panic!("`{sql}` gives {other:?}"),
        };
        found.map(|value| text(value.unwrap())).collect()
    }

    /// Changes rows behind the program's back.
    pub(crate) fn change(&self, half: Half, sql: &str) {
        if self.database().is_some() {
            self.at_server(half, sql);
        } else {
            self.file(half).execute_batch(sql).unwrap();
        }
    }

    /// An id, as statements have it.
    pub(crate) fn literal(&self, id: &str) -> String {
        let x = if self.database().is_some() { "" } else { "x" };
        format!("{x}'{}'", id.replace('-', ""))
    }

    /// Bytes, as statements have them.
    pub(crate) fn bytes(&self, digits: &str) -> String {
        let (x, back) = if self.database().is_some() { ("", "\\x") } else { ("x", "") };
        format!("{x}'{back}{digits}'")
    }

    fn at_server(&self, half: Half, sql: &str) -> String {
        let database = self.database().unwrap();
        match half {
            Half::Main => database.sql(sql),
            Half::Keys => database.keys_sql(sql),
        }
    }

    fn file(&self, half: Half) -> Connection {
        let name = if half == Half::Main { "store.db" } else { "store.db.keys" };
        let store = Connection::open(self.path(name)).unwrap();
        store.busy_timeout(Duration::from_secs(10)).unwrap();
        store
    }

    /// The number of the last import that began to write.
    pub(crate) fn last_edition(&self) -> i64 {
        let sql = match self.database() {
            Some(_) => "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM edition_number",
            None => "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'pending'",
        };
        self.number(Half::Main, sql)
    }

    /// Has the leases of processes that were killed run out, for which others would have to wait.
    pub(crate) fn end_leases(&self) {
        if let Some(database) = self.database() {
            database.sql("UPDATE node SET leased_until = now() - interval '1 second'");
        }
    }
}
