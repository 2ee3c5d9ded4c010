//! Subjects: people whom another house vouches for, by OpenID Connect, and whose account it is.

use gantry_store::{Expect, Space, Write};
use serde::{Deserialize, Serialize};

use crate::accounts::account::stands;
use crate::accounts::attempt::SignInError;
use crate::accounts::enter::{Proof, SignedInNow};
use crate::accounts::house::{again, decode};
use crate::actor::Actor;
use crate::audit::Cause;
use crate::engine::{Engine, encode};
use crate::error::EngineError;

/// Subjects of one account, at most.
const MAX_SUBJECTS: usize = 10;
/// Bytes of an issuer's address, and of a subject (OpenID Connect Core 1.0, section 2), at most.
const MAX_PART: usize = 255;

/// A subject as it is stored, under issuer and subject.
#[derive(Serialize, Deserialize)]
struct StoredSubject {
    account: String,
}

impl Engine {
    /// Lets an account be signed in to by somebody whom an issuer vouches for as that subject. Another
    /// account may not have the same.
    pub async fn link_subject(
        &self,
        by: &Actor,
        account: &str,
        issuer: &str,
        subject: &str,
        cause: Cause,
    ) -> Result<(), EngineError> {
        self.keeper(by, "subject-link", cause)?;
        let key = key_of(issuer, subject).ok_or_else(|| {
            let fault = "is not an issuer's address and a subject of at most 255 characters each";
            EngineError::invalid("subject", fault)
        })?;
        again(|| async {
            let there = self.account_there(account).await?;
            let stored = self.credential(account).await?;
            let mut credential = stored.credential.clone();
            if credential.subjects.contains(&key) {
                return Ok(());
            }
            if self.subject_account(&key).await?.is_some() {
                return Err(EngineError::invalid("subject", "is that of another account"));
            }
            if credential.subjects.len() >= MAX_SUBJECTS {
                let fault = format!("is one too many: an account has {MAX_SUBJECTS} at most");
                return Err(EngineError::invalid("subject", fault));
            }
            credential.subjects.push(key.clone());
            let (place, body) =
                (key.clone().into_bytes(), StoredSubject { account: account.into() });
            let expects = vec![
                stands(&there),
                stored.stands(),
                Expect::NoEntry(Space::Subject, place.clone()),
            ];
            let writes =
                vec![Write::Entry(Space::Subject, place, encode(&body)), stored.put(&credential)];
            self.house(by, format!("subject-link {account}"), cause, expects, writes).await
        })
        .await
    }

    /// Takes that away again. Sign-ins that began with it end, as all of the account do.
    pub async fn unlink_subject(
        &self,
        by: &Actor,
        account: &str,
        issuer: &str,
        subject: &str,
        cause: Cause,
    ) -> Result<(), EngineError> {
        self.keeper(by, "subject-unlink", cause)?;
        again(|| async {
            let stored = self.credential(account).await?;
            let mut credential = stored.credential.clone();
            let key = key_of(issuer, subject).filter(|key| credential.subjects.contains(key));
            let key = key.ok_or(EngineError::not_found("subject"))?;
            credential.subjects.retain(|one| *one != key);
            let mut writes = credential.end_sign_ins();
            writes.push(Write::RemoveEntry(Space::Subject, key.into_bytes()));
            writes.push(stored.put(&credential));
            let what = format!("subject-unlink {account}");
            self.house(by, what, cause, vec![stored.stands()], writes).await
        })
        .await
    }

    /// Signs in somebody whom an issuer vouches for. That the issuer does, and for this house, is for
    /// the caller to have proved (OpenID Connect Core 1.0, section 3.1.3.7).
    pub async fn sign_in_federated(
        &self,
        issuer: &str,
        subject: &str,
        agent: &str,
    ) -> Result<SignedInNow, SignInError> {
        let key = key_of(issuer, subject);
        let account = match &key {
            Some(key) => self.subject_account(key).await?,
            None => None,
        };
        let (Some(subject), Some(account)) = (key, account) else {
            self.note_failed("", "sign-in unknown-subject")?;
            return Err(SignInError::Wrong);
        };
        self.enter_as(&account, &Proof::Federated { subject }, agent).await
    }

    async fn subject_account(&self, key: &str) -> Result<Option<String>, EngineError> {
        let stored = self.inner.store.entry(Space::Subject, key.as_bytes()).await?;
        let stored = stored.map(|bytes| decode::<StoredSubject>(&bytes, "a subject"));
        Ok(stored.transpose()?.map(|subject| subject.account))
    }
}

/// Issuer and subject as one text, where they are such: neither has a line's end in it.
fn key_of(issuer: &str, subject: &str) -> Option<String> {
    let fits = |part: &str| {
        !part.is_empty() && part.len() <= MAX_PART && !part.chars().any(char::is_control)
    };
    (fits(issuer) && fits(subject)).then(|| format!("{issuer}\n{subject}"))
}
