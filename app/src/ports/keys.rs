//! Provider keys.

use super::PastedKey;
use crate::contract::{KeyChange, ProviderKeysView, UiError};
use async_trait::async_trait;

/// A provider's default key to be saved, or a given key's secret to be replaced.
#[derive(Debug)]
pub struct SaveKeyInput {
    /// The project's id or slug.
    pub project: String,
    /// The provider's slug.
    pub provider: String,
    /// The id of the key whose secret is replaced; empty for the provider's default key, whether there is one or not.
    pub key: String,
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

/// A key to be added beside those that are there.
#[derive(Debug)]
pub struct AddKeyInput {
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
    /// Whether calls are to use it from now on.
    pub is_default: bool,
    /// Keep it, switched off, even when the provider cannot be reached.
    pub allow_unverified: bool,
}

/// A key that is to take over from another.
#[derive(Debug)]
pub struct RotateKeyInput {
    /// The project's id or slug.
    pub project: String,
    /// The id of the key that it takes over from.
    pub key: String,
    /// The version of that key that the form was made for.
    pub row_version: Option<i64>,
    /// The pasted secret.
    pub api_key: PastedKey,
    /// What to call it; empty takes the old key's name over.
    pub name: String,
    /// The customer's own endpoint; empty takes the old key's.
    pub endpoint: String,
    /// Azure's `api-version`; `None` takes the old key's, empty means the newest API.
    pub api_version: Option<String>,
    /// How long the old key still works: `now`, `1h`, `24h`, `7d`.
    pub overlap: String,
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

/// Provider keys.
#[async_trait]
pub trait KeyPort: Send + Sync {
    /// The Provider keys page.
    async fn page(&self, project: String) -> Result<ProviderKeysView, UiError>;
    /// Adds or replaces a provider's default key, or replaces a given one's secret, after a probe.
    async fn save(&self, input: SaveKeyInput) -> Result<KeyChange, UiError>;
    /// Adds a key beside those that are there, after a probe.
    async fn add(&self, input: AddKeyInput) -> Result<KeyChange, UiError>;
    /// Lets a new key take over from another one, after a probe.
    async fn rotate(&self, input: RotateKeyInput) -> Result<KeyChange, UiError>;
    /// Takes a key that was rotated out of use before its time.
    async fn end_overlap(&self, project: String, key: String) -> Result<KeyChange, UiError>;
    /// Renames a key, if it is still at this version; an empty name means none.
    async fn rename(
        &self,
        project: String,
        key: String,
        name: String,
        row_version: Option<i64>,
    ) -> Result<KeyChange, UiError>;
    /// Makes a key the one that calls use when they name none.
    async fn make_default(&self, project: String, key: String) -> Result<KeyChange, UiError>;
    /// Puts a provider's keys into this order of ids.
    async fn reorder(&self, project: String, provider: String, order: Vec<String>) -> Result<(), UiError>;
    /// Probes a stored key.
    async fn test(&self, project: String, key: String, deep: bool) -> Result<KeyChange, UiError>;
    /// Switches a key on (after a probe) or off.
    async fn set_active(&self, project: String, key: String, is_active: bool) -> Result<KeyChange, UiError>;
    /// Takes a key out of use, recoverable for a time.
    async fn delete(&self, project: String, key: String) -> Result<KeyChange, UiError>;
    /// Brings a deleted key back, after a probe.
    async fn restore(&self, project: String, key: String) -> Result<KeyChange, UiError>;
    /// Erases a key's secret for ever, for owners who signed in just now and typed the word.
    async fn purge(&self, project: String, key: String, typed: String) -> Result<(), UiError>;
    /// Decides what happens to calls when this key cannot serve.
    async fn set_fallback(&self, input: KeyFallbackInput) -> Result<KeyChange, UiError>;
}
