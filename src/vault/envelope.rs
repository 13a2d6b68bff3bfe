//! The envelope: how a sealed value is laid out in bytes, and what it is bound to.
//!
//! | bytes | what |
//! |---|---|
//! | 4 | magic, `LKEY` |
//! | 1 | format, 1 |
//! | 1 | suite: 1 is AES-256-GCM, keyed and committed to with HKDF-SHA-256 |
//! | 8 | id of the master key |
//! | 2 | length of the wrapped data key, big-endian |
//! | that | the wrapped data key (72 bytes from a local key ring) |
//! | 32 | commitment to the data key |
//! | 12 | nonce |
//! | rest | ciphertext, its 16-byte tag last |
//!
//! Every byte is authenticated: the fixed fields, commitment and nonce are additional data of both
//! encryptions, with what the value is bound to; the wrapped data key carries a tag of its own, and
//! the master key's id follows from the master key. As the ciphertext does not depend on the master
//! key, rotating that re-wraps the data key only.

use super::cipher::{KEY, NONCE, TAG, derive, length_prefixed};
use super::master_key::{DataKey, KEK_ID, KekId, MasterKeysError, Wrapped};
use crate::domain::{SealContext, Sealed};
use std::error::Error;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

const MAGIC: [u8; 4] = *b"LKEY";
const FORMAT: u8 = 1;
const SUITE: u8 = 1;

const SALT: &[u8] = b"latchkey/envelope/1";
const ENCRYPTION: &[u8] = b"encryption key";
const COMMITMENT: &[u8] = b"commitment";

/// Why a secret could not be sealed.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// The master keys did not wrap the data key.
    #[error("the data key could not be wrapped")]
    MasterKeys(#[source] MasterKeysError),
    /// More than AES-GCM takes (64 GiB), or a wrapped data key beyond 65,535 bytes.
    #[error("too long to be sealed")]
    TooLong,
}

/// Why a sealed value did not open. All but [`OpenError::Unavailable`] are an alarm: what was stored is
/// not what was sealed, or the master key is another.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Too short, of inconsistent lengths, or something else altogether.
    #[error("this is not an envelope")]
    NotAnEnvelope,
    /// Of a format that this version of Latchkey does not know.
    #[error("the envelope has format {0}, which this version does not know")]
    UnknownFormat(u8),
    /// With ciphers that this version of Latchkey does not know.
    #[error("the envelope uses suite {0}, which this version does not know")]
    UnknownSuite(u8),
    /// Sealed under a master key that is not at hand.
    #[error("the envelope is sealed under master key {0}, which is not at hand")]
    UnknownMasterKey(KekId),
    /// Altered, or moved here from where it was sealed for.
    #[error("the envelope was altered or does not belong here")]
    DoesNotBelongHere,
    /// The master keys gave no answer; trying again may help.
    #[error("the master keys cannot be reached")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
}

impl From<MasterKeysError> for OpenError {
    fn from(error: MasterKeysError) -> Self {
        match error {
            MasterKeysError::Unknown(id) => Self::UnknownMasterKey(id),
            MasterKeysError::Refused => Self::DoesNotBelongHere,
            MasterKeysError::Unavailable(source) => Self::Unavailable(source),
        }
    }
}

/// The master key that a value is sealed under, read from its envelope without opening it.
///
/// # Errors
/// [`OpenError`] when it is no envelope that this version knows.
pub fn sealed_under(sealed: &Sealed) -> Result<KekId, OpenError> {
    Envelope::parse(sealed.as_bytes()).map(|envelope| envelope.wrapped.under)
}

/// What a sealed value is bound to, as bytes.
pub(super) struct Binding(Vec<u8>);

impl Binding {
    /// A provider key's place.
    pub(super) fn of_provider_key(context: &SealContext) -> Self {
        let SealContext {
            deployment,
            org,
            project,
            provider,
            endpoint,
            key,
            secret_version,
        } = context;
        Self(length_prefixed(&[
            b"latchkey/provider-key",
            deployment.as_uuid().as_bytes(),
            org.as_uuid().as_bytes(),
            project.as_uuid().as_bytes(),
            provider.as_str().as_bytes(),
            endpoint.as_str().as_bytes(),
            key.as_uuid().as_bytes(),
            &secret_version.to_be_bytes(),
        ]))
    }

