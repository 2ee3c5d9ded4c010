//! API tokens: random, shown once, and stored only as a hash.

use std::fmt;

use rand::CryptoRng;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::text;

/// The start of its text form, by which scanners for leaked secrets know it.
const PREFIX: &str = "gtr_";

/// A bearer token, wiped from memory when dropped.
#[derive(Clone)]
pub struct Token(Zeroizing<[u8; 32]>);

impl Token {
    /// A new one.
    pub fn generate(random: &mut dyn CryptoRng) -> Token {
        let mut bytes = Zeroizing::new([0u8; 32]);
        random.fill_bytes(bytes.as_mut_slice());
        Token(bytes)
    }

    /// Reads the text form.
    pub fn parse(text: &str) -> Result<Token, TokenError> {
        let key = text::decode_key(PREFIX, text).map_err(|bad| TokenError(bad.words()))?;
        Ok(Token(key))
    }

    /// The text form, to be shown once: `gtr_` and 58 letters.
    pub fn text(&self) -> Zeroizing<String> {
        text::encode_key(PREFIX, &self.0)
    }

    /// What is stored of it. Without a key: 256 random bits cannot be guessed.
    pub fn hash(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(b"gantry token 1");
        hash.update(self.0.as_slice());
        hash.finalize().into()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

/// A text that is no token. It says why, and nothing of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "not a token: {0}\nhint: a token is `gtr_` and 58 letters, as `gantry token` showed it once"
)]
pub struct TokenError(&'static str);
