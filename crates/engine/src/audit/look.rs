//! A look through the chains side by side, by the time of their links.
//!
//! It reads nothing itself: it says which links it wants next, and is given them. Clocks of nodes
//! differ, and a clock may be set back: a chain's links stay in their order whatever their times
//! say, and only between chains does time decide.

use std::collections::{BTreeMap, VecDeque};

use gantry_store::{AuditLink, Id};

use crate::audit::entry::decode;
use crate::audit::show::{Filter, Found, Page, Place, Position};

/// At most this many entries in a page.
const MAX_PAGE: usize = 1_000;
/// Links read at once, of all chains together, and the least of one.
const LINKS: usize = 64;
const LEAST_LINKS: usize = 8;
/// The most links that one page looks through; what is left is for the next.
const MAX_LINKS: usize = 4_096;

/// Links that must be read before it goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) chain: Id,
    pub(crate) after: i64,
    pub(crate) limit: usize,
}

/// A look through the chains.
pub(crate) struct Look<'a> {
    filter: &'a Filter,
    limit: usize,
    /// Links read at once of a chain.
    batch: usize,
    chains: BTreeMap<Id, Waiting>,
    reached: Position,
    looked: usize,
    page: Page,
}

/// Links of a chain that were read and not looked at.
struct Waiting {
    links: VecDeque<AuditLink>,
    /// The last one read.
    after: i64,
    /// Whether nothing came after it.
    ended: bool,
}

impl<'a> Look<'a> {
    /// From `start` on, for at most `limit` entries that the filter lets through.
    pub(crate) fn new(
        chains: impl IntoIterator<Item = Id>,
        filter: &'a Filter,
        start: Position,
        limit: usize,
    ) -> Look<'a> {
        let waiting = |chain: Id| {
            let next = start.chains.get(&chain).map_or(1, |(sequence, _)| *sequence);
            let after = next.saturating_sub(1).max(0);
            (chain, Waiting { links: VecDeque::new(), after, ended: false })
        };
        let chains: BTreeMap<Id, Waiting> = chains.into_iter().map(waiting).collect();
        let batch = LINKS.div_ceil(chains.len().max(1)).max(LEAST_LINKS);
        let limit = limit.clamp(1, MAX_PAGE);
        Look { filter, limit, batch, chains, reached: start, looked: 0, page: Page::default() }
    }

    /// Goes on until links are wanted; `None` when the page is done.
    pub(crate) fn proceed(&mut self) -> Option<Wanted> {
        loop {
            let wants = |waiting: &Waiting| waiting.links.is_empty() && !waiting.ended;
            if let Some((&chain, waiting)) = self.chains.iter().find(|(_, waiting)| wants(waiting))
            {
                return Some(Wanted { chain, after: waiting.after, limit: self.batch });
            }
            let link = self.oldest()?;
            if self.looked == MAX_LINKS {
                self.page.next = Some(self.reached.clone());
                return None;
            }
            self.looked += 1;
            if !self.take(&link) {
                return None;
            }
        }
    }

    /// Gives the links that were wanted.
    pub(crate) fn give(&mut self, chain: Id, links: Vec<AuditLink>) {
        let Some(waiting) = self.chains.get_mut(&chain) else { return };
        waiting.ended = links.is_empty();
        waiting.after = links.last().map_or(waiting.after, |last| last.sequence);
        waiting.links.extend(links);
    }

    /// The page that came of it.
    pub(crate) fn end(self) -> Page {
        self.page
    }

    /// The link that was written first of those that wait.
    fn oldest(&mut self) -> Option<AuditLink> {
        let fronts = self
            .chains
            .iter()
            .filter_map(|(chain, waiting)| waiting.links.front().map(|link| (link.at, *chain)));
        let (_, chain) = fronts.min()?;
        self.chains.get_mut(&chain)?.links.pop_front()
    }

    /// Takes the entries of a link; false where the page is full before its end.
    fn take(&mut self, link: &AuditLink) -> bool {
        let start = self.reached.chains.get(&link.chain).copied().unwrap_or_default();
        for (index, entry) in (0..).zip(decode(&link.body)) {
            let Ok(entry) = entry else { continue };
            if (link.sequence, index) < start || !self.filter.lets_through(&entry) {
                continue;
            }
            if self.page.entries.len() == self.limit {
                self.reached.chains.insert(link.chain, (link.sequence, index));
                self.page.next = Some(self.reached.clone());
                return false;
            }
            let place = Place { chain: link.chain, sequence: link.sequence, index };
            self.page.entries.push(Found { place, entry });
        }
        self.reached.chains.insert(link.chain, (link.sequence.saturating_add(1), 0));
        true
    }
}
