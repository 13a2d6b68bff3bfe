//! Projects of an organization.

use super::{OrgTx, StoreError};
use crate::domain::{ProjectId, ProjectSlug};
use time::OffsetDateTime;
use uuid::Uuid;

/// A project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    /// The project.
    pub id: ProjectId,
    /// Its name in URLs.
    pub slug: ProjectSlug,
    /// What people call it.
    pub name: String,
    /// When it was created.
    pub created_at: OffsetDateTime,
    /// When it was last changed.
    pub updated_at: OffsetDateTime,
    /// Counts up with each change.
    pub row_version: i64,
}

struct ProjectRow {
    id: Uuid,
    slug: String,
    name: String,
    created_at: OffsetDateTime,
    updated_at: OffsetDateTime,
    row_version: i64,
}

impl TryFrom<ProjectRow> for Project {
    type Error = StoreError;

    fn try_from(row: ProjectRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: ProjectId::from_uuid(row.id),
            slug: row
                .slug
                .parse()
                .map_err(|error| StoreError::corrupt("projects", &error))?,
            name: row.name,
            created_at: row.created_at,
            updated_at: row.updated_at,
            row_version: row.row_version,
        })
    }
}

/// Every project, by name.
///
/// # Errors
/// Whatever the database says.
pub async fn list(tx: &mut OrgTx) -> Result<Vec<Project>, StoreError> {
    let rows = sqlx::query_as!(
        ProjectRow,
        "select id, slug, name, created_at, updated_at, row_version
         from projects where org_id = $1 order by lower(name), id",
        tx.org.as_uuid()
    )
    .fetch_all(tx.connection())
    .await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// The project with this id.
///
/// # Errors
/// Whatever the database says.
pub async fn find(tx: &mut OrgTx, id: ProjectId) -> Result<Option<Project>, StoreError> {
    let row = sqlx::query_as!(
        ProjectRow,
        "select id, slug, name, created_at, updated_at, row_version
         from projects where org_id = $1 and id = $2",
        tx.org.as_uuid(),
        id.as_uuid()
    )
    .fetch_optional(tx.connection())
    .await?;
    row.map(TryInto::try_into).transpose()
}

/// The project with this slug.
///
/// # Errors
/// Whatever the database says.
pub async fn find_by_slug(tx: &mut OrgTx, slug: &ProjectSlug) -> Result<Option<Project>, StoreError> {
    let row = sqlx::query_as!(
        ProjectRow,
        "select id, slug, name, created_at, updated_at, row_version
         from projects where org_id = $1 and slug = $2",
        tx.org.as_uuid(),
        slug.as_str()
    )
    .fetch_optional(tx.connection())
    .await?;
    row.map(TryInto::try_into).transpose()
}

/// Creates a project; `false` when its slug is taken.
///
/// # Errors
/// Whatever the database says.
pub async fn insert(tx: &mut OrgTx, project: &Project) -> Result<bool, StoreError> {
    let done = sqlx::query!(
        "insert into projects (org_id, id, slug, name, created_at, updated_at, row_version)
         values ($1, $2, $3, $4, $5, $6, $7)
         on conflict on constraint projects_slug_is_free do nothing",
        tx.org.as_uuid(),
        project.id.as_uuid(),
        project.slug.as_str(),
        project.name,
        project.created_at,
        project.updated_at,
        project.row_version
    )
    .execute(tx.connection())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Renames a project; its slug stays, so that nothing that uses it breaks.
///
/// # Errors
/// Whatever the database says.
pub async fn rename(
    tx: &mut OrgTx,
    id: ProjectId,
    name: &str,
    now: OffsetDateTime,
) -> Result<Option<Project>, StoreError> {
    let row = sqlx::query_as!(
        ProjectRow,
        "update projects set name = $3, updated_at = $4, row_version = row_version + 1
         where org_id = $1 and id = $2
         returning id, slug, name, created_at, updated_at, row_version",
        tx.org.as_uuid(),
        id.as_uuid(),
        name,
        now
    )
    .fetch_optional(tx.connection())
    .await?;
    row.map(TryInto::try_into).transpose()
}