    /// A value's purpose, and its place within that.
    pub(super) fn of_value(purpose: &str, place: &[&[u8]]) -> Self {
        let fields: Vec<&[u8]> = [b"latchkey/value", purpose.as_bytes()]
            .into_iter()
            .chain(place.iter().copied())
            .collect();
        Self(length_prefixed(&fields))
    }
}

/// The parts of an envelope that do not change when the data key is wrapped anew.
pub(super) struct Fixed {
    pub(super) commitment: [u8; KEY],
    pub(super) nonce: [u8; NONCE],
}

impl Fixed {
    /// The additional data of the ciphertext.
    pub(super) fn additional_of_content(&self, binding: &Binding) -> Vec<u8> {
        self.additional(b"content", binding)
    }

    /// The additional data of the wrapped data key.
    pub(super) fn additional_of_data_key(&self, binding: &Binding) -> Vec<u8> {
        self.additional(b"data key", binding)
    }

    fn additional(&self, of: &[u8], binding: &Binding) -> Vec<u8> {
        length_prefixed(&[of, &MAGIC, &[FORMAT, SUITE], &self.commitment, &self.nonce, &binding.0])
    }
}

/// What follows from a data key: the key that encrypts, and the commitment, without which one
/// ciphertext could be made to open under several keys.
pub(super) struct Derived {
    pub(super) encryption: Zeroizing<[u8; KEY]>,
    pub(super) commitment: Zeroizing<[u8; KEY]>,
}

impl Derived {
    pub(super) fn from(data_key: &DataKey) -> Result<Self, aes_gcm::Error> {
        let derive = |purpose| derive(data_key, SALT, purpose);
        Ok(Self {
            encryption: derive(ENCRYPTION)?,
            commitment: derive(COMMITMENT)?,
        })
    }

    /// Whether an envelope was made with this data key; in constant time.
    pub(super) fn is_committed_to_by(&self, fixed: &Fixed) -> bool {
        self.commitment.ct_eq(&fixed.commitment).into()
    }
}

/// An envelope, taken apart; nothing of it is verified yet.
pub(super) struct Envelope<'bytes> {
    pub(super) wrapped: Wrapped,
    pub(super) fixed: Fixed,
    pub(super) ciphertext: &'bytes [u8],
}

impl<'bytes> Envelope<'bytes> {
    /// Reads an envelope.
    pub(super) fn parse(bytes: &'bytes [u8]) -> Result<Self, OpenError> {
        let (magic, bytes) = take::<4>(bytes)?;
        if magic != MAGIC {
            return Err(OpenError::NotAnEnvelope);
        }
        let ([format], bytes) = take(bytes)?;
        if format != FORMAT {
            return Err(OpenError::UnknownFormat(format));
        }
        let ([suite], bytes) = take(bytes)?;
        if suite != SUITE {
            return Err(OpenError::UnknownSuite(suite));
        }
        let (under, bytes) = take::<KEK_ID>(bytes)?;
        let (length, bytes) = take(bytes)?;
        let length = usize::from(u16::from_be_bytes(length));
        let (wrapped, bytes) = bytes.split_at_checked(length).ok_or(OpenError::NotAnEnvelope)?;
        let (commitment, bytes) = take(bytes)?;
        let (nonce, ciphertext) = take(bytes)?;
        if ciphertext.len() < TAG {
            return Err(OpenError::NotAnEnvelope);
        }
        let wrapped = Wrapped {
            under: KekId::from_bytes(under),
            bytes: wrapped.to_vec(),
        };
        Ok(Self {
            wrapped,
            fixed: Fixed { commitment, nonce },
            ciphertext,
        })
    }

