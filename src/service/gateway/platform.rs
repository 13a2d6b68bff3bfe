//! The operator's own keys.

use super::Lease;
use super::lease::Unsendable;
use crate::domain::{Endpoint, KeySource, ProviderSlug};
use crate::providers;
use crate::providers::upstream::{OriginError, Upstreams};
use secrecy::SecretString;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// A platform key, ready for use, by provider.
#[derive(Debug, Default)]
pub(super) struct PlatformKeys(HashMap<&'static str, Arc<Lease>>);

/// Why a platform key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PlatformKeyError {
    /// There is no such provider.
    #[error("there is no provider {0}")]
    NoProvider(ProviderSlug),
    /// Customers name the endpoint, so that there is none for a key of the operator's.
    #[error("{0} has no address of its own, so that a platform key for it has nowhere to go")]
    NoOrigin(ProviderSlug),
    /// Its address cannot be used.
    #[error("the address of {0} cannot be used")]
    Origin(ProviderSlug, #[source] OriginError),
    /// It holds what no header can carry.
    #[error("the platform key for {0} cannot stand in a header")]
    Unsendable(ProviderSlug, #[source] Unsendable),
}

impl PlatformKeys {
    pub(super) fn new(
        keys: BTreeMap<ProviderSlug, SecretString>,
        upstreams: &Upstreams,
    ) -> Result<Self, PlatformKeyError> {
        let leases = keys.into_iter().map(|(slug, secret)| {
            let Some(provider) = providers::find(slug.as_str()) else {
                return Err(PlatformKeyError::NoProvider(slug));
            };
            let Some(origin) = provider.origin() else {
                return Err(PlatformKeyError::NoOrigin(slug));
            };
            let origin = upstreams
                .origin(provider, &Endpoint::of_catalogue(origin))
                .map_err(|error| PlatformKeyError::Origin(slug.clone(), error))?;
            let lease = Lease::new(provider, KeySource::Platform, None, secret, origin)
                .map_err(|error| PlatformKeyError::Unsendable(slug, error))?;
            Ok((provider.slug(), Arc::new(lease)))
        });
        leases.collect::<Result<_, _>>().map(Self)
    }

    pub(super) fn of(&self, provider: &str) -> Option<&Arc<Lease>> {
        self.0.get(provider)
    }
}
