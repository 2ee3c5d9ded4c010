//! PostgreSQL as it is used without a thought for privacy: the records in a table with indexes on
//! what is asked for. Nobody is asked for what, nothing is written down about it, and a record
//! whose time is over is seen until somebody deletes it.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio_postgres::types::ToSql;
use tokio_postgres::{Client as Connection, Statement};

use super::item::{Field, key};
use super::mix::Mix;
use super::system::{Client, System};
use super::table::{
    COLUMNS, INDEXES, METADATA, TABLE, borrowed, copy, fresh, lost, taken, value, values,
};
use crate::postgres::{OWNER, Server};
use crate::{Failure, Outcome};

const DATABASE: &str = "plain";

/// A server with the table.
pub(super) struct Plain(pub(super) Arc<Server>);

impl System for Plain {
    type Client = Asking;

    fn name(&self) -> &'static str {
        "plain PostgreSQL"
    }

    /// It keeps no log for a regulator to read.
    fn answers(&self, mix: Mix) -> bool {
        mix != Mix::Regulator
    }

    async fn load(&self, count: u32) -> Outcome<()> {
        let owner = fresh(&self.0, DATABASE).await?;
        owner.batch_execute(TABLE).await?;
        copy(&owner, count).await?;
        owner.batch_execute(INDEXES).await?;
        for tidy in ["VACUUM ANALYZE item", "CHECKPOINT"] {
            owner.batch_execute(tidy).await?;
        }
        Ok(())
    }

    async fn expire(&self) -> Outcome<u64> {
        let owner = self.0.connect(OWNER, DATABASE).await?;
        Ok(owner.execute("DELETE FROM item WHERE expires <= now()", &[]).await?)
    }

    async fn client(&self, _: Mix) -> Outcome<Asking> {
        Asking::new(self.0.connect(OWNER, DATABASE).await?).await
    }

    fn cpu_outside(&self) -> Outcome<f64> {
        self.0.cpu_seconds()
    }
}

/// A connection with its prepared statements.
pub(super) struct Asking {
    connection: Connection,
    read_key: Statement,
    read_purpose: Statement,
    read_user: Statement,
    update_key: Statement,
    update_by_purpose: BTreeMap<Field, Statement>,
    update_by_user: BTreeMap<Field, Statement>,
    delete_key: Statement,
    insert: Statement,
    metadata: Statement,
    verify: Statement,
}

impl Asking {
    async fn new(connection: Connection) -> Outcome<Asking> {
        let read = |column: &str| format!("SELECT {COLUMNS} FROM item WHERE {column} = $1");
        let mut updates = [BTreeMap::new(), BTreeMap::new()];
        for (column, by) in ["pur", "usr"].into_iter().zip(&mut updates) {
            for field in Field::CHANGED {
                let set = match field {
                    Field::Ttl => {
                        "ttl = $2::int4, expires = now() + $2::int4 * interval '1 second'"
                            .to_owned()
                    }
                    _ => format!("{} = $2", field.column()),
                };
                let update = format!("UPDATE item SET {set} WHERE {column} = $1");
                by.insert(field, connection.prepare(&update).await?);
            }
        }
        let [update_by_purpose, update_by_user] = updates;
        Ok(Asking {
            read_key: connection.prepare(&read("key")).await?,
            read_purpose: connection.prepare(&read("pur")).await?,
            read_user: connection.prepare(&read("usr")).await?,
            update_key: connection
                .prepare(
                    "UPDATE item SET pur = $2, ttl = $3::int4, usr = $4, obj = $5, dec = $6, acl = $7,
                         shr = $8, src = $9, cat = $10, data = $11,
                         expires = now() + $3::int4 * interval '1 second'
                     WHERE key = $1",
                )
                .await?,
            update_by_purpose,
            update_by_user,
            delete_key: connection.prepare("DELETE FROM item WHERE key = $1").await?,
            insert: connection
                .prepare(
                    "INSERT INTO item VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11,
                         now() + $3::int4 * interval '1 second')",
                )
                .await?,
            metadata: connection
                .prepare(&format!("SELECT {METADATA} FROM item WHERE usr = $1"))
                .await?,
            verify: connection.prepare("SELECT key FROM item WHERE key = $1").await?,
            connection,
        })
    }

    async fn read(&self, statement: &Statement, asked: String) -> Outcome<usize> {
        taken(&self.connection.query(statement, &[&asked]).await?)
    }

    async fn change(
        &self,
        statement: Option<&Statement>,
        values: &[&(dyn ToSql + Sync)],
    ) -> Outcome<usize> {
        let statement = statement.ok_or("a field that no update changes")?;
        Ok(usize::try_from(self.connection.execute(statement, values).await?)?)
    }
}

impl Client for Asking {
    async fn read_key(&self, n: u32) -> Outcome<usize> {
        self.read(&self.read_key, key(n)).await
    }

    async fn read_purpose(&self, n: u32) -> Outcome<usize> {
        self.read(&self.read_purpose, Field::Purpose.value(n)).await
    }

    async fn read_user(&self, n: u32) -> Outcome<usize> {
        self.read(&self.read_user, Field::User.value(n)).await
    }

    async fn update_key(&self, n: u32) -> Outcome<usize> {
        self.change(Some(&self.update_key), &borrowed(&values(n))).await
    }

    async fn update_by_purpose(&self, n: u32, field: Field) -> Outcome<usize> {
        let values = [value(n, Field::Purpose), value(n, field)];
        self.change(self.update_by_purpose.get(&field), &borrowed(&values)).await
    }

    async fn update_by_user(&self, n: u32, field: Field) -> Outcome<usize> {
        let values = [value(n, Field::User), value(n, field)];
        self.change(self.update_by_user.get(&field), &borrowed(&values)).await
    }

    async fn delete_key(&self, n: u32) -> Outcome<usize> {
        self.change(Some(&self.delete_key), &[&key(n)]).await
    }

    async fn insert(&self, n: u32) -> Outcome<usize> {
        self.change(Some(&self.insert), &borrowed(&values(n))).await
    }

    async fn metadata_of_user(&self, n: u32) -> Outcome<usize> {
        self.read(&self.metadata, Field::User.value(n)).await
    }

    async fn read_log(&self, _: u32) -> Outcome<usize> {
        Err("there is no log".into())
    }

    async fn verify_deletion(&self, n: u32) -> Outcome<usize> {
        self.read(&self.verify, key(n)).await
    }

    fn may_repeat(failure: &Failure) -> bool {
        lost(failure)
    }
}
