//! Provider keys: what is known of them. Their sealed secrets are in [`secrets`], their ends in [`endings`].

pub mod endings;
mod row;
pub mod secrets;

pub(super) use row::{read_provider, read_reason};

use super::{OrgTx, StoreError};
use crate::domain::{
    Fallback, Fingerprint, Health, HealthReason, KeyId, NextProbe, ProjectId, ProviderKey, ProviderSlug, Sealed,
};
use row::{KeyRow, read, read_all, select_keys};
use time::OffsetDateTime;

/// A secret on its way into its row.
#[derive(Clone, Copy, Debug)]
pub struct NewSecret<'a> {
    /// The secret.
    pub sealed: &'a Sealed,
    /// What tells that another one is the same.
    pub fingerprint: Fingerprint,
}

/// The project's keys, those deleted since `deleted_since` among them, by provider and place.
///
/// # Errors
/// Whatever the database says.
pub async fn list(
    tx: &mut OrgTx,
    project: ProjectId,
    deleted_since: OffsetDateTime,
) -> Result<Vec<ProviderKey>, StoreError> {
    let rows = select_keys!(
        "where org_id = $1 and project_id = $2 and (deleted_at is null or deleted_at > $3) and purged_at is null
         order by provider, position, created_at, id",
        tx.org.as_uuid(),
        project.as_uuid(),
        deleted_since
    )
    .fetch_all(tx.connection())
    .await?;
    read_all(rows)
}

/// One key of the project, deleted or not.
///
/// # Errors
/// Whatever the database says.
pub async fn find(tx: &mut OrgTx, project: ProjectId, id: KeyId) -> Result<Option<ProviderKey>, StoreError> {
    let row = select_keys!(
        "where org_id = $1 and project_id = $2 and id = $3",
        tx.org.as_uuid(),
        project.as_uuid(),
        id.as_uuid()
    )
    .fetch_optional(tx.connection())
    .await?;
    read(row)
}

/// One key of the organization that was not purged, whatever its project.
///
/// # Errors
/// Whatever the database says.
pub async fn find_anywhere(tx: &mut OrgTx, id: KeyId) -> Result<Option<ProviderKey>, StoreError> {
    let row = select_keys!(
        "where org_id = $1 and id = $2 and purged_at is null",
        tx.org.as_uuid(),
        id.as_uuid()
    )
    .fetch_optional(tx.connection())
    .await?;
    read(row)
}

/// The provider's default key in the project.
///
/// # Errors
/// Whatever the database says.
pub async fn find_default(
    tx: &mut OrgTx,
    project: ProjectId,
    provider: &ProviderSlug,
) -> Result<Option<ProviderKey>, StoreError> {
    let row = select_keys!(
        "where org_id = $1 and project_id = $2 and provider = $3 and is_default",
        tx.org.as_uuid(),
        project.as_uuid(),
        provider.as_str()
    )
    .fetch_optional(tx.connection())
    .await?;
    read(row)
}

/// The key that `successor` took over from, while it has not retired.
///
/// # Errors
/// Whatever the database says.
pub async fn find_predecessor(
    tx: &mut OrgTx,
    successor: KeyId,
    now: OffsetDateTime,
) -> Result<Option<ProviderKey>, StoreError> {
    let row = select_keys!(
        "where org_id = $1 and superseded_by = $2 and retires_at > $3 and deleted_at is null
         order by retires_at desc limit 1",
        tx.org.as_uuid(),
        successor.as_uuid(),
        now
    )
    .fetch_optional(tx.connection())
    .await?;
    read(row)
}

/// The provider's keys in the project, deleted ones among them that were not purged, in order. Until this transaction
/// ends nobody else changes one, adds one, or looks in this way.
///
/// # Errors
/// Whatever the database says.
pub async fn lock_siblings(
    tx: &mut OrgTx,
    project: ProjectId,
    provider: &ProviderSlug,
) -> Result<Vec<ProviderKey>, StoreError> {
    sqlx::query!(
        r#"select pg_advisory_xact_lock(hashtextextended('latchkey keys ' || $1 || ' ' || $2, 0))::text as "locked""#,
        project.to_string(),
        provider.as_str()
    )
    .fetch_one(tx.connection())
    .await?;
    // In the order in which whoever notes the last use locks them too, or two would wait for each other.
    let rows = select_keys!(
        "where org_id = $1 and project_id = $2 and provider = $3 and purged_at is null
         order by id for no key update",
        tx.org.as_uuid(),
        project.as_uuid(),
        provider.as_str()
    )
    .fetch_all(tx.connection())
    .await?;
    let mut keys = read_all(rows)?;
    keys.sort_by_key(|key| (key.position, key.created_at, key.id));
    Ok(keys)
}

