//! From a file's text to a [`Notice`], or to everything that is wrong with it.

mod parts;
mod purposes;
pub(crate) mod reader;

use toml::de::DeTable;

use crate::check;
use crate::fault::{Faults, Found, MAX_FAULTS, Rule};
use crate::model::Notice;
use reader::{Reader, Section};

/// The largest notice file, in bytes. The bundled notice, in four languages, has about a seventh of it.
pub const MAX_FILE: usize = 1024 * 1024;

impl Notice {
    /// Reads and checks a notice. `file` is the name that faults are reported under.
    ///
    /// One run finds every fault, except that a file which is not TOML is not read any further.
    pub fn parse(text: &str, file: &str) -> Result<Notice, Faults> {
        if text.len() > MAX_FILE {
            return Err(too_large(file));
        }
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let (table, errors) = DeTable::parse_recoverable(text);
        if !errors.is_empty() {
            let more = errors.len().saturating_sub(MAX_FAULTS);
            let mut faults = Faults::new(file, text, syntax(errors));
            faults.unlisted += more;
            return Err(faults);
        }
        let reader = Reader::default();
        let notice = parts::notice(Section::root(&reader, table.get_ref()));
        let (mut found, spans) = reader.into_parts();
        check::check(&notice, &spans, &mut found);
        if found.is_empty() { Ok(notice) } else { Err(Faults::new(file, text, found)) }
    }

    /// Reads and checks a notice from bytes, which must be UTF-8.
    pub fn parse_bytes(bytes: &[u8], file: &str) -> Result<Notice, Faults> {
        if bytes.len() > MAX_FILE {
            return Err(too_large(file));
        }
        match std::str::from_utf8(bytes) {
            Ok(text) => Notice::parse(text, file),
            Err(error) => {
                let what = format!("the file is not UTF-8 from byte {} on", error.valid_up_to());
                Err(whole_file(file, what, "save it as UTF-8"))
            }
        }
    }
}

fn too_large(file: &str) -> Faults {
    let what = format!("the file is larger than {MAX_FILE} bytes");
    whole_file(file, what, "a notice is a text that people read: shorten it")
}

fn whole_file(file: &str, what: String, hint: &str) -> Faults {
    let (path, hint) = (String::new(), Some(hint.to_owned()));
    let found = Found { rule: Rule::File, path, span: 0..0, what, hint };
    Faults::new(file, "", vec![found])
}

fn syntax(errors: Vec<toml::de::Error>) -> Vec<Found> {
    // What is listed at most is enough: a file can have a fault for each of its bytes.
    let faults = errors.into_iter().take(MAX_FAULTS).map(|error| Found {
        rule: Rule::Syntax,
        path: String::new(),
        span: error.span().unwrap_or_default(),
        what: format!("this is not TOML: {}", error.message().trim()),
        hint: Some(syntax_hint(error.message()).to_owned()),
    });
    faults.collect()
}

fn syntax_hint(message: &str) -> &'static str {
    if message.contains("duplicate") || message.contains("cannot extend value") {
        "a key or a table is given once; segments are declared as `[profiling.segment.NAME]`"
    } else {
        "see https://toml.io for how TOML is written"
    }
}

#[cfg(test)]
mod tests;
