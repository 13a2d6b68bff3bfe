//! Reads each variable, and notes what is wrong with it instead of stopping there.

use super::key_file::{key_file_path, read_secret};
use super::public_url::{has_no_user, names_loopback};
use super::variables::{
    DATA_DIR, DATABASE_URL, LEPTOS_SITE_ROOT, LISTEN, MAIL_FROM, MASTER_KEY, MASTER_KEY_PREVIOUS, METRICS_LISTEN,
    MIGRATION_DATABASE_URL, PRICES_FILE, PUBLIC_URL, SITE_ROOT, SMTP_URL, TRUSTED_PROXIES, base_url_variable,
    file_variable, platform_key_variable,
};
use super::{Config, ConfigError, ConfigErrors, Database, Mail, MasterKeySource, PublicUrl, configuration_folder};
use crate::domain::{ProviderSlug, ShapedSecret};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_PAD_INDIFFERENT;
use ipnet::IpNet;
use lettre::message::Mailbox;
use secrecy::{ExposeSecret, SecretString};
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use url::Url;
use zeroize::Zeroizing;

const DEFAULT_LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 3000);
const MASTER_KEY_BYTES: usize = 32;

/// The variables, and what was found wrong with them so far.
pub(super) struct Settings<'lookup> {
    lookup: &'lookup dyn Fn(&str) -> Option<String>,
    errors: Vec<ConfigError>,
}

impl<'lookup> Settings<'lookup> {
    pub(super) fn new(lookup: &'lookup dyn Fn(&str) -> Option<String>) -> Self {
        Self {
            lookup,
            errors: Vec::new(),
        }
    }

    pub(super) fn config(mut self, providers: &[&str]) -> Result<Config, ConfigErrors> {
        let listen = self.address(LISTEN).unwrap_or(DEFAULT_LISTEN);
        let public_url = self.public_url(listen);
        let database = self.database();
        let data_dir = self.path(DATA_DIR).unwrap_or_else(|| PathBuf::from("data"));
        let on_loopback = listen.ip().is_loopback() && public_url.as_ref().is_none_or(PublicUrl::is_loopback);
        let may_generate = on_loopback && matches!(database, Database::Private);
        let master_key = self.master_key(&data_dir, may_generate);
        let platform_keys = self.platform_keys(providers);
        let base_urls = self.base_urls(providers);
        let trusted_proxies = self.trusted_proxies();
        let metrics_listen = self.address(METRICS_LISTEN);
        let mail = self.mail();
        let drain = self.drain();
        let key_retention = self.key_retention();
        let jobs_taken_over = self.jobs_taken_over();
        let limits = self.limits();
        let prices_file = self.path(PRICES_FILE);
        let site_root = self
            .path(SITE_ROOT)
            .or_else(|| self.path(LEPTOS_SITE_ROOT))
            .unwrap_or_else(|| PathBuf::from("target/site"));
        match (public_url, master_key) {
            (Some(public_url), Some(master_key)) if self.errors.is_empty() => Ok(Config {
                listen,
                public_url,
                database,
                data_dir,
                master_key,
                platform_keys,
                base_urls,
                trusted_proxies,
                metrics_listen,
                mail,
                drain,
                key_retention,
                jobs_taken_over,
                limits,
                prices_file,
                site_root,
            }),
            _ => Err(ConfigErrors(self.errors)),
        }
    }

    fn refuse(&mut self, variable: &str, problem: impl Into<String>, instead: impl Into<String>) {
        self.errors.push(ConfigError {
            variable: variable.to_owned(),
            problem: problem.into(),
            instead: instead.into(),
        });
    }

    fn text(&self, variable: &str) -> Option<String> {
        (self.lookup)(variable)
            .map(|text| text.trim().to_owned())
            .filter(|text| !text.is_empty())
    }

    fn secret(&self, variable: &str) -> Option<SecretString> {
        let text = Zeroizing::new((self.lookup)(variable)?);
        Some(text.trim())
            .filter(|text| !text.is_empty())
            .map(SecretString::from)
    }

    fn path(&self, variable: &str) -> Option<PathBuf> {
        self.text(variable).map(PathBuf::from)
    }

    fn address(&mut self, variable: &str) -> Option<SocketAddr> {
        let text = self.text(variable)?;
        let address = text.parse().ok();
        if address.is_none() {
            self.refuse(
                variable,
                format!("{text:?} is not an IP address with a port"),
                "write for example 127.0.0.1:3000",
            );
        }
        address
    }

