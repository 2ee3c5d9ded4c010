//! The first rows of a file as they would be stored, before anything is looked up or written.

use std::sync::Arc;

use gantry_intake::{Draft, FileError, Key, Mapped, MappedFile, Remark, Target, TargetOf};
use gantry_notice::Reason;

use super::fault::{Columns, RowFault};
use crate::error::FieldFault;
use crate::session::Identified;
use crate::value::canonical;

/// The first rows of a file.
#[derive(Clone, Debug)]
pub struct Preview {
    /// The fields that the map fills.
    pub columns: Vec<PreviewColumn>,
    /// The rows.
    pub rows: Vec<PreviewRow>,
    /// Columns of the file that no rule of the map uses.
    pub not_stored: Vec<Arc<str>>,
}

/// A field that the map fills.
#[derive(Clone, Debug)]
pub struct PreviewColumn {
    /// The data category or the kind of object.
    pub of: TargetOf,
    /// The field.
    pub field: Arc<str>,
    /// The columns of the file that it is taken from; none for a constant.
    pub from: Vec<Arc<str>>,
    /// Why the notice keeps it out, whoever the contact is.
    pub refused: Option<Reason>,
}

/// A row.
#[derive(Clone, Debug, Default)]
pub struct PreviewRow {
    /// Its number, as users count.
    pub row: u64,
    /// By what its contact is known again.
    pub known_by: Option<String>,
    /// The contact's country.
    pub country: Option<String>,
    /// The source's id of the company that the contact represents.
    pub company: Option<String>,
    /// What the contact said.
    pub said: Vec<String>,
    /// The value of each field of the preview, as it would be stored; empty where it would not.
    pub values: Vec<String>,
    /// Why nothing of the row is taken.
    pub left_out: Option<String>,
    /// What is wrong with it.
    pub faults: Vec<RowFault>,
}

impl Identified {
    /// The first rows of a file as they would be stored, at most so many. Whether the notice lets in
    /// what a row says of a contact that is there already, only a look at all of them tells.
    pub fn preview(&self, mapped: &MappedFile, rows: usize) -> Result<Preview, FileError> {
        let (mut source, mapper) = mapped.open()?;
        let columns = self.columns(mapped.map.targets());
        let places = Columns::of(&mapped.map);
        let mut shown = Vec::new();
        for row in source.by_ref().take(rows) {
            let read = row.map_err(|rejected| (rejected.fault.position.row, vec![rejected.fault]));
            let number = |row: &gantry_intake::Row| row.position.row;
            let mapped = read.and_then(|row| match mapper.row(&row) {
                Ok(mapped) => Ok((number(&row), mapped)),
                Err(faults) => Err((number(&row), faults)),
            });
            shown.push(match mapped {
                Ok((_, Mapped::Draft(draft))) => self.shown(&draft, &columns, &places),
                Ok((row, Mapped::Skipped(skip))) => PreviewRow {
                    row,
                    left_out: Some(skip.because.to_string()),
                    ..PreviewRow::default()
                },
                Err((row, faults)) => PreviewRow {
                    row,
                    faults: faults.iter().map(RowFault::of).collect(),
                    ..PreviewRow::default()
                },
            });
        }
        let not_stored = mapped.map.unmapped_columns(&source.columns_seen());
        Ok(Preview { columns, rows: shown, not_stored })
    }

    /// The fields that a map fills, each once.
    fn columns(&self, targets: Vec<Target>) -> Vec<PreviewColumn> {
        let mut columns: Vec<PreviewColumn> = Vec::new();
        for Target { of, field, columns: from } in targets {
            let known = |column: &&mut PreviewColumn| column.of == of && column.field == field;
            if let Some(column) = columns.iter_mut().find(known) {
                column.from.extend(from);
            } else {
                let refused = self.may_fill(&of, &field).err();
                columns.push(PreviewColumn { of, field, from, refused });
            }
        }
        columns
    }

    fn shown(&self, draft: &Draft, columns: &[PreviewColumn], places: &Columns) -> PreviewRow {
        let contact = draft.contact.as_ref();
        let said = contact.into_iter().flat_map(|contact| &contact.said);
        let mut faults = Vec::new();
        let values = columns.iter().map(|column| {
            let stored = found(draft, column).into_iter().filter_map(|value| {
                let stored = self.stored(column, value);
                stored.map_err(|fault| faults.push(places.place(&draft.position, &fault))).ok()
            });
            stored.filter(|value| !value.is_empty()).collect::<Vec<_>>().join(" · ")
        });
        let values = values.collect();
        PreviewRow {
            row: draft.position.row,
            known_by: contact.map(|contact| match &contact.key {
                Key::ExternalId(key) | Key::Email(key) => key.clone(),
            }),
            country: contact.and_then(|contact| contact.country).map(|one| one.code().to_owned()),
            company: contact.and_then(|contact| contact.company.clone()),
            said: said.map(|said| super::people::saying(said.what)).collect(),
            values,
            left_out: left_out(draft),
            faults,
        }
    }

    /// A value as it would be stored; empty where the notice keeps it out.
    fn stored(&self, column: &PreviewColumn, value: &str) -> Result<String, FieldFault> {
        let notice = self.desk.policy.policy().notice();
        let (name, fields) = match &column.of {
            TargetOf::Category(name) => {
                (name, notice.categories.get(&**name).map(|declared| &declared.fields))
            }
            TargetOf::Kind(name) => {
                (name, notice.objects.get(&**name).map(|declared| &declared.fields))
            }
        };
        let field = fields.and_then(|fields| fields.get(&*column.field));
        match field.filter(|_| column.refused.is_none()) {
            None => Ok(String::new()),
            Some(field) => canonical(field, value).map_err(|what| {
                FieldFault::new(format!("{name}.{}", column.field), format!("is not {what}"))
            }),
        }
    }
}

/// Why a row that says nothing at all says nothing.
fn left_out(draft: &Draft) -> Option<String> {
    let says = draft.contact.is_some()
        || draft.company.is_some()
        || !draft.objects.is_empty()
        || !draft.records.is_empty();
    let why = match draft.remarks.first() {
        _ if says => return None,
        Some(Remark::SharedMailbox { .. }) => "the address of a shared mailbox is no person's",
        Some(Remark::Nobody) => "it names no person",
        None => "it says nothing that the map reads",
    };
    Some(why.to_owned())
}

/// What a draft says for a field; several objects or records of a row may each say something.
fn found<'d>(draft: &'d Draft, column: &PreviewColumn) -> Vec<&'d str> {
    let named = |fields: &'d [(Arc<str>, String)]| {
        let found = fields.iter().find(|(field, _)| *field == column.field);
        found.map(|(_, value)| value.as_str())
    };
    match &column.of {
        TargetOf::Kind(kind) => {
            let company = draft.company.iter().filter(|_| **kind == *super::things::COMPANY);
            let company = company.filter_map(|company| named(&company.fields));
            let objects = draft.objects.iter().filter(|object| object.object.kind == *kind);
            company.chain(objects.filter_map(|object| named(&object.fields))).collect()
        }
        TargetOf::Category(category) => {
            let profile = draft.contact.iter().flat_map(|contact| &contact.fields);
            let profile =
                profile.filter(|one| one.category == *category && one.field == column.field);
            let records = draft.records.iter().filter(|record| record.category == *category);
            let records = records.filter_map(|record| named(&record.fields));
            profile.map(|one| one.value.as_str()).chain(records).collect()
        }
    }
}
