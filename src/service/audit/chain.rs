//! What binds an event: the code over all its fields and the code of the event before.

use super::AuditEvent;
use crate::domain::OrgId;
use crate::vault::HmacKey;
use time::UtcOffset;
use time::format_description::well_known::Rfc3339;

/// The event's code under the deployment's audit root.
pub(super) fn mac(key: &HmacKey, org: OrgId, event: &AuditEvent) -> [u8; 32] {
    let parts = message(org, event);
    key.mac(&slices(&parts))
}

/// Whether the event stands as it was written, behind an event with the code that it names.
pub(super) fn is_intact(key: &HmacKey, org: OrgId, event: &AuditEvent) -> bool {
    let parts = message(org, event);
    key.verify(&slices(&parts), &event.mac)
}

/// All fields of an event, in a fixed order. JSON objects are written with sorted keys, as
/// `serde_json` keeps them, whatever order Postgres gives them back in.
fn message(org: OrgId, event: &AuditEvent) -> Vec<Vec<u8>> {
    let occurred_at = event
        .occurred_at
        .to_offset(UtcOffset::UTC)
        .format(&Rfc3339)
        .unwrap_or_default();
    let parts = [
        org.to_string(),
        event.sequence.to_string(),
        event.id.to_string(),
        occurred_at,
        event.event.clone(),
        event.actor_kind.clone(),
        event.actor_id.map(|id| id.to_string()).unwrap_or_default(),
        event.client_address.clone().unwrap_or_default(),
        event.request_id.to_string(),
        event.target_kind.clone(),
        event.target_id.clone(),
        event.details.to_string(),
    ];
    let mut parts: Vec<Vec<u8>> = parts.into_iter().map(String::into_bytes).collect();
    parts.push(event.previous_mac.to_vec());
    parts
}

fn slices(parts: &[Vec<u8>]) -> Vec<&[u8]> {
    parts.iter().map(Vec::as_slice).collect()
}
