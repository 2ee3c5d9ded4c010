//! PostgreSQL made compliant, as a good engineer would do it: every operation is one call of a
//! function, in a transaction that sets the purpose, works on what row-level security lets the
//! client see and change, and inserts into the audit table what was done to how many records. The
//! client's role owns nothing.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

use tokio_postgres::{Client as Connection, Statement};

use super::item::{Field, key};
use super::mix::{Kind, Mix};
use super::system::{Client, System};
use super::table::{
    COLUMNS, INDEXES, METADATA, TABLE, Value, borrowed, copy, fresh, lost, taken, value, values,
};
use crate::postgres::{OWNER, Server};
use crate::{Failure, Outcome};

const DATABASE: &str = "compliant";
/// Who works under a purpose.
const WORKER: &str = "worker";
/// Who looks whether the others do as they should.
const REGULATOR: &str = "regulator";

/// The audit table. Deletions are looked for by what was deleted.
const AUDIT: &str = "
    CREATE TABLE audit (
        sequence int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        at timestamptz NOT NULL DEFAULT now(), actor text NOT NULL, purpose text NOT NULL,
        operation text NOT NULL, about text NOT NULL, records int4 NOT NULL
    );
";
/// What is made after the tables are filled: for deleting in time, and for looking deletions up.
const MORE_INDEXES: &str = "
    CREATE INDEX item_expires ON item (expires);
    CREATE INDEX audit_deleted ON audit (about) WHERE operation IN ('delete', 'expire');
";
/// Who may see and change what: under the purpose that a record was collected for, unless its person
/// objects to the use, while its time is not over. The settings are read once a query, not for each
/// row.
const POLICY: &str = "
    ALTER TABLE item ENABLE ROW LEVEL SECURITY;
    CREATE POLICY purpose ON item TO worker
        USING (pur = (SELECT current_setting('gdpr.purpose'))
            AND obj <> (SELECT current_setting('gdpr.use')) AND expires > now())
        WITH CHECK (pur = (SELECT current_setting('gdpr.purpose')));
    CREATE POLICY oversight ON item FOR SELECT TO regulator USING (true);
    GRANT SELECT, INSERT, UPDATE, DELETE ON item TO worker;
    GRANT SELECT ON item TO regulator;
    GRANT INSERT ON audit TO worker, regulator;
    GRANT SELECT ON audit TO regulator;
    CREATE TYPE fields AS (key text, pur text, ttl int4, usr text, obj text, dec text, acl text,
        shr text, src text, cat text, data text);
    CREATE TYPE metadata AS (key text, pur text, ttl int4, usr text, obj text, dec text, acl text,
        shr text, src text, cat text);
    CREATE TYPE log_line AS (at text, actor text, purpose text, operation text, about text, records int4);
";
/// Who works, and for what: a use that nobody of the benchmark objects to.
const SESSION: &str = "SET gdpr.actor = 'anna'; SET gdpr.use = 'none'; SET gdpr.purpose = '';";
/// The setting of the server that says whether a commit waits for the disk. What writes always does.
const WAITS: &str = "synchronous_commit";

/// A server with the tables, the policy and the functions.
pub(super) struct Compliant {
    server: Arc<Server>,
    /// Whether who only reads waits until the audit row of that is on disk, too.
    reads_wait: bool,
}

impl Compliant {
    /// Everything that is answered is on disk.
    pub(super) fn new(server: Arc<Server>) -> Compliant {
        Compliant { server, reads_wait: true }
    }

    /// The audit rows of reads may be lost with the machine for a moment, as Gantry's may.
    pub(super) fn with_reads_that_go_on(server: Arc<Server>) -> Compliant {
        Compliant { server, reads_wait: false }
    }
}

impl System for Compliant {
    type Client = Working;

