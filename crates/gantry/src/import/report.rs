//! What an import did, or would do.

use std::collections::BTreeMap;

use gantry_engine::import::{Findings, Outcome};
use serde_json::json;

use crate::failure::Failure;
use crate::output::{Output, Rows, counted, print_line, print_prose, print_table, remark, some};

/// So many faults are shown to people; programs get all.
const SHOWN: usize = 100;

/// What is found and done, and how it is told.
#[derive(Clone, Debug)]
pub(super) struct Report {
    pub(super) found: Findings,
    pub(super) rejects: Vec<String>,
    pub(super) dry_run: bool,
}

/// So many faults are to be kept one by one.
pub(super) fn most_faults(out: Output) -> usize {
    if out.is_json() { usize::MAX } else { SHOWN }
}

impl Report {
    pub(super) fn of(found: Findings) -> Report {
        Report { found, rejects: Vec::new(), dry_run: false }
    }

    pub(super) fn print(&self, out: Output) -> Result<(), Failure> {
        if out.is_json() { self.print_json(out) } else { self.print_text() }
    }

    fn print_json(&self, out: Output) -> Result<(), Failure> {
        let (found, done) = (&self.found, &self.found.done);
        let files = found.files.iter().map(|file| {
            json!({ "file": file.name, "map": file.map, "columns_not_stored": file.not_stored.iter().map(|column| &**column).collect::<Vec<_>>() })
        });
        let skipped: BTreeMap<&str, u64> =
            found.skipped.iter().map(|(because, count)| (&**because, *count)).collect();
        out.value(&json!({
            "kept": found.kept,
            "dry_run": self.dry_run,
            "files": files.collect::<Vec<_>>(),
            "rows": found.rows,
            "contacts": done.contacts,
            "records": done.records,
            "objects": done.objects,
            "refused": done.refused,
            "said": done.said,
            "companies_known": done.companies_known,
            "companies_met": done.companies_met,
            "erased_before": done.erased_before,
            "unresolved": done.unresolved,
            "skipped": skipped,
            "shared_mailboxes": found.shared_mailboxes,
            "nobody": found.nobody,
            "rejected_rows": found.rejected_rows,
            "fault_count": found.fault_count,
            "faults": found.faults,
            "rejects": self.rejects,
        }))
    }

    fn print_text(&self) -> Result<(), Failure> {
        let found = &self.found;
        let rows = found.rows;
        let head = match (found.kept, self.dry_run, found.rejected_rows) {
            (true, _, 0) => format!("imported {}", counted(rows, "row")),
            (true, _, bad) => {
                format!("imported {} of {}; {bad} bad", rows - bad, counted(rows, "row"))
            }
            (false, true, bad) if found.is_empty() => {
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
        if found.kept || self.dry_run {
            self.print_done()?;
        }
        for file in &self.rejects {
            print_line(&format!("the bad rows are in `{file}`"))?;
        }
        self.print_faults();
        Ok(())
    }

    fn print_done(&self) -> Result<(), Failure> {
        let (found, done) = (&self.found, &self.found.done);
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
        for file in found.files.iter().filter(|file| !file.not_stored.is_empty()) {
            let columns = some(&file.not_stored);
            print_prose(&format!(
                "not stored of `{}`, since no rule maps it: {columns}",
                file.name
            ))?;
        }
        counts("the notice does not let in", &found.refused_in_words())?;
        counts("contacts said", &done.said)?;
        for (kind, count) in &done.unresolved {
            let (rows, verb) = if *count == 1 { ("row", "names") } else { ("rows", "name") };
            let article = if kind.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
            print_line(&format!("{count} {rows} {verb} {article} {kind} that is not there"))?;
        }
        counts("left out", &found.skipped)?;
        if found.shared_mailboxes > 0 {
            let count = found.shared_mailboxes;
            print_line(&format!("shared mailboxes, which are no person's: {count}"))?;
        }
        if found.nobody > 0 {
            let count = found.nobody;
            print_line(&format!("rows that name no person: {count}"))?;
        }
        if done.companies_known > 0 {
            let count = done.companies_known;
            print_line(&format!("companies that were there already, from elsewhere: {count}"))?;
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
        let found = &self.found;
        if found.faults.is_empty() {
            return;
        }
        let mut rows = Rows::new(&["file", "row", "column", "fault"]).numbers(&[1]);
        for fault in found.faults.iter().take(SHOWN) {
            let column = fault.column.clone().or_else(|| fault.field.clone()).unwrap_or_default();
            rows.add([fault.file.clone(), fault.row.to_string(), column, fault.reason.clone()]);
        }
        remark(&rows.to_text(None));
        let more = found.fault_count.saturating_sub(u64::try_from(SHOWN).unwrap_or(u64::MAX));
        if more > 0 {
            remark(&format!("and {more} more; `--json` lists all"));
        }
        if !found.kept && !self.dry_run {
            remark("hint: mend the rows, or keep the others with `--keep-good`");
        }
    }
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
