//! Showing the trail: in pages, through a filter, several chains side by side.

use std::collections::BTreeMap;

use gantry_store::Batch;

use super::*;
use crate::audit::back::Back;
use crate::audit::look::Look;

#[test]
fn the_trail_is_shown_in_pages_through_a_filter() {
    let house = House::new();
    for at in 0..10 {
        let mut audit = Vec::new();
        let mut one = entry(at);
        one.purpose = u8::try_from(at % 2).unwrap();
        one.encode_into(&mut audit).unwrap();
        entry(at).denied(Reason::Objected).encode_into(&mut audit).unwrap();
        let batch = Batch { audit, audit_entries: 2, ..Batch::default() };
        block_on(house.store.commit(batch)).unwrap();
    }
    let filter = Filter { purpose: Some(1), from: Some(2), to: Some(9), ..Filter::default() };
    let first = block_on(show::page(&house.store, &filter, Position::default(), 2)).unwrap();
    let times = |page: &Page| page.entries.iter().map(|f| f.entry.at).collect::<Vec<_>>();
    assert_eq!(times(&first), [3, 5]);
    let second =
        block_on(show::page(&house.store, &filter, first.next.clone().unwrap(), 2)).unwrap();
    assert_eq!(times(&second), [7]);
    assert_eq!(second.next, None);
    let about = Filter { contact: Some([8; 16]), ..Filter::default() };
    assert_eq!(
        block_on(show::page(&house.store, &about, Position::default(), 9)).unwrap(),
        Page::default()
    );
    let denied = Filter { denied: Some(true), contact: Some([7; 16]), ..Filter::default() };
    let page = block_on(show::page(&house.store, &denied, Position::default(), 99)).unwrap();
    assert_eq!(page.entries.len(), 10);
    let start = block_on(show::near_the_end(&house.store, 3)).unwrap();
    let newest = block_on(show::page(&house.store, &Filter::default(), start, 99)).unwrap();
    assert_eq!(times(&newest), [7, 7, 8, 8, 9, 9]);
}

const A: Id = [0xa; 16];
const B: Id = [0xb; 16];
const C: Id = [0xc; 16];

/// Chains as a store would have them.
type Chains = BTreeMap<Id, Vec<AuditLink>>;

fn chains<const N: usize>(chains: [(Id, Vec<i64>); N]) -> Chains {
    chains.into_iter().map(|(id, times)| (id, chain_at(id, times))).collect()
}

fn links_of(chains: &Chains, chain: Id, after: i64, limit: usize) -> Vec<AuditLink> {
    let later = chains[&chain].iter().filter(|link| link.sequence > after);
    later.take(limit).cloned().collect()
}

fn page(chains: &Chains, filter: &Filter, start: Position, limit: usize) -> Page {
    let mut look = Look::new(chains.keys().copied(), filter, start, limit);
    while let Some(wanted) = look.proceed() {
        look.give(wanted.chain, links_of(chains, wanted.chain, wanted.after, wanted.limit));
    }
    look.end()
}

/// All entries from a place on, in pages of `limit`.
fn all(chains: &Chains, mut start: Position, limit: usize) -> Vec<Found> {
    let mut found = Vec::new();
    loop {
        let page = page(chains, &Filter::default(), start, limit);
        found.extend(page.entries);
        match page.next {
            Some(next) => start = next,
            None => return found,
        }
    }
}

fn back(chains: &Chains, links: u32) -> Position {
    let heads: Vec<AuditLink> = chains.values().filter_map(|links| links.last().cloned()).collect();
    let mut back = Back::new(&heads, links);
    while let Some(wanted) = back.proceed() {
        let links = links_of(chains, wanted.chain, wanted.after, wanted.limit);
        back.give(wanted.chain, &links);
    }
    back.end()
}

fn at(found: &[Found]) -> Vec<i64> {
    found.iter().map(|found| found.entry.at).collect()
}

#[test]
fn chains_are_shown_side_by_side_in_the_order_of_time() {
    let chains = chains([(A, vec![1, 4, 5, 9]), (B, vec![2, 3, 8]), (C, vec![6, 7])]);
    for limit in [1, 2, 3, 100] {
        let found = all(&chains, Position::default(), limit);
        assert_eq!(at(&found), (1..=9).collect::<Vec<_>>());
        assert_eq!(found[1].place, Place { chain: B, sequence: 1, index: 0 });
    }
    let late = Filter { from: Some(3), to: Some(8), ..Filter::default() };
    let first = page(&chains, &late, Position::default(), 2);
    assert_eq!(at(&first.entries), [3, 4]);
    let second = page(&chains, &late, first.next.unwrap(), 9);
    assert_eq!(at(&second.entries), [5, 6, 7]);
    assert_eq!(second.next, None);
}

