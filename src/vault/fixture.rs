//! What the vault's tests share.

use super::master_key::{DataKey, KekId, LocalKeyRing, MasterKey, MasterKeys, MasterKeysError, Wrapped};
use super::sealing::Vault;
use crate::domain::{DeploymentId, Endpoint, KeyId, OrgId, ProjectId, SealContext, SeededRandom};
use async_trait::async_trait;
use std::fmt::Write as _;
use std::sync::Arc;
use uuid::Uuid;

/// A vault whose master keys and randomness follow from seeds.
pub(super) fn vault(current: u64, previous: Option<u64>) -> Vault {
    let key = |seed| MasterKey::generate(&SeededRandom::new(seed));
    let random = Arc::new(SeededRandom::new(1_000 + current));
    let ring = LocalKeyRing::new(key(current), previous.map(key), Arc::clone(&random) as _);
    Vault::new(Arc::new(ring), random)
}

/// A place for a provider key, always the same.
pub(super) fn context() -> SealContext {
    SealContext {
        deployment: DeploymentId::from_uuid(Uuid::from_u128(1)),
        org: OrgId::from_uuid(Uuid::from_u128(2)),
        project: ProjectId::from_uuid(Uuid::from_u128(3)),
        provider: "openai".parse().unwrap(),
        endpoint: Endpoint::of_catalogue("https://api.openai.com"),
        key: KeyId::from_uuid(Uuid::from_u128(4)),
        secret_version: 1,
    }
}

/// Master keys that never answer.
pub(super) struct Away;

#[async_trait]
impl MasterKeys for Away {
    fn id(&self) -> KekId {
        KekId::from_bytes([0; 8])
    }

    async fn wrap(&self, _: &DataKey, _: &[u8]) -> Result<Wrapped, MasterKeysError> {
        Err(MasterKeysError::Unavailable("timed out".into()))
    }

    async fn unwrap(&self, _: &Wrapped, _: &[u8]) -> Result<DataKey, MasterKeysError> {
        Err(MasterKeysError::Unavailable("timed out".into()))
    }
}

/// Lower-case hex.
pub(super) fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

/// The bytes of lower-case hex.
pub(super) fn from_hex(text: &str) -> Vec<u8> {
    let digit = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
    (0..text.len()).step_by(2).map(digit).collect()
}

/// Master keys that hand out the data key whatever it is bound to: what the ciphertext is bound to
/// by itself shows only with these.
pub(super) struct Careless;

#[async_trait]
impl MasterKeys for Careless {
    fn id(&self) -> KekId {
        KekId::from_bytes([0; 8])
    }

    async fn wrap(&self, data_key: &DataKey, _: &[u8]) -> Result<Wrapped, MasterKeysError> {
        Ok(Wrapped {
            under: self.id(),
            bytes: data_key.to_vec(),
        })
    }

    async fn unwrap(&self, wrapped: &Wrapped, _: &[u8]) -> Result<DataKey, MasterKeysError> {
        wrapped
            .bytes
            .as_slice()
            .try_into()
            .map(DataKey::new)
            .map_err(|_| MasterKeysError::Refused)
    }
}
