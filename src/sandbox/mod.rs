//! Servers on this machine that answer as each provider does, for `latchkey demo` and tests; no real key is
//! needed. Only those two construct one.
//!
//! One socket serves all: a provider stands at `/providers/{slug}`, and Azure OpenAI also at the root,
//! since a customer's endpoint has no path. What a key does is the word after `sandbox-` in it (see
//! [`Behaviour`]); a key without one is refused. `POST /_control/revoke` and `/_control/restore` with a key
//! as the body turn it off and on again.

mod anthropic;
mod azure_openai;
mod behaviour;
mod double;
mod gemini;
mod mistral;
mod openai;
mod openrouter;
mod server;
#[cfg(test)]
mod tests;
mod xai;

pub use behaviour::Behaviour;

use server::State;
use std::collections::HashMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use url::Url;

/// A running sandbox; it stops when dropped.
#[derive(Debug)]
pub struct Sandbox {
    address: SocketAddr,
    state: Arc<State>,
    serving: JoinHandle<io::Result<()>>,
}

impl Sandbox {
    /// Starts at a free port.
    ///
    /// # Errors
    /// When no socket can be had.
    pub async fn start() -> io::Result<Self> {
        Self::start_on((Ipv4Addr::LOCALHOST, 0).into()).await
    }

    /// Starts at an address of this machine's loopback interface.
    ///
    /// # Errors
    /// When the address is taken or is no loopback address.
    pub async fn start_on(address: SocketAddr) -> io::Result<Self> {
        if !address.ip().is_loopback() {
            let words = "the sandbox listens on loopback addresses only";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, words));
        }
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let state = Arc::new(State::default());
        let serve = axum::serve(listener, server::router(Arc::clone(&state)))
            .with_graceful_shutdown(state.stopping.clone().cancelled_owned());
        Ok(Self {
            address,
            state,
            serving: tokio::spawn(serve.into_future()),
        })
    }

    /// Stops, and waits until every connection is closed.
    pub async fn stop(mut self) {
        self.state.stopping.cancel();
        // How the server ended is of no interest to one who wants it gone.
        let _ended = (&mut self.serving).await;
    }

    /// Where it listens: what [`EndpointPolicy::with_sandbox`](crate::domain::EndpointPolicy::with_sandbox)
    /// wants.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The endpoint that a customer of Azure OpenAI names: `http://127.0.0.1:4010`.
    #[must_use]
    pub fn azure_endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The transport address of every provider that has an origin of its own, by slug.
    #[must_use]
    pub fn transports(&self) -> HashMap<String, Url> {
        let own_origin = crate::providers::catalogue()
            .iter()
            .filter(|one| one.origin().is_some());
        own_origin
            .filter_map(|provider| {
                let slug = provider.slug();
                let url = format!("http://{}/providers/{slug}", self.address);
                Some((slug.to_owned(), Url::parse(&url).ok()?))
            })
            .collect()
    }

    /// A key of that provider which behaves so: `sk-proj-sandbox-valid-0123456789abcdef`.
    #[must_use]
    pub fn key(provider: &str, behaviour: Behaviour) -> String {
        let prefix = crate::providers::find(provider)
            .and_then(|provider| provider.prefixes().first())
            .unwrap_or(&"");
        format!("{prefix}sandbox-{}-0123456789abcdef", behaviour.word())
    }

    /// Has a key refused from now on, whatever it says of itself.
    pub fn revoke(&self, key: &str) {
        self.state.revoke(key);
    }

    /// Lets a revoked key behave as it says again.
    pub fn restore(&self, key: &str) {
        self.state.restore(key);
    }

    /// How often a redirect was followed. Must stay 0: the key went with it.
    #[must_use]
    pub fn redirect_hits(&self) -> usize {
        self.state.redirect_hits()
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.state.stopping.cancel();
    }
}
