//! Addresses of the organization's own that are told of what happens.

pub mod deliveries;

use super::{OrgTx, StoreError};
use crate::domain::{NotificationKind, Sealed, WebhookId};
use time::OffsetDateTime;
use uuid::Uuid;

/// An address that is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    /// Its id.
    pub id: WebhookId,
    /// Where messages go, as it was accepted.
    pub url: String,
    /// What people call it; may be empty.
    pub description: String,
    /// The kinds that it is told of; none for every kind.
    pub kinds: Vec<NotificationKind>,
    /// Whether it is told at all.
    pub is_active: bool,
    /// Until when the secret before signs too.
    pub old_secret_until: Option<OffsetDateTime>,
    /// Who made it.
    pub created_by_name: String,
    /// When.
    pub created_at: OffsetDateTime,
    /// When it was last changed.
    pub updated_at: OffsetDateTime,
    /// Grows with every change.
    pub row_version: i64,
    /// The last try of any message.
    pub last_attempt_at: Option<OffsetDateTime>,
    /// What became of the message that was tried last: `waiting`, `delivered`, `given_up`.
    pub last_status: Option<String>,
}

/// What messages are signed with.
#[derive(Clone, Debug)]
pub struct SealedSecrets {
    /// Which secret it is; part of what it is sealed for.
    pub version: i64,
    /// The secret.
    pub secret: Sealed,
    /// The one before, as long as it signs too.
    pub old: Option<Sealed>,
}

struct Stored {
    id: Uuid,
    url: String,
    description: String,
    kinds: Vec<String>,
    is_active: bool,
    old_secret_until: Option<OffsetDateTime>,
    created_by_name: String,
    created_at: OffsetDateTime,
    updated_at: OffsetDateTime,
    row_version: i64,
    last_attempt_at: Option<OffsetDateTime>,
    last_status: Option<String>,
}

impl TryFrom<Stored> for Webhook {
    type Error = StoreError;

    fn try_from(row: Stored) -> Result<Self, StoreError> {
        let kinds = row.kinds.iter().map(|kind| kind.parse());
        Ok(Self {
            id: WebhookId::from_uuid(row.id),
            url: row.url,
            description: row.description,
            kinds: kinds
                .collect::<Result<_, _>>()
                .map_err(|error| StoreError::corrupt("webhooks", &error))?,
            is_active: row.is_active,
            old_secret_until: row.old_secret_until,
            created_by_name: row.created_by_name,
            created_at: row.created_at,
            updated_at: row.updated_at,
            row_version: row.row_version,
            last_attempt_at: row.last_attempt_at,
            last_status: row.last_status,
        })
    }
}

/// Every webhook of the organization, the oldest first.
///
/// # Errors
/// Whatever the database says.
pub async fn list(tx: &mut OrgTx) -> Result<Vec<Webhook>, StoreError> {
    let rows = sqlx::query_as!(
        Stored,
        r#"select w.id, w.url, w.description, w.kinds, w.is_active, w.old_secret_until, w.created_by_name,
                  w.created_at, w.updated_at, w.row_version, d.last_attempt_at as "last_attempt_at?",
                  d.status as "last_status?"
           from webhooks w
           left join lateral (
               select last_attempt_at, status from webhook_deliveries
               where org_id = w.org_id and webhook_id = w.id and last_attempt_at is not null
               order by last_attempt_at desc limit 1
           ) d on true
           where w.org_id = $1 order by w.created_at, w.id"#,
        tx.org.as_uuid()
    )
    .fetch_all(tx.connection())
    .await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// One webhook.
///
/// # Errors
/// Whatever the database says.
pub async fn find(tx: &mut OrgTx, id: WebhookId) -> Result<Option<Webhook>, StoreError> {
    let all = list(tx).await?;
    Ok(all.into_iter().find(|webhook| webhook.id == id))
}

/// Stores a new webhook.
///
/// # Errors
/// Breaks `webhooks_one_of_each_address` when there is one with this address.
pub async fn insert(tx: &mut OrgTx, webhook: &Webhook, secret: &Sealed) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into webhooks (org_id, id, url, description, kinds, is_active, sealed_secret, created_by_name,
                               created_at, updated_at, row_version)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10)",
        tx.org.as_uuid(),
        webhook.id.as_uuid(),
        webhook.url,
        webhook.description,
        &super::notifications::words(&webhook.kinds),
        webhook.is_active,
        secret.as_bytes(),
        webhook.created_by_name,
        webhook.created_at,
        webhook.row_version
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Stores a changed webhook under its next row version; `false` when it was changed meanwhile.
///
/// # Errors
/// Breaks `webhooks_one_of_each_address` when there is another one with this address.
pub async fn update(tx: &mut OrgTx, webhook: &Webhook) -> Result<bool, StoreError> {
    let updated = sqlx::query!(
        "update webhooks set url = $3, description = $4, kinds = $5, is_active = $6, updated_at = $7, row_version = $8
         where org_id = $1 and id = $2 and row_version = $8::bigint - 1",
        tx.org.as_uuid(),
        webhook.id.as_uuid(),
        webhook.url,
        webhook.description,
        &super::notifications::words(&webhook.kinds),
        webhook.is_active,
        webhook.updated_at,
        webhook.row_version
    )
    .execute(tx.connection())
    .await?;
    Ok(updated.rows_affected() == 1)
}

/// What messages to a webhook are signed with at `now`; nobody else changes it before this transaction ends.
///
/// # Errors
/// Whatever the database says.
pub async fn secrets(tx: &mut OrgTx, id: WebhookId, now: OffsetDateTime) -> Result<Option<SealedSecrets>, StoreError> {
    let row = sqlx::query!(
        "select secret_version, sealed_secret,
                case when old_secret_until > $3 then sealed_old_secret end as sealed_old_secret
         from webhooks where org_id = $1 and id = $2 for share",
        tx.org.as_uuid(),
        id.as_uuid(),
        now
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(row.map(|row| SealedSecrets {
        version: row.secret_version,
        secret: Sealed::from_bytes(row.sealed_secret),
        old: row.sealed_old_secret.map(Sealed::from_bytes),
    }))
}

/// Puts a new secret in the place of the current one, which signs until `old_until` if that is given; `false` when
/// another took its place meanwhile.
///
/// # Errors
/// Whatever the database says.
pub async fn rotate(
    tx: &mut OrgTx,
    id: WebhookId,
    version: i64,
    secret: &Sealed,
    old_until: Option<OffsetDateTime>,
    now: OffsetDateTime,
) -> Result<bool, StoreError> {
    let rotated = sqlx::query!(
        "update webhooks
         set sealed_old_secret = case when $5::timestamptz is null then null else sealed_secret end,
             old_secret_until = $5, sealed_secret = $4, secret_version = $3, updated_at = $6,
             row_version = row_version + 1
         where org_id = $1 and id = $2 and secret_version = $3::bigint - 1",
        tx.org.as_uuid(),
        id.as_uuid(),
        version,
        secret.as_bytes(),
        old_until,
        now
    )
    .execute(tx.connection())
    .await?;
    Ok(rotated.rows_affected() == 1)
}

/// Deletes a webhook and the log of its deliveries; whether it was there.
///
/// # Errors
/// Whatever the database says.
pub async fn delete(tx: &mut OrgTx, id: WebhookId) -> Result<bool, StoreError> {
    let deleted = sqlx::query!(
        "delete from webhooks where org_id = $1 and id = $2",
        tx.org.as_uuid(),
        id.as_uuid()
    )
    .execute(tx.connection())
    .await?;
    Ok(deleted.rows_affected() == 1)
}
