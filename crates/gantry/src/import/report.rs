//! What an import did, or would do.

use std::collections::BTreeMap;
use std::sync::Arc;

use gantry_engine::import::{ImportReport, Outcome};
use gantry_notice::Reason;
use serde_json::json;

use crate::failure::Failure;
use crate::output::{Output, Rows, counted, print_line, print_prose, print_table, remark, some};

use super::fault::RowFault;
use super::files::InputFile;

/// So many faults are shown to people; programs get all.
const SHOWN: usize = 100;

/// What is found and done in a pass. It names nobody.
#[derive(Clone, Debug)]
pub(super) struct Report {
    files: Vec<OfFile>,
    pub(super) rows: u64,
    pub(super) fault_count: u64,
    rejected_rows: u64,
    faults: Vec<RowFault>,
    all_faults: bool,
    skipped: BTreeMap<Arc<str>, u64>,
    pub(super) shared_mailboxes: u64,
    /// Rows that name no person.
    pub(super) nobody: u64,
    done: ImportReport,
    pub(super) rejects: Vec<String>,
    pub(super) dry_run: bool,
    pub(super) kept: bool,
}

#[derive(Clone, Debug)]
struct OfFile {
    name: String,
    map: String,
    not_stored: Vec<Arc<str>>,
}

impl Report {
    pub(super) fn new(files: &[InputFile], all_faults: bool) -> Report {
        let of_file = |file: &InputFile| OfFile {
            name: file.name(),
            map: file.map.name().to_owned(),
            not_stored: Vec::new(),
        };
        Report {
            files: files.iter().map(of_file).collect(),
            rows: 0,
            fault_count: 0,
            rejected_rows: 0,
            faults: Vec::new(),
            all_faults,
            skipped: BTreeMap::new(),
            shared_mailboxes: 0,
            nobody: 0,
            done: ImportReport::default(),
            rejects: Vec::new(),
            dry_run: false,
            kept: false,
        }
    }

