//! Master keys, which wrap the data keys that seal.

use super::cipher::{KEY, NONCE, decrypt, derive, encrypt};
use super::hmac_key::mac;
use crate::domain::Random;
use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_PAD_INDIFFERENT;
use secrecy::{ExposeSecret, SecretBox, SecretString};
use std::error::Error;
use std::fmt;
use std::sync::Arc;
use zeroize::Zeroizing;

const ID_PURPOSE: &[u8] = b"latchkey/master-key/1/id";
const WRAP_PURPOSE: &[u8] = b"latchkey/master-key/1/wrap";

/// The length of a [`KekId`], in bytes.
pub(super) const KEK_ID: usize = 8;

/// The length of the salt in front of a wrapped data key, in bytes.
const SALT: usize = 12;

/// A data key: 256 bits that seal one secret.
pub type DataKey = Zeroizing<[u8; 32]>;

/// Which master key ("key-encryption key", KEK) something is wrapped under. Not secret: it says
/// nothing of the key.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct KekId([u8; KEK_ID]);

impl KekId {
    /// The id with these bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 8]) -> Self {
        Self(bytes)
    }

    /// The bytes of the id.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 8] {
        &self.0
    }
}

impl fmt::Display for KekId {
    /// 16 lower-case hex digits.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:016x}", u64::from_be_bytes(self.0))
    }
}

impl fmt::Debug for KekId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "KekId({self})")
    }
}

/// A data key as a master key wrapped it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wrapped {
    /// The master key that wrapped it.
    pub under: KekId,
    /// What that master key needs to unwrap it; at most 65,535 bytes.
    pub bytes: Vec<u8>,
}

/// Why master keys did not wrap or unwrap.
#[derive(Debug, thiserror::Error)]
pub enum MasterKeysError {
    /// Wrapped under a master key that is not among these.
    #[error("master key {0} is not at hand")]
    Unknown(KekId),
    /// Altered, or wrapped with other additional data.
    #[error("the wrapped data key is not what this master key wrapped")]
    Refused,
    /// The service that holds them gave no answer.
    #[error("the master keys cannot be reached")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
}

/// Where data keys are wrapped: a local key ring, later a key management service.
#[async_trait]
pub trait MasterKeys: Send + Sync {
    /// The master key that wraps now.
    fn id(&self) -> KekId;

    /// Wraps a data key; it unwraps only with the same additional data.
    ///
    /// # Errors
    /// [`MasterKeysError`].
    async fn wrap(&self, data_key: &DataKey, additional: &[u8]) -> Result<Wrapped, MasterKeysError>;

    /// Unwraps a data key.
    ///
    /// # Errors
    /// [`MasterKeysError`].
    async fn unwrap(&self, wrapped: &Wrapped, additional: &[u8]) -> Result<DataKey, MasterKeysError>;
}

/// Why a text is not a master key. Never quotes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MasterKeyError {
    /// Not base64.
    #[error(
        "a master key is 32 bytes in base64 (44 characters); this is not base64: make one with `latchkey master-key generate`"
    )]
    NotBase64,
    /// Base64, but of another number of bytes.
    #[error(
        "a master key is 32 bytes in base64 (44 characters); this holds {0} bytes: make one with `latchkey master-key generate`"
    )]
    WrongLength(usize),
}

/// One master key of exactly 32 bytes. Zeroized when dropped, never shown.
#[derive(Debug)]
pub struct MasterKey(SecretBox<[u8; KEY]>);

impl MasterKey {
    /// Reads a master key from base64 (the standard alphabet, padded or not; white space around it is dropped).
    ///
    /// # Errors
    /// [`MasterKeyError`], which never quotes the text.
    pub fn from_base64(text: &SecretString) -> Result<Self, MasterKeyError> {
        let text = text.expose_secret().trim();
        let mut bytes = Zeroizing::new(Vec::with_capacity(text.len()));
        STANDARD_PAD_INDIFFERENT
            .decode_vec(text, &mut bytes)
            .map_err(|_| MasterKeyError::NotBase64)?;
        let bytes: &[u8; KEY] = bytes
            .as_slice()
            .try_into()
            .map_err(|_| MasterKeyError::WrongLength(bytes.len()))?;
        Ok(Self(SecretBox::init_with_mut(|key: &mut [u8; KEY]| {
            key.copy_from_slice(bytes);
        })))
    }

