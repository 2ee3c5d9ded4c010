//! Codes of an authenticator (TOTP, RFC 6238): a secret shared once, and from then on a number of six
//! digits for every half minute.

use std::fmt;

use rand::CryptoRng;
use totp_rs::{Builder, Totp};
use zeroize::Zeroizing;

use crate::mac::MacKey;
use crate::seal::{NotSealed, NotSealedHere, open_with, seal_with};
use crate::vault::Vault;

/// 160 bits, as RFC 4226 has it (section 4, R6).
const SECRET_LEN: usize = 20;
/// So many steps of half a minute a clock may be wrong (RFC 6238, section 5.2).
const SKEW: u16 = 1;

pub(crate) struct TotpKey(pub(crate) MacKey);

impl TotpKey {
    /// Each account's secret is sealed under a key of its own.
    fn of(&self, account: &str) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.0.hash(&[b"account ", account.as_bytes()]))
    }
}

/// A new secret, in the two forms in which an authenticator takes it.
pub struct TotpSecret {
    /// In base 32 (RFC 4648), to be typed.
    pub secret: Zeroizing<String>,
    /// As an `otpauth:` address, for a picture to be scanned.
    pub url: Zeroizing<String>,
}

impl fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TotpSecret(..)")
    }
}

impl Vault {
    /// A new secret for an account, to be shown once, and the same sealed, to be stored. `issuer` is
    /// what the authenticator calls the house.
    pub fn new_totp(
        &self,
        account: &str,
        issuer: &str,
        random: &mut dyn CryptoRng,
    ) -> Result<(TotpSecret, Vec<u8>), NotSealed> {
        let mut secret = Zeroizing::new([0u8; SECRET_LEN]);
        random.fill_bytes(secret.as_mut_slice());
        let sealed =
            seal_with(&self.totp.of(account), account.as_bytes(), secret.as_slice(), random)?;
        // A colon would end the issuer's name.
        let issuer = issuer.replace(':', " ");
        let totp = builder(&secret).with_issuer(Some(issuer)).with_account_name(account);
        let totp = totp.build().map_err(|_| NotSealed)?;
        let url = Zeroizing::new(totp.to_url().map_err(|_| NotSealed)?);
        Ok((TotpSecret { secret: Zeroizing::new(totp.secret().to_base32()), url }, sealed))
    }

    /// The step of half a minute whose code this is, now or one step from it; `None` where it is the
    /// code of neither. Whoever takes a code must take none of that step or before again.
    pub fn totp_step(
        &self,
        account: &str,
        sealed: &[u8],
        code: &str,
        seconds: u64,
    ) -> Result<Option<u64>, NotSealedHere> {
        let secret = open_with(&self.totp.of(account), account.as_bytes(), sealed)?;
        let secret: Zeroizing<[u8; SECRET_LEN]> =
            Zeroizing::new(secret.as_slice().try_into().map_err(|_| NotSealedHere)?);
        let totp: Totp = builder(&secret).build().map_err(|_| NotSealedHere)?;
        let digits: Zeroizing<String> =
            Zeroizing::new(code.chars().filter(|c| !c.is_whitespace()).collect());
        Ok(totp.check(&digits, seconds))
    }
}

/// Six digits, SHA-1, half a minute: what every authenticator can do.
fn builder(secret: &Zeroizing<[u8; SECRET_LEN]>) -> Builder {
    Builder::new().with_secret(**secret).with_skew(SKEW)
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

    /// RFC 6238, appendix B, of which the last six digits count here.
    #[test]
    fn the_codes_are_those_of_the_standard() {
        let vault = vault(1);
        let secret = b"12345678901234567890";
        let random = &mut StdRng::seed_from_u64(2);
        let sealed = seal_with(&vault.totp.of("anna"), b"anna", secret, random).unwrap();
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            let step = vault.totp_step("anna", &sealed, code, seconds).unwrap();
            assert_eq!(step, Some(seconds / 30), "{seconds}");
        }
    }

    #[test]
    fn a_secret_opens_for_its_account_alone() {
        let vault = vault(1);
        let made = vault.new_totp("anna", "Harbour: Works", &mut StdRng::seed_from_u64(2));
        let (secret, sealed) = made.unwrap();
        assert!(vault.totp_step("anna", &sealed, "000000", 0).is_ok());
        assert_eq!(vault.totp_step("ben", &sealed, "000000", 0), Err(NotSealedHere));
        assert!(super::tests::vault(2).totp_step("anna", &sealed, "000000", 0).is_err());
        assert_eq!(secret.secret.len(), 32);
        assert!(secret.url.starts_with("otpauth://totp/Harbour%20%20Works"), "{}", *secret.url);
        assert_eq!(format!("{secret:?}"), "TotpSecret(..)");
    }
}
