//! What a contact says in the portal and what acts at once: objection, consent.

use super::{Portal, PortalError};
use crate::session::{Effect, Scope, Statement};

impl Portal {
    /// Objects to a purpose (GDPR Art. 21) or to profiling, or closes a channel. Direct marketing stops
    /// at once; another purpose rests until a person has weighed it, or cannot be objected to, which is
    /// a refusal.
    pub async fn object(&self, scope: &Scope) -> Result<Effect, PortalError> {
        self.say(Statement::Objects, scope).await
    }

    /// Takes an objection back, or opens a channel to be asked again.
    pub async fn withdraw_objection(&self, scope: &Scope) -> Result<Effect, PortalError> {
        self.say(Statement::WithdrawsObjection, scope).await
    }

    /// Consents to a purpose (Art. 7), or opts in to a channel.
    pub async fn consent(&self, scope: &Scope) -> Result<Effect, PortalError> {
        self.say(Statement::Consents, scope).await
    }

    /// Withdraws consent, which is as easy.
    pub async fn withdraw_consent(&self, scope: &Scope) -> Result<Effect, PortalError> {
        self.say(Statement::WithdrawsConsent, scope).await
    }

    /// What is about the whole, about data or about one record needs a person's judgement, and is
    /// asked for by a request.
    async fn say(&self, statement: Statement, scope: &Scope) -> Result<Effect, PortalError> {
        if !matches!(scope, Scope::Purpose(_) | Scope::Profiling | Scope::Channel(_)) {
            return Err(PortalError::NotOffered("ask for it by a request"));
        }
        Ok(self.session.say(self.contact, statement, scope).await?)
    }
}