    fn name(&self) -> &'static str {
        if self.reads_wait {
            "compliant PostgreSQL"
        } else {
            "compliant PostgreSQL, audit rows of reads asynchronous"
        }
    }

    fn answers(&self, _: Mix) -> bool {
        true
    }

    async fn load(&self, count: u32) -> Outcome<()> {
        let owner = fresh(&self.server, DATABASE).await?;
        for role in [WORKER, REGULATOR] {
            let there = "SELECT 1 FROM pg_roles WHERE rolname = $1";
            if owner.query_opt(there, &[&role]).await?.is_none() {
                owner.batch_execute(&format!("CREATE ROLE {role} LOGIN")).await?;
            }
        }
        for part in [TABLE, AUDIT] {
            owner.batch_execute(part).await?;
        }
        copy(&owner, count).await?;
        owner.batch_execute(LOADED).await?;
        for part in [INDEXES, MORE_INDEXES, POLICY, &functions()?] {
            owner.batch_execute(part).await?;
        }
        for tidy in ["VACUUM ANALYZE item", "VACUUM ANALYZE audit", "CHECKPOINT"] {
            owner.batch_execute(tidy).await?;
        }
        Ok(())
    }

    async fn expire(&self) -> Outcome<u64> {
        let owner = self.server.connect(OWNER, DATABASE).await?;
        let expired = "
            WITH gone AS (DELETE FROM item WHERE expires <= now() RETURNING key, pur)
            INSERT INTO audit (actor, purpose, operation, about, records)
            SELECT 'sweep', pur, 'expire', key, 1 FROM gone";
        Ok(owner.execute(expired, &[]).await?)
    }

    async fn client(&self, mix: Mix) -> Outcome<Working> {
        let regulates = mix == Mix::Regulator;
        let role = if regulates { REGULATOR } else { WORKER };
        let connection = self.server.connect(role, DATABASE).await?;
        connection.batch_execute(SESSION).await?;
        let reads = if self.reads_wait { "on" } else { "off" };
        connection.batch_execute(&format!("SET gdpr.reads_wait = {reads}")).await?;
        Working::new(connection).await
    }

    fn cpu_outside(&self) -> Outcome<f64> {
        self.server.cpu_seconds()
    }
}

/// The entries of the loading.
const LOADED: &str = "
    INSERT INTO audit (actor, purpose, operation, about, records)
    SELECT 'anna', pur, 'insert', key, 1 FROM item;
";

/// A function: name, parameters, what it answers, what it does, and what the audit table is told.
struct Function<'a> {
    name: &'a str,
    parameters: &'a str,
    answers: &'a str,
    does: &'a str,
    about: &'a str,
    operation: &'a str,
}

impl Function<'_> {
    /// The function in PL/pgSQL, which keeps its plans from call to call.
    fn write(&self, to: &mut String) -> Outcome<()> {
        let Function { name, parameters, answers, does, about, operation } = self;
        let (begin, end) = match *answers {
            "int4" => (String::new(), "RETURN touched;"),
            _ => (reading(), ""),
        };
        writeln!(
            to,
            "CREATE FUNCTION {name}(for_purpose text, {parameters}) RETURNS {answers}
             LANGUAGE plpgsql AS $$
             DECLARE touched int4;
             BEGIN
                {begin}
                PERFORM set_config('gdpr.purpose', for_purpose, true);
                {does};
                GET DIAGNOSTICS touched = ROW_COUNT;
                INSERT INTO audit (actor, purpose, operation, about, records)
                VALUES (current_setting('gdpr.actor'), for_purpose, '{operation}', {about}, touched);
                {end}
             END $$;"
        )?;
        Ok(())
    }
}

/// What a function that only reads does before all else.
fn reading() -> String {
    format!("PERFORM set_config('{WAITS}', current_setting('gdpr.reads_wait'), true);")
}

