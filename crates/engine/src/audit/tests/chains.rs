//! Chains whose links were changed, moved, cut off or taken away are found out.

use gantry_store::ONE_CHAIN;

use super::*;
use crate::audit::checkpoint::{Checkpoint, Numbered};
use crate::audit::memory::Remembered;
use crate::audit::statements::Statements;
use crate::audit::trail::grown;
use crate::audit::walk::Walk;

const FILE: Id = [3; 16];
const GONE: &str = "the link was signed, and is gone";
const NO_FOLLOWER: &str = "it does not follow the link before it";
const OTHER: &str = "the link is not the one that was signed";

fn chain(length: i64) -> Vec<AuditLink> {
    chain_at(ONE_CHAIN, 1..=length)
}

/// Verifies chains as they are given, against checkpoints in the lines of one file.
fn verified(chains: &[(Id, &[AuditLink])], checkpoints: Vec<Checkpoint>) -> Report {
    let mut report = Report::default();
    let key = vault().public_key();
    let last = u64::try_from(checkpoints.len()).unwrap();
    let remembered = Remembered { file: FILE, last, since: 0 };
    let known: &[Remembered] = if last == 0 { &[] } else { &[remembered] };
    let mut statements = Statements::default();
    let lines = checkpoints.into_iter().map(|checkpoint| Ok(Some(checkpoint)));
    statements.take("x".as_ref(), lines, &STORE, &key, &mut report).unwrap();
    let mut signed = statements.end(known, &mut report);
    for (chain, links) in chains {
        let mut walk = Walk::new(*chain, signed.remove(chain).unwrap_or_default(), &mut report);
        links.iter().for_each(|link| walk.step(link));
        walk.end();
    }
    for (chain, signed) in signed {
        Walk::new(chain, signed, &mut report).end();
    }
    report
}

fn walked(links: &[AuditLink], checkpoints: Vec<Checkpoint>) -> Report {
    verified(&[(ONE_CHAIN, links)], checkpoints)
}

fn checkpoint(number: u64, heads: &[&AuditLink]) -> Checkpoint {
    let heads: Vec<AuditLink> = heads.iter().map(|&head| head.clone()).collect();
    Checkpoint::sign(&vault(), STORE, Numbered { file: FILE, number }, &heads, 99)
}

fn of_link(chain: Id, sequence: i64) -> Subject {
    Subject::Link { chain, sequence }
}

fn faults(report: &Report) -> Vec<(Subject, &'static str)> {
    report.faults.iter().map(|fault| (fault.about.clone(), fault.what)).collect()
}

fn sequences(report: &Report) -> Vec<(i64, &'static str)> {
    let sequence = |fault: &Fault| match fault.about {
        Subject::Link { sequence, .. } => sequence,
        _ => panic!("{fault:?}"),
    };
    report.faults.iter().map(|fault| (sequence(fault), fault.what)).collect()
}

#[test]
fn a_chain_that_nobody_touched_holds() {
    let links = chain(5);
    let report = walked(&links, vec![checkpoint(1, &[&links[1]]), checkpoint(2, &[&links[3]])]);
    assert!(report.holds(), "{report:?}");
    assert_eq!((report.links, report.entries, report.checkpoints), (5, 5, 2));
    assert_eq!((report.first, report.last, report.unproven), (Some(1), Some(5), 1));
}

#[test]
fn a_flipped_byte_is_found_in_every_part_of_a_link() {
    let whole = chain(3);
    let tampered: [fn(&mut AuditLink); 6] = [
        |link| link.body[9] ^= 1,
        |link| link.at ^= 1,
        |link| link.entries ^= 1,
        |link| link.hash[0] ^= 1,
        |link| link.previous[0] ^= 1,
        |link| link.sequence += 1,
    ];
    for tamper in tampered {
        let mut links = whole.clone();
        tamper(&mut links[1]);
        assert!(!walked(&links, Vec::new()).holds());
    }
}

#[test]
fn a_removed_link_is_found() {
    let mut links = chain(4);
    links.remove(1);
    let found = sequences(&walked(&links, Vec::new()));
    assert_eq!(found, [(3, "links before it are missing"), (3, NO_FOLLOWER)]);
}

#[test]
fn a_swapped_pair_is_found_also_when_it_is_numbered_anew() {
    let mut links = chain(4);
    links.swap(1, 2);
    assert!(!walked(&links, Vec::new()).holds());
    (links[1].sequence, links[2].sequence) = (2, 3);
    assert!(!walked(&links, Vec::new()).holds());
}

