//! Who may come in: accounts, and tokens by which programs come in for them.

use gantry_store::{Batch, Expect, Space, Write};
use gantry_vault::Token;
use zeroize::Zeroizing;

use crate::actor::{Account, Actor, Grant, is_name};
use crate::audit::{About, Cause, Entry, NO_PURPOSE, NO_USE, Outcome};
use crate::engine::{Engine, encode};
use crate::error::EngineError;

/// Tokens live at most this long.
pub const MAX_TOKEN_DAYS: u32 = 366;
/// Accounts listed at once.
const MAX_LISTED: usize = 10_000;

impl Engine {
    /// The account of that name, as an actor.
    pub async fn actor(&self, name: &str) -> Result<Actor, EngineError> {
        let unknown = || EngineError::Setup(format!("there is no account `{name}`"));
        let account = self.account(name).await?.ok_or_else(unknown)?;
        Ok(Actor { name: account.name, roles: account.roles, purposes: None })
    }

    /// The account of that name, if there is one.
    pub async fn account(&self, name: &str) -> Result<Option<Account>, EngineError> {
        let stored = self.inner.store.entry(Space::Account, name.as_bytes()).await?;
        stored.map(|bytes| decode(&bytes, "an account")).transpose()
    }

    /// All accounts, by name.
    pub async fn accounts(&self) -> Result<Vec<Account>, EngineError> {
        let stored = self.inner.store.entries(Space::Account, &[], None, MAX_LISTED).await?;
        stored.into_iter().map(|(_, bytes)| decode(&bytes, "an account")).collect()
    }

    /// Adds an account, or changes its roles. `by` is who does it.
    pub async fn put_account(
        &self,
        by: &Actor,
        name: &str,
        roles: &[String],
        cause: Cause,
    ) -> Result<Account, EngineError> {
        if !is_name(name) {
            let fault = "is not a name of at most 64 letters, digits and `-_.@`";
            return Err(EngineError::invalid("name", fault));
        }
        let policy = self.policy();
        let known = |role: &String| role == "*" || policy.policy().lexicon().role(role).is_some();
        if let Some(unknown) = roles.iter().find(|role| !known(role)) {
            let fault = format!("`{unknown}` is not a role of the notice");
            return Err(EngineError::invalid("role", fault));
        }
        let created = self.inner.clock.now();
        let account = Account { name: name.to_owned(), roles: roles.to_vec(), created };
        let write = Write::Entry(Space::Account, name.as_bytes().to_vec(), encode(&account));
        self.house(by, "account", cause, Vec::new(), vec![write]).await?;
        Ok(account)
    }

    /// Makes a token for an account and some of its purposes. The text is given once and never
    /// stored; `days` counts from now, at most [`MAX_TOKEN_DAYS`].
    pub async fn grant_token(
        &self,
        by: &Actor,
        account: &str,
        purposes: &[String],
        (days, label): (u32, &str),
        cause: Cause,
    ) -> Result<Zeroizing<String>, EngineError> {
        if !(1..=MAX_TOKEN_DAYS).contains(&days) {
            return Err(EngineError::invalid("days", "is not a number from 1 to 366"));
        }
        if label.chars().count() > 80 || label.chars().any(char::is_control) {
            return Err(EngineError::invalid("label", "is not a line of at most 80 characters"));
        }
        self.actor(account).await?;
        let policy = self.policy();
        for purpose in purposes {
            if !policy.policy().notice().purposes.contains_key(purpose) {
                let fault = format!("`{purpose}` is not a purpose of the notice");
                return Err(EngineError::invalid("purpose", fault));
            }
        }
        let created = self.inner.clock.now();
        let grant = Grant {
            account: account.to_owned(),
            purposes: purposes.to_vec(),
            created,
            expires: created + i64::from(days) * 86_400_000,
            label: label.to_owned(),
        };
        let token = Token::generate(&mut self.inner.entropy.fork());
        let write = Write::Entry(Space::Token, token.hash().to_vec(), encode(&grant));
        self.house(by, "token", cause, Vec::new(), vec![write]).await?;
        Ok(token.text())
    }

    /// Ends a token.
    pub async fn revoke_token(
        &self,
        by: &Actor,
        text: &str,
        cause: Cause,
    ) -> Result<(), EngineError> {
        let token = Token::parse(text).map_err(|e| EngineError::invalid("token", e.to_string()))?;
        let key = token.hash().to_vec();
        if self.inner.store.entry(Space::Token, &key).await?.is_none() {
            return Err(EngineError::not_found("token"));
        }
        let write = Write::RemoveEntry(Space::Token, key);
        self.house(by, "revoke token", cause, Vec::new(), vec![write]).await
    }

    /// Who comes in with a token; `None` where it is unknown, over, or its account is gone.
    pub async fn actor_of_token(&self, text: &str) -> Result<Option<Actor>, EngineError> {
        let Ok(token) = Token::parse(text) else { return Ok(None) };
        let Some(stored) = self.inner.store.entry(Space::Token, &token.hash()).await? else {
            return Ok(None);
        };
        let grant: Grant = decode(&stored, "a token")?;
        if grant.expires <= self.inner.clock.now() {
            return Ok(None);
        }
        let Some(account) = self.account(&grant.account).await? else { return Ok(None) };
        let Account { name, roles, .. } = account;
        Ok(Some(Actor { name, roles, purposes: Some(grant.purposes) }))
    }

    /// Writes what concerns the house and no contact, with its audit entry.
    pub(crate) async fn house(
        &self,
        by: &Actor,
        what: &'static str,
        cause: Cause,
        expects: Vec<Expect>,
        writes: Vec<Write>,
    ) -> Result<(), EngineError> {
        let entry = Entry {
            at: self.inner.clock.now(),
            actor: by.name.clone(),
            purpose: NO_PURPOSE,
            use_id: NO_USE,
            notice: self.policy().policy().version(),
            cause,
            operation: what.into(),
            categories: Vec::new(),
            about: About::Nobody,
            count: 1,
            outcome: Outcome::Allowed,
            request: None,
        };
        let mut batch = Batch { expects, writes, audit_entries: 1, ..Batch::default() };
        entry.encode_into(&mut batch.audit).map_err(|e| EngineError::Audit(e.to_string()))?;
        self.inner.store.commit(batch).await?;
        Ok(())
    }
}

fn decode<T: serde::de::DeserializeOwned>(
    bytes: &[u8],
    what: &'static str,
) -> Result<T, EngineError> {
    serde_json::from_slice(bytes).map_err(|_| EngineError::Corrupt(what))
}