/// All functions.
fn functions() -> Outcome<String> {
    let mut text = String::new();
    for column in ["key", "pur", "usr"] {
        Function {
            name: &format!("read_{column}"),
            parameters: "asked text",
            answers: "SETOF fields",
            does: &format!("RETURN QUERY SELECT {COLUMNS} FROM item WHERE {column} = asked"),
            about: "asked",
            operation: "read",
        }
        .write(&mut text)?;
    }
    for (column, field) in ["pur", "usr"].into_iter().flat_map(|by| Field::CHANGED.map(|f| (by, f)))
    {
        let (kind, set) = match field {
            Field::Ttl => ("int4", "ttl = value, expires = now() + value * interval '1 second'"),
            _ => ("text", &*format!("{} = value", field.column())),
        };
        Function {
            name: &update_name(column, field),
            parameters: &format!("asked text, value {kind}"),
            answers: "int4",
            does: &format!("UPDATE item SET {set} WHERE {column} = asked"),
            about: "asked",
            operation: "update",
        }
        .write(&mut text)?;
    }
    for function in OTHERS {
        function.write(&mut text)?;
    }
    writeln!(
        text,
        "CREATE FUNCTION metadata_of_user(for_purpose text, asked text) RETURNS SETOF metadata
         LANGUAGE plpgsql AS $$
         DECLARE touched int4;
         BEGIN
            {}
            RETURN QUERY SELECT {METADATA} FROM item WHERE usr = asked;
            GET DIAGNOSTICS touched = ROW_COUNT;
            INSERT INTO audit (actor, purpose, operation, about, records)
            VALUES (current_setting('gdpr.actor'), for_purpose, 'metadata', asked, touched);
         END $$;",
        reading()
    )?;
    Ok(text)
}

/// The functions that are not made for one column after another.
const OTHERS: [Function<'static>; 5] = [
    Function {
        name: "update_item",
        parameters: "k text, p text, t int4, u text, o text, d text, a text, h text, s text, \
                     c text, x text",
        answers: "int4",
        does: "UPDATE item SET pur = p, ttl = t, usr = u, obj = o, dec = d, acl = a, shr = h,
                   src = s, cat = c, data = x, expires = now() + t * interval '1 second'
               WHERE key = k",
        about: "k",
        operation: "update",
    },
    Function {
        name: "insert_item",
        parameters: "k text, p text, t int4, u text, o text, d text, a text, h text, s text, \
                     c text, x text",
        answers: "int4",
        does: "INSERT INTO item
               VALUES (k, p, t, u, o, d, a, h, s, c, x, now() + t * interval '1 second')",
        about: "k",
        operation: "insert",
    },
    Function {
        name: "delete_key",
        parameters: "asked text",
        answers: "int4",
        does: "DELETE FROM item WHERE key = asked",
        about: "asked",
        operation: "delete",
    },
    Function {
        name: "read_log",
        parameters: "lines int4",
        answers: "SETOF log_line",
        does: "RETURN QUERY SELECT at::text, actor, purpose, operation, about, records FROM audit
               ORDER BY sequence DESC LIMIT lines",
        about: "'audit'",
        operation: "log",
    },
    // One line: whether the record is there, and since when it is not.
    Function {
        name: "verify_deletion",
        parameters: "asked text",
        answers: "SETOF log_line",
        does: "RETURN QUERY
               SELECT max(at)::text, '', '', '', asked,
                   (SELECT count(*)::int4 FROM item WHERE key = asked)
               FROM audit WHERE about = asked AND operation IN ('delete', 'expire')",
        about: "asked",
        operation: "verify",
    },
];

fn update_name(column: &str, field: Field) -> String {
    format!("update_{}_by_{column}", field.column())
}

/// A connection with its prepared statements.
pub(super) struct Working {
    connection: Connection,
    calls: BTreeMap<Kind, Statement>,
    updates: BTreeMap<(Kind, Field), Statement>,
}

impl Working {
    async fn new(connection: Connection) -> Outcome<Working> {
        let (mut calls, mut updates) = (BTreeMap::new(), BTreeMap::new());
        for (kind, name, parameters) in [
            (Kind::ReadKey, "read_key", 2),
            (Kind::ReadPurpose, "read_pur", 2),
            (Kind::ReadUser, "read_usr", 2),
            (Kind::UpdateKey, "update_item", 12),
            (Kind::DeleteKey, "delete_key", 2),
            (Kind::Insert, "insert_item", 12),
            (Kind::MetadataOfUser, "metadata_of_user", 2),
            (Kind::ReadLog, "read_log", 2),
            (Kind::VerifyDeletion, "verify_deletion", 2),
        ] {
            calls.insert(kind, prepare(&connection, name, parameters).await?);
        }
        for (kind, column) in [(Kind::UpdateByPurpose, "pur"), (Kind::UpdateByUser, "usr")] {
            for field in Field::CHANGED {
                let name = update_name(column, field);
                updates.insert((kind, field), prepare(&connection, &name, 3).await?);
            }
        }
        Ok(Working { connection, calls, updates })
    }

