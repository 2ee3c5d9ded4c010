//! Passes over files: rows become drafts, and drafts go to the engine in batches.
//!
//! A first pass looks and writes nothing; a second writes what is good. A bad row keeps everything out
//! unless the good ones are to be kept.

use gantry_intake::{Draft, FileError, Header, Mapped, MappedFile, Mapper, Row, Source};

use super::fault::{Columns, RowFault};
use super::findings::Findings;
use super::{Import, ROWS};
use crate::error::EngineError;
use crate::session::Identified;

/// Whoever has passes made: hears how far they are, is given the bad rows, and may stop them by an
/// error, after which nothing of the pass stays.
pub trait Onlooker {
    /// What stops a pass.
    type Error: From<EngineError> + From<FileError>;

    /// So many rows are read. Asked between batches.
    fn reached(&mut self, rows: u64) -> Result<(), Self::Error>;

    /// Bad rows that follow are of that file.
    fn opened(&mut self, file: usize, header: &Header) -> Result<(), Self::Error>;

    /// A bad row: its cells as they were, and what is wrong with it.
    fn rejected<'a>(
        &mut self,
        cells: impl Iterator<Item = &'a str>,
        faults: &[RowFault],
    ) -> Result<(), Self::Error>;

    /// All rows are taken; what they came to is made visible next, and can no longer be stopped.
    fn publishing(&mut self) -> Result<(), Self::Error>;
}

/// Rows that are to be taken together, with what they were drafted from.
#[derive(Default)]
struct Batch {
    drafts: Vec<Draft>,
    rows: Vec<Row>,
}

impl Identified {
    /// Looks at all rows of files from a source and writes nothing. At most so many faults are kept
    /// one by one.
    pub async fn look_at_files<O: Onlooker>(
        &self,
        source: &str,
        files: &[MappedFile],
        most_faults: usize,
        onlooker: &mut O,
    ) -> Result<Findings, O::Error> {
        let mut import = self.import(source, true).await?;
        let mut pass = Pass { onlooker, found: Findings::new(files, most_faults) };
        pass.over(&mut import, files).await?;
        pass.found.done.clone_from(import.report());
        Ok(pass.found)
    }

    /// Writes the good rows of files from a source. Where some are bad, nothing is kept unless
    /// `keep_good`.
    pub async fn import_files<O: Onlooker>(
        &self,
        source: &str,
        files: &[MappedFile],
        most_faults: usize,
        keep_good: bool,
        onlooker: &mut O,
    ) -> Result<Findings, O::Error> {
        let mut import = self.import(source, false).await?;
        let mut pass = Pass { onlooker, found: Findings::new(files, most_faults) };
        let mut passed = pass.over(&mut import, files).await;
        let keep = keep_good || pass.found.fault_count == 0;
        if passed.is_ok() && keep {
            passed = pass.onlooker.publishing();
        }
        let mut found = pass.found;
        if let Err(stopped) = passed {
            import.abandon().await?;
            return Err(stopped);
        }
        if keep {
            found.done = import.finish().await?;
            found.kept = true;
        } else {
            import.abandon().await?;
        }
        Ok(found)
    }
}

/// A pass under way.
struct Pass<'o, O> {
    onlooker: &'o mut O,
    found: Findings,
}

impl<O: Onlooker> Pass<'_, O> {
    /// Takes all rows of all files; what is wrong goes to the findings and to the onlooker.
    async fn over(
        &mut self,
        import: &mut Import<'_>,
        files: &[MappedFile],
    ) -> Result<(), O::Error> {
        for (at, file) in files.iter().enumerate() {
            let (mut source, mapper) = file.open()?;
            let columns = Columns::of(&file.map);
            self.onlooker.opened(at, source.header())?;
            let mut batch = Batch::default();
            loop {
                let more = self.fill(&mut batch, &mut source, &mapper)?;
                self.onlooker.reached(self.found.rows)?;
                // Where all rows are bad, nothing else would let others work.
                tokio::task::yield_now().await;
                self.take(import, &mut batch, &columns).await?;
                if !more {
                    break;
                }
            }
            self.found.not_stored(at, file.map.unmapped_columns(&source.columns_seen()));
        }
        Ok(())
    }

    /// Reads the rows of a batch. Says whether there may be more.
    fn fill(
        &mut self,
        batch: &mut Batch,
        source: &mut Source,
        mapper: &Mapper,
    ) -> Result<bool, O::Error> {
        for _ in 0..ROWS {
            let Some(row) = source.next() else { return Ok(false) };
            self.found.rows += 1;
            let row = match row {
                Ok(row) => row,
                Err(rejected) => {
                    let faults = vec![RowFault::of(&rejected.fault)];
                    self.reject(faults, rejected.cells.iter().map(String::as_str))?;
                    continue;
                }
            };
            match mapper.row(&row) {
                Ok(Mapped::Draft(draft)) => {
                    self.found.note_remarks(&draft);
                    batch.drafts.push(*draft);
                    batch.rows.push(row);
                }
                Ok(Mapped::Skipped(skip)) => self.found.skip(&skip.because),
                Err(faults) => {
                    let faults = faults.iter().map(RowFault::of).collect();
                    self.reject(faults, row.cells())?;
                }
            }
        }
        Ok(true)
    }

    async fn take(
        &mut self,
        import: &mut Import<'_>,
        batch: &mut Batch,
        columns: &Columns,
    ) -> Result<(), O::Error> {
        for bad in import.take(&batch.drafts).await? {
            let Some(row) = batch.rows.get(bad.index) else { continue };
            let place = |fault| columns.place(&row.position, fault);
            self.reject(bad.faults.iter().map(place).collect(), row.cells())?;
        }
        batch.drafts.clear();
        batch.rows.clear();
        Ok(())
    }

    fn reject<'a>(
        &mut self,
        faults: Vec<RowFault>,
        cells: impl Iterator<Item = &'a str>,
    ) -> Result<(), O::Error> {
        self.onlooker.rejected(cells, &faults)?;
        self.found.reject(faults);
        Ok(())
    }
}
