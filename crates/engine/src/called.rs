//! What contacts and objects are called, by what a session sees of them.

use gantry_notice::model::{Category, Notice, ObjectKind, Search};
use serde_json::Value as Json;

use crate::draft::{ContactView, ObjectView};

impl ContactView {
    /// What somebody is called: the fields by whose words contacts are found. Where one of them says
    /// all that the others do, it alone; empty where the session sees none of them.
    pub fn name(&self, notice: &Notice) -> String {
        let declared = |category: &str| notice.categories.get(category).filter(|one| one.single);
        let mut words: Vec<&str> = Vec::new();
        for (category, data) in &self.data {
            let Some(declared) = declared(category) else { continue };
            let named = data.iter().filter(|(name, _)| is_name(declared, name));
            words.extend(named.filter_map(|(_, value)| value.as_str()).filter(|t| !t.is_empty()));
        }
        let whole = words.iter().max_by_key(|text| text.len()).copied().unwrap_or_default();
        if words.iter().all(|part| whole.contains(part)) {
            return whole.to_owned();
        }
        words.join(" ")
    }
}

impl ObjectView {
    /// What an object is called: the first of the fields that it can be found by, in the order of the
    /// notice, that says anything, and how it is found.
    pub fn name(&self, declared: &ObjectKind) -> Option<(&str, Search)> {
        let mut found = declared.fields.iter().filter_map(|(name, field)| {
            Some((self.fields.get(name).and_then(Json::as_str)?, field.search?))
        });
        found.find(|(text, _)| !text.is_empty())
    }
}

/// Whether a field of a category is part of what a contact is called.
pub fn is_name(category: &Category, field: &str) -> bool {
    category.fields.get(field).is_some_and(|field| field.search == Some(Search::Words))
}
