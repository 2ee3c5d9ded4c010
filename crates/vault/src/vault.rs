//! The vault: every key that comes of the master key, each for one job.

use std::fmt;

use crate::alias::AliasKey;
use crate::cursor::CursorKey;
use crate::lookup::Lookup;
use crate::mac::MacKey;
use crate::master::MasterKey;
use crate::password::PasswordKey;
use crate::sign::Signer;
use crate::spool::SpoolKey;
use crate::suppress::SuppressKey;
use crate::ticket::TicketKey;
use crate::totp::TotpKey;
use crate::wrap::WrapKey;

/// The keys of a running node. Make it once and share it. What it does is told beside each job:
/// wrapping, look-ups, aliases, suppression, cursors, signatures, passwords, tickets, second factors.
pub struct Vault {
    pub(crate) wrap: WrapKey,
    pub(crate) lookup: Lookup,
    pub(crate) alias: AliasKey,
    pub(crate) suppress: SuppressKey,
    pub(crate) cursor: CursorKey,
    pub(crate) spool: SpoolKey,
    pub(crate) signer: Signer,
    pub(crate) password: PasswordKey,
    pub(crate) ticket: TicketKey,
    pub(crate) totp: TotpKey,
}

impl Vault {
    /// Derives all keys.
    pub fn new(master: &MasterKey) -> Vault {
        let root = MacKey::new(master.bytes());
        Vault {
            wrap: WrapKey::new(MacKey::new(&root.subkey("wrapping"))),
            lookup: Lookup::new(MacKey::new(&root.subkey("lookup"))),
            alias: AliasKey(MacKey::new(&root.subkey("alias"))),
            suppress: SuppressKey(MacKey::new(&root.subkey("suppression"))),
            cursor: CursorKey::new(&MacKey::new(&root.subkey("cursor"))),
            spool: SpoolKey(MacKey::new(&root.subkey("spool"))),
            signer: Signer::new(&root.subkey("audit signing")),
            password: PasswordKey(root.subkey("password")),
            ticket: TicketKey::new(&MacKey::new(&root.subkey("ticket"))),
            totp: TotpKey(MacKey::new(&root.subkey("second factor"))),
        }
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Vault(..)")
    }
}
