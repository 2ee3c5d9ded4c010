//! The newest entries first: from the ends of all chains back, side by side by the time of their links;
//! before those, where it is asked for, what waits to be drained.

use std::collections::BTreeMap;

use gantry_store::{AuditLink, Id, Store};

use crate::audit::entry::{Entry, decode, split_off};
use crate::audit::error::AuditError;
use crate::audit::show::{Filter, Found, Page, Place, Position};

/// Links read at once of a chain at first: each may be large ...
const FEW: i64 = 4;
/// ... and at most, where those before were together smaller than this.
const MANY: i64 = 256;
const SMALL: usize = 64 << 10;
/// Links that one page looks at, at most.
const LOOKED_AT: usize = 1_000;
/// Entries of one page, at most.
const MOST: usize = 1_000;

/// What was read of a chain and not shown, by rising sequence; and how far back it was read.
struct Chain {
    links: Vec<AuditLink>,
    /// The first link that was read.
    read: i64,
    /// How many entries of the last of the links may be shown; all where it is not said.
    upto: Option<u32>,
    /// How many links are read next.
    step: i64,
}

impl Chain {
    /// Up to a place of the chain, which is left out.
    fn upto(sequence: i64, index: u32) -> Chain {
        let last = sequence.saturating_add(i64::from(index > 0));
        let upto = (index > 0).then_some(index);
        Chain { links: Vec::new(), read: last, upto, step: FEW }
    }

    async fn read(&mut self, store: &Store, chain: &Id) -> Result<(), AuditError> {
        if !self.links.is_empty() || self.read <= 1 {
            return Ok(());
        }
        let after = self.read.saturating_sub(1).saturating_sub(self.step).max(0);
        let limit = usize::try_from(self.read.saturating_sub(1) - after).unwrap_or(0);
        self.links = store.audit_links(chain, after, limit).await?;
        self.links.retain(|link| link.sequence < self.read);
        // Where links are missing, the chain ends here.
        self.read = self.links.first().map_or(0, |link| link.sequence);
        let size: usize = self.links.iter().map(|link| link.body.len()).sum();
        self.step = if size < SMALL { self.step.saturating_mul(4).min(MANY) } else { FEW };
        Ok(())
    }

    /// Where the next page goes on: before this place.
    fn place(&self) -> (i64, u32) {
        match (self.links.last(), self.upto) {
            (Some(link), Some(index)) => (link.sequence, index),
            (Some(link), None) => (link.sequence.saturating_add(1), 0),
            (None, Some(index)) => (self.read.saturating_sub(1), index),
            (None, None) => (self.read, 0),
        }
    }
}

/// Entries before a position, the newest first, at most `limit` and never more than a thousand; the
/// next position is where they go on. Bytes that are no entry end their link.
pub(crate) async fn latest(
    store: &Store,
    filter: &Filter,
    before: Option<Position>,
    limit: usize,
) -> Result<Page, AuditError> {
    let mut chains = match before {
        Some(position) => {
            let places = position.chains.into_iter();
            places.map(|(chain, (sequence, index))| (chain, Chain::upto(sequence, index))).collect()
        }
        None => ends(store.audit_heads().await?),
    };
    let (limit, mut page) = (limit.clamp(1, MOST), Page::default());
    for _ in 0..LOOKED_AT {
        for (id, chain) in &mut chains {
            chain.read(store, id).await?;
        }
        let newest = chains.iter_mut().filter_map(|(id, chain)| {
            let link = chain.links.last()?;
            Some(((link.at, link.sequence), *id, chain))
        });
        let Some((_, id, chain)) = newest.max_by_key(|(at, ..)| *at) else {
            return Ok(page);
        };
        take(id, chain, filter, limit, &mut page);
        if page.entries.len() >= limit {
            break;
        }
    }
    let places = chains.iter().map(|(id, chain)| (*id, chain.place()));
    page.next = Some(Position { chains: places.collect() });
    Ok(page)
}

/// The newest entries of those that wait, in their order, and of those that are in the chains, together.
pub(crate) async fn newest(
    store: &Store,
    filter: &Filter,
    waiting: &[u8],
    limit: usize,
) -> Result<Vec<Entry>, AuditError> {
    let limit = limit.clamp(1, MOST);
    let bodies: Vec<&[u8]> = split_off(waiting).collect();
    let entries = bodies.iter().rev().filter_map(|bytes| decode(bytes).next()?.ok());
    let mut newest: Vec<Entry> =
        entries.filter(|entry| filter.lets_through(entry)).take(limit).collect();
    let page = latest(store, filter, None, limit).await?;
    newest.extend(page.entries.into_iter().map(|found| found.entry));
    newest.sort_by_key(|entry| std::cmp::Reverse(entry.at));
    newest.truncate(limit);
    Ok(newest)
}

fn ends(heads: Vec<AuditLink>) -> BTreeMap<Id, Chain> {
    let chain = |head: AuditLink| {
        let (id, read) = (head.chain, head.sequence);
        (id, Chain { links: vec![head], read, upto: None, step: FEW })
    };
    heads.into_iter().map(chain).collect()
}

/// Shows entries of a chain's last link from its end, and leaves the link when all were looked at.
fn take(id: Id, chain: &mut Chain, filter: &Filter, limit: usize, page: &mut Page) {
    let Some(link) = chain.links.last() else { return };
    let bodies: Vec<&[u8]> = split_off(&link.body).collect();
    let upto = chain.upto.map_or(bodies.len(), |index| usize::try_from(index).unwrap_or(0));
    let numbered = (0_u32..).zip(bodies.iter().take(upto));
    for (index, bytes) in numbered.collect::<Vec<_>>().into_iter().rev() {
        let entry: Option<Entry> = decode(bytes).next().and_then(Result::ok);
        if let Some(entry) = entry.filter(|entry| filter.lets_through(entry)) {
            let place = Place { chain: id, sequence: link.sequence, index };
            page.entries.push(Found { place, entry });
            if page.entries.len() >= limit && index > 0 {
                chain.upto = Some(index);
                return;
            }
        }
    }
    chain.links.pop();
    chain.upto = None;
}
