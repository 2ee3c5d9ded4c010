//! The numbers of names, over all versions of a notice.
//!
//! A number is given when a name first appears and never goes to another: what a store holds under
//! version 1 still means the same under version 9. The lexicon follows from the versions in their
//! order, so that nobody has to keep it.

use indexmap::{IndexMap, IndexSet};

use crate::id::{CategoryId, KindId, MAX_FIELDS, MAX_PURPOSES, PurposeId, RoleId, UseId};
use crate::model::Notice;

/// Names and their numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lexicon {
    purposes: IndexSet<String>,
    uses: IndexSet<(PurposeId, String)>,
    categories: IndexMap<String, IndexSet<String>>,
    roles: IndexSet<String>,
    kinds: IndexSet<String>,
}

/// More names than there are numbers.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("over all versions of the notice there are more than {limit} {what}")]
pub struct TooMany {
    what: &'static str,
    limit: usize,
}

impl Lexicon {
    /// The numbers for all names of these versions, in their order.
    pub fn of<'a>(versions: impl IntoIterator<Item = &'a Notice>) -> Result<Lexicon, TooMany> {
        let mut lexicon = Lexicon::default();
        for notice in versions {
            lexicon.extend(notice)?;
        }
        Ok(lexicon)
    }

    fn extend(&mut self, notice: &Notice) -> Result<(), TooMany> {
        for role in notice.roles.keys() {
            self.roles.insert(role.clone());
        }
        for kind in notice.objects.keys() {
            self.kinds.insert(kind.clone());
        }
        for (name, category) in &notice.categories {
            let fields = self.categories.entry(name.clone()).or_default();
            fields.extend(category.fields.keys().cloned());
            bounded("fields in a category", fields.len(), MAX_FIELDS)?;
        }
        for (name, purpose) in &notice.purposes {
            let (number, _) = self.purposes.insert_full(name.clone());
            bounded("purposes", number + 1, MAX_PURPOSES)?;
            let purpose_id = PurposeId(narrow(number));
            self.uses.extend(purpose.uses.keys().map(|used| (purpose_id, used.clone())));
        }
        bounded("roles", self.roles.len(), 64)?;
        bounded("kinds of object", self.kinds.len(), 255)?;
        bounded("categories", self.categories.len(), 255)?;
        bounded("uses", self.uses.len(), 1024)
    }

    /// The purpose of that name.
    pub fn purpose(&self, name: &str) -> Option<PurposeId> {
        self.purposes.get_index_of(name).map(|n| PurposeId(narrow(n)))
    }

    /// The name of a purpose.
    pub fn purpose_name(&self, id: PurposeId) -> &str {
        self.purposes.get_index(id.index()).map_or("?", String::as_str)
    }

    /// All purposes.
    pub fn purposes(&self) -> impl Iterator<Item = PurposeId> + use<> {
        (0..self.purposes.len()).map(|n| PurposeId(narrow(n)))
    }

    /// The use of that name within a purpose.
    pub fn use_of(&self, purpose: PurposeId, name: &str) -> Option<UseId> {
        let at = self.uses.get_index_of(&(purpose, name.to_owned()))?;
        u16::try_from(at).ok().map(UseId)
    }

    /// All uses with their purposes and names, in the order of their numbers.
    pub fn uses(&self) -> impl Iterator<Item = (UseId, PurposeId, &str)> {
        self.uses.iter().zip(0u16..).map(|((purpose, name), n)| (UseId(n), *purpose, &**name))
    }

    /// The purpose and name of a use.
    pub fn use_name(&self, id: UseId) -> (PurposeId, &str) {
        self.uses.get_index(id.index()).map_or((PurposeId(u8::MAX), "?"), |(p, n)| (*p, n))
    }

    /// The category of that name.
    pub fn category(&self, name: &str) -> Option<CategoryId> {
        self.categories.get_index_of(name).map(|n| CategoryId(narrow(n)))
    }

    /// The name of a category.
    pub fn category_name(&self, id: CategoryId) -> &str {
        self.categories.get_index(id.index()).map_or("?", |(name, _)| name)
    }

    /// All categories.
    pub fn categories(&self) -> impl Iterator<Item = CategoryId> + use<> {
        (0..self.categories.len()).map(|n| CategoryId(narrow(n)))
    }

    /// The place of a field in its category.
    pub fn field(&self, category: CategoryId, name: &str) -> Option<usize> {
        self.categories.get_index(category.index())?.1.get_index_of(name)
    }

    /// The same, looked for at the place `next` first: where fields come in the order of the notice,
    /// each is found after the one before without a search.
    pub fn field_from(&self, category: CategoryId, name: &str, next: usize) -> Option<usize> {
        if self.field_name(category, next) == Some(name) {
            return Some(next);
        }
        self.field(category, name)
    }

    /// The name of a field.
    pub fn field_name(&self, category: CategoryId, field: usize) -> Option<&str> {
        self.categories.get_index(category.index())?.1.get_index(field).map(String::as_str)
    }

    /// All field names of a category, in the order of their places.
    pub fn field_names(&self, category: CategoryId) -> impl Iterator<Item = &str> {
        let fields = self.categories.get_index(category.index()).map(|(_, fields)| fields);
        fields.into_iter().flatten().map(String::as_str)
    }

    /// The role of that name.
    pub fn role(&self, name: &str) -> Option<RoleId> {
        self.roles.get_index_of(name).map(|n| RoleId(narrow(n)))
    }

    /// The kind of object of that name.
    pub fn kind(&self, name: &str) -> Option<KindId> {
        self.kinds.get_index_of(name).map(|n| KindId(narrow(n)))
    }

    /// The name of a kind of object.
    pub fn kind_name(&self, id: KindId) -> &str {
        self.kinds.get_index(id.index()).map_or("?", String::as_str)
    }
}

fn bounded(what: &'static str, count: usize, limit: usize) -> Result<(), TooMany> {
    if count > limit { Err(TooMany { what, limit }) } else { Ok(()) }
}

/// INVARIANT: `bounded` has refused any lexicon in which a number would not fit.
fn narrow(number: usize) -> u8 {
    u8::try_from(number).unwrap_or(u8::MAX)
}
