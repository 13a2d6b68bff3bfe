//! What is wrong now, or will be soon, in one organization; and how each project's last day went.

use super::keys::{read_provider, read_reason};
use super::{OrgTx, StoreError};
use crate::domain::{HealthReason, KeyId, MicroDollars, ProjectId, ProviderSlug};
use time::OffsetDateTime;

/// A key in use that somebody should see to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TroubledKey {
    /// The key.
    pub id: KeyId,
    /// Its project.
    pub project: ProjectId,
    /// Its provider.
    pub provider: ProviderSlug,
    /// What people call it.
    pub name: String,
    /// `sk-proj-...f3Qz`
    pub redacted: String,
    /// Why it does not work; `None` for one that is merely neglected.
    pub reason: Option<HealthReason>,
    /// The provider's words.
    pub message: Option<String>,
    /// When it was last looked at.
    pub checked_at: Option<OffsetDateTime>,
    /// Whether the key before it took over again, because the provider refused this one.
    pub rotation_undone_at: Option<OffsetDateTime>,
    /// Whether no call used it for long.
    pub is_unused: bool,
}

/// Keys that do not work or whose rotation was undone, in use, and those that no call used since `unused_since`, at
/// most `limit`.
///
/// # Errors
/// Whatever the database says.
pub async fn troubled_keys(
    tx: &mut OrgTx,
    unused_since: OffsetDateTime,
    limit: i64,
) -> Result<Vec<TroubledKey>, StoreError> {
    let rows = sqlx::query!(
        r#"select id, project_id, provider, name, redacted, health_reason, health_message, checked_at,
                  rotation_undone_at, coalesce(last_used_at, created_at) < $2 as "is_unused!"
           from provider_keys
           where org_id = $1 and deleted_at is null and (is_active or rotation_undone_at is not null)
             and (health_reason in ('invalid', 'blocked', 'exhausted') or rotation_undone_at is not null
                  or coalesce(last_used_at, created_at) < $2)
           order by health_reason in ('invalid', 'blocked') desc nulls last, provider, project_id, id limit $3"#,
        tx.org.as_uuid(),
        unused_since,
        limit
    )
    .fetch_all(tx.connection())
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(TroubledKey {
                id: KeyId::from_uuid(row.id),
                project: ProjectId::from_uuid(row.project_id),
                provider: read_provider(&row.provider)?,
                name: row.name,
                redacted: row.redacted,
                reason: read_reason(row.health_reason.as_deref())?,
                message: row.health_message,
                checked_at: row.checked_at,
                rotation_undone_at: row.rotation_undone_at,
                is_unused: row.is_unused,
            })
        })
        .collect()
}

/// How a project's last hours went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProjectDay {
    /// Calls.
    pub calls: u64,
    /// Those that failed.
    pub failed: u64,
    /// Those that the platform key served.
    pub on_platform_key: u64,
    /// What they cost, as far as prices are known.
    pub cost: MicroDollars,
    /// Those without a known price.
    pub without_cost: u64,
}

/// Each project's calls since `since`, by whole hours.
///
/// # Errors
/// Whatever the database says.
pub async fn days(tx: &mut OrgTx, since: OffsetDateTime) -> Result<Vec<(ProjectId, ProjectDay)>, StoreError> {
    let rows = sqlx::query!(
        r#"select project_id, sum(calls)::bigint as "calls!", sum(failed_calls)::bigint as "failed!",
                  coalesce(sum(calls) filter (where key_source = 'platform'), 0)::bigint as "on_platform_key!",
                  sum(cost_micros)::bigint as "cost!", sum(calls_without_cost)::bigint as "without_cost!"
           from usage_hours where org_id = $1 and hour >= $2 group by project_id"#,
        tx.org.as_uuid(),
        since
    )
    .fetch_all(tx.connection())
    .await?;
    let count = |count: i64| u64::try_from(count).unwrap_or_default();
    Ok(rows
        .into_iter()
        .map(|row| {
            let day = ProjectDay {
                calls: count(row.calls),
                failed: count(row.failed),
                on_platform_key: count(row.on_platform_key),
                cost: MicroDollars(row.cost),
                without_cost: count(row.without_cost),
            };
            (ProjectId::from_uuid(row.project_id), day)
        })
        .collect())
}

/// How many keys each project has in use.
///
/// # Errors
/// Whatever the database says.
pub async fn key_counts(tx: &mut OrgTx) -> Result<Vec<(ProjectId, u32)>, StoreError> {
    let rows = sqlx::query!(
        r#"select project_id, count(*) as "count!" from provider_keys
           where org_id = $1 and deleted_at is null and is_active group by project_id"#,
        tx.org.as_uuid()
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let count = u32::try_from(row.count).unwrap_or(u32::MAX);
            (ProjectId::from_uuid(row.project_id), count)
        })
        .collect())
}
