//! An opened key on its way into one header.

use crate::domain::{KeyId, KeySource};
use crate::providers::upstream::Origin;
use crate::providers::{Credential, Provider};
use http::header::AUTHORIZATION;
use http::{HeaderName, HeaderValue};
use memchr::memmem::Finder;
use secrecy::{ExposeSecret, SecretString};
use std::fmt;
use std::sync::Arc;
use zeroize::Zeroizing;

/// A key that may be used now, and where it may be sent. Calls that began with it end with it, whatever becomes
/// of the key meanwhile.
pub struct Lease {
    /// Whose key it is.
    pub source: KeySource,
    /// The project's key; `None` for the platform key.
    pub key: Option<KeyId>,
    /// Its id, as answers name it.
    pub key_header: Option<HeaderValue>,
    /// Which secret of that key; 0 for the platform key.
    pub secret_version: i64,
    /// The only place it may be sent to.
    pub origin: Arc<Origin>,
    /// Finds the secret in what comes back.
    pub finder: Arc<Finder<'static>>,
    secret: SecretString,
    provider: &'static dyn Provider,
    /// Both marked sensitive.
    bearer: HeaderValue,
    plain: HeaderValue,
}

/// A key holds what no header can carry.
#[derive(Debug, thiserror::Error)]
#[error("the key cannot stand in a header")]
pub struct Unsendable;

impl Lease {
    pub(super) fn new(
        provider: &'static dyn Provider,
        source: KeySource,
        key: Option<(KeyId, i64)>,
        secret: SecretString,
        origin: Arc<Origin>,
    ) -> Result<Self, Unsendable> {
        let bearer = sensitive(&Zeroizing::new(format!("Bearer {}", secret.expose_secret())))?;
        let plain = sensitive(secret.expose_secret())?;
        Ok(Self {
            source,
            key: key.map(|(key, _)| key),
            key_header: key.and_then(|(key, _)| HeaderValue::from_str(&key.to_string()).ok()),
            secret_version: key.map_or(0, |(_, version)| version),
            origin,
            finder: Arc::new(Finder::new(secret.expose_secret().as_bytes()).into_owned()),
            secret,
            provider,
            bearer,
            plain,
        })
    }

    /// The header that carries the key on a path of the provider's, and its value.
    #[must_use]
    pub fn credential(&self, path: &str) -> (HeaderName, HeaderValue) {
        match self.provider.credential_on(path) {
            Credential::Bearer => (AUTHORIZATION, self.bearer.clone()),
            Credential::Header(name) => (HeaderName::from_static(name), self.plain.clone()),
        }
    }

    /// The secret itself, to be looked for in what comes back and for nothing else.
    #[must_use]
    pub fn secret(&self) -> &str {
        self.secret.expose_secret()
    }
}

fn sensitive(text: &str) -> Result<HeaderValue, Unsendable> {
    let mut value = HeaderValue::from_str(text).map_err(|_| Unsendable)?;
    value.set_sensitive(true);
    Ok(value)
}

impl fmt::Debug for Lease {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Lease")
            .field("source", &self.source)
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}
