//! The primitives, in the one form in which they are used here: AES-256-GCM (NIST SP 800-38D) with a
//! 96-bit nonce and a 128-bit tag, HKDF-SHA-256 (RFC 5869), and length-prefixed fields.

use aes_gcm::aead::AeadInOut;
use aes_gcm::{Aes256Gcm, Error, KeyInit};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

/// The length of a key, in bytes.
pub(super) const KEY: usize = 32;
/// The length of a nonce, in bytes.
pub(super) const NONCE: usize = 12;
/// The length of a tag, in bytes.
pub(super) const TAG: usize = 16;

/// The ciphertext of `plaintext`, with its tag behind it.
pub(super) fn encrypt(
    key: &[u8; KEY],
    nonce: &[u8; NONCE],
    additional: &[u8],
    plaintext: &[u8],
) -> Result<Vec<u8>, Error> {
    // Room for the tag from the start: growing would leave a copy of the plaintext behind.
    let mut buffer = Vec::with_capacity(plaintext.len() + TAG);
    buffer.extend_from_slice(plaintext);
    let tag =
        Aes256Gcm::new(key.into()).encrypt_inout_detached(nonce.into(), additional, buffer.as_mut_slice().into())?;
    buffer.extend_from_slice(&tag);
    Ok(buffer)
}

/// The plaintext of a ciphertext with its tag behind it; an error for all that [`encrypt`] did not make.
pub(super) fn decrypt(
    key: &[u8; KEY],
    nonce: &[u8; NONCE],
    additional: &[u8],
    ciphertext: &[u8],
) -> Result<Zeroizing<Vec<u8>>, Error> {
    let (ciphertext, tag) = ciphertext.split_last_chunk::<TAG>().ok_or(Error)?;
    let mut buffer = Zeroizing::new(ciphertext.to_vec());
    Aes256Gcm::new(key.into()).decrypt_inout_detached(
        nonce.into(),
        additional,
        buffer.as_mut_slice().into(),
        tag.into(),
    )?;
    Ok(buffer)
}

/// A key derived from a stronger one with HKDF-SHA-256; `purpose` tells apart what is derived from the same.
pub(super) fn derive(key: &[u8; KEY], salt: &[u8], purpose: &[u8]) -> Result<Zeroizing<[u8; KEY]>, Error> {
    let mut derived = Zeroizing::new([0; KEY]);
    Hkdf::<Sha256>::new(Some(salt), key)
        .expand(purpose, derived.as_mut_slice())
        .map_err(|_| Error)?;
    Ok(derived)
}

/// The fields, each behind its length (64 bits, big-endian), so that no two lists give the same bytes.
pub(super) fn length_prefixed(fields: &[&[u8]]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(fields.iter().map(|field| 8 + field.len()).sum());
    for field in fields {
        bytes.extend_from_slice(&(field.len() as u64).to_be_bytes());
        bytes.extend_from_slice(field);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_a_field_ends_matters() {
        assert_ne!(length_prefixed(&[b"ab", b"c"]), length_prefixed(&[b"a", b"bc"]));
        assert_ne!(length_prefixed(&[b"abc"]), length_prefixed(&[b"abc", b""]));
        assert_eq!(length_prefixed(&[b"a"]), [0, 0, 0, 0, 0, 0, 0, 1, b'a']);
    }

    #[test]
    fn the_cipher_is_aes_256_gcm() {
        // Test case 14 of the GCM specification (McGrew and Viega, 2005): all zero, 256-bit key.
        let ciphertext = encrypt(&[0; KEY], &[0; NONCE], &[], &[0; 16]).unwrap();
        let expected = [
            0xce, 0xa7, 0x40, 0x3d, 0x4d, 0x60, 0x6b, 0x6e, 0x07, 0x4e, 0xc5, 0xd3, 0xba, 0xf3, 0x9d, 0x18, //
            0xd0, 0xd1, 0xc8, 0xa7, 0x99, 0x99, 0x6b, 0xf0, 0x26, 0x5b, 0x98, 0xb5, 0xd4, 0x8a, 0xb9, 0x19,
        ];
        assert_eq!(ciphertext, expected);
        assert_eq!(*decrypt(&[0; KEY], &[0; NONCE], &[], &ciphertext).unwrap(), [0; 16]);
    }
}
