//! Who works: accounts with roles, and tokens that carry an account and the purposes granted.

use serde::{Deserialize, Serialize};

/// Somebody or something that works, with the roles of the notice it has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The account's name; goes into the audit trail.
    pub name: String,
    /// Roles by name; `*` stands for all roles of the notice.
    pub roles: Vec<String>,
    /// Only these purposes, where a token narrows them.
    pub purposes: Option<Vec<String>>,
}

/// A local account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Its name.
    pub name: String,
    /// Roles by name; `*` stands for all roles of the notice.
    pub roles: Vec<String>,
    /// When it was made (ms).
    pub created: i64,
}

/// What a token stands for. The token itself is never stored, only its hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// The account it works for.
    pub account: String,
    /// Purposes granted; never more than the account's roles give.
    pub purposes: Vec<String>,
    /// When it was made (ms).
    pub created: i64,
    /// When it ends (ms).
    pub expires: i64,
    /// What it is for, in a few words.
    pub label: String,
}

/// At most this many characters in a name.
const MAX_NAME: usize = 64;

/// Whether a text can be an account's name: it will stand in the audit trail.
pub fn is_name(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-_.@".contains(c);
    !text.is_empty() && text.len() <= MAX_NAME && text.chars().all(allowed)
}
