//! Signatures (Ed25519): who holds only the public key can check the audit trail.

use std::fmt;
use std::str::FromStr;

use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};

use crate::text;
use crate::vault::Vault;

/// Bytes of a signature.
pub const SIGNATURE_LEN: usize = 64;
/// The start of a public key's text form.
const PREFIX: &str = "gantry-public-";

pub(crate) struct Signer(SigningKey);

impl Signer {
    pub(crate) fn new(seed: &[u8; 32]) -> Signer {
        Signer(SigningKey::from_bytes(seed))
    }
}

impl Vault {
    /// Signs a message. `subject` says of what kind it is, so that a signature of one kind is none
    /// of another.
    pub fn sign(&self, subject: &str, message: &[u8]) -> [u8; SIGNATURE_LEN] {
        self.signer.0.sign(&framed(subject, message)).to_bytes()
    }

    /// The key that checks what this vault signs.
    pub fn public_key(&self) -> PublicKey {
        PublicKey(self.signer.0.verifying_key())
    }
}

/// Checks signatures. Its text form is `gantry-public-` and 58 letters.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

impl PublicKey {
    /// Whether the vault of this key signed the message as one of that kind.
    pub fn verify(&self, subject: &str, message: &[u8], signature: &[u8; SIGNATURE_LEN]) -> bool {
        let signature = Signature::from_bytes(signature);
        self.0.verify_strict(&framed(subject, message), &signature).is_ok()
    }

    /// A short name for the key: 13 letters.
    pub fn id(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(b"gantry key id 1");
        hash.update(self.0.as_bytes());
        let digest: [u8; 32] = hash.finalize().into();
        text::encode(&digest.first_chunk::<8>().copied().unwrap_or_default())
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&text::encode_key(PREFIX, self.0.as_bytes()))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", self.id())
    }
}

impl FromStr for PublicKey {
    type Err = PublicKeyError;

    fn from_str(text: &str) -> Result<PublicKey, PublicKeyError> {
        let bytes = text::decode_key(PREFIX, text).map_err(|bad| PublicKeyError(bad.words()))?;
        let key = VerifyingKey::from_bytes(&bytes)
            .map_err(|_| PublicKeyError("its bytes are no point of the curve"))?;
        Ok(PublicKey(key))
    }
}

/// A text that is no public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a public key: {0}\nhint: a public key is `gantry-public-` and 58 letters")]
pub struct PublicKeyError(&'static str);

fn framed(subject: &str, message: &[u8]) -> Vec<u8> {
    let length = u64::try_from(subject.len()).unwrap_or(u64::MAX).to_le_bytes();
    [b"gantry signature 1 ".as_slice(), &length, subject.as_bytes(), message].concat()
}
