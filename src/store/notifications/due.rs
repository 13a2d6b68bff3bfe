//! What nobody does and people should be told of: tokens that end, keys that nobody uses. Each is told once.

use crate::domain::{KeyId, OrgId, TokenId};
use crate::store::{OrgTx, StoreError, SystemTx};
use time::OffsetDateTime;

/// Tokens that end soon, and whose people were not told, at most so many.
///
/// # Errors
/// Whatever the database says.
pub async fn expiring_tokens(
    tx: &mut SystemTx,
    now: OffsetDateTime,
    most: i64,
) -> Result<Vec<(OrgId, TokenId)>, StoreError> {
    let rows = sqlx::query!(
        r#"select org_id as "org_id!", id as "id!" from system_tokens_expiring($1, $2)"#,
        now,
        most
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (OrgId::from_uuid(row.org_id), TokenId::from_uuid(row.id)))
        .collect())
}

/// Notes that a token's people are told of its end; `false` when they were before, or when it ends otherwise by now.
///
/// # Errors
/// Whatever the database says.
pub async fn mark_expiring(tx: &mut OrgTx, id: TokenId) -> Result<bool, StoreError> {
    let marked = sqlx::query!(
        "update tokens set expiry_told_for = expires_at
         where org_id = $1 and id = $2 and revoked_at is null and superseded_by is null
           and expiry_told_for is distinct from expires_at",
        tx.org.as_uuid(),
        id.as_uuid()
    )
    .execute(tx.connection())
    .await?;
    Ok(marked.rows_affected() == 1)
}

/// Keys in use that no call used since `unused_since` or no probe reached since `unprobed_since`, at most so many.
///
/// # Errors
/// Whatever the database says.
pub async fn neglected_keys(
    tx: &mut SystemTx,
    unused_since: OffsetDateTime,
    unprobed_since: OffsetDateTime,
    most: i64,
) -> Result<Vec<(OrgId, KeyId)>, StoreError> {
    let rows = sqlx::query!(
        r#"select org_id as "org_id!", id as "id!" from system_keys_neglected($1, $2, $3)"#,
        unused_since,
        unprobed_since,
        most
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (OrgId::from_uuid(row.org_id), KeyId::from_uuid(row.id)))
        .collect())
}

/// Notes that a key's people are told that it is neglected; `false` when they were since `unused_since`.
///
/// # Errors
/// Whatever the database says.
pub async fn mark_neglected(
    tx: &mut OrgTx,
    id: KeyId,
    unused_since: OffsetDateTime,
    now: OffsetDateTime,
) -> Result<bool, StoreError> {
    let marked = sqlx::query!(
        "update provider_keys set neglect_told_at = $4
         where org_id = $1 and id = $2 and is_active and deleted_at is null
           and coalesce(neglect_told_at < $3, true)",
        tx.org.as_uuid(),
        id.as_uuid(),
        unused_since,
        now
    )
    .execute(tx.connection())
    .await?;
    Ok(marked.rows_affected() == 1)
}

/// Forgets notifications that last grew, and deliveries that were made, before these times.
///
/// # Errors
/// Whatever the database says.
pub async fn forget(
    tx: &mut SystemTx,
    notifications_before: OffsetDateTime,
    deliveries_before: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!(
        "select system_forget_told($1, $2)",
        notifications_before,
        deliveries_before
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}
