//! Who works: accounts with roles, and tokens that carry an account and the purposes granted.

use gantry_notice::model::Purpose;
use serde::{Deserialize, Serialize};

/// Somebody or something that works, with the roles of the notice it has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The account's name; goes into the audit trail.
    pub name: String,
    /// The roles it has, as [`Role`] writes them.
    pub roles: Vec<String>,
    /// Only these purposes, where a token narrows them.
    pub purposes: Option<Vec<String>>,
}

impl Actor {
    /// Up to which level it works under a purpose of the notice: the highest of its roles that the
    /// purpose lists. `None` where none of them is, or a token does not name the purpose.
    pub fn level(&self, id: &str, purpose: &Purpose) -> Option<Level> {
        let granted = self.purposes.as_ref().is_none_or(|list| list.iter().any(|one| one == id));
        let roles = self.roles.iter().filter(|_| granted).filter_map(|text| Role::parse(text));
        let listed = roles.filter(|role| role.is_among(&purpose.roles));
        listed.map(|role| role.level).max()
    }

    /// Whether it looks after the house: accounts, what they come in with, and who is signed in. That is
    /// who has all roles up to the highest level, and comes in by no token.
    pub fn is_keeper(&self) -> bool {
        self.purposes.is_none() && has_all(&self.roles)
    }
}

/// What an account may do with the purposes that a role gives it, in increasing order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Look, and nothing else.
    Read,
    /// All that the notice lets the purpose do.
    Write,
    /// The same, and agree to what needs a second person.
    Approve,
}

impl Level {
    /// All three, in order.
    pub const ALL: [Level; 3] = [Self::Read, Self::Write, Self::Approve];

    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Approve => "approve",
        }
    }
}

/// One of an account's roles: `ROLE` (up to write), `ROLE:LEVEL`, `*` for all roles of the notice (up to
/// approve), or `*:LEVEL`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Role<'a> {
    /// Its name; `*` stands for all roles of the notice.
    pub name: &'a str,
    /// Up to which level.
    pub level: Level,
}

/// Stands for all roles of the notice.
pub(crate) const ALL_ROLES: &str = "*";

impl<'a> Role<'a> {
    /// Reads one; `None` where the level is none.
    pub fn parse(text: &'a str) -> Option<Role<'a>> {
        let Some((name, level)) = text.split_once(':') else {
            return Some(Role { name: text, level: Role::usual(text) });
        };
        let level = Level::ALL.into_iter().find(|known| known.word() == level)?;
        Some(Role { name, level })
    }

    /// The shortest text that [`Role::parse`] reads as the same.
    pub fn text(&self) -> String {
        if self.level == Role::usual(self.name) {
            return self.name.to_owned();
        }
        format!("{}:{}", self.name, self.level.word())
    }

    /// Whether it is all of the notice's roles at once.
    pub fn is_all(&self) -> bool {
        self.name == ALL_ROLES
    }

    /// Whether it is one of these.
    fn is_among(&self, roles: &[String]) -> bool {
        if self.is_all() { !roles.is_empty() } else { roles.iter().any(|role| role == self.name) }
    }

    fn usual(name: &str) -> Level {
        if name == ALL_ROLES { Level::Approve } else { Level::Write }
    }
}

/// Whether roles are all there are, up to the highest level.
pub(crate) fn has_all(roles: &[String]) -> bool {
    let mut roles = roles.iter().filter_map(|text| Role::parse(text));
    roles.any(|role| role.is_all() && role.level == Level::Approve)
}

/// A local account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Its name.
    pub name: String,
    /// The roles it has, as [`Role`] writes them.
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

/// Who works for contacts in the portal. It is no account, and no account has its name.
pub const PORTAL: &str = "portal";
/// Who keeps what is worked out up to date. It is no account either.
pub const KEEPER: &str = "insight";

/// At most this many characters in a name.
const MAX_NAME: usize = 64;

/// Whether a text can be an account's name: it will stand in the audit trail.
pub fn is_name(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-_.@".contains(c);
    !text.is_empty()
        && text.len() <= MAX_NAME
        && text.chars().all(allowed)
        && ![PORTAL, KEEPER].contains(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_has_the_level_that_it_says_or_the_usual_one() {
        let read = |text| Role::parse(text).map(|role| (role.name, role.level, role.text()));
        assert_eq!(read("seller"), Some(("seller", Level::Write, "seller".into())));
        assert_eq!(read("seller:write"), Some(("seller", Level::Write, "seller".into())));
        assert_eq!(read("seller:read"), Some(("seller", Level::Read, "seller:read".into())));
        assert_eq!(read("*"), Some(("*", Level::Approve, "*".into())));
        assert_eq!(read("*:write"), Some(("*", Level::Write, "*:write".into())));
        assert_eq!(read("*:approve"), Some(("*", Level::Approve, "*".into())));
        assert_eq!(read("seller:"), None);
        assert_eq!(read("seller:Read"), None);
        assert_eq!(read("seller:read:write"), None);
    }

    #[test]
    fn only_all_roles_up_to_the_highest_level_keep_the_house() {
        for (roles, purposes, keeps) in [
            (&["*"][..], None, true),
            (&["seller", "*:approve"], None, true),
            (&["*:write"], None, false),
            (&["seller:approve"], None, false),
            (&["*"], Some(vec!["crm".to_owned()]), false),
        ] {
            let roles = roles.iter().map(|role| (*role).to_owned()).collect();
            let actor = Actor { name: "anna".into(), roles, purposes };
            assert_eq!(actor.is_keeper(), keeps, "{actor:?}");
        }
    }
}
