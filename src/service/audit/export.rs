//! The trail as lines of JSON that can be verified anywhere.

use super::{Audit, AuditEvent, AuditFilter};
use crate::domain::{Actor, OrgId};
use crate::service::ServiceError;
use crate::store::audit::{self, Stretch};
use futures::Stream;
use futures::stream::try_unfold;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::{OffsetDateTime, UtcOffset};
use uuid::Uuid;

/// Events are exported in pages of so many.
const PAGE: i64 = 1_000;

/// An event as a line of an export: all that its code covers, and the code.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExportedEvent {
    /// The organization's id.
    pub organization: Uuid,
    /// Its place in the organization's chain, from 1.
    pub sequence: i64,
    /// The event's own id.
    pub id: Uuid,
    /// When it happened: RFC 3339 in UTC, to the microsecond.
    #[serde(with = "time::serde::rfc3339")]
    pub occurred_at: OffsetDateTime,
    /// What happened: `key.replaced`, …
    pub event: String,
    /// `user`, `token`, `command_line`, `system`
    pub actor_kind: String,
    /// Who did it.
    pub actor_id: Option<Uuid>,
    /// Where the request came from.
    pub client_address: Option<String>,
    /// The request it happened in.
    pub request_id: Uuid,
    /// What kind of thing it was done to.
    pub target_kind: String,
    /// Which one.
    pub target_id: String,
    /// What changed; never a secret.
    pub details: Value,
    /// The code of the event before, in hexadecimal; zeros for the first.
    #[serde(with = "hex::serde")]
    pub previous_mac: [u8; 32],
    /// The event's own code, in hexadecimal.
    #[serde(with = "hex::serde")]
    pub mac: [u8; 32],
}

impl ExportedEvent {
    /// An organization's event.
    #[must_use]
    pub fn new(org: OrgId, event: AuditEvent) -> Self {
        Self {
            organization: org.as_uuid(),
            sequence: event.sequence,
            id: event.id,
            occurred_at: event.occurred_at.to_offset(UtcOffset::UTC),
            event: event.event,
            actor_kind: event.actor_kind,
            actor_id: event.actor_id,
            client_address: event.client_address,
            request_id: event.request_id,
            target_kind: event.target_kind,
            target_id: event.target_id,
            details: event.details,
            previous_mac: event.previous_mac,
            mac: event.mac,
        }
    }

    /// The line, without its end.
    #[must_use]
    pub fn line(&self) -> String {
        // Every field is a text, a number or JSON already.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads a line; `None` unless it stands exactly as [`ExportedEvent::line`] writes it. What a line says twice, other
    /// readers may read otherwise than this one.
    #[must_use]
    pub fn read(line: &str) -> Option<Self> {
        let event: Self = serde_json::from_str(line).ok()?;
        (event.line() == line).then_some(event)
    }

    /// Whose it says that it is, and the event.
    #[must_use]
    pub fn into_event(self) -> (OrgId, AuditEvent) {
        let event = AuditEvent {
            sequence: self.sequence,
            id: self.id,
            occurred_at: self.occurred_at,
            event: self.event,
            actor_kind: self.actor_kind,
            actor_id: self.actor_id,
            client_address: self.client_address,
            request_id: self.request_id,
            target_kind: self.target_kind,
            target_id: self.target_id,
            details: self.details,
            previous_mac: self.previous_mac,
            mac: self.mac,
        };
        (OrgId::from_uuid(self.organization), event)
    }
}

impl Audit {
    /// All events under the filter, in the order in which they happened, page by page, so that neither memory nor a
    /// transaction is held for long. What happens meanwhile is not among them.
    ///
    /// # Errors
    /// As [`Audit::page`]; the stream has whatever the store says later.
    pub async fn export(
        &self,
        actor: &Actor,
        filter: AuditFilter,
    ) -> Result<impl Stream<Item = Result<Vec<ExportedEvent>, ServiceError>> + Send + use<>, ServiceError> {
        let newest = self.head(actor).await?.map_or(0, |event| event.sequence);
        let (store, org) = (self.foundation.store.clone(), actor.org);
        Ok(try_unfold(0, move |after| {
            let (store, filter) = (store.clone(), filter.clone());
            async move {
                let stretch = Stretch {
                    after,
                    before: newest + 1,
                };
                let mut tx = store.org(org).await?;
                let events = audit::oldest(&mut tx, &filter, stretch, PAGE).await?;
                let last = events.last().map(|event| event.sequence);
                let lines = |event| ExportedEvent::new(org, event);
                Ok(last.map(|last| (events.into_iter().map(lines).collect(), last)))
            }
        }))
    }
}
