//! The heads of a list's columns: links that put the whole list in order, or, where a page shows but a
//! few, what the script makes of them.

use gantry_engine::EngineError;
use gantry_engine::session::Sort;
use maud::{Markup, html};

use crate::page::Failure;

/// What the heads of a table do.
pub(crate) enum Heads<'a> {
    /// The script puts the rows that are shown in order.
    Shown,
    /// Each leads to the list in its order: the address without order and cursor, and the order now.
    Linked(&'a Address, Option<&'a Sort>),
}

impl Heads<'_> {
    /// The head of a column; `column` is what [`Sort`] calls it.
    pub(crate) fn head(&self, title: &str, column: &str) -> Markup {
        let Heads::Linked(address, now) = self else {
            return html! { th scope="col" { (title) } };
        };
        let now = now.map(ToString::to_string).unwrap_or_default();
        let down = now.strip_prefix('-') == Some(column);
        let order = if down { Some("descending") } else { (now == column).then_some("ascending") };
        // What is in order already is turned round.
        let next = if now == column { format!("-{column}") } else { column.to_owned() };
        html! {
            th scope="col" aria-sort=[order] { a .sort href=(address.with("sort", &next)) { (title) } }
        }
    }

    /// Whether the script has anything to do.
    pub(crate) const fn shown(&self) -> bool {
        matches!(self, Heads::Shown)
    }
}

/// The address of a list with what it was narrowed down to.
pub(crate) struct Address {
    path: String,
    query: String,
}

impl Address {
    /// Of a path and what stands behind the `?`.
    pub(crate) fn new(path: &str, pairs: &[(&str, Option<&str>)]) -> Address {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in pairs {
            if let Some(value) = value {
                query.append_pair(name, value);
            }
        }
        Address { path: path.to_owned(), query: query.finish() }
    }

    /// With one more pair.
    pub(crate) fn with(&self, name: &str, value: &str) -> String {
        let mut query = form_urlencoded::Serializer::new(self.query.clone());
        query.append_pair(name, value);
        format!("{}?{}", self.path, query.finish())
    }

    /// As it is.
    pub(crate) fn plain(&self) -> String {
        if self.query.is_empty() {
            self.path.clone()
        } else {
            format!("{}?{}", self.path, self.query)
        }
    }
}

/// The order that an address asks for.
pub(crate) fn sort_of(text: &str) -> Result<Sort, Failure> {
    Sort::of_text(text).ok_or(Failure::NotFound)
}

/// The addresses of a list's first page and of the next, in its order.
pub(crate) fn turned(
    address: &Address,
    sort: Option<&Sort>,
    next: Option<&str>,
) -> (String, Option<String>) {
    let ordered = match sort {
        None => address.plain(),
        Some(sort) => address.with("sort", &sort.to_string()),
    };
    let next = next.map(|cursor| {
        let behind = if ordered.contains('?') { '&' } else { '?' };
        format!("{ordered}{behind}cursor={cursor}")
    });
    (ordered, next)
}

/// What a list says that cannot be put in order; other failures are given back.
pub(crate) fn unsorted(error: EngineError) -> Result<String, EngineError> {
    match error {
        EngineError::Invalid(faults) => match faults.as_slice() {
            [one] if one.field == "sort" => Ok(format!("Sorting {}.", one.fault)),
            _ => Err(EngineError::Invalid(faults)),
        },
        other => Err(other),
    }
}