#[test]
fn a_cut_tail_is_found_by_the_checkpoint_beyond_it() {
    let links = chain(4);
    let report = walked(&links[..2], vec![checkpoint(1, &[&links[3]])]);
    assert_eq!(sequences(&report), [(4, GONE)]);
    let report = walked(&[], vec![checkpoint(1, &[&links[3]])]);
    assert_eq!(sequences(&report), [(4, GONE)]);
}

#[test]
fn a_chain_that_was_written_anew_is_found_by_its_checkpoint() {
    let signed = checkpoint(1, &[&chain(3)[2]]);
    let mut links = chain(2);
    let forged = Entry { actor: "nobody".to_owned(), ..entry(3) };
    links.push(link(ONE_CHAIN, &links, 3, &forged));
    assert!(walked(&links, Vec::new()).holds());
    assert_eq!(sequences(&walked(&links, vec![signed])), [(3, OTHER)]);
}

#[test]
fn a_forged_or_foreign_checkpoint_is_found() {
    let links = chain(2);
    let good = checkpoint(1, &[&links[1]]);
    let head = |change: fn(&mut Head)| {
        let mut checkpoint = good.clone();
        change(&mut checkpoint.chains[0]);
        checkpoint
    };
    let place = Numbered { file: FILE, number: 1 };
    let forged: Vec<Checkpoint> = vec![
        head(|head| head.sequence = 1),
        head(|head| head.chain = uuid::Uuid::from_bytes([9; 16])),
        head(|head| head.hash = gantry_vault::encode(&[0; 32])),
        head(|head| head.hash = "0".to_owned()),
        Checkpoint { at: 98, ..good.clone() },
        Checkpoint { number: 2, ..good.clone() },
        Checkpoint { file: uuid::Uuid::from_bytes([4; 16]), ..good.clone() },
        Checkpoint { chains: Vec::new(), ..good.clone() },
        Checkpoint { signature: "0".to_owned(), ..good.clone() },
        Checkpoint::sign(&vault(), [6; 16], place, &links[1..], 99),
    ];
    for checkpoint in forged {
        let found = faults(&walked(&links, vec![checkpoint]));
        let line = Subject::Line { path: "x".into(), line: 1 };
        assert_eq!(found[0], (line, "it was not signed by this key for this store"));
        let lost = Subject::Checkpoints { file: FILE, first: 1, last: 1, since: Some(0) };
        assert_eq!(found[1].0, lost, "and the one that was signed is missed");
    }
}

const A: Id = [0xa; 16];
const B: Id = [0xb; 16];

/// Two chains, and a checkpoint of both.
fn two() -> (Vec<AuditLink>, Vec<AuditLink>, Checkpoint) {
    let (a, b) = (chain_at(A, [1, 4, 5]), chain_at(B, [2, 3]));
    let signed = checkpoint(1, &[&a[2], &b[1]]);
    (a, b, signed)
}

#[test]
fn chains_that_nobody_touched_hold_and_are_reported_one_by_one() {
    let (mut a, b, signed) = two();
    a.push(link(A, &a, 9, &entry(9)));
    let report = verified(&[(A, &a), (B, &b)], vec![signed]);
    assert!(report.holds(), "{report:?}");
    assert_eq!((report.links, report.entries, report.checkpoints), (6, 6, 1));
    assert_eq!((report.first, report.last, report.unproven), (Some(1), Some(9), 1));
    let each = |id, links, first, last, unproven| Chain {
        id,
        links,
        entries: links,
        first: Some(first),
        last: Some(last),
        unproven,
    };
    assert_eq!(report.chains, [each(A, 4, 1, 9, 1), each(B, 2, 2, 3, 0)]);
}

#[test]
fn a_chain_whose_node_died_holds_and_the_checkpoints_of_others_prove_it() {
    let (a, mut b, first) = two();
    // Node B writes one more link, and is no more before it has signed it; A goes on.
    b.push(link(B, &b, 6, &entry(6)));
    let mut longer = a.clone();
    longer.push(link(A, &longer, 9, &entry(9)));
    let report = verified(&[(A, &longer), (B, &b)], vec![first.clone()]);
    assert!(report.holds());
    assert_eq!(report.unproven, 2);
    let by_a = checkpoint(2, &[&longer[3], &b[2]]);
    let report = verified(&[(A, &longer), (B, &b)], vec![first.clone(), by_a.clone()]);
    assert!(report.holds(), "{report:?}");
    assert_eq!(report.unproven, 0);
    let report = verified(&[(A, &longer), (B, &b[..2])], vec![first, by_a]);
    assert_eq!(faults(&report), [(of_link(B, 3), GONE)]);
}

