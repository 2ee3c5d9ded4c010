//! The record of processing activities (GDPR Art. 30(1)), as a table and as linked data.

mod table;
mod terms;

pub use table::ropa_csv;
pub use terms::ropa_json_ld;

use crate::id::Operation;
use crate::model::{Notice, Purpose};

/// Whom the notice is about (Art. 30(1)(c)).
const DATA_SUBJECTS: &str = "people who represent customers";

/// How the data is secured (Art. 30(1)(g)): what the program does for every notice.
const MEASURES: [(&str, &str); 5] = [
    ("dpv:AccessControlMethod", "every access needs a purpose, a use and a role"),
    ("dpv:EncryptionAtRest", "sealed fields are encrypted with a key of each contact"),
    ("dpv:Pseudonymisation", "pseudonymous purposes see an alias and coarse dates"),
    ("dpv:ActivityMonitoring", "every access is in a hash-chained audit trail"),
    ("dpv:StorageDeletion", "data is deleted when the last purpose may no longer see it"),
];

/// What a purpose does with a category, in the order of the operations.
fn operations(purpose: &Purpose, category: &str) -> Vec<Operation> {
    let all = Operation::ALL.into_iter();
    all.filter(|operation| purpose.allows(*operation, category)).collect()
}

/// Everything that a purpose does, in the order of the operations.
fn all_operations(purpose: &Purpose) -> Vec<Operation> {
    let does = |operation: &Operation| {
        purpose.reads.keys().any(|category| purpose.allows(*operation, category))
    };
    Operation::ALL.into_iter().filter(does).collect()
}

/// The roles within and the recipients outside (Art. 30(1)(d)).
fn role_titles(notice: &Notice, purpose: &Purpose) -> Vec<String> {
    purpose.roles.iter().filter_map(|role| notice.roles.get(role)).cloned().collect()
}

#[cfg(test)]
mod tests;
