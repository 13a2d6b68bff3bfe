//! What the server finds out about keys by itself: from live traffic, and by probes that nobody asked for.

use super::keys::{read_provider, read_reason};
use super::{OrgTx, StoreError, SystemTx};
use crate::domain::{Health, KeyId, NextProbe, OrgId, ProjectId, ProviderSlug};
use time::OffsetDateTime;

/// A key's health, and when it is looked at again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredHealth {
    /// The key's project.
    pub project: ProjectId,
    /// Its provider.
    pub provider: ProviderSlug,
    /// What people call it.
    pub name: String,
    /// `sk-proj-...f3Qz`
    pub redacted: String,
    /// Which secret it is the health of.
    pub secret_version: i64,
    /// The health.
    pub health: Health,
    /// When the next probe is due; `None` for at once.
    pub probe_at: Option<OffsetDateTime>,
    /// How many probes in a row have found the key not working.
    pub failures: i32,
}

/// The health of a key that is not deleted; nobody else changes it before this transaction ends.
///
/// # Errors
/// Whatever the database says.
pub async fn lock(tx: &mut OrgTx, id: KeyId) -> Result<Option<StoredHealth>, StoreError> {
    let row = sqlx::query!(
        "select project_id, provider, name, redacted, secret_version, health_reason, health_message, checked_at, retry_at,
                probe_at, probe_attempts
         from provider_keys where org_id = $1 and id = $2 and deleted_at is null for no key update",
        tx.org.as_uuid(),
        id.as_uuid()
    )
    .fetch_optional(tx.connection())
    .await?;
    row.map(|row| {
        Ok(StoredHealth {
            project: ProjectId::from_uuid(row.project_id),
            provider: read_provider(&row.provider)?,
            name: row.name,
            redacted: row.redacted,
            secret_version: row.secret_version,
            health: Health {
                reason: read_reason(row.health_reason.as_deref())?,
                message: row.health_message,
                checked_at: row.checked_at,
                retry_at: row.retry_at,
            },
            probe_at: row.probe_at,
            failures: row.probe_attempts,
        })
    })
    .transpose()
}

/// Decides when a key is looked at next, and nothing else.
///
/// # Errors
/// Whatever the database says.
pub async fn plan_probe(tx: &mut OrgTx, id: KeyId, probe: &NextProbe) -> Result<(), StoreError> {
    sqlx::query!(
        "update provider_keys set probe_at = $3, probe_attempts = $4 where org_id = $1 and id = $2",
        tx.org.as_uuid(),
        id.as_uuid(),
        probe.at,
        probe.failures
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Keys that are switched on and whose probe is due, at most so many, the longest due first.
///
/// # Errors
/// Whatever the database says.
pub async fn due(tx: &mut SystemTx, now: OffsetDateTime, most: i64) -> Result<Vec<(OrgId, KeyId)>, StoreError> {
    let rows = sqlx::query!(
        r#"select org_id as "org_id!", id as "id!" from system_keys_due_for_probe($1, $2)"#,
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
