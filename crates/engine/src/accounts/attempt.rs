//! Signing in with a name and a password.
//!
//! INVARIANT: a name that no account has is treated as an account without a password, in the same steps
//! and the same time; its failures are counted in one of 256 places that such names share.
//! INVARIANT: a try is counted before anything is compared, and given back where it was right, so that
//! many tries at once, on however many nodes, are not more than they would be one after the other.

use std::fmt;

use gantry_store::Batch;
use gantry_vault::Form;
use zeroize::Zeroizing;

use crate::accounts::account::stands;
use crate::accounts::credential::Credential;
use crate::accounts::doorkeeper::Place;
use crate::accounts::enter::{Proof, SignedInNow};
use crate::accounts::house::again;
use crate::accounts::strength::LONGEST;
use crate::actor::{Account, is_name};
use crate::engine::Engine;
use crate::error::EngineError;

/// What somebody gives who wants to sign in.
pub struct Attempt<'a> {
    /// The account's name, as it was typed.
    pub account: &'a str,
    /// The password, as it was typed.
    pub password: &'a str,
    /// The code of the second factor, where one was typed.
    pub code: Option<&'a str>,
    /// What the browser was given when somebody signed in to the account with it before
    /// ([`SignedInNow::browser`]). Failures of strangers do not keep such a browser out.
    pub browser: Option<&'a str>,
    /// What the browser says it is.
    pub agent: &'a str,
}

impl fmt::Debug for Attempt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Attempt(..)")
    }
}

/// Why nobody was signed in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// One answer for all that can be wrong: there is no such account, it has no password, this is
    /// another one, the code is wrong or used, the link is over, or failures keep the account shut.
    #[error(
        "that did not sign anybody in\nhint: after several failures an account stays shut for a while, a quarter of an hour at most"
    )]
    Wrong,
    /// The password is right, and the account has a second factor, whose code is missing.
    #[error("the code of the authenticator is needed, too")]
    CodeNeeded,
    /// The engine failed, or what was given does not do.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// A try that is counted.
pub(super) struct Tried {
    pub(super) account: Option<Account>,
    /// What the account is known by, this try counted.
    pub(super) credential: Credential,
    key: Vec<u8>,
    known: bool,
    /// Whether failures kept the account shut already.
    shut: bool,
}

/// From where somebody tries.
#[derive(Clone, Copy)]
pub(super) enum Whence<'a> {
    /// From a browser that may have a mark.
    Browser(Option<&'a str>),
    /// From within a sign-in.
    Within,
}

/// What came of comparing.
pub(super) enum Compared {
    /// It is the account's own, with the code of that step, where there is a second factor.
    Right(Option<u64>),
    /// All but the code, which is missing.
    CodeMissing,
    /// Something else, in a word for the audit trail.
    Wrong(&'static str),
}

impl Engine {
    /// Signs somebody in with a name, a password and, where the account has a second factor, its code.
    /// Every call is in the audit trail.
    pub async fn sign_in(&self, attempt: &Attempt<'_>) -> Result<SignedInNow, SignInError> {
        let place = self.inner.doorkeeper.place().await?;
        let tried = self.try_at(attempt.account, Whence::Browser(attempt.browser)).await?;
        let compared = match self.compare(&place, &tried, attempt.password).await? {
            None => self.compare_code(&tried, attempt.code)?,
            Some(wrong) => Compared::Wrong(wrong),
        };
        match compared {
            Compared::Right(step) => {
                let hash = tried.credential.password.as_ref().map(|password| password.hash.clone());
                let proof = Proof::Password { hash, step, known: tried.known };
                self.enter_as(tried.name(), &proof, attempt.agent).await
            }
            Compared::CodeMissing => {
                self.take_back(&tried).await?;
                self.note_failed(tried.name(), "sign-in code-needed")?;
                Err(SignInError::CodeNeeded)
            }
            Compared::Wrong(what) => {
                self.note_wrong(&tried, &format!("sign-in {what}"))?;
                Err(SignInError::Wrong)
            }
        }
    }

    /// Notes a failure, and that it shuts the account, where it does.
    pub(super) fn note_wrong(&self, tried: &Tried, what: &str) -> Result<(), EngineError> {
        let name = tried.name();
        self.note_failed(name, what.to_owned())?;
        let mut credential = tried.credential.clone();
        let now_shut = credential.failures(tried.known).shut_until(self.inner.clock.now());
        if now_shut.is_some() && !tried.shut {
            // Of a name that nobody has, too: noting it takes time.
            return self.note_house(name, format!("lock-out {name}").trim_end().to_owned());
        }
        Ok(())
    }

