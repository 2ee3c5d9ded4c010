//! An upload: a file in memory, who brought it and where to, and how far its import is.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::Bytes;
use gantry_engine::import::{Findings, InputFile, Map, MappedFile};
use uuid::Uuid;

use super::by_hand::Made;
use super::job::{Job, Kind};
use super::uploads::{KEPT, Place};
use crate::console::door::Room;

/// An upload.
pub(crate) struct Upload {
    pub(super) id: Uuid,
    /// The file's name.
    pub(super) name: String,
    /// The name of the system that it comes from.
    pub(super) source: String,
    pub(super) account: String,
    pub(super) sign_in: String,
    purpose: String,
    used: String,
    /// Its page.
    pub(super) path: String,
    state: Mutex<State>,
}

/// What changes of it.
struct State {
    /// When it is dropped (ms).
    ends: i64,
    file: Option<InputFile>,
    /// The room that the file takes, and after it the rejects.
    place: Option<Place>,
    map: Option<Arc<Chosen>>,
    step: Step,
}

/// A map, and how it came.
pub(super) struct Chosen {
    pub(super) map: Map,
    pub(super) how: How,
}

/// How a map came.
pub(super) enum How {
    /// The file's header told.
    Recognised,
    /// Somebody chose a built-in one.
    BuiltIn,
    /// It was uploaded, too.
    File,
    /// It was made from choices.
    ByHand(Made),
}

/// How far it is.
#[derive(Clone)]
pub(super) enum Step {
    /// The map is being chosen.
    Mapping,
    /// It is being looked at or stored.
    Working(Arc<Job>),
    /// All rows were looked at; nothing is stored.
    Looked(Arc<Findings>),
    /// It is done.
    Done(Arc<Done>),
    /// A look or a run came to nothing. Why, in words.
    Failed(String),
}

/// What a run came to.
pub(super) struct Done {
    pub(super) found: Findings,
    /// Bad rows that are not among the rejects, since they would have been too many.
    pub(super) not_kept: u64,
    rejects: Mutex<Option<Bytes>>,
}

/// Why something cannot be begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NotNow {
    /// It is being worked on.
    Working,
    /// What it needs is not there: a map, a look, or the file, which is gone once it is stored.
    NotYet,
}

impl Upload {
    /// A file that was brought to a room.
    pub(super) fn new(
        room: &Room,
        id: Uuid,
        source: &str,
        file: InputFile,
        place: Place,
    ) -> Upload {
        let now = room.shell.engine.clock().now();
        Upload {
            id,
            name: file.name().to_owned(),
            source: source.to_owned(),
            account: room.who.signed.actor.name.clone(),
            sign_in: room.who.signed.id.clone(),
            purpose: room.purpose.clone(),
            used: room.used.clone(),
            path: room.path(&format!("import/{id}")),
            state: Mutex::new(State {
                ends: now.saturating_add(KEPT),
                file: Some(file),
                place: Some(place),
                map: None,
                step: Step::Mapping,
            }),
        }
    }

    /// Whether the account that works in the room brought it there.
    pub(super) fn is_of(&self, room: &Room) -> bool {
        let there = (&*room.who.signed.actor.name, &*room.purpose, &*room.used);
        there == (&*self.account, &*self.purpose, &*self.used)
    }

    pub(super) fn ends(&self) -> i64 {
        self.state().ends
    }

    pub(super) fn step(&self) -> Step {
        self.state().step.clone()
    }

    pub(super) fn map(&self) -> Option<Arc<Chosen>> {
        self.state().map.clone()
    }

    /// The file, as long as it is there.
    pub(super) fn file(&self) -> Option<InputFile> {
        self.state().file.clone()
    }

    /// Whether it holds anybody's data: the file, or rejects.
    pub(super) fn takes_place(&self) -> bool {
        self.state().place.is_some()
    }

    pub(super) fn is_working(&self) -> bool {
        matches!(self.state().step, Step::Working(_))
    }

    /// Takes a map; what was found with another is forgotten.
    pub(super) fn choose(&self, chosen: Chosen) -> Result<(), NotNow> {
        let mut state = self.state();
        match (&state.step, &state.file) {
            (Step::Working(_), _) => Err(NotNow::Working),
            (_, None) => Err(NotNow::NotYet),
            _ => {
                state.map = Some(Arc::new(chosen));
                state.step = Step::Mapping;
                Ok(())
            }
        }
    }

    /// Begins a look, or a run where there was a look. One at a time.
    pub(super) fn begin(&self, kind: Kind) -> Result<(MappedFile, Arc<Job>), NotNow> {
        let mut state = self.state();
        match (&state.step, kind.stores()) {
            (Step::Working(_), _) => return Err(NotNow::Working),
            (Step::Mapping | Step::Failed(_), true) | (Step::Done(_), _) => {
                return Err(NotNow::NotYet);
            }
            _ => {}
        }
        let (Some(file), Some(chosen)) = (&state.file, &state.map) else {
            return Err(NotNow::NotYet);
        };
        let mapped = MappedFile { file: file.clone(), map: chosen.map.clone() };
        let job = Arc::new(Job::new(kind, state.place.as_ref().map_or(0, Place::size)));
        state.step = Step::Working(Arc::clone(&job));
        Ok((mapped, job))
    }

    /// Notes what work on it came to. What is stored needs no file any more.
    pub(super) fn end(&self, step: Step, now: i64) {
        let mut state = self.state();
        if let Step::Done(done) = &step {
            state.file = None;
            if !done.has_rejects() {
                state.place = None;
            }
        }
        state.step = step;
        state.ends = now.saturating_add(KEPT);
    }

    /// The rejects of what is done, which are then no longer here.
    pub(super) fn take_rejects(&self) -> Option<Bytes> {
        let mut state = self.state();
        let Step::Done(done) = &state.step else { return None };
        let rejects = done.rejects().take();
        state.place = None;
        rejects
    }

    /// Stops what can be stopped.
    pub(super) fn stop(&self) {
        if let Step::Working(job) = self.step() {
            job.stop();
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Done {
    pub(super) fn new(found: Findings, rejects: Option<Bytes>, not_kept: u64) -> Done {
        Done { found, not_kept, rejects: Mutex::new(rejects) }
    }

    /// Whether there are rejects to download.
    pub(super) fn has_rejects(&self) -> bool {
        self.rejects().is_some()
    }

    fn rejects(&self) -> MutexGuard<'_, Option<Bytes>> {
        self.rejects.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
