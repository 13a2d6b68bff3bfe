//! Messages to webhooks, and every try to deliver them.

use crate::domain::{DeliveryId, WebhookId};
use crate::store::{OrgTx, StoreError};
use time::OffsetDateTime;
use uuid::Uuid;

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryStatus {
    /// It is tried at the time that is planned.
    Waiting,
    /// The receiver took it.
    Delivered,
    /// It is not tried again.
    GivenUp,
}

impl DeliveryStatus {
    /// The status as the API and the database write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Delivered => "delivered",
            Self::GivenUp => "given_up",
        }
    }

    fn read(text: &str) -> Result<Self, StoreError> {
        [Self::Waiting, Self::Delivered, Self::GivenUp]
            .into_iter()
            .find(|status| status.as_str() == text)
            .ok_or_else(|| StoreError::corrupt("webhook_deliveries", "an unknown status"))
    }
}

/// A message to a webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// The delivery's id.
    pub id: DeliveryId,
    /// Where it goes.
    pub webhook: WebhookId,
    /// The message's id, the same on every try.
    pub message_id: String,
    /// What it tells of: `key.unhealthy`, …
    pub kind: String,
    /// What is sent, to the byte.
    pub payload: String,
    /// When it was made.
    pub created_at: OffsetDateTime,
    /// What became of it.
    pub status: DeliveryStatus,
    /// When it is tried next.
    pub next_attempt_at: Option<OffsetDateTime>,
}

/// A try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// When.
    pub at: OffsetDateTime,
    /// How long it took.
    pub milliseconds: i32,
    /// The receiver's status; none when there was no answer.
    pub status: Option<i32>,
    /// The beginning of its answer, or why there is none.
    pub answer: String,
}

struct Row {
    id: Uuid,
    webhook_id: Uuid,
    message_id: String,
    kind: String,
    payload: String,
    created_at: OffsetDateTime,
    status: String,
    next_attempt_at: Option<OffsetDateTime>,
}

impl TryFrom<Row> for Delivery {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: DeliveryId::from_uuid(row.id),
            webhook: WebhookId::from_uuid(row.webhook_id),
            message_id: row.message_id,
            kind: row.kind,
            payload: row.payload,
            created_at: row.created_at,
            status: DeliveryStatus::read(&row.status)?,
            next_attempt_at: row.next_attempt_at,
        })
    }
}

/// Stores a message that is to be delivered; whether it is new for its webhook.
///
/// # Errors
/// Whatever the database says.
pub async fn insert(tx: &mut OrgTx, delivery: &Delivery) -> Result<bool, StoreError> {
    let inserted = sqlx::query!(
        "insert into webhook_deliveries (org_id, id, webhook_id, message_id, kind, payload, created_at, status,
                                         next_attempt_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         on conflict (org_id, webhook_id, message_id) do nothing",
        tx.org.as_uuid(),
        delivery.id.as_uuid(),
        delivery.webhook.as_uuid(),
        delivery.message_id,
        delivery.kind,
        delivery.payload,
        delivery.created_at,
        delivery.status.as_str(),
        delivery.next_attempt_at
    )
    .execute(tx.connection())
    .await?;
    Ok(inserted.rows_affected() == 1)
}

/// One message.
///
/// # Errors
/// Whatever the database says.
pub async fn find(tx: &mut OrgTx, id: DeliveryId) -> Result<Option<Delivery>, StoreError> {
    let row = sqlx::query_as!(
        Row,
        "select id, webhook_id, message_id, kind, payload, created_at, status, next_attempt_at
         from webhook_deliveries where org_id = $1 and id = $2",
        tx.org.as_uuid(),
        id.as_uuid()
    )
    .fetch_optional(tx.connection())
    .await?;
    row.map(TryInto::try_into).transpose()
}

/// A webhook's messages before a place, at most `limit`, the newest first.
///
/// # Errors
/// Whatever the database says.
pub async fn list(
    tx: &mut OrgTx,
    webhook: WebhookId,
    before: Option<(OffsetDateTime, DeliveryId)>,
    limit: i64,
) -> Result<Vec<Delivery>, StoreError> {
    let rows = sqlx::query_as!(
        Row,
        "select id, webhook_id, message_id, kind, payload, created_at, status, next_attempt_at
         from webhook_deliveries
         where org_id = $1 and webhook_id = $2 and ($3::timestamptz is null or (created_at, id) < ($3, $4))
         order by created_at desc, id desc limit $5",
        tx.org.as_uuid(),
        webhook.as_uuid(),
        before.map(|(at, _)| at),
        before.map_or(Uuid::nil(), |(_, id)| id.as_uuid()),
        limit
    )
    .fetch_all(tx.connection())
    .await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// Every try of these messages, with whose it is, the newest first.
///
/// # Errors
/// Whatever the database says.
pub async fn attempts(tx: &mut OrgTx, of: &[DeliveryId]) -> Result<Vec<(DeliveryId, Attempt)>, StoreError> {
    let of: Vec<Uuid> = of.iter().map(DeliveryId::as_uuid).collect();
    let rows = sqlx::query!(
        "select delivery_id, at, milliseconds, status, answer
         from webhook_attempts where org_id = $1 and delivery_id = any($2) order by number desc",
        tx.org.as_uuid(),
        &of
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let attempt = Attempt {
                at: row.at,
                milliseconds: row.milliseconds,
                status: row.status,
                answer: row.answer,
            };
            (DeliveryId::from_uuid(row.delivery_id), attempt)
        })
        .collect())
}

/// Writes a try into the log, under the next number, and what follows from it.
///
/// # Errors
/// Whatever the database says.
pub async fn record(
    tx: &mut OrgTx,
    id: DeliveryId,
    attempt: &Attempt,
    status: DeliveryStatus,
    next_attempt_at: Option<OffsetDateTime>,
) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into webhook_attempts (org_id, delivery_id, number, at, milliseconds, status, answer)
         select $1, $2, coalesce(max(number), 0) + 1, $3, $4, $5, $6
         from webhook_attempts where org_id = $1 and delivery_id = $2",
        tx.org.as_uuid(),
        id.as_uuid(),
        attempt.at,
        attempt.milliseconds,
        attempt.status,
        attempt.answer
    )
    .execute(tx.connection())
    .await?;
    sqlx::query!(
        "update webhook_deliveries set status = $3, next_attempt_at = $4, last_attempt_at = $5
         where org_id = $1 and id = $2",
        tx.org.as_uuid(),
        id.as_uuid(),
        status.as_str(),
        next_attempt_at,
        attempt.at
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Decides what becomes of a message.
///
/// # Errors
/// Whatever the database says.
pub async fn plan(
    tx: &mut OrgTx,
    id: DeliveryId,
    status: DeliveryStatus,
    next_attempt_at: Option<OffsetDateTime>,
) -> Result<(), StoreError> {
    sqlx::query!(
        "update webhook_deliveries set status = $3, next_attempt_at = $4 where org_id = $1 and id = $2",
        tx.org.as_uuid(),
        id.as_uuid(),
        status.as_str(),
        next_attempt_at
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}
