//! The audit trail.

#[cfg(feature = "ssr")]
use super::server::{answer, backend};
use crate::contract::{AuditEventView, AuditFilter, AuditVerifiedView, AuditView, UiError};
#[cfg(feature = "ssr")]
use crate::ports::AuditCursor;
use leptos::prelude::*;

/// The newest events under a filter, or those beside a place.
#[server(prefix = "/_fn", endpoint = "audit")]
pub async fn audit(
    #[server(flatten)] filter: AuditFilter,
    #[server(default)] before: String,
    #[server(default)] after: String,
) -> Result<AuditView, UiError> {
    let cursor = AuditCursor { before, after };
    answer(backend()?.audit.page(filter, cursor).await)
}

/// One event.
#[server(prefix = "/_fn", endpoint = "audit_event")]
pub async fn audit_event(sequence: String) -> Result<AuditEventView, UiError> {
    answer(backend()?.audit.event(sequence).await)
}

/// Whether all events are as they were written.
#[server(prefix = "/_fn", endpoint = "verify_audit")]
pub async fn verify_audit() -> Result<AuditVerifiedView, UiError> {
    answer(backend()?.audit.verify().await)
}
