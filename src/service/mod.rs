//! Use cases. Line one authorizes the actor; then act; then audit. The only door to the rest.

pub mod accounts;
pub mod audit;
mod error;
pub mod gateway;
pub mod idempotency;
pub mod invitations;
pub mod job_queue;
pub mod keys;
pub mod ledger;
pub mod live_health;
pub mod locks;
pub mod mail;
pub mod maintenance;
pub mod members;
pub mod metrics;
pub mod notifications;
mod operators;
pub mod organizations;
pub mod overview;
pub mod password_reset;
pub mod passwords;
pub mod profile;
pub mod projects;
pub mod refusals;
pub mod sessions;
pub mod throttle;
pub mod tokens;
pub mod totp;
pub mod usage;
pub mod webhooks;

pub use error::{Missing, ServiceError};

use crate::domain::{
    Actor, Clock, DeploymentId, EndpointPolicy, GatewayLimits, OrgId, ProviderSlug, Random, RequestContext, RequestId,
};
use crate::providers::Prober;
use crate::providers::prices::Prices;
use crate::providers::upstream::Upstreams;
use crate::store::{Store, StoreError, deployment};
use crate::vault::{Opener, Roots, RootsError, SealError, Sealer, Values, Vault};
use secrecy::SecretString;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use url::Url;

/// What every service works with.
pub(crate) struct Foundation {
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) roots: Roots,
}

impl Foundation {
    /// The server itself, at work in an organization without being asked.
    pub(crate) fn system(&self, org: OrgId) -> Actor {
        let request = RequestContext {
            request_id: RequestId::new(&*self.clock, &*self.random),
            client: None,
        };
        Actor::system(org, request)
    }
}

/// What the services are made from.
pub struct Parts {
    /// The way to the database, already migrated.
    pub store: Store,
    /// Seals and opens.
    pub vault: Vault,
    /// Asks providers.
    pub prober: Prober,
    /// Which customer endpoints are accepted.
    pub endpoints: EndpointPolicy,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub random: Arc<dyn Random>,
    /// Whether a new organization may fall back to the operator's platform keys.
    pub allows_platform_keys: bool,
    /// Connects to providers for calls that pass through.
    pub upstreams: Upstreams,
    /// The operator's own keys.
    pub platform_keys: BTreeMap<ProviderSlug, SecretString>,
    /// How much of the gateway one caller may use.
    pub limits: GatewayLimits,
    /// How long deleted keys are kept before their secrets are erased.
    pub key_retention: time::Duration,
    /// What calls cost.
    pub prices: Prices,
    /// Sends mail, where the operator set that up.
    pub mailer: Option<Arc<dyn mail::Mailer>>,
    /// How browsers reach Latchkey, for links in mails.
    pub public_url: Url,
    /// The file in which this server writes down the ends of the audit chains.
    pub audit_heads: PathBuf,
}

