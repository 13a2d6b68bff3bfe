//! Servers on this machine that answer as each provider does, for `latchkey demo` and tests; no real key is
//! needed. Only those two construct one.
//!
//! One socket serves all: a provider stands at `/providers/{slug}`, and Azure OpenAI also at the root,
//! since a customer's endpoint has no path. What a key does is the word after `sandbox-` in it (see
//! [`Behaviour`]); a key without one is refused. `POST /_control/revoke` and `/_control/restore` with a key
//! as the body turn it off and on again. Webhooks are received at `/webhooks/{inbox}`.
//!
//! A model says what it was told, `You said: <the user's last words>`, and a word is a token; streamed, each
//! word is a chunk. A quarter of what was asked comes out of a cache, and reasoning models think two tokens.
//! Every model exists but those with `no-such-model` in their name.

mod answer;
mod anthropic;
mod anthropic_shape;
mod azure_openai;
mod behaviour;
mod cohere;
mod deepseek;
mod delivery;
mod double;
mod fireworks;
mod gemini;
mod groq;
mod inbox;
mod journal;
mod mistral;
mod multipart;
mod openai;
mod openai_shape;
mod openrouter;
mod refused;
mod request;
mod said;
mod server;
mod sse;
mod state;
#[cfg(test)]
mod tests;
mod together;
mod vector;
mod xai;

pub use behaviour::Behaviour;
pub use inbox::ReceivedMessage;
pub use journal::SeenCall;
pub use state::Streams;

use axum::serve::ListenerExt as _;
use state::State;
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
        // Small frames leave at once; a socket that refuses that is only slower.
        let listener = listener.tap_io(|socket| drop(socket.set_nodelay(true)));
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

    /// Where a webhook of this name is received.
    #[must_use]
    pub fn inbox_address(&self, inbox: &str) -> String {
        format!("http://{}/webhooks/{inbox}", self.address)
    }

    /// What an inbox received, the oldest first.
    #[must_use]
    pub fn inbox(&self, inbox: &str) -> Vec<ReceivedMessage> {
        self.state.inboxes().get(inbox).cloned().unwrap_or_default()
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

    /// The model calls seen since the start or [`Sandbox::clear_calls`], the oldest first: refused ones too,
    /// at most 10,000, the newest kept.
    #[must_use]
    pub fn calls(&self) -> Vec<SeenCall> {
        self.state.journal().model_calls()
    }

    /// Like [`Sandbox::calls`], with every other request: probes, lists, paths that do not exist.
    #[must_use]
    pub fn requests(&self) -> Vec<SeenCall> {
        self.state.journal().requests()
    }

    /// How many model calls came with a key, however many there were.
    #[must_use]
    pub fn calls_with(&self, key: &str) -> usize {
        self.state.journal().model_calls_with(key)
    }

    /// Forgets every request seen.
    pub fn clear_calls(&self) {
        self.state.journal().clear();
    }

    /// How many answers are under way: streams, and model calls whose key hangs or is silent.
    #[must_use]
    pub fn open_streams(&self) -> usize {
        self.state.streams().borrow().open
    }

    /// How many such answers were left by their client before the end.
    #[must_use]
    pub fn abandoned_streams(&self) -> usize {
        self.state.streams().borrow().abandoned
    }

    /// Waits until the streams are as `condition` says.
    pub async fn until_streams(&self, condition: impl FnMut(&Streams) -> bool) -> Streams {
        let mut streams = self.state.streams();
        // The sender lives in the state as long as the sandbox does.
        match streams.wait_for(condition).await {
            Ok(streams) => *streams,
            Err(_) => Streams::default(),
        }
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
