//! The gateway: calls of models pass through here with the right key.
//!
//! A service of its own beside the dashboard's router, since a call must not pay for what pages need. One call's way:
//! [`credential`] → the service's admission → [`intake`] → [`exchange`] → [`answer`]; what became of it is
//! recorded when its [`call`] is dropped.

mod answer;
mod call;
mod call_id;
mod credential;
mod exchange;
mod guard;
mod headers;
mod intake;
mod load;
mod models;
mod notes;
mod openai;
mod outgoing;
mod refusal;
mod refused;

pub use answer::GatewayBody;

use super::App;
use super::state::WebSettings;
use crate::domain::{CallId, Clock, GatewayLimits, RequestContext, RequestId};
use crate::providers::{self, ErrorShape, Provider};
use crate::service::gateway::{Caller, Gateway, GatewayError, Wish};
use bytes::Bytes;
use call::Call;
use call_id::CallIds;
use http::{HeaderMap, HeaderName, Request, Response, StatusCode};
use http_body::Body;
use notes::Notes;
use outgoing::Outgoing;
use refusal::Refusal;
use std::borrow::Cow;
use std::error::Error;
use std::net::IpAddr;
use std::sync::Arc;
use time::OffsetDateTime;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

const NATIVE: &str = "/gateway/";
static PROJECT: HeaderName = HeaderName::from_static("x-latchkey-project");
static KEY: HeaderName = HeaderName::from_static("x-latchkey-key");

/// A caller's body, from a socket or a test.
pub trait CallerBody: Body<Data = Bytes, Error: Into<Box<dyn Error + Send + Sync>>> + Send + Unpin + 'static {}

impl<B> CallerBody for B where B: Body<Data = Bytes, Error: Into<Box<dyn Error + Send + Sync>>> + Send + Unpin + 'static {}

/// Takes calls and passes them on.
pub struct Proxy {
    gateway: Arc<Gateway>,
    settings: Arc<WebSettings>,
    clock: Arc<dyn Clock>,
    ids: CallIds,
    /// Ends every open answer, when the time to finish is over.
    closing: CancellationToken,
}

/// A call before it is known whether it may be made.
struct Arrival<'request> {
    id: CallId,
    context: RequestContext,
    moment: (OffsetDateTime, Instant),
    headers: &'request HeaderMap,
    token: Option<Cow<'request, str>>,
}

impl Proxy {
    /// A proxy whose open answers end, each with an error that says so, when `closing` is cancelled.
    #[must_use]
    pub fn new(app: &App, closing: CancellationToken) -> Self {
        Self {
            gateway: app.services.gateway.clone(),
            settings: app.settings.clone(),
            clock: app.clock.clone(),
            ids: CallIds::new(&*app.random),
            closing,
        }
    }

    /// The limits that hold.
    pub(super) fn limits(&self) -> &GatewayLimits {
        self.gateway.limits()
    }

    /// Whether a path is the gateway's.
    #[must_use]
    pub fn takes(path: &str) -> bool {
        path.starts_with(NATIVE) || openai::call_at(path).is_some()
    }

    /// Answers a call. `client` is the address that it came from.
    pub async fn serve(&self, request: Request<impl CallerBody>, client: Option<IpAddr>) -> Response<GatewayBody> {
        let (parts, body) = request.into_parts();
        let now = self.clock.now();
        let id = self.ids.next(now);
        let query = parts.uri.query();
        let arrival = Arrival {
            id,
            context: RequestContext {
                request_id: RequestId::from_uuid(id.as_uuid()),
                client: client.map(|peer| self.settings.trusted_proxies.behind(peer, &parts.headers)),
            },
            moment: (now, Instant::now()),
            headers: &parts.headers,
            token: credential::token(&parts.headers, query),
        };
        let path = parts.uri.path();
        let answer = match openai::call_at(path) {
            // Kept out of the way of the calls that are most: what it needs is larger.
            Some(call) => Box::pin(self.openai(arrival, call, parts.method, body)).await,
            None => self.native(arrival, path, query, parts.method, body).await,
        };
        answer.unwrap_or_else(|(refusal, shape)| {
            self.gateway.turn_away();
            let mut response = refusal.answer(None, shape);
            call::sign(response.headers_mut(), id);
            response
        })
    }

