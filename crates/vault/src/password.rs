//! Passwords: hashed with Argon2id (RFC 9106), each under a salt of its own and all under a key of the
//! vault. Whoever has the store and not the master key cannot even begin to guess.

use argon2::password_hash::{self, PasswordHasher, PasswordVerifier, phc::PasswordHash};
use argon2::{Algorithm, Argon2, Params, Version};
use rand::CryptoRng;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use crate::vault::Vault;

const SALT_LEN: usize = 16;

pub(crate) struct PasswordKey(pub(crate) Zeroizing<[u8; 32]>);

/// What a hash costs whoever makes it: the right person once, a guesser each time. A hash says itself
/// what it cost, so that those of before still hold when this changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasswordCost {
    /// Memory, in units of 1,024 bytes.
    pub memory_kib: u32,
    /// How often it is gone through.
    pub passes: u32,
    /// How many threads could share the work.
    pub lanes: u32,
}

impl Default for PasswordCost {
    /// As OWASP's Password Storage Cheat Sheet has it: 19 MiB, twice, one lane.
    fn default() -> PasswordCost {
        PasswordCost { memory_kib: 19 * 1_024, passes: 2, lanes: 1 }
    }
}

/// A password could not be hashed, or a stored hash not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a password cannot be hashed: {0}")]
pub struct NotHashed(String);

impl Vault {
    /// The hash of a password, to be stored (a PHC string).
    pub fn hash_password(
        &self,
        password: &str,
        cost: PasswordCost,
        random: &mut dyn CryptoRng,
    ) -> Result<String, NotHashed> {
        let mut salt = [0u8; SALT_LEN];
        random.fill_bytes(&mut salt);
        let hash = self.argon2(cost)?.hash_password_with_salt(normal(password).as_bytes(), &salt);
        Ok(hash.map_err(|cause| NotHashed(cause.to_string()))?.to_string())
    }

    /// Whether it is the password of a stored hash. Where there is no hash it is not, and finding that
    /// out takes as long.
    pub fn is_password(
        &self,
        password: &str,
        hash: Option<&str>,
        cost: PasswordCost,
    ) -> Result<bool, NotHashed> {
        let not_hashed = |cause: password_hash::Error| NotHashed(cause.to_string());
        let (argon2, password) = (self.argon2(cost)?, normal(password));
        let Some(hash) = hash else {
            let salt = [0u8; SALT_LEN];
            argon2.hash_password_with_salt(password.as_bytes(), &salt).map_err(not_hashed)?;
            return Ok(false);
        };
        let hash =
            PasswordHash::new(hash).map_err(|_| NotHashed("what is stored is no hash".into()))?;
        match argon2.verify_password(password.as_bytes(), &hash) {
            Ok(()) => Ok(true),
            Err(password_hash::Error::PasswordInvalid) => Ok(false),
            Err(cause) => Err(not_hashed(cause)),
        }
    }

    fn argon2(&self, cost: PasswordCost) -> Result<Argon2<'_>, NotHashed> {
        let PasswordCost { memory_kib, passes, lanes } = cost;
        let not_hashed = |cause: argon2::Error| NotHashed(cause.to_string());
        let params = Params::new(memory_kib, passes, lanes, None).map_err(not_hashed)?;
        let key = self.password.0.as_slice();
        Argon2::new_with_secret(key, Algorithm::Argon2id, Version::V0x13, params)
            .map_err(not_hashed)
    }
}

/// The same password, however a keyboard has put its letters together (NIST SP 800-63B, 3.1.1.2).
fn normal(password: &str) -> Zeroizing<String> {
    Zeroizing::new(password.nfkc().collect())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rand::SeedableRng;
    use rand::rngs::StdRng;

    use super::*;
    use crate::master::MasterKey;

    const CHEAP: PasswordCost = PasswordCost { memory_kib: 8, passes: 1, lanes: 1 };

    fn vault(seed: u64) -> Vault {
        Vault::new(&MasterKey::generate(&mut StdRng::seed_from_u64(seed)))
    }

    fn hash(vault: &Vault, password: &str, cost: PasswordCost) -> String {
        vault.hash_password(password, cost, &mut StdRng::seed_from_u64(7)).unwrap()
    }

    #[test]
    fn only_the_password_of_a_hash_is_the_password_and_only_in_its_vault() {
        let vault_of = vault(1);
        let hash = hash(&vault_of, "lantern quay", CHEAP);
        let is = |vault: &Vault, text| vault.is_password(text, Some(&hash), CHEAP).unwrap();
        assert!(is(&vault_of, "lantern quay"));
        for other in ["lantern quay ", "Lantern quay", "", "lantern"] {
            assert!(!is(&vault_of, other), "{other}");
        }
        assert!(!is(&vault(2), "lantern quay"), "without the key there is nothing to guess at");
        assert!(!vault_of.is_password("lantern quay", None, CHEAP).unwrap());
    }

    #[test]
    fn a_hash_says_what_it_cost_and_holds_when_another_would_cost_more() {
        let vault = vault(1);
        let usual = hash(&vault, "lantern quay", PasswordCost::default());
        assert!(usual.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{usual}");
        let cheap = hash(&vault, "lantern quay", CHEAP);
        let dearer = PasswordCost { memory_kib: 64, passes: 2, lanes: 1 };
        assert!(vault.is_password("lantern quay", Some(&cheap), dearer).unwrap());
    }

    #[test]
    fn letters_are_the_same_however_they_are_put_together() {
        let vault = vault(1);
        let hash = hash(&vault, "h\u{f6}yrylaiva \u{ff11}", CHEAP);
        assert!(vault.is_password("ho\u{308}yrylaiva 1", Some(&hash), CHEAP).unwrap());
    }

    #[test]
    fn what_is_no_hash_is_an_error_and_no_answer() {
        for bad in ["", "nonsense", "$argon2id$", "$scrypt$ln=1$c2FsdHNhbHQ$aGFzaA"] {
            assert!(vault(1).is_password("x", Some(bad), CHEAP).is_err(), "{bad}");
        }
        let none = PasswordCost { memory_kib: 0, passes: 1, lanes: 1 };
        assert!(vault(1).is_password("x", None, none).is_err());
    }

    /// The shortest of several, so that whatever else the machine does at times does not count.
    fn takes(act: impl Fn()) -> Duration {
        let timed = || {
            let begun = std::time::Instant::now();
            act();
            begun.elapsed()
        };
        (0..7).map(|_| timed()).min().unwrap()
    }

    #[test]
    fn to_find_that_there_is_no_password_takes_as_long_as_to_find_that_it_is_another() {
        let vault = vault(1);
        let cost = PasswordCost { memory_kib: 8 * 1_024, passes: 2, lanes: 1 };
        let hash = hash(&vault, "lantern quay", cost);
        let another = takes(|| drop(vault.is_password("x", Some(&hash), cost)));
        let none = takes(|| drop(vault.is_password("x", None, cost)));
        assert!(none * 2 > another && another * 2 > none, "{none:?} {another:?}");
    }
}
