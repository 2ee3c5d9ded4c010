//! Following the feed of changes: by what the server notifies, and by looking every second, as a
//! notification can be lost.

use std::future::poll_fn;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures::StreamExt;
use futures::stream::poll_fn as stream_of;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tokio_postgres::{AsyncMessage, Client, NoTls};

use crate::error::StoreError;
use crate::postgres::address::{Database, Tls};
use crate::postgres::connect::verifier;

/// How often the feed is looked at, whatever is notified.
const LOOK: Duration = Duration::from_secs(1);

/// Tells that the feed has grown. Nobody waits for it, and it need not be durable.
pub(super) const TELL: &str =
    "BEGIN; SET LOCAL synchronous_commit = off; NOTIFY gantry_feed; COMMIT";

/// What is known of the feed, and the task that learns it, from the first time somebody asks.
pub(super) struct Feed {
    database: Database,
    following: Mutex<Option<Following>>,
}

struct Following {
    head: watch::Receiver<i64>,
    task: JoinHandle<()>,
}

impl Feed {
    pub(super) fn new(database: Database) -> Feed {
        Feed { database, following: Mutex::default() }
    }

    /// Waits until a change beyond a number is known, at most for a time. Gives the number of the last
    /// change known, which may be of long ago where the server is gone.
    pub(super) async fn beyond(&self, after: i64, patience: Duration) -> Result<i64, StoreError> {
        let mut head = self.follow();
        // In time or not: the last one known is the answer.
        let _ = timeout(patience, head.wait_for(|head| *head > after)).await;
        let known = *head.borrow();
        Ok(known)
    }

    fn follow(&self) -> watch::Receiver<i64> {
        let mut following = self.following.lock().unwrap_or_else(PoisonError::into_inner);
        // A task that ended went with its runtime.
        if let Some(Following { head, task }) = following.as_ref()
            && !task.is_finished()
        {
            return head.clone();
        }
        let (told, head) = watch::channel(0);
        let task = tokio::spawn(learn(self.database.clone(), told));
        *following = Some(Following { head: head.clone(), task });
        head
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        let following = self.following.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(Following { task, .. }) = following {
            task.abort();
        }
    }
}

/// Follows the feed as long as somebody wants to know, on one connection after the other.
async fn learn(database: Database, told: watch::Sender<i64>) {
    while !told.is_closed() {
        // Whatever went wrong: the next connection may do.
        let _ = listen(&database, &told).await;
        sleep(LOOK).await;
    }
}

async fn listen(database: &Database, told: &watch::Sender<i64>) -> Result<(), StoreError> {
    match &database.tls {
        Tls::Off => {
            let (client, mut connection) = database.config.connect(NoTls).await?;
            let messages = stream_of(move |context| connection.poll_message(context));
            hear(client, messages, told).await
        }
        Tls::Verified(roots) => {
            let tls = verifier(roots.as_deref())?;
            let (client, mut connection) = database.config.connect(tls).await?;
            let messages = stream_of(move |context| connection.poll_message(context));
            hear(client, messages, told).await
        }
    }
}

/// Looks at the feed whenever a message comes, and every second.
async fn hear(
    client: Client,
    messages: impl futures::Stream<Item = Result<AsyncMessage, tokio_postgres::Error>>,
    told: &watch::Sender<i64>,
) -> Result<(), StoreError> {
    let (wake, mut woken) = watch::channel(());
    let pump = async {
        let mut messages = std::pin::pin!(messages);
        while let Some(message) = messages.next().await {
            if let AsyncMessage::Notification(_) = message? {
                wake.send_replace(());
            }
        }
        Ok::<_, StoreError>(())
    };
    let look = async {
        client.batch_execute("LISTEN gantry_feed").await?;
        let statement = client.prepare("SELECT head FROM feed").await?;
        loop {
            woken.mark_unchanged();
            let head: i64 = client.query_one(&statement, &[]).await?.try_get(0)?;
            told.send_if_modified(|known| {
                let grown = head > *known;
                *known = head.max(*known);
                grown
            });
            let _ = timeout(LOOK, woken.changed()).await;
        }
    };
    let mut pump = std::pin::pin!(pump);
    let mut look = std::pin::pin!(look);
    poll_fn(|context| {
        if let std::task::Poll::Ready(ended) = pump.as_mut().poll(context) {
            return std::task::Poll::Ready(ended);
        }
        look.as_mut().poll(context)
    })
    .await
}
