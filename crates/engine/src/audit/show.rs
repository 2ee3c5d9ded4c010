//! Showing the trail: its entries in order, those that a filter lets through, in pages.

use gantry_store::{Id, ONE_CHAIN, Store};

use crate::audit::entry::{Entry, Outcome, decode};
use crate::audit::error::AuditError;

/// At most this many entries in a page.
pub const MAX_PAGE: usize = 1_000;
/// Links read at once, and the most that one page looks through; what is left is for the next.
const LINKS: usize = 64;
const MAX_LINKS: usize = 4_096;

/// Which entries; what is not given lets all through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// By this account.
    pub actor: Option<String>,
    /// For this purpose.
    pub purpose: Option<u8>,
    /// About this contact.
    pub contact: Option<Id>,
    /// Refused ones, or those done.
    pub denied: Option<bool>,
    /// Not before, in milliseconds since 1970 (UTC).
    pub from: Option<i64>,
    /// Before.
    pub to: Option<i64>,
}

/// The place of an entry: its link, and which in it, from 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The link's sequence.
    pub sequence: i64,
    /// Which of its entries.
    pub index: u32,
}

/// An entry and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Where.
    pub position: Position,
    /// What.
    pub entry: Entry,
}

/// Some entries in the order of the chain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// The entries.
    pub entries: Vec<Found>,
    /// Where to go on; `None` at the end. A page may be short, even empty, and yet have this.
    pub next: Option<Position>,
}

impl Filter {
    /// Whether it lets an entry through.
    pub fn lets_through(&self, entry: &Entry) -> bool {
        let denied = matches!(entry.outcome, Outcome::Denied(_));
        self.actor.as_ref().is_none_or(|actor| *actor == entry.actor)
            && self.purpose.is_none_or(|purpose| purpose == entry.purpose)
            && self.contact.is_none_or(|contact| entry.concerns(&contact))
            && self.denied.is_none_or(|wanted| wanted == denied)
            && self.from.is_none_or(|from| entry.at >= from)
            && self.to.is_none_or(|to| entry.at < to)
    }
}

/// Entries from `start` on, at most `limit` of them and never more than [`MAX_PAGE`]. Bytes that
/// are no entry are passed over here; [`verify()`](super::verify()) tells of them.
pub(crate) async fn page(
    store: &Store,
    filter: &Filter,
    start: Position,
    limit: usize,
) -> Result<Page, AuditError> {
    let limit = limit.clamp(1, MAX_PAGE);
    let mut page = Page::default();
    let mut after = start.sequence.saturating_sub(1).max(0);
    for _ in 0..MAX_LINKS / LINKS {
        let links = store.audit_links(&ONE_CHAIN, after, LINKS).await?;
        if links.is_empty() {
            return Ok(page);
        }
        for link in links {
            after = link.sequence;
            for (index, entry) in (0..).zip(decode(&link.body)) {
                let position = Position { sequence: link.sequence, index };
                let Ok(entry) = entry else { continue };
                if position < start || !filter.lets_through(&entry) {
                    continue;
                }
                if page.entries.len() == limit {
                    page.next = Some(position);
                    return Ok(page);
                }
                page.entries.push(Found { position, entry });
            }
        }
    }
    page.next = Some(Position { sequence: after.saturating_add(1), index: 0 });
    Ok(page)
}

/// Where the last `links` links begin: a start for whoever wants the newest entries.
pub(crate) async fn near_the_end(store: &Store, links: u32) -> Result<Position, AuditError> {
    let head = store.audit_heads().await?.first().map_or(0, |head| head.sequence);
    let sequence = head.saturating_sub(i64::from(links)).saturating_add(1).max(0);
    Ok(Position { sequence, index: 0 })
}
