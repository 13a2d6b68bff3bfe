//! Provider keys.

#![expect(clippy::too_many_arguments, reason = "one argument for each field of a form")]

#[cfg(feature = "ssr")]
use super::server::{answer, backend};
use crate::contract::{KeyChange, ProviderKeysView, UiError};
#[cfg(feature = "ssr")]
use crate::ports::{KeyFallbackInput, PastedKey, SaveKeyInput};
use leptos::prelude::*;

/// The Provider keys page of a project.
#[server(prefix = "/_fn", endpoint = "provider_keys")]
pub async fn provider_keys(project: String) -> Result<ProviderKeysView, UiError> {
    answer(backend()?.keys.page(project).await)
}

/// Adds or replaces a provider's key: probed first, saved only when the provider accepts it.
#[server(prefix = "/_fn", endpoint = "save_key")]
pub async fn save_key(
    project: String,
    provider: String,
    api_key: String,
    #[server(default)] name: String,
    #[server(default)] endpoint: String,
    #[server(default)] api_version: String,
    #[server(default)] row_version: String,
    #[server(default)] allow_unverified: bool,
) -> Result<KeyChange, UiError> {
    let input = SaveKeyInput {
        project,
        provider,
        api_key: PastedKey(api_key),
        name,
        endpoint,
        api_version,
        row_version: row_version.parse().ok(),
        allow_unverified,
    };
    answer(backend()?.keys.save(input).await)
}

/// Probes a stored key; a deep test spends one token.
#[server(prefix = "/_fn", endpoint = "test_key")]
pub async fn test_key(project: String, key_id: String, #[server(default)] deep: bool) -> Result<KeyChange, UiError> {
    answer(backend()?.keys.test(project, key_id, deep).await)
}

/// Switches a key on (after a probe) or off.
#[server(prefix = "/_fn", endpoint = "set_key_active")]
pub async fn set_key_active(project: String, key_id: String, is_active: bool) -> Result<KeyChange, UiError> {
    answer(backend()?.keys.set_active(project, key_id, is_active).await)
}

/// Takes a key out of use, recoverable for 90 days.
#[server(prefix = "/_fn", endpoint = "delete_key")]
pub async fn delete_key(project: String, key_id: String) -> Result<KeyChange, UiError> {
    answer(backend()?.keys.delete(project, key_id).await)
}

/// Brings a deleted key back, after a probe.
#[server(prefix = "/_fn", endpoint = "restore_key")]
pub async fn restore_key(project: String, key_id: String) -> Result<KeyChange, UiError> {
    answer(backend()?.keys.restore(project, key_id).await)
}

/// Decides what happens to calls when this key cannot serve: `platform`, `fail`, or `project` for what
/// the project says.
#[server(prefix = "/_fn", endpoint = "set_key_fallback")]
pub async fn set_key_fallback(
    project: String,
    key_id: String,
    on_missing: String,
    on_failure: String,
) -> Result<KeyChange, UiError> {
    let input = KeyFallbackInput {
        project,
        key: key_id,
        on_missing,
        on_failure,
    };
    answer(backend()?.keys.set_fallback(input).await)
}
