//! The audit trail: appended to, never changed, chained per organization.

use super::{OrgTx, StoreError};
use serde_json::Value;
use time::OffsetDateTime;
use uuid::Uuid;

/// One event, chained to the one before.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditEvent {
    /// Its place in the organization's chain, from 1.
    pub sequence: i64,
    /// The event's own id.
    pub id: Uuid,
    /// When it happened.
    pub occurred_at: OffsetDateTime,
    /// What happened: `key.saved`, …
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
    /// The MAC of the event before; zeros for the first.
    pub previous_mac: [u8; 32],
    /// This event's own MAC.
    pub mac: [u8; 32],
}

/// Which events to look for; `None` looks for any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// What happened: `key.replaced`, …
    pub event: Option<String>,
    /// Who did it.
    pub actor: Option<Uuid>,
    /// What it was done to.
    pub target: Option<String>,
    /// Not before.
    pub from: Option<OffsetDateTime>,
    /// Before.
    pub to: Option<OffsetDateTime>,
}

struct EventRow {
    sequence: i64,
    id: Uuid,
    occurred_at: OffsetDateTime,
    event: String,
    actor_kind: String,
    actor_id: Option<Uuid>,
    client_address: Option<String>,
    request_id: Uuid,
    target_kind: String,
    target_id: String,
    details: Value,
    previous_mac: Vec<u8>,
    mac: Vec<u8>,
}

impl TryFrom<EventRow> for AuditEvent {
    type Error = StoreError;

    fn try_from(row: EventRow) -> Result<Self, StoreError> {
        Ok(Self {
            sequence: row.sequence,
            id: row.id,
            occurred_at: row.occurred_at,
            event: row.event,
            actor_kind: row.actor_kind,
            actor_id: row.actor_id,
            client_address: row.client_address,
            request_id: row.request_id,
            target_kind: row.target_kind,
            target_id: row.target_id,
            details: row.details,
            previous_mac: read_mac(row.previous_mac)?,
            mac: read_mac(row.mac)?,
        })
    }
}

/// The end of an organization's chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChainHead {
    /// The last event's place; 0 when there is none.
    pub sequence: i64,
    /// The last event's MAC; zeros when there is none.
    pub mac: [u8; 32],
}

/// The end of the chain, held until this transaction ends, so that no event comes in between.
///
/// # Errors
/// Whatever the database says.
pub async fn lock_head(tx: &mut OrgTx) -> Result<ChainHead, StoreError> {
    sqlx::query("select pg_advisory_xact_lock(hashtextextended('latchkey audit ' || $1, 0))")
        .bind(tx.org.to_string())
        .execute(tx.connection())
        .await?;
    let row = sqlx::query!(
        "select sequence, mac from audit_events where org_id = $1 order by sequence desc limit 1",
        tx.org.as_uuid()
    )
    .fetch_optional(tx.connection())
    .await?;
    row.map_or(
        Ok(ChainHead {
            sequence: 0,
            mac: [0; 32],
        }),
        |row| {
            Ok(ChainHead {
                sequence: row.sequence,
                mac: read_mac(row.mac)?,
            })
        },
    )
}

/// Appends an event. Whatever is changed is audited in its own transaction, so that this is where a change is noted.
///
/// # Errors
/// Whatever the database says.
pub async fn append(tx: &mut OrgTx, event: &AuditEvent) -> Result<(), StoreError> {
    tx.mark_change();
    sqlx::query!(
        "insert into audit_events (org_id, sequence, id, occurred_at, event, actor_kind, actor_id,
                                   client_address, request_id, target_kind, target_id, details,
                                   previous_mac, mac)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        tx.org.as_uuid(),
        event.sequence,
        event.id,
        event.occurred_at,
        event.event,
        event.actor_kind,
        event.actor_id,
        event.client_address,
        event.request_id,
        event.target_kind,
        event.target_id,
        event.details,
        event.previous_mac.as_slice(),
        event.mac.as_slice()
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// The events behind place `after`, at most `limit`, in order.
///
/// # Errors
/// Whatever the database says.
pub async fn list(tx: &mut OrgTx, after: i64, limit: i64) -> Result<Vec<AuditEvent>, StoreError> {
    let rows = sqlx::query_as!(
        EventRow,
        "select sequence, id, occurred_at, event, actor_kind, actor_id, client_address, request_id,
                target_kind, target_id, details, previous_mac, mac
         from audit_events where org_id = $1 and sequence > $2 order by sequence limit $3",
        tx.org.as_uuid(),
        after,
        limit
    )
    .fetch_all(tx.connection())
    .await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// The events under the filter before place `before`, at most `limit`, the newest first.
///
/// # Errors
/// Whatever the database says.
pub async fn recent(
    tx: &mut OrgTx,
    filter: &AuditFilter,
    before: i64,
    limit: i64,
) -> Result<Vec<AuditEvent>, StoreError> {
    let rows = sqlx::query_as!(
        EventRow,
        "select sequence, id, occurred_at, event, actor_kind, actor_id, client_address, request_id,
                target_kind, target_id, details, previous_mac, mac
         from audit_events
         where org_id = $1 and sequence < $2
           and ($4::text is null or event = $4)
           and ($5::uuid is null or actor_id = $5)
           and ($6::text is null or target_id = $6)
           and ($7::timestamptz is null or occurred_at >= $7)
           and ($8::timestamptz is null or occurred_at < $8)
         order by sequence desc limit $3",
        tx.org.as_uuid(),
        before,
        limit,
        filter.event,
        filter.actor,
        filter.target,
        filter.from,
        filter.to
    )
    .fetch_all(tx.connection())
    .await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

fn read_mac(bytes: Vec<u8>) -> Result<[u8; 32], StoreError> {
    bytes
        .try_into()
        .map_err(|_| StoreError::corrupt("audit_events", "a MAC of another length"))
}
