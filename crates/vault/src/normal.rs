//! Normal forms: what counts as the same address, number or word.
//!
//! They widen on purpose (case, marks, spacing), because a look-up is followed by the opened value
//! itself. Each is stable: the normal form of a normal form is itself.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// At most this many words of a value can be searched.
pub const MAX_WORDS: usize = 16;
/// Addresses longer than the standards allow (RFC 5321) are no addresses.
const MAX_EMAIL: usize = 320;
/// E.164 allows 15 digits; old and internal numbers have come longer.
const MAX_DIGITS: usize = 32;

/// An e-mail address in small letters, composed (NFC), without space around it; `None` where it
/// has no `@` with something on both sides.
pub fn email(text: &str) -> Option<String> {
    let text = text.trim();
    if text.len() > MAX_EMAIL {
        return None;
    }
    let normal: String =
        text.chars().flat_map(char::to_lowercase).nfc().filter(|c| !c.is_whitespace()).collect();
    let (local, domain) = normal.rsplit_once('@')?;
    (!local.is_empty() && !domain.is_empty()).then_some(normal)
}

/// A phone number as digits, with `+` in front where it is international (`+` or `00`); the `(0)`
/// that some write into international numbers goes. `None` where no digit is left.
pub fn phone(text: &str) -> Option<String> {
    let plain: String = text.nfkc().filter(|c| c.is_ascii_digit() || "+()".contains(*c)).collect();
    let international = plain.trim_start_matches('(').starts_with('+');
    let plain = if international { plain.replace("(0)", "") } else { plain };
    let digits: String = plain.chars().filter(char::is_ascii_digit).collect();
    if digits.is_empty() || digits.len() > MAX_DIGITS {
        return None;
    }
    if international {
        return Some(format!("+{digits}"));
    }
    match digits.strip_prefix("00") {
        Some(rest) if !rest.is_empty() => {
            Some(format!("+{}", rest.trim_start_matches('0'))).filter(|number| number.len() > 1)
        }
        _ => Some(digits),
    }
}

/// The words of a text, folded: small letters, without marks, the letters that have no marks to
/// lose (`ß`, `ø`, `ł` ...) as people type them; at most [`MAX_WORDS`].
pub fn words(text: &str) -> Vec<String> {
    let folded: String = text
        .nfkd()
        .flat_map(char::to_lowercase)
        .filter(|c| !is_combining_mark(*c) && !is_joiner(*c))
        .flat_map(fold)
        .nfc()
        .collect();
    folded
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .take(MAX_WORDS)
        .map(str::to_owned)
        .collect()
}

/// Written inside a word, and as often left out: the dot of `Gal·la`, the apostrophe of `ŉ`.
fn is_joiner(c: char) -> bool {
    matches!(c, '\u{b7}' | '\u{2bc}')
}

fn fold(c: char) -> impl Iterator<Item = char> {
    let (first, second) = match c {
        'ß' => ('s', Some('s')),
        'æ' => ('a', Some('e')),
        'œ' => ('o', Some('e')),
        'þ' => ('t', Some('h')),
        'ø' => ('o', None),
        'ł' => ('l', None),
        'đ' | 'ð' => ('d', None),
        'ħ' => ('h', None),
        'ı' => ('i', None),
        'ς' => ('σ', None),
        other => (other, None),
    };
    std::iter::once(first).chain(second)
}

/// Whether a word is written in characters that each carry a syllable or a meaning, so that one or
/// two of them already are a name.
pub(crate) fn is_dense(word: &str) -> bool {
    word.chars().any(|c| {
        matches!(c,
            '\u{3040}'..='\u{30ff}'      // Hiragana, Katakana
            | '\u{3400}'..='\u{4dbf}'    // CJK extension A
            | '\u{4e00}'..='\u{9fff}'    // CJK
            | '\u{ac00}'..='\u{d7a3}'    // Hangul syllables
            | '\u{f900}'..='\u{faff}'    // CJK compatibility
            | '\u{20000}'..='\u{3ffff}') // CJK extensions B and later
    })
}