/// Stores a new key.
///
/// # Errors
/// Breaks `provider_keys_one_default` when another default got there first, and `provider_keys_name_is_free`.
pub async fn insert(
    tx: &mut OrgTx,
    key: &ProviderKey,
    secret: NewSecret<'_>,
    probe: &NextProbe,
) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into provider_keys (
            org_id, project_id, id, provider, name, is_default, is_active, sealed, fingerprint, redacted,
            endpoint, api_version, secret_version, row_version, health_reason, health_message,
            checked_at, retry_at, on_missing, on_failure, added_by, added_by_name, created_at, updated_at, position,
            probe_at, probe_attempts)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
                 $19, $20, $21, $22, $23, $24, $25, $26, $27)",
        tx.org.as_uuid(),
        key.project.as_uuid(),
        key.id.as_uuid(),
        key.provider.as_str(),
        key.name,
        key.is_default,
        key.is_active,
        secret.sealed.as_bytes(),
        secret.fingerprint.as_bytes(),
        key.redacted,
        key.endpoint.as_str(),
        key.api_version,
        key.secret_version,
        key.row_version,
        key.health.reason.map(HealthReason::as_str),
        key.health.message,
        key.health.checked_at,
        key.health.retry_at,
        key.fallback.on_missing.map(Fallback::as_str),
        key.fallback.on_failure.map(Fallback::as_str),
        key.added_by.map(|user| user.as_uuid()),
        key.added_by_name,
        key.created_at,
        key.updated_at,
        key.position,
        probe.at,
        probe.failures
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Stores a key's configuration, if it is still at the row version before (`key.row_version - 1`); `false` when it is
/// not. Secret and health stay as they are.
///
/// # Errors
/// Breaks `provider_keys_one_default` and `provider_keys_name_is_free`.
pub async fn update(tx: &mut OrgTx, key: &ProviderKey) -> Result<bool, StoreError> {
    let done = sqlx::query!(
        "update provider_keys set
            row_version = $3, name = $4, is_default = $5, is_active = $6, deleted_at = $7, updated_at = $8,
            on_missing = $9, on_failure = $10, position = $11, retires_at = $12, superseded_by = $13,
            name_before = $14, rotation_undone_at = $15
         where org_id = $1 and id = $2 and row_version = $3::bigint - 1 and purged_at is null",
        tx.org.as_uuid(),
        key.id.as_uuid(),
        key.row_version,
        key.name,
        key.is_default,
        key.is_active,
        key.deleted_at,
        key.updated_at,
        key.fallback.on_missing.map(Fallback::as_str),
        key.fallback.on_failure.map(Fallback::as_str),
        key.position,
        key.retires_at,
        key.superseded_by.map(|key| key.as_uuid()),
        key.name_before,
        key.rotation_undone_at
    )
    .execute(tx.connection())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Leaves a key for a moment without its name and without being the default, so that another one can have them.
///
/// # Errors
/// Whatever the database says.
pub async fn make_room(tx: &mut OrgTx, id: KeyId) -> Result<(), StoreError> {
    sqlx::query!(
        "update provider_keys set name = '', is_default = false where org_id = $1 and id = $2",
        tx.org.as_uuid(),
        id.as_uuid()
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Puts a key at a place among the provider's keys.
///
/// # Errors
/// Whatever the database says.
pub async fn set_position(tx: &mut OrgTx, id: KeyId, position: i32) -> Result<(), StoreError> {
    sqlx::query!(
        "update provider_keys set position = $3 where org_id = $1 and id = $2",
        tx.org.as_uuid(),
        id.as_uuid(),
        position
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Stores what a probe found out about one secret; a secret replaced meanwhile keeps its own health.
///
/// # Errors
/// Whatever the database says.
pub async fn update_health(
    tx: &mut OrgTx,
    id: KeyId,
    secret_version: i64,
    health: &Health,
    probe: &NextProbe,
) -> Result<bool, StoreError> {
    tx.mark_change();
    let done = sqlx::query!(
        "update provider_keys set
            health_reason = $4, health_message = $5, checked_at = $6, retry_at = $7,
            probe_at = $8, probe_attempts = $9
         where org_id = $1 and id = $2 and secret_version = $3 and deleted_at is null",
        tx.org.as_uuid(),
        id.as_uuid(),
        secret_version,
        health.reason.map(HealthReason::as_str),
        health.message,
        health.checked_at,
        health.retry_at,
        probe.at,
        probe.failures
    )
    .execute(tx.connection())
    .await?;
    Ok(done.rows_affected() == 1)
}
