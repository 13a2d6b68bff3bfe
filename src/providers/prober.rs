//! Asks a provider whether a key works.

use super::resolver::GuardedResolver;
use super::{Answer, Credential, EndpointCheckError, ProbeRequest, Provider, Target, retry, scrub};
use crate::domain::{Endpoint, EndpointError, EndpointPolicy, HealthReason, Verdict};
use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, ClientBuilder, Response, redirect};
use secrecy::{ExposeSecret, SecretString};
use std::collections::HashMap;
use std::error::Error;
use std::time::Duration;
use url::{Host, Url};
use zeroize::Zeroizing;

/// How much of an answer is read, in bytes; what is longer is not judged. Azure's lists of models are the
/// longest, some hundred kilobytes.
const LONGEST_ANSWER: usize = 1024 * 1024;

/// How a [`Prober`] is set up.
#[derive(Clone, Debug)]
pub struct ProberSettings {
    /// Other transport addresses by provider slug (`LATCHKEY_<PROVIDER>_BASE_URL`): what stands here
    /// takes the place of the origin, and a path may follow. The operator's word; not checked further.
    pub transports: HashMap<String, Url>,
    /// Which endpoints customers may name.
    pub policy: EndpointPolicy,
    /// How long one probe may take in all: connection, headers and body. 10 s in production.
    pub limit: Duration,
}

/// The HTTPS client could not be set up, most often because the machine has no CA certificates.
#[derive(Debug, thiserror::Error)]
#[error("could not set up the HTTPS client; are CA certificates installed?")]
pub struct ProberError(#[from] reqwest::Error);

/// How much a probe tries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// The free call.
    Listed,
    /// The free call, then one that spends a token, where the provider has one.
    Deep,
}

/// Asks providers whether keys work. Cheap to share; holds connections, never keys.
#[derive(Debug)]
pub struct Prober {
    /// For the catalogue's origins and the operator's transports.
    fixed: Client,
    /// For endpoints that customers name.
    guarded: Client,
    settings: ProberSettings,
}

/// No answer was had.
enum Silence {
    /// The endpoint may not be connected to.
    Endpoint(EndpointCheckError),
    /// The connection failed or broke off; what and why.
    Transport(String),
    /// The answer is longer than [`LONGEST_ANSWER`].
    Endless,
    /// The secret cannot stand in a header.
    Unsendable,
    /// A stored key is bound to another origin than the catalogue's.
    ForeignEndpoint,
}

impl Prober {
    /// Sets up the HTTPS clients.
    ///
    /// # Errors
    /// [`ProberError`] when the machine's CA certificates cannot be read.
    pub fn new(settings: ProberSettings) -> Result<Self, ProberError> {
        // Once per process; whoever came first installed the same one.
        let _already_installed = rustls::crypto::ring::default_provider().install_default();
        let guard = GuardedResolver {
            policy: settings.policy,
        };
        Ok(Self {
            fixed: client().build()?,
            guarded: client().dns_resolver(guard).build()?,
            settings,
        })
    }

    /// Asks whether a key works. Whatever happens is a verdict, its message scrubbed of the key.
    ///
    /// A deep probe asks for the list first; its second call is made only when the first one left hope.
    pub async fn probe(
        &self,
        provider: &dyn Provider,
        target: &Target,
        secret: &SecretString,
        depth: Depth,
    ) -> Verdict {
        let asking = self.ask_in_depth(provider, target, secret, depth);
        let mut verdict = tokio::time::timeout(self.settings.limit, asking)
            .await
            .unwrap_or_else(|_| self.timed_out(provider));
        verdict.message = verdict
            .message
            .map(|message| scrub(&message, secret.expose_secret(), provider.prefixes()));
        verdict
    }

    /// Whether a customer's endpoint may be saved: accepted by the policy, found, and public. It is
    /// checked again at each connection.
    ///
    /// # Errors
    /// [`EndpointCheckError`] says what is wrong with it.
    pub async fn check_endpoint(&self, endpoint: &Endpoint) -> Result<(), EndpointCheckError> {
        let url = self.accepted(endpoint)?;
        // A host that is an address is the sandbox: the policy accepts no other.
        let Some(Host::Domain(host)) = url.host() else {
            return Ok(());
        };
        let resolver = GuardedResolver {
            policy: self.settings.policy,
        };
        let addresses = tokio::time::timeout(self.settings.limit, resolver.addresses(host));
        addresses.await.map_err(|_| EndpointCheckError::TimedOut)?.map(|_| ())
    }

    async fn ask_in_depth(
        &self,
        provider: &dyn Provider,
        target: &Target,
        secret: &SecretString,
        depth: Depth,
    ) -> Verdict {
        let listed = self.ask(provider, target, secret, provider.probe(target)).await;
        let hopeful = matches!(listed.reason, None | Some(HealthReason::Restricted));
        let deep = provider.deep_probe(target).filter(|_| depth == Depth::Deep && hopeful);
        let Some(request) = deep else { return listed };
        let spent = self.ask(provider, target, secret, request).await;
        if spent.reason.is_some() { spent } else { listed }
    }

    async fn ask(
        &self,
        provider: &dyn Provider,
        target: &Target,
        secret: &SecretString,
        request: ProbeRequest,
    ) -> Verdict {
        match self.send(provider, target, secret, request).await {
            Ok(answer) => provider.classify(&answer),
            Err(silence) => silence.verdict(provider.name()),
        }
    }

