//! Being signed in: who comes with a ticket, until when, and how it ends before.

use gantry_store::{Batch, Expect, Space, StoreError, Write};
use gantry_vault::{Ticket, TicketKind};
use serde::{Deserialize, Serialize};

use crate::accounts::credential::{Credential, from_hex, hex};
use crate::accounts::enter::Method;
use crate::accounts::house::{again, decode, id_of};
use crate::accounts::link::StoredLink;
use crate::actor::{Account, Actor};
use crate::audit::Cause;
use crate::engine::{Engine, encode};
use crate::error::EngineError;

const MINUTE: i64 = 60 * 1_000;
/// A sign-in ends when it was not used for so long (ms).
const IDLE: i64 = 60 * MINUTE;
/// It ends after so long however much it is used (ms).
const LONGEST: i64 = 12 * 60 * MINUTE;
/// That it is used is written this often at most (ms).
const SEEN: i64 = MINUTE;
/// As much is kept of what a browser says it is, in characters.
const MAX_AGENT: usize = 160;
/// Entries that are looked at together when what is over is forgotten.
const PAGE: usize = 500;

/// A sign-in as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct StoredSignIn {
    pub(super) account: String,
    pub(super) method: Method,
    pub(super) created: i64,
    pub(super) seen: i64,
    pub(super) agent: String,
}

/// Somebody who is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    /// What the sign-in is called: it opens nothing.
    pub id: String,
    /// Who. Until a password is set that must be, it works for no purpose.
    pub actor: Actor,
    /// How it began.
    pub method: Method,
    /// When it began (ms).
    pub created: i64,
    /// What forms carry, so that one made elsewhere is known: a keyed hash of the ticket, the same for
    /// all its life, which tells nothing of it.
    pub csrf: String,
    /// Whether a password must be set before anything else can be done.
    pub must_set_password: bool,
}

/// A sign-in, as it can be told of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SignInShown {
    /// What it is called.
    pub id: String,
    /// When it began (ms).
    pub created: i64,
    /// When it was used last, to the minute (ms).
    pub seen: i64,
    /// When it ends if it is not used any more (ms).
    pub ends: i64,
    /// How it began.
    pub method: Method,
    /// What the browser said it was.
    pub agent: String,
}

impl StoredSignIn {
    pub(super) fn new(account: &str, method: Method, now: i64, agent: &str) -> StoredSignIn {
        let agent = agent.chars().filter(|c| !c.is_control()).take(MAX_AGENT).collect();
        StoredSignIn { account: account.to_owned(), method, created: now, seen: now, agent }
    }

    fn ends(&self) -> i64 {
        self.seen.saturating_add(IDLE).min(self.created.saturating_add(LONGEST))
    }

    pub(super) fn is_over(&self, now: i64) -> bool {
        now >= self.ends()
    }
}

impl Engine {
    /// Who comes with a ticket; `None` where it is unknown, over or ended, or its account is gone. Takes
    /// two point reads, and once a minute a write that it was used.
    pub async fn signed_in(&self, token: &str) -> Result<Option<SignedIn>, EngineError> {
        let Some((ticket, sign_in)) = self.sign_in_of(token).await? else { return Ok(None) };
        let Some(account) = self.account(&sign_in.account).await? else { return Ok(None) };
        let (actor, must_set_password) = actor_of(account, sign_in.method);
        Ok(Some(SignedIn {
            id: id_of(&ticket.hash()),
            actor,
            method: sign_in.method,
            created: sign_in.created,
            csrf: self.inner.vault.form_check(&ticket),
            must_set_password,
        }))
    }

