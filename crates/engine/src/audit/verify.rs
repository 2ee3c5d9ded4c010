//! Verifying: the chain is recomputed from its first link, and held against the checkpoints.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use gantry_store::{AuditLink, Id, ONE_CHAIN, Store};
use gantry_vault::{NO_LINK, PublicKey, link_hash};

use crate::audit::checkpoint::{self, Checkpoint};
use crate::audit::entry::decode;
use crate::audit::error::AuditError;

/// At most this many faults are told; the rest are counted.
const MAX_FAULTS: usize = 100;
/// Links read at once.
const PAGE: usize = 64;

/// What verifying found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Links in the chain.
    pub links: u64,
    /// Entries in them.
    pub entries: u64,
    /// When the first link was written, in milliseconds since 1970 (UTC).
    pub first: Option<i64>,
    /// When the last was.
    pub last: Option<i64>,
    /// Checkpoints whose signature holds and whose link was found as it was.
    pub checkpoints: u64,
    /// Links after the last such checkpoint: nothing outside the store speaks for them yet.
    pub unproven: u64,
    /// What is wrong, in the order found; the first hundred.
    pub faults: Vec<Fault>,
    /// How many faults there are.
    pub fault_count: u64,
}

/// Something that is wrong with the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The link it is about, or the line of the file of checkpoints where no link can be named.
    pub sequence: i64,
    /// What.
    pub what: &'static str,
}

impl Report {
    /// Whether nothing is wrong.
    pub const fn holds(&self) -> bool {
        self.fault_count == 0
    }

    fn fault(&mut self, sequence: i64, what: &'static str) {
        self.fault_count += 1;
        if self.faults.len() < MAX_FAULTS {
            self.faults.push(Fault { sequence, what });
        }
    }
}

/// Recomputes the chain of a store: sequence, hashes, entries; and holds it against the checkpoints
/// in a file, if one is given, that `key` must have signed for `store_id`.
pub async fn verify(
    store: &Store,
    store_id: &Id,
    checkpoints: Option<&Path>,
    key: &PublicKey,
) -> Result<Report, AuditError> {
    let mut report = Report::default();
    // The checkpoints first: the chain may grow meanwhile, and must hold what was signed before.
    let signed = match checkpoints {
        Some(path) => {
            // What the store remembers was on disk before it did.
            let last = checkpoint::remembered(store).await?;
            signed(checkpoint::read(path)?, last, store_id, key, &mut report)
        }
        None => BTreeMap::new(),
    };
    let mut walk = Walk::new(signed, report);
    loop {
        let links = store.audit_links(&ONE_CHAIN, walk.sequence, PAGE).await?;
        if links.is_empty() {
            return Ok(walk.end());
        }
        for link in &links {
            walk.step(link);
        }
    }
}

/// A walk along the chain, link by link.
pub(crate) struct Walk {
    /// The last link so far.
    sequence: i64,
    hash: [u8; 32],
    /// What was signed of links that are still to come.
    signed: Signed,
    /// The last link that was found as it was signed.
    proven: i64,
    report: Report,
}

impl Walk {
    pub(crate) fn new(signed: Signed, report: Report) -> Walk {
        Walk { sequence: 0, hash: NO_LINK, signed, proven: 0, report }
    }

    /// Checks the next link. What comes after it is measured by it as it stands, so that one fault
    /// does not make all that follows look faulty.
    pub(crate) fn step(&mut self, link: &AuditLink) {
        self.check_place(link);
        self.check_content(link);
        self.check_signed(link);
        self.report.links += 1;
        self.report.first = self.report.first.or(Some(link.at));
        self.report.last = Some(link.at);
        (self.sequence, self.hash) = (link.sequence, link.hash);
    }

    fn check_place(&mut self, link: &AuditLink) {
        if link.sequence != self.sequence.saturating_add(1) {
            self.report.fault(link.sequence, "links before it are missing");
        }
        if link.previous != self.hash {
            self.report.fault(link.sequence, "it does not follow the link before it");
        }
    }

    fn check_content(&mut self, link: &AuditLink) {
        let hash = link_hash(&link.previous, link.sequence, link.at, link.entries, &link.body);
        if hash != link.hash {
            self.report.fault(link.sequence, "its content is not what it was");
        }
        let mut entries = 0;
        for entry in decode(&link.body) {
            match entry {
                Ok(_) => entries += 1,
                Err(_) => self.report.fault(link.sequence, "it holds bytes that are no entry"),
            }
        }
        if entries != link.entries {
            self.report.fault(link.sequence, "it does not hold as many entries as it says");
        }
        self.report.entries += u64::from(entries);
    }

    fn check_signed(&mut self, link: &AuditLink) {
        for hash in self.signed.remove(&link.sequence).unwrap_or_default() {
            if hash == link.hash {
                self.report.checkpoints += 1;
                self.proven = link.sequence;
            } else {
                self.report.fault(link.sequence, "the link is not the one that was signed");
            }
        }
    }

    /// After the last link: what was signed and did not come is missing.
    pub(crate) fn end(mut self) -> Report {
        for sequence in self.signed.into_keys() {
            self.report.fault(sequence, "the link was signed, and is gone");
        }
        let unproven = self.sequence.saturating_sub(self.proven);
        self.report.unproven = u64::try_from(unproven).unwrap_or(0);
        self.report
    }
}

/// Hashes that were signed, by sequence.
pub(crate) type Signed = BTreeMap<i64, Vec<[u8; 32]>>;

/// What checkpoints prove, if `key` signed them for `store_id`. The one of link `last` must be there,
/// and those that the others came after.
pub(crate) fn signed(
    checkpoints: Vec<Option<Checkpoint>>,
    last: i64,
    store_id: &Id,
    key: &PublicKey,
    report: &mut Report,
) -> Signed {
    let mut signed = Signed::new();
    let mut expected = BTreeSet::from([last]);
    for (line, checkpoint) in (1..).zip(checkpoints) {
        let Some(checkpoint) = checkpoint else {
            report.fault(line, "a line of the checkpoints cannot be read");
            continue;
        };
        match checkpoint.proven(store_id, key) {
            Some(hash) => {
                expected.insert(checkpoint.after);
                signed.entry(checkpoint.sequence).or_default().push(hash);
            }
            None => report.fault(line, "a checkpoint was not signed by this key for this store"),
        }
    }
    for sequence in expected.into_iter().filter(|sequence| *sequence > 0) {
        if !signed.contains_key(&sequence) {
            report.fault(sequence, "the link was signed, and its checkpoint is missing");
        }
    }
    signed
}
