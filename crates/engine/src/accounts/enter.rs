//! A sign-in is written: who has shown to be an account's own gets a ticket.

use std::fmt;

use gantry_store::{Space, Write};
use gantry_vault::{Ticket, TicketKind};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::accounts::account::stands;
use crate::accounts::attempt::SignInError;
use crate::accounts::credential::{Credential, hex};
use crate::accounts::failures::Failures;
use crate::accounts::house::{again, id_of};
use crate::accounts::signed_in::{StoredSignIn, actor_of};
use crate::actor::Actor;
use crate::audit::Cause;
use crate::engine::{Engine, encode};
use crate::error::EngineError;

/// Sign-ins of an account that last at once; the oldest ends for another.
const MAX_SIGN_INS: usize = 20;

/// How somebody signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// With a password.
    Password,
    /// With a password and the code of a second factor.
    PasswordAndCode,
    /// With a link. Until a password is set, nothing else can be done.
    Link,
    /// Vouched for by another house (OpenID Connect).
    Federated,
}

impl Method {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::PasswordAndCode => "password-and-code",
            Self::Link => "link",
            Self::Federated => "federated",
        }
    }
}

/// Somebody who has signed in, this moment.
pub struct SignedInNow {
    /// The ticket of the sign-in, for the browser alone; a new one each time.
    pub token: Zeroizing<String>,
    /// What the browser keeps, for longer than the ticket: it is known by it at the next sign-in to this
    /// account ([`Attempt::browser`](crate::Attempt::browser)), and it opens nothing.
    pub browser: String,
    /// Who.
    pub actor: Actor,
    /// Whether a password must be set before anything else can be done.
    pub must_set_password: bool,
}

impl fmt::Debug for SignedInNow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedInNow").field("actor", &self.actor).finish_non_exhaustive()
    }
}

/// What somebody has shown. It is held against the credential once more when the sign-in is written.
pub(super) enum Proof {
    /// The password of that hash, and a code of that step. `known` is whether the browser is.
    Password { hash: Option<String>, step: Option<u64>, known: bool },
    /// The link of that hash.
    Link { hash: String },
    /// That another house vouches, under that key.
    Federated { subject: String },
}

impl Proof {
    /// Takes the proof, where it still proves something: a code, or a link, is not taken twice.
    fn spend(&self, credential: &mut Credential, now: i64) -> Option<(Method, Vec<Write>)> {
        match self {
            Proof::Password { hash, step, known } => {
                let stored = credential.password.as_ref().map(|password| &password.hash);
                let is_of_now = hash.is_some() && stored == hash.as_ref();
                let method = credential.spend_step(*step)?;
                *credential.failures(*known) = Failures::default();
                is_of_now.then_some((method, Vec::new()))
            }
            Proof::Link { hash } => {
                let link = credential.link.as_ref().filter(|link| link.hash == *hash);
                link.filter(|link| link.expires > now)?;
                Some((Method::Link, credential.end_link().into_iter().collect()))
            }
            Proof::Federated { subject } => {
                let vouched = credential.subjects.contains(subject);
                vouched.then_some((Method::Federated, Vec::new()))
            }
        }
    }
}

impl Credential {
    /// Takes a code of that step, where the account has a second factor: none of it or before it will
    /// be taken again (RFC 6238, section 5.2).
    pub(super) fn spend_step(&mut self, step: Option<u64>) -> Option<Method> {
        match (&mut self.second_factor, step) {
            (None, _) => Some(Method::Password),
            (Some(_), None) => None,
            (Some(factor), Some(step)) => {
                let is_new = step > factor.last_step;
                factor.last_step = factor.last_step.max(step);
                is_new.then_some(Method::PasswordAndCode)
            }
        }
    }
}

impl Engine {
    /// Signs in whoever has shown to be an account's own; where the proof has become nothing, that is
    /// noted and answered like anything else that is wrong.
    pub(super) async fn enter_as(
        &self,
        name: &str,
        proof: &Proof,
        agent: &str,
    ) -> Result<SignedInNow, SignInError> {
        if let Some(now) = self.enter(name, proof, agent).await? {
            return Ok(now);
        }
        self.note_failed(name, "sign-in used-or-over")?;
        Err(SignInError::Wrong)
    }

    async fn enter(
        &self,
        name: &str,
        proof: &Proof,
        agent: &str,
    ) -> Result<Option<SignedInNow>, EngineError> {
        again(|| async {
            let now = self.inner.clock.now();
            let Some(account) = self.account(name).await? else { return Ok(None) };
            let stored = self.credential(name).await?;
            let mut credential = stored.credential.clone();
            let Some((method, mut writes)) = proof.spend(&mut credential, now) else {
                return Ok(None);
            };
            writes.extend(self.make_room(&mut credential, now).await?);
            let sign_in = StoredSignIn::new(name, method, now, agent);
            let (ticket, write) = self.add_sign_in(&mut credential, &sign_in);
            credential.last_sign_in = Some(now);
            writes.extend([write, stored.put(&credential)]);
            let (actor, must_set_password) = actor_of(account.clone(), method);
            let what = format!("sign-in {} {}", method.word(), id_of(&ticket.hash()));
            let expects = vec![stands(&account), stored.stands()];
            self.house(&actor, what, Cause::Request, expects, writes).await?;
            let browser = self.inner.vault.browser_mark(name, &credential.epoch(account.created));
            Ok(Some(SignedInNow { token: ticket.text(), browser, actor, must_set_password }))
        })
        .await
    }

    /// A ticket for a sign-in, and what stores it.
    pub(super) fn add_sign_in(
        &self,
        credential: &mut Credential,
        sign_in: &StoredSignIn,
    ) -> (Ticket, Write) {
        let ticket = Ticket::generate(TicketKind::SignIn, &mut self.inner.entropy.fork());
        let key = ticket.hash().to_vec();
        credential.sign_ins.push(hex(&key));
        (ticket, Write::Entry(Space::SignIn, key, encode(sign_in)))
    }

    /// Makes room for one more sign-in: forgets those that are over, else ends the oldest.
    async fn make_room(
        &self,
        credential: &mut Credential,
        now: i64,
    ) -> Result<Vec<Write>, EngineError> {
        if credential.sign_ins.len() < MAX_SIGN_INS {
            return Ok(Vec::new());
        }
        let mut last = Vec::new();
        for (hash, key, sign_in) in self.sign_ins_of(credential).await? {
            if !sign_in.is_over(now) {
                last.push((hash, key));
            }
        }
        let beyond = (last.len() + 1).saturating_sub(MAX_SIGN_INS);
        let ended = last.drain(..beyond).map(|(_, key)| Write::RemoveEntry(Space::SignIn, key));
        let writes = ended.collect();
        credential.sign_ins = last.into_iter().map(|(hash, _)| hash).collect();
        Ok(writes)
    }
}
