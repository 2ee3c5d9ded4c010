//! The thread that writes, with connections of its own. It takes all that waits, and commits it
//! together, each batch by itself taken or refused.
//!
//! What another node has crossed (a deadlock, somebody who was quicker) was rolled back, and is done
//! again on what is there now. Where the connection was lost while committing, the number of the group
//! under the lease says afterwards whether it was committed: it is done again only if it was not.

use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::ClientWrapper;
use tokio::time::{Instant, sleep, timeout};

use crate::error::StoreError;
use crate::postgres::address::Address;
use crate::postgres::advice::BACK;
use crate::postgres::connect::connect;
use crate::postgres::feed;
use crate::postgres::group::{self, Frame, Job, Stopped};
use crate::postgres::node::{self, Lease};
use crate::postgres::shard::has_citus;
use crate::postgres::{keys, settle};
use crate::queue::{Answer, Order, Orders, Work};
use crate::store::{LinkHash, Setup};

/// So long a writer waits for a database that is gone.
const PATIENCE: Duration = Duration::from_secs(25);
/// A step that takes longer than this has lost its connection.
const LONGEST: Duration = Duration::from_mins(1);
/// Pauses between tries grow up to this.
const LONGEST_PAUSE: Duration = Duration::from_millis(500);
/// How often others may cross a group before it is given up.
const CROSSINGS: u32 = 50;
/// So much lies between telling others of changes.
const BETWEEN: Duration = Duration::from_millis(20);
/// Work that nobody orders is done so often: leases are renewed, and leftovers removed.
const BEAT: Duration = Duration::from_secs(5);

/// Connections that write.
pub(super) struct Writer {
    address: Address,
    link_hash: LinkHash,
    now: Arc<dyn Fn() -> i64 + Send + Sync>,
    connections: Option<Connections>,
    lease: Option<Lease>,
    /// When other nodes were last told of something new.
    told: Option<Instant>,
    /// Whether there is something to tell.
    owes: bool,
}

struct Connections {
    main: ClientWrapper,
    keys: ClientWrapper,
    /// Whether tables are spread over machines.
    spread: bool,
}

/// What the connections of a writer are set up with: whatever it asks for goes by a key, and a plan
/// made while a table was small must not read all of it when it has grown.
const SET_UP: &str =
    "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off";

impl Writer {
    pub(super) fn new(address: Address, setup: &Setup) -> Writer {
        Writer {
            address,
            link_hash: setup.link_hash,
            now: Arc::clone(&setup.now),
            connections: None,
            lease: None,
            told: None,
            owes: false,
        }
    }

    /// Writes as long as orders come.
    pub(super) fn run(mut self, mut orders: Orders) {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else {
            return;
        };
        runtime.block_on(async {
            let mut beaten = Instant::now();
            loop {
                let patience = if self.owes { BETWEEN } else { BEAT };
                match timeout(patience, orders.next()).await {
                    Ok(Some(group)) => self.serve(group).await,
                    Ok(None) => break,
                    Err(_) => {}
                }
                self.tell().await;
                if beaten.elapsed() >= BEAT {
                    self.beat().await;
                    beaten = Instant::now();
                }
            }
            self.end().await;
        });
    }

    async fn serve(&mut self, group: Vec<Order>) {
        let mut batches: Vec<Order> = Vec::new();
        for order in group {
            if matches!(order.work, Work::Commit { .. }) {
                batches.push(order);
            } else {
                self.commit(std::mem::take(&mut batches)).await;
                let answer = self.alone(&order.work).await;
                let _ = order.answer.send(answer);
            }
        }
        self.commit(batches).await;
    }

    /// Commits batches. If that fails everybody gets the error. Who no longer waits needs no answer.
    async fn commit(&mut self, orders: Vec<Order>) {
        let jobs: Vec<Job<'_>> = orders
            .iter()
            .filter_map(|order| match &order.work {
                Work::Commit { batch, sees } => Some((batch, *sees)),
                _ => None,
            })
            .collect();
        if jobs.is_empty() {
            return;
        }
        let answers = match self.commit_jobs(&jobs).await {
            Ok(answers) => answers,
            Err(error) => jobs.iter().map(|_| Err(error.clone())).collect(),
        };
        for (order, answer) in orders.into_iter().zip(answers) {
            let _ = order.answer.send(answer);
        }
        self.owes = true;
    }

