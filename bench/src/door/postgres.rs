//! A PostgreSQL of its own that does the like: the rows that a purpose may see by row-level
//! security, and an audit row for each read, in one function call with a prepared statement.

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use gantry_store::RecordKey;
use rusqlite::{Connection, OpenFlags};
use tokio::task::JoinHandle;
use tokio_postgres::Client;
use uuid::Uuid;

use super::house::House;
use super::readers::Pick;
use crate::Outcome;
use crate::meter::{Meter, Spent};
use crate::postgres::{OWNER, Server};

/// The records as in Gantry's file, what an audit entry says, and how a session reads. The function
/// is in PL/pgSQL, which keeps its plans from call to call and so is the quicker language here.
const SCHEMA: &str = "
    CREATE TABLE contact_record (
        contact uuid NOT NULL, category int2 NOT NULL, id uuid NOT NULL, at int8 NOT NULL,
        collected_for int2 NOT NULL, source text NOT NULL, body bytea NOT NULL,
        purposes text[] NOT NULL,
        PRIMARY KEY (contact, category, id)
    );
    CREATE TABLE audit (
        sequence int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        at timestamptz NOT NULL DEFAULT now(), actor text NOT NULL, purpose text NOT NULL,
        operation text NOT NULL, category int2 NOT NULL, contact uuid NOT NULL, count int4 NOT NULL
    );
    ALTER TABLE contact_record ENABLE ROW LEVEL SECURITY;
    CREATE POLICY purpose ON contact_record FOR SELECT
        USING (current_setting('gantry.purpose') = ANY (purposes));
    CREATE FUNCTION read_record(whose uuid, kind int2, which uuid) RETURNS SETOF contact_record
    LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO audit (actor, purpose, operation, category, contact, count)
        VALUES (current_setting('gantry.actor'), current_setting('gantry.purpose'), 'read',
            kind, whose, 1);
        RETURN QUERY
            SELECT * FROM contact_record
            WHERE contact = whose AND category = kind AND id = which;
    END $$;
    CREATE ROLE reader LOGIN;
    GRANT SELECT ON contact_record TO reader;
    GRANT INSERT ON audit TO reader;
";
/// How a client says who works, and for what.
const SESSION: &str = "SET gantry.purpose = 'crm'; SET gantry.actor = 'anna';";
/// Settings of the server besides the standard ones.
const SETTINGS: [&str; 2] = ["shared_buffers=1GB", "max_wal_size=4GB"];
/// The database that every server has.
const DATABASE: &str = "postgres";

/// The peer: a server with the same records.
pub(super) struct Peer {
    server: Server,
}

impl Peer {
    /// Starts a server with the same records; `None` where PostgreSQL is not on this machine.
    pub(super) async fn start(house: &House, keys: &[RecordKey]) -> Outcome<Option<Peer>> {
        let Some(server) = Server::start(&SETTINGS)? else { return Ok(None) };
        let peer = Peer { server };
        peer.fill(house, keys).await?;
        Ok(Some(peer))
    }

    /// Reads by so many clients at once, for a time.
    pub(super) async fn reads(
        &self,
        keys: &[RecordKey],
        time: Duration,
        clients: usize,
        durable: bool,
    ) -> Outcome<Spent> {
        let stop = Arc::new(AtomicBool::new(false));
        let count = Arc::new(AtomicUsize::new(0));
        let keys: Arc<[RecordKey]> = keys.into();
        let mut reading: Vec<JoinHandle<Outcome<()>>> = Vec::new();
        for reader in 0..clients {
            let client = self.connect("reader").await?;
            let commit = if durable { "on" } else { "off" };
            client.batch_execute(&format!("{SESSION} SET synchronous_commit = {commit};")).await?;
            let (stop, count, keys) = (Arc::clone(&stop), Arc::clone(&count), Arc::clone(&keys));
            reading.push(tokio::spawn(async move {
                let statement = client.prepare("SELECT * FROM read_record($1, $2, $3)").await?;
                let mut pick = Pick::new(reader, &keys);
                while !stop.load(Ordering::Relaxed) {
                    let key = pick.next();
                    let (contact, id) = (Uuid::from_bytes(key.contact), Uuid::from_bytes(key.id));
                    let category = i16::from(key.category);
                    let row = client.query_one(&statement, &[&contact, &category, &id]).await?;
                    black_box(row.try_get::<_, &[u8]>("body")?.len());
                    count.fetch_add(1, Ordering::Relaxed);
                }
                Ok(())
            }));
        }
        let (meter, before) = (Meter::start(), count.load(Ordering::Relaxed));
        tokio::time::sleep(time).await;
        let spent = meter.stop(count.load(Ordering::Relaxed) - before);
        stop.store(true, Ordering::Relaxed);
        for one in reading {
            one.await??;
        }
        Ok(spent)
    }

    async fn fill(&self, house: &House, keys: &[RecordKey]) -> Outcome<()> {
        const BATCH: usize = 1_000;
        let mut owner = self.connect(OWNER).await?;
        owner.batch_execute(SCHEMA).await?;
        let path = house.path();
        let mine = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let mut select = mine.prepare(
            "SELECT category, id, at, collected_for, source, open, sealed FROM record
             WHERE contact = ?1",
        )?;
        let insert = "INSERT INTO contact_record VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        let insert = owner.prepare(insert).await?;
        let purposes = ["quality", "sales", "crm", "delivery", "claims"].as_slice();
        for keys in keys.chunks(BATCH) {
            let batch = owner.transaction().await?;
            for key in keys {
                let contact = Uuid::from_bytes(key.contact);
                let mut rows = select.query([&key.contact])?;
                while let Some(row) = rows.next()? {
                    let (category, at): (i16, i64) = (row.get(0)?, row.get(2)?);
                    let id = Uuid::from_bytes(row.get(1)?);
                    let collected_for: i16 = row.get(3)?;
                    let (source, mut body): (String, Vec<u8>) = (row.get(4)?, row.get(5)?);
                    body.extend(row.get::<_, Vec<u8>>(6)?);
                    let values: [&(dyn tokio_postgres::types::ToSql + Sync); 8] =
                        [&contact, &category, &id, &at, &collected_for, &source, &body, &purposes];
                    batch.execute(&insert, &values).await?;
                }
            }
            batch.commit().await?;
        }
        for tidy in ["VACUUM ANALYZE contact_record", "CHECKPOINT"] {
            owner.batch_execute(tidy).await?;
        }
        Ok(())
    }

    async fn connect(&self, user: &str) -> Outcome<Client> {
        self.server.connect(user, DATABASE).await
    }
}