/// Every use case.
#[derive(Clone)]
pub struct Services {
    /// Set-up, sign-in, people.
    pub accounts: Arc<accounts::Accounts>,
    /// Projects.
    pub projects: Arc<projects::Projects>,
    /// Provider keys.
    pub keys: Arc<keys::Keys>,
    /// Tokens.
    pub tokens: Arc<tokens::Tokens>,
    /// Requests that may be repeated.
    pub idempotency: Arc<idempotency::Idempotency>,
    /// What session data is sealed with, and where it is kept.
    pub sessions: Arc<sessions::Sessions>,
    /// Refusals on their way to the audit trail.
    pub refusals: Arc<refusals::Refusals>,
    /// The audit trail.
    pub audit: Arc<audit::Audit>,
    /// Calls of models.
    pub gateway: Arc<gateway::Gateway>,
    /// Usage events on their way to the database.
    pub ledger: Arc<ledger::Ledger>,
    /// What live traffic tells of keys.
    pub live_health: Arc<live_health::LiveHealth>,
    /// The panic switch.
    pub locks: Arc<locks::Locks>,
    /// What calls used.
    pub usage: Arc<usage::Usage>,
    /// A person's own account: password and sessions.
    pub profile: Arc<profile::Profile>,
    /// Codes besides the password.
    pub second_factors: Arc<totp::SecondFactors>,
    /// New passwords for who forgot theirs.
    pub password_resets: Arc<password_reset::PasswordResets>,
    /// Who belongs to an organization.
    pub members: Arc<members::Members>,
    /// Who is invited to one.
    pub invitations: Arc<invitations::Invitations>,
    /// Organizations: a person's own, new ones, and their terms.
    pub organizations: Arc<organizations::Organizations>,
    /// What people are told of.
    pub notifications: Arc<notifications::Notifications>,
    /// Addresses that are told.
    pub webhooks: Arc<webhooks::Webhooks>,
    /// What needs attention.
    pub overview: Arc<overview::Overview>,
    /// What is done now and then.
    pub maintenance: Arc<maintenance::Maintenance>,
    /// The job queue, for operators.
    pub job_queue: Arc<job_queue::JobQueue>,
    /// What the operator's monitoring reads.
    pub metrics: Arc<metrics::Metrics>,
    store: Store,
}

