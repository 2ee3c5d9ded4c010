//! What an account can be known by: its password's hash, its second factor, a link, who vouches for it;
//! who is signed in, and how often somebody failed to be.
//!
//! All of it is one entry, and whatever concerns an account's sign-ins is written with this entry as
//! it was read: a password that is changed, a code or a link that is used, and a sign-in that begins
//! exclude each other, on all nodes.

use gantry_store::{Expect, Space, Write};
use serde::{Deserialize, Serialize};

use crate::accounts::failures::Failures;
use crate::accounts::house::decode;
use crate::engine::{Engine, encode};
use crate::error::EngineError;

/// See the module.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Credential {
    pub(super) password: Option<Password>,
    pub(super) second_factor: Option<SecondFactor>,
    /// A second factor that is not in force yet.
    pub(super) pending: Option<Pending>,
    /// Failures of browsers in which nobody has signed in to the account before.
    pub(super) strangers: Failures,
    /// Failures of browsers in which somebody has.
    pub(super) known: Failures,
    /// When somebody signed in last (ms).
    pub(super) last_sign_in: Option<i64>,
    /// Sign-ins by their hash in hexadecimal digits, the oldest first; some of them may be over.
    pub(super) sign_ins: Vec<String>,
    pub(super) link: Option<Link>,
    /// Who vouches for it: keys of [`Space::Subject`].
    pub(super) subjects: Vec<String>,
}

/// A password that is set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Password {
    /// Its hash, as a PHC string.
    pub(super) hash: String,
    /// When it was set (ms).
    pub(super) set: i64,
}

/// A second factor that is in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SecondFactor {
    /// Its secret, sealed, as text.
    pub(super) sealed: String,
    /// The last step whose code was taken.
    pub(super) last_step: u64,
}

/// A second factor that nobody has shown to have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Pending {
    /// Its secret, sealed, as text.
    pub(super) sealed: String,
    /// When it was made (ms).
    pub(super) made: i64,
}

/// A link that is good once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Link {
    /// Its hash, in hexadecimal digits.
    pub(super) hash: String,
    /// When it ends (ms).
    pub(super) expires: i64,
}

/// A credential as it was read.
#[derive(Clone, Debug)]
pub(super) struct Stored {
    key: Vec<u8>,
    bytes: Option<Vec<u8>>,
    pub(super) credential: Credential,
}

impl Stored {
    /// That it is still as it was read.
    pub(super) fn stands(&self) -> Expect {
        match &self.bytes {
            Some(bytes) => Expect::Entry(Space::Credential, self.key.clone(), bytes.clone()),
            None => Expect::NoEntry(Space::Credential, self.key.clone()),
        }
    }

    /// Whether there is nothing stored yet.
    pub(super) fn is_new(&self) -> bool {
        self.bytes.is_none()
    }

    /// Puts another in its place.
    pub(super) fn put(&self, credential: &Credential) -> Write {
        Write::Entry(Space::Credential, self.key.clone(), encode(credential))
    }

    /// What takes it away, with all that hangs on it.
    pub(super) fn remove(&self) -> Vec<Write> {
        let mut credential = self.credential.clone();
        let mut writes = credential.end_sign_ins();
        writes.extend(credential.end_link());
        let subjects = credential.subjects.drain(..);
        writes.extend(subjects.map(|key| Write::RemoveEntry(Space::Subject, key.into_bytes())));
        writes.push(Write::RemoveEntry(Space::Credential, self.key.clone()));
        writes
    }
}

impl Credential {
    /// Ends all sign-ins.
    pub(super) fn end_sign_ins(&mut self) -> Vec<Write> {
        let keys = self.sign_ins.drain(..).map(|text| from_hex(&text));
        keys.map(|key| Write::RemoveEntry(Space::SignIn, key)).collect()
    }

    /// Ends the link, if there is one.
    pub(super) fn end_link(&mut self) -> Option<Write> {
        self.link.take().map(|link| Write::RemoveEntry(Space::Link, from_hex(&link.hash)))
    }

    /// By what a browser's mark is known to be of now: with another password, browsers are strangers.
    pub(super) fn epoch(&self, created: i64) -> String {
        format!("{created} {}", self.password.as_ref().map_or(0, |password| password.set))
    }

    pub(super) fn failures(&mut self, known: bool) -> &mut Failures {
        if known { &mut self.known } else { &mut self.strangers }
    }
}

/// By what somebody can sign in to an account, and whether somebody did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct WaysIn {
    /// Whether it has a password.
    pub password: bool,
    /// Whether it has a second factor that is in force.
    pub second_factor: bool,
    /// How many others vouch for it.
    pub subjects: usize,
    /// Until when a link is good (ms), if there is one.
    pub link_until: Option<i64>,
    /// When somebody signed in last (ms).
    pub last_sign_in: Option<i64>,
    /// Until when too many failures keep strangers out (ms), where they do.
    pub shut_until: Option<i64>,
}

impl Engine {
    /// By what somebody can sign in to an account.
    pub async fn ways_in(&self, account: &str) -> Result<WaysIn, EngineError> {
        let credential = self.credential(account).await?.credential;
        let now = self.inner.clock.now();
        Ok(WaysIn {
            password: credential.password.is_some(),
            second_factor: credential.second_factor.is_some(),
            subjects: credential.subjects.len(),
            link_until: credential.link.map(|link| link.expires).filter(|until| *until > now),
            last_sign_in: credential.last_sign_in,
            shut_until: credential.strangers.shut_until(now),
        })
    }

    /// What an account can be known by; nothing where nothing is stored.
    pub(super) async fn credential(&self, account: &str) -> Result<Stored, EngineError> {
        self.credential_at(account.as_bytes().to_vec()).await
    }

    pub(super) async fn credential_at(&self, key: Vec<u8>) -> Result<Stored, EngineError> {
        let bytes = self.inner.store.entry(Space::Credential, &key).await?;
        let credential = match &bytes {
            Some(bytes) => decode(bytes, "what an account is known by")?,
            None => Credential::default(),
        };
        Ok(Stored { key, bytes, credential })
    }
}

/// Bytes as hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

/// The bytes that [`hex`] wrote.
pub(super) fn from_hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> =
        text.chars().filter_map(|c| c.to_digit(16)).filter_map(|d| u8::try_from(d).ok()).collect();
    digits.chunks(2).map(|pair| pair.iter().fold(0, |byte, digit| (byte << 4) | digit)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_digits_give_the_bytes_back() {
        let bytes: Vec<u8> = (0..=255).collect();
        assert_eq!(from_hex(&hex(&bytes)), bytes);
        assert_eq!(hex(&[0, 10, 255]), "000aff");
    }

    #[test]
    fn what_an_older_program_wrote_is_read() {
        let read: Credential = serde_json::from_str(r#"{"last_sign_in":5}"#).unwrap();
        assert_eq!(read, Credential { last_sign_in: Some(5), ..Credential::default() });
    }
}
