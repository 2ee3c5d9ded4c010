//! How objects are looked up: by keyed hashes of what the notice lets be searched, and compared.

use std::sync::Arc;

use gantry_notice::model::{Field, FieldKind, ObjectKind, Search};
use gantry_store::{Hash, Id, ObjectRow};
use gantry_vault::{Form, Vault};
use uuid::Uuid;

use crate::body;
use crate::session::find::begin;

/// The hash by which the objects that are about a person are found when the person is erased.
pub(crate) fn person_hash(vault: &Vault, person: &Id) -> Hash {
    vault.lookup().hash(Form::Exact, "person", &Uuid::from_bytes(*person).to_string())
}

/// The hashes by which an object is found.
pub(crate) fn object_hashes(
    vault: &Arc<Vault>,
    kind: &str,
    declared: &ObjectKind,
    packed: &[u8],
) -> Vec<Hash> {
    let mut hashes = Vec::new();
    for (name, value) in body::decode(packed).unwrap_or_default() {
        if let Some(field) = declared.fields.get(name)
            && let Some((form, label)) = look(kind, name, field)
        {
            hashes.extend(vault.lookup().stored(form, &label, value));
        }
    }
    hashes.sort_unstable();
    hashes.dedup();
    hashes
}

/// The hashes of an object's numbers: references that can be looked up as a whole.
pub(crate) fn number_hashes(
    vault: &Arc<Vault>,
    kind: &str,
    declared: &ObjectKind,
    packed: &[u8],
) -> Vec<Hash> {
    let fields = body::decode(packed).unwrap_or_default().into_iter();
    let hashes = fields.filter_map(|(name, value)| {
        let field = declared.fields.get(name)?;
        let is_number = field.kind == FieldKind::Reference && field.search == Some(Search::Exact);
        let (form, label) = look(kind, name, field).filter(|_| is_number)?;
        vault.lookup().stored(form, &label, value).first().copied()
    });
    hashes.collect()
}

/// What is looked for among objects of a kind.
pub(crate) struct Wanted<'w> {
    pub(super) field: &'w str,
    pub(super) text: &'w str,
    pub(super) form: Form,
    pub(super) label: String,
}

impl Wanted<'_> {
    /// Whether an object has it: its hashes tell no more than the beginnings of words.
    pub(super) fn is_in(&self, row: &ObjectRow) -> bool {
        let fields = body::decode(&row.body).unwrap_or_default();
        let mut values = fields.into_iter().filter(|(name, _)| *name == self.field);
        values.any(|(_, value)| match self.form {
            Form::Words => begin(self.text, &gantry_vault::words(value)),
            Form::Email => gantry_vault::email(self.text) == gantry_vault::email(value),
            Form::Phone => gantry_vault::phone(self.text) == gantry_vault::phone(value),
            Form::Exact => self.text.trim() == value,
        })
    }
}

/// How a field of an object is looked up: by words, or as a whole.
pub(super) fn look(kind: &str, name: &str, field: &Field) -> Option<(Form, String)> {
    let label = format!("{kind}.{name}");
    Some(match (field.search?, &field.kind) {
        (Search::Words, _) => (Form::Words, label),
        (Search::Exact, FieldKind::Email) => (Form::Email, label),
        (Search::Exact, _) => (Form::Exact, label),
    })
}