    fn public_url(&mut self, listen: SocketAddr) -> Option<PublicUrl> {
        let given = self.text(PUBLIC_URL);
        let url = given
            .as_deref()
            .map_or_else(|| PublicUrl::of_listener(listen), PublicUrl::parse);
        url.map_err(|error| {
            let (problem, instead) = match given {
                Some(_) => (error.to_string(), "write for example https://keys.example.com"),
                None => (
                    format!("it is not set, and {listen} is open beyond this machine"),
                    "set it to the https address that browsers use, or listen on 127.0.0.1",
                ),
            };
            self.refuse(PUBLIC_URL, problem, instead);
        })
        .ok()
    }

    fn database(&mut self) -> Database {
        let server = self.postgres_url(DATABASE_URL);
        let migration = self.postgres_url(MIGRATION_DATABASE_URL);
        match (server, migration) {
            (Some(server), migration) => Database::Url {
                migration: migration.unwrap_or_else(|| server.clone()),
                server,
            },
            (None, Some(_)) => {
                self.refuse(
                    MIGRATION_DATABASE_URL,
                    format!("it is set, but {DATABASE_URL} is not"),
                    format!("set {DATABASE_URL} too, or neither"),
                );
                Database::Private
            }
            (None, None) => Database::Private,
        }
    }

    fn postgres_url(&mut self, variable: &str) -> Option<SecretString> {
        let secret = self.secret(variable)?;
        let scheme = Url::parse(secret.expose_secret()).map(|url| url.scheme().to_owned());
        if !matches!(scheme.as_deref(), Ok("postgres" | "postgresql")) {
            self.refuse(
                variable,
                "it is not a Postgres address",
                "write postgres://user:password@host:5432/database",
            );
        }
        Some(secret)
    }

    /// `None` only after something was refused.
    fn master_key(&mut self, data_dir: &Path, may_generate: bool) -> Option<MasterKeySource> {
        let found = self.errors.len();
        let current = self.master_key_of(MASTER_KEY);
        let previous = self.master_key_of(MASTER_KEY_PREVIOUS);
        if let Some(current) = current {
            return Some(MasterKeySource::Given { current, previous });
        }
        if self.errors.len() > found {
            return None;
        }
        if previous.is_some() {
            self.refuse(
                MASTER_KEY,
                format!("it is not set, but {MASTER_KEY_PREVIOUS} is"),
                "set it to the new key; `latchkey master-key generate` makes one",
            );
            return None;
        }
        if !may_generate {
            self.refuse(
                MASTER_KEY,
                "it is not set, and only a private Postgres on a loopback address does without",
                format!(
                    "set it, or {}, to 32 bytes in base64; `latchkey master-key generate` makes them",
                    file_variable(MASTER_KEY)
                ),
            );
            return None;
        }
        let Some(configuration) = configuration_folder(self.lookup) else {
            self.refuse(
                MASTER_KEY,
                "it is not set, and there is no home folder in which to keep one",
                format!("set HOME or XDG_CONFIG_HOME, or {}", file_variable(MASTER_KEY)),
            );
            return None;
        };
        Some(MasterKeySource::Generated {
            path: key_file_path(&configuration, data_dir),
        })
    }

    /// A master key from its variable or its file.
    fn master_key_of(&mut self, variable: &str) -> Option<SecretString> {
        let in_file = file_variable(variable);
        let (set, key) = match (self.secret(variable), self.path(&in_file)) {
            (Some(_), Some(_)) => {
                self.refuse(variable, format!("{in_file} is set too"), "set only one of them");
                return None;
            }
            (Some(key), None) => (variable, key),
            (None, Some(path)) => match read_secret(&path) {
                Ok(key) => (in_file.as_str(), key),
                Err(error) => {
                    let problem = format!("{} cannot be read: {error}", path.display());
                    self.refuse(&in_file, problem, "name a file that holds the key in base64");
                    return None;
                }
            },
            (None, None) => return None,
        };
        let bytes = STANDARD_PAD_INDIFFERENT.decode(key.expose_secret()).map(Zeroizing::new);
        if bytes.is_ok_and(|bytes| bytes.len() == MASTER_KEY_BYTES) {
            return Some(key);
        }
        self.refuse(
            set,
            "it is not 32 bytes in base64",
            "`latchkey master-key generate` makes a key",
        );
        None
    }

    fn platform_keys(&mut self, providers: &[&str]) -> BTreeMap<ProviderSlug, SecretString> {
        self.per_provider(providers, platform_key_variable, |settings, variable| {
            let key = settings.secret(variable)?;
            if ShapedSecret::parse(&key, &[]).is_err() {
                settings.refuse(
                    variable,
                    "it is longer than any key, or has spaces or special characters",
                    "write the provider's key alone",
                );
                return None;
            }
            Some(key)
        })
    }

