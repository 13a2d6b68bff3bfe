//! The audit trail.

use crate::contract::{AuditEventView, AuditFilter, AuditVerifiedView, AuditView, UiError};
use async_trait::async_trait;

/// Which page of events is asked for. At most one is set.
#[derive(Debug, Default)]
pub struct AuditCursor {
    /// Events before this place of the chain; else empty.
    pub before: String,
    /// Events behind this place; else empty.
    pub after: String,
}

/// Who did what.
#[async_trait]
pub trait AuditPort: Send + Sync {
    /// The Audit page.
    async fn page(&self, filter: AuditFilter, cursor: AuditCursor) -> Result<AuditView, UiError>;
    /// One event, by its place in the chain.
    async fn event(&self, sequence: String) -> Result<AuditEventView, UiError>;
    /// Reads the whole chain, and says whether it is as it was written.
    async fn verify(&self) -> Result<AuditVerifiedView, UiError>;
}
