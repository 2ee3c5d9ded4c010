//! Whoever waits for an import at the command line: sees how far it is, gets the bad rows in a file,
//! and may stop it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use gantry_engine::import::{self, RowFault};
use gantry_intake::Header;

use crate::count::Count;
use crate::failure::Failure;

use super::rejects::Rejects;

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

/// Whoever waits for a pass.
pub(super) struct Onlooker<'s> {
    count: Count,
    rejects: Option<Rejects>,
    stop: &'s Stop,
    /// Files of rejects, once they are on disk.
    pub(super) written: Vec<String>,
}

impl<'s> Onlooker<'s> {
    pub(super) fn new(count: Count, rejects: Option<Rejects>, stop: &'s Stop) -> Onlooker<'s> {
        Onlooker { count, rejects, stop, written: Vec::new() }
    }

    /// The pass is over.
    pub(super) fn end(&self) {
        self.count.end();
    }
}

impl import::Onlooker for Onlooker<'_> {
    type Error = Failure;

    fn reached(&mut self, rows: u64) -> Result<(), Failure> {
        self.count.reached(rows);
        self.stop.check()
    }

    fn opened(&mut self, file: usize, header: &Header) -> Result<(), Failure> {
        self.rejects.as_mut().map_or(Ok(()), |rejects| rejects.begin(file, header))
    }

    fn rejected<'a>(
        &mut self,
        cells: impl Iterator<Item = &'a str>,
        faults: &[RowFault],
    ) -> Result<(), Failure> {
        self.rejects.as_mut().map_or(Ok(()), |rejects| rejects.write(cells, faults))
    }

    fn publishing(&mut self) -> Result<(), Failure> {
        self.count.end();
        if let Some(rejects) = self.rejects.take() {
            self.written = rejects.finish()?;
        }
        self.count = Count::waiting("making it visible");
        Ok(())
    }
}
