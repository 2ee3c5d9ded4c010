//! Who writes: a process leases a node for as long as it lives, and with it a chain of the audit
//! trail. Leases end by the database's clock; the epoch of a node grows with every lease, and every
//! transaction looks at it, so that a process that lost its lease without knowing cannot commit.

use deadpool_postgres::ClientWrapper;
use uuid::Uuid;

use crate::error::StoreError;
use crate::postgres::read::{fixed, id, uuid};
use crate::postgres::steps::{Steps, param};
use crate::row::{Id, beginning};

/// So long a lease lasts that is not renewed.
const LEASE: &str = "interval '30 seconds'";

/// A node that this process has leased.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lease {
    /// The node, and its chain.
    pub(super) node: Id,
    pub(super) epoch: i64,
}

/// Where a node stands: what was committed under it, and the last link of its chain.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stand {
    pub(super) groups: i64,
    pub(super) sequence: i64,
    pub(super) hash: [u8; 32],
}

/// Leases a node that nobody has leased, or a new one.
pub(super) async fn lease(client: &ClientWrapper) -> Result<Lease, StoreError> {
    let free = format!(
        "UPDATE node SET epoch = epoch + 1, leased_until = now() + {LEASE} WHERE id = (
            SELECT id FROM node WHERE leased_until < now() ORDER BY id LIMIT 1
            FOR UPDATE SKIP LOCKED)
         RETURNING id, epoch"
    );
    let new = format!(
        "WITH new AS (SELECT gen_random_uuid() AS id)
         INSERT INTO node (id, epoch, leased_until, groups, sequence, hash)
         SELECT id, 1, now() + {LEASE}, 0, 0, uuid_send(id) || $1 FROM new RETURNING id, epoch"
    );
    let row = if let Some(row) = client.query_opt(&free, &[]).await? {
        row
    } else {
        // The first link follows the id of its chain.
        let rest = beginning(&Id::default());
        let rest = rest.get(size_of::<Id>()..).unwrap_or_default();
        client.query_one(&new, &[&rest]).await?
    };
    Ok(Lease { node: id(&row, 0)?, epoch: row.try_get(1)? })
}

impl Lease {
    /// Where the node stands, which nobody else changes before the transaction ends; none where the
    /// lease was lost.
    pub(super) async fn stand(self, client: &ClientWrapper) -> Result<Option<Stand>, StoreError> {
        let sql = "SELECT groups, sequence, hash FROM node WHERE id = $1 AND epoch = $2
             FOR NO KEY UPDATE";
        let statement = client.prepare_cached(sql).await?;
        let row = client.query_opt(&statement, &[&uuid(&self.node), &self.epoch]).await?;
        let Some(row) = row else { return Ok(None) };
        let (groups, sequence) = (row.try_get(0)?, row.try_get(1)?);
        Ok(Some(Stand { groups, sequence, hash: fixed(&row, 2)? }))
    }

    /// Lets the node stand somewhere else, and renews the lease.
    pub(super) fn advance(self, steps: &mut Steps<'_>, to: Stand) {
        let sql = format!(
            "UPDATE node SET groups = $3, sequence = $4, hash = $5, leased_until = now() + {LEASE}
             WHERE id = $1 AND epoch = $2"
        );
        let at = [param(uuid(&self.node)), param(self.epoch)];
        let to = [param(to.groups), param(to.sequence), param(to.hash.to_vec())];
        steps.run(sql, at.into_iter().chain(to).collect());
    }

    /// How many groups were committed under the node, and where the feed stands; none where the lease
    /// was lost, so that nobody can know any more which of them were this one's.
    ///
    /// It writes, so that it waits for whoever has the node's row: a transaction whose connection was
    /// lost can still be on its way. And so that what it tells has reached the standby.
    pub(super) async fn committed(
        self,
        client: &ClientWrapper,
    ) -> Result<Option<(i64, i64)>, StoreError> {
        let sql = format!(
            "UPDATE node SET leased_until = now() + {LEASE} WHERE id = $1 AND epoch = $2
             RETURNING groups"
        );
        let row = client.query_opt(&sql, &[&uuid(&self.node), &self.epoch]).await?;
        let Some(row) = row else { return Ok(None) };
        // A statement of its own: the one before may have begun before what it waited for had ended.
        let feed = client.query_one("SELECT head FROM feed", &[]).await?;
        Ok(Some((row.try_get(0)?, feed.try_get(0)?)))
    }

    /// Renews the lease. Says whether it still was one.
    pub(super) async fn renew(self, client: &ClientWrapper) -> Result<bool, StoreError> {
        self.until(client, &format!("now() + {LEASE}")).await
    }

    /// Gives the lease back, so that others need not wait for its end.
    pub(super) async fn end(self, client: &ClientWrapper) -> Result<bool, StoreError> {
        self.until(client, "now() - interval '1 millisecond'").await
    }

    async fn until(self, client: &ClientWrapper, when: &str) -> Result<bool, StoreError> {
        let sql = format!("UPDATE node SET leased_until = {when} WHERE id = $1 AND epoch = $2");
        let node: Uuid = uuid(&self.node);
        Ok(client.execute(&sql, &[&node, &self.epoch]).await? == 1)
    }
}
