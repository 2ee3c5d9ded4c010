//! Tokens: by what programs come in for an account.

use gantry_store::{Space, Write};
use gantry_vault::Token;
use zeroize::Zeroizing;

use crate::accounts::account::{MAX_LISTED, stands};
use crate::accounts::house::{decode, id_of};
use crate::actor::{Account, Actor, Grant};
use crate::audit::Cause;
use crate::engine::{Engine, encode};
use crate::error::EngineError;

/// Tokens live at most this long.
pub const MAX_TOKEN_DAYS: u32 = 366;

/// A token that is granted, as it can be told of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Granted {
    /// What it is called: the beginning of the hash that is stored of it.
    pub id: String,
    /// What it stands for.
    pub grant: Grant,
}

impl Engine {
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
        self.own_or_keeper(by, account, "token-grant", cause)?;
        if !(1..=MAX_TOKEN_DAYS).contains(&days) {
            return Err(EngineError::invalid("days", "is not a number from 1 to 366"));
        }
        if label.chars().count() > 80 || label.chars().any(char::is_control) {
            return Err(EngineError::invalid("label", "is not a line of at most 80 characters"));
        }
        let holder = self.account_there(account).await?;
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
        let key = token.hash().to_vec();
        let what = format!("token-grant {} {account}", id_of(&key));
        let expects = vec![stands(&holder)];
        let write = Write::Entry(Space::Token, key, encode(&grant));
        self.house(by, what, cause, expects, vec![write]).await?;
        Ok(token.text())
    }

    /// All tokens that are granted, the oldest first, also those that are over: never their text.
    pub async fn tokens(&self) -> Result<Vec<Granted>, EngineError> {
        let grants = self.grants().await?.into_iter();
        let mut tokens: Vec<Granted> =
            grants.map(|(key, grant)| Granted { id: id_of(&key), grant }).collect();
        tokens.sort_by_key(|granted| granted.grant.created);
        Ok(tokens)
    }

    /// Ends a token, named by its text or its id. Answers its id.
    pub async fn revoke_token(
        &self,
        by: &Actor,
        named: &str,
        cause: Cause,
    ) -> Result<String, EngineError> {
        let key = match Token::parse(named) {
            Ok(token) => token.hash().to_vec(),
            Err(cause) if named.starts_with("gtr_") => {
                return Err(EngineError::invalid("token", cause.to_string()));
            }
            Err(_) => {
                let mut grants = self.grants().await?.into_iter();
                let found = grants.find(|(key, _)| id_of(key) == named);
                found.ok_or(EngineError::not_found("token"))?.0
            }
        };
        let stored = self.inner.store.entry(Space::Token, &key).await?;
        let stored = stored.ok_or(EngineError::not_found("token"))?;
        let grant: Grant = decode(&stored, "a token")?;
        self.own_or_keeper(by, &grant.account, "token-revoke", cause)?;
        let id = id_of(&key);
        let write = Write::RemoveEntry(Space::Token, key);
        self.house(by, format!("token-revoke {id}"), cause, Vec::new(), vec![write]).await?;
        Ok(id)
    }

    /// All grants by the stored hash of their tokens.
    pub(super) async fn grants(&self) -> Result<Vec<(Vec<u8>, Grant)>, EngineError> {
        let mut grants = Vec::new();
        let mut after: Option<Vec<u8>> = None;
        loop {
            let store = &self.inner.store;
            let page = store.entries(Space::Token, &[], after.as_deref(), MAX_LISTED).await?;
            after = page.last().map(|(key, _)| key.clone());
            for (key, bytes) in page {
                grants.push((key, decode(&bytes, "a token")?));
            }
            if after.is_none() {
                return Ok(grants);
            }
        }
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
}
