//! Projects of an organization.

use super::{OrgTx, StoreError};
use crate::domain::{Fallback, FallbackChoice, ProjectId, ProjectSlug};
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

/// How calls through the gateway are answered in a project.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GatewaySettings {
    /// Whose key serves when the project's own does not, where somebody decided.
    pub choice: FallbackChoice,
    /// Whether more than the inference paths is open.
    pub opens_all_paths: bool,
    /// Whether usage is asked for in streams where the caller did not.
    pub adds_stream_usage: bool,
    /// Whether the operator lets the organization use platform keys.
    pub operator_allows: bool,
    /// The project's; counts up with each change.
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
            slug: read_slug(&row.slug)?,
            name: row.name,
            created_at: row.created_at,
            updated_at: row.updated_at,
            row_version: row.row_version,
        })
    }
}

pub(super) fn read_slug(slug: &str) -> Result<ProjectSlug, StoreError> {
    slug.parse().map_err(|error| StoreError::corrupt("projects", &error))
}

/// What was decided about the platform key, in the columns `on_missing` and `on_failure`.
pub(super) fn read_choice(on_missing: Option<&str>, on_failure: Option<&str>) -> Result<FallbackChoice, StoreError> {
    let read = |decided: Option<&str>| -> Result<Option<Fallback>, StoreError> {
        let parsed = decided.map(str::parse).transpose();
        parsed.map_err(|()| StoreError::corrupt("projects", "a fallback that there is not"))
    };
    Ok(FallbackChoice {
        on_missing: read(on_missing)?,
        on_failure: read(on_failure)?,
    })
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

/// At which version the project is, held until this transaction ends.
///
/// # Errors
/// Whatever the database says.
pub async fn lock_version(tx: &mut OrgTx, id: ProjectId) -> Result<Option<i64>, StoreError> {
    let version = sqlx::query_scalar!(
        "select row_version from projects where org_id = $1 and id = $2 for no key update",
        tx.org.as_uuid(),
        id.as_uuid()
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(version)
}

/// How calls are answered in the project.
///
/// # Errors
/// Whatever the database says.
pub async fn gateway_settings(tx: &mut OrgTx, id: ProjectId) -> Result<Option<GatewaySettings>, StoreError> {
    let row = sqlx::query!(
        "select p.on_missing, p.on_failure, p.opens_all_paths, p.adds_stream_usage, p.row_version,
                o.allows_platform_keys
         from projects p join organizations o on o.org_id = p.org_id
         where p.org_id = $1 and p.id = $2",
        tx.org.as_uuid(),
        id.as_uuid()
    )
    .fetch_optional(tx.connection())
    .await?;
    row.map(|row| {
        Ok(GatewaySettings {
            choice: read_choice(row.on_missing.as_deref(), row.on_failure.as_deref())?,
            opens_all_paths: row.opens_all_paths,
            adds_stream_usage: row.adds_stream_usage,
            operator_allows: row.allows_platform_keys,
            row_version: row.row_version,
        })
    })
    .transpose()
}

/// Stores how calls are answered in the project; what the operator allows is not the project's to set.
///
/// # Errors
/// Whatever the database says.
pub async fn set_gateway_settings(
    tx: &mut OrgTx,
    id: ProjectId,
    settings: &GatewaySettings,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!(
        "update projects set on_missing = $3, on_failure = $4, opens_all_paths = $5, adds_stream_usage = $6,
                             updated_at = $7, row_version = row_version + 1
         where org_id = $1 and id = $2",
        tx.org.as_uuid(),
        id.as_uuid(),
        settings.choice.on_missing.map(Fallback::as_str),
        settings.choice.on_failure.map(Fallback::as_str),
        settings.opens_all_paths,
        settings.adds_stream_usage,
        now
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}
