//! The maps that come with the program, for the exports that most users have.

use std::sync::LazyLock;

use super::Map;

macro_rules! maps {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../maps/", $name, ".toml")))),*]
    };
}

/// In the order in which files are tried: what is more particular comes first.
pub(super) const FILES: &[(&str, &str)] = maps![
    "salesforce-leads",
    "salesforce-accounts",
    "salesforce-contacts",
    "hubspot",
    "mailchimp-unsubscribed",
    "mailchimp",
    "google",
    "outlook",
    "thunderbird",
    "listmonk",
    "mautic-companies",
    "mautic",
    "vcard",
    "thunderbird-ldif",
];

static MAPS: LazyLock<Vec<Map>> = LazyLock::new(|| {
    // INVARIANT: a test parses every one of them.
    FILES.iter().filter_map(|(name, text)| Map::parse(text, name).ok()).collect()
});

pub(super) fn all() -> &'static [Map] {
    &MAPS
}
