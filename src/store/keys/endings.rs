//! Keys whose time is over: rotated out, or deleted long ago.

use crate::domain::{KeyId, OrgId};
use crate::store::{OrgTx, StoreError, SystemTx};
use time::{Duration, OffsetDateTime};

/// Keys that were rotated out and are to go, at most so many, the longest due first.
///
/// # Errors
/// Whatever the database says.
pub async fn due_to_retire(
    tx: &mut SystemTx,
    now: OffsetDateTime,
    most: i64,
) -> Result<Vec<(OrgId, KeyId)>, StoreError> {
    let rows = sqlx::query!(
        r#"select org_id as "org_id!", id as "id!" from system_keys_due_to_retire($1, $2)"#,
        now,
        most
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (OrgId::from_uuid(row.org_id), KeyId::from_uuid(row.id)))
        .collect())
}

/// Keys that were deleted so long ago, by this clock and by the database's, at most so many, the oldest first.
///
/// # Errors
/// Whatever the database says.
pub async fn due_for_purge(
    tx: &mut SystemTx,
    now: OffsetDateTime,
    retention: Duration,
    most: i64,
) -> Result<Vec<(OrgId, KeyId)>, StoreError> {
    let rows = sqlx::query!(
        r#"select org_id as "org_id!", id as "id!"
           from system_keys_due_for_purge($1, make_interval(secs => $2), $3)"#,
        now,
        retention.as_seconds_f64(),
        most
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (OrgId::from_uuid(row.org_id), KeyId::from_uuid(row.id)))
        .collect())
}

/// Erases the secret of a key that was deleted before `deleted_before`, wrapped data key and ciphertext, and all that
/// was made from it; `false` when there is none any more, or the key was not deleted by then.
///
/// # Errors
/// Whatever the database says.
pub async fn purge(
    tx: &mut OrgTx,
    id: KeyId,
    deleted_before: OffsetDateTime,
    now: OffsetDateTime,
) -> Result<bool, StoreError> {
    let done = sqlx::query!(
        "update provider_keys set
            purged_at = $3, updated_at = $3, row_version = row_version + 1, sealed = null, fingerprint = null,
            redacted = '', health_reason = null, health_message = null, checked_at = null, retry_at = null,
            probe_at = null
         where org_id = $1 and id = $2 and deleted_at <= $4 and purged_at is null",
        tx.org.as_uuid(),
        id.as_uuid(),
        now,
        deleted_before
    )
    .execute(tx.connection())
    .await?;
    Ok(done.rows_affected() == 1)
}
