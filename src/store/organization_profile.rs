//! What an organization says of itself.

use super::{OrgTx, StoreError};
use crate::domain::{OrgId, ProjectId};
use time::OffsetDateTime;

/// What an organization says of itself, and may change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrganizationProfile {
    /// The organization.
    pub id: OrgId,
    /// Its name.
    pub name: String,
    /// The project that calls work in which name none, where one was chosen.
    pub default_project: Option<ProjectId>,
    /// When it was created.
    pub created_at: OffsetDateTime,
    /// Counts up with each change.
    pub row_version: i64,
}

/// The organization's profile; `None` when there is no such organization.
///
/// # Errors
/// Whatever the database says.
pub async fn find(tx: &mut OrgTx) -> Result<Option<OrganizationProfile>, StoreError> {
    let row = sqlx::query!(
        "select name, default_project_id, created_at, row_version from organizations where org_id = $1",
        tx.org.as_uuid()
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(row.map(|row| OrganizationProfile {
        id: tx.org,
        name: row.name,
        default_project: row.default_project_id.map(ProjectId::from_uuid),
        created_at: row.created_at,
        row_version: row.row_version,
    }))
}

/// Stores a changed profile, if the organization is still at the version before (`profile.row_version - 1`); `false`
/// when it is not.
///
/// # Errors
/// Breaks `organizations_by_name` when the name is taken.
pub async fn update(tx: &mut OrgTx, profile: &OrganizationProfile) -> Result<bool, StoreError> {
    let done = sqlx::query!(
        "update organizations set name = $2, default_project_id = $3, row_version = $4
         where org_id = $1 and row_version = $4::bigint - 1",
        tx.org.as_uuid(),
        profile.name,
        profile.default_project.map(|project| project.as_uuid()),
        profile.row_version
    )
    .execute(tx.connection())
    .await?;
    Ok(done.rows_affected() == 1)
}
