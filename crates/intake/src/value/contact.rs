//! E-mail addresses, telephone numbers and languages.

use super::NotA;

/// An address with its domain in lower case (RFC 5321, without quoted local parts).
pub(crate) fn email(text: &str) -> Result<String, NotA> {
    const NOT: NotA = "an e-mail address";
    let text = match text.get(..7) {
        Some(scheme) if scheme.eq_ignore_ascii_case("mailto:") => text.get(7..).unwrap_or_default(),
        _ => text,
    };
    let (local, domain) = text.split_once('@').ok_or(NOT)?;
    let odd =
        |char: char| char.is_whitespace() || char.is_control() || "<>()[],;:\"\\@".contains(char);
    let label_fits =
        |label: &str| !label.is_empty() && label.len() <= 63 && !label.starts_with('-');
    if local.is_empty()
        || local.len() > 64
        || domain.len() > 255
        || local.contains(odd)
        || domain.contains(odd)
        || !domain.split('.').all(label_fits)
    {
        return Err(NOT);
    }
    Ok(format!("{local}@{}", domain.to_lowercase()))
}

/// A number as written, with single spaces.
pub(crate) fn phone(text: &str) -> Result<String, NotA> {
    let number = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let digits = number.bytes().filter(u8::is_ascii_digit).count();
    let letters = number.chars().filter(|char| char.is_alphabetic()).count();
    // An extension has letters, `ext. 12`; a sentence is no number.
    if !(4..=20).contains(&digits) || letters > 10 || number.chars().count() > 40 {
        return Err("a telephone number");
    }
    Ok(number)
}

/// A language tag (BCP 47), or one of the names that exports have.
pub(crate) fn language(text: &str) -> Result<String, NotA> {
    const NOT: NotA = "a language that is known";
    let lower = text.to_lowercase();
    let named = NAMES.iter().find(|(_, names)| names.split('|').any(|name| name == lower));
    if let Some((tag, _)) = named {
        return Ok((*tag).to_owned());
    }
    // POSIX locales are written `de_DE.UTF-8`.
    let tag = text.split(['.', '@']).next().unwrap_or_default().replace('_', "-");
    let mut parts = tag.split('-');
    let primary = parts.next().unwrap_or_default().to_ascii_lowercase();
    let plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if !(2..=3).contains(&primary.len()) || !primary.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return Err(NOT);
    }
    let mut canonical = primary;
    for part in parts {
        if part.is_empty() || part.len() > 8 || !plain(part) {
            return Err(NOT);
        }
        canonical.push('-');
        canonical.push_str(&subtag(part));
    }
    if canonical.len() > 35 { Err(NOT) } else { Ok(canonical) }
}

/// Regions are written `BR`, scripts `Hant`, all else in lower case.
fn subtag(part: &str) -> String {
    let lower = part.to_ascii_lowercase();
    match part.len() {
        2 => part.to_ascii_uppercase(),
        4 if part.bytes().all(|byte| byte.is_ascii_alphabetic()) => {
            let (first, rest) = lower.split_at(1);
            first.to_ascii_uppercase() + rest
        }
        _ => lower,
    }
}

const NAMES: [(&str, &str); 30] = [
    ("ar", "arabic|العربية"),
    ("bg", "bulgarian"),
    ("cs", "czech|čeština"),
    ("da", "danish|dansk"),
    ("de", "german|deutsch"),
    ("el", "greek|ελληνικά"),
    ("en", "english"),
    ("es", "spanish|español"),
    ("et", "estonian|eesti"),
    ("fi", "finnish|suomi"),
    ("fr", "french|français"),
    ("hi", "hindi"),
    ("hr", "croatian|hrvatski"),
    ("hu", "hungarian|magyar"),
    ("it", "italian|italiano"),
    ("ja", "japanese|日本語"),
    ("ko", "korean|한국어"),
    ("lt", "lithuanian|lietuvių"),
    ("lv", "latvian|latviešu"),
    ("nb", "norwegian|norsk"),
    ("nl", "dutch|nederlands"),
    ("pl", "polish|polski"),
    ("pt", "portuguese|português"),
    ("ro", "romanian|română"),
    ("ru", "russian|русский"),
    ("sk", "slovak|slovenčina"),
    ("sv", "swedish|svenska"),
    ("tr", "turkish|türkçe"),
    ("uk", "ukrainian|українська"),
    ("zh", "chinese|中文"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_one_at_sign_and_a_domain() {
        assert_eq!(email("Anna.Virta@Example.COM").as_deref(), Ok("Anna.Virta@example.com"));
        assert_eq!(email("mailto:a@b.example").as_deref(), Ok("a@b.example"));
        assert_eq!(email("a@invalid").as_deref(), Ok("a@invalid"));
        for text in
            ["", "a", "a@", "@b", "a b@c.d", "a@b@c", "a@b..c", "a@b;c@d", "<a@b.c>", "ä@-b"]
        {
            assert!(email(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_number_keeps_its_form_and_a_word_is_none() {
        assert_eq!(phone("(5)  555-4729").as_deref(), Ok("(5) 555-4729"));
        assert_eq!(phone("+358 9 555 0100 ext. 12").as_deref(), Ok("+358 9 555 0100 ext. 12"));
        assert!(phone("BusinessPhone").is_err());
        assert!(phone("call the desk before 12:00 or 14:00").is_err());
    }

    #[test]
    fn a_language_is_a_tag_a_locale_or_a_name() {
        for (text, wanted) in [
            ("EN", "en"),
            ("pt_BR", "pt-BR"),
            ("de_DE.UTF-8", "de-DE"),
            ("Finnish", "fi"),
            ("zh-hant-TW", "zh-Hant-TW"),
        ] {
            assert_eq!(language(text).as_deref(), Ok(wanted), "{text}");
        }
        assert!(language("Klingonese").is_err());
        assert!(language("e").is_err());
    }
}
