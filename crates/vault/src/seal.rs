//! Sealing: AES-256-GCM under the contact's own key, bound to the record's place.
//!
//! A nonce of 96 random bits is safe here because each contact has a key of its own: repeats
//! become a concern near 2^32 sealed values of one person.

use std::fmt;

use rand::CryptoRng;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use zeroize::Zeroizing;

/// At most this many bytes are sealed at once; a larger value is no record.
pub const MAX_SEALED: usize = 16 << 20;

/// How bytes are sealed: the first byte of all that is.
const VERSION: u8 = 1;
const NONCE_LEN: usize = 12;
const TAG_LEN: usize = 16;
const PLACE_LEN: usize = 34;

/// What was sealed, wiped from memory when dropped.
pub type Opened = Zeroizing<Vec<u8>>;

/// The key of one contact, wiped from memory when dropped. 32 bytes, so that many fit in a cache;
/// it is set up anew at each use, which takes as long as opening a small record, or once for many
/// ([`ContactKey::ready`]).
#[derive(Clone)]
pub struct ContactKey(pub(crate) Zeroizing<[u8; 32]>);

impl ContactKey {
    /// A new one.
    pub fn generate(random: &mut dyn CryptoRng) -> ContactKey {
        let mut bytes = Zeroizing::new([0u8; 32]);
        random.fill_bytes(bytes.as_mut_slice());
        ContactKey(bytes)
    }

    /// Sets the key up to open many records one after the other.
    pub fn ready(&self) -> ReadyKey {
        ReadyKey(ready(&self.0))
    }
}

/// A contact's key, set up for use. It is not wiped when dropped: keep it no longer than the work.
pub struct ReadyKey(Option<LessSafeKey>);

impl ReadyKey {
    /// Opens what [`seal`] made with this key for the same place.
    pub fn open(&self, place: Place, sealed: &[u8]) -> Result<Opened, NotSealedHere> {
        open_ready(self.0.as_ref(), &place.bytes(), sealed)
    }
}

impl fmt::Debug for ReadyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReadyKey(..)")
    }
}

impl fmt::Debug for ContactKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ContactKey(..)")
    }
}

/// Where sealed bytes belong; moved to any other place they do not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Whose.
    pub contact: [u8; 16],
    /// Of which category.
    pub category: u8,
    /// Which record.
    pub record: [u8; 16],
}

impl Place {
    fn bytes(&self) -> [u8; PLACE_LEN] {
        let mut bytes = [0u8; PLACE_LEN];
        let parts = [VERSION, self.category].into_iter().chain(self.contact).chain(self.record);
        for (to, from) in bytes.iter_mut().zip(parts) {
            *to = from;
        }
        bytes
    }
}

/// The bytes were not sealed here: another key, another place, or damaged. Which of these it was
/// cannot be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the sealed bytes do not open here: another key, another place, or damaged")]
pub struct NotSealedHere;

/// The value is longer than [`MAX_SEALED`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the value is too long to be sealed\nhint: at most {MAX_SEALED} bytes fit in a record")]
pub struct NotSealed;

/// Seals `plain` for its place: 29 bytes longer, and different each time.
pub fn seal(
    key: &ContactKey,
    place: Place,
    plain: &[u8],
    random: &mut dyn CryptoRng,
) -> Result<Vec<u8>, NotSealed> {
    seal_with(&key.0, &place.bytes(), plain, random)
}

/// Opens what [`seal`] made with the same key for the same place.
pub fn open(key: &ContactKey, place: Place, sealed: &[u8]) -> Result<Opened, NotSealedHere> {
    open_with(&key.0, &place.bytes(), sealed)
}

/// Version, nonce, ciphertext, tag; `place` is what they are bound to.
pub(crate) fn seal_with(
    key: &[u8; 32],
    place: &[u8],
    plain: &[u8],
    random: &mut dyn CryptoRng,
) -> Result<Vec<u8>, NotSealed> {
    let mut nonce = [0u8; NONCE_LEN];
    random.fill_bytes(&mut nonce);
    seal_at(key, nonce, place, plain)
}

/// As [`seal_with`]. The nonce must never come twice for one key, unless all else is equal.
pub(crate) fn seal_at(
    key: &[u8; 32],
    nonce: [u8; NONCE_LEN],
    place: &[u8],
    plain: &[u8],
) -> Result<Vec<u8>, NotSealed> {
    if plain.len() > MAX_SEALED {
        return Err(NotSealed);
    }
    let mut sealed = Vec::with_capacity(1 + NONCE_LEN + plain.len() + TAG_LEN);
    sealed.push(VERSION);
    sealed.extend_from_slice(&nonce);
    sealed.extend_from_slice(plain);
    let body = sealed.get_mut(1 + NONCE_LEN..).unwrap_or_default();
    let cipher = ready(key).ok_or(NotSealed)?;
    let nonce = Nonce::assume_unique_for_key(nonce);
    let tag =
        cipher.seal_in_place_separate_tag(nonce, Aad::from(place), body).map_err(|_| NotSealed)?;
    sealed.extend_from_slice(tag.as_ref());
    Ok(sealed)
}

pub(crate) fn open_with(
    key: &[u8; 32],
    place: &[u8],
    sealed: &[u8],
) -> Result<Opened, NotSealedHere> {
    open_ready(ready(key).as_ref(), place, sealed)
}

/// The key, set up. (Any 32 bytes are a key; that some were not is for the library to say.)
fn ready(key: &[u8; 32]) -> Option<LessSafeKey> {
    UnboundKey::new(&AES_256_GCM, key).ok().map(LessSafeKey::new)
}

fn open_ready(
    key: Option<&LessSafeKey>,
    place: &[u8],
    sealed: &[u8],
) -> Result<Opened, NotSealedHere> {
    let (&version, rest) = sealed.split_first().ok_or(NotSealedHere)?;
    let (nonce, body) = rest.split_first_chunk::<NONCE_LEN>().ok_or(NotSealedHere)?;
    let length = body.len().checked_sub(TAG_LEN).ok_or(NotSealedHere)?;
    if version != VERSION || length > MAX_SEALED {
        return Err(NotSealedHere);
    }
    let mut opened = Zeroizing::new(body.to_vec());
    key.ok_or(NotSealedHere)?
        .open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(place), &mut opened)
        .map_err(|_| NotSealedHere)?;
    opened.truncate(length);
    Ok(opened)
}
