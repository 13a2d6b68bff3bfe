//! One place that calls go to, and its resting connections.

use super::body::{RequestBody, UpstreamBody};
use super::connect::{ConnectError, Connector};
use super::wire::Wire;
use http::header::HOST;
use http::uri::PathAndQuery;
use http::{HeaderValue, Request, Response, Uri};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::{Instant, timeout};
use url::Url;

/// Connections kept at rest.
const MOST_RESTING: usize = 512;
/// Shorter than what providers and load balancers allow, commonly 60 s.
const LONGEST_REST: Duration = Duration::from_secs(50);

/// Why a call got no answer.
#[derive(Debug, thiserror::Error)]
pub enum UpstreamError {
    /// No connection was had; nothing was sent.
    #[error("the provider could not be reached")]
    Connect(#[from] ConnectError),
    /// The connection broke, or the answer's head was no HTTP.
    #[error("the provider broke off or answered what is no HTTP")]
    Broken(#[source] hyper::Error),
    /// The path cannot stand in a request.
    #[error("the path cannot be sent")]
    Path,
}

/// One place that calls go to.
#[derive(Debug)]
pub struct Origin {
    connector: Connector,
    connect_limit: Duration,
    host: HeaderValue,
    /// What stands before a call's own path; empty or without a trailing slash.
    base: String,
    resting: Mutex<Vec<Wire>>,
}

impl Origin {
    pub(super) fn new(url: &Url, connector: Connector, connect_limit: Duration) -> Option<Self> {
        let authority = match url.port() {
            Some(port) => format!("{}:{port}", url.host_str()?),
            None => url.host_str()?.to_owned(),
        };
        Some(Self {
            connector,
            connect_limit,
            host: HeaderValue::from_str(&authority).ok()?,
            base: url.path().trim_end_matches('/').to_owned(),
            resting: Mutex::default(),
        })
    }

    /// The path of a call here, from its path at the provider's own origin.
    ///
    /// # Errors
    /// [`UpstreamError::Path`] for what cannot stand in a request.
    pub fn path(&self, path_and_query: &str) -> Result<Uri, UpstreamError> {
        let path = if self.base.is_empty() {
            PathAndQuery::try_from(path_and_query)
        } else {
            PathAndQuery::try_from(format!("{}{path_and_query}", self.base))
        };
        path.map(Uri::from).map_err(|_| UpstreamError::Path)
    }

    /// Sends a call whose URI [`Origin::path`] made, and waits for the head of its answer. A resting connection that
    /// turns out to be closed before anything was sent is replaced by a new one.
    ///
    /// # Errors
    /// [`UpstreamError`]; after [`UpstreamError::Broken`] nobody knows whether the provider acted.
    pub async fn send(
        self: &Arc<Self>,
        mut request: Request<RequestBody>,
    ) -> Result<Response<UpstreamBody>, UpstreamError> {
        request.headers_mut().insert(HOST, self.host.clone());
        loop {
            let mut wire = match self.take() {
                Some(wire) => wire,
                // Apart, so that a call over a resting connection stays small.
                None => Box::pin(self.connect()).await?,
            };
            match wire.send(request).await {
                Ok(answer) => return Ok(answer.map(|body| UpstreamBody::new(body, wire, self.clone()))),
                Err(failed) => match failed.unsent {
                    Some(unsent) if wire.is_used => request = unsent,
                    _ => return Err(UpstreamError::Broken(failed.error)),
                },
            }
        }
    }

    async fn connect(&self) -> Result<Wire, UpstreamError> {
        let connecting = timeout(self.connect_limit, self.connector.connect());
        let stream = connecting.await.map_err(|_| ConnectError::TimedOut)??;
        Wire::new(stream).await.map_err(UpstreamError::Broken)
    }

    /// The connection that rested the shortest and still lives.
    fn take(&self) -> Option<Wire> {
        let mut resting = self.resting.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(mut wire) = resting.pop() {
            if wire.rests_since.elapsed() > LONGEST_REST {
                // Those below have rested longer still.
                resting.clear();
            } else if wire.can_serve() {
                return Some(wire);
            }
        }
        None
    }

    /// Lets a connection rest whose answer has ended.
    pub(super) fn keep(&self, mut wire: Wire) {
        if !wire.can_serve() {
            return;
        }
        wire.rests_since = Instant::now();
        wire.is_used = true;
        let mut resting = self.resting.lock().unwrap_or_else(PoisonError::into_inner);
        if resting.len() < MOST_RESTING {
            resting.push(wire);
        }
    }
}
