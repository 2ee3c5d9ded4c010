//! Work on an upload that goes on while its owner looks elsewhere.
//!
//! It runs under the session of whoever began it. It ends with the process, and then nothing of it
//! stays: what an import writes is seen by nobody before the import is done.

use std::io::{self, Write as _};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Bytes;
use axum::response::Response;
use gantry_engine::import::{FileError, Header, MappedFile, Onlooker, Rejects, RowFault};
use gantry_engine::{Clock, EngineError, Identified};

use super::upload::{Done, NotNow, Step, Upload};
use crate::console::door::{Posted, Room};
use crate::page::{Failure, see};
use crate::problem::{Kind as ProblemKind, Problem};

/// So many faults are told one by one; the others are counted.
const TOLD_FAULTS: usize = 100;
/// What tells spreadsheets that a file is UTF-8.
const MARK: &[u8] = b"\xEF\xBB\xBF";

/// Work on an upload.
pub(super) struct Job {
    kind: Kind,
    /// Rejects have at most so many bytes, and a row. What is mended and imported again brings the
    /// others to light.
    most_rejects: usize,
    rows: AtomicU64,
    phase: Mutex<Phase>,
}

/// What is done.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    /// A look at all rows.
    Look,
    /// A run over so many rows, that keeps the good ones where some are bad, or none.
    Run { rows: u64, keep_good: bool },
}

impl Kind {
    /// Whether it stores what it finds.
    pub(super) fn stores(self) -> bool {
        matches!(self, Kind::Run { .. })
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Going,
    Stopped,
    /// It is being made visible, and can no longer be stopped.
    Publishing,
}

/// Why work came to nothing.
enum Fallen {
    Engine(EngineError),
    File(FileError),
    Rejects(io::Error),
    Stopped,
}

/// Whoever waits for a job.
struct Waiting {
    job: Arc<Job>,
    header: Option<Header>,
    rejects: Option<Rejects<Vec<u8>>>,
    size: usize,
    not_kept: u64,
    /// The rejects, once all are there.
    kept: Option<Bytes>,
}

/// Looks at all rows, and writes nothing.
pub(crate) async fn check(room: Room, posted: Posted) -> Result<Response, Failure> {
    posted.by(&room.who)?;
    begin(room, Kind::Look)
}

/// Stores the rows that were looked at.
pub(crate) async fn run(room: Room, posted: Posted) -> Result<Response, Failure> {
    let form = posted.by(&room.who)?;
    let upload = room.shell.uploads.named_by(&room)?;
    let rows = match upload.step() {
        Step::Looked(found) => found.rows,
        _ => 0,
    };
    begin(room, Kind::Run { rows, keep_good: form.get("keep") == "good" })
}

/// Begins, and goes to where it shows. What is under way already goes on.
fn begin(room: Room, kind: Kind) -> Result<Response, Failure> {
    let upload = room.shell.uploads.named_by(&room)?;
    let clock = room.shell.engine.clock().clone();
    let session = room.session.into_identified()?;
    match upload.begin(kind) {
        Ok((mapped, job)) => {
            tokio::spawn(work(session, Arc::clone(&upload), mapped, job, clock));
        }
        Err(NotNow::Working | NotNow::NotYet) => {}
    }
    Ok(see(upload.path.clone()))
}

async fn work(
    session: Identified,
    upload: Arc<Upload>,
    mapped: MappedFile,
    job: Arc<Job>,
    clock: Clock,
) {
    let source = upload.source.clone();
    // A task of its own, so that the upload hears of its end, whatever that is.
    let worked = tokio::spawn(async move { job.work(&session, &source, mapped).await }).await;
    let step = worked.unwrap_or_else(|_| {
        let why = "The work broke off on our side. Nothing was stored.";
        Step::Failed(why.to_owned())
    });
    upload.end(step, clock.now());
}

impl Job {
    pub(super) fn new(kind: Kind, most_rejects: usize) -> Job {
        let (rows, phase) = (AtomicU64::new(0), Mutex::new(Phase::Going));
        Job { kind, most_rejects, rows, phase }
    }

    /// Whether it stores what it finds.
    pub(super) fn stores(&self) -> bool {
        self.kind.stores()
    }

    /// Rows that are done, and of how many, where that is known.
    pub(super) fn rows(&self) -> (u64, Option<u64>) {
        let of = match self.kind {
            Kind::Look => None,
            Kind::Run { rows, .. } => Some(rows),
        };
        (self.rows.load(Ordering::Relaxed), of)
    }

    /// Whether it can still be stopped.
    pub(super) fn can_stop(&self) -> bool {
        *self.phase() != Phase::Publishing
    }

