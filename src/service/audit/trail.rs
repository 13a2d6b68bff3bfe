//! Reading the trail back, the newest first.

use super::Audit;
use crate::domain::{Actor, Scope};
use crate::service::ServiceError;
use crate::store::audit;
pub use crate::store::audit::{AuditEvent, AuditFilter};

impl Audit {
    /// The organization's events under the filter, before place `before` where one is given, the newest first, at most
    /// `limit`.
    ///
    /// # Errors
    /// [`ServiceError::Refused`] without `read:audit`; [`ServiceError::OneProjectOnly`]: the trail is the whole
    /// organization's.
    pub async fn recent(
        &self,
        actor: &Actor,
        filter: &AuditFilter,
        before: Option<i64>,
        limit: u16,
    ) -> Result<Vec<AuditEvent>, ServiceError> {
        actor.require(Scope::ReadAudit)?;
        if actor.project.is_some() {
            return Err(ServiceError::OneProjectOnly);
        }
        let mut tx = self.foundation.store.org(actor.org).await?;
        Ok(audit::recent(&mut tx, filter, before.unwrap_or(i64::MAX), i64::from(limit)).await?)
    }
}
