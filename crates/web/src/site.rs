//! What the program says about the place where it serves.

use gantry_post::Post;
use ipnet::IpNet;

use crate::provider::Provider;

/// The place where Gantry is reached, and what hangs on it.
#[derive(Clone, Debug, Default)]
pub struct Site {
    /// Where people reach it, e.g. `https://contacts.example.com`, without a slash at the end. Cookies
    /// are for TLS alone where this is `https`.
    pub public_url: String,
    /// How mail leaves. Where it is caught, as in a demo, a page shows it.
    pub post: Post,
    /// The company's provider of identities, where people may sign in with it.
    pub provider: Option<Provider>,
    /// The proxies before Gantry: what these say of whom they speak for is believed.
    pub proxies: Vec<IpNet>,
    /// What the page for signing in says in a demo: accounts that anybody may use, and their password.
    pub demo: Option<Demo>,
}

/// Accounts of a demo, which hold nobody's data but invented people's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Demo {
    /// Names of accounts, and what they are for.
    pub accounts: Vec<(String, String)>,
    /// The password of all of them.
    pub password: String,
}

impl Site {
    /// Whether people reach it over TLS.
    pub fn secure(&self) -> bool {
        self.public_url.starts_with("https://")
    }
}