    /// Counts a try at an account. It is written also where it changes nothing, since how long it
    /// takes must not tell whether the account is shut.
    pub(super) async fn try_at(&self, name: &str, from: Whence<'_>) -> Result<Tried, EngineError> {
        again(|| async {
            let account = if is_name(name) { self.account(name).await? } else { None };
            let key = match &account {
                Some(account) => account.name.as_bytes().to_vec(),
                None => self.nobody(name),
            };
            let stored = self.credential_at(key.clone()).await?;
            let mut credential = stored.credential.clone();
            let known = match (&account, from) {
                (None, _) => false,
                (Some(_), Whence::Within) => true,
                (Some(account), Whence::Browser(mark)) => mark.is_some_and(|mark| {
                    let epoch = credential.epoch(account.created);
                    self.inner.vault.is_browser_mark(mark, &account.name, &epoch)
                }),
            };
            let now = self.inner.clock.now();
            let failures = credential.failures(known);
            let shut = failures.shut_until(now).is_some();
            failures.add(now);
            let mut expects = vec![stored.stands()];
            expects.extend(account.as_ref().map(stands));
            let writes = vec![stored.put(&credential)];
            self.inner.store.commit(Batch { expects, writes, ..Batch::default() }).await?;
            Ok(Tried { account, credential, key, known, shut })
        })
        .await
    }

    /// Where failures of a name are counted that no account has: no account has such a name.
    fn nobody(&self, name: &str) -> Vec<u8> {
        let hash = self.inner.vault.lookup().hash(Form::Exact, "nobody", name);
        [b'?'].into_iter().chain(hash.first().copied()).collect()
    }

    /// Gives a try back that was none.
    pub(super) async fn take_back(&self, tried: &Tried) -> Result<(), EngineError> {
        again(|| async {
            let stored = self.credential_at(tried.key.clone()).await?;
            if stored.is_new() {
                return Ok(());
            }
            let mut credential = stored.credential.clone();
            credential.failures(tried.known).take_back();
            let (expects, writes) = (vec![stored.stands()], vec![stored.put(&credential)]);
            self.inner.store.commit(Batch { expects, writes, ..Batch::default() }).await?;
            Ok(())
        })
        .await
    }

    /// Whether a password is the account's: nothing where it is, else what is wrong.
    pub(super) async fn compare(
        &self,
        place: &Place<'_>,
        tried: &Tried,
        password: &str,
    ) -> Result<Option<&'static str>, EngineError> {
        let stored = tried.credential.password.as_ref();
        // What is longer is nobody's password.
        let fits = password.chars().nth(LONGEST).is_none();
        let hash = stored.filter(|_| fits && !tried.shut).map(|password| password.hash.clone());
        let given = Zeroizing::new(if fits { password.to_owned() } else { String::new() });
        let (vault, cost) = (self.inner.vault.clone(), self.inner.doorkeeper.cost);
        let compared = place.work(move || vault.is_password(&given, hash.as_deref(), cost)).await?;
        let is_right = compared.map_err(|error| EngineError::Setup(error.to_string()))?;
        Ok(match (is_right, &tried.account, stored) {
            (true, Some(_), _) => None,
            (_, None, _) => Some("unknown-account"),
            _ if tried.shut => Some("shut"),
            (_, _, None) => Some("no-password"),
            (false, Some(_), Some(_)) => Some("wrong-password"),
        })
    }

    /// Whether the code is the right one, where the account has a second factor.
    pub(super) fn compare_code(
        &self,
        tried: &Tried,
        code: Option<&str>,
    ) -> Result<Compared, EngineError> {
        if tried.credential.second_factor.is_none() {
            return Ok(Compared::Right(None));
        }
        let Some(code) = code else { return Ok(Compared::CodeMissing) };
        if tried.shut {
            return Ok(Compared::Wrong("shut"));
        }
        let step = self.step_of(tried.name(), &tried.credential, code)?;
        Ok(step.map_or(Compared::Wrong("wrong-code"), |step| Compared::Right(Some(step))))
    }
}

impl Tried {
    /// The account's name; empty where there is none.
    pub(super) fn name(&self) -> &str {
        self.account.as_ref().map_or("", |account| &account.name)
    }
}
