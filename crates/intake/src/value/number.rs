//! Whole numbers, percentages and money, exactly.

use super::NotA;

/// How a file writes the fraction of a number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
pub(crate) enum DecimalMark {
    /// `1,234.50`
    #[default]
    #[serde(rename = ".")]
    Point,
    /// `1.234,50`
    #[serde(rename = ",")]
    Comma,
}

/// A decimal number: `units` divided by ten to the power of `scale`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Decimal {
    units: i128,
    scale: u32,
}

const MAX_DIGITS: usize = 18;

impl Decimal {
    pub(crate) const ONE: Decimal = Decimal { units: 1, scale: 0 };

    /// Reads a number with at most 18 digits; groups of three may be set apart.
    pub(crate) fn parse(text: &str, mark: DecimalMark) -> Result<Decimal, NotA> {
        const NOT: NotA = "a number";
        let (decimal, group) = match mark {
            DecimalMark::Point => ('.', ','),
            DecimalMark::Comma => (',', '.'),
        };
        let (negative, digits) = match text.strip_prefix(['-', '\u{2212}']) {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, fraction) = digits.split_once(decimal).unwrap_or((digits, ""));
        let whole = without_groups(whole, group).ok_or(NOT)?;
        let all = whole + fraction;
        if all.is_empty()
            || all.len() > MAX_DIGITS
            || !all.bytes().all(|byte| byte.is_ascii_digit())
        {
            return Err(NOT);
        }
        let units: i128 = all.parse().map_err(|_| NOT)?;
        let scale = u32::try_from(fraction.len()).map_err(|_| NOT)?;
        Ok(Decimal { units: if negative { -units } else { units }, scale })
    }

    pub(crate) fn times(self, other: Decimal) -> Option<Decimal> {
        let units = self.units.checked_mul(other.units)?;
        Some(Decimal { units, scale: self.scale + other.scale })
    }

    pub(crate) fn minus(self, other: Decimal) -> Option<Decimal> {
        let scale = self.scale.max(other.scale);
        let units = self.at_scale(scale)?.checked_sub(other.at_scale(scale)?)?;
        Some(Decimal { units, scale })
    }

    fn at_scale(self, scale: u32) -> Option<i128> {
        self.units.checked_mul(10i128.checked_pow(scale.checked_sub(self.scale)?)?)
    }

    /// The number in steps of ten to the power of `-scale`, halves rounded away from zero.
    fn rounded(self, scale: u32) -> Option<i128> {
        let Some(more) = self.scale.checked_sub(scale) else { return self.at_scale(scale) };
        let step = 10i128.checked_pow(more)?;
        let half = if self.units < 0 { -(step / 2) } else { step / 2 };
        Some(self.units.checked_add(half)? / step)
    }

    /// The whole number, where it is one.
    pub(crate) fn whole(self) -> Option<i128> {
        let step = 10i128.checked_pow(self.scale)?;
        (self.units % step == 0).then(|| self.units / step)
    }

    /// As whole per cent.
    pub(crate) fn percent(self) -> Option<i128> {
        self.rounded(2)
    }
}

/// `1,234,567` and `1 234 567` without what sets their groups apart.
fn without_groups(whole: &str, group: char) -> Option<String> {
    let is_group = |char: char| {
        char == group || char == '\'' || char == ' ' || char == '\u{a0}' || char == '\u{202f}'
    };
    let mut parts = whole.split(is_group);
    let first = parts.next().unwrap_or_default();
    let mut digits = first.to_owned();
    for part in parts {
        if part.len() != 3 || first.is_empty() {
            return None;
        }
        digits.push_str(part);
    }
    Some(digits)
}

/// `12`.
pub(crate) fn integer(text: &str, mark: DecimalMark) -> Result<String, NotA> {
    let number = Decimal::parse(text, mark).ok().and_then(Decimal::whole);
    number.map(|number| number.to_string()).ok_or("a whole number")
}

/// An amount with what is written around it: `$1,234.50`, `12.50 EUR`. The currency that is
/// written wins over the one that the map says.
pub(crate) fn amount(text: &str, mark: DecimalMark) -> Result<(Decimal, Option<&str>), NotA> {
    const NOT: NotA = "an amount of money";
    let is_code =
        |code: &str| code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_alphabetic());
    let (text, code) =
        match (text.get(..3), text.len().checked_sub(3).and_then(|at| text.get(at..))) {
            (Some(code), _) if is_code(code) => (text.get(3..).unwrap_or_default(), Some(code)),
            (_, Some(code)) if is_code(code) => {
                (text.get(..text.len() - 3).unwrap_or_default(), Some(code))
            }
            _ => (text, None),
        };
    let bare = text.replace(['$', '€', '£', '¥'], "");
    let amount = Decimal::parse(bare.trim(), mark).map_err(|_| NOT)?;
    Ok((amount, code))
}

