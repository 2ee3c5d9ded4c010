//! Schemas of fields: what comes out, and what may be sent.

use gantry_notice::Mode;
use gantry_notice::model::{Field, FieldKind};
use serde_json::{Map, Value, json};

/// The schema of fields as they come out.
pub(super) fn fields_out<'a>(
    fields: impl IntoIterator<Item = (&'a str, &'a Field)>,
    mode: Mode,
) -> Value {
    let shown = fields.into_iter().map(|(name, field)| (name.to_owned(), out(field, mode)));
    json!({
        "type": "object",
        "properties": shown.collect::<Map<_, _>>(),
        "additionalProperties": false,
    })
}

/// The schema of fields as they may be sent; those that a new one must have are required.
pub(super) fn fields_in<'a>(
    fields: impl IntoIterator<Item = (&'a str, &'a Field)>,
    new: bool,
) -> Value {
    let (mut properties, mut required) = (Map::new(), Vec::new());
    for (name, field) in fields {
        properties.insert(name.to_owned(), sent(field));
        if new && field.required {
            required.push(name);
        }
    }
    json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

fn out(field: &Field, mode: Mode) -> Value {
    let dated = matches!(field.kind, FieldKind::Date | FieldKind::Time);
    let mut schema = match mode {
        Mode::Pseudonymous if dated => json!({ "type": "string", "pattern": r"^\d{4}-\d{2}$" }),
        _ => value(&field.kind),
    };
    title(&mut schema, field);
    schema
}

/// A value, or `null` to take it away.
fn sent(field: &Field) -> Value {
    let mut schema = json!({ "anyOf": [value(&field.kind), { "type": "null" }] });
    title(&mut schema, field);
    schema
}

fn title(schema: &mut Value, field: &Field) {
    if let Value::Object(schema) = schema
        && !field.title.is_empty()
    {
        schema.insert("title".into(), json!(field.title));
    }
}

fn value(kind: &FieldKind) -> Value {
    match kind {
        FieldKind::Text { max } => json!({ "type": "string", "maxLength": max }),
        FieldKind::Label => json!({ "type": "string", "maxLength": 200 }),
        FieldKind::Reference => json!({ "type": "string", "maxLength": 80 }),
        FieldKind::Email => json!({ "type": "string", "format": "email" }),
        FieldKind::Phone => json!({ "type": "string", "maxLength": 40 }),
        FieldKind::Country => json!({ "type": "string", "pattern": "^[A-Z]{2}$" }),
        FieldKind::Language => json!({ "type": "string", "maxLength": 35 }),
        FieldKind::Date => json!({ "type": "string", "format": "date" }),
        FieldKind::Time => json!({ "type": "string", "format": "date-time" }),
        FieldKind::Integer => json!({ "type": "integer", "format": "int64" }),
        FieldKind::Money => json!({
            "type": "string",
            "pattern": r"^[A-Z]{3} -?\d+(\.\d+)?$",
            "examples": ["EUR 12.50"],
        }),
        FieldKind::Flag => json!({ "type": "boolean" }),
        FieldKind::Code { values } => json!({ "type": "string", "enum": values }),
    }
}