    /// The sign-in of a ticket, where it lasts. That it was used is noted with it.
    pub(super) async fn sign_in_of(
        &self,
        token: &str,
    ) -> Result<Option<(Ticket, StoredSignIn)>, EngineError> {
        let Some(ticket) = Ticket::parse(TicketKind::SignIn, token) else { return Ok(None) };
        let (key, now) = (ticket.hash().to_vec(), self.inner.clock.now());
        let Some(bytes) = self.inner.store.entry(Space::SignIn, &key).await? else {
            return Ok(None);
        };
        let sign_in: StoredSignIn = decode(&bytes, "a sign-in")?;
        if sign_in.is_over(now) {
            return Ok(None);
        }
        if now.saturating_sub(sign_in.seen) < SEEN {
            return Ok(Some((ticket, sign_in)));
        }
        let used = StoredSignIn { seen: now, ..sign_in };
        let batch = Batch {
            // Whoever ended it meanwhile has ended it.
            expects: vec![Expect::Entry(Space::SignIn, key.clone(), bytes)],
            writes: vec![Write::Entry(Space::SignIn, key.clone(), encode(&used))],
            ..Batch::default()
        };
        match self.inner.store.commit(batch).await {
            Ok(_) => Ok(Some((ticket, used))),
            Err(StoreError::Conflict { .. }) => {
                let there = self.inner.store.entry(Space::SignIn, &key).await?.is_some();
                Ok(there.then_some((ticket, used)))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Ends the sign-in of a ticket. One that is none is ended already.
    pub async fn sign_out(&self, token: &str) -> Result<(), EngineError> {
        let Some(ticket) = Ticket::parse(TicketKind::SignIn, token) else { return Ok(()) };
        let key = ticket.hash().to_vec();
        again(|| async {
            let Some(bytes) = self.inner.store.entry(Space::SignIn, &key).await? else {
                return Ok(());
            };
            let sign_in: StoredSignIn = decode(&bytes, "a sign-in")?;
            let by = Actor { name: sign_in.account, roles: Vec::new(), purposes: None };
            let what = format!("sign-out {}", id_of(&key));
            self.end_one(&by, &by.name, &hex(&key), (what, Cause::Request)).await
        })
        .await
    }

    /// The sign-ins of an account that last, the oldest first.
    pub async fn sign_ins(&self, account: &str) -> Result<Vec<SignInShown>, EngineError> {
        let now = self.inner.clock.now();
        let credential = self.credential(account).await?.credential;
        let all = self.sign_ins_of(&credential).await?.into_iter();
        let last = all.filter(|(_, _, sign_in)| !sign_in.is_over(now));
        let shown = last.map(|(_, key, sign_in)| SignInShown {
            id: id_of(&key),
            created: sign_in.created,
            seen: sign_in.seen,
            ends: sign_in.ends(),
            method: sign_in.method,
            agent: sign_in.agent,
        });
        Ok(shown.collect())
    }

    /// Ends a sign-in of an account, by its id. One's own, or any by who looks after the house.
    pub async fn revoke_sign_in(
        &self,
        by: &Actor,
        account: &str,
        id: &str,
        cause: Cause,
    ) -> Result<(), EngineError> {
        self.own_or_keeper(by, account, "sign-in-revoke", cause)?;
        again(|| async {
            let credential = self.credential(account).await?.credential;
            let all = self.sign_ins_of(&credential).await?;
            let found = all.into_iter().find(|(_, key, _)| id_of(key) == id);
            let (hash, _, _) = found.ok_or(EngineError::not_found("sign-in"))?;
            let what = format!("sign-in-revoke {id} {account}");
            self.end_one(by, account, &hash, (what, cause)).await
        })
        .await
    }

    /// Ends all sign-ins of an account. Answers how many lasted.
    pub async fn revoke_sign_ins(
        &self,
        by: &Actor,
        account: &str,
        cause: Cause,
    ) -> Result<usize, EngineError> {
        self.own_or_keeper(by, account, "sign-in-revoke", cause)?;
        again(|| async {
            let last = self.sign_ins(account).await?.len();
            let stored = self.credential(account).await?;
            let mut credential = stored.credential.clone();
            let mut writes = credential.end_sign_ins();
            writes.push(stored.put(&credential));
            let what = format!("sign-in-revoke all {account}");
            self.house(by, what, cause, vec![stored.stands()], writes).await?;
            Ok(last)
        })
        .await
    }

    async fn end_one(
        &self,
        by: &Actor,
        account: &str,
        hash: &str,
        (what, cause): (String, Cause),
    ) -> Result<(), EngineError> {
        let stored = self.credential(account).await?;
        let mut credential = stored.credential.clone();
        credential.sign_ins.retain(|one| one != hash);
        let mut writes = vec![Write::RemoveEntry(Space::SignIn, from_hex(hash))];
        // Of an account that is gone nothing is left to be changed.
        if !stored.is_new() {
            writes.push(stored.put(&credential));
        }
        self.house(by, what, cause, vec![stored.stands()], writes).await
    }

    /// The sign-ins that a credential names, as far as they are there: hash, key, and what is stored.
    pub(super) async fn sign_ins_of(
        &self,
        credential: &Credential,
    ) -> Result<Vec<(String, Vec<u8>, StoredSignIn)>, EngineError> {
        let mut found = Vec::new();
        for hash in &credential.sign_ins {
            let key = from_hex(hash);
            if let Some(bytes) = self.inner.store.entry(Space::SignIn, &key).await? {
                found.push((hash.clone(), key, decode(&bytes, "a sign-in")?));
            }
        }
        Ok(found)
    }

    /// Forgets sign-ins and links that are over, every few minutes.
    pub(crate) async fn forget_what_is_over(&self) -> Result<(), EngineError> {
        let now = self.inner.clock.now();
        if !self.inner.doorkeeper.is_time_to_tidy(now) {
            return Ok(());
        }
        self.forget(Space::SignIn, |bytes| {
            decode::<StoredSignIn>(bytes, "a sign-in").map_or(true, |one| one.is_over(now))
        })
        .await?;
        self.forget(Space::Link, |bytes| {
            decode::<StoredLink>(bytes, "a link").map_or(true, |one| one.is_over(now))
        })
        .await
    }

    async fn forget(
        &self,
        space: Space,
        is_over: impl Fn(&[u8]) -> bool,
    ) -> Result<(), EngineError> {
        let mut after: Option<Vec<u8>> = None;
        loop {
            let page = self.inner.store.entries(space, &[], after.as_deref(), PAGE).await?;
            after = page.last().map(|(key, _)| key.clone());
            let is_last = page.len() < PAGE;
            let over: Vec<_> = page.into_iter().filter(|(_, bytes)| is_over(bytes)).collect();
            for (key, bytes) in over {
                let expects = vec![Expect::Entry(space, key.clone(), bytes)];
                let writes = vec![Write::RemoveEntry(space, key)];
                let batch = Batch { expects, writes, ..Batch::default() };
                match self.inner.store.commit(batch).await {
                    // Another node was faster, or it was used this moment.
                    Ok(_) | Err(StoreError::Conflict { .. }) => {}
                    Err(error) => return Err(error.into()),
                }
            }
            if is_last {
                return Ok(());
            }
        }
    }
}

/// Who is signed in to an account, and whether a password must be set first: until then the actor
/// works for no purpose, and can do nothing in the house.
pub(super) fn actor_of(account: Account, method: Method) -> (Actor, bool) {
    let Account { name, roles, .. } = account;
    let must_set_password = method == Method::Link;
    let purposes = must_set_password.then(Vec::new);
    (Actor { name, roles, purposes }, must_set_password)
}
