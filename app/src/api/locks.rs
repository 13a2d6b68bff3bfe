//! The panic switch.

#[cfg(feature = "ssr")]
use super::server::{answer, backend};
use crate::contract::{LockView, LocksView, UiError};
use leptos::prelude::*;

/// What is locked, and what could be.
#[server(prefix = "/_fn", endpoint = "locks")]
pub async fn locks() -> Result<LocksView, UiError> {
    answer(backend()?.locks.list().await)
}

/// Locks calls: of a project, or with none of every project; to a provider, or with none to every one.
#[server(prefix = "/_fn", endpoint = "lock_calls")]
pub async fn lock_calls(
    #[server(default)] organization_id: String,
    #[server(default)] project: String,
    #[server(default)] provider: String,
    #[server(default)] reason: String,
) -> Result<LockView, UiError> {
    let locks = backend()?.locks;
    answer(locks.lock(organization_id, project, provider, reason).await)
}

/// Unlocks, for a reason that the audit trail keeps.
#[server(prefix = "/_fn", endpoint = "unlock_calls")]
pub async fn unlock_calls(lock_id: String, #[server(default)] reason: String) -> Result<(), UiError> {
    answer(backend()?.locks.unlock(lock_id, reason).await)
}