    /// Calls the function of a kind of operation, for the purpose of record `n`.
    async fn read(&self, kind: Kind, n: u32, asked: Value) -> Outcome<usize> {
        let call = self.calls.get(&kind).ok_or("a call that was not prepared")?;
        let values = [value(n, Field::Purpose), asked];
        taken(&self.connection.query(call, &borrowed(&values)).await?)
    }

    /// The same for one that answers how many records it has touched.
    async fn change(&self, call: Option<&Statement>, n: u32, values: Vec<Value>) -> Outcome<usize> {
        let call = call.ok_or("a call that was not prepared")?;
        let mut all = vec![value(n, Field::Purpose)];
        all.extend(values);
        let touched: i32 = self.connection.query_one(call, &borrowed(&all)).await?.try_get(0)?;
        Ok(usize::try_from(touched)?)
    }
}

async fn prepare(connection: &Connection, name: &str, parameters: usize) -> Outcome<Statement> {
    let places: Vec<String> = (1..=parameters).map(|place| format!("${place}")).collect();
    let call = format!("SELECT * FROM {name}({})", places.join(", "));
    Ok(connection.prepare(&call).await?)
}

impl Client for Working {
    async fn read_key(&self, n: u32) -> Outcome<usize> {
        self.read(Kind::ReadKey, n, Box::new(key(n))).await
    }

    async fn read_purpose(&self, n: u32) -> Outcome<usize> {
        self.read(Kind::ReadPurpose, n, value(n, Field::Purpose)).await
    }

    async fn read_user(&self, n: u32) -> Outcome<usize> {
        self.read(Kind::ReadUser, n, value(n, Field::User)).await
    }

    async fn update_key(&self, n: u32) -> Outcome<usize> {
        self.change(self.calls.get(&Kind::UpdateKey), n, values(n)).await
    }

    async fn update_by_purpose(&self, n: u32, field: Field) -> Outcome<usize> {
        let values = vec![value(n, Field::Purpose), value(n, field)];
        self.change(self.updates.get(&(Kind::UpdateByPurpose, field)), n, values).await
    }

    async fn update_by_user(&self, n: u32, field: Field) -> Outcome<usize> {
        let values = vec![value(n, Field::User), value(n, field)];
        self.change(self.updates.get(&(Kind::UpdateByUser, field)), n, values).await
    }

    async fn delete_key(&self, n: u32) -> Outcome<usize> {
        self.change(self.calls.get(&Kind::DeleteKey), n, vec![Box::new(key(n))]).await
    }

    async fn insert(&self, n: u32) -> Outcome<usize> {
        self.change(self.calls.get(&Kind::Insert), n, values(n)).await
    }

    async fn metadata_of_user(&self, n: u32) -> Outcome<usize> {
        self.read(Kind::MetadataOfUser, n, value(n, Field::User)).await
    }

    async fn read_log(&self, lines: u32) -> Outcome<usize> {
        self.read(Kind::ReadLog, 0, Box::new(i32::try_from(lines)?)).await
    }

    async fn verify_deletion(&self, n: u32) -> Outcome<usize> {
        let call = self.calls.get(&Kind::VerifyDeletion).ok_or("a call that was not prepared")?;
        let values = [value(n, Field::Purpose), Box::new(key(n))];
        let row = self.connection.query_one(call, &borrowed(&values)).await?;
        let (there, gone): (i32, Option<&str>) = (row.try_get("records")?, row.try_get("at")?);
        match (there, gone) {
            (0, None) => Err("a record is gone, and the audit table does not know why".into()),
            (there, _) => Ok(usize::try_from(there)?),
        }
    }

    fn may_repeat(failure: &Failure) -> bool {
        lost(failure)
    }
}
