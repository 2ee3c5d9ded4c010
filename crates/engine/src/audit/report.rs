//! What verifying found.

use std::path::PathBuf;

use gantry_store::Id;

/// At most this many faults are told; the rest are counted.
const MAX_FAULTS: usize = 100;

/// What verifying found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Each chain, by id; also one that is gone and was signed.
    pub chains: Vec<Chain>,
    /// Links in all of them.
    pub links: u64,
    /// Entries in them.
    pub entries: u64,
    /// When the earliest link was written, in milliseconds since 1970 (UTC).
    pub first: Option<i64>,
    /// When the latest was.
    pub last: Option<i64>,
    /// Checkpoints that were given and whose signature holds.
    pub checkpoints: u64,
    /// Links after the last one of their chain that was signed and found as it was: nothing outside
    /// the store speaks for them yet.
    pub unproven: u64,
    /// What is wrong, in the order found; the first hundred.
    pub faults: Vec<Fault>,
    /// How many faults there are.
    pub fault_count: u64,
    /// How many of them are files of checkpoints that were not given, so that nobody knows what they
    /// would say.
    pub not_given: u64,
}

/// What was found in one chain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chain {
    /// The chain.
    pub id: Id,
    /// Its links.
    pub links: u64,
    /// Entries in them.
    pub entries: u64,
    /// When its first link was written, in milliseconds since 1970 (UTC).
    pub first: Option<i64>,
    /// When its last was.
    pub last: Option<i64>,
    /// Links that nothing outside the store speaks for yet.
    pub unproven: u64,
}

/// Something that is wrong with the trail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What it is about.
    pub about: Subject,
    /// What is wrong with it.
    pub what: &'static str,
    /// What can be done.
    pub hint: Option<&'static str>,
}

/// What a fault is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A link.
    Link {
        /// Its chain.
        chain: Id,
        /// Which of the chain's.
        sequence: i64,
    },
    /// A line of a file of checkpoints.
    Line {
        /// The file.
        path: PathBuf,
        /// Which line, from 1.
        line: u64,
    },
    /// Checkpoints that are not where they were written to.
    Checkpoints {
        /// The file's id, which each of its lines names.
        file: Id,
        /// The number of the first that is missing.
        first: u64,
        /// The number of the last.
        last: u64,
        /// When the first checkpoint of the file was signed, as the store remembers it.
        since: Option<i64>,
    },
}

impl Report {
    /// Whether nothing is wrong.
    pub const fn holds(&self) -> bool {
        self.fault_count == 0
    }

    /// Whether nothing is wrong with what was given, though not all was.
    pub const fn holds_as_given(&self) -> bool {
        self.fault_count == self.not_given
    }

    pub(crate) fn fault(&mut self, about: Subject, what: &'static str) {
        self.fault_with(about, what, None);
    }

    pub(crate) fn fault_with(
        &mut self,
        about: Subject,
        what: &'static str,
        hint: Option<&'static str>,
    ) {
        self.fault_count += 1;
        if self.faults.len() < MAX_FAULTS {
            self.faults.push(Fault { about, what, hint });
        }
    }

    /// Adds what was found in a chain.
    pub(crate) fn add(&mut self, chain: Chain) {
        self.links += chain.links;
        self.entries += chain.entries;
        self.unproven += chain.unproven;
        self.first = self.first.into_iter().chain(chain.first).min();
        self.last = self.last.into_iter().chain(chain.last).max();
        self.chains.push(chain);
    }
}
