//! What can go wrong with the trail. Whoever gets such an error leaves the act undone.

use std::path::PathBuf;

use gantry_store::StoreError;

use crate::audit::entry::EntryTooLong;
use crate::error::EngineError;

/// Why an audit entry, or what comes of it, could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The entry is too long.
    #[error(transparent)]
    TooLong(#[from] EntryTooLong),
    /// A file of the trail cannot be read or written.
    #[error(
        "cannot {verb} `{path}`: {cause}\nhint: {}",
        advice(.cause)
    )]
    File {
        /// `write`, `read` ...
        verb: &'static str,
        /// Which.
        path: PathBuf,
        /// What the system says.
        cause: std::io::Error,
    },
    /// The entry could not be written, or an earlier failure left the file in doubt.
    #[error("{0}")]
    Refused(String),
    /// A spool holds something that this program did not write there.
    #[error("`{path}` is damaged at byte {offset}\nhint: see who or what has changed it")]
    Damaged {
        /// Which.
        path: PathBuf,
        /// Where.
        offset: u64,
    },
    /// The store failed.
    #[error("{0}")]
    Store(#[from] StoreError),
}

/// What can be done where a file cannot be worked with.
fn advice(cause: &std::io::Error) -> &'static str {
    match cause.kind() {
        std::io::ErrorKind::NotFound => "make the folder, or name one that is there",
        std::io::ErrorKind::PermissionDenied => "let the user of this process write there",
        _ => "see that the folder can be written and the disk is not full",
    }
}

impl AuditError {
    pub(crate) fn file(
        verb: &'static str,
        path: impl Into<PathBuf>,
        cause: std::io::Error,
    ) -> Self {
        AuditError::File { verb, path: path.into(), cause }
    }
}

impl From<AuditError> for EngineError {
    fn from(error: AuditError) -> EngineError {
        match error {
            AuditError::Store(error) => EngineError::Store(error),
            other => EngineError::Audit(other.to_string()),
        }
    }
}
