//! Sessions: an actor working for one purpose and one of its uses.
//!
//! The three kinds differ by what they can do at all: an [`Identified`] session works with people,
//! a [`Pseudonymous`] one sees aliases, an [`Aggregate`] one has no method that returns a row.

pub(crate) mod aggregate;
pub(crate) mod change;
pub(crate) mod cursor;
pub(crate) mod erase;
pub(crate) mod identified;
pub(crate) mod objects;
pub(crate) mod once;
pub(crate) mod oversight;
pub(crate) mod pseudonymous;
pub(crate) mod report;
pub(crate) mod requests;

use gantry_notice::{Mode, Reason};

pub use aggregate::Aggregate;
pub use erase::{Erased, Kept};
pub use identified::{Find, Identified};
pub use objects::ObjectQuery;
pub use once::Made;
pub use pseudonymous::{AliasedRecord, Pseudonymous};
pub use report::{Amount, Cell, Report, Subject, Table};
pub use requests::{Scope, Statement};

use crate::door::Desk;
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
            Session::Pseudonymous(session) => Err(session.desk.no_people()),
            Session::Aggregate(session) => Err(session.desk.no_people()),
        }
    }

    /// The session, to be held for longer.
    pub fn into_identified(self) -> Result<Identified, EngineError> {
        match self {
            Session::Identified(session) => Ok(session),
            other => Err(other.desk().no_people()),
        }
    }

    /// How the session sees people.
    pub fn mode(&self) -> Mode {
        self.desk().mode
    }

    fn desk(&self) -> &Desk {
        match self {
            Session::Identified(session) => &session.desk,
            Session::Pseudonymous(session) => &session.desk,
            Session::Aggregate(session) => &session.desk,
        }
    }
}

impl Desk {
    /// The refusal of people to a session that does not work with them.
    fn no_people(&self) -> EngineError {
        let reason = match self.mode {
            Mode::Aggregate => Reason::OnlyInAggregate,
            Mode::Pseudonymous | Mode::Identified => Reason::OperationNotAllowed,
        };
        self.refusal(reason, None).into()
    }
}
