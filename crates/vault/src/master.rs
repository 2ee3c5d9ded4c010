//! The master key: 32 random bytes from a key file or the environment, never from the database.

use std::fmt;

use rand::CryptoRng;
use zeroize::Zeroizing;

use crate::text;

/// The start of its text form.
const PREFIX: &str = "gantry-master-";

/// The key that all others are derived from. It is wiped from memory when dropped.
#[derive(Clone)]
pub struct MasterKey(Zeroizing<[u8; 32]>);

impl MasterKey {
    /// A new one.
    pub fn generate(random: &mut dyn CryptoRng) -> MasterKey {
        let mut bytes = Zeroizing::new([0u8; 32]);
        random.fill_bytes(bytes.as_mut_slice());
        MasterKey(bytes)
    }

    /// Reads the text form, as a key file or the environment holds it; space around it is ignored.
    pub fn parse(text: &str) -> Result<MasterKey, MasterKeyError> {
        let key = text::decode_key(PREFIX, text).map_err(|bad| MasterKeyError(bad.words()))?;
        Ok(MasterKey(key))
    }

    /// The text form: `gantry-master-` and 58 letters, of which the last tell a typing error.
    pub fn text(&self) -> Zeroizing<String> {
        text::encode_key(PREFIX, &self.0)
    }

    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(..)")
    }
}

/// A text that is no master key. It says why, and nothing of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "not a master key: {0}\nhint: a master key is `gantry-master-` and 58 letters, as `gantry init` wrote it"
)]
pub struct MasterKeyError(&'static str);
