//! Contacts narrowed down: by country, and by those fields of the profile that have few values.

use gantry_engine::session::ContactQuery;
use gantry_engine::{EngineError, FieldFault, import, value};
use gantry_notice::Operation;
use gantry_notice::model::{Field, FieldKind};
use maud::{Markup, html};

use crate::console::door::Room;
use crate::form::Form;
use crate::page::field::{Entry, country_shown, input, line};
use crate::shape;

/// Fields that are offered, at most.
const OFFERED: usize = 12;

/// What a list is narrowed down to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Narrow {
    /// Two letters.
    pub(crate) country: Option<String>,
    /// `CATEGORY.FIELD` and value.
    pub(crate) having: Vec<(String, String)>,
}

impl Narrow {
    /// As an address has it: `CATEGORY.FIELD:VALUE`, one behind the other with commas.
    pub(crate) fn of_address(
        country: Option<&str>,
        having: Option<&str>,
    ) -> Result<Narrow, EngineError> {
        let having = having.map_or(Ok(Vec::new()), ContactQuery::having_of)?;
        Ok(Narrow { country: country.map(str::to_owned), having })
    }

    pub(crate) fn having(&self) -> Option<String> {
        let pairs = self.having.iter().map(|(field, value)| format!("{field}:{value}"));
        let text = pairs.collect::<Vec<_>>().join(",");
        (!text.is_empty()).then_some(text)
    }

    /// As a form has it; a country by its code or its name.
    pub(crate) fn of_form(room: &Room, form: &Form) -> Result<Narrow, Vec<FieldFault>> {
        let (mut narrow, mut faults) = (Narrow::default(), Vec::new());
        if let Some(text) = form.filled("country") {
            match import::country(text) {
                Ok(country) => narrow.country = Some(country.code().to_owned()),
                Err(not_a) => faults.push(FieldFault::new("country", format!("is not {not_a}"))),
            }
        }
        for (path, field) in offered(room) {
            let Some(text) = form.filled(&path) else { continue };
            match value::canonical(field, text) {
                Ok(value) => narrow.having.push((path, value)),
                Err(wanted) => faults.push(FieldFault::new(&path, format!("must be {wanted}"))),
            }
        }
        if faults.is_empty() { Ok(narrow) } else { Err(faults) }
    }

    /// Puts it into a query.
    pub(crate) fn put(&self, query: &mut ContactQuery) {
        query.country.clone_from(&self.country);
        query.having.clone_from(&self.having);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.country.is_none() && self.having.is_empty()
    }

    /// The part of the form, folded away until something is chosen.
    pub(crate) fn form(&self, room: &Room, faults: &[FieldFault]) -> Markup {
        let country = country_shown(self.country.as_deref());
        let chosen = |path: &str| {
            let mut having = self.having.iter().filter(|(field, _)| field == path);
            having.next().map(|(_, value)| value.as_str()).unwrap_or_default()
        };
        html! {
            details .narrow open[!self.is_empty() || !faults.is_empty()] {
                summary { "Narrow down" }
                div .grid {
                    (line("Country", None, &Entry { name: "country", value: country, faults }))
                    @for (path, field) in offered(room) {
                        (input(field, &Entry { name: &path, value: chosen(&path), faults }))
                    }
                }
            }
        }
    }
}

/// The fields of the profile that are a code, a language, a country or a flag, and that the room sees.
fn offered(room: &Room) -> Vec<(String, &Field)> {
    let Ok(declared) = room.declared() else { return Vec::new() };
    let uses = shape::uses(&room.who.policy, &room.purpose);
    let few = |field: &Field| {
        matches!(
            field.kind,
            FieldKind::Code { .. } | FieldKind::Language | FieldKind::Country | FieldKind::Flag
        )
    };
    let mut fields = Vec::new();
    for one in shape::categories(&room.who.policy, declared, &uses) {
        if one.declared.single && one.may(Operation::Read) {
            let own = one.fields.iter().filter(|(_, field)| few(field));
            fields.extend(own.map(|(name, field)| (format!("{}.{name}", one.name), *field)));
        }
    }
    fields.truncate(OFFERED);
    fields
}