#[test]
fn a_chain_stays_in_its_order_when_its_clock_is_set_back() {
    let chains = chains([(A, vec![50, 10, 60]), (B, vec![20, 55])]);
    assert_eq!(at(&all(&chains, Position::default(), 2)), [20, 50, 10, 55, 60]);
}

#[test]
fn a_link_is_left_in_its_middle_and_gone_on_with() {
    let mut body = Vec::new();
    (1..=5).for_each(|at| entry(at).encode_into(&mut body).unwrap());
    let long = AuditLink { body, entries: 5, ..chain_at(A, [3]).remove(0) };
    let mut chains = chains([(B, vec![9])]);
    chains.insert(A, vec![long]);
    let first = page(&chains, &Filter::default(), Position::default(), 2);
    assert_eq!(at(&first.entries), [1, 2]);
    assert_eq!(at(&all(&chains, first.next.unwrap(), 2)), [3, 4, 5, 9]);
}

#[test]
fn many_links_of_many_chains_are_read_in_parts() {
    let many = (0..80u8).map(|number| {
        let times = (0..100).map(|time| time * 80 + i64::from(number));
        ([number; 16], chain_at([number; 16], times))
    });
    let chains: Chains = many.collect();
    let found = all(&chains, Position::default(), 1_000);
    assert_eq!(at(&found), (0..8_000).collect::<Vec<_>>());
    // No page looks through more links than its bound.
    let nobody = Filter { actor: Some("nobody".to_owned()), ..Filter::default() };
    let first = page(&chains, &nobody, Position::default(), 10);
    assert!(first.entries.is_empty() && first.next.is_some());
    assert_eq!(page(&chains, &nobody, first.next.unwrap(), 10).next, None);
}

#[test]
fn the_newest_links_are_found_from_the_end() {
    let chains = chains([
        (A, (0..100).map(|time| time * 10).collect()),
        (B, vec![5, 15]),
        (C, (90..120).map(|time| time * 10 + 1).collect()),
    ]);
    for (links, first) in [(1, 1_191), (20, 1_001), (30, 950), (35, 921), (40, 900), (41, 890)] {
        let newest = all(&chains, back(&chains, links), 100);
        assert_eq!(newest.len(), usize::try_from(links).unwrap());
        assert_eq!(newest[0].entry.at, first);
    }
    assert_eq!(all(&chains, back(&chains, 1_000), 100).len(), 132);
    assert_eq!(all(&chains, back(&chains, 0), 100), []);
}

#[test]
fn going_back_ends_also_where_links_are_gone() {
    let mut chains = chains([(A, (0..100).collect()), (B, vec![1])]);
    chains.get_mut(&A).unwrap().retain(|link| link.sequence == 100 || link.sequence < 10);
    assert_eq!(at(&all(&chains, back(&chains, 50), 100)), [1, 99]);
}

proptest! {
    #[test]
    fn nothing_is_shown_twice_or_left_out_while_chains_grow(
        before in prop::collection::vec((0..4u8, 0..50i64), 0..40),
        mut growth in prop::collection::vec((0..6u8, 0..50i64), 0..40),
        limit in 1..5usize,
    ) {
        let mut chains = Chains::new();
        let grow = |chains: &mut Chains, (number, time): (u8, i64)| {
            let links = chains.entry([number; 16]).or_default();
            links.push(link([number; 16], links, time, &entry(time)));
        };
        for one in before {
            grow(&mut chains, one);
        }
        let (mut start, mut shown) = (Some(Position::default()), Vec::new());
        while let Some(from) = start {
            let page = page(&chains, &Filter::default(), from, limit);
            shown.extend(page.entries.iter().map(|found| found.place));
            start = page.next;
            if start.is_some() && let Some(one) = growth.pop() {
                grow(&mut chains, one);
            }
        }
        for (chain, links) in &chains {
            let of_chain = shown.iter().filter(|place| place.chain == *chain);
            let sequences: Vec<i64> = of_chain.map(|place| place.sequence).collect();
            prop_assert_eq!(sequences, links.iter().map(|link| link.sequence).collect::<Vec<_>>());
        }
    }
}
