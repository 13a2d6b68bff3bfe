//! Provider keys: what is known of them, and their sealed secrets.

use super::projects::read_choice;
use super::{OrgTx, StoreError};
use crate::domain::{
    Endpoint, Fallback, Health, HealthReason, KeyId, NextProbe, ProjectId, ProviderKey, ProviderSlug, Sealed, UserId,
};
use sqlx::FromRow;
use time::OffsetDateTime;
use uuid::Uuid;

#[derive(FromRow)]
struct KeyRow {
    id: Uuid,
    project_id: Uuid,
    provider: String,
    name: String,
    is_default: bool,
    is_active: bool,
    redacted: String,
    endpoint: String,
    api_version: Option<String>,
    secret_version: i64,
    row_version: i64,
    health_reason: Option<String>,
    health_message: Option<String>,
    checked_at: Option<OffsetDateTime>,
    retry_at: Option<OffsetDateTime>,
    on_missing: Option<String>,
    on_failure: Option<String>,
    last_used_at: Option<OffsetDateTime>,
    added_by: Option<Uuid>,
    added_by_name: String,
    created_at: OffsetDateTime,
    updated_at: OffsetDateTime,
    deleted_at: Option<OffsetDateTime>,
}

impl TryFrom<KeyRow> for ProviderKey {
    type Error = StoreError;

    fn try_from(row: KeyRow) -> Result<Self, StoreError> {
        let corrupt = |what: String| StoreError::corrupt("provider_keys", &what);
        let provider: ProviderSlug = row
            .provider
            .parse()
            .map_err(|_| corrupt(format!("provider {:?}", row.provider)))?;
        Ok(Self {
            id: KeyId::from_uuid(row.id),
            project: ProjectId::from_uuid(row.project_id),
            provider,
            name: row.name,
            is_default: row.is_default,
            is_active: row.is_active,
            redacted: row.redacted,
            endpoint: Endpoint::from_stored(row.endpoint),
            api_version: row.api_version,
            health: Health {
                reason: read_reason(row.health_reason.as_deref())?,
                message: row.health_message,
                checked_at: row.checked_at,
                retry_at: row.retry_at,
            },
            fallback: read_choice(row.on_missing.as_deref(), row.on_failure.as_deref())?,
            last_used_at: row.last_used_at,
            added_by: row.added_by.map(UserId::from_uuid),
            added_by_name: row.added_by_name,
            created_at: row.created_at,
            updated_at: row.updated_at,
            deleted_at: row.deleted_at,
            secret_version: row.secret_version,
            row_version: row.row_version,
        })
    }
}

pub(super) fn read_reason(reason: Option<&str>) -> Result<Option<HealthReason>, StoreError> {
    let parse = |reason: &str| {
        reason
            .parse()
            .map_err(|()| StoreError::corrupt("provider_keys", &format!("reason {reason:?}")))
    };
    reason.map(parse).transpose()
}

fn read(row: Option<KeyRow>) -> Result<Option<ProviderKey>, StoreError> {
    row.map(TryInto::try_into).transpose()
}