    async fn commit_jobs(&mut self, jobs: &[Job<'_>]) -> Result<Vec<Answer>, StoreError> {
        let mut tries = Tries::new();
        loop {
            let error = match self.try_commit(jobs, &mut tries).await {
                Ok(answers) => return Ok(answers),
                Err(error) => error,
            };
            tries.again_after(self, error).await?;
        }
    }

    async fn try_commit(
        &mut self,
        jobs: &[Job<'_>],
        tries: &mut Tries,
    ) -> Result<Vec<Answer>, StoreError> {
        let (link_hash, now) = (self.link_hash, (self.now)());
        let lease = timeout(LONGEST, self.lease()).await.unwrap_or(Err(silent()))?;
        let Some(Connections { main, keys, spread }) = &self.connections else {
            return Err(StoreError::Closed);
        };
        let frame = Frame { main, keys, lease, link_hash, now, spread: *spread };
        let ready = match timeout(LONGEST, group::prepare(&frame, jobs)).await {
            Ok(Ok(ready)) => ready,
            Ok(Err(Stopped::Fenced)) => {
                main.batch_execute("ROLLBACK").await?;
                // Somebody else has the node: another one does as well.
                self.lease = None;
                return Err(StoreError::Busy);
            }
            Ok(Err(Stopped::Stale)) => {
                self.roll_back().await;
                return Err(StoreError::Busy);
            }
            Ok(Err(Stopped::Failed(error))) => {
                self.roll_back().await;
                return Err(error);
            }
            Err(_) => return Err(silent()),
        };
        let committed = timeout(LONGEST, ready.commit(&frame)).await.unwrap_or(Err(silent()));
        let doomed = ready.doomed();
        let answers = match committed {
            Ok(head) => ready.answers(head),
            Err(error @ StoreError::Unreachable { .. }) => {
                match self.was_committed(lease, ready.number, tries).await? {
                    Some(head) => ready.answers(head),
                    None => return Err(error),
                }
            }
            Err(error) => {
                self.roll_back().await;
                return Err(error);
            }
        };
        if let Some(Connections { main, keys, .. }) = &self.connections {
            // The tombstones are durable, so a failure here is made good later.
            if timeout(LONGEST, keys::destroy(main, keys, &doomed)).await.is_err() {
                self.connections = None;
            }
        }
        Ok(answers)
    }

    /// Where the feed stands, if a group was committed whose connection was lost; as soon as the
    /// database says so.
    ///
    /// INVARIANT: the only error is that nobody knows. After any other the group would be done again.
    async fn was_committed(
        &mut self,
        lease: Lease,
        number: i64,
        tries: &mut Tries,
    ) -> Result<Option<i64>, StoreError> {
        loop {
            self.connections = None;
            let asked = async { lease.committed(&self.connections().await?.main).await };
            match timeout(LONGEST, asked).await.unwrap_or(Err(silent())) {
                Ok(Some((groups, head))) => return Ok((groups >= number).then_some(head)),
                Ok(None) => return Err(StoreError::Uncertain),
                Err(_) if tries.are_left() => tries.pause().await,
                Err(_) => return Err(StoreError::Uncertain),
            }
        }
    }

    /// Tells other nodes that there is something new, not too often.
    async fn tell(&mut self) {
        if !self.owes || self.told.is_some_and(|told| told.elapsed() < BETWEEN) {
            return;
        }
        if let Some(Connections { main, .. }) = &self.connections {
            // Whoever is not told looks for himself, within a second.
            let _ = timeout(BETWEEN, main.batch_execute(feed::TELL)).await;
            (self.told, self.owes) = (Some(Instant::now()), false);
        }
    }

    /// Ends a transaction that failed. Where even that fails the connection goes: what is left of the
    /// transaction must not be committed with the next one.
    async fn roll_back(&mut self) {
        let Some(Connections { main, .. }) = &self.connections else { return };
        let ended = timeout(BEAT, main.batch_execute("ROLLBACK")).await;
        if !matches!(ended, Ok(Ok(()))) {
            self.connections = None;
        }
    }

    /// Does what is no batch.
    async fn alone(&mut self, work: &Work) -> Answer {
        let mut tries = Tries::new();
        let mut begun = None;
        loop {
            let done = timeout(LONGEST, self.try_alone(work, &mut begun, tries.count > 0)).await;
            match done.unwrap_or(Err(silent())) {
                Ok(answer) => return Ok(answer),
                Err(error) => tries.again_after(self, error).await?,
            }
        }
    }

    async fn try_alone(
        &mut self,
        work: &Work,
        begun: &mut Option<i64>,
        again: bool,
    ) -> Result<i64, StoreError> {
        match work {
            Work::Commit { .. } => Ok(0),
            Work::Begin { note } => {
                let lease = self.lease().await?;
                let main = &self.connections().await?.main;
                let edition = settle::begin(main, lease, note, begun).await;
                if edition.is_err() {
                    self.roll_back().await;
                }
                edition
            }
            Work::Discard { edition } => {
                settle::discard(&self.connections().await?.main, *edition, again).await?;
                Ok(0)
            }
            Work::LetGo { edition } => {
                settle::let_go(&self.connections().await?.main, *edition).await?;
                Ok(0)
            }
            Work::Settle { limit } => {
                let Connections { main, keys, .. } = self.connections().await?;
                let limit = (*limit).max(1);
                let settled = settle::settle(main, limit).await;
                if settled.is_ok() {
                    keys::destroy_left(main, keys).await?;
                } else {
                    self.roll_back().await;
                }
                Ok(i64::from(settled? >= limit))
            }
        }
    }

    /// What is to be done now and then. What fails here is tried again the next time.
    async fn beat(&mut self) {
        let Some(lease) = self.lease else { return };
        let renewed = async {
            let Connections { main, keys, .. } = self.connections().await?;
            keys::destroy_left(main, keys).await?;
            lease.renew(main).await
        };
        match timeout(LONGEST, renewed).await {
            Ok(Ok(true)) => {}
            Ok(Ok(false)) => self.lease = None,
            Ok(Err(_)) | Err(_) => self.connections = None,
        }
    }

    /// Gives the lease back.
    async fn end(&mut self) {
        if let (Some(lease), Some(Connections { main, .. })) = (self.lease, &self.connections) {
            // A lease that stays ends by itself.
            let _ = timeout(BEAT, lease.end(main)).await;
        }
    }

    async fn lease(&mut self) -> Result<Lease, StoreError> {
        let known = self.lease;
        let main = &self.connections().await?.main;
        let lease = match known {
            Some(lease) => lease,
            None => node::lease(main).await?,
        };
        self.lease = Some(lease);
        Ok(lease)
    }

    async fn connections(&mut self) -> Result<&Connections, StoreError> {
        let usable =
            self.connections.take().filter(|both| !both.main.is_closed() && !both.keys.is_closed());
        let both = if let Some(both) = usable {
            both
        } else {
            let main = connect(&self.address.main).await?;
            main.batch_execute(SET_UP).await?;
            let spread = has_citus(&main).await?;
            Connections { main, keys: connect(&self.address.keys).await?, spread }
        };
        Ok(self.connections.insert(both))
    }
}

fn silent() -> StoreError {
    StoreError::Unreachable { cause: "it does not answer in time".to_owned(), hint: BACK }
}

/// How often, and how long, something has been tried.
struct Tries {
    since: Instant,
    count: u32,
}

impl Tries {
    fn new() -> Tries {
        Tries { since: Instant::now(), count: 0 }
    }

    fn are_left(&self) -> bool {
        self.since.elapsed() < PATIENCE
    }

    /// Waits before another try after what may pass; gives back what will not.
    async fn again_after(
        &mut self,
        writer: &mut Writer,
        error: StoreError,
    ) -> Result<(), StoreError> {
        if matches!(error, StoreError::Unreachable { .. } | StoreError::Uncertain) {
            // Whatever it was in the middle of must not be committed with what comes next.
            writer.connections = None;
        }
        match error {
            StoreError::Busy if self.count < CROSSINGS => {}
            StoreError::Unreachable { .. } if self.are_left() => {}
            error => return Err(error),
        }
        self.pause().await;
        Ok(())
    }

    async fn pause(&mut self) {
        let pause = Duration::from_millis(4) * self.count.saturating_mul(self.count);
        self.count += 1;
        sleep(pause.min(LONGEST_PAUSE)).await;
    }
}
