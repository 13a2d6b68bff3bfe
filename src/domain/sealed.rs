//! A sealed secret, and all that it is bound to.

use super::{DeploymentId, Endpoint, KeyId, OrgId, ProjectId, ProviderSlug};
use std::fmt;

/// The envelope of a sealed secret: a versioned binary header and the ciphertext.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed(Vec<u8>);

impl Sealed {
    /// Takes an envelope as stored; whether it is one is found out when it is opened.
    #[must_use]
    pub const fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The envelope, to be stored.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Sealed({} bytes)", self.0.len())
    }
}

/// The additional data of a sealed provider key. A row copied to another tenant, project, provider,
/// endpoint, key or version does not open.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SealContext {
    /// The deployment that sealed it.
    pub deployment: DeploymentId,
    /// The organization that owns it.
    pub org: OrgId,
    /// The project that owns it.
    pub project: ProjectId,
    /// The provider it belongs to.
    pub provider: ProviderSlug,
    /// Where it may be sent: the catalogue's origin or the customer's own endpoint, never an
    /// operator's transport address.
    pub endpoint: Endpoint,
    /// The row it stands in.
    pub key: KeyId,
    /// Which secret of that row it is; counts up with each replacement.
    pub secret_version: i64,
}
