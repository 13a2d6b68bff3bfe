//! The audit trail: appended to, never changed, chained per organization.

mod names;

pub use names::{KeyOnTrail, ProjectOnTrail, actors, keys_named, people_named, projects_named, tokens_named};

use super::{OrgTx, StoreError, SystemTx};
use crate::domain::OrgId;
use serde_json::Value;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

/// Releases before this one took an event's time before its place, from the clock of each server, so that neighbours may
/// stand in another order than their times. Never by more than this.
const OUT_OF_ORDER: Duration = Duration::MINUTE;

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
    /// When the last event happened; `None` when there is none.
    pub occurred_at: Option<OffsetDateTime>,
}

/// An organization, and the end of its chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrganizationHead {
    /// The organization.
    pub org: OrgId,
    /// Its name.
    pub name: String,
    /// The last event's place and MAC; `None` when there is no event.
    pub end: Option<(i64, [u8; 32])>,
}

/// A stretch of a chain: the places behind `after` and before `before`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// It begins behind this place.
    pub after: i64,
    /// It ends before this place.
    pub before: i64,
}

impl Stretch {
    /// All of a chain.
    pub const WHOLE: Self = Self {
        after: 0,
        before: i64::MAX,
    };

    /// What both have in common.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            after: self.after.max(other.after),
            before: self.before.min(other.before),
        }
    }

    const fn is_empty(self) -> bool {
        self.after.saturating_add(1) >= self.before
    }
}

/// The end of the chain, held until this transaction ends, so that no event comes in between.
///
/// # Errors
/// Whatever the database says.
pub async fn lock_head(tx: &mut OrgTx) -> Result<ChainHead, StoreError> {
    tx.hold_chain();
    let row = sqlx::query!(
        r#"select sequence as "sequence!", mac as "mac!", occurred_at as "occurred_at!" from lock_audit_head($1)"#,
        tx.org.as_uuid()
    )
    .fetch_optional(tx.connection())
    .await?;
    let Some(row) = row else {
        return Ok(ChainHead {
            sequence: 0,
            mac: [0; 32],
            occurred_at: None,
        });
    };
    Ok(ChainHead {
        sequence: row.sequence,
        mac: read_mac(row.mac)?,
        occurred_at: Some(row.occurred_at),
    })
}

/// The end of every organization's chain, by the organizations' names.
///
/// # Errors
/// Whatever the database says.
pub async fn heads(tx: &mut SystemTx) -> Result<Vec<OrganizationHead>, StoreError> {
    let rows = sqlx::query!(r#"select org_id as "org_id!", name as "name!", sequence, mac from system_audit_heads()"#)
        .fetch_all(tx.connection())
        .await?;
    rows.into_iter()
        .map(|row| {
            Ok(OrganizationHead {
                org: OrgId::from_uuid(row.org_id),
                name: row.name,
                end: match row.sequence.zip(row.mac) {
                    Some((sequence, mac)) => Some((sequence, read_mac(mac)?)),
                    None => None,
                },
            })
        })
        .collect()
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

/// The events of a stretch under a filter; the literal says in which order.
macro_rules! wanted_events {
    ($tx:ident, $filter:ident, $stretch:ident, $limit:ident, $order:literal) => {
        sqlx::query_as!(
            EventRow,
            "select sequence, id, occurred_at, event, actor_kind, actor_id, client_address, request_id,
                    target_kind, target_id, details, previous_mac, mac
             from audit_events
             where org_id = $1 and sequence > $2 and sequence < $3
               and ($5::text is null or event = $5)
               and ($6::uuid is null or actor_id = $6)
               and ($7::text is null or target_id = $7)
               and ($8::timestamptz is null or occurred_at >= $8)
               and ($9::timestamptz is null or occurred_at < $9) "
                + $order
                + " limit $4",
            $tx.org.as_uuid(),
            $stretch.after,
            $stretch.before,
            $limit,
            $filter.event,
            $filter.actor,
            $filter.target,
            $filter.from,
            $filter.to
        )
    };
}

/// The events of the stretch under the filter, at most `limit`, the newest first.
///
/// # Errors
/// Whatever the database says.
pub async fn newest(
    tx: &mut OrgTx,
    filter: &AuditFilter,
    stretch: Stretch,
    limit: i64,
) -> Result<Vec<AuditEvent>, StoreError> {
    let stretch = narrowed(tx, filter, stretch).await?;
    if stretch.is_empty() {
        return Ok(Vec::new());
    }
    let rows = wanted_events!(tx, filter, stretch, limit, "order by sequence desc");
    let rows = rows.fetch_all(tx.connection()).await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// The events of the stretch under the filter, at most `limit`, the oldest first.
///
/// # Errors
/// Whatever the database says.
pub async fn oldest(
    tx: &mut OrgTx,
    filter: &AuditFilter,
    stretch: Stretch,
    limit: i64,
) -> Result<Vec<AuditEvent>, StoreError> {
    let stretch = narrowed(tx, filter, stretch).await?;
    if stretch.is_empty() {
        return Ok(Vec::new());
    }
    let rows = wanted_events!(tx, filter, stretch, limit, "order by sequence");
    let rows = rows.fetch_all(tx.connection()).await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// The part of the stretch that the filter's times leave, as places: so that however old the times are, no more is read
/// than what lies between them. Makes the database plan this transaction's queries for their values, because which index
/// is right depends on what the filter asks.
async fn narrowed(tx: &mut OrgTx, filter: &AuditFilter, stretch: Stretch) -> Result<Stretch, StoreError> {
    sqlx::query("set local plan_cache_mode = force_custom_plan")
        .execute(tx.connection())
        .await?;
    if filter.from.is_none() && filter.to.is_none() {
        return Ok(stretch);
    }
    let ends = sqlx::query!(
        "select
            (select sequence from audit_events where org_id = $1 and occurred_at < $2
             order by occurred_at desc limit 1) as after,
            (select sequence from audit_events where org_id = $1 and occurred_at >= $3
             order by occurred_at limit 1) as before",
        tx.org.as_uuid(),
        filter.from.map(|from| from.saturating_sub(OUT_OF_ORDER)),
        filter.to.map(|to| to.saturating_add(OUT_OF_ORDER))
    )
    .fetch_one(tx.connection())
    .await?;
    Ok(stretch.and(Stretch {
        after: ends.after.unwrap_or(Stretch::WHOLE.after),
        before: ends.before.unwrap_or(Stretch::WHOLE.before),
    }))
}

/// The event at this place of the chain.
///
/// # Errors
/// Whatever the database says.
pub async fn find(tx: &mut OrgTx, sequence: i64) -> Result<Option<AuditEvent>, StoreError> {
    let at = Stretch {
        after: sequence.saturating_sub(1),
        before: sequence.saturating_add(1),
    };
    Ok(oldest(tx, &AuditFilter::default(), at, 1).await?.pop())
}

fn read_mac(bytes: Vec<u8>) -> Result<[u8; 32], StoreError> {
    bytes
        .try_into()
        .map_err(|_| StoreError::corrupt("audit_events", "a MAC of another length"))
}