    /// `/gateway/{provider}/{native path}`
    async fn native(
        &self,
        arrival: Arrival<'_>,
        path: &str,
        query: Option<&str>,
        method: http::Method,
        body: impl CallerBody,
    ) -> Result<Response<GatewayBody>, (Refusal, ErrorShape)> {
        let (slug, native) = split(path);
        let Some(provider) = providers::find(slug) else {
            return Err((no_provider(), ErrorShape::OpenAi));
        };
        let shape = provider.error_shape();
        if !providers::is_plain_path(native) {
            let refusal = Refusal::invalid("Write the path plainly: no dots, double slashes or escaped slashes.");
            return Err((refusal, shape));
        }
        let operation = providers::find_operation(provider, &method, native);
        // A provider may speak another one's shape on some of its paths.
        let shape = operation.map_or(shape, |operation| operation.error_shape(shape));
        let refused = |refusal| (refusal, shape);
        let caller = self.recognise(&arrival).await.map_err(refused)?;
        let call = self.admit(&arrival, caller, provider).await.map_err(refused)?;
        let outgoing = Outgoing {
            provider,
            operation,
            method,
            path: credential::without_key(native, query),
            headers: arrival.headers,
            shape,
            model: None,
        };
        Ok(self.exchange(call, outgoing, body).await)
    }

    /// Who calls, with a place among the token's open calls; nobody else's body is read.
    async fn recognise(&self, arrival: &Arrival<'_>) -> Result<Caller, Refusal> {
        let caller = match arrival.token.as_deref() {
            Some(token) => self.gateway.recognise(token).await,
            None => Err(GatewayError::Unauthenticated),
        };
        caller.map_err(|error| self.refusal(&error))
    }

    /// Lets a call be made, or says why not.
    async fn admit(
        &self,
        arrival: &Arrival<'_>,
        caller: Caller,
        provider: &'static dyn Provider,
    ) -> Result<Call, Refusal> {
        let notes = Notes::read(arrival.headers).map_err(|error| Refusal::invalid(error.to_string()))?;
        let named = |name: &HeaderName| {
            arrival
                .headers
                .get(name)
                .map(|value| value.to_str().map(str::trim))
                .transpose()
        };
        let wish = Wish {
            project: named(&PROJECT).map_err(|_| self.refusal(&GatewayError::NoProject))?,
            key: named(&KEY).map_err(|_| Refusal::invalid("x-latchkey-key takes a key's id or its name in ASCII."))?,
        };
        if wish.key == Some("") {
            // Otherwise it would mean some key that nobody gave a name.
            return Err(Refusal::invalid(
                "x-latchkey-key names no key: write a key's id or name there, or leave the header out.",
            ));
        }
        let admission = self.gateway.admit(caller, wish, provider, arrival.context).await;
        let admission = admission.map_err(|error| self.refusal(&error))?;
        Ok(Call::begin(
            self.gateway.clone(),
            admission,
            notes,
            arrival.id,
            arrival.context,
            arrival.moment,
        ))
    }

    fn refusal(&self, error: &GatewayError) -> Refusal {
        Refusal::of(error, &self.settings.public_url)
    }
}

/// `/gateway/openai/v1/models` → `openai`, `/v1/models`
fn split(path: &str) -> (&str, &str) {
    let behind = path.strip_prefix(NATIVE).unwrap_or_default();
    behind.find('/').map_or((behind, "/"), |slash| behind.split_at(slash))
}

/// What was asked for is not said again: it may be a key that was pasted into the wrong place.
fn no_provider() -> Refusal {
    let known: Vec<&str> = providers::catalogue().iter().map(|provider| provider.slug()).collect();
    let message = format!("There is no such provider here. There are: {}.", known.join(", "));
    Refusal::new(StatusCode::NOT_FOUND, "not_found", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_its_provider_and_the_providers_own() {
        assert_eq!(split("/gateway/openai/v1/models"), ("openai", "/v1/models"));
        assert_eq!(split("/gateway/openai"), ("openai", "/"));
        assert_eq!(split("/gateway//v1"), ("", "/v1"));
    }

    #[test]
    fn the_gateway_takes_its_own_paths_only() {
        for path in [
            "/gateway/openai/v1/x",
            "/v1/chat/completions",
            "/v1/responses",
            "/v1/embeddings",
            "/v1/models",
        ] {
            assert!(Proxy::takes(path), "{path}");
        }
        for path in [
            "/",
            "/gateway",
            "/v1/byok-keys",
            "/api/v1/projects",
            "/v1/chat/completions/x",
            "/v1",
        ] {
            assert!(!Proxy::takes(path), "{path}");
        }
    }
}