    fn base_urls(&mut self, providers: &[&str]) -> BTreeMap<ProviderSlug, Url> {
        self.per_provider(providers, base_url_variable, |settings, variable| {
            let text = settings.text(variable)?;
            let url = Url::parse(&text).ok().filter(|url| {
                let safe = url.scheme() == "https" || url.scheme() == "http" && names_loopback(url);
                safe && has_no_user(url) && url.query().is_none() && url.fragment().is_none()
            });
            if url.is_none() {
                settings.refuse(
                    variable,
                    "it is neither an https address nor a plain http one of this machine, \
                     or it has a user, query or fragment",
                    "write for example https://relay.example.com",
                );
            }
            url
        })
    }

    fn per_provider<Value>(
        &mut self,
        providers: &[&str],
        variable: impl Fn(&str) -> String,
        mut read: impl FnMut(&mut Self, &str) -> Option<Value>,
    ) -> BTreeMap<ProviderSlug, Value> {
        providers
            .iter()
            .filter_map(|provider| {
                let slug = provider.parse().ok()?;
                Some((slug, read(self, &variable(provider))?))
            })
            .collect()
    }

    fn trusted_proxies(&mut self) -> Vec<IpNet> {
        let text = self.text(TRUSTED_PROXIES).unwrap_or_default();
        let names = text.split([',', ' ']).map(str::trim).filter(|name| !name.is_empty());
        let mut networks = Vec::new();
        for name in names {
            match name.parse().or_else(|_| name.parse::<IpAddr>().map(IpNet::from)) {
                Ok(network) => networks.push(network),
                Err(_) => self.refuse(
                    TRUSTED_PROXIES,
                    format!("{name:?} is neither an IP address nor a network"),
                    "write for example 10.0.0.0/8, 192.168.1.4",
                ),
            }
        }
        networks
    }

    fn mail(&mut self) -> Option<Mail> {
        let smtp_url = self.secret(SMTP_URL);
        let from = self.text(MAIL_FROM);
        if let Some(url) = &smtp_url {
            let url = Url::parse(url.expose_secret()).ok();
            let url = url.filter(|url| matches!(url.scheme(), "smtp" | "smtps") && url.has_host());
            match url {
                None => {
                    let instead = "write smtps://user:password@mail.example.com";
                    self.refuse(SMTP_URL, "it is not a mail server's address", instead);
                }
                Some(url) if !keeps_mail_private(&url) => {
                    let problem = "links to choose a new password would leave this machine unencrypted";
                    let instead = "write smtps://…, or smtp://…?tls=required for STARTTLS";
                    self.refuse(SMTP_URL, problem, instead);
                }
                Some(_) => {}
            }
        }
        if let Some(from) = from.as_ref().filter(|from| from.parse::<Mailbox>().is_err()) {
            let problem = format!("{from:?} is not a mail address");
            self.refuse(MAIL_FROM, problem, "write for example latchkey@example.com");
        }
        match (smtp_url, from) {
            (Some(smtp_url), Some(from)) => Some(Mail { smtp_url, from }),
            (None, None) => None,
            (Some(_), None) => {
                let instead = "set it to the sender's address";
                self.refuse(MAIL_FROM, format!("it is not set, but {SMTP_URL} is"), instead);
                None
            }
            (None, Some(_)) => {
                let instead = "set it to the mail server's address";
                self.refuse(SMTP_URL, format!("it is not set, but {MAIL_FROM} is"), instead);
                None
            }
        }
    }

    /// A whole number within a range.
    pub(super) fn number(&mut self, variable: &str, default: u64, range: RangeInclusive<u64>) -> u64 {
        let Some(text) = self.text(variable) else {
            return default;
        };
        if let Some(number) = text.parse().ok().filter(|number| range.contains(number)) {
            return number;
        }
        let (least, most) = range.into_inner();
        self.refuse(
            variable,
            format!("{text:?} is not a whole number from {least} to {most}"),
            format!("write for example {default}"),
        );
        default
    }
}

/// Encrypted, or not leaving this machine.
fn keeps_mail_private(url: &Url) -> bool {
    let tls = url.query_pairs().find(|(name, _)| name == "tls");
    let tls = tls.map(|(_, value)| value.into_owned());
    match (url.scheme(), tls.as_deref()) {
        ("smtps", None) | ("smtp", Some("required")) => true,
        // Only http's own hosts are read as addresses by the library.
        ("smtp", None) => names_loopback(url) || url.host_str().is_some_and(is_loopback_address),
        _ => false,
    }
}

fn is_loopback_address(host: &str) -> bool {
    host.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
}
