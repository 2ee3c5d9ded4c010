//! Looking at the audit trail: who used whose data for what. It is personal data too, so that it is
//! looked at under the purpose that the notice names for it, and the look is in the trail itself.

use gantry_notice::{Operation, Reason};

use crate::audit::latest;
use crate::audit::show::{self, Filter, Found, Page, Position};
use crate::audit::{About as Whom, Entry, Report};
use crate::error::EngineError;
use crate::session::cursor;
use crate::session::identified::Identified;

impl Identified {
    /// The newest entries of the trail, the newest first, or those before a position: a page's `next`
    /// goes on with older ones.
    pub async fn trail_latest(
        &self,
        filter: &Filter,
        before: Option<Position>,
        limit: usize,
    ) -> Result<Page, EngineError> {
        let whom = self.may_look(filter)?;
        let inner = &self.engine.inner;
        inner.trail.drain(&inner.store).await?;
        let page = latest::latest(&inner.store, filter, before, limit).await?;
        self.note(Operation::Read, Vec::new(), whom, page.entries.len())?;
        Ok(page)
    }

    /// The newest entries of the trail, the newest first, and no way on from them: what this process has
    /// yet to put into the chain is shown from where it waits, which costs no commit.
    pub async fn trail_newest(
        &self,
        filter: &Filter,
        limit: usize,
    ) -> Result<Vec<Entry>, EngineError> {
        let whom = self.may_look(filter)?;
        let inner = &self.engine.inner;
        let entries = inner.trail.newest(&inner.store, filter, limit).await?;
        self.note(Operation::Read, Vec::new(), whom, entries.len())?;
        Ok(entries)
    }

    /// The newest entries of the trail, the newest first, and the cursor of those before them.
    pub async fn trail_page(
        &self,
        filter: &Filter,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<Found>, Option<String>), EngineError> {
        let (vault, list) = (&self.engine.inner.vault, format!("trail {filter:?}"));
        let before = cursor::read(vault, &self.desk, &list, cursor)?;
        let before = before.map(|bytes| Position::decode(&bytes)).transpose();
        let before =
            before.map_err(|_| EngineError::invalid("cursor", "is not one of this list"))?;
        let page = self.trail_latest(filter, before, limit).await?;
        let next =
            page.next.and_then(|next| cursor::give(vault, &self.desk, &list, &next.encode()));
        Ok((page.entries, next))
    }

    /// Recomputes all chains of the trail, and holds them against the checkpoints of this machine.
    pub async fn trail_verified(&self) -> Result<Report, EngineError> {
        let whom = self.may_look(&Filter::default())?;
        let inner = &self.engine.inner;
        inner.trail.drain(&inner.store).await?;
        let report = inner.trail.verified(&inner.store).await?;
        self.note(Operation::Read, Vec::new(), whom, 0)?;
        Ok(report)
    }

    /// Only the purpose that the notice names for it looks at the trail.
    fn may_look(&self, filter: &Filter) -> Result<Whom, EngineError> {
        let whom = filter.contact.map_or(Whom::Nobody, Whom::One);
        if self.desk.purpose_name() == self.desk.policy.policy().notice().system.audit {
            return Ok(whom);
        }
        self.refuse(Reason::OperationNotAllowed, None, Operation::Read, whom)
    }

    /// Entries of the trail from a place on, in their order; `None` begins with the newest
    /// thousand or so.
    pub async fn trail(
        &self,
        filter: &Filter,
        start: Option<Position>,
        limit: usize,
    ) -> Result<Page, EngineError> {
        const NEWEST_LINKS: u32 = 200;
        let whom = self.may_look(filter)?;
        let inner = &self.engine.inner;
        inner.trail.drain(&inner.store).await?;
        let start = match start {
            Some(start) => start,
            None => show::near_the_end(&inner.store, NEWEST_LINKS).await?,
        };
        let page = show::page(&inner.store, filter, start, limit).await?;
        self.note(Operation::Read, Vec::new(), whom, page.entries.len())?;
        Ok(page)
    }
}
