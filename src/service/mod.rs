//! Use cases. Line one authorizes the actor; then act; then audit. The only door to the rest.

pub mod accounts;
pub mod audit;
mod error;
pub mod idempotency;
pub mod keys;
pub mod passwords;
pub mod projects;
pub mod refusals;
pub mod sessions;
pub mod throttle;
pub mod tokens;

pub use error::{Missing, ServiceError};

use crate::domain::{Clock, DeploymentId, EndpointPolicy, Random};
use crate::providers::Prober;
use crate::store::{Store, StoreError, deployment};
use crate::vault::{Opener, Roots, RootsError, SealError, Sealer, Values, Vault};
use std::sync::Arc;

/// What every service works with.
pub(crate) struct Foundation {
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) roots: Roots,
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
        Ok(Self::assemble(parts, roots, values))
    }

    fn assemble(parts: Parts, roots: Roots, values: Values) -> Self {
        let Parts {
            store,
            vault,
            prober,
            endpoints,
            clock,
            random,
            allows_platform_keys,
        } = parts;
        let (sealer, opener): (Sealer, Opener) = (vault.sealer(), vault.opener());
        let foundation = Arc::new(Foundation {
            store: store.clone(),
            clock,
            random,
            roots,
        });
        let audit = Arc::new(audit::Audit::new(foundation.clone()));
        let projects = Arc::new(projects::Projects::new(foundation.clone(), audit.clone()));
        Self {
            accounts: Arc::new(accounts::Accounts::new(
                foundation.clone(),
                audit.clone(),
                allows_platform_keys,
            )),
            keys: Arc::new(keys::Keys::new(
                foundation.clone(),
                projects.clone(),
                audit.clone(),
                keys::KeyTools {
                    sealer,
                    opener,
                    prober,
                    endpoints,
                },
            )),
            tokens: Arc::new(tokens::Tokens::new(foundation.clone(), projects.clone(), audit.clone())),
            idempotency: Arc::new(idempotency::Idempotency::new(foundation.clone(), values.clone())),
            sessions: Arc::new(sessions::Sessions::new(foundation.clone(), values)),
            refusals: Arc::new(refusals::Refusals::new(foundation, audit.clone())),
            projects,
            audit,
            store,
        }
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
