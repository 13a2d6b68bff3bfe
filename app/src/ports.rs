//! What the server functions call. The server implements these traits, one for each page area, and
//! puts a [`Backend`], bound to the caller, into every request's extensions.

use crate::contract::{
    ActivityFilter, ActivityView, CallDetailView, CreatedToken, Flash, GatewaySettingsView, KeyChange, ProjectView,
    ProviderKeysView, SessionView, SetupView, TokensView, UiError,
};
use async_trait::async_trait;
use std::sync::Arc;

/// Everything that a page can ask for, as the caller of this request.
#[derive(Clone)]
pub struct Backend {
    /// Set-up, sign-in, sign-out, and who is here.
    pub account: Arc<dyn AccountPort>,
    /// Projects.
    pub projects: Arc<dyn ProjectPort>,
    /// Provider keys.
    pub keys: Arc<dyn KeyPort>,
    /// Tokens.
    pub tokens: Arc<dyn TokenPort>,
    /// Calls through the gateway.
    pub activity: Arc<dyn ActivityPort>,
}

/// A password on its way to be hashed; not shown by `Debug`.
pub struct Password(pub String);

impl std::fmt::Debug for Password {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Password(…)")
    }
}

/// What a person pasted as a key; not shown by `Debug`.
pub struct PastedKey(pub String);

impl std::fmt::Debug for PastedKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("PastedKey(…)")
    }
}

/// The first owner, as the set-up page asks for them.
#[derive(Debug)]
pub struct OwnerInput {
    /// The one-time link's token.
    pub link: Password,
    /// The organization's name.
    pub organization: String,
    /// The owner's address.
    pub email: String,
    /// The owner's password.
    pub password: Password,
}

/// Set-up, sign-in, sign-out, and who is here.
#[async_trait]
pub trait AccountPort: Send + Sync {
    /// Whether `link` can be used to create the owner.
    async fn setup(&self, link: Password) -> Result<SetupView, UiError>;
    /// Creates organization and owner, and signs them in.
    async fn create_owner(&self, input: OwnerInput) -> Result<(), UiError>;
    /// Signs a person in, under a new session id.
    async fn sign_in(&self, email: String, password: Password) -> Result<(), UiError>;
    /// Ends the session.
    async fn sign_out(&self) -> Result<(), UiError>;
    /// Who is signed in.
    async fn session(&self) -> Result<SessionView, UiError>;
    /// What the last form came to, once.
    async fn take_flash(&self) -> Result<Option<Flash>, UiError>;
}

/// Projects.
#[async_trait]
pub trait ProjectPort: Send + Sync {
    /// Creates a project.
    async fn create(&self, name: String) -> Result<ProjectView, UiError>;
    /// Renames a project; its slug stays, so that nothing that uses it breaks.
    async fn rename(&self, project: String, name: String) -> Result<ProjectView, UiError>;
    /// What the project decided about its calls.
    async fn gateway_settings(&self, project: String) -> Result<GatewaySettingsView, UiError>;
    /// Decides it anew.
    async fn set_gateway_settings(&self, input: GatewaySettingsInput) -> Result<GatewaySettingsView, UiError>;
}

/// What a project is to decide about its calls.
#[derive(Debug)]
pub struct GatewaySettingsInput {
    /// The project's id or slug.
    pub project: String,
    /// When there is no key: `platform` or `fail`; empty to leave it as it is.
    pub on_missing: String,
    /// When the key fails, likewise.
    pub on_failure: String,
    /// Whether the rest of a provider's API is open.
    pub opens_all_paths: bool,
    /// Whether usage is asked for in streams.
    pub adds_stream_usage: bool,
}

/// A key to be saved.
#[derive(Debug)]
pub struct SaveKeyInput {
    /// The project's id or slug.
    pub project: String,
    /// The provider's slug.
    pub provider: String,
    /// The pasted secret.
    pub api_key: PastedKey,
    /// What to call it; empty for no name.
    pub name: String,
    /// The customer's own endpoint, where the provider takes one; else empty.
    pub endpoint: String,
    /// Azure's `api-version`; empty for the newest API.
    pub api_version: String,
    /// The version of the key that the form was made for; `None` when there was none.
    pub row_version: Option<i64>,
    /// Keep it, switched off, even when the provider cannot be reached.
    pub allow_unverified: bool,
}

/// Provider keys.
#[async_trait]
pub trait KeyPort: Send + Sync {
    /// The Provider keys page.
    async fn page(&self, project: String) -> Result<ProviderKeysView, UiError>;
    /// Adds or replaces a provider's default key, after a probe.
    async fn save(&self, input: SaveKeyInput) -> Result<KeyChange, UiError>;
    /// Probes a stored key.
    async fn test(&self, project: String, key: String, deep: bool) -> Result<KeyChange, UiError>;
    /// Switches a key on (after a probe) or off.
    async fn set_active(&self, project: String, key: String, is_active: bool) -> Result<KeyChange, UiError>;
    /// Takes a key out of use, recoverable for 90 days.
    async fn delete(&self, project: String, key: String) -> Result<KeyChange, UiError>;
    /// Brings a deleted key back, after a probe.
    async fn restore(&self, project: String, key: String) -> Result<KeyChange, UiError>;
    /// Decides what happens to calls when this key cannot serve.
    async fn set_fallback(&self, input: KeyFallbackInput) -> Result<KeyChange, UiError>;
}

/// What is to happen to calls when one key cannot serve. Each policy is `platform`, `fail`, or
/// `project` for what the project says.
#[derive(Debug)]
pub struct KeyFallbackInput {
    /// The project's id or slug.
    pub project: String,
    /// The key's id.
    pub key: String,
    /// While it is switched off.
    pub on_missing: String,
    /// When it is refused or its quota is spent.
    pub on_failure: String,
}

/// A token to be made.
#[derive(Debug)]
pub struct CreateTokenInput {
    /// The project's id or slug.
    pub project: String,
    /// What to call it.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<String>,
    /// In how many days it stops working; 0 for never.
    pub expires_days: u32,
    /// Whether it reaches every project of the organization.
    pub whole_organization: bool,
}

/// Tokens.
#[async_trait]
pub trait TokenPort: Send + Sync {
    /// The Tokens page.
    async fn page(&self, project: String) -> Result<TokensView, UiError>;
    /// Makes a token; its text is in this answer and nowhere else.
    async fn create(&self, input: CreateTokenInput) -> Result<CreatedToken, UiError>;
    /// Ends a token.
    async fn revoke(&self, project: String, token: String) -> Result<(), UiError>;
}

/// Where a page of calls begins. At most one is set.
#[derive(Debug, Default)]
pub struct ActivityCursor {
    /// Calls older than this, as [`ActivityView::older`] says it; else empty.
    pub before: String,
    /// Calls newer than this, as [`ActivityView::newest`] says it; else empty.
    pub after: String,
}

/// Calls through the gateway.
#[async_trait]
pub trait ActivityPort: Send + Sync {
    /// The Activity page.
    async fn page(
        &self,
        project: String,
        filter: ActivityFilter,
        cursor: ActivityCursor,
    ) -> Result<ActivityView, UiError>;
    /// One call.
    async fn call(&self, project: String, call: String) -> Result<CallDetailView, UiError>;
}
