//! Connections to providers for calls that pass through: HTTP/1.1, kept alive, no redirects, no proxy.
//!
//! A connection is driven by the call that uses it and rests in its origin's pool in between. No task of its own
//! stands between a provider's bytes and the caller: what nobody reads is not read ahead, and a call that is
//! dropped closes its connection at once.

mod bell;
mod body;
mod connect;
mod origin;
#[cfg(test)]
mod tests;
mod wire;

pub use body::{RequestBody, UpstreamBody};
pub use connect::ConnectError;
pub use origin::{Origin, UpstreamError};

use super::{EndpointCheckError, Provider};
use crate::domain::{Endpoint, EndpointPolicy};
use connect::{Connector, Tls};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use url::Url;

/// Customers' endpoints remembered with their connections; beyond it, unused ones are forgotten.
const MOST_ENDPOINTS: usize = 1024;

/// How [`Upstreams`] is set up.
#[derive(Clone, Debug)]
pub struct UpstreamSettings {
    /// Other transport addresses by provider slug (`LATCHKEY_<PROVIDER>_BASE_URL`).
    pub transports: HashMap<String, Url>,
    /// Which endpoints customers may name.
    pub policy: EndpointPolicy,
    /// How long a connection may take to open, TLS included.
    pub connect: Duration,
}

/// The machine's CA certificates could not be used.
#[derive(Debug, thiserror::Error)]
#[error("could not set up TLS; are CA certificates installed?")]
pub struct TlsError(#[from] rustls::Error);

/// Why an endpoint cannot be called.
#[derive(Debug, thiserror::Error)]
pub enum OriginError {
    /// A stored key is bound to another origin than the catalogue's.
    #[error("the key is bound to another address than its provider's")]
    Foreign,
    /// The policy does not accept it.
    #[error("the endpoint is not accepted")]
    Refused(#[source] EndpointCheckError),
    /// It is no address of a server.
    #[error("the address is not one that can be called")]
    Unusable,
}

/// Every place that calls go to.
#[derive(Debug)]
pub struct Upstreams {
    settings: UpstreamSettings,
    tls: Tls,
    /// By where they lead, since providers and customers may share one.
    origins: Mutex<HashMap<(String, bool), Arc<Origin>>>,
}

impl Upstreams {
    /// Sets up TLS; connects to nothing yet.
    ///
    /// # Errors
    /// [`TlsError`] when the machine's CA certificates cannot be read.
    pub fn new(settings: UpstreamSettings) -> Result<Self, TlsError> {
        // Once per process; whoever came first installed the same one.
        let _already_installed = rustls::crypto::ring::default_provider().install_default();
        Ok(Self {
            settings,
            tls: Tls::of_this_machine()?,
            origins: Mutex::default(),
        })
    }

    /// Where a key of this provider that is bound to `endpoint` is sent, with its connections.
    ///
    /// # Errors
    /// [`OriginError`] when it may not be sent anywhere.
    pub fn origin(&self, provider: &dyn Provider, endpoint: &Endpoint) -> Result<Arc<Origin>, OriginError> {
        if provider.origin().is_some_and(|origin| origin != endpoint.as_str()) {
            return Err(OriginError::Foreign);
        }
        let transport = self.settings.transports.get(provider.slug());
        let (address, guarded) = match (transport, provider.origin()) {
            (Some(transport), _) => (transport.to_string(), false),
            (None, Some(origin)) => (origin.to_owned(), false),
            (None, None) => (self.accepted(endpoint)?, true),
        };
        self.shared(address, guarded)
    }

    /// A stored endpoint is read anew, so that no literal address passes the resolver by.
    fn accepted(&self, endpoint: &Endpoint) -> Result<String, OriginError> {
        let accepted = self.settings.policy.parse(endpoint.as_str());
        let accepted = accepted.map_err(|error| OriginError::Refused(EndpointCheckError::Refused(error)))?;
        Ok(accepted.as_str().to_owned())
    }

    fn shared(&self, address: String, guarded: bool) -> Result<Arc<Origin>, OriginError> {
        let mut origins = self.origins.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(origin) = origins.get(&(address.clone(), guarded)) {
            return Ok(origin.clone());
        }
        if origins.len() >= MOST_ENDPOINTS {
            origins.retain(|_, origin| Arc::strong_count(origin) > 1);
        }
        let url = Url::parse(&address).map_err(|_| OriginError::Unusable)?;
        let connector = Connector::new(&url, self.tls.clone(), guarded.then_some(self.settings.policy))
            .ok_or(OriginError::Unusable)?;
        let origin = Origin::new(&url, connector, self.settings.connect).ok_or(OriginError::Unusable)?;
        let origin = Arc::new(origin);
        origins.insert((address, guarded), origin.clone());
        Ok(origin)
    }
}
