//! What files of checkpoints state, and whether all that was ever stated is there.

use std::collections::BTreeMap;
use std::path::Path;

use gantry_store::Id;
use gantry_vault::PublicKey;

use crate::audit::checkpoint::{Checkpoint, Hash};
use crate::audit::error::AuditError;
use crate::audit::memory::Remembered;
use crate::audit::report::{Report, Subject};

const NOT_GIVEN: &str = "signed, and the file was not given";
const NOT_GIVEN_HINT: &str = "every machine that works on the store writes a file of its own, and each line of it names its id: give all of them";
const MISSING: &str = "signed, and missing from the file";
const MISSING_HINT: &str =
    "a copy of a file, taken some time ago, lacks what was signed since: take a new one";

/// What was signed of one chain: links and their hashes.
pub(crate) type Signed = Vec<(i64, Hash)>;

/// What checkpoints state. The same line may come from several copies of a file.
#[derive(Default)]
pub(crate) struct Statements {
    chains: BTreeMap<Id, Signed>,
    /// The numbers of the checkpoints of each file.
    files: BTreeMap<Id, Vec<u64>>,
}

impl Statements {
    /// Takes the lines of a file; those that `key` did not sign for the store are faults.
    pub(crate) fn take(
        &mut self,
        path: &Path,
        lines: impl IntoIterator<Item = Result<Option<Checkpoint>, AuditError>>,
        store: &Id,
        key: &PublicKey,
        report: &mut Report,
    ) -> Result<(), AuditError> {
        for (line, checkpoint) in (1..).zip(lines) {
            let about = || Subject::Line { path: path.to_owned(), line };
            let Some(checkpoint) = checkpoint? else {
                report.fault(about(), "it is no checkpoint that this program can read");
                continue;
            };
            let Some(links) = checkpoint.proven(store, key) else {
                report.fault(about(), "it was not signed by this key for this store");
                continue;
            };
            let place = checkpoint.place();
            self.files.entry(place.file).or_default().push(place.number);
            for (chain, sequence, hash) in links {
                self.chains.entry(chain).or_default().push((sequence, hash));
            }
        }
        Ok(())
    }

    /// What was signed of each chain, by link. Checkpoints that are missing, by their number or by
    /// what the store remembers, are faults.
    pub(crate) fn end(
        mut self,
        remembered: &[Remembered],
        report: &mut Report,
    ) -> BTreeMap<Id, Signed> {
        let known: BTreeMap<Id, &Remembered> =
            remembered.iter().map(|known| (known.file, known)).collect();
        for file in known.keys() {
            self.files.entry(*file).or_default();
        }
        for (file, mut numbers) in self.files {
            numbers.sort_unstable();
            numbers.dedup();
            report.checkpoints += u64::try_from(numbers.len()).unwrap_or(0);
            missing(file, &numbers, known.get(&file).copied(), report);
        }
        for signed in self.chains.values_mut() {
            signed.sort_unstable();
            signed.dedup();
        }
        self.chains
    }
}

/// Tells of the numbers that are missing between those that are there, and at the end.
fn missing(file: Id, numbers: &[u64], known: Option<&Remembered>, report: &mut Report) {
    if numbers.is_empty() && known.is_some() {
        report.not_given += 1;
    }
    let (what, hint) =
        if numbers.is_empty() { (NOT_GIVEN, NOT_GIVEN_HINT) } else { (MISSING, MISSING_HINT) };
    let since = known.map(|known| known.since);
    let end = known.map_or(0, |known| known.last).saturating_add(1);
    let mut first = 1;
    for &number in numbers.iter().chain([&end]) {
        if first < number {
            let about = Subject::Checkpoints { file, first, last: number - 1, since };
            // In the middle of a file it is no old copy that lacks a line.
            let hint = (number == end).then_some(hint);
            report.fault_with(about, what, hint);
        }
        first = first.max(number.saturating_add(1));
    }
}
