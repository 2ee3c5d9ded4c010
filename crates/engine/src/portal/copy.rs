//! A copy to take along (GDPR Art. 15(3), 20): everything that is held, in a form for machines.

use serde::Serialize;

use super::{Portal, WorkedOut};
use crate::error::EngineError;
use crate::session::Access;
use crate::session::identified::time_text;

/// Everything that is held about a contact, and under which notice, for machines.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Copied {
    /// When it was made (ISO 8601, UTC).
    pub made: String,
    /// The notice that was in force, by its id.
    pub notice: String,
    /// Its version.
    pub version: String,
    /// Who holds it.
    pub controller: String,
    /// What is held, and why.
    #[serde(flatten)]
    pub held: Access,
    /// What was worked out of it.
    pub worked_out: WorkedOut,
}

impl Portal {
    /// Everything that is held, at once.
    pub async fn copy(&self) -> Result<Copied, EngineError> {
        let held = self.held().await?;
        let worked_out = self.worked_out().await?;
        let notice = self.session.desk.policy.policy().notice();
        Ok(Copied {
            made: time_text(self.session.engine.inner.clock.now()),
            notice: notice.id.clone(),
            version: notice.version.clone(),
            controller: notice.controller.name.clone(),
            held,
            worked_out,
        })
    }
}
