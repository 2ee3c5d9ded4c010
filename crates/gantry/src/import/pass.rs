//! One pass over the files: rows become drafts, and drafts go to the engine in batches.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use gantry_engine::import::{Import, ROWS};
use gantry_intake::{Draft, Mapped, Mapper, Remark, Row, Source};

use crate::count::Count;
use crate::failure::Failure;

use super::fault::{Columns, RowFault};
use super::files::InputFile;
use super::rejects::Rejects;
use super::report::Report;

/// Whether somebody asked to stop.
#[derive(Clone, Debug, Default)]
pub(super) struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Set by SIGINT.
    pub(super) fn on_interrupt() -> Stop {
        let stop = Stop::default();
        let set = stop.clone();
        tokio::spawn(async move {
            if tokio::signal::ctrl_c().await.is_ok() {
                set.0.store(true, Ordering::Relaxed);
            }
        });
        stop
    }

    fn check(&self) -> Result<(), Failure> {
        if self.0.load(Ordering::Relaxed) {
            return Err(Failure::Failed("interrupted: nothing was kept".to_owned()));
        }
        Ok(())
    }
}

/// Rows that are to be taken together, with what they were drafted from.
#[derive(Default)]
struct Batch {
    drafts: Vec<Draft>,
    rows: Vec<Row>,
}

/// Takes all rows of all files; what is wrong goes to the report, and to the rejects, if they are
/// wanted.
pub(super) async fn run(
    import: &mut Import<'_>,
    files: &[InputFile],
    report: &mut Report,
    count: &mut Count,
    rejects: &mut Option<Rejects>,
    stop: &Stop,
) -> Result<(), Failure> {
    for (at, file) in files.iter().enumerate() {
        let (mut source, mapper) = file.open()?;
        let columns = Columns::of(&file.map);
        if let Some(rejects) = rejects {
            rejects.begin(at, source.header())?;
        }
        let mut batch = Batch::default();
        loop {
            stop.check()?;
            let more = fill(&mut batch, &mut source, &mapper, report, rejects)?;
            count.reached(report.rows);
            take(import, &mut batch, &columns, report, rejects).await?;
            if !more {
                break;
            }
        }
        report.not_stored(at, file.map.unmapped_columns(&source.columns_seen()));
    }
    Ok(())
}

/// Reads rows until the batch is full. Says whether there may be more.
fn fill(
    batch: &mut Batch,
    source: &mut Source,
    mapper: &Mapper,
    report: &mut Report,
    rejects: &mut Option<Rejects>,
) -> Result<bool, Failure> {
    while batch.drafts.len() < ROWS {
        let Some(row) = source.next() else { return Ok(false) };
        report.rows += 1;
        let row = match row {
            Ok(row) => row,
            Err(rejected) => {
                let faults = vec![RowFault::of(&rejected.fault)];
                reject(report, rejects, faults, rejected.cells.iter().map(String::as_str))?;
                continue;
            }
        };
        match mapper.row(&row) {
            Ok(Mapped::Draft(draft)) => {
                note_remarks(report, &draft);
                batch.drafts.push(*draft);
                batch.rows.push(row);
            }
            Ok(Mapped::Skipped(skip)) => report.skip(&skip.because),
            Err(faults) => {
                let faults = faults.iter().map(RowFault::of).collect();
                reject(report, rejects, faults, row.cells())?;
            }
        }
    }
    Ok(true)
}

async fn take(
    import: &mut Import<'_>,
    batch: &mut Batch,
    columns: &Columns,
    report: &mut Report,
    rejects: &mut Option<Rejects>,
) -> Result<(), Failure> {
    for bad in import.take(&batch.drafts).await? {
        let Some(row) = batch.rows.get(bad.index) else { continue };
        let faults = bad.faults.iter().map(|fault| columns.place(&row.position, fault)).collect();
        reject(report, rejects, faults, row.cells())?;
    }
    batch.drafts.clear();
    batch.rows.clear();
    Ok(())
}

fn reject<'a>(
    report: &mut Report,
    rejects: &mut Option<Rejects>,
    faults: Vec<RowFault>,
    cells: impl Iterator<Item = &'a str>,
) -> Result<(), Failure> {
    if let Some(rejects) = rejects {
        let what: Vec<String> = faults.iter().map(RowFault::in_row).collect();
        rejects.write(cells, &what.join("; "))?;
    }
    report.reject(faults);
    Ok(())
}

fn note_remarks(report: &mut Report, draft: &Draft) {
    for remark in &draft.remarks {
        match remark {
            Remark::SharedMailbox { .. } => report.shared_mailboxes += 1,
            Remark::Nobody => report.nobody += 1,
        }
    }
}
