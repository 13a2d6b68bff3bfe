//! The panic switch.

use crate::contract::{LockView, LocksView, UiError};
use async_trait::async_trait;

/// The panic switch.
#[async_trait]
pub trait LockPort: Send + Sync {
    /// What is locked, and what could be.
    async fn list(&self) -> Result<LocksView, UiError>;
    /// Locks calls: of a project, or with none of all projects of the organization, which is refused when it names one
    /// and the session has turned to another; to one provider, or with none to all.
    async fn lock(
        &self,
        organization: String,
        project: String,
        provider: String,
        reason: String,
    ) -> Result<LockView, UiError>;
    /// Unlocks, for a reason.
    async fn unlock(&self, lock: String, reason: String) -> Result<(), UiError>;
}
