//! Who did what.

pub(super) mod export;
mod filter;
pub(super) mod get;
pub(super) mod head;
pub(super) mod list;
pub(super) mod verify;

use super::moment::Moment;
use crate::service::audit::{AuditEvent, ExportedHead};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

/// Where the trail stands.
const COLLECTION: &str = "/api/v1/audit-events";
/// Where one event stands.
const ITEM: &str = "/api/v1/audit-events/{sequence}";
/// What every operation on the trail takes.
const WHOLE_ORGANIZATION: &str = "It takes a token of the whole organization: the trail is the organization's.";

/// Something that happened.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditEvent)]
struct EventBody {
    id: Uuid,
    /// Its place on the organization's trail, from 1.
    sequence: i64,
    occurred_at: Moment,
    #[schema(example = "key.replaced")]
    event: String,
    /// `user`, `token`, `command_line`, `system`
    #[schema(example = "user")]
    actor_kind: String,
    /// The person or the token; null for the command line and the server itself.
    actor_id: Option<Uuid>,
    client_address: Option<String>,
    request_id: Uuid,
    /// What kind of thing it was done to.
    #[schema(example = "provider_key")]
    target_kind: String,
    target_id: String,
    /// What changed; never a secret.
    #[schema(value_type = Object)]
    details: Value,
}

impl From<AuditEvent> for EventBody {
    fn from(event: AuditEvent) -> Self {
        Self {
            id: event.id,
            sequence: event.sequence,
            occurred_at: event.occurred_at.into(),
            event: event.event,
            actor_kind: event.actor_kind,
            actor_id: event.actor_id,
            client_address: event.client_address,
            request_id: event.request_id,
            target_kind: event.target_kind,
            target_id: event.target_id,
            details: event.details,
        }
    }
}

/// The end of an organization's chain at a time, signed by this deployment. As a line of a file it is what
/// `latchkey audit verify` compares a chain with.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditHead)]
struct HeadBody {
    organization: Uuid,
    /// The last event's place.
    sequence: i64,
    /// The last event's code, in hexadecimal.
    mac: String,
    /// To the nanosecond, because the signature is over it.
    #[schema(format = DateTime, example = "2026-11-21T14:02:07.310482Z")]
    exported_at: String,
    /// The code over all of this, in hexadecimal.
    signature: String,
}

impl From<ExportedHead> for HeadBody {
    fn from(head: ExportedHead) -> Self {
        Self {
            organization: head.organization.as_uuid(),
            sequence: head.sequence,
            mac: hex::encode(head.mac),
            exported_at: head.time_as_signed(),
            signature: hex::encode(head.signature),
        }
    }
}