/// Why the services cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database.
    #[error("the deployment's secrets could not be read from the database")]
    Store(#[from] StoreError),
    /// The master key is not this database's.
    #[error("the deployment's secrets could not be opened")]
    Roots(#[from] RootsError),
    /// The master key could not be used.
    #[error("the deployment's secrets could not be sealed")]
    Seal(#[from] SealError),
    /// The client that webhooks are called with.
    #[error("could not set up the HTTPS client; are CA certificates installed?")]
    Client(#[from] reqwest::Error),
    /// A platform key of the configuration.
    #[error("a platform key cannot be used")]
    PlatformKey(#[from] gateway::PlatformKeyError),
}

impl Services {
    /// Reads the deployment's roots, or makes them on a new database, and builds the services.
    ///
    /// # Errors
    /// [`StartError::Roots`] when the master key is not the one this database was set up with: the
    /// server must not listen then.
    pub async fn start(parts: Parts) -> Result<Self, StartError> {
        let values = parts.vault.values();
        let roots = load_roots(&parts, &values).await?;
        Self::assemble(parts, roots, values)
    }

    #[expect(clippy::too_many_lines, reason = "each service once, with what it stands on")]
    fn assemble(parts: Parts, roots: Roots, values: Values) -> Result<Self, StartError> {
        let Parts {
            store,
            vault,
            prober,
            endpoints,
            clock,
            random,
            allows_platform_keys,
            upstreams,
            platform_keys,
            limits,
            key_retention,
            prices,
            mailer,
            public_url,
            audit_heads,
        } = parts;
        let (sealer, opener): (Sealer, Opener) = (vault.sealer(), vault.opener());
        let foundation = Arc::new(Foundation {
            store: store.clone(),
            clock,
            random,
            roots,
        });
        let audit = Arc::new(audit::Audit::new(foundation.clone(), audit_heads));
        let projects = Arc::new(projects::Projects::new(foundation.clone(), audit.clone()));
        let keys = Arc::new(keys::Keys::new(
            foundation.clone(),
            projects.clone(),
            audit.clone(),
            keys::KeyTools {
                sealer,
                opener: opener.clone(),
                prober,
                endpoints,
                retention: key_retention,
            },
        ));
        let fallbacks = notifications::Fallbacks::start(foundation.clone(), audit.clone());
        let ledger = Arc::new(ledger::Ledger::start(store.clone(), prices, fallbacks));
        let live_health = Arc::new(live_health::LiveHealth::start(keys.clone()));
        let gateway_parts = gateway::GatewayParts {
            opener,
            upstreams,
            platform_keys,
            limits,
        };
        let gateway = gateway::Gateway::new(
            foundation.clone(),
            audit.clone(),
            ledger.clone(),
            live_health.clone(),
            gateway_parts,
        )?;
        let gateway = Arc::new(gateway);
        let refusals = Arc::new(refusals::Refusals::new(foundation.clone(), audit.clone()));
        let job_queue = Arc::new(job_queue::JobQueue::new(foundation.clone()));
        let counted = metrics::Counted {
            ledger: ledger.clone(),
            live_health: live_health.clone(),
            refusals: refusals.clone(),
            gateway: gateway.clone(),
        };
        let second_factors = Arc::new(totp::SecondFactors::new(
            foundation.clone(),
            audit.clone(),
            values.clone(),
        ));
        let sessions = Arc::new(sessions::Sessions::new(foundation.clone(), values.clone()));
        let accounts = Arc::new(accounts::Accounts::new(
            foundation.clone(),
            audit.clone(),
            second_factors.clone(),
            allows_platform_keys,
        ));
        Ok(Self {
            profile: Arc::new(profile::Profile::new(
                foundation.clone(),
                accounts.clone(),
                sessions.clone(),
                audit.clone(),
            )),
            password_resets: Arc::new(password_reset::PasswordResets::new(
                foundation.clone(),
                accounts.clone(),
                mailer.clone(),
                public_url.clone(),
            )),
            second_factors,
            notifications: Arc::new(notifications::Notifications::new(
                foundation.clone(),
                audit.clone(),
                mailer.clone(),
                public_url.clone(),
            )),
            webhooks: Arc::new(webhooks::Webhooks::new(
                foundation.clone(),
                audit.clone(),
                values.clone(),
                endpoints,
            )?),
            overview: Arc::new(overview::Overview::new(foundation.clone())),
            members: Arc::new(members::Members::new(foundation.clone(), audit.clone())),
            invitations: Arc::new(invitations::Invitations::new(
                foundation.clone(),
                accounts.clone(),
                audit.clone(),
                mailer,
                public_url,
            )),
            metrics: Arc::new(metrics::Metrics::new(job_queue.clone(), counted)),
            job_queue,
            refusals,
            gateway,
            accounts,
            keys,
            ledger,
            live_health,
            locks: Arc::new(locks::Locks::new(foundation.clone(), projects.clone(), audit.clone())),
            usage: Arc::new(usage::Usage::new(foundation.clone(), projects.clone())),
            organizations: Arc::new(organizations::Organizations::new(
                foundation.clone(),
                audit.clone(),
                allows_platform_keys,
            )),
            maintenance: Arc::new(maintenance::Maintenance::new(foundation.clone())),
            tokens: Arc::new(tokens::Tokens::new(foundation.clone(), projects.clone(), audit.clone())),
            idempotency: Arc::new(idempotency::Idempotency::new(foundation, values)),
            sessions,
            projects,
            audit,
            store,
        })
    }

    /// Connections for whoever works the job queue off.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the database cannot be reached.
    pub(crate) async fn queue_pool(&self) -> Result<sqlx::PgPool, StoreError> {
        self.store.queue_pool().await
    }

    /// Whether the database answers and has the shape that the program expects.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when it does not answer.
    pub async fn database_state(&self) -> Result<crate::store::MigrationState, StoreError> {
        self.store.migration_state().await
    }
}

async fn load_roots(parts: &Parts, values: &Values) -> Result<Roots, StartError> {
    let mut tx = parts.store.system().await?;
    deployment::lock(&mut tx).await?;
    let stored = deployment::roots(&mut tx).await?;
    if !stored.is_empty() {
        let rows: Vec<_> = stored.into_iter().map(|root| (root.purpose, root.sealed)).collect();
        return Ok(Roots::open(values, &rows).await?);
    }
    let deployment_id = DeploymentId::new(&*parts.clock, &*parts.random);
    let roots = Roots::generate(deployment_id, &*parts.random);
    for (purpose, sealed) in roots.seal(values).await? {
        let root = deployment::StoredRoot {
            purpose: purpose.to_owned(),
            sealed,
        };
        deployment::add_root(&mut tx, &root).await?;
    }
    tx.commit().await?;
    Ok(roots)
}
