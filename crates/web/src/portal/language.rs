//! The languages that the portal speaks, and which one a reader gets.

use axum::http::HeaderMap;
use axum::http::header::ACCEPT_LANGUAGE;

/// A language of the portal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Language {
    English,
    Finnish,
    German,
    /// In simplified characters.
    Chinese,
}

impl Language {
    pub(super) const ALL: [Language; 4] =
        [Self::English, Self::Finnish, Self::German, Self::Chinese];

    /// Its code (ISO 639-1), by which a notice translates, too.
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Finnish => "fi",
            Self::German => "de",
            Self::Chinese => "zh",
        }
    }

    /// What a page in it says that it is in (BCP 47).
    pub(super) const fn tag(self) -> &'static str {
        match self {
            Self::Chinese => "zh-Hans",
            other => other.code(),
        }
    }

    /// Its name in itself: who looks for it can read it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Finnish => "Suomi",
            Self::German => "Deutsch",
            Self::Chinese => "简体中文",
        }
    }

    /// The language of a tag (BCP 47), of which the first part counts.
    pub(super) fn of(tag: &str) -> Option<Language> {
        let primary = tag.trim().split(['-', '_']).next()?;
        Self::ALL.into_iter().find(|language| language.code().eq_ignore_ascii_case(primary))
    }

    /// The first language that a browser asks for and the portal speaks, by rising reluctance (RFC 9110,
    /// section 12.5.4); English where there is none.
    pub(super) fn accepted(headers: &HeaderMap) -> Language {
        let asked = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        let asked = asked.unwrap_or_default().split(',').take(20).filter_map(|range| {
            let (tag, weight) = range.split_once(';').unwrap_or((range, "q=1"));
            let weight = weight.trim().strip_prefix("q=").and_then(|q| q.parse::<f32>().ok());
            let weight = weight.filter(|weight| *weight > 0.0)?;
            Some((Language::of(tag)?, weight))
        });
        // Of those that are wanted alike the first counts.
        let best =
            asked.fold(None, |best: Option<(Language, f32)>, (language, weight)| match best {
                Some((_, before)) if before >= weight => best,
                _ => Some((language, weight)),
            });
        best.map_or(Language::English, |(language, _)| language)
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn a_browser_gets_the_language_it_likes_best_of_those_there_are() {
        let cases = [
            ("", Language::English),
            ("sv-SE,sv;q=0.9", Language::English),
            ("fi-FI,fi;q=0.9,en;q=0.8", Language::Finnish),
            ("sv, de;q=0.5, zh-CN;q=0.7", Language::Chinese),
            ("en;q=0.1, DE-at;q=0.2", Language::German),
            ("fi;q=0, de;q=0.3", Language::German),
            ("fi;q=x,*", Language::English),
        ];
        for (asked, expected) in cases {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static(asked));
            assert_eq!(Language::accepted(&headers), expected, "{asked}");
        }
    }
}
