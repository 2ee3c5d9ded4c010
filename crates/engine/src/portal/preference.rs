//! Preferences: what a contact chooses by itself, as far as the notice lets the purpose for requests
//! write it.

use gantry_notice::model::{Category, Field, FieldKind};
use gantry_notice::{Fields, Operation};
use indexmap::IndexMap;
use serde_json::Value as Json;

use super::{Portal, PortalError};
use crate::draft::{ContactView, FieldTexts, ProfileChange};
use crate::error::EngineError;

/// How terms for preferences end in the Data Privacy Vocabulary, such as `pd:Preference`.
const PREFERENCE: &str = "Preference";

/// Something that a contact may choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preference {
    /// The category.
    pub category: String,
    /// The field.
    pub field: String,
    /// Among what.
    pub choice: Choice,
    /// What is chosen: a code, a language, `yes` or `no`; none where nothing is.
    pub value: Option<String>,
}

/// Among what one may choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// Yes or no.
    Flag,
    /// One of these codes.
    Code(Vec<String>),
    /// A language (BCP 47).
    Language,
}

impl Portal {
    /// What the contact may choose, in the order of the notice: flags, codes and languages of profile
    /// categories that the notice calls preferences, and in which language it wants to be written to.
    pub async fn preferences(&self) -> Result<Vec<Preference>, EngineError> {
        let view = self.session.contact(self.contact).await?;
        Ok(self.offered(&view))
    }

    /// The language that the contact prefers (BCP 47).
    pub async fn language(&self) -> Result<Option<String>, EngineError> {
        let view = self.session.contact(self.contact).await?;
        Ok(self.session.language_of(&view))
    }

    /// Chooses: all of it or nothing. An empty value takes a choice back.
    pub async fn set_preferences(
        &self,
        chosen: &IndexMap<(String, String), String>,
    ) -> Result<(), PortalError> {
        let view = self.session.contact(self.contact).await?;
        let offered = self.offered(&view);
        let mut data: IndexMap<String, FieldTexts> = IndexMap::new();
        for ((category, field), value) in chosen {
            let same = |one: &&Preference| one.category == *category && one.field == *field;
            let offer = offered.iter().find(same);
            let offer = offer.ok_or(PortalError::NotOffered("it is no preference to choose"))?;
            if offer.value.as_deref().unwrap_or_default() != value {
                let fields = data.entry(category.clone()).or_default();
                fields.insert(field.clone(), value.clone());
            }
        }
        if data.is_empty() {
            return Ok(());
        }
        let change = ProfileChange { data, company: None };
        self.session.change_profile(self.contact, &change, None).await?;
        Ok(())
    }

    fn offered(&self, view: &ContactView) -> Vec<Preference> {
        let policy = self.session.desk.policy.policy();
        let mut offered = Vec::new();
        for (name, category) in &policy.notice().categories {
            let Some(id) = policy.lexicon().category(name) else { continue };
            let data = view.data.get(name);
            // What is there is changed, what is not is collected.
            let operation = if data.is_some() { Operation::Change } else { Operation::Collect };
            let writable = self.session.desk.listed_fields(id, operation).unwrap_or(Fields::NONE);
            for (field_name, field) in &category.fields {
                let place = policy.lexicon().field(id, field_name);
                let Some(choice) = choice(category, field) else { continue };
                if !place.is_some_and(|place| writable.has(place)) {
                    continue;
                }
                let value = data.and_then(|data| data.get(field_name)).and_then(chosen);
                let (category, field) = (name.clone(), field_name.clone());
                offered.push(Preference { category, field, choice, value });
            }
        }
        offered
    }
}

fn choice(category: &Category, field: &Field) -> Option<Choice> {
    let is_preference = category.dpv.ends_with(PREFERENCE);
    if !category.single || category.special {
        return None;
    }
    match &field.kind {
        FieldKind::Language => Some(Choice::Language),
        FieldKind::Flag if is_preference => Some(Choice::Flag),
        FieldKind::Code { values } if is_preference => Some(Choice::Code(values.clone())),
        _ => None,
    }
}

fn chosen(value: &Json) -> Option<String> {
    match value {
        Json::Bool(true) => Some("yes".to_owned()),
        Json::Bool(false) => Some("no".to_owned()),
        Json::String(text) => Some(text.clone()),
        _ => None,
    }
}
