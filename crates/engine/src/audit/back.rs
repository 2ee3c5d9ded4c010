//! Back from the ends of the chains, to where the newest links begin.
//!
//! It reads nothing itself: it says which links it wants next, and is told of them.

use std::collections::BTreeMap;

use gantry_store::{AuditLink, Id};

use crate::audit::look::Wanted;
use crate::audit::show::Position;

/// Links read at once of a chain.
const LINKS: i64 = 16;

/// A walk back from the ends of all chains.
pub(crate) struct Back {
    /// How many links are still to be passed.
    left: u32,
    chains: BTreeMap<Id, Passed>,
}

/// How far back a chain was passed.
struct Passed {
    /// Times and sequences of links that were read and not passed, by rising sequence.
    waiting: Vec<(i64, i64)>,
    /// The first link that was read.
    read: i64,
    /// The first link that was passed; the one after the last in the beginning.
    start: i64,
}

impl Back {
    /// From the last link of each chain back over `links` links in all.
    pub(crate) fn new(heads: &[AuditLink], links: u32) -> Back {
        let passed = |head: &AuditLink| Passed {
            waiting: vec![(head.at, head.sequence)],
            read: head.sequence,
            start: head.sequence.saturating_add(1),
        };
        let mut chains: BTreeMap<Id, Passed> =
            heads.iter().map(|head| (head.chain, passed(head))).collect();
        let mut left = links;
        if let (Some(mut only), 1) = (chains.first_entry(), heads.len()) {
            // Nothing need be read to count the links of one chain.
            let passed = only.get_mut();
            passed.start = passed.start.saturating_sub(i64::from(links)).max(1);
            left = 0;
        }
        Back { left, chains }
    }

    /// Goes back until links are wanted; `None` when it has gone as far as it should.
    pub(crate) fn proceed(&mut self) -> Option<Wanted> {
        while self.left > 0 {
            let mut chains = self.chains.iter();
            let wanted = chains.find(|(_, passed)| passed.waiting.is_empty() && passed.read > 1);
            if let Some((&chain, passed)) = wanted {
                let after = passed.read.saturating_sub(1).saturating_sub(LINKS).max(0);
                let limit = usize::try_from(passed.read - 1 - after).unwrap_or(0);
                return Some(Wanted { chain, after, limit });
            }
            let ends = self.chains.values_mut().filter(|passed| !passed.waiting.is_empty());
            let newest = ends.max_by_key(|passed| passed.waiting.last().copied())?;
            let (_, sequence) = newest.waiting.pop()?;
            newest.start = sequence;
            self.left -= 1;
        }
        None
    }

    /// Tells of the links that were wanted.
    pub(crate) fn give(&mut self, chain: Id, links: &[AuditLink]) {
        let Some(passed) = self.chains.get_mut(&chain) else { return };
        let before = links.iter().filter(|link| link.sequence < passed.read);
        passed.waiting = before.map(|link| (link.at, link.sequence)).collect();
        // Where links are missing, the chain is left as it is from here on.
        passed.read = passed.waiting.first().map_or(0, |(_, sequence)| *sequence);
    }

    /// Where the links begin that were passed.
    pub(crate) fn end(self) -> Position {
        let start = |(chain, passed): (Id, Passed)| (chain, (passed.start, 0));
        Position { chains: self.chains.into_iter().map(start).collect() }
    }
}
