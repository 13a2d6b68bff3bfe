//! A key for message authentication codes: how tokens, fingerprints and audit rows are hashed.

use super::cipher::KEY;
use crate::domain::Random;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretBox};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// SHA-256's block, to which HMAC fills up a shorter key with zeros (RFC 2104).
const BLOCK: usize = 64;

/// A 256-bit key for HMAC-SHA-256. Zeroized when dropped, never shown.
#[derive(Debug)]
pub struct HmacKey {
    bytes: SecretBox<[u8; KEY]>,
    /// The hash with the key taken in, which is half the work for a short message. Zeroized when dropped, too.
    keyed: Box<Hmac<Sha256>>,
}

impl HmacKey {
    /// A new key.
    #[must_use]
    pub fn generate(random: &dyn Random) -> Self {
        Self::of(SecretBox::init_with_mut(|key: &mut [u8; KEY]| {
            random.fill(key);
        }))
    }

    /// The key with these bytes; `None` unless there are 32.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; KEY] = bytes.try_into().ok()?;
        Some(Self::of(SecretBox::init_with_mut(|key: &mut [u8; KEY]| {
            key.copy_from_slice(bytes);
        })))
    }

    fn of(bytes: SecretBox<[u8; KEY]>) -> Self {
        let keyed = Box::new(keyed(bytes.expose_secret()));
        Self { bytes, keyed }
    }

    /// The bytes of the key, to be sealed.
    pub(super) fn expose(&self) -> &[u8; KEY] {
        self.bytes.expose_secret()
    }

    /// The code of these parts. Each part counts with its length, so `["ab", "c"]` is not `["a", "bc"]`.
    #[must_use]
    pub fn mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        code((*self.keyed).clone(), parts)
    }

    /// Whether `code` is the code of these parts; takes the same time whether it is or not.
    #[must_use]
    pub fn verify(&self, parts: &[&[u8]], code: &[u8]) -> bool {
        self.mac(parts).ct_eq(code).into()
    }
}

/// HMAC-SHA-256 over length-prefixed parts.
pub(super) fn mac(key: &[u8; KEY], parts: &[&[u8]]) -> [u8; 32] {
    code(keyed(key), parts)
}

fn keyed(key: &[u8; KEY]) -> Hmac<Sha256> {
    let mut block = Zeroizing::new([0; BLOCK]);
    if let Some(start) = block.first_chunk_mut() {
        *start = *key;
    }
    <Hmac<Sha256> as KeyInit>::new((&*block).into())
}

/// The code of these parts, each behind its length as [`length_prefixed`](super::cipher::length_prefixed) writes it.
fn code(mut mac: Hmac<Sha256>, parts: &[&[u8]]) -> [u8; 32] {
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::SeededRandom;

    #[test]
    fn a_code_is_of_its_key_and_its_parts() {
        let random = SeededRandom::new(1);
        let (key, other) = (HmacKey::generate(&random), HmacKey::generate(&random));
        let code = key.mac(&[b"ab", b"c"]);
        assert!(key.verify(&[b"ab", b"c"], &code));
        assert!(!key.verify(&[b"a", b"bc"], &code));
        assert!(!key.verify(&[b"ab", b"c"], &code[..31]));
        assert!(!key.verify(&[b"ab", b"c"], &[]));
        assert!(!other.verify(&[b"ab", b"c"], &code));
    }

    #[test]
    fn it_is_hmac_sha_256() {
        // The same as the crate computes for a key of any length.
        let key = [7; KEY];
        let mut expected = Hmac::<Sha256>::new_from_slice(&key).unwrap();
        expected.update(&[0, 0, 0, 0, 0, 0, 0, 2]);
        expected.update(b"hi");
        assert_eq!(mac(&key, &[b"hi"]), <[u8; 32]>::from(expected.finalize().into_bytes()));
    }

    #[test]
    fn a_key_is_never_shown() {
        let key = HmacKey::from_bytes(&[0xAB; KEY]).unwrap();
        let shown = format!("{key:?}");
        assert!(shown.contains("REDACTED"));
        assert!(!shown.contains("171") && !shown.to_lowercase().contains("ab, ab"));
        assert!(HmacKey::from_bytes(&[0; KEY - 1]).is_none());
    }
}
