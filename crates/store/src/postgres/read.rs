//! Reading: one moment for each question, of which the rows are, and what decides about their contacts.

use std::pin::pin;
use std::time::Duration;

use deadpool_postgres::Object;
use futures::TryStreamExt;
use tokio::time::{Instant, sleep, timeout_at};
use tokio_postgres::types::{FromSql, ToSql};
use tokio_postgres::{IsolationLevel, Row};
use uuid::Uuid;

use crate::error::StoreError;
use crate::postgres::connect::Readers;
use crate::row::{ContactRow, Edition, Id, RecordKey, RecordRow, Seen, Standing};

/// A question that is not answered for so long, however often it was asked, will not be.
const PATIENCE: Duration = Duration::from_secs(15);
/// How often a question is asked again after a connection was lost, and how long after.
const AGAIN: [Duration; 3] =
    [Duration::ZERO, Duration::from_millis(100), Duration::from_millis(400)];

/// Parameters of a statement.
pub(super) type Params<'a> = &'a [&'a (dyn ToSql + Sync)];

/// The columns of a record `r`, in the order of [`record`].
pub(super) const RECORD: &str = "r.edition, r.version, r.at, r.closed, r.keep_until, r.notice, \
    r.category, r.collected_for, r.about_kind, r.contact, r.id, r.about_id, r.source, r.open, \
    r.sealed, r.objected, r.expires";
/// How many they are.
pub(super) const RECORD_WIDTH: usize = 17;
/// The columns of a contact `c`, in the order of [`contact`].
pub(super) const CONTACT: &str =
    "c.id, c.edition, c.version, c.created, c.country, c.company, c.erased, c.state";

/// Who asks: the connections, and the edition that is visible although it is pending.
pub(super) struct Asker<'a> {
    pub(super) readers: &'a Readers,
    pub(super) sees: Edition,
}

impl Asker<'_> {
    /// The rows that a statement gives.
    pub(super) async fn rows(&self, sql: &str, params: Params<'_>) -> Result<Vec<Row>, StoreError> {
        self.ask(&OfRows { sql, params }).await
    }

    /// Many records `r` that a statement gives, and their contacts.
    pub(super) async fn records(
        &self,
        sql: &str,
        params: Params<'_>,
    ) -> Result<Seen<Vec<RecordRow>>, StoreError> {
        self.ask(&OfRecords { sql, params, sees: self.sees }).await
    }

    /// Asks something on a connection. Reading changes nothing, so it is asked again where the
    /// connection was lost meanwhile.
    async fn ask<Q: Question>(&self, question: &Q) -> Result<Q::Answer, StoreError> {
        let mut pauses = AGAIN.iter();
        let until = Instant::now() + PATIENCE;
        loop {
            let error = match self.once(question, until).await {
                Err(error @ StoreError::Unreachable { .. }) => error,
                answer => return answer,
            };
            // What lies idle in the pool was lost, too.
            self.readers.forget_idle();
            let Some(pause) = pauses.next().filter(|_| Instant::now() < until) else {
                return Err(error);
            };
            sleep(*pause).await;
        }
    }

    async fn once<Q: Question>(
        &self,
        question: &Q,
        until: Instant,
    ) -> Result<Q::Answer, StoreError> {
        let mut connection = self.readers.take().await?;
        let answer = timeout_at(until, question.ask(&mut connection)).await;
        match answer {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => {
                if matches!(error, StoreError::Unreachable { .. }) {
                    drop(Object::take(connection));
                }
                Err(error)
            }
            Err(_) => {
                // Its answer may come yet, and is nobody's then.
                drop(Object::take(connection));
                Err(self.readers.silent())
            }
        }
    }
}

/// Something that is asked on a connection.
trait Question: Sync {
    type Answer;

    fn ask(
        &self,
        connection: &mut Object,
    ) -> impl Future<Output = Result<Self::Answer, StoreError>> + Send;
}

/// The rows of a statement.
struct OfRows<'q> {
    sql: &'q str,
    params: Params<'q>,
}

impl Question for OfRows<'_> {
    type Answer = Vec<Row>;

    async fn ask(&self, connection: &mut Object) -> Result<Vec<Row>, StoreError> {
        let statement = connection.prepare_cached(self.sql).await?;
        Ok(connection.query(&statement, self.params).await?)
    }
}

/// Many records, and their contacts as they stood in the same moment. Each contact comes once, by a
/// statement of its own: beside every record it would take the server a third of its time.
struct OfRecords<'q> {
    sql: &'q str,
    params: Params<'q>,
    sees: Edition,
}

