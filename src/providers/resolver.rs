//! Where a customer's endpoint really leads.

use crate::domain::{EndpointError, EndpointPolicy};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::net::SocketAddr;

/// Why a customer's endpoint is not connected to.
#[derive(Debug, thiserror::Error)]
pub enum EndpointCheckError {
    /// It is no endpoint that Latchkey accepts.
    #[error("the endpoint is not accepted")]
    Refused(#[source] EndpointError),
    /// Its host has no address.
    #[error("the endpoint's host was not found; check the address")]
    NotFound(#[source] std::io::Error),
    /// Its host has an address that is not on the public internet.
    #[error("the endpoint's host leads to a private network")]
    NotPublic,
    /// Looking up its host took too long.
    #[error("looking up the endpoint's host took too long")]
    TimedOut,
}

/// Resolves a host to addresses that are all on the public internet, or fails: a name with one
/// private address among others is refused whole, since the connection could take that one.
#[derive(Clone, Copy, Debug)]
pub struct GuardedResolver {
    /// Which addresses are permitted besides public ones.
    pub policy: EndpointPolicy,
}

impl GuardedResolver {
    /// The addresses of `host`, with port 0.
    ///
    /// # Errors
    /// [`EndpointCheckError::NotFound`] and [`EndpointCheckError::NotPublic`].
    pub async fn addresses(self, host: &str) -> Result<Vec<SocketAddr>, EndpointCheckError> {
        let found = tokio::net::lookup_host((host, 0))
            .await
            .map_err(EndpointCheckError::NotFound)?;
        let addresses: Vec<SocketAddr> = found.collect();
        if addresses.iter().all(|address| self.policy.permits_address(*address)) {
            Ok(addresses)
        } else {
            Err(EndpointCheckError::NotPublic)
        }
    }
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let resolver = *self;
        Box::pin(async move {
            let addresses = resolver.addresses(name.as_str()).await?;
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_name_that_leads_inside_is_refused() {
        // The sandbox's exemption is a socket address; it opens no name.
        let policy = EndpointPolicy::with_sandbox(([127, 0, 0, 1], 4010).into());
        for host in ["localhost", "127.0.0.1", "169.254.169.254", "10.0.0.1"] {
            let outcome = GuardedResolver { policy }.addresses(host).await;
            assert!(
                matches!(outcome, Err(EndpointCheckError::NotPublic)),
                "{host}: {outcome:?}"
            );
        }
        let outcome = GuardedResolver { policy }.addresses("20.42.0.1").await;
        assert!(outcome.is_ok_and(|addresses| addresses.len() == 1));
    }

    #[tokio::test]
    async fn a_client_with_this_resolver_does_not_connect() {
        let _already_installed = rustls::crypto::ring::default_provider().install_default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let resolver = GuardedResolver {
            policy: EndpointPolicy::default(),
        };
        let client = reqwest::Client::builder()
            .no_proxy()
            .dns_resolver(resolver)
            .build()
            .unwrap();
        let error = client
            .get(format!("http://localhost:{port}/"))
            .send()
            .await
            .unwrap_err();
        assert!(super::super::prober::endpoint_error(&error).is_some(), "{error:?}");
        let waiting = tokio::time::timeout(std::time::Duration::from_millis(50), listener.accept());
        assert!(waiting.await.is_err(), "nothing may connect");
    }
}
