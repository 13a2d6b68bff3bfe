//! Since when the platform key serves a project's calls in place of a key that does not work.

use super::{OrgTx, StoreError};
use crate::domain::{ProjectId, ProviderSlug};
use time::OffsetDateTime;

/// Notes that a call fell back at `at`; whether an episode begins with it: none was under way since `quiet_since`.
///
/// # Errors
/// Whatever the database says.
pub async fn note(
    tx: &mut OrgTx,
    project: ProjectId,
    provider: &ProviderSlug,
    at: OffsetDateTime,
    quiet_since: OffsetDateTime,
) -> Result<bool, StoreError> {
    let row = sqlx::query!(
        r#"insert into fallback_episodes as e (org_id, project_id, provider, began_at, last_at)
           values ($1, $2, $3, $4, $4)
           on conflict (org_id, project_id, provider) do update
           set began_at = case when e.last_at < $5 then excluded.began_at else e.began_at end,
               last_at = greatest(e.last_at, excluded.last_at)
           returning began_at = $4 as "begins!""#,
        tx.org.as_uuid(),
        project.as_uuid(),
        provider.as_str(),
        at,
        quiet_since
    )
    .fetch_one(tx.connection())
    .await?;
    Ok(row.begins)
}

/// Episodes under way since `quiet_since`: the project, the provider, and when each began.
///
/// # Errors
/// Whatever the database says.
pub async fn list(
    tx: &mut OrgTx,
    quiet_since: OffsetDateTime,
) -> Result<Vec<(ProjectId, ProviderSlug, OffsetDateTime)>, StoreError> {
    let rows = sqlx::query!(
        "select project_id, provider, began_at from fallback_episodes where org_id = $1 and last_at >= $2",
        tx.org.as_uuid(),
        quiet_since
    )
    .fetch_all(tx.connection())
    .await?;
    rows.into_iter()
        .map(|row| {
            let provider = super::keys::read_provider(&row.provider)?;
            Ok((ProjectId::from_uuid(row.project_id), provider, row.began_at))
        })
        .collect()
}
