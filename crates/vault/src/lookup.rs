//! Blind look-ups: keyed hashes that let a value be found without lying anywhere in clear.
//!
//! A word is found by its first letters: hashes of its prefixes are stored, and the query asks for
//! one. A query longer than the longest prefix finds a little more than it asked for, and two
//! values may rarely share a hash, so whoever asks compares the opened value.

use crate::mac::MacKey;
use crate::normal;
use crate::vault::Vault;

/// The shortest prefix by which a word is found; shorter words are found whole, and words in dense
/// scripts from their first character.
const SHORTEST_PREFIX: usize = 3;
/// The longest; a longer query asks for this much of its word.
const LONGEST_PREFIX: usize = 8;

/// How a value is normalised before it is hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Form {
    /// As it is, without space around it: ids of other systems.
    Exact = 0,
    /// An e-mail address.
    Email = 1,
    /// A phone number.
    Phone = 2,
    /// Words, each found by its prefixes: names.
    Words = 3,
}

/// Makes the hashes of look-ups.
pub struct Lookup {
    key: MacKey,
}

impl Vault {
    /// What makes the hashes of look-ups.
    pub fn lookup(&self) -> &Lookup {
        &self.lookup
    }
}

impl Lookup {
    pub(crate) fn new(key: MacKey) -> Lookup {
        Lookup { key }
    }

    /// The hashes to store, so that `text` can be found as `label` (`email`, `name`, `sap-id` ...):
    /// sorted, each once; none where the text has no normal form.
    pub fn stored(&self, form: Form, label: &str, text: &str) -> Vec<[u8; 16]> {
        let mut hashes = Vec::new();
        if form == Form::Words {
            for word in normal::words(text) {
                for length in prefix_lengths(&word) {
                    hashes.push(self.hash(form, label, prefix(&word, length)));
                }
            }
        } else if let Some(normal) = normal_form(form, text) {
            hashes.push(self.hash(form, label, &normal));
        }
        hashes.sort_unstable();
        hashes.dedup();
        hashes
    }

    /// The hashes to ask for: what `text` looks for is found under every one of them. None means
    /// that nothing can be found.
    pub fn asked(&self, form: Form, label: &str, text: &str) -> Vec<[u8; 16]> {
        if form != Form::Words {
            return self.stored(form, label, text);
        }
        let words = normal::words(text);
        let mut hashes: Vec<_> =
            words.iter().map(|word| self.hash(form, label, prefix(word, LONGEST_PREFIX))).collect();
        hashes.sort_unstable();
        hashes.dedup();
        hashes
    }

    /// The hash of a text that is in normal form already.
    pub fn hash(&self, form: Form, label: &str, normal: &str) -> [u8; 16] {
        let length = u64::try_from(label.len()).unwrap_or(u64::MAX).to_le_bytes();
        self.key.short(&[&[form as u8], &length, label.as_bytes(), normal.as_bytes()])
    }
}

fn normal_form(form: Form, text: &str) -> Option<String> {
    match form {
        Form::Email => normal::email(text),
        Form::Phone => normal::phone(text),
        Form::Exact | Form::Words => {
            Some(text.trim()).filter(|text| !text.is_empty()).map(str::to_owned)
        }
    }
}

fn prefix_lengths(word: &str) -> std::ops::RangeInclusive<usize> {
    let length = word.chars().take(LONGEST_PREFIX).count();
    let shortest = if normal::is_dense(word) { 1 } else { SHORTEST_PREFIX };
    shortest.min(length)..=length
}

fn prefix(word: &str, length: usize) -> &str {
    let end = word.char_indices().nth(length).map_or(word.len(), |(at, _)| at);
    word.get(..end).unwrap_or(word)
}
