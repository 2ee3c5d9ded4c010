//! Countries by code and by name, in the languages and spellings that exports have.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use gantry_notice::Country;

use super::NotA;

/// A line for each country: ISO 3166-1 alpha-2 and alpha-3, then names between bars.
const COUNTRIES: &str = include_str!("countries.txt");

static BY_NAME: LazyLock<BTreeMap<String, Country>> = LazyLock::new(|| {
    let mut by_name = BTreeMap::new();
    for (alpha_2, alpha_3, names) in lines() {
        if let Some(country) = Country::of(alpha_2) {
            for name in [alpha_2, alpha_3].into_iter().chain(names.split('|')) {
                by_name.insert(folded(name), country);
            }
        }
    }
    by_name
});

fn lines() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    COUNTRIES.lines().filter_map(|line| {
        let (alpha_2, rest) = line.split_once(' ')?;
        let (alpha_3, names) = rest.split_once(' ')?;
        Some((alpha_2, alpha_3, names))
    })
}

/// The country of a code or a name, or what the text is not: `a country that is known`.
pub fn country(text: &str) -> Result<Country, NotA> {
    let name = folded(text);
    let plain = || {
        let form = FORMS.iter().find_map(|form| name.strip_prefix(form))?;
        BY_NAME.get(form.strip_prefix("the").unwrap_or(form))
    };
    BY_NAME.get(&name).or_else(plain).copied().ok_or("a country that is known")
}

/// Forms of state that may stand before a name. Where that would be another country, the table has
/// the whole name (`Republic of China` is Taiwan).
const FORMS: [&str; 7] = [
    "republicof",
    "federalrepublicof",
    "islamicrepublicof",
    "kingdomof",
    "principalityof",
    "commonwealthof",
    "stateof",
];

/// Lower case letters and digits without marks, and without an article.
fn folded(name: &str) -> String {
    let letters: String = name
        .chars()
        .flat_map(char::to_lowercase)
        .filter(|char| char.is_alphanumeric())
        .map(without_mark)
        .collect();
    match letters.strip_prefix("the") {
        Some(rest) if rest.len() > 3 => rest.to_owned(),
        _ => letters,
    }
}

fn without_mark(char: char) -> char {
    match char {
        'à'..='å' | 'ā' | 'ă' | 'ą' => 'a',
        'ç' | 'č' | 'ć' => 'c',
        'è'..='ë' | 'ē' | 'ę' | 'ě' => 'e',
        'ì'..='ï' | 'ī' => 'i',
        'ñ' | 'ń' | 'ň' => 'n',
        'ò'..='ö' | 'ø' | 'ō' | 'ő' => 'o',
        'ù'..='ü' | 'ū' | 'ů' | 'ű' => 'u',
        'š' | 'ś' => 's',
        'ý' | 'ÿ' => 'y',
        'ž' | 'ź' | 'ż' => 'z',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> Option<String> {
        country(text).ok().map(|country| country.code().to_owned())
    }

    #[test]
    fn a_country_is_known_by_its_codes_and_usual_names() {
        for (text, wanted) in [
            ("fi", "FI"),
            ("FIN", "FI"),
            ("Germany", "DE"),
            ("deutschland", "DE"),
            ("UK", "GB"),
            ("England", "GB"),
            ("U.S.A.", "US"),
            ("United states", "US"),
            ("United States of America", "US"),
            ("The Netherlands", "NL"),
            ("Cote d'Ivoire", "CI"),
            ("Turkey", "TR"),
            ("Viet Nam", "VN"),
            ("China", "CN"),
            ("中国", "CN"),
            ("P.R. China", "CN"),
            ("Hong Kong", "HK"),
            ("Osterreich", "AT"),
            ("Österreich", "AT"),
            ("Korea, Republic of", "KR"),
            ("Northern Ireland", "GB"),
            ("Republic of Finland", "FI"),
            ("Kingdom of the Netherlands", "NL"),
            ("Republic of China", "TW"),
            ("Republic of the Congo", "CG"),
        ] {
            assert_eq!(code(text).as_deref(), Some(wanted), "{text}");
        }
    }

    #[test]
    fn a_doubtful_country_is_none() {
        for text in ["", "Unied Saes", "Korea", "XX", "Europe", "the", "?"] {
            assert_eq!(code(text), None, "{text}");
        }
    }

    #[test]
    fn no_name_stands_for_two_countries() {
        let mut all: BTreeMap<String, &str> = BTreeMap::new();
        for (alpha_2, alpha_3, names) in lines() {
            for name in [alpha_2, alpha_3].into_iter().chain(names.split('|')) {
                let other = all.insert(folded(name), alpha_2);
                assert!(other.is_none_or(|other| other == alpha_2), "{name}: {other:?}");
            }
        }
        assert_eq!(lines().count(), 250);
    }
}
