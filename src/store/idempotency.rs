//! Requests that may be repeated with the same `Idempotency-Key`.

use super::{OrgTx, StoreError};
use crate::domain::Sealed;
use time::OffsetDateTime;

/// A request seen before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRequest {
    /// The keyed hash of method, path and body.
    pub request_mac: Vec<u8>,
    /// What was answered; `None` while it is still being worked on.
    pub reply: Option<StoredReply>,
    /// When it began.
    pub created_at: OffsetDateTime,
}

/// An answer to be given again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredReply {
    /// The HTTP status.
    pub status: u16,
    /// The sealed body: it may hold a token that is shown once.
    pub sealed: Sealed,
}

/// Claims `key` for a new request; `false` when it is taken.
///
/// # Errors
/// Whatever the database says.
pub async fn claim(
    tx: &mut OrgTx,
    actor: &str,
    key: &str,
    request_mac: &[u8; 32],
    now: OffsetDateTime,
) -> Result<bool, StoreError> {
    let done = sqlx::query!(
        "insert into idempotent_requests (org_id, actor, key, request_mac, created_at)
         values ($1, $2, $3, $4, $5) on conflict do nothing",
        tx.org.as_uuid(),
        actor,
        key,
        request_mac.as_slice(),
        now
    )
    .execute(tx.connection())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// What was seen under `key`.
///
/// # Errors
/// Whatever the database says.
pub async fn find(tx: &mut OrgTx, actor: &str, key: &str) -> Result<Option<StoredRequest>, StoreError> {
    let row = sqlx::query!(
        "select request_mac, status, sealed_reply, created_at from idempotent_requests
         where org_id = $1 and actor = $2 and key = $3",
        tx.org.as_uuid(),
        actor,
        key
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(row.map(|row| StoredRequest {
        request_mac: row.request_mac,
        reply: row.status.zip(row.sealed_reply).map(|(status, sealed)| StoredReply {
            status: u16::try_from(status).unwrap_or(500),
            sealed: Sealed::from_bytes(sealed),
        }),
        created_at: row.created_at,
    }))
}

/// Remembers the answer.
///
/// # Errors
/// Whatever the database says.
pub async fn finish(tx: &mut OrgTx, actor: &str, key: &str, reply: &StoredReply) -> Result<(), StoreError> {
    sqlx::query!(
        "update idempotent_requests set status = $4, sealed_reply = $5
         where org_id = $1 and actor = $2 and key = $3",
        tx.org.as_uuid(),
        actor,
        key,
        i16::try_from(reply.status).unwrap_or(500),
        reply.sealed.as_bytes()
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Gives `key` free again.
///
/// # Errors
/// Whatever the database says.
pub async fn release(tx: &mut OrgTx, actor: &str, key: &str) -> Result<(), StoreError> {
    sqlx::query!(
        "delete from idempotent_requests where org_id = $1 and actor = $2 and key = $3",
        tx.org.as_uuid(),
        actor,
        key
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Forgets the organization's requests that began before `finished_before`, and unfinished ones
/// that began before `unfinished_before`.
///
/// # Errors
/// Whatever the database says.
pub async fn release_stale(
    tx: &mut OrgTx,
    finished_before: OffsetDateTime,
    unfinished_before: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!(
        "delete from idempotent_requests
         where org_id = $1 and (created_at < $2 or (status is null and created_at < $3))",
        tx.org.as_uuid(),
        finished_before,
        unfinished_before
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}
