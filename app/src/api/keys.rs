//! Provider keys.

#![expect(clippy::too_many_arguments, reason = "one argument for each field of a form")]

#[cfg(feature = "ssr")]
use super::server::{answer, backend};
use crate::contract::{KeyChange, ProviderKeysView, UiError};
#[cfg(feature = "ssr")]
use crate::ports::{AddKeyInput, KeyFallbackInput, PastedKey, RotateKeyInput, SaveKeyInput};
use leptos::prelude::*;

/// The Provider keys page of a project.
#[server(prefix = "/_fn", endpoint = "provider_keys")]
pub async fn provider_keys(project: String) -> Result<ProviderKeysView, UiError> {
    answer(backend()?.keys.page(project).await)
}

/// Adds or replaces a provider's default key, or replaces the secret of the key with this id: probed first, saved only
/// when the provider accepts it.
#[server(prefix = "/_fn", endpoint = "save_key")]
pub async fn save_key(
    project: String,
    provider: String,
    api_key: String,
    #[server(default)] key_id: String,
    #[server(default)] name: String,
    #[server(default)] endpoint: String,
    #[server(default)] api_version: String,
    #[server(default)] row_version: String,
    #[server(default)] allow_unverified: bool,
) -> Result<KeyChange, UiError> {
    let input = SaveKeyInput {
        project,
        provider,
        key: key_id,
        api_key: PastedKey(api_key),
        name,
        endpoint,
        api_version,
        row_version: row_version.parse().ok(),
        allow_unverified,
    };
    answer(backend()?.keys.save(input).await)
}

/// Adds a key beside those that are there: probed first, saved only when the provider accepts it. The first key of a
/// provider always is the default.
#[server(prefix = "/_fn", endpoint = "add_key")]
pub async fn add_key(
    project: String,
    provider: String,
    api_key: String,
    #[server(default)] name: String,
    #[server(default)] endpoint: String,
    #[server(default)] api_version: String,
    #[server(default)] is_default: bool,
    #[server(default)] allow_unverified: bool,
) -> Result<KeyChange, UiError> {
    let input = AddKeyInput {
        project,
        provider,
        api_key: PastedKey(api_key),
        name,
        endpoint,
        api_version,
        is_default,
        allow_unverified,
    };
    answer(backend()?.keys.add(input).await)
}

/// Lets a new key take over from another one; the old one works on for the overlap: `now`, `1h`, `24h` (the default),
/// `7d`. With no name the new key takes the old one's.
#[server(prefix = "/_fn", endpoint = "rotate_key")]
pub async fn rotate_key(
    project: String,
    key_id: String,
    api_key: String,
    #[server(default)] overlap: String,
    #[server(default)] name: String,
    #[server(default)] endpoint: String,
    #[server(default)] api_version: Option<String>,
    #[server(default)] row_version: String,
) -> Result<KeyChange, UiError> {
    let input = RotateKeyInput {
        project,
        key: key_id,
        row_version: row_version.parse().ok(),
        api_key: PastedKey(api_key),
        name,
        endpoint,
        api_version,
        overlap,
    };
    answer(backend()?.keys.rotate(input).await)
}

/// Takes a key that was rotated out of use now.
#[server(prefix = "/_fn", endpoint = "end_key_overlap")]
pub async fn end_key_overlap(project: String, key_id: String) -> Result<KeyChange, UiError> {
    answer(backend()?.keys.end_overlap(project, key_id).await)
}

/// Renames a key; an empty name means none.
#[server(prefix = "/_fn", endpoint = "rename_key")]
pub async fn rename_key(
    project: String,
    key_id: String,
    #[server(default)] name: String,
    #[server(default)] row_version: String,
) -> Result<KeyChange, UiError> {
    let seen = row_version.parse().ok();
    answer(backend()?.keys.rename(project, key_id, name, seen).await)
}

/// Makes a key the one that calls use when they name none.
#[server(prefix = "/_fn", endpoint = "make_key_default")]
pub async fn make_key_default(project: String, key_id: String) -> Result<KeyChange, UiError> {
    answer(backend()?.keys.make_default(project, key_id).await)
}

/// Puts a provider's keys into another order: all of their ids, with commas between.
#[server(prefix = "/_fn", endpoint = "reorder_keys")]
pub async fn reorder_keys(project: String, provider: String, order: String) -> Result<(), UiError> {
    let order = order.split(',').map(|id| id.trim().to_owned()).collect();
    answer(backend()?.keys.reorder(project, provider, order).await)
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

/// Takes a key out of use, recoverable for a time (90 days, unless the operator decided otherwise).
#[server(prefix = "/_fn", endpoint = "delete_key")]
pub async fn delete_key(project: String, key_id: String) -> Result<KeyChange, UiError> {
    answer(backend()?.keys.delete(project, key_id).await)
}

/// Brings a deleted key back, after a probe.
#[server(prefix = "/_fn", endpoint = "restore_key")]
pub async fn restore_key(project: String, key_id: String) -> Result<KeyChange, UiError> {
    answer(backend()?.keys.restore(project, key_id).await)
}

/// Erases a key for ever: `typed` must be the word `erase`. For owners who signed in just now.
#[server(prefix = "/_fn", endpoint = "purge_key")]
pub async fn purge_key(project: String, key_id: String, #[server(default)] typed: String) -> Result<(), UiError> {
    answer(backend()?.keys.purge(project, key_id, typed).await)
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
