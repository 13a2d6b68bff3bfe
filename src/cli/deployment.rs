//! Wires the layers of one deployment: database, master key, services.

use super::Outcome;
use crate::config::{Config, Database, MasterKeySource, load_or_make_key_file, unknown_variables};
use crate::domain::{
    Clock, EndpointPolicy, ProviderSlug, Random, RequestContext, RequestId, SystemClock, SystemRandom,
};
use crate::providers::prices::Prices;
use crate::providers::upstream::{UpstreamSettings, Upstreams};
use crate::providers::{self, Prober, ProberSettings};
use crate::service::mail::{Mailer, SmtpMailer};
use crate::service::{Parts, Services};
use crate::store::cluster::PrivateCluster;
use crate::store::{self, Store};
use crate::vault::{LocalKeyRing, MasterKey, MasterKeys, Vault};
use secrecy::{ExposeSecret, SecretString};
use sqlx::postgres::PgConnectOptions;
use std::collections::{BTreeMap, HashMap};
use std::error::Error;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

type Failure = Box<dyn Error + Send + Sync>;

const PROBE_LIMIT: Duration = Duration::from_secs(10);

/// The file in the data folder in which this server writes down the ends of the audit chains.
pub(super) const AUDIT_HEADS: &str = "audit-heads.jsonl";

/// What `demo` does differently.
#[derive(Debug, Default)]
pub(super) struct Sandboxed {
    /// Transport addresses of the sandbox's providers.
    pub(super) transports: HashMap<String, Url>,
    /// The sandbox's exact address, accepted as an endpoint.
    pub(super) policy: EndpointPolicy,
    /// Whether organizations may use platform keys.
    pub(super) allows_platform_keys: bool,
    /// Platform keys in place of the configured ones.
    pub(super) platform_keys: Option<BTreeMap<ProviderSlug, SecretString>>,
}

/// A database, ready to be worked with.
pub(super) struct OpenDatabase {
    /// As the server's role.
    pub(super) server: PgConnectOptions,
    /// As the login that migrates.
    pub(super) migration: PgConnectOptions,
    cluster: Option<PrivateCluster>,
}

/// A deployment, ready to serve.
pub(super) struct Deployment {
    pub(super) services: Services,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) random: Arc<dyn Random>,
    store: Store,
    database: OpenDatabase,
}

/// The configuration from the environment; names that are probably mistyped are pointed out.
pub(super) fn read_config() -> Result<Config, Failure> {
    let providers = provider_slugs();
    let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    for unknown in unknown_variables(names, &providers) {
        tracing::warn!(
            variable = unknown.name,
            meant = unknown.meant,
            "there is no such setting"
        );
    }
    Ok(Config::from_env(&|name| std::env::var(name).ok(), &providers)?)
}

/// The configuration of a deployment apart, in a data folder named after it and with a private
/// Postgres and a master key of its own, whatever the environment says about those.
pub(super) fn read_config_apart(name: &str) -> Result<Config, Failure> {
    let kept = |variable: &str| {
        let value = std::env::var(variable).ok();
        match variable {
            "LATCHKEY_DATA_DIR" => Some(format!("{}/{name}", value.as_deref().unwrap_or("data"))),
            "DATABASE_URL" | "LATCHKEY_MIGRATION_DATABASE_URL" => None,
            _ if variable.starts_with("LATCHKEY_MASTER_KEY") => None,
            _ if variable.starts_with("LATCHKEY_PLATFORM_KEY_") => None,
            _ if variable.ends_with("_BASE_URL") => None,
            _ => value,
        }
    };
    Ok(Config::from_env(&kept, &provider_slugs())?)
}

/// The slugs of the catalogue.
pub(super) fn provider_slugs() -> Vec<&'static str> {
    providers::catalogue().iter().map(|provider| provider.slug()).collect()
}

impl OpenDatabase {
    /// Starts or joins the private Postgres, or takes the operator's own.
    pub(super) async fn open(config: &Config) -> Result<Self, Failure> {
        match &config.database {
            Database::Private => {
                // The master key first: a database without its key would be worth nothing.
                master_keys(config)?;
                let cluster = PrivateCluster::open(&config.data_dir).await?;
                let options = cluster.connect_options();
                Ok(Self {
                    server: options.clone(),
                    migration: options,
                    cluster: Some(cluster),
                })
            }
            Database::Url { server, migration } => Ok(Self {
                server: PgConnectOptions::from_str(server.expose_secret())?,
                migration: PgConnectOptions::from_str(migration.expose_secret())?,
                cluster: None,
            }),
        }
    }

