//! Showing the trail: its entries by time, those that a filter lets through, in pages.

use std::collections::BTreeMap;

use gantry_notice::Operation;
use gantry_store::{Id, Store};

use crate::audit::back::Back;
use crate::audit::entry::{About, Entry, Outcome};
use crate::audit::error::AuditError;
use crate::audit::look::Look;

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
    /// Leaves out what was looked for about nobody in particular and gave nothing: start pages and
    /// empty lists.
    pub telling: bool,
}

/// The place of an entry: its chain, its link, and which in it, from 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The chain.
    pub chain: Id,
    /// The link's sequence.
    pub sequence: i64,
    /// Which of its entries.
    pub index: u32,
}

/// How far somebody has come in every chain, who goes on from there: nothing comes twice and nothing
/// is left out, however the chains grow meanwhile. The default is the beginning of all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// The next link of a chain, and which of its entries. A chain that is not here is a new one.
    pub(crate) chains: BTreeMap<Id, (i64, u32)>,
}

impl Position {
    /// As bytes: chain, link and entry, each of a fixed length.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let places = self.chains.iter();
        places.fold(Vec::new(), |mut bytes, (chain, (sequence, index))| {
            bytes.extend(chain);
            bytes.extend(sequence.to_be_bytes());
            bytes.extend(index.to_be_bytes());
            bytes
        })
    }

    /// The position that was encoded.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Position, std::array::TryFromSliceError> {
        const PLACE: usize = 16 + 8 + 4;
        let mut chains = BTreeMap::new();
        for place in bytes.chunks(PLACE) {
            let (chain, rest) = place.split_at(16.min(place.len()));
            let (sequence, index) = rest.split_at(8.min(rest.len()));
            let place =
                (i64::from_be_bytes(sequence.try_into()?), u32::from_be_bytes(index.try_into()?));
            chains.insert(chain.try_into()?, place);
        }
        Ok(Position { chains })
    }
}

/// An entry and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Where.
    pub place: Place,
    /// What.
    pub entry: Entry,
}

/// Some entries: those of a chain in its order, chains side by side by the time of their links.
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
            && !(self.telling && is_idle(entry))
    }
}

fn is_idle(entry: &Entry) -> bool {
    entry.count == 0
        && entry.operation == Operation::Read.word()
        && entry.about == About::Nobody
        && entry.outcome == Outcome::Allowed
}

/// Entries from `start` on, at most `limit` of them and never more than a thousand. Bytes that are
/// no entry are passed over here; [`verify()`](super::verify()) tells of them.
pub(crate) async fn page(
    store: &Store,
    filter: &Filter,
    start: Position,
    limit: usize,
) -> Result<Page, AuditError> {
    let heads = store.audit_heads().await?;
    let mut look = Look::new(heads.iter().map(|head| head.chain), filter, start, limit);
    while let Some(wanted) = look.proceed() {
        let links = store.audit_links(&wanted.chain, wanted.after, wanted.limit).await?;
        look.give(wanted.chain, links);
    }
    Ok(look.end())
}

/// Where the newest `links` links of all chains begin: a start for whoever wants the newest entries.
pub(crate) async fn near_the_end(store: &Store, links: u32) -> Result<Position, AuditError> {
    let mut back = Back::new(&store.audit_heads().await?, links);
    while let Some(wanted) = back.proceed() {
        let links = store.audit_links(&wanted.chain, wanted.after, wanted.limit).await?;
        back.give(wanted.chain, &links);
    }
    Ok(back.end())
}