    /// Writes the envelope.
    pub(super) fn write(&self) -> Result<Sealed, SealError> {
        let length = u16::try_from(self.wrapped.bytes.len()).map_err(|_| SealError::TooLong)?;
        let parts: [&[u8]; 8] = [
            &MAGIC,
            &[FORMAT, SUITE],
            self.wrapped.under.as_bytes(),
            &length.to_be_bytes(),
            &self.wrapped.bytes,
            &self.fixed.commitment,
            &self.fixed.nonce,
            self.ciphertext,
        ];
        Ok(Sealed::from_bytes(parts.concat()))
    }
}

fn take<const N: usize>(bytes: &[u8]) -> Result<([u8; N], &[u8]), OpenError> {
    let (taken, rest) = bytes.split_first_chunk().ok_or(OpenError::NotAnEnvelope)?;
    Ok((*taken, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn envelope(ciphertext: &[u8]) -> Envelope<'_> {
        let wrapped = Wrapped {
            under: KekId::from_bytes([1; 8]),
            bytes: vec![2; 72],
        };
        Envelope {
            wrapped,
            fixed: Fixed {
                commitment: [3; KEY],
                nonce: [4; NONCE],
            },
            ciphertext,
        }
    }

    fn error(bytes: &[u8]) -> OpenError {
        Envelope::parse(bytes).map(|_| ()).unwrap_err()
    }

    #[test]
    fn what_is_written_is_read() {
        let sealed = envelope(&[5; 20]).write().unwrap();
        let read = Envelope::parse(sealed.as_bytes()).unwrap();
        assert_eq!(read.wrapped, envelope(&[]).wrapped);
        assert_eq!((read.fixed.commitment, read.fixed.nonce), ([3; KEY], [4; NONCE]));
        assert_eq!(read.ciphertext, [5; 20]);
        assert_eq!(sealed_under(&sealed).unwrap(), KekId::from_bytes([1; 8]));
    }

    #[test]
    fn what_is_no_envelope_is_told_apart() {
        let sealed = envelope(&[5; 16]).write().unwrap();
        let bytes = sealed.as_bytes();
        for length in 0..bytes.len() {
            assert!(
                matches!(error(&bytes[..length]), OpenError::NotAnEnvelope),
                "{length} bytes"
            );
        }
        let changed = |at: usize, byte: u8| {
            let mut bytes = bytes.to_vec();
            bytes[at] = byte;
            error(&bytes)
        };
        assert!(matches!(changed(0, b'X'), OpenError::NotAnEnvelope));
        assert!(matches!(changed(4, 9), OpenError::UnknownFormat(9)));
        assert!(matches!(changed(5, 0), OpenError::UnknownSuite(0)));
        assert!(matches!(changed(14, 0xFF), OpenError::NotAnEnvelope));
    }

    #[test]
    fn a_wrapped_key_beyond_the_length_field_is_refused() {
        let mut envelope = envelope(&[5; 16]);
        envelope.wrapped.bytes = vec![0; 65_536];
        assert!(matches!(envelope.write(), Err(SealError::TooLong)));
    }

    #[test]
    fn an_envelope_is_committed_to_one_data_key() {
        let derived = |byte| Derived::from(&DataKey::new([byte; 32])).unwrap();
        let fixed = Fixed {
            commitment: *derived(1).commitment,
            nonce: [4; NONCE],
        };
        assert!(derived(1).is_committed_to_by(&fixed));
        assert!(!derived(2).is_committed_to_by(&fixed));
        assert_ne!(derived(1).commitment, derived(1).encryption);
    }

    #[test]
    fn a_value_is_never_bound_like_a_provider_key() {
        assert_ne!(
            Binding::of_value("a", &[b"b"]).0,
            Binding::of_value("a", &[b"b", b""]).0
        );
        assert_ne!(Binding::of_value("a", &[b"b"]).0, Binding::of_value("ab", &[b""]).0);
        let purpose = Binding::of_value("latchkey/provider-key", &[]).0;
        assert!(purpose.starts_with(&length_prefixed(&[b"latchkey/value"])));
    }
}
