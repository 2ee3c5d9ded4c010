//! Finding from the console: what is typed travels in a body, and in addresses only sealed.

use gantry_engine::draft::ObjectView;
use gantry_engine::session::ObjectQuery;
use gantry_engine::{EngineError, FieldFault, Find, Identified, import};
use gantry_notice::model::{ObjectKind, Search};
use uuid::Uuid;

use crate::console::door::Room;
use crate::shape::{self, COMPANY};

/// Things suggested where a text fits several.
pub(crate) const SUGGESTED: usize = 5;
/// Digits of the shortest telephone number that is taken for one.
const PHONE_DIGITS: usize = 6;

/// What a text looks like that somebody wants to find a contact by.
pub(crate) fn by(text: &str) -> Find {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let number = text.chars().all(|c| c.is_ascii_digit() || " +-/().".contains(c));
    if text.contains('@') {
        Find::Email(text.to_owned())
    } else if number && digits >= PHONE_DIGITS {
        Find::Phone(text.to_owned())
    } else {
        Find::Words(text.to_owned())
    }
}

/// Whether the room works with companies.
pub(crate) fn has_companies(room: &Room) -> bool {
    shape::kinds(&room.who.policy, &room.purpose).iter().any(|(name, ..)| *name == COMPANY)
}

/// Objects of a kind that a text finds, by any of the kind's fields that can be searched; at most so
/// many.
pub(crate) async fn objects(
    people: &Identified,
    kind: &str,
    declared: &ObjectKind,
    text: &str,
    most: usize,
) -> Result<Vec<ObjectView>, EngineError> {
    let mut found: Vec<ObjectView> = Vec::new();
    let searched = declared.fields.iter().filter(|(_, field)| field.search.is_some());
    for (name, field) in searched {
        // Of a field that is found as a whole, a text of several words is mostly another's.
        if field.search == Some(Search::Exact) && text.contains(' ') {
            continue;
        }
        let search = Some((name.clone(), text.to_owned()));
        let query = ObjectQuery { search, ..ObjectQuery::default() };
        let page = people.objects(kind, &query, None, most).await?;
        for object in page.items {
            if found.iter().all(|one| one.id != object.id) {
                found.push(object);
            }
        }
    }
    found.truncate(most);
    Ok(found)
}

/// The object of a kind that a text names: by its id, or by a name or number that only one has.
pub(crate) async fn object(room: &Room, kind: &str, text: &str) -> Result<Uuid, EngineError> {
    if let Ok(id) = text.parse() {
        return Ok(id);
    }
    let unknown = || EngineError::invalid("about.id", "none is found by this number or name");
    let declared = room.who.policy.policy().notice().objects.get(kind).ok_or_else(unknown)?;
    let found = objects(room.session.identified()?, kind, declared, text, SUGGESTED).await?;
    match found.as_slice() {
        [one] => one.id.parse().map_err(|_| unknown()),
        [] => Err(unknown()),
        several => {
            let fault = format!("fits {} of them: type the whole number", several.len());
            Err(EngineError::invalid("about.id", fault))
        }
    }
}

/// The company that a text names: by its id, or by a name or number that only one has.
pub(crate) async fn company(room: &Room, text: &str) -> Result<Uuid, EngineError> {
    if let Ok(id) = text.parse() {
        return Ok(id);
    }
    let people = room.session.identified()?;
    let kinds = &room.who.policy.policy().notice().objects;
    let declared = kinds.get(COMPANY);
    let declared =
        declared.ok_or_else(|| EngineError::invalid("company", "the notice has no companies"))?;
    let found = objects(people, COMPANY, declared, text, SUGGESTED).await?;
    match found.as_slice() {
        [one] => one.id.parse().map_err(|_| EngineError::not_found("company")),
        [] => Err(EngineError::invalid(
            "company",
            "no company is found by this; add it first, or leave it empty",
        )),
        several => {
            let named: Vec<String> = several.iter().map(|one| label(declared, one)).collect();
            let fault = format!("fits several ({}); type the number of one", named.join(", "));
            Err(EngineError::Invalid(vec![FieldFault::new("company", fault)]))
        }
    }
}

/// What an object is called: the first of the fields that it can be found by, in the order of the
/// notice, that says anything; else the end of its id.
pub(crate) fn label(declared: &ObjectKind, object: &ObjectView) -> String {
    match object.name(declared) {
        Some((name, Search::Words)) => name.to_owned(),
        Some((number, Search::Exact)) => format!("{} {number}", declared.title),
        None => format!("{} {}", declared.title, short(&object.id)),
    }
}

/// The code of a country that somebody types by its code or its name; anything else as it is, for the
/// engine to refuse.
pub(crate) fn country(text: &str) -> String {
    import::country(text).map_or_else(|_| text.to_owned(), |country| country.code().to_owned())
}

/// The end of an id: it tells those of one time apart.
pub(crate) fn short(id: &str) -> &str {
    id.get(id.len().saturating_sub(8)..).unwrap_or(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_looked_for_as_what_it_looks_like() {
        assert_eq!(by("aino@harju.example"), Find::Email("aino@harju.example".into()));
        assert_eq!(by("+358 20 123 456"), Find::Phone("+358 20 123 456".into()));
        assert_eq!(by("Aino Harju"), Find::Words("Aino Harju".into()));
        assert_eq!(by("747"), Find::Words("747".into()));
    }
}