/// The project's keys, deleted ones younger than `deleted_since` among them, the oldest first.
///
/// # Errors
/// Whatever the database says.
pub async fn list(
    tx: &mut OrgTx,
    project: ProjectId,
    deleted_since: OffsetDateTime,
) -> Result<Vec<ProviderKey>, StoreError> {
    let rows = sqlx::query_as!(
        KeyRow,
        "select id, project_id, provider, name, is_default, is_active, redacted, endpoint,
                api_version, secret_version, row_version, health_reason, health_message, checked_at,
                retry_at, on_missing, on_failure, last_used_at, added_by, added_by_name, created_at,
                updated_at, deleted_at
         from provider_keys
         where org_id = $1 and project_id = $2 and (deleted_at is null or deleted_at > $3)
         order by created_at, id",
        tx.org.as_uuid(),
        project.as_uuid(),
        deleted_since
    )
    .fetch_all(tx.connection())
    .await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// One key of the project, deleted or not.
///
/// # Errors
/// Whatever the database says.
pub async fn find(tx: &mut OrgTx, project: ProjectId, id: KeyId) -> Result<Option<ProviderKey>, StoreError> {
    let row = sqlx::query_as!(
        KeyRow,
        "select id, project_id, provider, name, is_default, is_active, redacted, endpoint,
                api_version, secret_version, row_version, health_reason, health_message, checked_at,
                retry_at, on_missing, on_failure, last_used_at, added_by, added_by_name, created_at,
                updated_at, deleted_at
         from provider_keys where org_id = $1 and project_id = $2 and id = $3",
        tx.org.as_uuid(),
        project.as_uuid(),
        id.as_uuid()
    )
    .fetch_optional(tx.connection())
    .await?;
    read(row)
}

/// A key that is switched on and not deleted, whatever its project.
///
/// # Errors
/// Whatever the database says.
pub async fn find_active(tx: &mut OrgTx, id: KeyId) -> Result<Option<ProviderKey>, StoreError> {
    let row = sqlx::query_as!(
        KeyRow,
        "select id, project_id, provider, name, is_default, is_active, redacted, endpoint,
                api_version, secret_version, row_version, health_reason, health_message, checked_at,
                retry_at, on_missing, on_failure, last_used_at, added_by, added_by_name, created_at,
                updated_at, deleted_at
         from provider_keys where org_id = $1 and id = $2 and is_active and deleted_at is null",
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
    let row = sqlx::query_as!(
        KeyRow,
        "select id, project_id, provider, name, is_default, is_active, redacted, endpoint,
                api_version, secret_version, row_version, health_reason, health_message, checked_at,
                retry_at, on_missing, on_failure, last_used_at, added_by, added_by_name, created_at,
                updated_at, deleted_at
         from provider_keys where org_id = $1 and project_id = $2 and provider = $3 and is_default",
        tx.org.as_uuid(),
        project.as_uuid(),
        provider.as_str()
    )
    .fetch_optional(tx.connection())
    .await?;
    read(row)
}

/// The sealed secret of a key.
///
/// # Errors
/// Whatever the database says.
pub async fn sealed(tx: &mut OrgTx, id: KeyId) -> Result<Option<Sealed>, StoreError> {
    let sealed = sqlx::query_scalar!(
        "select sealed from provider_keys where org_id = $1 and id = $2",
        tx.org.as_uuid(),
        id.as_uuid()
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(sealed.map(Sealed::from_bytes))
}

/// Stores a new key.
///
/// # Errors
/// Breaks `provider_keys_one_default` when another default got there first.
pub async fn insert(tx: &mut OrgTx, key: &ProviderKey, sealed: &Sealed, probe: &NextProbe) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into provider_keys (
            org_id, project_id, id, provider, name, is_default, is_active, sealed, redacted,
            endpoint, api_version, secret_version, row_version, health_reason, health_message,
            checked_at, retry_at, added_by, added_by_name, created_at, updated_at, probe_at, probe_attempts)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
                 $19, $20, $21, $22, $23)",
        tx.org.as_uuid(),
        key.project.as_uuid(),
        key.id.as_uuid(),
        key.provider.as_str(),
        key.name,
        key.is_default,
        key.is_active,
        sealed.as_bytes(),
        key.redacted,
        key.endpoint.as_str(),
        key.api_version,
        key.secret_version,
        key.row_version,
        key.health.reason.map(HealthReason::as_str),
        key.health.message,
        key.health.checked_at,
        key.health.retry_at,
        key.added_by.map(|user| user.as_uuid()),
        key.added_by_name,
        key.created_at,
        key.updated_at,
        probe.at,
        probe.failures
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Replaces the secret of a key, if it is still at the row version that was read before the
/// probe (`key.row_version - 1`); `false` when it is not.
///
/// # Errors
/// Whatever the database says.
pub async fn replace(
    tx: &mut OrgTx,
    key: &ProviderKey,
    sealed: &Sealed,
    probe: &NextProbe,
) -> Result<bool, StoreError> {
    let done = sqlx::query!(
        "update provider_keys set
            name = $4, is_active = $5, sealed = $6, redacted = $7, endpoint = $8, api_version = $9,
            secret_version = $10, row_version = $3, health_reason = $11, health_message = $12,
            checked_at = $13, retry_at = $14, added_by = $15, added_by_name = $16, updated_at = $17,
            probe_at = $18, probe_attempts = $19
         where org_id = $1 and id = $2 and row_version = $3::bigint - 1 and deleted_at is null",
        tx.org.as_uuid(),
        key.id.as_uuid(),
        key.row_version,
        key.name,
        key.is_active,
        sealed.as_bytes(),
        key.redacted,
        key.endpoint.as_str(),
        key.api_version,
        key.secret_version,
        key.health.reason.map(HealthReason::as_str),
        key.health.message,
        key.health.checked_at,
        key.health.retry_at,
        key.added_by.map(|user| user.as_uuid()),
        key.added_by_name,
        key.updated_at,
        probe.at,
        probe.failures
    )
    .execute(tx.connection())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Stores a key's switches, fallback and health, if it is still at the row version before
/// (`key.row_version - 1`); `false` when it is not.
///
/// # Errors
/// Breaks `provider_keys_one_default` when another default got there first.
pub async fn update(tx: &mut OrgTx, key: &ProviderKey, probe: &NextProbe) -> Result<bool, StoreError> {
    let done = sqlx::query!(
        "update provider_keys set
            is_default = $4, is_active = $5, deleted_at = $6, row_version = $3, health_reason = $7,
            health_message = $8, checked_at = $9, retry_at = $10, updated_at = $11,
            on_missing = $12, on_failure = $13, probe_at = $14, probe_attempts = $15
         where org_id = $1 and id = $2 and row_version = $3::bigint - 1",
        tx.org.as_uuid(),
        key.id.as_uuid(),
        key.row_version,
        key.is_default,
        key.is_active,
        key.deleted_at,
        key.health.reason.map(HealthReason::as_str),
        key.health.message,
        key.health.checked_at,
        key.health.retry_at,
        key.updated_at,
        key.fallback.on_missing.map(Fallback::as_str),
        key.fallback.on_failure.map(Fallback::as_str),
        probe.at,
        probe.failures
    )
    .execute(tx.connection())
    .await?;
    Ok(done.rows_affected() == 1)
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

/// Makes the newest usable key of the provider the default, when there is none.
///
/// # Errors
/// Whatever the database says.
pub async fn promote_newest_usable(
    tx: &mut OrgTx,
    project: ProjectId,
    provider: &ProviderSlug,
    now: OffsetDateTime,
) -> Result<Option<ProviderKey>, StoreError> {
    let row = sqlx::query_as!(
        KeyRow,
        "update provider_keys set is_default = true, row_version = row_version + 1, updated_at = $4
         where org_id = $1 and id = (
            select id from provider_keys
            where org_id = $1 and project_id = $2 and provider = $3 and deleted_at is null
              and is_active and (health_reason is null or health_reason not in ('invalid', 'blocked'))
              and not exists (select from provider_keys where org_id = $1 and project_id = $2
                              and provider = $3 and is_default)
            order by created_at desc limit 1)
         returning id, project_id, provider, name, is_default, is_active, redacted, endpoint,
                   api_version, secret_version, row_version, health_reason, health_message,
                   checked_at, retry_at, on_missing, on_failure, last_used_at, added_by, added_by_name,
                   created_at, updated_at, deleted_at",
        tx.org.as_uuid(),
        project.as_uuid(),
        provider.as_str(),
        now
    )
    .fetch_optional(tx.connection())
    .await?;
    read(row)
}
