//! A new version of the notice that waits for a second person.
//!
//! Whoever may write under the purpose that answers contacts' requests proposes it; another account
//! that may approve there lets it come into force, at once or on its day.

use std::sync::Arc;

use gantry_notice::{Day, Notice, Reason};
use gantry_store::{Expect, Space, Write};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::accounts::decode;
use crate::actor::{Actor, Level};
use crate::audit::Cause;
use crate::engine::{Engine, encode, parse};
use crate::error::{EngineError, Refusal};

/// The one proposal there can be.
const KEY: &[u8] = b"notice";

/// A version that waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// The notice as it was given.
    pub text: String,
    /// Who proposed it.
    pub by: String,
    /// When (ms).
    pub at: i64,
    /// Who approved it; from then on it comes into force on its day by itself.
    pub approved_by: Option<String>,
}

impl Proposal {
    /// What somebody who looks at it looks at: a digest of its text, of when it was proposed, and of the
    /// version that it is compared with. Whoever approves says which one that was.
    pub fn mark(&self, in_force: u16) -> String {
        let mut digest = Sha256::new();
        digest.update(self.at.to_be_bytes());
        digest.update(in_force.to_be_bytes());
        digest.update(self.text.as_bytes());
        let digest = digest.finalize();
        digest.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
    }

    /// The notice that it is.
    pub fn notice(&self) -> Result<Arc<Notice>, EngineError> {
        parse(self.text.as_bytes()).map(Arc::new)
    }
}

impl Engine {
    /// The version that waits, if one does.
    pub async fn proposal(&self) -> Result<Option<Proposal>, EngineError> {
        let stored = self.inner.store.entry(Space::Proposal, KEY).await?;
        stored.map(|bytes| decode(&bytes, "a proposal")).transpose()
    }

    /// Proposes a new version of the notice: one that could be published on its day. There is one
    /// proposal at a time.
    pub async fn propose_notice(
        &self,
        by: &Actor,
        text: &str,
        cause: Cause,
    ) -> Result<Proposal, EngineError> {
        self.must_keep(by, Level::Write, "notice-propose", cause)?;
        let notice = parse(text.as_bytes()).map(Arc::new)?;
        self.could_follow(&notice).await?;
        if self.proposal().await?.is_some() {
            let fault = "another version waits already: approve it or take it back first";
            return Err(EngineError::invalid("notice", fault));
        }
        let at = self.inner.clock.now();
        let proposal =
            Proposal { text: text.to_owned(), by: by.name.clone(), at, approved_by: None };
        let expects = vec![Expect::NoEntry(Space::Proposal, KEY.to_vec())];
        let write = Write::Entry(Space::Proposal, KEY.to_vec(), encode(&proposal));
        let what = format!("notice-propose {}", notice.version);
        self.house(by, what, cause, expects, vec![write]).await?;
        Ok(proposal)
    }

    /// Takes back the version that waits.
    pub async fn withdraw_notice(&self, by: &Actor, cause: Cause) -> Result<(), EngineError> {
        self.must_keep(by, Level::Write, "notice-withdraw", cause)?;
        let proposal = self.proposal().await?.ok_or(EngineError::not_found("proposal"))?;
        let write = Write::RemoveEntry(Space::Proposal, KEY.to_vec());
        self.house(by, "notice-withdraw", cause, vec![stands(&proposal)], vec![write]).await
    }

    /// Approves the version that waits, by its [`Proposal::mark`]: nobody approves what has been replaced
    /// meanwhile, or is compared with another version by now. Whoever proposed it cannot. It comes into
    /// force at once where its day has come.
    pub async fn approve_notice(
        &self,
        by: &Actor,
        mark: &str,
        cause: Cause,
    ) -> Result<Proposal, EngineError> {
        self.must_keep(by, Level::Approve, "notice-approve", cause)?;
        let proposal = self.proposal().await?.ok_or(EngineError::not_found("proposal"))?;
        let version = proposal.notice()?.version.clone();
        let in_force = self.policy().policy().version();
        if proposal.mark(in_force) != mark || proposal.approved_by.is_some() {
            return Err(EngineError::Conflict { what: "proposal".to_owned() });
        }
        if proposal.by == by.name {
            let fault = "was proposed by you: a second person approves it";
            return Err(EngineError::invalid("version", fault));
        }
        let approved = Proposal { approved_by: Some(by.name.clone()), ..proposal.clone() };
        let write = Write::Entry(Space::Proposal, KEY.to_vec(), encode(&approved));
        let what = format!("notice-approve {version}");
        self.house(by, what, cause, vec![stands(&proposal)], vec![write]).await?;
        self.enact().await?;
        Ok(approved)
    }

    /// Brings an approved version into force, once its day has come. One that can follow no more, since
    /// another has come into force meanwhile, or that was proposed or approved by somebody who may not any
    /// more, is taken back.
    pub(crate) async fn enact(&self) -> Result<(), EngineError> {
        let Some(proposal) = self.proposal().await? else { return Ok(()) };
        let Some(approver) = &proposal.approved_by else { return Ok(()) };
        let notice = proposal.notice()?;
        if Day::of(notice.effective) > self.policy().today() {
            return Ok(());
        }
        let by = Actor { name: approver.clone(), roles: Vec::new(), purposes: None };
        let gone = Write::RemoveEntry(Space::Proposal, KEY.to_vec());
        let stands = stands(&proposal);
        let holds = self.could_follow(&notice).await.is_ok()
            && self.still_keeps(&proposal.by, Level::Write).await?
            && self.still_keeps(approver, Level::Approve).await?;
        let done = if holds {
            let text = proposal.text.as_bytes();
            self.publish(&by, text, Cause::System, Some((stands, gone))).await.map(drop)
        } else {
            self.house(&by, "notice-lapse", Cause::System, vec![stands], vec![gone]).await
        };
        match done {
            // Another node was first.
            Err(EngineError::Store(gantry_store::StoreError::Conflict { .. })) => Ok(()),
            other => other,
        }
    }

    /// Whether an account is there and may still do so.
    async fn still_keeps(&self, name: &str, level: Level) -> Result<bool, EngineError> {
        let Some(account) = self.account(name).await? else { return Ok(false) };
        let actor = Actor { name: account.name, roles: account.roles, purposes: None };
        Ok(self.keeps_the_notice(&actor, level))
    }

    /// Whether an actor may work on the notice: under the purpose that answers contacts' requests.
    fn keeps_the_notice(&self, by: &Actor, level: Level) -> bool {
        let policy = self.policy();
        let purpose = &policy.policy().notice().system.requests;
        let mut rooms = self.rooms(by).into_iter();
        rooms.any(|room| room.purpose == *purpose && room.level >= Some(level))
    }

    /// The same, and whoever may not is refused, which is noted.
    fn must_keep(
        &self,
        by: &Actor,
        level: Level,
        what: &'static str,
        cause: Cause,
    ) -> Result<(), EngineError> {
        if self.keeps_the_notice(by, level) {
            return Ok(());
        }
        self.note_denied(by, what, cause)?;
        Err(EngineError::Refused(Refusal {
            reason: Reason::RoleLacksPurpose,
            purpose: self.policy().policy().notice().system.requests.clone(),
            used: String::new(),
            category: None,
            level: None,
        }))
    }
}

fn stands(proposal: &Proposal) -> Expect {
    Expect::Entry(Space::Proposal, KEY.to_vec(), encode(proposal))
}
