//! What to try in the demo.

use std::fmt;
use std::net::SocketAddr;

use gantry_web::Demo;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::stage::ACTOR;
use crate::setup::Places;

/// What is printed when the demo serves.
pub(super) struct Guide<'a> {
    pub(super) at: SocketAddr,
    pub(super) token: &'a str,
    pub(super) places: &'a Places,
    /// Who is in it.
    pub(super) people: &'a People,
    /// Who may sign in.
    pub(super) staff: &'a Demo,
    /// The address of somebody to try the contacts' portal with.
    pub(super) portal: &'a str,
    /// Whether it was made before.
    pub(super) again: bool,
}

/// Whom one may want to look at.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct People {
    pub(super) contacts: usize,
    pub(super) records: usize,
    /// On an order in production, trained, and a user of digital services.
    pub(super) customer: Uuid,
    /// In China, without consent to marketing.
    pub(super) in_china: Uuid,
    /// Reacts to campaigns.
    pub(super) marketed: Uuid,
}

impl fmt::Display for Guide<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (store, at) = (&self.places.store, self.at);
        let People { contacts, records, .. } = self.people;
        let made = if self.again { "made here before" } else { "made just now" };
        writeln!(
            f,
            "Harju Lifting, an invented crane-service company:\n{contacts} contacts, {records} records, {made}"
        )?;
        writeln!(f, "served at http://{at}; Ctrl-C ends it\nin the store `{store}`\n")?;
        writeln!(
            f,
            "Open it in a browser and sign in; the password of each account is `{}`:\n",
            self.staff.password
        )?;
        for (account, what) in &self.staff.accounts {
            writeln!(f, "  {account:<16}{what}")?;
        }
        writeln!(f, "\nThe same for programs:\n")?;
        writeln!(f, "  T={}", self.token)?;
        writeln!(
            f,
            "  get() {{ curl -s -w '\\n' -H \"Authorization: Bearer $T\" \\\n    \"http://{at}/api/v1/$1\"; }}"
        )?;
        writeln!(f, "\nWhat a contact sees of itself, in the portal; mail is caught and shown:")?;
        writeln!(f, "  http://{at}/me/sign-in    # ask with {}", self.portal)?;
        writeln!(f, "  http://{at}/demo/mail     # open the link from here")?;
        self.looks(f)?;
        writeln!(f, "\nHow many take part in what, and never who:")?;
        writeln!(f, "  get 'reporting/report?of=records:orders&by=country'")?;
        writeln!(f, "\nUse without a name: aliases and months, for research:")?;
        writeln!(f, "  get 'research/records?category=behaviour&limit=3'")?;
        writeln!(f, "\nThe same from another shell, without the API, and the proof of it all:")?;
        writeln!(f, "  export GANTRY_STORE={store} GANTRY_AS={ACTOR}")?;
        writeln!(f, "  gantry contact find --for crm --limit 3")?;
        writeln!(
            f,
            "  # all that is held of one contact, and why\n  gantry export --for claims --contact {}",
            self.people.customer
        )?;
        writeln!(f, "  gantry audit show --limit 10; gantry audit verify")?;
        writeln!(f, "  gantry demo --check    # the guided tour")?;
        writeln!(f, "\nThe API describes itself: curl -s http://{at}/api/openapi.json")
    }
}

impl Guide<'_> {
    /// The same for programs.
    pub(super) fn to_json(&self) -> Json {
        json!({
            "url": format!("http://{}", self.at),
            "token": self.token,
            "store": self.places.store.to_string(),
            "people": self.people,
            "accounts": self.staff.accounts.iter().map(|(account, _)| account).collect::<Vec<_>>(),
            "password": self.staff.password,
            "portal": {
                "sign-in": format!("http://{}/me/sign-in", self.at),
                "mail": format!("http://{}/demo/mail", self.at),
                "address": self.portal,
            },
        })
    }

    fn looks(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let People { customer, in_china, marketed, .. } = self.people;
        writeln!(f, "\nOne contact, and what three purposes see of it:")?;
        for purpose in ["crm", "manufacturing", "reporting"] {
            writeln!(f, "  get {purpose}/contacts/{customer}")?;
        }
        writeln!(f, "\nA contact in China who did not consent to marketing, and why not:")?;
        writeln!(f, "  get marketing/contacts/{in_china}")?;
        writeln!(f, "  get 'marketing/contacts/{in_china}/why?category=identity'")?;
        writeln!(f, "\nAn objection acts at once: look, object, look again:")?;
        writeln!(f, "  get marketing/contacts/{marketed}")?;
        writeln!(
            f,
            "  curl -s -H \"Authorization: Bearer $T\" \\\n    -H 'Content-Type: application/json' \\\n    -d '{{\"statement\":\"objects\",\"scope\":\"marketing\"}}' \\\n    http://{}/api/v1/claims/contacts/{marketed}/statements",
            self.at
        )?;
        writeln!(f, "  get marketing/contacts/{marketed}")
    }
}
