//! Values of fields: what may be stored at all, in one canonical text form each.
//!
//! | kind | canonical form |
//! |---|---|
//! | text, label, reference, code | trimmed, without control characters |
//! | email | trimmed, domain in lower case |
//! | phone | as written, at least four digits |
//! | country | `FI` (ISO 3166-1) |
//! | language | `fi`, `pt-BR` (BCP 47) |
//! | date, time | `2026-11-01`, `2026-11-01T09:30:00Z` (ISO 8601, UTC) |
//! | integer, flag | `-12`, `yes` or `no` |
//! | money | `EUR 12.50` (ISO 4217) |

use gantry_notice::model::{Field, FieldKind};
use gantry_notice::{Country, is_country};
use serde_json::Value as Json;

/// The text of a field may be this long, in characters, whatever the notice says.
const MAX_LABEL: usize = 200;
const MAX_REFERENCE: usize = 80;

/// Reads a value into its canonical form, or says in a few words what it should be. The words never
/// repeat the value, which may be personal.
pub fn canonical(field: &Field, text: &str) -> Result<String, &'static str> {
    let text = text.trim();
    match &field.kind {
        FieldKind::Text { max } => {
            let max = usize::try_from(*max).unwrap_or(usize::MAX);
            words(text, max, "text of that length without control characters")
        }
        FieldKind::Label => {
            if text.contains('\n') || text.contains('@') {
                return Err("one line that names a thing, and no person");
            }
            words(text, MAX_LABEL, "one line of at most 200 characters")
        }
        FieldKind::Reference => reference(text),
        FieldKind::Email => email(text),
        FieldKind::Phone => phone(text),
        FieldKind::Country => match Country::of(text) {
            Some(country) if is_country(country.code()) => Ok(country.code().to_owned()),
            _ => Err("a country as two letters (ISO 3166-1)"),
        },
        FieldKind::Language => language(text),
        FieldKind::Date => date(text),
        FieldKind::Time => time(text),
        FieldKind::Integer => {
            text.parse::<i64>().map(|n| n.to_string()).map_err(|_| "a whole number")
        }
        FieldKind::Money => Money::parse(text).map(|money| money.to_string()),
        FieldKind::Flag => match text.to_ascii_lowercase().as_str() {
            "yes" | "true" | "1" => Ok("yes".to_owned()),
            "no" | "false" | "0" => Ok("no".to_owned()),
            _ => Err("`yes` or `no`"),
        },
        FieldKind::Code { values } => {
            let known = values.iter().find(|value| *value == text);
            known.cloned().ok_or("one of the codes that the notice lists for this field")
        }
    }
}

/// A canonical value as JSON: whole numbers and flags as such, all else as text.
pub fn json(kind: &FieldKind, canonical: &str) -> Json {
    match kind {
        FieldKind::Integer => {
            canonical.parse::<i64>().map_or_else(|_| canonical.into(), Json::from)
        }
        FieldKind::Flag => Json::Bool(canonical == "yes"),
        _ => Json::from(canonical),
    }
}

/// An amount in minor units of a currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Money {
    /// ISO 4217.
    pub currency: String,
    /// Hundredths, thousandths or units, as the currency has them.
    pub minor: i64,
}

impl Money {
    /// Reads `EUR 12.50`, `EUR 12` or `EUR -0.5`.
    pub fn parse(text: &str) -> Result<Money, &'static str> {
        const FAULT: &str = "an amount with its currency, such as `EUR 12.50`";
        let (currency, amount) = text.split_once(' ').ok_or(FAULT)?;
        if currency.len() != 3 || !currency.bytes().all(|b| b.is_ascii_alphabetic()) {
            return Err(FAULT);
        }
        let currency = currency.to_ascii_uppercase();
        let digits = minor_digits(&currency);
        let (negative, amount) = match amount.trim().strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, amount.trim()),
        };
        let (whole, part) = amount.split_once('.').unwrap_or((amount, ""));
        let plain = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || !plain(whole) || !plain(part) || part.len() > digits {
            return Err(FAULT);
        }
        let padded = format!("{whole}{part:0<digits$}");
        let minor: i64 = padded.parse().map_err(|_| FAULT)?;
        Ok(Money { currency, minor: if negative { -minor } else { minor } })
    }
}

impl std::fmt::Display for Money {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let digits = u32::try_from(minor_digits(&self.currency)).unwrap_or(2);
        let unit = 10u64.pow(digits);
        let sign = if self.minor < 0 { "-" } else { "" };
        let (whole, part) = (self.minor.unsigned_abs() / unit, self.minor.unsigned_abs() % unit);
        if digits == 0 {
            write!(f, "{} {sign}{whole}", self.currency)
        } else {
            write!(f, "{} {sign}{whole}.{part:0width$}", self.currency, width = digits as usize)
        }
    }
}

fn minor_digits(currency: &str) -> usize {
    match currency {
        "JPY" | "KRW" | "ISK" | "CLP" | "VND" | "XAF" | "XOF" | "XPF" | "PYG" | "UGX" | "RWF" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        _ => 2,
    }
}

