//! Fields as the notice declares them: inputs in forms, values on pages.

use gantry_engine::FieldFault;
use gantry_notice::country_name;
use gantry_notice::model::{Field, FieldKind};
use maud::{Markup, html};
use serde_json::Value as Json;

use super::parts::{moment, plain};

/// A longer text gets a box of several lines.
const ONE_LINE: u32 = 200;

/// What a form knows of a field besides its declaration.
pub(crate) struct Entry<'a> {
    /// `category.field`, or the name of a field of an object.
    pub(crate) name: &'a str,
    pub(crate) value: &'a str,
    pub(crate) faults: &'a [FieldFault],
}

/// The id of a field's input, for links to it.
pub(crate) fn place(name: &str) -> String {
    format!("field-{}", name.replace(['.', '_'], "-"))
}

/// A field of a form, with its label, hint and fault.
pub(crate) fn input(field: &Field, entry: &Entry<'_>) -> Markup {
    let hint = hint(&field.kind);
    let required = field.required;
    labelled(&field.title, entry, hint, required, |id, described, invalid| {
        let Entry { name, value, .. } = entry;
        match &field.kind {
            FieldKind::Text { max } if *max > ONE_LINE => html! {
                textarea id=(id) name=(name) maxlength=(max) aria-describedby=[described] aria-invalid=[invalid] { (value) }
            },
            FieldKind::Flag => choice(&["yes".into(), "no".into()], id, entry, described, invalid),
            FieldKind::Code { values } => choice(values, id, entry, described, invalid),
            kind => html! {
                input id=(id) name=(name) value=(value) type=(kind_of(kind)) maxlength=[length(kind)]
                    autocomplete="off" aria-describedby=[described] aria-invalid=[invalid];
            },
        }
    })
}

/// A field of a form that no notice declares.
pub(crate) fn line(title: &str, hint: Option<&'static str>, entry: &Entry<'_>) -> Markup {
    labelled(title, entry, hint, false, |id, described, invalid| {
        html! {
            input id=(id) name=(entry.name) value=(entry.value) type="text" maxlength="200" autocomplete="off"
                aria-describedby=[described] aria-invalid=[invalid];
        }
    })
}

/// A choice of one, by value and title, in a form.
pub(crate) fn select(title: &str, entry: &Entry<'_>, values: &[(String, String)]) -> Markup {
    labelled(title, entry, None, false, |id, described, invalid| {
        html! {
            select id=(id) name=(entry.name) aria-describedby=[described] aria-invalid=[invalid] {
                @for (value, title) in values {
                    option value=(value) selected[value == entry.value] { (title) }
                }
            }
        }
    })
}

fn choice(
    values: &[String],
    id: &str,
    entry: &Entry<'_>,
    described: Option<&str>,
    invalid: Option<&'static str>,
) -> Markup {
    html! {
        select id=(id) name=(entry.name) aria-describedby=[described] aria-invalid=[invalid] {
            option value="" { "—" }
            @for value in values {
                option value=(value) selected[value == entry.value] { (plain(value)) }
            }
        }
    }
}

fn labelled(
    title: &str,
    entry: &Entry<'_>,
    hint: Option<&'static str>,
    required: bool,
    input: impl Fn(&str, Option<&str>, Option<&'static str>) -> Markup,
) -> Markup {
    let id = place(entry.name);
    let fault = entry.faults.iter().find(|fault| fault.field == entry.name);
    let (hint_id, fault_id) = (format!("{id}-hint"), format!("{id}-fault"));
    let described = [hint.map(|_| hint_id.as_str()), fault.map(|_| fault_id.as_str())];
    let described: Vec<&str> = described.into_iter().flatten().collect();
    let described = (!described.is_empty()).then(|| described.join(" "));
    html! {
        div .field {
            label for=(id) { (title) @if required { " " span .soft { "(needed)" } } }
            @if let Some(hint) = hint { span .hint id=(hint_id) { (hint) } }
            @if let Some(fault) = fault { span .fault id=(fault_id) { (super::parts::capital(&fault.fault)) } }
            (input(&id, described.as_deref(), fault.map(|_| "true")))
        }
    }
}

const fn kind_of(kind: &FieldKind) -> &'static str {
    match kind {
        FieldKind::Email => "email",
        FieldKind::Phone => "tel",
        FieldKind::Date => "date",
        _ => "text",
    }
}

const fn length(kind: &FieldKind) -> Option<u32> {
    match kind {
        FieldKind::Text { max } => Some(*max),
        FieldKind::Label => Some(200),
        FieldKind::Reference => Some(80),
        _ => None,
    }
}

const fn hint(kind: &FieldKind) -> Option<&'static str> {
    match kind {
        FieldKind::Phone => Some("With the country's code, such as +358 20 123 456"),
        FieldKind::Country => Some("Its name, or two letters such as FI"),
        FieldKind::Language => Some("Such as fi, en or zh-Hans"),
        FieldKind::Time => Some("Day and time in UTC, such as 2026-11-30T14:00Z"),
        FieldKind::Money => Some("Currency and amount, such as EUR 1250.00"),
        FieldKind::Integer => Some("A whole number"),
        FieldKind::Reference => Some("Letters, digits and -_./#: only"),
        _ => None,
    }
}

/// A value as it goes into an input.
pub(crate) fn text(value: &Json) -> String {
    match value {
        Json::Null => String::new(),
        Json::Bool(flag) => if *flag { "yes" } else { "no" }.to_owned(),
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A country by its name, where it is known.
pub(crate) fn country_shown(code: Option<&str>) -> &str {
    code.map(|code| country_name(code).unwrap_or(code)).unwrap_or_default()
}

/// A value as people read it.
pub(crate) fn shown(field: Option<&Field>, value: &Json) -> Markup {
    let text = text(value);
    match field.map(|field| &field.kind) {
        Some(FieldKind::Country) => {
            html! { (country_name(&text).map_or(text.clone(), str::to_owned)) }
        }
        Some(FieldKind::Code { .. }) => html! { (plain(&text)) },
        Some(FieldKind::Time | FieldKind::Date) => moment(&text),
        Some(FieldKind::Reference) => html! { span .code { (text) } },
        Some(FieldKind::Money | FieldKind::Integer) => html! { span .figure { (text) } },
        _ => html! { (text) },
    }
}
