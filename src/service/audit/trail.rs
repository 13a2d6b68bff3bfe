//! Reading the trail back.

use super::Audit;
use crate::domain::{Actor, OrgId, Scope};
use crate::service::{Missing, ServiceError};
use crate::store::audit::{self, Stretch};
pub use crate::store::audit::{AuditEvent, AuditFilter};

/// Where a page of events stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Place {
    /// At the newest end.
    #[default]
    Newest,
    /// Before this event, beside it.
    Before(i64),
    /// Behind this event, beside it.
    After(i64),
}

impl Audit {
    /// The organization's events under the filter, the newest first, at most `limit`.
    ///
    /// # Errors
    /// [`ServiceError::Refused`] without `read:audit`; [`ServiceError::OneProjectOnly`]: the trail is the whole
    /// organization's.
    pub async fn page(
        &self,
        actor: &Actor,
        filter: &AuditFilter,
        place: Place,
        limit: u16,
    ) -> Result<Vec<AuditEvent>, ServiceError> {
        authorize(actor)?;
        let mut tx = self.foundation.store.org(actor.org).await?;
        let (whole, limit) = (Stretch::WHOLE, i64::from(limit));
        Ok(match place {
            Place::Newest => audit::newest(&mut tx, filter, whole, limit).await?,
            Place::Before(before) => audit::newest(&mut tx, filter, Stretch { before, ..whole }, limit).await?,
            Place::After(after) => {
                let mut events = audit::oldest(&mut tx, filter, Stretch { after, ..whole }, limit).await?;
                events.reverse();
                events
            }
        })
    }

    /// The organization's events behind place `after`, in order, at most `limit`.
    ///
    /// # Errors
    /// As [`Audit::page`].
    pub async fn list(&self, actor: &Actor, after: i64, limit: u16) -> Result<Vec<AuditEvent>, ServiceError> {
        let mut events = self
            .page(actor, &AuditFilter::default(), Place::After(after), limit)
            .await?;
        events.reverse();
        Ok(events)
    }

    /// The newest event; `None` when there is none.
    ///
    /// # Errors
    /// As [`Audit::page`].
    pub async fn head(&self, actor: &Actor) -> Result<Option<AuditEvent>, ServiceError> {
        let newest = self.page(actor, &AuditFilter::default(), Place::Newest, 1).await?;
        Ok(newest.into_iter().next())
    }

    /// One event.
    ///
    /// # Errors
    /// As [`Audit::page`]; [`ServiceError::Missing`].
    pub async fn get(&self, actor: &Actor, sequence: i64) -> Result<AuditEvent, ServiceError> {
        authorize(actor)?;
        let mut tx = self.foundation.store.org(actor.org).await?;
        let found = audit::find(&mut tx, sequence).await?;
        found.ok_or(ServiceError::Missing(Missing::Event))
    }

    /// Whether an event of the organization stands as it was written, and follows the one before it.
    ///
    /// # Errors
    /// As [`Audit::page`].
    pub async fn is_in_place(&self, actor: &Actor, event: &AuditEvent) -> Result<bool, ServiceError> {
        authorize(actor)?;
        let follows = if event.sequence > 1 {
            let mut tx = self.foundation.store.org(actor.org).await?;
            let before = audit::find(&mut tx, event.sequence - 1).await?;
            before.is_some_and(|before| before.mac == event.previous_mac)
        } else {
            event.previous_mac == [0; 32]
        };
        Ok(follows && self.is_intact(actor.org, event))
    }

    /// Whether `event` stands as it was written, behind an event with the code that it names.
    #[must_use]
    pub fn is_intact(&self, org: OrgId, event: &AuditEvent) -> bool {
        super::chain::is_intact(&self.foundation.roots.audit, org, event)
    }
}

/// Who may read the trail.
pub(super) fn authorize(actor: &Actor) -> Result<(), ServiceError> {
    actor.require(Scope::ReadAudit)?;
    Ok(actor.require_whole_organization()?)
}
