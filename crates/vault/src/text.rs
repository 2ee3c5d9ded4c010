//! Bytes as text that people can read out and type: Crockford's base 32, which has no `I`, `L`,
//! `O` and `U`, and takes small letters, look-alikes and hyphens when it is read.

use sha2::{Digest, Sha256};
use zeroize::{Zeroize, Zeroizing};

const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// So many bytes of a hash tell a typing error.
const CHECK_LEN: usize = 4;

/// The bytes as text, in capital letters and digits.
pub fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().saturating_mul(8).div_ceil(5));
    let (mut held, mut bits) = (0u32, 0u32);
    for &byte in bytes {
        held = (held << 8) | u32::from(byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(letter(held >> bits));
        }
        held &= (1 << bits) - 1;
    }
    if bits > 0 {
        text.push(letter(held << (5 - bits)));
    }
    text
}

/// The bytes of a text that [`encode`] wrote; `None` where it could not have.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let (mut held, mut bits) = (0u32, 0u32);
    for c in text.chars().filter(|&c| c != '-') {
        held = (held << 5) | value(c)?;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push(low_byte(held >> bits));
            held &= (1 << bits) - 1;
        }
    }
    // What is left over is padding: less than a letter, and nothing in it.
    let whole = bits < 5 && held == 0;
    if !whole {
        bytes.zeroize();
    }
    whole.then_some(bytes)
}

/// A key of 32 bytes as text: a prefix that says what it is, the key, and a check against typing
/// errors.
pub(crate) fn encode_key(prefix: &str, key: &[u8; 32]) -> Zeroizing<String> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(32 + CHECK_LEN));
    bytes.extend_from_slice(key);
    bytes.extend_from_slice(&check(prefix, key));
    let body = Zeroizing::new(encode(&bytes));
    Zeroizing::new([prefix, body.as_str()].concat())
}

/// The key in a text that [`encode_key`] wrote.
pub(crate) fn decode_key(prefix: &str, text: &str) -> Result<Zeroizing<[u8; 32]>, BadKeyText> {
    let body = text.trim().strip_prefix(prefix).ok_or(BadKeyText::Prefix)?;
    let bytes = Zeroizing::new(decode(body).ok_or(BadKeyText::Letters)?);
    let (key, found) = bytes.split_first_chunk::<32>().ok_or(BadKeyText::Length)?;
    if found.len() != CHECK_LEN {
        return Err(BadKeyText::Length);
    }
    if found != check(prefix, key) {
        return Err(BadKeyText::Check);
    }
    Ok(Zeroizing::new(*key))
}

/// What is wrong with the text of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BadKeyText {
    Prefix,
    Letters,
    Length,
    Check,
}

impl BadKeyText {
    /// In words, without a letter of the text itself: it may be a secret.
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::Prefix => "it begins otherwise",
            Self::Letters => "it has a letter that no key has",
            Self::Length => "it is too short or too long",
            Self::Check => "its check letters do not fit: mistyped or cut",
        }
    }
}

fn check(prefix: &str, key: &[u8; 32]) -> [u8; CHECK_LEN] {
    let mut hash = Sha256::new();
    hash.update(b"gantry check 1");
    hash.update(prefix.as_bytes());
    hash.update(key);
    let digest: [u8; 32] = hash.finalize().into();
    digest.first_chunk().copied().unwrap_or_default()
}

fn letter(value: u32) -> char {
    let index = usize::try_from(value & 31).unwrap_or_default();
    LETTERS.get(index).map_or('0', |&letter| char::from(letter))
}

fn value(c: char) -> Option<u32> {
    let letter = match c.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    let index = LETTERS.iter().position(|&known| char::from(known) == letter)?;
    u32::try_from(index).ok()
}

fn low_byte(value: u32) -> u8 {
    value.to_le_bytes()[0]
}
