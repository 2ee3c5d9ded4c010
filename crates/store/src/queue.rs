//! The way to a thread that writes: what it is asked to do, and how it takes several at once.

use std::thread::{self, JoinHandle};

use tokio::sync::{mpsc, oneshot};

use crate::error::StoreError;
use crate::row::{Batch, Edition, Write};

/// At most this many orders wait; whoever comes then waits outside.
const QUEUE: usize = 1024;
/// At most this many orders are one group ...
const GROUP: usize = 512;
/// ... and not more once they have this many writes, so that nobody waits long.
const GROUP_WRITES: usize = 20_000;

/// What a writer is asked to do. The answer is a number: the head after a batch, an edition, or
/// whether there is more to settle.
#[derive(Debug)]
pub(crate) enum Work {
    /// Apply a batch of somebody who sees an edition.
    Commit {
        /// What.
        batch: Batch,
        /// The edition that is visible to whoever asks.
        sees: Option<Edition>,
    },
    /// Begin an edition.
    Begin {
        /// What it is for.
        note: Vec<u8>,
    },
    /// Give an edition up.
    Discard {
        /// Which.
        edition: Edition,
    },
    /// Stop being the one who writes an edition.
    LetGo {
        /// Which.
        edition: Edition,
    },
    /// Clean up after editions.
    Settle {
        /// At most so many contacts and objects.
        limit: usize,
    },
}

impl Work {
    fn writes(&self) -> usize {
        match self {
            Work::Commit { batch, .. } => batch.writes.len(),
            Work::Begin { .. } | Work::Discard { .. } | Work::LetGo { .. } => 1,
            Work::Settle { limit } => *limit,
        }
    }
}

/// What became of one piece of work.
pub(crate) type Answer = Result<i64, StoreError>;

/// A piece of work, and who waits for it.
#[derive(Debug)]
pub(crate) struct Order {
    pub(crate) work: Work,
    pub(crate) answer: oneshot::Sender<Answer>,
}

/// The orders that wait, at the writer's end.
pub(crate) struct Orders(mpsc::Receiver<Order>);

impl Orders {
    /// Waits for an order, and takes all that wait with it, as far as they are one group. None when
    /// there will be no more.
    pub(crate) async fn next(&mut self) -> Option<Vec<Order>> {
        let first = self.0.recv().await?;
        Some(self.group(first))
    }

    /// The same for a thread without a runtime.
    pub(crate) fn next_blocking(&mut self) -> Option<Vec<Order>> {
        let first = self.0.blocking_recv()?;
        Some(self.group(first))
    }

    fn group(&mut self, first: Order) -> Vec<Order> {
        let mut writes = first.work.writes();
        let mut group = vec![first];
        while group.len() < GROUP && writes < GROUP_WRITES {
            let Ok(order) = self.0.try_recv() else { break };
            writes += order.work.writes();
            group.push(order);
        }
        group
    }
}

/// The way to the writer's thread, which ends with it.
pub(crate) struct Queue {
    orders: Option<mpsc::Sender<Order>>,
    thread: Option<JoinHandle<()>>,
}

impl Queue {
    /// Starts a thread that writes.
    pub(crate) fn start(writer: impl FnOnce(Orders) + Send + 'static) -> Result<Queue, StoreError> {
        let (orders, queue) = mpsc::channel(QUEUE);
        let thread = thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || writer(Orders(queue)))?;
        Ok(Queue { orders: Some(orders), thread: Some(thread) })
    }

    /// Has the writer do something. If its thread is gone, so are the channels' other ends, and the
    /// answer is that the store is closed.
    pub(crate) async fn order(&self, work: Work) -> Answer {
        let Some(orders) = &self.orders else { return Err(StoreError::Closed) };
        let (answer, answered) = oneshot::channel();
        orders.send(Order { work, answer }).await.map_err(|_| StoreError::Closed)?;
        answered.await.unwrap_or(Err(StoreError::Closed))
    }

    /// Has the writer do something that nobody waits for, if it is not too busy.
    pub(crate) fn mention(&self, work: Work) {
        let Some(orders) = &self.orders else { return };
        let (answer, _) = oneshot::channel();
        let _ = orders.try_send(Order { work, answer });
    }
}

impl Drop for Queue {
    /// Waits for the writer to finish.
    fn drop(&mut self) {
        self.orders = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Batch {
    /// The edition that the batch adds to; 0 where it adds to none.
    pub(crate) fn edition(&self) -> Edition {
        self.writes.iter().map(Write::edition).max().unwrap_or(0)
    }
}

impl Write {
    /// The edition that the write carries.
    pub(crate) fn edition(&self) -> Edition {
        match self {
            Write::Contact(contact) => contact.edition,
            Write::Record(record) => record.edition,
            Write::Object(object) => object.edition,
            _ => 0,
        }
    }
}