    /// Stops the private Postgres, if this process is the last to use it.
    pub(super) async fn close(self) -> Outcome {
        if let Some(cluster) = self.cluster {
            cluster.close().await?;
        }
        Ok(())
    }
}

impl Deployment {
    /// Opens the database, migrates it, opens the roots, builds the services.
    pub(super) async fn open(config: &Config, sandboxed: Sandboxed) -> Result<Self, Failure> {
        let keys = master_keys(config)?;
        let database = OpenDatabase::open(config).await?;
        match Self::assemble(config, sandboxed, keys, &database).await {
            Ok((services, store)) => Ok(Self {
                services,
                clock: Arc::new(SystemClock),
                random: Arc::new(SystemRandom),
                store,
                database,
            }),
            Err(error) => {
                database.close().await?;
                Err(error)
            }
        }
    }

    async fn assemble(
        config: &Config,
        sandboxed: Sandboxed,
        keys: Arc<dyn MasterKeys>,
        database: &OpenDatabase,
    ) -> Result<(Services, Store), Failure> {
        store::migrate(&database.migration).await?;
        let store = Store::connect(database.server.clone()).await?;
        let mut transports: HashMap<String, Url> = config
            .base_urls
            .iter()
            .map(|(provider, url)| (provider.to_string(), url.clone()))
            .collect();
        transports.extend(sandboxed.transports);
        let upstreams = Upstreams::new(UpstreamSettings {
            transports: transports.clone(),
            policy: sandboxed.policy,
            connect: config.limits.connect,
        })?;
        let prober = Prober::new(ProberSettings {
            transports,
            policy: sandboxed.policy,
            limit: PROBE_LIMIT,
        })?;
        let services = Services::start(Parts {
            store: store.clone(),
            vault: Vault::new(keys, Arc::new(SystemRandom)),
            prober,
            endpoints: sandboxed.policy,
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom),
            allows_platform_keys: sandboxed.allows_platform_keys,
            upstreams,
            platform_keys: sandboxed.platform_keys.unwrap_or_else(|| config.platform_keys.clone()),
            limits: config.limits,
            key_retention: config.key_retention,
            prices: Prices::load(config.prices_file.as_deref())?,
            mailer: mailer(config)?,
            public_url: config.public_url.to_string().parse()?,
            audit_heads: config.data_dir.join(AUDIT_HEADS),
        })
        .await?;
        Ok((services, store))
    }

    /// What the audit trail keeps of a command.
    pub(super) fn request(&self) -> RequestContext {
        RequestContext {
            request_id: RequestId::new(&*self.clock, &*self.random),
            client: None,
        }
    }

    /// Lets go of the database, and stops the private one.
    pub(super) async fn close(self) -> Outcome {
        let flushed = self.services.refusals.flush(true).await;
        self.store.close().await;
        // Whatever became of the refusals, a private Postgres must not be left running.
        self.database.close().await?;
        Ok(flushed?)
    }
}

fn mailer(config: &Config) -> Result<Option<Arc<dyn Mailer>>, Failure> {
    let Some(mail) = &config.mail else { return Ok(None) };
    let mailer = SmtpMailer::new(&mail.smtp_url, &mail.from, Arc::new(SystemClock))?;
    Ok(Some(Arc::new(mailer)))
}

/// What the master key opens, without a database. No master key is made for it.
pub(super) fn vault_at_hand(config: &Config) -> Result<Vault, Failure> {
    if let MasterKeySource::Generated { path } = &config.master_key
        && !path.exists()
    {
        return Err("set LATCHKEY_MASTER_KEY or LATCHKEY_MASTER_KEY_FILE to the deployment's master key".into());
    }
    Ok(Vault::new(master_keys(config)?, Arc::new(SystemRandom)))
}

fn master_keys(config: &Config) -> Result<Arc<dyn MasterKeys>, Failure> {
    let (current, previous) = match &config.master_key {
        MasterKeySource::Given { current, previous } => (current.clone(), previous.clone()),
        MasterKeySource::Generated { path } => {
            let make = || MasterKey::generate(&SystemRandom).to_base64();
            (load_or_make_key_file(path, &config.data_dir, make)?, None)
        }
    };
    let read = |key: &SecretString| MasterKey::from_base64(key);
    let previous = previous.as_ref().map(read).transpose()?;
    let random: Arc<dyn Random> = Arc::new(SystemRandom);
    Ok(Arc::new(LocalKeyRing::new(read(&current)?, previous, random)))
}