#[test]
fn a_process_signs_all_chains_at_first_and_then_those_that_have_grown() {
    let (a, b, _) = two();
    let heads = vec![b[1].clone(), a[2].clone()];
    let ids = |signed: &[(Id, i64)]| {
        let signed = signed.iter().copied().collect();
        grown(heads.clone(), &signed).iter().map(|head| head.chain).collect::<Vec<_>>()
    };
    assert_eq!(ids(&[]), [A, B]);
    assert_eq!(ids(&[(A, 2), (B, 2)]), [A]);
    assert_eq!(ids(&[(A, 3)]), [B], "one that began since");
    assert_eq!(ids(&[(A, 3), (B, 2)]), [] as [Id; 0]);
}

#[test]
fn what_grew_no_more_need_not_be_signed_again() {
    let (mut a, b, first) = two();
    a.push(link(A, &a, 9, &entry(9)));
    let second = checkpoint(2, &[&a[3]]);
    let report = verified(&[(A, &a), (B, &b)], vec![first.clone(), second.clone()]);
    assert!(report.holds(), "{report:?}");
    assert_eq!(report.unproven, 0);
    let report = verified(&[(A, &a), (B, &b[..1])], vec![first.clone(), second.clone()]);
    assert_eq!(faults(&report), [(of_link(B, 2), GONE)]);
    // Whoever takes the line away that spoke of it is found out by the line itself.
    let report = verified(&[(A, &a), (B, &b[..1])], vec![second]);
    assert_eq!(told(&report), ["signed, and missing from the file"]);
}

#[test]
fn a_chain_passed_off_as_another_is_found() {
    let (a, b, signed) = two();
    let renamed = |links: &[AuditLink], chain: Id| {
        links.iter().map(|link| AuditLink { chain, ..link.clone() }).collect::<Vec<_>>()
    };
    let (as_b, as_a) = (renamed(&a, B), renamed(&b, A));
    let found = faults(&verified(&[(A, &as_a), (B, &as_b)], Vec::new()));
    assert_eq!(found, [(of_link(A, 1), NO_FOLLOWER), (of_link(B, 1), NO_FOLLOWER)]);
    let found = faults(&verified(&[(A, &a), (B, &as_b)], vec![signed]));
    assert_eq!(found, [(of_link(B, 1), NO_FOLLOWER), (of_link(B, 2), OTHER)]);
    // Hashed anew for the other name, it holds in itself, and contradicts what was signed.
    let anew = chain_at(B, [1, 4, 5]);
    assert!(verified(&[(B, &anew)], Vec::new()).holds());
    assert_eq!(faults(&verified(&[(A, &a), (B, &anew)], vec![two().2])), [(of_link(B, 2), OTHER)]);
}

#[test]
fn a_chain_that_was_taken_away_is_found_by_the_checkpoint_of_another() {
    let (a, _, signed) = two();
    let report = verified(&[(A, &a)], vec![signed]);
    assert_eq!(faults(&report), [(of_link(B, 2), GONE)]);
    assert_eq!(report.chains.len(), 2, "also the one that is gone");
}

#[test]
fn links_moved_between_chains_or_reordered_are_found() {
    let (a, b, signed) = two();
    let mut longer = b.clone();
    longer.push(AuditLink { chain: B, ..a[2].clone() });
    let found = faults(&verified(&[(A, &a[..2]), (B, &longer)], vec![signed.clone()]));
    assert_eq!(found, [(of_link(A, 3), GONE), (of_link(B, 3), NO_FOLLOWER)]);
    let mut reordered = a.clone();
    reordered.swap(0, 1);
    (reordered[0].sequence, reordered[1].sequence) = (1, 2);
    assert!(!verified(&[(A, &reordered), (B, &b)], vec![signed.clone()]).holds());
    let mut rewritten = b.clone();
    rewritten[0] = link(B, &[], 2, &Entry { actor: "nobody".to_owned(), ..entry(2) });
    let report = verified(&[(A, &a), (B, &rewritten)], vec![signed]);
    assert_eq!(faults(&report), [(of_link(B, 2), NO_FOLLOWER)]);
}
