//! Setting a password: for others, by who looks after the house; and one's own, from within a sign-in.

use std::fmt;

use gantry_store::Write;
use zeroize::Zeroizing;

use crate::accounts::account::stands;
use crate::accounts::attempt::{Compared, SignInError, Tried, Whence};
use crate::accounts::credential::{Credential, Password};
use crate::accounts::doorkeeper::Place;
use crate::accounts::enter::{Method, SignedInNow};
use crate::accounts::failures::Failures;
use crate::accounts::house::{again, id_of};
use crate::accounts::signed_in::{StoredSignIn, actor_of};
use crate::accounts::strength;
use crate::actor::Actor;
use crate::audit::Cause;
use crate::engine::Engine;
use crate::error::EngineError;

/// What somebody gives who is signed in and sets another password.
pub struct PasswordChange<'a> {
    /// The ticket of the sign-in.
    pub token: &'a str,
    /// The password of before. Not asked for after a sign-in by a link.
    pub current: Option<&'a str>,
    /// The code of the second factor. Asked for only after a sign-in by a link.
    pub code: Option<&'a str>,
    /// The new password.
    pub new: &'a str,
}

impl fmt::Debug for PasswordChange<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordChange(..)")
    }
}

impl Engine {
    /// Sets an account's password: one's own, or anybody's by who looks after the house. All sign-ins
    /// of the account end, and a link with them. A password that will not do is told what is wrong.
    pub async fn set_password(
        &self,
        by: &Actor,
        account: &str,
        password: &str,
        cause: Cause,
    ) -> Result<(), EngineError> {
        self.own_or_keeper(by, account, "password-set", cause)?;
        self.account_there(account).await?;
        let place = self.inner.doorkeeper.place().await?;
        let hash = self.hashed(&place, account, password).await?;
        again(|| async {
            let there = self.account_there(account).await?;
            let stored = self.credential(account).await?;
            let mut credential = stored.credential.clone();
            let mut writes = self.replace_password(&mut credential, &hash);
            writes.push(stored.put(&credential));
            let expects = vec![stands(&there), stored.stands()];
            self.house(by, format!("password-set {account}"), cause, expects, writes).await
        })
        .await
    }

    /// Sets the password of whoever is signed in. The one of before is asked for, and a wrong one is a
    /// failure as at any sign-in; after a sign-in by a link the code is, where there is a second
    /// factor. An account that has no password gets its first one by a link. All sign-ins of the account
    /// end, and this one goes on under a new ticket.
    pub async fn change_password(
        &self,
        change: &PasswordChange<'_>,
    ) -> Result<SignedInNow, SignInError> {
        let Some((_, sign_in)) = self.sign_in_of(change.token).await? else {
            return Err(SignInError::Wrong);
        };
        let place = self.inner.doorkeeper.place().await?;
        // First what costs no try.
        let hash = self.hashed(&place, &sign_in.account, change.new).await?;
        let tried = self.try_at(&sign_in.account, Whence::Within).await?;
        match self.allowed(&place, &tried, &sign_in, change).await? {
            Compared::Right(step) => {
                let changed = self.write_change(&tried, &sign_in, &hash, step).await?;
                changed.ok_or(SignInError::Wrong)
            }
            Compared::CodeMissing => {
                self.take_back(&tried).await?;
                Err(SignInError::CodeNeeded)
            }
            Compared::Wrong(what) => {
                self.note_wrong(&tried, &format!("password-change {what}"))?;
                Err(SignInError::Wrong)
            }
        }
    }

    /// Whether somebody who is signed in has shown what it takes to set another password.
    async fn allowed(
        &self,
        place: &Place<'_>,
        tried: &Tried,
        sign_in: &StoredSignIn,
        change: &PasswordChange<'_>,
    ) -> Result<Compared, EngineError> {
        if sign_in.method == Method::Link {
            return self.compare_code(tried, change.code);
        }
        let current = change.current.unwrap_or_default();
        let wrong = self.compare(place, tried, current).await?;
        Ok(wrong.map_or(Compared::Right(None), Compared::Wrong))
    }

    async fn write_change(
        &self,
        tried: &Tried,
        sign_in: &StoredSignIn,
        hash: &str,
        step: Option<u64>,
    ) -> Result<Option<SignedInNow>, EngineError> {
        let name = &sign_in.account;
        again(|| async {
            let Some(account) = self.account(name).await? else { return Ok(None) };
            let stored = self.credential(name).await?;
            let mut credential = stored.credential.clone();
            // It was compared with a password that may have been changed meanwhile.
            if credential.password != tried.credential.password {
                return Ok(None);
            }
            let method = match sign_in.method {
                Method::Link => credential.spend_step(step),
                method => Some(method),
            };
            let Some(method) = method else { return Ok(None) };
            let mut writes = self.replace_password(&mut credential, hash);
            let goes_on = StoredSignIn { method, ..sign_in.clone() };
            let (ticket, write) = self.add_sign_in(&mut credential, &goes_on);
            writes.extend([write, stored.put(&credential)]);
            let (actor, must_set_password) = actor_of(account.clone(), method);
            let what = format!("password-change {}", id_of(&ticket.hash()));
            let expects = vec![stands(&account), stored.stands()];
            self.house(&actor, what, Cause::Request, expects, writes).await?;
            let browser = self.inner.vault.browser_mark(name, &credential.epoch(account.created));
            Ok(Some(SignedInNow { token: ticket.text(), browser, actor, must_set_password }))
        })
        .await
    }

    /// Puts a password in place of another. Whoever has signed in with that one is signed in no more,
    /// and what failed before counts no more.
    fn replace_password(&self, credential: &mut Credential, hash: &str) -> Vec<Write> {
        let mut writes = credential.end_sign_ins();
        writes.extend(credential.end_link());
        let set = self.inner.clock.now();
        credential.password = Some(Password { hash: hash.to_owned(), set });
        (credential.strangers, credential.known) = (Failures::default(), Failures::default());
        writes
    }

    /// The hash of a password that will do.
    async fn hashed(
        &self,
        place: &Place<'_>,
        account: &str,
        password: &str,
    ) -> Result<String, EngineError> {
        let (account, password) = (account.to_owned(), Zeroizing::new(password.to_owned()));
        let (vault, cost) = (self.inner.vault.clone(), self.inner.doorkeeper.cost);
        let mut random = self.inner.entropy.fork();
        let hashed = place.work(move || {
            strength::check(&password, &account)?;
            let hash = vault.hash_password(&password, cost, &mut random);
            hash.map_err(|error| EngineError::Setup(error.to_string()))
        });
        hashed.await?
    }
}
