//! Who may come in: accounts, and tokens by which programs come in for them.

use std::borrow::Cow;

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
/// Stands for all roles of the notice.
const ALL_ROLES: &str = "*";
/// So much of a token's hash is its id.
const TOKEN_ID_BYTES: usize = 8;

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

    /// Adds an account; one of that name must not be there. `by` is who does it.
    pub async fn add_account(
        &self,
        by: &Actor,
        name: &str,
        roles: &[String],
        cause: Cause,
    ) -> Result<Account, EngineError> {
        self.account_fits(name, roles)?;
        if self.account(name).await?.is_some() {
            return Err(EngineError::invalid("name", "is the name of an account that is there"));
        }
        let created = self.inner.clock.now();
        let account = Account { name: name.to_owned(), roles: roles.to_vec(), created };
        let key = name.as_bytes().to_vec();
        let expects = vec![Expect::NoEntry(Space::Account, key.clone())];
        let write = Write::Entry(Space::Account, key, encode(&account));
        self.house(by, format!("account-add {name}"), cause, expects, vec![write]).await?;
        Ok(account)
    }

    /// Gives an account these roles in place of those it had, and adds it where it is not there.
    /// The last account with all roles keeps them.
    pub async fn put_account(
        &self,
        by: &Actor,
        name: &str,
        roles: &[String],
        cause: Cause,
    ) -> Result<Account, EngineError> {
        self.account_fits(name, roles)?;
        let Some(before) = self.account(name).await? else {
            return self.add_account(by, name, roles, cause).await;
        };
        let mut expects = vec![stands(&before)];
        if !roles.iter().any(|role| role == ALL_ROLES) {
            expects.extend(self.keeper_besides(&before).await?);
        }
        let account = Account { roles: roles.to_vec(), ..before };
        let write = Write::Entry(Space::Account, name.as_bytes().to_vec(), encode(&account));
        self.house(by, format!("account-roles {name}"), cause, expects, vec![write]).await?;
        Ok(account)
    }

    /// Removes an account with its tokens, which are dead at once. The last account with all roles
    /// stays. Answers how many tokens there were.
    pub async fn remove_account(
        &self,
        by: &Actor,
        name: &str,
        cause: Cause,
    ) -> Result<usize, EngineError> {
        let account = self.account(name).await?.ok_or(EngineError::not_found("account"))?;
        let mut expects = vec![stands(&account)];
        expects.extend(self.keeper_besides(&account).await?);
        let mut writes = vec![Write::RemoveEntry(Space::Account, name.as_bytes().to_vec())];
        for (key, grant) in self.grants().await? {
            if grant.account == name {
                writes.push(Write::RemoveEntry(Space::Token, key));
            }
        }
        let tokens = writes.len() - 1;
        self.house(by, format!("account-remove {name}"), cause, expects, writes).await?;
        Ok(tokens)
    }

    /// That an account can have this name and these roles.
    fn account_fits(&self, name: &str, roles: &[String]) -> Result<(), EngineError> {
        if !is_name(name) {
            let fault = "is not a name of at most 64 letters, digits and `-_.@`";
            return Err(EngineError::invalid("name", fault));
        }
        let policy = self.policy();
        let lexicon = policy.policy().lexicon();
        let known = |role: &String| role == ALL_ROLES || lexicon.role(role).is_some();
        roles.iter().find(|role| !known(role)).map_or(Ok(()), |unknown| {
            let fault = format!("`{unknown}` is not a role of the notice");
            Err(EngineError::invalid("role", fault))
        })
    }

    /// What must hold so that an account may lose all roles: another one has them.
    async fn keeper_besides(&self, account: &Account) -> Result<Option<Expect>, EngineError> {
        if !has_all_roles(account) {
            return Ok(None);
        }
        let accounts = self.accounts().await?;
        let mut others = accounts.iter().filter(|other| other.name != account.name);
        let keeper = others.find(|other| has_all_roles(other)).map(stands);
        keeper.map(Some).ok_or_else(|| {
            let fault = "is that of the last account with all roles, which stays as it is";
            EngineError::invalid("name", fault)
        })
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
        let unknown = || EngineError::Setup(format!("there is no account `{account}`"));
        let holder = self.account(account).await?.ok_or_else(unknown)?;
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
        let what = format!("token-grant {} {account}", token_id(&key));
        let expects = vec![stands(&holder)];
        let write = Write::Entry(Space::Token, key, encode(&grant));
        self.house(by, what, cause, expects, vec![write]).await?;
        Ok(token.text())
    }

    /// All tokens that are granted, the oldest first, also those that are over: never their text.
    pub async fn tokens(&self) -> Result<Vec<Granted>, EngineError> {
        let grants = self.grants().await?.into_iter();
        let mut tokens: Vec<Granted> =
            grants.map(|(key, grant)| Granted { id: token_id(&key), grant }).collect();
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
                let found = grants.find(|(key, _)| token_id(key) == named);
                found.ok_or(EngineError::not_found("token"))?.0
            }
        };
        if self.inner.store.entry(Space::Token, &key).await?.is_none() {
            return Err(EngineError::not_found("token"));
        }
        let id = token_id(&key);
        let write = Write::RemoveEntry(Space::Token, key);
        self.house(by, format!("token-revoke {id}"), cause, Vec::new(), vec![write]).await?;
        Ok(id)
    }

    /// All grants by the stored hash of their tokens.
    async fn grants(&self) -> Result<Vec<(Vec<u8>, Grant)>, EngineError> {
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

    /// Writes what concerns the house and no contact, with its audit entry.
    pub(crate) async fn house(
        &self,
        by: &Actor,
        what: impl Into<Cow<'static, str>>,
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

/// A token that is granted, as it can be told of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Granted {
    /// What it is called: the beginning of the hash that is stored of it.
    pub id: String,
    /// What it stands for.
    pub grant: Grant,
}

/// Sixteen hexadecimal digits of a token's stored hash: they lead to nobody's token.
fn token_id(hash: &[u8]) -> String {
    hash.iter().take(TOKEN_ID_BYTES).fold(String::new(), |id, byte| id + &format!("{byte:02x}"))
}

/// That the account is as it was read.
fn stands(account: &Account) -> Expect {
    Expect::Entry(Space::Account, account.name.as_bytes().to_vec(), encode(account))
}

fn has_all_roles(account: &Account) -> bool {
    account.roles.iter().any(|role| role == ALL_ROLES)
}

fn decode<T: serde::de::DeserializeOwned>(
    bytes: &[u8],
    what: &'static str,
) -> Result<T, EngineError> {
    serde_json::from_slice(bytes).map_err(|_| EngineError::Corrupt(what))
}
