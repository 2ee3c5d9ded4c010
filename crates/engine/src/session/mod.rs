//! Sessions: an actor working for one purpose and one of its uses.
//!
//! The three kinds differ by what they can do at all: an [`Identified`] session works with people,
//! a [`Pseudonymous`] one sees aliases, an [`Aggregate`] one has no method that returns a row.

pub(crate) mod access;
pub(crate) mod aggregate;
pub(crate) mod assign;
pub(crate) mod change;
pub(crate) mod change_where;
pub(crate) mod collected;
pub(crate) mod cursor;
mod derive;
pub(crate) mod effect;
pub(crate) mod erase;
pub(crate) mod find;
mod hidden;
pub(crate) mod identified;
pub(crate) mod lookup;
pub(crate) mod object_change;
mod object_list;
pub(crate) mod objects;
pub(crate) mod once;
mod order;
pub(crate) mod oversight;
mod parts;
pub(crate) mod pseudonymous;
pub(crate) mod put;
pub(crate) mod remove;
pub(crate) mod report;
pub(crate) mod requests;
pub(crate) mod sole_trader;
pub(crate) mod survey;
mod touched;

use gantry_notice::{Mode, Operation, Reason};

pub use access::{Access, Held, MAX_EXPORT, Objected, Reached, Said, Standing};
pub use aggregate::Aggregate;
pub use change_where::{Changed, Which};
pub use collected::{MAX_BATCH, RecordBatch, RecordRef};
pub use cursor::MAX_PAGE;
pub use derive::{Derived, MAX_DERIVED};
pub use effect::{Effect, Meaning};
pub use erase::{Erased, Kept};
pub use find::{ContactQuery, Find};
pub use identified::Identified;
pub use object_list::{ObjectQuery, Open};
pub use once::Made;
pub use order::{Column, MOST_SORTED, Sort};
pub use parts::Part;
pub use pseudonymous::{AliasedRecord, Pseudonymous};
pub use remove::{Removal, Swept};
pub use report::{Amount, Cell, Report, Subject, Table};
pub use requests::{Scope, Statement};
pub use survey::{Question, Stretch, Surveyed};
pub use touched::Touched;

use crate::actor::Level;
use crate::audit::About;
use crate::door::{Denial, Desk};
use crate::engine::Engine;
use crate::error::EngineError;

/// A session of one of three kinds.
pub enum Session {
    /// Works with people as they are.
    Identified(Identified),
    /// Sees aliases, coarse dates, no identity.
    Pseudonymous(Pseudonymous),
    /// Sees counts and sums.
    Aggregate(Aggregate),
}

impl Session {
    /// The session, where it works with people as they are; else the refusal to give to whoever
    /// asked for them.
    pub fn identified(&self) -> Result<&Identified, EngineError> {
        match self {
            Session::Identified(session) => Ok(session),
            other => Err(other.other_mode()),
        }
    }

    /// The session, where it sees aliases; else the refusal to give to whoever asked for them.
    pub fn pseudonymous(&self) -> Result<&Pseudonymous, EngineError> {
        match self {
            Session::Pseudonymous(session) => Ok(session),
            other => Err(other.other_mode()),
        }
    }

    /// The session, where it sees counts and sums; else the refusal to give to whoever asked.
    pub fn aggregate(&self) -> Result<&Aggregate, EngineError> {
        match self {
            Session::Aggregate(session) => Ok(session),
            other => Err(other.other_mode()),
        }
    }

    /// The session, to be held for longer.
    pub fn into_identified(self) -> Result<Identified, EngineError> {
        match self {
            Session::Identified(session) => Ok(session),
            other => Err(other.other_mode()),
        }
    }

    /// How the session sees people.
    pub fn mode(&self) -> Mode {
        self.parts().1.mode
    }

    /// Up to which level the account works under the purpose.
    pub fn level(&self) -> Level {
        self.parts().1.level
    }

    fn parts(&self) -> (&Engine, &Desk) {
        match self {
            Session::Identified(session) => (&session.engine, &session.desk),
            Session::Pseudonymous(session) => (&session.engine, &session.desk),
            Session::Aggregate(session) => (&session.engine, &session.desk),
        }
    }

    /// Notes that the session was asked for what its mode does not have, and gives the refusal.
    fn other_mode(&self) -> EngineError {
        let (engine, desk) = self.parts();
        let reason = match desk.mode {
            Mode::Aggregate => Reason::OnlyInAggregate,
            Mode::Pseudonymous | Mode::Identified => Reason::OperationNotAllowed,
        };
        let (operation, about) = (Operation::Read, About::Nobody);
        let denial = Denial { reason, operation, about, category: None, field: None };
        desk.deny(&engine.inner, denial)
    }
}
