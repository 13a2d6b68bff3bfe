//! One server of a deployment, and the socket it listens on.

use super::clock::TestClock;
use super::{Call, PROBE_LIMIT};
use latchkey::domain::{EndpointPolicy, GatewayLimits, ProviderSlug, Random, RequestId, SystemClock, SystemRandom};
use latchkey::providers::prices::Prices;
use latchkey::providers::upstream::{UpstreamSettings, Upstreams};
use latchkey::providers::{Prober, ProberSettings};
use latchkey::sandbox::{Behaviour, Sandbox};
use latchkey::service::gateway::Keeping;
use latchkey::service::mail::{Mailer, SmtpMailer};
use latchkey::service::{Parts, Services, StartError};
use latchkey::store::Store;
use latchkey::vault::{LocalKeyRing, Vault};
use latchkey::web::{self, App, Ending, Front, TrustedProxies, WebSettings};
use leptos::config::LeptosOptions;
use secrecy::SecretString;
use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use url::Url;

/// How browsers are told to reach the server.
const PUBLIC_URL: &str = "http://127.0.0.1:3000";

/// What a server is to do otherwise than usual.
#[derive(Clone, Debug)]
pub(crate) struct Setup {
    /// How much of the gateway one caller may use.
    pub(crate) limits: GatewayLimits,
    /// Where calls of models go, by provider, in place of the sandbox. Probes go to the sandbox all the same.
    pub(crate) upstreams: HashMap<String, Url>,
    /// Whether the sandbox's address is accepted as a customer's endpoint when a call is made.
    pub(crate) trusts_sandbox: bool,
    /// How long calls may finish when the server ends.
    pub(crate) drain: Duration,
    /// How long deleted keys are kept.
    pub(crate) key_retention: time::Duration,
    /// The mail server's address, where mail is sent.
    pub(crate) smtp: Option<String>,
    /// Where the ends of the audit chains are written down, when a test has that done.
    pub(crate) audit_heads: PathBuf,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            limits: GatewayLimits::default(),
            upstreams: HashMap::new(),
            trusts_sandbox: true,
            drain: Duration::from_secs(30),
            key_retention: time::Duration::days(90),
            smtp: None,
            audit_heads: std::env::temp_dir().join(format!(
                "latchkey-heads-{}",
                RequestId::new(&SystemClock, &SystemRandom)
            )),
        }
    }
}

/// What all servers of a deployment share.
pub(super) struct Shared<'deployment> {
    pub(super) sandbox: &'deployment Sandbox,
    pub(super) clock: &'deployment Arc<TestClock>,
    pub(super) keys: &'deployment Arc<LocalKeyRing>,
}

/// One server.
pub(crate) struct Instance {
    /// The use cases.
    pub(crate) services: Services,
    front: Front,
    ending: Ending,
    /// What it remembers is kept true as long as this is held.
    _keeping: Keeping,
}

/// A server that listens on a socket. It listens until it is told to end, or the test has ended.
pub(crate) struct Server {
    /// Where.
    pub(crate) address: SocketAddr,
    ending: Ending,
    serving: JoinHandle<()>,
}

impl Instance {
    pub(super) async fn start(store: Store, shared: &Shared<'_>, setup: Setup) -> Result<Self, StartError> {
        let ending = Ending {
            stop: CancellationToken::new(),
            drain: setup.drain,
            closing: CancellationToken::new(),
        };
        let services = services(store, shared, setup).await?;
        let app = App {
            services: services.clone(),
            settings: Arc::new(WebSettings {
                public_url: PUBLIC_URL.parse().unwrap(),
                trusted_proxies: TrustedProxies::default(),
                site: LeptosOptions::builder().output_name("latchkey").build(),
            }),
            clock: shared.clock.clone(),
            random: Arc::new(SystemRandom),
            stopping: ending.stop.clone(),
        };
        Ok(Self {
            front: Front::new(app, ending.closing.clone()),
            _keeping: services.gateway.keep_fresh(),
            services,
            ending,
        })
    }

    /// A call to be made without a socket.
    pub(crate) fn call(&self, method: &str, path: &str) -> Call {
        Call::new(self.front.clone(), method, path)
    }

    /// Listens at a free port of the loopback interface.
    pub(crate) async fn listen(&self) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Server {
            address: listener.local_addr().unwrap(),
            ending: self.ending.clone(),
            serving: tokio::spawn(web::serve(listener, self.front.clone(), self.ending.clone())),
        }
    }
}

impl Server {
    /// Tells it to end, as SIGTERM does.
    pub(crate) fn begin_to_end(&self) {
        self.ending.stop.cancel();
    }

    /// Waits until it has ended.
    pub(crate) async fn ended(self) {
        self.serving.await.unwrap();
    }
}

async fn services(store: Store, shared: &Shared<'_>, setup: Setup) -> Result<Services, StartError> {
    let sandbox = shared.sandbox;
    let policy = EndpointPolicy::with_sandbox(sandbox.address());
    let random: Arc<dyn Random> = Arc::new(SystemRandom);
    let settings = ProberSettings {
        transports: sandbox.transports(),
        policy,
        limit: PROBE_LIMIT,
    };
    let mut transports = sandbox.transports();
    transports.extend(setup.upstreams);
    let upstreams = UpstreamSettings {
        transports,
        policy: if setup.trusts_sandbox {
            policy
        } else {
            EndpointPolicy::default()
        },
        connect: setup.limits.connect.min(PROBE_LIMIT),
    };
    let parts = Parts {
        store,
        vault: Vault::new(shared.keys.clone(), random.clone()),
        prober: Prober::new(settings).unwrap(),
        endpoints: policy,
        clock: shared.clock.clone(),
        random,
        allows_platform_keys: false,
        upstreams: Upstreams::new(upstreams).unwrap(),
        platform_keys: platform_keys(),
        limits: setup.limits,
        key_retention: setup.key_retention,
        prices: Prices::load(None).unwrap(),
        mailer: setup.smtp.map(|url| mailer(&url, shared)),
        public_url: PUBLIC_URL.parse().unwrap(),
        audit_heads: setup.audit_heads,
    };
    Services::start(parts).await
}

fn mailer(url: &str, shared: &Shared<'_>) -> Arc<dyn Mailer> {
    let from = "Latchkey <latchkey@example.com>";
    Arc::new(SmtpMailer::new(&SecretString::from(url), from, shared.clock.clone()).unwrap())
}

/// The operator's keys. Organizations may not use them unless a test allows it.
fn platform_keys() -> BTreeMap<ProviderSlug, SecretString> {
    ["openai", "anthropic", "gemini", "mistral", "xai", "cohere"]
        .into_iter()
        .map(|slug| (slug.parse().unwrap(), SecretString::from(platform_key(slug))))
        .collect()
}

/// The operator's key for a provider.
pub(crate) fn platform_key(provider: &str) -> String {
    Sandbox::key(provider, Behaviour::Valid).replace("sandbox-", "platform-sandbox-")
}
