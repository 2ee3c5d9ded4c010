//! Names of the notice on the command line: an unknown one is bad input, and is told what there is.

use gantry_notice::Notice;

use crate::failure::Failure;

/// So many names stand in a hint.
const SHOWN: usize = 24;
/// A longer name is not repeated whole.
const LONGEST: usize = 60;
/// Names nearer than this may be a slip of the hand.
const NEAR: f64 = 0.8;

/// That there is no such thing, and what there is instead.
pub(crate) fn unknown<'a>(
    what: &str,
    name: &str,
    all: impl IntoIterator<Item = &'a str>,
) -> Failure {
    unknown_in(what, name, "", all)
}

/// The same of a part of something: ` in` and what.
fn unknown_in<'a>(
    what: &str,
    name: &str,
    place: &str,
    all: impl IntoIterator<Item = &'a str>,
) -> Failure {
    let all: Vec<&str> = all.into_iter().collect();
    let near = meant(name, &all);
    let there = if all.is_empty() {
        "there are none".to_owned()
    } else {
        format!("there are: {}", listed(&all))
    };
    Failure::Invalid(format!("there is no {what} `{}`{place}\nhint: {near}{there}", legible(name)))
}

/// What may have been meant, as the beginning of a hint: `did you mean ...? `, or nothing.
pub(crate) fn meant(name: &str, all: &[&str]) -> String {
    // No name is longer, and likeness takes time by the length.
    let name: String = name.chars().take(LONGEST).collect::<String>().to_lowercase();
    let near = all
        .iter()
        .map(|known| (strsim::jaro_winkler(&name, &known.to_lowercase()), *known))
        .filter(|(likeness, _)| *likeness > NEAR)
        .max_by(|(one, _), (other, _)| one.total_cmp(other));
    near.map(|(_, known)| format!("did you mean `{known}`? ")).unwrap_or_default()
}

/// Names with commas between them; of many only the first.
pub(crate) fn listed<S: AsRef<str>>(names: &[S]) -> String {
    let shown: Vec<&str> = names.iter().take(SHOWN).map(AsRef::as_ref).collect();
    match names.len().saturating_sub(SHOWN) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// What somebody typed, so that it does no harm to a terminal.
fn legible(name: &str) -> String {
    let shown: String = name.chars().take(LONGEST).flat_map(char::escape_debug).collect();
    if name.chars().count() > LONGEST { format!("{shown}...") } else { shown }
}

/// That the notice has such a purpose.
pub(crate) fn purpose(notice: &Notice, name: &str) -> Result<(), Failure> {
    if notice.purposes.contains_key(name) {
        return Ok(());
    }
    Err(unknown("purpose", name, notice.purposes.keys().map(String::as_str)))
}

/// That the purpose has such a use.
pub(crate) fn used(notice: &Notice, purpose: &str, name: &str) -> Result<(), Failure> {
    let Some(declared) = notice.purposes.get(purpose) else { return Ok(()) };
    if declared.uses.contains_key(name) {
        return Ok(());
    }
    let place = format!(" in `{purpose}`");
    Err(unknown_in("use", name, &place, declared.uses.keys().map(String::as_str)))
}

/// That the notice has such a category.
pub(crate) fn category(notice: &Notice, name: &str) -> Result<(), Failure> {
    if notice.categories.contains_key(name) {
        return Ok(());
    }
    Err(unknown("data category", name, notice.categories.keys().map(String::as_str)))
}

/// That the category has such a field.
pub(crate) fn field(notice: &Notice, category: &str, name: &str) -> Result<(), Failure> {
    let Some(declared) = notice.categories.get(category) else { return Ok(()) };
    if declared.fields.contains_key(name) {
        return Ok(());
    }
    let place = format!(" in `{category}`");
    Err(unknown_in("field", name, &place, declared.fields.keys().map(String::as_str)))
}

/// That the notice has such a kind of object.
pub(crate) fn kind(notice: &Notice, name: &str) -> Result<(), Failure> {
    if notice.objects.contains_key(name) {
        return Ok(());
    }
    Err(unknown("kind of object", name, notice.objects.keys().map(String::as_str)))
}

/// That objects of the kind have such a field.
pub(crate) fn object_field(notice: &Notice, kind: &str, name: &str) -> Result<(), Failure> {
    let Some(declared) = notice.objects.get(kind) else { return Ok(()) };
    if declared.fields.contains_key(name) {
        return Ok(());
    }
    let place = format!(" in `{kind}`");
    Err(unknown_in("field", name, &place, declared.fields.keys().map(String::as_str)))
}

#[cfg(test)]
mod tests {
    use crate::notice::{BUNDLED, parse};

    use super::*;

    #[test]
    fn an_unknown_name_is_told_what_there_is_and_what_is_near() {
        let notice = parse(BUNDLED.as_bytes(), "bundled").unwrap();
        let said = purpose(&notice, "markting").unwrap_err().to_string();
        assert!(said.starts_with("there is no purpose `markting`\n"), "{said}");
        assert!(said.contains("did you mean `marketing`? there are: reporting, "), "{said}");
        let said = field(&notice, "identity", "shoe_size").unwrap_err().to_string();
        assert!(said.contains("given_name") && !said.contains("did you mean"), "{said}");
        let said = purpose(&notice, "CRM").unwrap_err().to_string();
        assert!(said.contains("did you mean `crm`?"), "{said}");
        assert!(category(&notice, "identity").is_ok() && kind(&notice, "order").is_ok());
    }

    #[test]
    fn what_was_typed_does_no_harm_to_a_terminal() {
        let said = unknown("purpose", "a\u{1b}[2J", ["crm"]).to_string();
        assert!(!said.contains('\u{1b}'), "{said}");
        let said = unknown("purpose", &"x".repeat(1_000), ["crm"]).to_string();
        assert!(said.len() < 200, "{said}");
    }
}
