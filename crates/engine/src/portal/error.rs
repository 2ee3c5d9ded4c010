//! What a contact cannot do in the portal.

use crate::error::EngineError;

/// Why something could not be done in the portal.
#[derive(Debug, thiserror::Error)]
pub enum PortalError {
    /// The notice in force has no place for it.
    #[error("the notice has no place for this: {0}")]
    NotOffered(&'static str),
    /// The contact has as many open requests as one may have.
    #[error(
        "{} requests are open, and no more can be opened before one is answered",
        super::MAX_OPEN
    )]
    TooManyOpen,
    /// What any session may be told.
    #[error(transparent)]
    Engine(#[from] EngineError),
}
