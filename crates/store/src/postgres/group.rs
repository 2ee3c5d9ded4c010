//! A group of batches in one transaction of three steps: what the batches are about is locked and
//! read; a [`Plan`] is made of it; and the plan is carried out and committed.
//!
//! **Locks.** First come the editions that are not published: nobody publishes one while it is taken for
//! hidden. Rows of contacts and objects are locked in the order of their ids: whoever changes a
//! contact's record or look-up has its contact. What is not there cannot be locked: it is put so that
//! it fails where somebody else was quicker, and then all is done again. Last of all comes the feed:
//! whoever has its row commits next, so that the numbers of changes rise with the commits.

use deadpool_postgres::ClientWrapper;
use futures::try_join;
use tokio_postgres::Statement;
use uuid::Uuid;

use crate::error::StoreError;
use crate::postgres::node::{Lease, Stand};
use crate::postgres::plan::{Facts, Plan};
use crate::postgres::read::uuid;
use crate::postgres::small::touched_tag;
use crate::postgres::steps::{Steps, param};
use crate::postgres::wanted::{Extent, Wanted};
use crate::postgres::{keys, statements, wanted};
use crate::queue::Answer;
use crate::row::{AuditLink, Batch, Edition, Id, LinkPlace};
use crate::store::LinkHash;

/// Rows locked by a statement each, up to so many.
const ALONE: usize = 8;

/// A batch, and the edition that is visible to whoever it is of.
pub(super) type Job<'a> = (&'a Batch, Option<Edition>);

/// What a transaction is done with.
pub(super) struct Frame<'a> {
    pub(super) main: &'a ClientWrapper,
    pub(super) keys: &'a ClientWrapper,
    pub(super) lease: Lease,
    pub(super) link_hash: LinkHash,
    pub(super) now: i64,
    /// Whether tables are spread over machines: then rows are locked one by one.
    pub(super) spread: bool,
}

impl Frame<'_> {
    /// Up to so many rows are locked by a statement each.
    pub(super) const fn alone(&self) -> usize {
        if self.spread { usize::MAX } else { ALONE }
    }
}

/// A group that may be committed, or not: the connection can still be lost.
pub(super) struct Ready {
    /// The number of the group under the lease.
    pub(super) number: i64,
    answers: Vec<Result<usize, StoreError>>,
    facts: Facts,
    plan: Plan,
    stand: Stand,
    link: Option<AuditLink>,
    /// Whether records were changed in their places already.
    revised: bool,
    /// Whether the plan was carried out already, and only the commit is missing.
    written: bool,
}

/// How a transaction has not come to its end.
pub(super) enum Stopped {
    /// The lease was lost.
    Fenced,
    /// What was taken for granted does not hold.
    Stale,
    /// Something failed.
    Failed(StoreError),
}

impl<E: Into<StoreError>> From<E> for Stopped {
    fn from(error: E) -> Self {
        Stopped::Failed(error.into())
    }
}

/// Begins a transaction, and does what must be done before the commit is sent.
pub(super) async fn prepare(frame: &Frame<'_>, jobs: &[Job<'_>]) -> Result<Ready, Stopped> {
    let mut wanted = Wanted::of(jobs);
    wanted.trusts &= !frame.spread;
    match try_prepare(frame, jobs, &wanted).await {
        Err(Stopped::Stale) => {
            // Which batch is refused, and why, is told by what is there.
            frame.main.batch_execute("ROLLBACK").await?;
            wanted.trusts = false;
            try_prepare(frame, jobs, &wanted).await
        }
        done => done,
    }
}