    /// A new master key.
    #[must_use]
    pub fn generate(random: &dyn Random) -> Self {
        Self(SecretBox::init_with_mut(|key: &mut [u8; KEY]| {
            random.fill(key);
        }))
    }

    /// The key in base64, padded: what [`MasterKey::from_base64`] reads.
    #[must_use]
    pub fn to_base64(&self) -> SecretString {
        SecretString::from(STANDARD_PAD_INDIFFERENT.encode(self.0.expose_secret()))
    }

    /// Its id: the first 8 bytes of an HMAC-SHA-256 keyed with it.
    #[must_use]
    pub fn id(&self) -> KekId {
        let code = mac(self.0.expose_secret(), &[ID_PURPOSE]);
        KekId(std::array::from_fn(|at| code[at]))
    }

    /// The key that wraps one data key. With a random salt for each, the number of data keys that
    /// one master key may wrap has no practical limit; random 96-bit nonces alone would end at 2^32.
    fn wrapping_key(&self, salt: &[u8; SALT]) -> Result<Zeroizing<[u8; KEY]>, aes_gcm::Error> {
        derive(self.0.expose_secret(), salt, WRAP_PURPOSE)
    }
}

/// Master keys held in this process: one that wraps, and the one before it, which only unwraps.
pub struct LocalKeyRing {
    current: (KekId, MasterKey),
    previous: Option<(KekId, MasterKey)>,
    random: Arc<dyn Random>,
}

impl LocalKeyRing {
    /// A ring of the current master key and, while a rotation goes on, the previous one.
    #[must_use]
    pub fn new(current: MasterKey, previous: Option<MasterKey>, random: Arc<dyn Random>) -> Self {
        let with_id = |key: MasterKey| (key.id(), key);
        Self {
            current: with_id(current),
            previous: previous.map(with_id),
            random,
        }
    }

    fn key(&self, id: KekId) -> Option<&MasterKey> {
        let keys = std::iter::once(&self.current).chain(&self.previous);
        keys.into_iter().find_map(|(known, key)| (*known == id).then_some(key))
    }
}

impl fmt::Debug for LocalKeyRing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("LocalKeyRing")
            .field("current", &self.current.0)
            .field("previous", &self.previous.as_ref().map(|(id, _)| id))
            .finish_non_exhaustive()
    }
}

/// A data key that the ring wrapped is: salt (12 bytes), nonce (12), ciphertext (32), tag (16).
#[async_trait]
impl MasterKeys for LocalKeyRing {
    fn id(&self) -> KekId {
        self.current.0
    }

    async fn wrap(&self, data_key: &DataKey, additional: &[u8]) -> Result<Wrapped, MasterKeysError> {
        let (under, key) = &self.current;
        let salt: [u8; SALT] = self.random.bytes();
        let nonce: [u8; NONCE] = self.random.bytes();
        let ciphertext = key
            .wrapping_key(&salt)
            .and_then(|key| encrypt(&key, &nonce, additional, data_key.as_slice()))
            .map_err(|_| MasterKeysError::Refused)?;
        Ok(Wrapped {
            under: *under,
            bytes: [&salt[..], &nonce, &ciphertext].concat(),
        })
    }

    async fn unwrap(&self, wrapped: &Wrapped, additional: &[u8]) -> Result<DataKey, MasterKeysError> {
        let key = self.key(wrapped.under).ok_or(MasterKeysError::Unknown(wrapped.under))?;
        unwrap_with(key, &wrapped.bytes, additional).ok_or(MasterKeysError::Refused)
    }
}

