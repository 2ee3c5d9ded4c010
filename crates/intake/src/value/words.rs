//! Plain text, and the words for yes and no.

use std::borrow::Cow;
use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use super::NotA;

/// Text without the white space around it and with one kind of line break; `None` where it holds
/// other control characters.
pub(crate) fn text(text: &str) -> Option<Cow<'_, str>> {
    let text = text.trim();
    if !text.chars().any(char::is_control) {
        return Some(Cow::Borrowed(text));
    }
    if text.chars().any(|char| char.is_control() && !matches!(char, '\n' | '\r' | '\t')) {
        return None;
    }
    Some(Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n").replace('\t', " ")))
}

/// Whether a word means yes; an empty one means no.
pub(crate) fn flag(text: &str) -> Result<bool, NotA> {
    const YES: [&str; 13] =
        ["yes", "y", "true", "t", "1", "x", "on", "checked", "ja", "oui", "si", "sí", "kyllä"];
    const NO: [&str; 12] =
        ["", "no", "n", "false", "f", "0", "off", "unchecked", "nein", "non", "nej", "ei"];
    let text = text.to_lowercase();
    if YES.contains(&&*text) {
        Ok(true)
    } else if NO.contains(&&*text) {
        Ok(false)
    } else {
        Err("a yes or a no")
    }
}

/// The first half of the SHA-256 of a text, case and white space aside, in hexadecimal digits.
pub(crate) fn fingerprint(text: &str) -> String {
    let plain = text.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
    let digest = Sha256::digest(plain.as_bytes());
    digest.iter().take(16).fold(String::from("fp-"), |mut digits, byte| {
        // Writing to a string does not fail.
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}

/// A full name apart: what comes before its last word, and the last word with small words such as
/// `von` before it. `Last, First` is read as it is meant.
pub(crate) fn split_name(name: &str) -> (String, String) {
    if let Some((family, given)) = name.split_once(',') {
        return (given.trim().to_owned(), family.trim().to_owned());
    }
    let words: Vec<&str> = name.split_whitespace().collect();
    let is_small = |word: &&str| word.chars().all(char::is_lowercase);
    let Some(last) = words.len().checked_sub(1) else { return Default::default() };
    let mut from = last;
    while from > 1 && words.get(from - 1).is_some_and(is_small) {
        from -= 1;
    }
    let (given, family) = words.split_at(from);
    (given.join(" "), family.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_has_one_kind_of_line_break_and_no_control_characters() {
        assert_eq!(text(" a\r\nb\tc ").as_deref(), Some("a\nb c"));
        assert_eq!(text("a\0b"), None);
    }

    #[test]
    fn yes_and_no_have_many_words() {
        assert_eq!(flag("TRUE"), Ok(true));
        assert_eq!(flag("Ja"), Ok(true));
        assert_eq!(flag(""), Ok(false));
        assert_eq!(flag("0"), Ok(false));
        assert!(flag("maybe").is_err());
    }

    #[test]
    fn a_fingerprint_does_not_mind_case_and_spaces() {
        assert_eq!(fingerprint("Anna  Virta 12"), fingerprint("anna virta 12"));
        assert_ne!(fingerprint("Anna Virta 12"), fingerprint("Anna Virta 13"));
        assert_eq!(fingerprint("a").len(), 35);
    }

    #[test]
    fn a_name_is_taken_apart() {
        let split = |name| split_name(name);
        assert_eq!(split("Maria Anders"), ("Maria".into(), "Anders".into()));
        assert_eq!(split("Antonio del Valle"), ("Antonio".into(), "del Valle".into()));
        assert_eq!(split("Roberts, Roland"), ("Roland".into(), "Roberts".into()));
        assert_eq!(split("Plato"), (String::new(), "Plato".into()));
        assert_eq!(split(""), (String::new(), String::new()));
    }
}