async fn try_prepare(
    frame: &Frame<'_>,
    jobs: &[Job<'_>],
    wanted: &Wanted,
) -> Result<Ready, Stopped> {
    let main = frame.main;
    wanted.make_ready(frame).await?;
    let begin = async { Ok(main.batch_execute("BEGIN").await?) };
    let stand = frame.lease.stand(main);
    let ((), stand, (mut facts, known)) = try_join!(begin, stand, wanted.first(frame))?;
    let stand = stand.ok_or(Stopped::Fenced)?;
    if known != Extent::All {
        wanted.second(main, &mut facts, known).await?;
    }
    if known != Extent::All || wanted.has_lookups() {
        // An edition of which a row was read has begun by now.
        facts.editions = wanted::pending(main).await?;
    }
    facts.link = LinkPlace { chain: frame.lease.node, sequence: stand.sequence + 1 };
    let mut plan = Plan::default();
    let mut answers = Vec::with_capacity(jobs.len());
    for (batch, sees) in jobs {
        let added = plan.add(&facts, batch, *sees);
        answers.push(added.map(|()| plan.changes.len()));
    }
    let stand = Stand { groups: stand.groups + 1, ..stand };
    let link = (!plan.audit.is_empty()).then(|| link(frame, &mut plan, stand));
    let stand = match &link {
        Some(link) => Stand { sequence: link.sequence, hash: link.hash, ..stand },
        None => stand,
    };
    let revised = known == Extent::AllButRevised;
    // What a refused batch said of a record may have been believed by the others.
    let refused = answers.iter().any(Result::is_err);
    if revised
        && (refused
            || statements::revise_expected(main, &facts, &plan).await? != plan.revised.len())
    {
        return Err(Stopped::Stale);
    }
    let written = !plan.keys.is_empty();
    if written {
        // What is sealed must never be durable without its key.
        let steps = statements::steps(frame, &facts, &plan, revised);
        steps.prepare(main).await?.send(main).await?;
        // By now whoever puts the same contact waits for this one, and will not put a key of its own.
        keys::put(frame.keys, &plan.keys).await?;
    }
    Ok(Ready { number: stand.groups, answers, facts, plan, stand, link, revised, written })
}

fn link(frame: &Frame<'_>, plan: &mut Plan, stand: Stand) -> AuditLink {
    let (previous, sequence, at) = (stand.hash, stand.sequence + 1, frame.now);
    let (entries, body) = (plan.audit_entries, std::mem::take(&mut plan.audit));
    let hash = (frame.link_hash)(&previous, sequence, at, entries, &body);
    AuditLink { chain: frame.lease.node, sequence, at, entries, body, previous, hash }
}

impl Ready {
    /// Writes what is not written yet, and commits, on one way. Whatever fails from here on may have
    /// been committed all the same.
    pub(super) async fn commit(&self, frame: &Frame<'_>) -> Result<i64, StoreError> {
        let main = frame.main;
        let mut steps = Steps::default();
        if !self.written {
            steps = statements::steps(frame, &self.facts, &self.plan, self.revised);
        }
        if let Some(link) = &self.link {
            append(&mut steps, link);
        }
        frame.lease.advance(&mut steps, self.stand);
        // All is made ready first, so that what follows is sent in this order at once.
        let (steps, feed) = (steps.prepare(main).await?, self.feed(main).await?);
        let end = async {
            let (head, ()) = try_join!(self.fed(main, &feed), main.batch_execute("COMMIT"))?;
            Ok(head)
        };
        Ok(steps.send_before(main, end).await?)
    }

    /// Whether the feed has nothing to tell.
    fn is_silent(&self) -> bool {
        self.plan.changes.is_empty() && self.plan.erasures == 0
    }

    async fn feed(&self, main: &ClientWrapper) -> Result<Statement, tokio_postgres::Error> {
        main.prepare_cached(if self.is_silent() { "SELECT head FROM feed" } else { FEED }).await
    }

    /// Gives the changes their numbers. Nobody else commits changes before this transaction ends.
    async fn fed(
        &self,
        main: &ClientWrapper,
        feed: &Statement,
    ) -> Result<i64, tokio_postgres::Error> {
        if self.is_silent() {
            return main.query_one(feed, &[]).await?.try_get(0);
        }
        let changes = self.plan.changes.iter();
        let (tags, ids): (Vec<Option<i16>>, Vec<Option<Uuid>>) =
            changes.map(|touched| touched_tag(touched).unzip()).unzip();
        let count = i64::try_from(tags.len()).unwrap_or(i64::MAX);
        let erasures = self.plan.erasures;
        main.query_one(feed, &[&count, &erasures, &tags, &ids]).await?.try_get(0)
    }

    /// What each batch is answered, once the group is committed and the feed stands at `head`.
    pub(super) fn answers(self, head: i64) -> Vec<Answer> {
        let total = self.plan.changes.len();
        let number = |until: usize| head - i64::try_from(total - until).unwrap_or(0);
        self.answers.into_iter().map(|answer| answer.map(number)).collect()
    }

    /// Contacts whose keys go, but for one slot.
    pub(super) fn doomed(&self) -> Vec<(Id, Option<i64>)> {
        self.plan.doomed.iter().map(|(contact, keep)| (*contact, *keep)).collect()
    }
}

const AUDIT: &str = "INSERT INTO audit (chain, sequence, at, entries, body, previous, hash) \
    VALUES ($1, $2, $3, $4, $5, $6, $7)";

fn append<'p>(steps: &mut Steps<'p>, link: &'p AuditLink) {
    steps.run(
        AUDIT,
        vec![
            param(uuid(&link.chain)),
            param(link.sequence),
            param(link.at),
            param(i64::from(link.entries)),
            param(&link.body),
            param(link.previous.as_slice()),
            param(link.hash.as_slice()),
        ],
    );
}

const FEED: &str = "WITH fed AS ( \
        UPDATE feed SET head = head + $1, erasures = erasures + $2 RETURNING head \
    ), told AS ( \
        INSERT INTO change (number, tag, id) \
        SELECT fed.head - $1 + k.at, k.tag, k.id \
        FROM fed, unnest($3::smallint[], $4::uuid[]) WITH ORDINALITY AS k (tag, id, at) \
    ) \
    SELECT head FROM fed";
