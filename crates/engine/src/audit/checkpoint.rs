//! A checkpoint: a signed statement of where the chains stood, kept outside the store. Whoever cuts
//! or rewrites a chain contradicts it.

use gantry_store::{AuditLink, Id};
use gantry_vault::{PublicKey, SIGNATURE_LEN, Vault, decode, encode};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What is signed; a signature of anything else is none of a checkpoint.
const SUBJECT: &str = "audit checkpoint 2";

/// Where chains of a store stood: one line of JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checkpoint {
    /// The store.
    pub store: Uuid,
    /// The file that it was written to; the same in all its lines.
    pub file: Uuid,
    /// Which checkpoint of the file it is, from 1, without gaps: so that one that is missing shows.
    pub number: u64,
    /// When it was signed, in milliseconds since 1970 (UTC).
    pub at: i64,
    /// The chains that it speaks of, by id.
    pub chains: Vec<Head>,
    /// Whose key signed.
    pub key: String,
    /// The signature (Ed25519), in base 32.
    pub signature: String,
}

/// Where a chain stood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// The chain.
    pub chain: Uuid,
    /// Its last link, and how many there were, since links have no gaps.
    pub sequence: i64,
    /// The hash of that link, in base 32.
    pub hash: String,
}

/// A place for a checkpoint: the file, and which of the file's it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Numbered {
    /// The file.
    pub file: Id,
    /// Its number, from 1.
    pub number: u64,
}

/// The hash of a link.
pub(crate) type Hash = [u8; 32];
/// The last link of a chain, as it was signed: chain, sequence, hash.
pub(crate) type Signed = (Id, i64, Hash);

impl Checkpoint {
    /// Signs that `heads`, by chain, were the last links of their chains.
    pub fn sign(
        vault: &Vault,
        store: Id,
        place: Numbered,
        heads: &[AuditLink],
        at: i64,
    ) -> Checkpoint {
        let signed = heads.iter().map(|head| (head.chain, head.sequence, head.hash));
        let message = message(&store, place, at, &signed.collect::<Vec<_>>());
        let chains = heads.iter().map(|head| Head {
            chain: Uuid::from_bytes(head.chain),
            sequence: head.sequence,
            hash: encode(&head.hash),
        });
        Checkpoint {
            store: Uuid::from_bytes(store),
            file: Uuid::from_bytes(place.file),
            number: place.number,
            at,
            chains: chains.collect(),
            key: vault.public_key().id(),
            signature: encode(&vault.sign(SUBJECT, &message)),
        }
    }

    /// Its place.
    pub const fn place(&self) -> Numbered {
        Numbered { file: self.file.into_bytes(), number: self.number }
    }

    /// The links that it speaks of, if the key signed this for the store.
    pub(crate) fn proven(&self, store: &Id, key: &PublicKey) -> Option<Vec<Signed>> {
        let links: Option<Vec<Signed>> = self.chains.iter().map(Head::read).collect();
        let links = links?;
        let signature = <[u8; SIGNATURE_LEN]>::try_from(decode(&self.signature)?).ok()?;
        let message = message(store, self.place(), self.at, &links);
        let ours = self.store.as_bytes() == store;
        (ours && key.verify(SUBJECT, &message, &signature)).then_some(links)
    }
}

impl Head {
    fn read(&self) -> Option<Signed> {
        let hash = Hash::try_from(decode(&self.hash)?).ok()?;
        Some((self.chain.into_bytes(), self.sequence, hash))
    }
}

fn message(store: &Id, place: Numbered, at: i64, links: &[Signed]) -> Vec<u8> {
    let mut message = [store.as_slice(), &place.file].concat();
    message.extend(place.number.to_le_bytes());
    message.extend(at.to_le_bytes());
    for (chain, sequence, hash) in links {
        message.extend(chain);
        message.extend(sequence.to_le_bytes());
        message.extend(hash);
    }
    message
}
