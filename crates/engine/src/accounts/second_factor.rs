//! The second factor: codes of an authenticator (TOTP, RFC 6238).

use gantry_vault::TotpSecret;

use crate::accounts::account::stands;
use crate::accounts::attempt::{SignInError, Whence};
use crate::accounts::credential::{Credential, Password, Pending, SecondFactor};
use crate::accounts::house::again;
use crate::accounts::signed_in::actor_of;
use crate::actor::Actor;
use crate::audit::Cause;
use crate::engine::Engine;
use crate::error::EngineError;

/// A new secret must be confirmed within so long (ms).
const PENDING: i64 = 60 * 60 * 1_000;

impl Engine {
    /// A new secret for the account of whoever is signed in. It is in force once a code of it was shown
    /// ([`Engine::confirm_totp`]), within an hour; until then, one of before is. The password is asked
    /// for: whoever finds a browser open must not take the second factor over. A wrong one is a failure
    /// as at any sign-in.
    pub async fn begin_totp(&self, token: &str, password: &str) -> Result<TotpSecret, SignInError> {
        let Some((_, sign_in)) = self.sign_in_of(token).await? else {
            return Err(SignInError::Wrong);
        };
        let place = self.inner.doorkeeper.place().await?;
        let tried = self.try_at(&sign_in.account, Whence::Within).await?;
        if let Some(what) = self.compare(&place, &tried, password).await? {
            self.note_wrong(&tried, &format!("totp-begin {what}"))?;
            return Err(SignInError::Wrong);
        }
        self.take_back(&tried).await?;
        let account = self.account_there(&sign_in.account).await?;
        let (actor, _) = actor_of(account, sign_in.method);
        Ok(self.new_totp(&actor, tried.credential.password.as_ref()).await?)
    }

    /// A new secret, where the password is still the one that was shown.
    async fn new_totp(
        &self,
        by: &Actor,
        shown: Option<&Password>,
    ) -> Result<TotpSecret, EngineError> {
        self.own_or_keeper(by, &by.name, "totp-begin", Cause::Request)?;
        again(|| async {
            let there = self.account_there(&by.name).await?;
            let stored = self.credential(&by.name).await?;
            if stored.credential.password.as_ref() != shown {
                return Err(EngineError::Conflict { what: "password".to_owned() });
            }
            let policy = self.policy();
            let issuer = &policy.policy().notice().controller.name;
            let mut random = self.inner.entropy.fork();
            let made = self.inner.vault.new_totp(&by.name, issuer, &mut random);
            let (secret, sealed) =
                made.map_err(|_| EngineError::Corrupt("a second factor that cannot be sealed"))?;
            let mut credential = stored.credential.clone();
            let sealed = gantry_vault::encode(&sealed);
            credential.pending = Some(Pending { sealed, made: self.inner.clock.now() });
            let expects = vec![stands(&there), stored.stands()];
            let writes = vec![stored.put(&credential)];
            self.house(by, "totp-begin", Cause::Request, expects, writes).await?;
            Ok(secret)
        })
        .await
    }

    /// Puts the new secret in force, by a code of it. That code signs nobody in any more.
    pub async fn confirm_totp(&self, by: &Actor, code: &str) -> Result<(), EngineError> {
        self.own_or_keeper(by, &by.name, "totp-confirm", Cause::Request)?;
        again(|| async {
            let stored = self.credential(&by.name).await?;
            let mut credential = stored.credential.clone();
            let now = self.inner.clock.now();
            let pending = credential.pending.take();
            let pending = pending.filter(|pending| now.saturating_sub(pending.made) < PENDING);
            let Some(Pending { sealed, .. }) = pending else {
                let fault = "belongs to a secret that is over; hint: begin with a new one";
                return Err(EngineError::invalid("code", fault));
            };
            let Some(step) = self.step(&by.name, &sealed, code)? else {
                let fault = "is not what the authenticator shows now; hint: the clocks of both must be right to half a minute";
                return Err(EngineError::invalid("code", fault));
            };
            credential.second_factor = Some(SecondFactor { sealed, last_step: step });
            let writes = vec![stored.put(&credential)];
            self.house(by, "totp-confirm", Cause::Request, vec![stored.stands()], writes).await
        })
        .await
    }

    /// Takes the second factor of an account away: one's own, or of whoever has lost it.
    pub async fn remove_totp(
        &self,
        by: &Actor,
        account: &str,
        cause: Cause,
    ) -> Result<(), EngineError> {
        self.own_or_keeper(by, account, "totp-remove", cause)?;
        again(|| async {
            let stored = self.credential(account).await?;
            let mut credential = stored.credential.clone();
            credential.pending = None;
            credential.second_factor.take().ok_or(EngineError::not_found("second factor"))?;
            let writes = vec![stored.put(&credential)];
            let what = format!("totp-remove {account}");
            self.house(by, what, cause, vec![stored.stands()], writes).await
        })
        .await
    }

    /// Whether an account has a second factor in force.
    pub async fn has_totp(&self, account: &str) -> Result<bool, EngineError> {
        Ok(self.credential(account).await?.credential.second_factor.is_some())
    }

    /// The step whose code this is, where it was not taken before.
    pub(super) fn step_of(
        &self,
        account: &str,
        credential: &Credential,
        code: &str,
    ) -> Result<Option<u64>, EngineError> {
        let Some(factor) = &credential.second_factor else { return Ok(None) };
        let step = self.step(account, &factor.sealed, code)?;
        Ok(step.filter(|step| *step > factor.last_step))
    }

    fn step(&self, account: &str, sealed: &str, code: &str) -> Result<Option<u64>, EngineError> {
        let unreadable = || EngineError::Unreadable { what: "second factor".to_owned() };
        let sealed = gantry_vault::decode(sealed).ok_or_else(unreadable)?;
        let seconds = u64::try_from(self.inner.clock.now() / 1_000).unwrap_or(0);
        let step = self.inner.vault.totp_step(account, &sealed, code, seconds);
        step.map_err(|_| unreadable())
    }
}