/// `EUR 12.50`, rounded to the minor unit of the currency.
pub(crate) fn money(amount: Decimal, currency: &str) -> Result<String, NotA> {
    const NOT: NotA = "an amount of money";
    let currency = currency.to_ascii_uppercase();
    if currency.len() != 3 || !currency.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Err("a currency");
    }
    let digits = minor_digits(&currency);
    let minor = amount.rounded(digits).ok_or(NOT)?;
    let unit = 10u128.pow(digits);
    let sign = if minor < 0 { "-" } else { "" };
    let (whole, part) = (minor.unsigned_abs() / unit, minor.unsigned_abs() % unit);
    if digits == 0 {
        return Ok(format!("{currency} {sign}{whole}"));
    }
    let width = usize::try_from(digits).unwrap_or(2);
    Ok(format!("{currency} {sign}{whole}.{part:0width$}"))
}

/// Digits of the minor unit (ISO 4217).
fn minor_digits(currency: &str) -> u32 {
    match currency {
        "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX"
        | "VND" | "VUV" | "XAF" | "XOF" | "XPF" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(text: &str) -> Decimal {
        Decimal::parse(text, DecimalMark::Point).unwrap()
    }

    #[test]
    fn numbers_are_read_with_groups_and_either_mark() {
        assert_eq!(parse("1,234.50"), parse("1234.50"));
        assert_eq!(Decimal::parse("1.234,50", DecimalMark::Comma), Ok(parse("1234.50")));
        assert_eq!(parse("1 234 567"), parse("1234567"));
        for text in ["", ".", "-", "1,23.5", "1.2.3", "12a", ",123", "1e5", "1234567890123456789"] {
            assert!(Decimal::parse(text, DecimalMark::Point).is_err(), "{text}");
        }
    }

    #[test]
    fn a_whole_number_may_be_written_with_zeros_after_the_point() {
        assert_eq!(integer("12.00", DecimalMark::Point).as_deref(), Ok("12"));
        assert_eq!(integer("-3", DecimalMark::Point).as_deref(), Ok("-3"));
        assert!(integer("12.5", DecimalMark::Point).is_err());
    }

    #[test]
    fn money_is_rounded_to_the_minor_unit() {
        for (text, currency, wanted) in [
            ("28.8404", "usd", "USD 28.84"),
            ("-0.005", "EUR", "EUR -0.01"),
            ("12", "EUR", "EUR 12.00"),
            ("1200.4", "JPY", "JPY 1200"),
            ("1.2345", "KWD", "KWD 1.235"),
        ] {
            assert_eq!(money(parse(text), currency).as_deref(), Ok(wanted), "{text}");
        }
        assert!(money(parse("1"), "EURO").is_err());
    }

    #[test]
    fn an_amount_may_carry_its_currency() {
        assert_eq!(amount("$1,234.50", DecimalMark::Point), Ok((parse("1234.50"), None)));
        assert_eq!(amount("EUR 12", DecimalMark::Point), Ok((parse("12"), Some("EUR"))));
        assert_eq!(amount("12.5 usd", DecimalMark::Point), Ok((parse("12.5"), Some("usd"))));
        assert!(amount("about 12", DecimalMark::Point).is_err());
    }

    #[test]
    fn a_line_is_worth_price_times_quantity_less_discount() {
        let less = Decimal::ONE.minus(parse("0.15")).unwrap();
        let line = parse("42.40").times(parse("35")).and_then(|line| line.times(less)).unwrap();
        assert_eq!(money(line, "USD").as_deref(), Ok("USD 1261.40"));
        assert_eq!(parse("0.15").percent(), Some(15));
    }

    proptest! {
        #[test]
        fn any_text_is_a_number_or_is_none(text in "\\PC{0,24}") {
            let _ = Decimal::parse(&text, DecimalMark::Comma).map(|number| money(number, "EUR"));
            let _ = amount(&text, DecimalMark::Point);
        }

        #[test]
        fn minor_units_survive(minor in -1_000_000_000_000i64..1_000_000_000_000) {
            let sign = if minor < 0 { "-" } else { "" };
            let text = format!("{sign}{}.{:02}", minor.unsigned_abs() / 100, minor.unsigned_abs() % 100);
            prop_assert_eq!(money(parse(&text), "EUR").unwrap(), format!("EUR {text}"));
        }
    }
}
