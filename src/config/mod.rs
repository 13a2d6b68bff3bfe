//! The environment, read once into one validated [`Config`] whose Debug shows no secret.
//!
//! A variable set to nothing counts as unset. The dashboard's files are looked for in
//! `LATCHKEY_SITE_ROOT`, else where cargo-leptos says (`LEPTOS_SITE_ROOT`), else in `target/site`.

mod error;
mod folder;
mod key_file;
mod limits;
mod public_url;
mod settings;
mod variables;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

pub use error::{ConfigError, ConfigErrors};
pub use folder::configuration_folder;
pub use key_file::{KeyFileError, load_or_make_key_file};
pub use public_url::{PublicUrl, PublicUrlError};
pub use variables::{REMOTE_TOKEN, REMOTE_URL, UnknownVariable, file_variable, unknown_variables};

use crate::domain::{GatewayLimits, ProviderSlug};
use ipnet::IpNet;
use secrecy::SecretString;
use settings::Settings;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;
use url::Url;

/// All that the operator decides.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where the server listens.
    pub listen: SocketAddr,
    /// How browsers reach it.
    pub public_url: PublicUrl,
    /// Where everything is stored.
    pub database: Database,
    /// The folder of the private Postgres.
    pub data_dir: PathBuf,
    /// Where the master key comes from.
    pub master_key: MasterKeySource,
    /// The operator's own keys, by provider.
    pub platform_keys: BTreeMap<ProviderSlug, SecretString>,
    /// Other transport addresses, by provider; https, or plain http on this machine.
    pub base_urls: BTreeMap<ProviderSlug, Url>,
    /// Whose forwarded client addresses are believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Where metrics are served, if at all.
    pub metrics_listen: Option<SocketAddr>,
    /// How mail is sent, if at all.
    pub mail: Option<Mail>,
    /// How long streams may finish at shutdown.
    pub drain: Duration,
    /// How long deleted keys are kept before their secrets are erased; whole days.
    pub key_retention: time::Duration,
    /// After how long a silent server's jobs are done by others.
    pub jobs_taken_over: Duration,
    /// How much of the gateway one caller may use.
    pub limits: GatewayLimits,
    /// The operator's own prices of models, before the bundled ones.
    pub prices_file: Option<PathBuf>,
    /// Where the dashboard's static files are.
    pub site_root: PathBuf,
}

/// Where everything is stored.
#[derive(Clone, Debug)]
pub enum Database {
    /// A Postgres server of the operator's.
    Url {
        /// The login that the server works with.
        server: SecretString,
        /// The login that migrates; the same where none was named.
        migration: SecretString,
    },
    /// A private Postgres in the data folder, started and stopped by Latchkey.
    Private,
}

/// Where the master key comes from.
#[derive(Clone, Debug)]
pub enum MasterKeySource {
    /// The operator gave it: 32 bytes, base64.
    Given {
        /// Seals and opens.
        current: SecretString,
        /// Opens only, until everything is wrapped by the current one.
        previous: Option<SecretString>,
    },
    /// Latchkey makes it once; see [`load_or_make_key_file`].
    Generated {
        /// Where it is kept, outside the data folder.
        path: PathBuf,
    },
}

/// How mail is sent.
#[derive(Clone, Debug)]
pub struct Mail {
    /// The server, with its password.
    pub smtp_url: SecretString,
    /// The sender's address.
    pub from: String,
}

impl Config {
    /// Reads the variables that `lookup` gives. `providers` are the slugs of the catalogue.
    ///
    /// # Errors
    /// Everything that is wrong, at once.
    pub fn from_env(lookup: &dyn Fn(&str) -> Option<String>, providers: &[&str]) -> Result<Self, ConfigErrors> {
        Settings::new(lookup).config(providers)
    }
}
