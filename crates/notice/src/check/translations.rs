//! Translations: into a known language, of texts that the notice has.

use super::Check;
use crate::fault::Rule;
use crate::parse::reader::{TITLE, nearest, shown};
use crate::texts::declared;

/// The two-letter codes of ISO 639-1.
const LANGUAGES: &str = "\
    aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de \
    dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia \
    id ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo \
    lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl \
    ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk \
    tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu";

/// What to do about a place that has no text.
const WHERE: &str = "a text stands at the path that it has in this file, e.g. `purposes.ID.title`";

/// Whether `code` is one of the two-letter codes of ISO 639-1, in small letters.
pub fn is_language(code: &str) -> bool {
    LANGUAGES.split(' ').any(|known| known == code)
}

impl Check<'_> {
    pub(super) fn translations(&mut self) {
        const READ: [&str; 6] =
            ["categories", "purposes", "objects", "regimes", "roles", "profiling"];
        let notice = self.notice;
        let own = notice.language.split('-').next().unwrap_or_default();
        let declared = declared(notice);
        // What could not be read is not there to be translated.
        let sound = self.sound(&READ);
        for (language, texts) in &notice.translations {
            let path = format!("translations.{language}");
            if !is_language(language) || language == own {
                let what = if language == own {
                    format!("`{language}` is the notice's own language")
                } else {
                    format!("`{}` is no language", shown(language))
                };
                let hint = "write the two small letters of another language, e.g. `fi`";
                self.fault(Rule::UnknownLanguage, &path, what, hint);
            }
            for (place, text) in texts.iter().filter(|_| sound) {
                let path = format!("{path}.{place}");
                let Some(original) = declared.get(place) else {
                    let hint = match nearest(place, declared.keys().map(String::as_str)) {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => WHERE.to_owned(),
                    };
                    let what = format!("there is no text `{}` to translate", shown(place));
                    self.fault(Rule::UnknownName, &path, what, hint);
                    continue;
                };
                let lines = text.chars().any(char::is_control);
                if original.is_title && (lines || text.chars().count() > TITLE) {
                    let what = format!("`{path}` is more than a line of 200 characters");
                    self.fault(Rule::BadText, &path, what, "shorten it");
                }
            }
        }
    }
}