    async fn send(
        &self,
        provider: &dyn Provider,
        target: &Target,
        secret: &SecretString,
        request: ProbeRequest,
    ) -> Result<Answer, Silence> {
        let (client, base) = self.route(provider, target)?;
        let url = format!("{}{}", base.as_str().trim_end_matches('/'), request.path);
        let headers = headers(&request, secret).ok_or(Silence::Unsendable)?;
        let mut call = client.request(request.method, url).headers(headers);
        if let Some(body) = &request.body {
            call = call.json(body);
        }
        let response = call.send().await.map_err(Silence::of)?;
        let status = response.status().as_u16();
        let retry_after = retry::from_headers(response.headers());
        let body = read(response).await?;
        Ok(Answer::new(status, &body, retry_after))
    }

    /// Where a key of this provider goes, and by which client. A key never leaves for another place than
    /// the one it is bound to, except by the operator's word.
    fn route(&self, provider: &dyn Provider, target: &Target) -> Result<(&Client, Url), Silence> {
        if provider
            .origin()
            .is_some_and(|origin| origin != target.endpoint.as_str())
        {
            return Err(Silence::ForeignEndpoint);
        }
        if let Some(transport) = self.settings.transports.get(provider.slug()) {
            return Ok((&self.fixed, transport.clone()));
        }
        match provider.origin() {
            Some(origin) => {
                let url = Url::parse(origin).map_err(|error| Silence::Transport(error.to_string()))?;
                Ok((&self.fixed, url))
            }
            None => Ok((
                &self.guarded,
                self.accepted(&target.endpoint).map_err(Silence::Endpoint)?,
            )),
        }
    }

    /// A stored endpoint is read anew, so that no literal address passes the resolver by.
    fn accepted(&self, endpoint: &Endpoint) -> Result<Url, EndpointCheckError> {
        let accepted = self
            .settings
            .policy
            .parse(endpoint.as_str())
            .map_err(EndpointCheckError::Refused)?;
        Url::parse(accepted.as_str()).map_err(|_| EndpointCheckError::Refused(EndpointError::NotAUrl))
    }

    fn timed_out(&self, provider: &dyn Provider) -> Verdict {
        let seconds = self.settings.limit.as_secs_f32().ceil();
        let message = format!("{} gave no answer within {seconds} s.", provider.name());
        Verdict {
            timed_out: true,
            ..Verdict::because(HealthReason::Unreachable, message)
        }
    }
}

/// No redirects, since those would carry the key on (reqwest strips `Authorization` only); no proxy, no
/// referrer; bodies as they come, so that a small one cannot unpack into a huge one.
fn client() -> ClientBuilder {
    Client::builder()
        .redirect(redirect::Policy::none())
        .no_proxy()
        .referer(false)
        .no_gzip()
        .no_brotli()
        .no_zstd()
        .no_deflate()
        .user_agent(concat!("latchkey/", env!("CARGO_PKG_VERSION")))
}

fn headers(request: &ProbeRequest, secret: &SecretString) -> Option<HeaderMap> {
    let (name, value) = match request.credential {
        Credential::Bearer => (
            AUTHORIZATION,
            Zeroizing::new(format!("Bearer {}", secret.expose_secret())),
        ),
        Credential::Header(name) => (
            HeaderName::from_static(name),
            Zeroizing::new(secret.expose_secret().to_owned()),
        ),
    };
    let mut credential = HeaderValue::from_str(&value).ok()?;
    credential.set_sensitive(true);
    let mut headers = HeaderMap::from_iter([
        (name, credential),
        (ACCEPT, HeaderValue::from_static("application/json")),
    ]);
    for (name, value) in request.headers {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    Some(headers)
}

async fn read(mut response: Response) -> Result<Vec<u8>, Silence> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(Silence::of)? {
        if body.len() + chunk.len() > LONGEST_ANSWER {
            return Err(Silence::Endless);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

impl Silence {
    fn of(error: reqwest::Error) -> Self {
        if let Some(refused) = endpoint_error(&error) {
            return Self::Transport(refused.to_string());
        }
        // Without its address, which may hold what the operator wrote there.
        let error = error.without_url();
        let mut cause: &dyn Error = &error;
        while let Some(deeper) = cause.source() {
            cause = deeper;
        }
        Self::Transport(cause.to_string())
    }

    fn verdict(self, provider: &str) -> Verdict {
        let message = match self {
            Self::Endpoint(EndpointCheckError::Refused(error)) => format!("{provider} was not asked: {error}."),
            Self::Endpoint(error) => format!("{provider} was not asked: {error}."),
            Self::Transport(cause) => format!("{provider} could not be reached: {cause}."),
            Self::Endless => format!("{provider} answered at too great a length to be its API."),
            Self::ForeignEndpoint => format!("{provider} was not asked: the key belongs to another endpoint."),
            Self::Unsendable => {
                let words = "The key has characters that cannot be sent.";
                return Verdict::because(HealthReason::Invalid, words);
            }
        };
        Verdict::because(HealthReason::Unreachable, message)
    }
}

/// What the guarded resolver said, if that is why a call failed.
pub(super) fn endpoint_error(error: &reqwest::Error) -> Option<&EndpointCheckError> {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        cause = error.source();
    }
    None
}
