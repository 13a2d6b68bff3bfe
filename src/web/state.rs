//! What every handler works with.

use super::client::TrustedProxies;
use crate::domain::{Clock, Random};
use crate::service::Services;
use leptos::config::LeptosOptions;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use url::Url;

/// What the web layer needs to know of the configuration.
#[derive(Clone, Debug)]
pub struct WebSettings {
    /// How browsers reach Latchkey.
    pub public_url: Url,
    /// Whose forwarded addresses are believed.
    pub trusted_proxies: TrustedProxies,
    /// Where the dashboard's files are, and how they are called.
    pub site: LeptosOptions,
}

/// What every handler works with; cheap to clone.
#[derive(Clone)]
pub struct App {
    /// The use cases.
    pub services: Services,
    /// The configuration.
    pub settings: Arc<WebSettings>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub random: Arc<dyn Random>,
    /// Cancelled when the server is about to end: `/readyz` says so.
    pub stopping: CancellationToken,
}

impl axum::extract::FromRef<App> for LeptosOptions {
    fn from_ref(app: &App) -> Self {
        app.settings.site.clone()
    }
}