    /// Notes a bad row.
    pub(super) fn reject(&mut self, faults: Vec<RowFault>) {
        self.rejected_rows += 1;
        self.fault_count += u64::try_from(faults.len()).unwrap_or(0);
        let most = if self.all_faults { usize::MAX } else { SHOWN };
        let room = most.saturating_sub(self.faults.len());
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

    /// Notes what the engine did.
    pub(super) fn found(&mut self, done: &ImportReport) {
        self.done.clone_from(done);
    }

    pub(super) fn print(&self, out: Output) -> Result<(), Failure> {
        if out.is_json() { self.print_json(out) } else { self.print_text() }
    }

    fn print_json(&self, out: Output) -> Result<(), Failure> {
        let files = self.files.iter().map(|file| {
            json!({ "file": file.name, "map": file.map, "columns_not_stored": file.not_stored.iter().map(|column| &**column).collect::<Vec<_>>() })
        });
        let skipped: BTreeMap<&str, u64> =
            self.skipped.iter().map(|(because, count)| (&**because, *count)).collect();
        out.value(&json!({
            "kept": self.kept,
            "dry_run": self.dry_run,
            "files": files.collect::<Vec<_>>(),
            "rows": self.rows,
            "contacts": self.done.contacts,
            "records": self.done.records,
            "objects": self.done.objects,
            "refused": self.done.refused,
            "said": self.done.said,
            "companies_met": self.done.companies_met,
            "erased_before": self.done.erased_before,
            "unresolved": self.done.unresolved,
            "skipped": skipped,
            "shared_mailboxes": self.shared_mailboxes,
            "nobody": self.nobody,
            "rejected_rows": self.rejected_rows,
            "fault_count": self.fault_count,
            "faults": self.faults,
            "rejects": self.rejects,
        }))
    }

    fn print_text(&self) -> Result<(), Failure> {
        let rows = self.rows;
        let head = match (self.kept, self.dry_run, self.rejected_rows) {
            (true, _, 0) => format!("imported {}", counted(rows, "row")),
            (true, _, bad) => {
                format!("imported {} of {}; {bad} bad", rows - bad, counted(rows, "row"))
            }
            (false, true, bad) if self.is_empty() => {
                let bad = if bad > 0 { format!("{bad} bad, and ") } else { String::new() };
                format!(
                    "looked at {} and wrote nothing: {bad}nothing to be added or changed",
                    counted(rows, "row")
                )
            }
            (false, true, 0) => {
                format!("looked at {} and wrote nothing; it would be:", counted(rows, "row"))
            }
            (false, true, bad) => format!(
                "looked at {} and wrote nothing; {bad} bad, the others would be:",
                counted(rows, "row")
            ),
            (false, false, bad) => format!("kept nothing: {bad} of {} bad", counted(rows, "row")),
        };
        print_line(&head)?;
        if self.kept || self.dry_run {
            self.print_done()?;
        }
        for file in &self.rejects {
            print_line(&format!("the bad rows are in `{file}`"))?;
        }
        self.print_faults();
        Ok(())
    }

    /// Whether nothing was met that is added, changed or there.
    fn is_empty(&self) -> bool {
        let done = &self.done;
        let all = [&done.contacts, &done.records].into_iter().chain(done.objects.values());
        all.map(|outcome| outcome.added + outcome.changed + outcome.unchanged).sum::<u64>() == 0
    }

    fn print_done(&self) -> Result<(), Failure> {
        let done = &self.done;
        let mut rows = Rows::new(&["", "added", "changed", "unchanged"]).numbers(&[1, 2, 3]);
        let mut add = |name: &str, outcome: &Outcome| {
            let Outcome { added, changed, unchanged } = outcome;
            if added + changed + unchanged > 0 {
                let numbers = [added, changed, unchanged].map(ToString::to_string);
                rows.add([name.to_owned()].into_iter().chain(numbers));
            }
        };
        add("contacts", &done.contacts);
        add("records", &done.records);
        for (kind, outcome) in &done.objects {
            add(kind, outcome);
        }
        print_table(&rows)?;
        for file in self.files.iter().filter(|file| !file.not_stored.is_empty()) {
            let columns = some(&file.not_stored);
            print_prose(&format!(
                "not stored of `{}`, since no rule maps it: {columns}",
                file.name
            ))?;
        }
        counts("the notice does not let in", &in_words(&done.refused))?;
        counts("contacts said", &done.said)?;
        for (kind, count) in &done.unresolved {
            let (rows, verb) = if *count == 1 { ("row", "names") } else { ("rows", "name") };
            let article = if kind.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
            print_line(&format!("{count} {rows} {verb} {article} {kind} that is not there"))?;
        }
        counts("left out", &self.skipped)?;
        if self.shared_mailboxes > 0 {
            let count = self.shared_mailboxes;
            print_line(&format!("shared mailboxes, which are no person's: {count}"))?;
        }
        if self.nobody > 0 {
            let count = self.nobody;
            print_line(&format!("rows that name no person: {count}"))?;
        }
        if done.companies_met > 0 {
            let count = done.companies_met;
            print_line(&format!("new companies with a number that another one has: {count}"))?;
        }
        if done.erased_before > 0 {
            let count = done.erased_before;
            print_line(&format!("erased before, and not started again: {count}"))?;
        }
        Ok(())
    }

    /// The faults go to standard error: they are not what was imported.
    fn print_faults(&self) {
        if self.faults.is_empty() {
            return;
        }
        let mut rows = Rows::new(&["file", "row", "column", "fault"]).numbers(&[1]);
        for fault in self.faults.iter().take(SHOWN) {
            let column = fault.column.clone().or_else(|| fault.field.clone()).unwrap_or_default();
            rows.add([fault.file.clone(), fault.row.to_string(), column, fault.reason.clone()]);
        }
        remark(&rows.to_text(None));
        let more = self.fault_count.saturating_sub(u64::try_from(SHOWN).unwrap_or(u64::MAX));
        if more > 0 {
            remark(&format!("and {more} more; `--json` lists all"));
        }
        if !self.kept && !self.dry_run {
            remark("hint: mend the rows, or keep the others with `--keep-good`");
        }
    }
}

/// What was refused, with the notice's words for the reason.
fn in_words(refused: &BTreeMap<String, u64>) -> BTreeMap<String, u64> {
    let worded = refused.iter().map(|(key, count)| {
        let split = key.rsplit_once(": ");
        let reason = split.and_then(|(_, id)| Reason::ALL.into_iter().find(|one| one.id() == id));
        let words = match (split, reason) {
            (Some((what, _)), Some(reason)) => format!("{what}: {}", reason.words()),
            _ => key.clone(),
        };
        (words, *count)
    });
    worded.collect()
}

fn counts<K: AsRef<str>>(what: &str, counts: &BTreeMap<K, u64>) -> Result<(), Failure> {
    if counts.is_empty() {
        return Ok(());
    }
    print_line(&format!("{what}:"))?;
    for (name, count) in counts {
        print_line(&format!("  {count} {}", name.as_ref()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_refused_is_told_in_the_words_of_the_notice() {
        let refused = ["contact: channel-not-opened", "contact: says nothing of a person"];
        let worded = in_words(&refused.map(|key| (key.to_owned(), 1)).into());
        let said: Vec<&str> = worded.keys().map(String::as_str).collect();
        let words = format!("contact: {}", Reason::ChannelNotOpened.words());
        assert!(said.contains(&&*words) && said.contains(&refused[1]), "{said:?}");
    }
}
