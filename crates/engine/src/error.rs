//! What can go wrong at the door.

use gantry_notice::Reason;
use gantry_store::StoreError;

use crate::actor::Level;

/// Why a call did nothing.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The notice says no, or the account's level does.
    #[error("{said}: {refusal}", said = refused(.0), refusal = .0)]
    Refused(Refusal),
    /// It is for who looks after the house.
    #[error(
        "only an account with all roles (`*`) may do this: {0}\nhint: ask somebody who has them; `gantry user list` says who"
    )]
    OnlyKeeper(&'static str),
    /// The input does not fit what the notice declares.
    #[error("invalid input: {}", list(.0))]
    Invalid(Vec<FieldFault>),
    /// No such thing, or none that the session may know of.
    #[error("no such {what} for this purpose")]
    NotFound {
        /// `contact`, `record`, `order` ...
        what: String,
    },
    /// It changed since it was read.
    #[error("the {what} has changed meanwhile; hint: read it again, then repeat the change")]
    Conflict {
        /// What changed.
        what: String,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The audit entry could not be written, so that the act was refused.
    #[error("the audit trail could not be written, so nothing was done: {0}")]
    Audit(String),
    /// What was done is done and told, but what follows it in the trail could not be done.
    #[error("what was done is done, but {0}")]
    Behind(String),
    /// A contact that was not erased has no key. Whose, is not said to whoever may not know.
    #[error(
        "the key of a contact is missing, though the contact was not erased\nhint: the contacts' keys are older than the store: put the right ones back; `gantry store check` counts who lacks one"
    )]
    KeyMissing,
    /// So many passwords are being checked that no more can wait.
    #[error(
        "too many passwords are being checked at once, so nothing was done\nhint: try again in a moment"
    )]
    Busy,
    /// Stored bytes do not open: the key is gone, or they were tampered with.
    #[error("stored data of this {what} does not open: its key is gone or its bytes were changed")]
    Unreadable {
        /// What of.
        what: String,
    },
    /// The store holds something that this program cannot read.
    #[error("the store holds {0} that this program cannot read")]
    Corrupt(&'static str),
    /// The notice cannot be used.
    #[error("the notice cannot be used: {0}")]
    Notice(String),
    /// Signing in or the set-up failed.
    #[error("{0}")]
    Setup(String),
}

/// A denial, as the user sees it. It never tells whether somebody exists to whom may not know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// One of the closed list.
    pub reason: Reason,
    /// The purpose, by its id.
    pub purpose: String,
    /// The use, by its name.
    pub used: String,
    /// The category it is about, if one.
    pub category: Option<String>,
    /// The account's level under the purpose, where that is what refuses.
    pub level: Option<Level>,
}

impl Refusal {
    /// Why, in words.
    pub const fn words(&self) -> &'static str {
        match self.level {
            Some(_) => "the account may only read under this purpose",
            None => self.reason.words(),
        }
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} (`{}`", self.words(), self.purpose)?;
        if !self.used.is_empty() {
            write!(f, ", use `{}`", self.used)?;
        }
        if let Some(category) = &self.category {
            write!(f, ", category `{category}`")?;
        }
        f.write_str(")")
    }
}

/// A value that cannot be stored.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct FieldFault {
    /// `category.field`, or the name of a parameter.
    pub field: String,
    /// What is wrong and what to do; never the value.
    pub fault: String,
}

impl FieldFault {
    /// A fault of a field.
    pub fn new(field: impl Into<String>, fault: impl Into<String>) -> Self {
        FieldFault { field: field.into(), fault: fault.into() }
    }
}

impl EngineError {
    /// A single fault of the input.
    pub fn invalid(field: impl Into<String>, fault: impl Into<String>) -> Self {
        EngineError::Invalid(vec![FieldFault::new(field, fault)])
    }

    /// Nothing of that kind.
    pub fn not_found(what: impl Into<String>) -> Self {
        EngineError::NotFound { what: what.into() }
    }

    /// The reason, where the notice refused.
    pub const fn reason(&self) -> Option<Reason> {
        match self {
            EngineError::Refused(refusal) => Some(refusal.reason),
            _ => None,
        }
    }
}

impl From<Refusal> for EngineError {
    fn from(refusal: Refusal) -> Self {
        EngineError::Refused(refusal)
    }
}

const fn refused(refusal: &Refusal) -> &'static str {
    if refusal.level.is_none() { "refused by the notice" } else { "refused" }
}

fn list(faults: &[FieldFault]) -> String {
    let lines: Vec<String> =
        faults.iter().map(|fault| format!("`{}`: {}", fault.field, fault.fault)).collect();
    lines.join("; ")
}
