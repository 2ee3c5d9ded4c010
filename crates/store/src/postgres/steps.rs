//! Statements of a transaction that are sent one behind the other: none waits for the answer to the one
//! before, so that a group of batches takes as many exchanges as it must, not as many as it has
//! statements.

use std::borrow::Cow;

use deadpool_postgres::ClientWrapper;
use futures::future::{try_join, try_join_all};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Error, Statement};

use crate::postgres::table::{Cells, Table, There};

/// From so many rows on, those that are known to be new are copied in.
const COPIED: usize = 64;
/// So many statements are on their way at once; of so many the order in which they are sent is sure.
const AT_ONCE: usize = 30;

/// A parameter of a statement.
pub(super) type Param<'p> = Box<dyn ToSql + Sync + 'p>;

/// Takes a value as a parameter.
pub(super) fn param<'p>(value: impl ToSql + Sync + 'p) -> Param<'p> {
    Box::new(value)
}

/// Parameters as the driver takes them.
pub(super) fn borrowed<'b>(params: &'b [Param<'_>]) -> Vec<&'b (dyn ToSql + Sync)> {
    params.iter().map(|param| &**param as _).collect()
}

/// What is to be done, in its order.
#[derive(Default)]
pub(super) struct Steps<'p>(Vec<Step<'p>>);

enum Step<'p> {
    Statement(Cow<'static, str>, Vec<Param<'p>>),
    Copy(&'static Table, Vec<Cells<'p>>),
}

/// Steps whose statements are prepared.
pub(super) struct Prepared<'s, 'p>(Vec<(&'s Step<'p>, Option<Statement>)>);

impl<'p> Steps<'p> {
    pub(super) fn run(&mut self, sql: impl Into<Cow<'static, str>>, params: Vec<Param<'p>>) {
        self.0.push(Step::Statement(sql.into(), params));
    }

    /// Puts rows.
    pub(super) fn put(&mut self, table: &'static Table, rows: Vec<Cells<'p>>, there: There) {
        if rows.is_empty() {
            return;
        }
        if there == There::Never && rows.len() >= COPIED {
            self.0.push(Step::Copy(table, rows));
        } else {
            self.run(table.insert(there), table.columns(rows));
        }
    }

    /// Prepares all statements, so that nothing comes between them when they are sent.
    pub(super) async fn prepare(&self, client: &ClientWrapper) -> Result<Prepared<'_, 'p>, Error> {
        let mut prepared = Vec::with_capacity(self.0.len());
        for step in &self.0 {
            let statement = match step {
                Step::Statement(sql, _) => Some(client.prepare_cached(sql).await?),
                Step::Copy(..) => None,
            };
            prepared.push((step, statement));
        }
        Ok(Prepared(prepared))
    }
}

impl Prepared<'_, '_> {
    /// Sends everything, and waits for all answers.
    pub(super) async fn send(&self, client: &ClientWrapper) -> Result<(), Error> {
        self.send_before(client, async { Ok(()) }).await
    }

    /// Sends everything and, without waiting for the last answers, what comes after it.
    pub(super) async fn send_before<T>(
        &self,
        client: &ClientWrapper,
        end: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        let together = self.0.chunk_by(|one, other| one.1.is_some() && other.1.is_some());
        let mut parts = together.flat_map(|steps| steps.chunks(AT_ONCE)).peekable();
        while let Some(steps) = parts.next() {
            let sent = try_join_all(steps.iter().map(|step| send(client, step)));
            // What is copied has an exchange of its own.
            let copied = steps.iter().any(|(_, statement)| statement.is_none());
            if parts.peek().is_some() || copied {
                sent.await?;
            } else {
                return Ok(try_join(sent, end).await?.1);
            }
        }
        end.await
    }
}

async fn send(
    client: &ClientWrapper,
    (step, statement): &(&Step<'_>, Option<Statement>),
) -> Result<(), Error> {
    match (step, statement) {
        (Step::Statement(_, params), Some(statement)) => {
            client.execute(statement, &borrowed(params)).await.map(drop)
        }
        (Step::Copy(table, rows), _) => table.copy(client, rows).await,
        (Step::Statement(..), None) => Ok(()),
    }
}
