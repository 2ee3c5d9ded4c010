//! A contact in the portal: it comes in by a link sent to its address, sees what is held about it and
//! who used it, says what acts at once, and opens requests that a person answers.
//!
//! Everything goes through a session of the purpose that the notice names for requests, of an actor
//! called [`PORTAL`](crate::actor::PORTAL) with exactly that purpose's roles; what was worked out is told
//! under the purpose that worked it out. INVARIANT: a [`Portal`] is
//! of one contact, which no method takes, so that there is none by which somebody reaches another.

mod copy;
mod error;
mod link;
mod preference;
mod purposes;
mod request;
mod said;
mod secret;
mod shape;
mod used;
mod visit;
mod worked_out;

use uuid::Uuid;

pub use copy::Copied;
pub use error::PortalError;
pub use link::{KNOWN_DAYS, LINK_MINUTES, LINKS_AN_HOUR, PortalLink};
pub use preference::{Choice, Preference};
pub use purposes::{Consenting, Objecting, PurposeShown, Seen, UseShown};
pub use request::{Correction, MAX_OPEN, MAX_WORDS, RequestDraft, RequestKind, RequestShown};
pub use used::{Act, By, Used, UsedPage};
pub use visit::{VISIT_IDLE_MINUTES, VISIT_MINUTES};
pub use worked_out::{Belonging, Interest, WorkedOut};

use crate::actor::{Actor, PORTAL};
use crate::audit::Cause;
use crate::engine::{Engine, Work};
use crate::error::EngineError;
use crate::session::{Access, Identified};

/// A visit of one contact.
pub struct Portal {
    session: Identified,
    contact: Uuid,
    form: String,
}

impl Portal {
    /// What forms of this visit carry, so that no other page can send them: the same for all of the
    /// visit. It tells nothing of the visit's token.
    pub fn form(&self) -> &str {
        &self.form
    }

    /// What is held, and why: see [`Identified::access`].
    pub async fn held(&self) -> Result<Access, EngineError> {
        self.session.access(self.contact).await
    }
}

impl Engine {
    /// A session of the purpose for requests, for the portal.
    async fn portal_session(&self) -> Result<Identified, EngineError> {
        let policy = self.policy();
        let notice = policy.policy().notice();
        let purpose = &notice.system.requests;
        let roles = notice.purposes.get(purpose).map(|purpose| purpose.roles.clone());
        let actor = Actor {
            name: PORTAL.to_owned(),
            roles: roles.unwrap_or_default(),
            purposes: Some(vec![purpose.clone()]),
        };
        self.session(&actor, &Work::on(purpose, Cause::Request)).await?.into_identified()
    }
}
