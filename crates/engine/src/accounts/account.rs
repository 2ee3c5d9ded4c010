//! Accounts: who there is, with which roles.

use gantry_store::{Expect, Space, Write};

use crate::accounts::house::{again, decode};
use crate::actor::{Account, Actor, Role, has_all, is_name};
use crate::audit::Cause;
use crate::engine::{Engine, encode};
use crate::error::EngineError;

/// Accounts listed at once.
pub(super) const MAX_LISTED: usize = 10_000;

impl Engine {
    /// The account of that name, as an actor.
    pub async fn actor(&self, name: &str) -> Result<Actor, EngineError> {
        let Account { name, roles, .. } = self.account_there(name).await?;
        Ok(Actor { name, roles, purposes: None })
    }

    /// The account of that name, if there is one.
    pub async fn account(&self, name: &str) -> Result<Option<Account>, EngineError> {
        let stored = self.inner.store.entry(Space::Account, name.as_bytes()).await?;
        stored.map(|bytes| decode(&bytes, "an account")).transpose()
    }

    /// The account of that name; an error where there is none.
    pub(super) async fn account_there(&self, name: &str) -> Result<Account, EngineError> {
        let unknown = || EngineError::Setup(format!("there is no account `{name}`"));
        self.account(name).await?.ok_or_else(unknown)
    }

    /// All accounts, by name.
    pub async fn accounts(&self) -> Result<Vec<Account>, EngineError> {
        let stored = self.inner.store.entries(Space::Account, &[], None, MAX_LISTED).await?;
        stored.into_iter().map(|(_, bytes)| decode(&bytes, "an account")).collect()
    }

    /// Adds an account; one of that name must not be there. `by` is who does it, and has all roles.
    pub async fn add_account(
        &self,
        by: &Actor,
        name: &str,
        roles: &[String],
        cause: Cause,
    ) -> Result<Account, EngineError> {
        self.keeper(by, "account-add", cause)?;
        let roles = self.account_fits(name, roles)?;
        if self.account(name).await?.is_some() {
            return Err(EngineError::invalid("name", "is the name of an account that is there"));
        }
        let created = self.inner.clock.now();
        let account = Account { name: name.to_owned(), roles, created };
        let key = name.as_bytes().to_vec();
        let expects = vec![Expect::NoEntry(Space::Account, key.clone())];
        let write = Write::Entry(Space::Account, key, encode(&account));
        self.house(by, format!("account-add {name}"), cause, expects, vec![write]).await?;
        Ok(account)
    }

    /// Gives an account these roles in place of those it had, and adds it where it is not there. With
    /// other roles its sign-ins end. The last account with all roles keeps them.
    pub async fn put_account(
        &self,
        by: &Actor,
        name: &str,
        roles: &[String],
        cause: Cause,
    ) -> Result<Account, EngineError> {
        self.keeper(by, "account-roles", cause)?;
        let roles = self.account_fits(name, roles)?;
        again(|| async {
            let Some(before) = self.account(name).await? else {
                return self.add_account(by, name, &roles, cause).await;
            };
            let mut expects = vec![stands(&before)];
            if !has_all(&roles) {
                expects.extend(self.keeper_besides(&before).await?);
            }
            let account = Account { roles: roles.clone(), ..before.clone() };
            let mut writes =
                vec![Write::Entry(Space::Account, name.as_bytes().to_vec(), encode(&account))];
            if account.roles != before.roles {
                let stored = self.credential(name).await?;
                let mut credential = stored.credential.clone();
                writes.extend(credential.end_sign_ins());
                writes.push(stored.put(&credential));
                expects.push(stored.stands());
            }
            self.house(by, format!("account-roles {name}"), cause, expects, writes).await?;
            Ok(account)
        })
        .await
    }

    /// Removes an account with its sign-ins, and all by which it is known, and its tokens, which are
    /// dead at once. The last account with all roles stays. Answers how many tokens there were.
    pub async fn remove_account(
        &self,
        by: &Actor,
        name: &str,
        cause: Cause,
    ) -> Result<usize, EngineError> {
        self.keeper(by, "account-remove", cause)?;
        again(|| async {
            let account = self.account(name).await?.ok_or(EngineError::not_found("account"))?;
            let stored = self.credential(name).await?;
            let mut expects = vec![stands(&account), stored.stands()];
            expects.extend(self.keeper_besides(&account).await?);
            let mut writes = Vec::new();
            for (key, grant) in self.grants().await? {
                if grant.account == name {
                    writes.push(Write::RemoveEntry(Space::Token, key));
                }
            }
            let tokens = writes.len();
            writes.push(Write::RemoveEntry(Space::Account, name.as_bytes().to_vec()));
            writes.extend(stored.remove());
            self.house(by, format!("account-remove {name}"), cause, expects, writes).await?;
            Ok(tokens)
        })
        .await
    }

    /// That an account can have this name and these roles; answers the roles as they are stored.
    fn account_fits(&self, name: &str, roles: &[String]) -> Result<Vec<String>, EngineError> {
        if !is_name(name) {
            let fault =
                "is not a name of at most 64 letters, digits and `-_.@`, other than `portal`";
            return Err(EngineError::invalid("name", fault));
        }
        let policy = self.policy();
        let lexicon = policy.policy().lexicon();
        let fits = |text: &String| {
            let role = Role::parse(text);
            let known = |role: &Role<'_>| role.is_all() || lexicon.role(role.name).is_some();
            role.filter(known).map(|role| role.text()).ok_or_else(|| {
                let fault = format!(
                    "`{text}` is not a role of the notice, alone or with one of `:read`, `:write` and `:approve`"
                );
                EngineError::invalid("role", fault)
            })
        };
        roles.iter().map(fits).collect()
    }

    /// What must hold so that an account may lose all roles: another one has them.
    async fn keeper_besides(&self, account: &Account) -> Result<Option<Expect>, EngineError> {
        if !has_all(&account.roles) {
            return Ok(None);
        }
        let accounts = self.accounts().await?;
        let mut others = accounts.iter().filter(|other| other.name != account.name);
        let keeper = others.find(|other| has_all(&other.roles)).map(stands);
        keeper.map(Some).ok_or_else(|| {
            let fault = "is that of the last account with all roles, which stays as it is";
            EngineError::invalid("name", fault)
        })
    }
}

/// That the account is as it was read.
pub(super) fn stands(account: &Account) -> Expect {
    Expect::Entry(Space::Account, account.name.as_bytes().to_vec(), encode(account))
}