fn words(text: &str, max: usize, fault: &'static str) -> Result<String, &'static str> {
    let clean = text.chars().all(|c| !c.is_control() || c == '\n' || c == '\t');
    if text.is_empty() || !clean || text.chars().count() > max {
        return Err(fault);
    }
    Ok(text.to_owned())
}

fn reference(text: &str) -> Result<String, &'static str> {
    let allowed = |c: char| c.is_alphanumeric() || "-_./#: ".contains(c);
    if text.is_empty() || text.chars().count() > MAX_REFERENCE || !text.chars().all(allowed) {
        return Err("a number or code of at most 80 letters, digits and `-_./#:`");
    }
    Ok(text.to_owned())
}

/// Enough to tell an address from anything else; only sending tells whether it works (RFC 5321).
fn email(text: &str) -> Result<String, &'static str> {
    const FAULT: &str = "an e-mail address";
    let (local, domain) = text.rsplit_once('@').ok_or(FAULT)?;
    let odd = |c: char| c.is_whitespace() || c.is_control() || "<>()[],;:\"\\".contains(c);
    let labels_fit = domain.split('.').all(|label| !label.is_empty() && label.len() <= 63);
    if local.is_empty()
        || local.len() > 64
        || domain.len() > 255
        || !labels_fit
        || text.contains(odd)
        || local.contains('@')
    {
        return Err(FAULT);
    }
    Ok(format!("{local}@{}", domain.to_lowercase()))
}

fn phone(text: &str) -> Result<String, &'static str> {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let clean = text.chars().all(|c| !c.is_control());
    if !(4..=20).contains(&digits) || text.chars().count() > 40 || !clean {
        return Err("a telephone number of 4 to 20 digits");
    }
    Ok(text.to_owned())
}

fn language(text: &str) -> Result<String, &'static str> {
    const FAULT: &str = "a language tag (BCP 47), such as `fi` or `pt-BR`";
    let mut parts = text.split('-');
    let primary = parts.next().unwrap_or_default();
    let plain = |s: &str| s.bytes().all(|b| b.is_ascii_alphanumeric());
    if !(2..=3).contains(&primary.len())
        || !primary.bytes().all(|b| b.is_ascii_alphabetic())
        || text.len() > 35
        || parts.any(|part| part.is_empty() || part.len() > 8 || !plain(part))
    {
        return Err(FAULT);
    }
    let rest = text.get(primary.len()..).unwrap_or_default();
    Ok(format!("{}{rest}", primary.to_ascii_lowercase()))
}

fn date(text: &str) -> Result<String, &'static str> {
    let parsed = text.parse::<jiff::civil::Date>();
    let in_range = parsed.ok().filter(|date| (1900..=9000).contains(&date.year()));
    in_range.map(|date| date.to_string()).ok_or("a day (ISO 8601), such as `2026-11-01`")
}

fn time(text: &str) -> Result<String, &'static str> {
    instant(text)
        .map(|at| at.to_string())
        .ok_or("an instant (ISO 8601), such as `2026-11-01T09:30:00Z`")
}

/// Reads an instant with an offset, or a day, which stands for its first moment (UTC).
pub fn instant(text: &str) -> Option<jiff::Timestamp> {
    if let Ok(at) = text.parse::<jiff::Timestamp>() {
        return Some(at);
    }
    let date = text.parse::<jiff::civil::Date>().ok()?;
    date.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(kind: FieldKind) -> Field {
        Field {
            title: String::new(),
            kind,
            sealed: false,
            search: None,
            identifying: false,
            channel: None,
            required: false,
        }
    }

    #[test]
    fn a_value_has_one_canonical_form() {
        let cases = [
            (FieldKind::Email, " Anna.Virta@Example.COM ", Ok("Anna.Virta@example.com")),
            (FieldKind::Email, "anna", Err("an e-mail address")),
            (FieldKind::Country, "fi", Ok("FI")),
            (FieldKind::Language, "EN-gb", Ok("en-gb")),
            (FieldKind::Money, "eur 12.5", Ok("EUR 12.50")),
            (FieldKind::Money, "JPY 1200", Ok("JPY 1200")),
            (FieldKind::Money, "EUR -0.05", Ok("EUR -0.05")),
            (FieldKind::Flag, "TRUE", Ok("yes")),
            (FieldKind::Date, "2026-11-01", Ok("2026-11-01")),
            (FieldKind::Time, "2026-11-01T10:00:00+02:00", Ok("2026-11-01T08:00:00Z")),
            (FieldKind::Integer, "007", Ok("7")),
        ];
        for (kind, text, expected) in cases {
            let found = canonical(&field(kind), text);
            assert_eq!(found.as_deref().map_err(|e| *e), expected, "{text}");
        }
    }

    #[test]
    fn no_value_carries_control_characters_or_more_than_its_bound() {
        let text = field(FieldKind::Text { max: 5 });
        assert!(canonical(&text, "a\u{0}b").is_err());
        assert!(canonical(&text, "123456").is_err());
        assert!(canonical(&field(FieldKind::Label), "call anna@example.com").is_err());
        assert!(canonical(&field(FieldKind::Money), "EUR 99999999999999999999").is_err());
    }
}
