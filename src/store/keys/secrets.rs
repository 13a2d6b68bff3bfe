//! The sealed secrets of provider keys, and their fingerprints, which tell that two are the same.

use super::NewSecret;
use crate::domain::{Fingerprint, HealthReason, KeyId, NextProbe, ProjectId, ProviderKey, ProviderSlug, Sealed};
use crate::store::{OrgTx, StoreError};
use std::collections::HashSet;

/// A stored secret.
#[derive(Debug)]
pub struct StoredSecret {
    /// The secret.
    pub sealed: Sealed,
    /// Whether its fingerprint is there.
    pub has_fingerprint: bool,
}

/// A key whose secret another key of the organization has too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Twin {
    /// The key.
    pub key: KeyId,
    /// Its name.
    pub name: String,
    /// Its provider.
    pub provider: ProviderSlug,
    /// Its project.
    pub project: ProjectId,
    /// That project's name.
    pub project_name: String,
    /// What it has in common with its twins.
    pub fingerprint: Fingerprint,
}

/// The secret of a key; `None` once it was purged.
///
/// # Errors
/// Whatever the database says.
pub async fn find(tx: &mut OrgTx, id: KeyId) -> Result<Option<StoredSecret>, StoreError> {
    let row = sqlx::query!(
        r#"select sealed, fingerprint is not null as "has_fingerprint!"
           from provider_keys where org_id = $1 and id = $2"#,
        tx.org.as_uuid(),
        id.as_uuid()
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(row.and_then(|row| {
        Some(StoredSecret {
            sealed: Sealed::from_bytes(row.sealed?),
            has_fingerprint: row.has_fingerprint,
        })
    }))
}

/// Stores the key with another secret, if it is still at the row version that was read before the probe
/// (`key.row_version - 1`); `false` when it is not.
///
/// # Errors
/// Breaks `provider_keys_one_default` and `provider_keys_name_is_free`.
pub async fn replace(
    tx: &mut OrgTx,
    key: &ProviderKey,
    secret: NewSecret<'_>,
    probe: &NextProbe,
) -> Result<bool, StoreError> {
    let done = sqlx::query!(
        "update provider_keys set
            row_version = $3, name = $4, is_default = $5, is_active = $6, sealed = $7, fingerprint = $8,
            redacted = $9, endpoint = $10, api_version = $11, secret_version = $12, health_reason = $13,
            health_message = $14, checked_at = $15, retry_at = $16, added_by = $17, added_by_name = $18,
            updated_at = $19, rotation_undone_at = $20, probe_at = $21, probe_attempts = $22
         where org_id = $1 and id = $2 and row_version = $3::bigint - 1 and deleted_at is null",
        tx.org.as_uuid(),
        key.id.as_uuid(),
        key.row_version,
        key.name,
        key.is_default,
        key.is_active,
        secret.sealed.as_bytes(),
        secret.fingerprint.as_bytes(),
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
        key.rotation_undone_at,
        probe.at,
        probe.failures
    )
    .execute(tx.connection())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Adds the fingerprint of a secret that was stored before there were any; a secret replaced meanwhile has its own.
///
/// # Errors
/// Whatever the database says.
pub async fn add_fingerprint(
    tx: &mut OrgTx,
    id: KeyId,
    secret_version: i64,
    fingerprint: Fingerprint,
) -> Result<(), StoreError> {
    sqlx::query!(
        "update provider_keys set fingerprint = $4
         where org_id = $1 and id = $2 and secret_version = $3 and fingerprint is null and purged_at is null",
        tx.org.as_uuid(),
        id.as_uuid(),
        secret_version,
        fingerprint.as_bytes()
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Keys of the organization that share their secret with another one, deleted ones aside, those of one secret one
/// after the other.
///
/// # Errors
/// Whatever the database says.
pub async fn twins(tx: &mut OrgTx) -> Result<Vec<Twin>, StoreError> {
    let rows = sqlx::query_as!(
        TwinRow,
        r#"select k.id, k.name, k.provider, k.project_id, p.name as project_name, k.fingerprint as "fingerprint!"
           from provider_keys k
           join projects p on p.org_id = k.org_id and p.id = k.project_id
           where k.org_id = $1 and k.deleted_at is null
             and exists (select from provider_keys other
                         where other.org_id = $1 and other.fingerprint = k.fingerprint and other.deleted_at is null
                           and other.id <> k.id)
           order by k.fingerprint, p.name, k.position, k.id"#,
        tx.org.as_uuid()
    )
    .fetch_all(tx.connection())
    .await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// The keys of the organization with this secret, deleted ones aside.
///
/// # Errors
/// Whatever the database says.
pub async fn with_fingerprint(tx: &mut OrgTx, fingerprint: Fingerprint) -> Result<Vec<Twin>, StoreError> {
    let rows = sqlx::query_as!(
        TwinRow,
        r#"select k.id, k.name, k.provider, k.project_id, p.name as project_name, k.fingerprint as "fingerprint!"
           from provider_keys k
           join projects p on p.org_id = k.org_id and p.id = k.project_id
           where k.org_id = $1 and k.fingerprint = $2 and k.deleted_at is null
           order by p.name, k.position, k.id"#,
        tx.org.as_uuid(),
        fingerprint.as_bytes()
    )
    .fetch_all(tx.connection())
    .await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// The fingerprints of the project's keys, deleted ones aside.
///
/// # Errors
/// Whatever the database says.
pub async fn fingerprints(tx: &mut OrgTx, project: ProjectId) -> Result<HashSet<Fingerprint>, StoreError> {
    let rows = sqlx::query_scalar!(
        r#"select fingerprint as "fingerprint!" from provider_keys
           where org_id = $1 and project_id = $2 and deleted_at is null and fingerprint is not null"#,
        tx.org.as_uuid(),
        project.as_uuid()
    )
    .fetch_all(tx.connection())
    .await?;
    rows.iter().map(|bytes| read_fingerprint(bytes)).collect()
}

fn read_fingerprint(bytes: &[u8]) -> Result<Fingerprint, StoreError> {
    let whole = bytes.try_into().map(Fingerprint::from_bytes);
    whole.map_err(|_| StoreError::corrupt("provider_keys", "fingerprint"))
}

struct TwinRow {
    id: uuid::Uuid,
    name: String,
    provider: String,
    project_id: uuid::Uuid,
    project_name: String,
    fingerprint: Vec<u8>,
}

impl TryFrom<TwinRow> for Twin {
    type Error = StoreError;

    fn try_from(row: TwinRow) -> Result<Self, StoreError> {
        Ok(Self {
            key: KeyId::from_uuid(row.id),
            name: row.name,
            provider: super::read_provider(&row.provider)?,
            project: ProjectId::from_uuid(row.project_id),
            project_name: row.project_name,
            fingerprint: read_fingerprint(&row.fingerprint)?,
        })
    }
}