fn unwrap_with(key: &MasterKey, wrapped: &[u8], additional: &[u8]) -> Option<DataKey> {
    let (salt, rest) = wrapped.split_first_chunk()?;
    let (nonce, ciphertext) = rest.split_first_chunk()?;
    let plaintext = decrypt(&*key.wrapping_key(salt).ok()?, nonce, additional, ciphertext).ok()?;
    let mut data_key = DataKey::default();
    let plaintext: &[u8; KEY] = plaintext.as_slice().try_into().ok()?;
    data_key.copy_from_slice(plaintext);
    Some(data_key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::SeededRandom;
    use futures::executor::block_on;

    fn ring(current: u64, previous: Option<u64>) -> LocalKeyRing {
        let key = |seed| MasterKey::generate(&SeededRandom::new(seed));
        LocalKeyRing::new(key(current), previous.map(key), Arc::new(SeededRandom::new(99)))
    }

    #[test]
    fn a_master_key_is_exactly_32_bytes_of_base64() {
        let key = MasterKey::generate(&SeededRandom::new(1));
        let text = key.to_base64();
        assert_eq!(text.expose_secret().len(), 44);
        let around = SecretString::from(format!(" {}\n", text.expose_secret()));
        let unpadded = SecretString::from(text.expose_secret().trim_end_matches('='));
        for text in [text, around, unpadded] {
            assert_eq!(MasterKey::from_base64(&text).unwrap().id(), key.id());
        }
        let error = |text: &str| MasterKey::from_base64(&SecretString::from(text)).unwrap_err();
        assert_eq!(error(""), MasterKeyError::WrongLength(0));
        assert_eq!(error(&"A".repeat(64)), MasterKeyError::WrongLength(48));
        assert_eq!(error(&"A".repeat(42)), MasterKeyError::WrongLength(31));
        assert_eq!(error("not base64!"), MasterKeyError::NotBase64);
        assert_eq!(error(&"é".repeat(32)), MasterKeyError::NotBase64);
    }

    #[test]
    fn neither_error_nor_debug_shows_a_master_key() {
        let random = SeededRandom::new(1);
        let (key, text) = (MasterKey::generate(&random), MasterKey::generate(&random).to_base64());
        let ring = LocalKeyRing::new(key, Some(MasterKey::from_base64(&text).unwrap()), Arc::new(random));
        let shown = format!("{:?} {ring:?}", ring.current.1);
        assert!(shown.contains("REDACTED"));
        for secret in [ring.current.1.to_base64(), text] {
            assert!(!shown.contains(secret.expose_secret()));
        }
        for bytes in [
            ring.current.1.0.expose_secret(),
            ring.previous.unwrap().1.0.expose_secret(),
        ] {
            assert!(!shown.contains(&format!("{}, {}", bytes[0], bytes[1])));
        }
        let error = MasterKey::from_base64(&SecretString::from("FAKE-master-key!")).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("FAKE"));
    }

    #[test]
    fn the_previous_key_unwraps_and_does_not_wrap() {
        let data_key = DataKey::new([5; 32]);
        let old = ring(1, None);
        let wrapped = block_on(old.wrap(&data_key, b"here")).unwrap();
        let rotating = ring(2, Some(1));
        assert_eq!(block_on(rotating.unwrap(&wrapped, b"here")).unwrap(), data_key);
        assert_eq!(
            block_on(rotating.wrap(&data_key, b"here")).unwrap().under,
            ring(2, None).id()
        );
        let error = block_on(ring(2, None).unwrap(&wrapped, b"here")).unwrap_err();
        assert!(matches!(error, MasterKeysError::Unknown(id) if id == old.id()));
    }

    #[test]
    fn a_wrapped_key_is_bound_and_unaltered() {
        let ring = ring(1, None);
        let wrapped = block_on(ring.wrap(&DataKey::new([5; 32]), b"here")).unwrap();
        assert_eq!(wrapped.bytes.len(), 72);
        assert!(matches!(
            block_on(ring.unwrap(&wrapped, b"there")),
            Err(MasterKeysError::Refused)
        ));
        for length in 0..wrapped.bytes.len() {
            let cut = Wrapped {
                bytes: wrapped.bytes[..length].to_vec(),
                ..wrapped
            };
            assert!(matches!(
                block_on(ring.unwrap(&cut, b"here")),
                Err(MasterKeysError::Refused)
            ));
        }
        for at in 0..wrapped.bytes.len() {
            let mut flipped = wrapped.clone();
            flipped.bytes[at] ^= 1;
            assert!(matches!(
                block_on(ring.unwrap(&flipped, b"here")),
                Err(MasterKeysError::Refused)
            ));
        }
    }
}