impl Question for OfRecords<'_> {
    type Answer = Seen<Vec<RecordRow>>;

    /// However this ends, the transaction is rolled back before the connection is asked for anything
    /// else.
    async fn ask(&self, connection: &mut Object) -> Result<Self::Answer, StoreError> {
        let moment = connection.build_transaction().read_only(true);
        let moment = moment.isolation_level(IsolationLevel::RepeatableRead).start().await?;
        let statement = moment.prepare_cached(self.sql).await?;
        let rows = moment.query_raw(&statement, self.params.iter().copied()).await?;
        let (mut rows, mut value) = (pin!(rows), Vec::new());
        // Taken apart as they come, while the server is at the next.
        while let Some(row) = rows.try_next().await? {
            value.extend(record(&row)?);
        }
        let mut ids: Vec<Uuid> = value.iter().map(|row| uuid(&row.key.contact)).collect();
        ids.dedup();
        let seen = visible("c", 2);
        let sql = format!(
            "SELECT {CONTACT} FROM contact c WHERE c.id = ANY($1) AND {seen} ORDER BY c.id"
        );
        let statement = moment.prepare_cached(&sql).await?;
        let mut contacts = Contacts::default();
        for row in moment.query(&statement, &[&ids, &self.sees]).await? {
            contacts.take(&row, 0)?;
        }
        Ok(Seen { standing: contacts.standing(), value })
    }
}

/// That rows of `table` are visible to whoever sees the edition of the parameter `$sees`.
pub(super) fn visible(table: &str, sees: usize) -> String {
    format!(
        "({table}.edition = ${sees} \
         OR NOT EXISTS (SELECT 1 FROM pending p WHERE p.edition = {table}.edition))"
    )
}

/// The contacts that came with rows, each once.
#[derive(Default)]
pub(super) struct Contacts(Vec<ContactRow>);

impl Contacts {
    /// Takes the contact whose columns begin at `first`, unless it is the one before or none.
    pub(super) fn take(&mut self, row: &Row, first: usize) -> Result<(), StoreError> {
        let id: Option<Uuid> = row.try_get(first)?;
        let Some(id) = id.map(Uuid::into_bytes) else { return Ok(()) };
        if self.0.last().is_none_or(|last| last.id != id) {
            self.0.push(contact(row, first)?);
        }
        Ok(())
    }

    pub(super) fn standing(self) -> Standing {
        Standing::Contacts(self.0)
    }
}

pub(super) fn contact(row: &Row, first: usize) -> Result<ContactRow, StoreError> {
    let country: &[u8] = row.try_get(first + 4)?;
    Ok(ContactRow {
        id: id(row, first)?,
        edition: row.try_get(first + 1)?,
        version: row.try_get(first + 2)?,
        created: row.try_get(first + 3)?,
        country: country.try_into().map_err(|_| damaged("a country"))?,
        company: optional_id(row, first + 5)?,
        erased: row.try_get(first + 6)?,
        state: row.try_get(first + 7)?,
    })
}

/// A record whose columns come first; none where a left join found none.
pub(super) fn record(row: &Row) -> Result<Option<RecordRow>, StoreError> {
    let Some(edition) = row.try_get(0)? else { return Ok(None) };
    let about: Option<i16> = row.try_get(8)?;
    let about = match about {
        Some(kind) => Some((small(kind)?, id(row, 11)?)),
        None => None,
    };
    let (notice, objected): (i32, i32) = (row.try_get(5)?, row.try_get(15)?);
    Ok(Some(RecordRow {
        key: RecordKey { contact: id(row, 9)?, category: byte(row, 6)?, id: id(row, 10)? },
        edition,
        version: row.try_get(1)?,
        at: row.try_get(2)?,
        closed: row.try_get(3)?,
        keep_until: row.try_get(4)?,
        notice: u16::try_from(notice).map_err(|_| damaged("the notice of a record"))?,
        expires: row.try_get(16)?,
        objected: u16::try_from(objected).map_err(|_| damaged("the use of a record"))?,
        collected_for: byte(row, 7)?,
        about,
        source: row.try_get(12)?,
        open: row.try_get(13)?,
        sealed: row.try_get(14)?,
    }))
}

pub(super) fn id(row: &Row, at: usize) -> Result<Id, StoreError> {
    Ok(row.try_get::<_, Uuid>(at)?.into_bytes())
}

pub(super) fn optional_id(row: &Row, at: usize) -> Result<Option<Id>, StoreError> {
    Ok(row.try_get::<_, Option<Uuid>>(at)?.map(Uuid::into_bytes))
}

pub(super) fn byte(row: &Row, at: usize) -> Result<u8, StoreError> {
    small(row.try_get(at)?)
}

pub(super) fn small(number: i16) -> Result<u8, StoreError> {
    u8::try_from(number).map_err(|_| damaged("a small number"))
}

/// Bytes of a known length.
pub(super) fn fixed<const N: usize>(row: &Row, at: usize) -> Result<[u8; N], StoreError> {
    let bytes: &[u8] = row.try_get(at)?;
    bytes.try_into().map_err(|_| damaged("a hash"))
}

/// A column by itself.
pub(super) fn only<'r, T: FromSql<'r>>(rows: &'r [Row]) -> Result<Option<T>, StoreError> {
    Ok(match rows.first() {
        Some(row) => Some(row.try_get(0)?),
        None => None,
    })
}

pub(super) fn damaged(what: &str) -> StoreError {
    StoreError::Damaged { cause: format!("{what} is not what it should be") }
}

/// An id as the driver takes it.
pub(super) fn uuid(id: &Id) -> Uuid {
    Uuid::from_bytes(*id)
}

/// A limit as SQL wants it.
pub(super) fn sql_limit(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}
