//! What a pass over files finds. It names nobody.

use std::collections::BTreeMap;
use std::sync::Arc;

use gantry_intake::{Draft, MappedFile, Remark};
use gantry_notice::Reason;

use super::fault::RowFault;
use super::report::ImportReport;

/// What a pass over files found, and what the engine did or would do.
#[derive(Clone, Debug)]
pub struct Findings {
    /// The files, in their order.
    pub files: Vec<OfFile>,
    /// Rows read.
    pub rows: u64,
    /// Faults in all.
    pub fault_count: u64,
    /// Rows with a fault.
    pub rejected_rows: u64,
    /// The first faults, as many as were asked for.
    pub faults: Vec<RowFault>,
    most_faults: usize,
    /// Rows that the map leaves out, by the map's reason.
    pub skipped: BTreeMap<Arc<str>, u64>,
    /// Addresses that are no person's.
    pub shared_mailboxes: u64,
    /// Rows that name no person.
    pub nobody: u64,
    /// What the engine did, or would do.
    pub done: ImportReport,
    /// Whether it is stored. If not, nothing is.
    pub kept: bool,
}

/// What is told of one file.
#[derive(Clone, Debug)]
pub struct OfFile {
    /// Its name as given.
    pub name: String,
    /// The name of its map.
    pub map: String,
    /// Columns of which nothing is stored, since no rule maps them.
    pub not_stored: Vec<Arc<str>>,
}

impl Findings {
    /// Nothing yet; at most so many faults are kept, and all are counted.
    pub fn new(files: &[MappedFile], most_faults: usize) -> Findings {
        let of_file = |mapped: &MappedFile| OfFile {
            name: mapped.file.name().to_owned(),
            map: mapped.map.name().to_owned(),
            not_stored: Vec::new(),
        };
        Findings {
            files: files.iter().map(of_file).collect(),
            rows: 0,
            fault_count: 0,
            rejected_rows: 0,
            faults: Vec::new(),
            most_faults,
            skipped: BTreeMap::new(),
            shared_mailboxes: 0,
            nobody: 0,
            done: ImportReport::default(),
            kept: false,
        }
    }

    /// Whether nothing was met that is added, changed or there.
    pub fn is_empty(&self) -> bool {
        let done = &self.done;
        let all = [&done.contacts, &done.records].into_iter().chain(done.objects.values());
        all.map(|outcome| outcome.added + outcome.changed + outcome.unchanged).sum::<u64>() == 0
    }

    /// What was refused and how often, with the notice's words for the reason.
    pub fn refused_in_words(&self) -> BTreeMap<String, u64> {
        let worded = self.done.refused.iter().map(|(key, count)| {
            let split = key.rsplit_once(": ");
            let reason =
                split.and_then(|(_, id)| Reason::ALL.into_iter().find(|one| one.id() == id));
            let words = match (split, reason) {
                (Some((what, _)), Some(reason)) => format!("{what}: {}", reason.words()),
                _ => key.clone(),
            };
            (words, *count)
        });
        worded.collect()
    }

    /// Notes a bad row.
    pub(super) fn reject(&mut self, faults: Vec<RowFault>) {
        self.rejected_rows += 1;
        self.fault_count += u64::try_from(faults.len()).unwrap_or(0);
        let room = self.most_faults.saturating_sub(self.faults.len());
        self.faults.extend(faults.into_iter().take(room));
    }

    /// Notes a row that the map leaves out.
    pub(super) fn skip(&mut self, because: &Arc<str>) {
        *self.skipped.entry(Arc::clone(because)).or_default() += 1;
    }

    /// Notes the columns of a file that nothing is stored of.
    pub(super) fn not_stored(&mut self, at: usize, columns: Vec<Arc<str>>) {
        if let Some(file) = self.files.get_mut(at) {
            file.not_stored = columns;
        }
    }

    pub(super) fn note_remarks(&mut self, draft: &Draft) {
        for remark in &draft.remarks {
            match remark {
                Remark::SharedMailbox { .. } => self.shared_mailboxes += 1,
                Remark::Nobody => self.nobody += 1,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_refused_is_told_in_the_words_of_the_notice() {
        let refused = ["contact: channel-not-opened", "contact: says nothing of a person"];
        let mut findings = Findings::new(&[], 0);
        findings.done.refused = refused.map(|key| (key.to_owned(), 1)).into();
        let worded = findings.refused_in_words();
        let said: Vec<&str> = worded.keys().map(String::as_str).collect();
        let words = format!("contact: {}", Reason::ChannelNotOpened.words());
        assert!(said.contains(&&*words) && said.contains(&refused[1]), "{said:?}");
    }
}
