//! How entries lie in a spool: frames of a length, a keyed check bound to spool and offset, and the
//! entries of all that were written together.

use gantry_vault::Vault;

use crate::audit::name::SpoolName;

/// Bytes before the entries of a frame.
pub(crate) const HEAD_LEN: usize = 4 + 16;
/// At most this many bytes of entries in a frame; a larger length is no frame.
pub(crate) const MAX_FRAME: usize = 64 << 20;

/// The frame of `entries` at `offset`.
pub(crate) fn build(vault: &Vault, spool: SpoolName, offset: u64, entries: &[u8]) -> Vec<u8> {
    let mut frame = Vec::with_capacity(HEAD_LEN + entries.len());
    frame.extend_from_slice(&u32::try_from(entries.len()).unwrap_or(u32::MAX).to_le_bytes());
    frame.extend_from_slice(&vault.spool_check(&spool.key(), offset, entries));
    frame.extend_from_slice(entries);
    frame
}

/// The entries of the first frame in `bytes`, which begin at `offset`, and what follows; `None`
/// where the frame is torn or no frame of this spool.
pub(crate) fn split<'a>(
    vault: &Vault,
    spool: SpoolName,
    offset: u64,
    bytes: &'a [u8],
) -> Option<(&'a [u8], &'a [u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let (check, rest) = rest.split_first_chunk::<16>()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    if length == 0 || length > MAX_FRAME {
        return None;
    }
    let (entries, rest) = rest.split_at_checked(length)?;
    (vault.spool_check(&spool.key(), offset, entries) == *check).then_some((entries, rest))
}
