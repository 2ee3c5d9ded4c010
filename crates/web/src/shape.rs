//! The shape that the notice gives to a purpose: what it may do with which categories and kinds.

use gantry_notice::model::{Category, Field, ObjectKind, Purpose};
use gantry_notice::{Ask, CategoryId, DatedPolicy, Decision, Operation, Roles, UseId};

/// The kind that is the customer itself.
pub(crate) const COMPANY: &str = "company";

/// A category as uses of a purpose may work with it.
pub(crate) struct CategoryShape<'a> {
    pub(crate) name: &'a str,
    pub(crate) declared: &'a Category,
    /// How long the purpose sees a record of it.
    pub(crate) window: String,
    pub(crate) operations: Vec<Operation>,
    /// The fields of any of the operations, in the order of the notice.
    pub(crate) fields: Vec<(&'a str, &'a Field)>,
}

impl CategoryShape<'_> {
    pub(crate) fn may(&self, operation: Operation) -> bool {
        self.operations.contains(&operation)
    }
}

/// The uses of a purpose.
pub(crate) fn uses(policy: &DatedPolicy, purpose: &str) -> Vec<UseId> {
    let lexicon = policy.policy().lexicon();
    let (id, declared) = (lexicon.purpose(purpose), policy.policy().notice());
    let names = declared.purposes.get(purpose).map(|purpose| purpose.uses.keys());
    let found = names.into_iter().flatten().filter_map(|name| lexicon.use_of(id?, name));
    found.collect()
}

/// The categories with which any of some uses of a purpose may work, in the order of the notice.
pub(crate) fn categories<'a>(
    policy: &'a DatedPolicy,
    purpose: &'a Purpose,
    uses: &[UseId],
) -> Vec<CategoryShape<'a>> {
    let notice = policy.policy().notice();
    let shapes = purpose.reads.iter().filter_map(|(name, read)| {
        let declared = notice.categories.get(name)?;
        let id = policy.policy().lexicon().category(name)?;
        let (mut operations, mut seen) = (Vec::new(), 0);
        for operation in Operation::ALL {
            let fields =
                uses.iter().fold(0, |set, used| set | allowed(policy, *used, id, operation));
            if fields != 0 {
                operations.push(operation);
                seen |= fields;
            }
        }
        let field = |name: &str| {
            let place = policy.policy().lexicon().field(id, name);
            place.is_some_and(|place| gantry_notice::Fields(seen).has(place))
        };
        let fields = declared.fields.iter().filter(|(name, _)| field(name));
        let fields = fields.map(|(name, field)| (name.as_str(), field)).collect();
        let window = read.window.to_string();
        Some(CategoryShape { name, declared, window, operations, fields })
    });
    shapes.filter(|shape| !shape.operations.is_empty()).collect()
}

/// The kinds of object that a purpose may see, and whether it may write them.
pub(crate) fn kinds<'a>(
    policy: &'a DatedPolicy,
    purpose: &str,
) -> Vec<(&'a str, &'a ObjectKind, bool)> {
    let listed = |list: &[String]| list.iter().any(|name| name == purpose);
    let kinds = policy.policy().notice().objects.iter();
    let seen = kinds.filter(|(_, kind)| listed(&kind.read) || listed(&kind.write));
    seen.map(|(name, kind)| (name.as_str(), kind, listed(&kind.write))).collect()
}

/// Fields that a use may work with, whoever the contact is and whichever of its roles works.
fn allowed(policy: &DatedPolicy, used: UseId, category: CategoryId, operation: Operation) -> u64 {
    let roles = Roles(u64::MAX);
    let ask = Ask { use_id: used, roles, category, operation, channel: None };
    match policy.decide_notice(&ask) {
        Decision::Allow { fields, .. } => fields.0,
        Decision::Deny(_) => 0,
    }
}
