//! Tickets: random texts that let in whoever shows them. Only their hashes are stored, so that whoever
//! reads the store can show none.

use std::fmt;

use rand::CryptoRng;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::mac::MacKey;
use crate::text;
use crate::vault::Vault;

/// What a ticket is for. One of a kind is none of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TicketKind {
    /// Being signed in: in a browser's cookie.
    SignIn,
    /// Signing in once without a password: in a link.
    Link,
}

impl TicketKind {
    /// The start of the text form, by which scanners for leaked secrets know it.
    const fn prefix(self) -> &'static str {
        match self {
            TicketKind::SignIn => "gsi_",
            TicketKind::Link => "gsl_",
        }
    }
}

/// A ticket of 256 random bits, wiped from memory when dropped.
#[derive(Clone)]
pub struct Ticket {
    kind: TicketKind,
    secret: Zeroizing<[u8; 32]>,
}

impl Ticket {
    /// A new one.
    pub fn generate(kind: TicketKind, random: &mut dyn CryptoRng) -> Ticket {
        let mut secret = Zeroizing::new([0u8; 32]);
        random.fill_bytes(secret.as_mut_slice());
        Ticket { kind, secret }
    }

    /// Reads the text form; `None` where it is no ticket of the kind.
    pub fn parse(kind: TicketKind, text: &str) -> Option<Ticket> {
        let secret = text::decode_key(kind.prefix(), text).ok()?;
        Some(Ticket { kind, secret })
    }

    /// The text form, for whoever is to have it.
    pub fn text(&self) -> Zeroizing<String> {
        text::encode_key(self.kind.prefix(), &self.secret)
    }

    /// What is stored of it. Without a key: 256 random bits cannot be guessed.
    pub fn hash(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(b"gantry ticket 1 ");
        hash.update(self.kind.prefix());
        hash.update(self.secret.as_slice());
        hash.finalize().into()
    }
}

impl fmt::Debug for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ticket(..)")
    }
}

pub(crate) struct TicketKey {
    form: MacKey,
    browser: MacKey,
}

impl TicketKey {
    pub(crate) fn new(key: &MacKey) -> TicketKey {
        TicketKey {
            form: MacKey::new(&key.subkey("form")),
            browser: MacKey::new(&key.subkey("browser")),
        }
    }
}

impl Vault {
    /// What the forms of whoever shows a ticket carry, so that a form made elsewhere is known (against
    /// forged requests). It tells nothing of the ticket.
    pub fn form_check(&self, ticket: &Ticket) -> String {
        text::encode(
            &self.ticket.form.short(&[ticket.kind.prefix().as_bytes(), ticket.secret.as_slice()]),
        )
    }

    /// What a browser keeps in which somebody has signed in to an account: by it the browser is known
    /// again. `epoch` says since when what it keeps is good; under another it is not.
    pub fn browser_mark(&self, account: &str, epoch: &str) -> String {
        text::encode(&self.mark(account, epoch))
    }

    /// Whether [`Vault::browser_mark`] gave this for the account and that epoch.
    pub fn is_browser_mark(&self, text: &str, account: &str, epoch: &str) -> bool {
        let mark = self.mark(account, epoch);
        text::decode(text).is_some_and(|given| bool::from(given.as_slice().ct_eq(mark.as_slice())))
    }

    fn mark(&self, account: &str, epoch: &str) -> [u8; 32] {
        let length = u64::try_from(account.len()).unwrap_or(u64::MAX).to_le_bytes();
        self.ticket.browser.hash(&[&length, account.as_bytes(), epoch.as_bytes()])
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    use super::*;
    use crate::master::MasterKey;

    fn vault(seed: u64) -> Vault {
        Vault::new(&MasterKey::generate(&mut StdRng::seed_from_u64(seed)))
    }

    fn ticket(kind: TicketKind, seed: u64) -> Ticket {
        Ticket::generate(kind, &mut StdRng::seed_from_u64(seed))
    }

    #[test]
    fn a_ticket_is_read_as_what_it_is_and_as_nothing_else() {
        let sign_in = ticket(TicketKind::SignIn, 1);
        let text = sign_in.text();
        assert_eq!(Ticket::parse(TicketKind::SignIn, &text).unwrap().hash(), sign_in.hash());
        assert!(Ticket::parse(TicketKind::Link, &text).is_none());
        let renamed = text.replace("gsi_", "gsl_");
        assert!(
            Ticket::parse(TicketKind::Link, &renamed).is_none(),
            "its check letters are others"
        );
        assert_ne!(ticket(TicketKind::Link, 1).hash(), sign_in.hash());
        assert_ne!(ticket(TicketKind::SignIn, 2).hash(), sign_in.hash());
        assert_eq!(format!("{sign_in:?}"), "Ticket(..)");
    }

    #[test]
    fn what_forms_carry_is_of_one_ticket_and_one_vault() {
        let sign_in = ticket(TicketKind::SignIn, 1);
        let check = vault(1).form_check(&sign_in);
        assert_eq!(vault(1).form_check(&sign_in), check);
        assert_ne!(vault(2).form_check(&sign_in), check);
        assert_ne!(vault(1).form_check(&ticket(TicketKind::SignIn, 2)), check);
    }

    #[test]
    fn a_browser_is_known_for_one_account_and_one_epoch() {
        let mark = vault(1).browser_mark("anna", "5 7");
        assert!(vault(1).is_browser_mark(&mark, "anna", "5 7"));
        for (vault, account, epoch) in
            [(vault(1), "ann", "a5 7"), (vault(1), "anna", "5 8"), (vault(2), "anna", "5 7")]
        {
            assert!(!vault.is_browser_mark(&mark, account, epoch), "{account} {epoch}");
        }
        assert!(!vault(1).is_browser_mark("", "anna", "5 7"));
    }
}
