//! The countries of ISO 3166-1.

use super::Check;
use crate::fault::Rule;
use crate::parse::reader::shown;

/// The 249 officially assigned two-letter codes, each with a short English name.
const COUNTRIES: &str = include_str!("countries.txt");

/// Whether `code` is one of the two-letter codes of ISO 3166-1, in capitals.
pub fn is_country(code: &str) -> bool {
    country_name(code).is_some()
}

/// The short English name of a country by its two-letter code.
pub fn country_name(code: &str) -> Option<&'static str> {
    let mut countries = COUNTRIES.lines().filter_map(|line| line.split_once(' '));
    countries.find(|(known, _)| *known == code).map(|(_, name)| name)
}

impl Check<'_> {
    pub(super) fn country(&mut self, path: &str, code: &str) {
        if is_country(code) {
            return;
        }
        let hint = match code.to_ascii_uppercase() {
            upper if is_country(&upper) => format!("write `{upper}`"),
            upper if upper == "UK" => "write `GB`".to_owned(),
            _ => "write two capital letters of ISO 3166-1, e.g. `FI`".to_owned(),
        };
        let what = format!("`{}` is no country", shown(code));
        self.fault(Rule::UnknownCountry, path, what, hint);
    }

    pub(super) fn countries(&mut self, path: &str, codes: &[String]) {
        for (at, code) in codes.iter().enumerate() {
            self.country(&format!("{path}.{at}"), code);
        }
    }
}
