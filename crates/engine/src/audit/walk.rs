//! A walk along a chain: it is recomputed link by link, and held against what was signed of it.

use std::iter::Peekable;

use gantry_store::{AuditLink, Id, beginning};
use gantry_vault::link_hash;

use crate::audit::checkpoint::Hash;
use crate::audit::entry::decode;
use crate::audit::report::{Chain, Report, Subject};
use crate::audit::statements::Signed;

/// A walk along a chain, link by link.
pub(crate) struct Walk<'a> {
    /// The last link so far, and its hash.
    sequence: i64,
    hash: Hash,
    /// What was signed of links that are still to come.
    signed: Peekable<std::vec::IntoIter<(i64, Hash)>>,
    /// The last link that was found as it was signed.
    proven: i64,
    chain: Chain,
    report: &'a mut Report,
}

impl<'a> Walk<'a> {
    /// Along a chain of which that was `signed`, by rising sequence.
    pub(crate) fn new(chain: Id, signed: Signed, report: &'a mut Report) -> Walk<'a> {
        Walk {
            sequence: 0,
            hash: beginning(&chain),
            signed: signed.into_iter().peekable(),
            proven: 0,
            chain: Chain { id: chain, ..Chain::default() },
            report,
        }
    }

    /// The last link so far; 0 before the first.
    pub(crate) const fn reached(&self) -> i64 {
        self.sequence
    }

    /// Checks the next link. What comes after it is measured by it as it stands, so that one fault
    /// does not make all that follows look faulty.
    pub(crate) fn step(&mut self, link: &AuditLink) {
        self.check_place(link);
        self.check_content(link);
        self.check_signed(link);
        self.chain.links += 1;
        self.chain.first = self.chain.first.or(Some(link.at));
        self.chain.last = Some(link.at);
        (self.sequence, self.hash) = (link.sequence, link.hash);
    }

    fn check_place(&mut self, link: &AuditLink) {
        if link.sequence != self.sequence.saturating_add(1) {
            self.fault(link.sequence, "links before it are missing");
        }
        if link.previous != self.hash {
            self.fault(link.sequence, "it does not follow the link before it");
        }
    }

    fn check_content(&mut self, link: &AuditLink) {
        let hash = link_hash(&link.previous, link.sequence, link.at, link.entries, &link.body);
        if hash != link.hash {
            self.fault(link.sequence, "its content is not what it was");
        }
        let mut entries = 0;
        for entry in decode(&link.body) {
            match entry {
                Ok(_) => entries += 1,
                Err(_) => self.fault(link.sequence, "it holds bytes that are no entry"),
            }
        }
        if entries != link.entries {
            self.fault(link.sequence, "it does not hold as many entries as it says");
        }
        self.chain.entries += u64::from(entries);
    }

    fn check_signed(&mut self, link: &AuditLink) {
        while let Some((sequence, hash)) = self.signed.next_if(|(next, _)| *next <= link.sequence) {
            if sequence < link.sequence {
                self.gone(sequence);
            } else if hash == link.hash {
                self.proven = sequence;
            } else {
                self.fault(sequence, "the link is not the one that was signed");
            }
        }
    }

    /// After the last link: what was signed and did not come is missing.
    pub(crate) fn end(mut self) {
        while let Some((sequence, _)) = self.signed.next() {
            self.gone(sequence);
        }
        let unproven = self.sequence.saturating_sub(self.proven);
        self.chain.unproven = u64::try_from(unproven).unwrap_or(0);
        self.report.add(self.chain);
    }

    fn gone(&mut self, sequence: i64) {
        self.fault(sequence, "the link was signed, and is gone");
    }

    fn fault(&mut self, sequence: i64, what: &'static str) {
        self.report.fault(Subject::Link { chain: self.chain.id, sequence }, what);
    }
}