    /// Stops it. Says whether it could be stopped.
    pub(super) fn stop(&self) -> bool {
        let mut phase = self.phase();
        if *phase == Phase::Going {
            *phase = Phase::Stopped;
        }
        *phase == Phase::Stopped
    }

    fn phase(&self) -> std::sync::MutexGuard<'_, Phase> {
        self.phase.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn work(self: Arc<Job>, session: &Identified, source: &str, file: MappedFile) -> Step {
        let files = [file];
        let mut waiting = Waiting {
            job: Arc::clone(&self),
            header: None,
            rejects: None,
            size: 0,
            not_kept: 0,
            kept: None,
        };
        let found = match self.kind {
            Kind::Look => session.look_at_files(source, &files, TOLD_FAULTS, &mut waiting).await,
            Kind::Run { keep_good, .. } => {
                let (most, waiting) = (TOLD_FAULTS, &mut waiting);
                session.import_files(source, &files, most, keep_good, waiting).await
            }
        };
        match found {
            Ok(found) if found.kept => {
                Step::Done(Arc::new(Done::new(found, waiting.kept, waiting.not_kept)))
            }
            Ok(found) => Step::Looked(Arc::new(found)),
            Err(fallen) => Step::Failed(told(fallen)),
        }
    }
}

impl Onlooker for Waiting {
    type Error = Fallen;

    fn reached(&mut self, rows: u64) -> Result<(), Fallen> {
        self.job.rows.store(rows, Ordering::Relaxed);
        if *self.job.phase() == Phase::Stopped { Err(Fallen::Stopped) } else { Ok(()) }
    }

    fn opened(&mut self, _: usize, header: &Header) -> Result<(), Fallen> {
        self.header = Some(header.clone());
        Ok(())
    }

    fn rejected<'a>(
        &mut self,
        cells: impl Iterator<Item = &'a str>,
        faults: &[RowFault],
    ) -> Result<(), Fallen> {
        if !self.job.stores() {
            return Ok(());
        }
        if self.size >= self.job.most_rejects {
            self.not_kept += 1;
            return Ok(());
        }
        let mut rejects = match (self.rejects.take(), &self.header) {
            (Some(rejects), _) => rejects,
            (None, Some(header)) => {
                Rejects::guarded(MARK.to_vec(), header).map_err(Fallen::Rejects)?
            }
            (None, None) => return Ok(()),
        };
        let what: Vec<String> = faults.iter().map(RowFault::in_row).collect();
        let what = what.join("; ");
        let mut size = what.len();
        // Quotation marks and a comma stand around each.
        let cells = cells.inspect(|cell| size += cell.len() + 3);
        rejects.row(cells, &what).map_err(Fallen::Rejects)?;
        self.size += size;
        self.rejects = Some(rejects);
        Ok(())
    }

    fn publishing(&mut self) -> Result<(), Fallen> {
        let rejects = self.rejects.take().map(Rejects::finish).transpose();
        self.kept = rejects.map_err(Fallen::Rejects)?.map(Bytes::from);
        let mut phase = self.job.phase();
        if *phase == Phase::Stopped {
            return Err(Fallen::Stopped);
        }
        *phase = Phase::Publishing;
        Ok(())
    }
}

impl From<EngineError> for Fallen {
    fn from(error: EngineError) -> Fallen {
        Fallen::Engine(error)
    }
}

impl From<FileError> for Fallen {
    fn from(error: FileError) -> Fallen {
        Fallen::File(error)
    }
}

/// Why it came to nothing, for its owner; and for the log, where that is the operator's business.
fn told(fallen: Fallen) -> String {
    let error = match fallen {
        Fallen::Stopped => return "It was stopped. Nothing was stored.".to_owned(),
        Fallen::File(error) => return format!("Nothing was stored: {error}."),
        Fallen::Rejects(cause) => {
            log(&cause.to_string());
            return "Nothing was stored: the bad rows could not be kept for you.".to_owned();
        }
        Fallen::Engine(error) => error,
    };
    let mut problem = Problem::from(error);
    if let Some(cause) = problem.take_cause() {
        log(&cause);
    }
    let faults = problem.errors().iter().map(|one| format!("{}: {}", one.field, one.fault));
    let why = match problem.kind() {
        // It may have failed after it was stored.
        ProblemKind::Failed => {
            return "Something failed on our side. Look at what is there before you import it again."
                .to_owned();
        }
        ProblemKind::Conflict => {
            "somebody else has changed what it is about, or imports from the same source; try again"
                .to_owned()
        }
        ProblemKind::Invalid => faults.collect::<Vec<_>>().join("; "),
        _ => problem.detail().to_owned(),
    };
    format!("Nothing was stored: {why}.")
}

fn log(cause: &str) {
    // A log that cannot be written is no reason to fail.
    let _ = writeln!(io::stderr().lock(), "import: {}", cause.replace('\n', " "));
}
