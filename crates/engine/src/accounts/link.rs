//! Links: by one somebody signs in once, to set a password.

use gantry_store::{Space, Write};
use gantry_vault::{Ticket, TicketKind};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::accounts::account::stands;
use crate::accounts::attempt::SignInError;
use crate::accounts::credential::{Link, hex};
use crate::accounts::enter::{Proof, SignedInNow};
use crate::accounts::house::{again, decode};
use crate::actor::Actor;
use crate::audit::Cause;
use crate::engine::{Engine, encode};
use crate::error::EngineError;

/// A link is good for so long (ms).
const GOOD: i64 = 24 * 60 * 60 * 1_000;

/// A link as it is stored; its account names it, too.
#[derive(Serialize, Deserialize)]
pub(super) struct StoredLink {
    account: String,
    expires: i64,
}

impl StoredLink {
    pub(super) fn is_over(&self, now: i64) -> bool {
        now >= self.expires
    }
}

impl Engine {
    /// A link for an account: what stands behind `/sign-in/link#`. It is good once, for 24 hours; an
    /// earlier one ends with it. Only who looks after the house makes one, and gives it to the right
    /// person.
    pub async fn sign_in_link(
        &self,
        by: &Actor,
        account: &str,
        cause: Cause,
    ) -> Result<Zeroizing<String>, EngineError> {
        self.keeper(by, "sign-in-link", cause)?;
        again(|| async {
            let there = self.account_there(account).await?;
            let stored = self.credential(account).await?;
            let mut credential = stored.credential.clone();
            let mut writes: Vec<Write> = credential.end_link().into_iter().collect();
            let ticket = Ticket::generate(TicketKind::Link, &mut self.inner.entropy.fork());
            let (key, expires) = (ticket.hash().to_vec(), self.inner.clock.now() + GOOD);
            let link = StoredLink { account: account.to_owned(), expires };
            credential.link = Some(Link { hash: hex(&key), expires });
            writes.push(Write::Entry(Space::Link, key, encode(&link)));
            writes.push(stored.put(&credential));
            let expects = vec![stands(&there), stored.stands()];
            self.house(by, format!("sign-in-link {account}"), cause, expects, writes).await?;
            Ok(ticket.text())
        })
        .await
    }

    /// Signs somebody in by a link, which is then used. A password must be set next
    /// ([`Engine::change_password`]); until then the actor can do nothing else.
    pub async fn sign_in_by_link(
        &self,
        link: &str,
        agent: &str,
    ) -> Result<SignedInNow, SignInError> {
        let ticket = Ticket::parse(TicketKind::Link, link);
        let key = ticket.map(|ticket| ticket.hash());
        let stored = match &key {
            Some(key) => {
                self.inner.store.entry(Space::Link, key).await.map_err(EngineError::from)?
            }
            None => None,
        };
        let (Some(key), Some(bytes)) = (key, stored) else {
            self.note_failed("", "sign-in unknown-link")?;
            return Err(SignInError::Wrong);
        };
        let StoredLink { account, .. } = decode(&bytes, "a link")?;
        self.enter_as(&account, &Proof::Link { hash: hex(&key) }, agent).await
    }
}
