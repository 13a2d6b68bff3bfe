//! Locks on calls: the panic switch.

use super::{OrgTx, StoreError};
use crate::domain::{CallLock, LockId, ProjectId, ProviderSlug, UserId};
use time::OffsetDateTime;
use uuid::Uuid;

struct LockRow {
    id: Uuid,
    project_id: Option<Uuid>,
    provider: Option<String>,
    reason: String,
    locked_by: Option<Uuid>,
    locked_by_name: String,
    locked_at: OffsetDateTime,
}

impl TryFrom<LockRow> for CallLock {
    type Error = StoreError;

    fn try_from(row: LockRow) -> Result<Self, StoreError> {
        let provider = row.provider.map(|slug| slug.parse()).transpose();
        Ok(Self {
            id: LockId::from_uuid(row.id),
            project: row.project_id.map(ProjectId::from_uuid),
            provider: provider.map_err(|error| StoreError::corrupt("call_locks", &error))?,
            reason: row.reason,
            locked_by: row.locked_by.map(UserId::from_uuid),
            locked_by_name: row.locked_by_name,
            locked_at: row.locked_at,
        })
    }
}

/// Every lock of the organization, the newest first.
///
/// # Errors
/// Whatever the database says.
pub async fn list(tx: &mut OrgTx) -> Result<Vec<CallLock>, StoreError> {
    let rows = sqlx::query_as!(
        LockRow,
        "select id, project_id, provider, reason, locked_by, locked_by_name, locked_at
         from call_locks where org_id = $1 order by locked_at desc, id desc",
        tx.org.as_uuid()
    )
    .fetch_all(tx.connection())
    .await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// Stores a lock.
///
/// # Errors
/// Breaks `call_locks_one_of_each` when there is one like it.
pub async fn insert(tx: &mut OrgTx, lock: &CallLock) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into call_locks (org_id, id, project_id, provider, reason, locked_by, locked_by_name, locked_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        tx.org.as_uuid(),
        lock.id.as_uuid(),
        lock.project.map(|project| project.as_uuid()),
        lock.provider.as_ref().map(ProviderSlug::as_str),
        lock.reason,
        lock.locked_by.map(|user| user.as_uuid()),
        lock.locked_by_name,
        lock.locked_at
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Takes a lock away, and tells what it was: one of `project` where that is given, so that a token of one project
/// unlocks nothing else.
///
/// # Errors
/// Whatever the database says.
pub async fn delete(tx: &mut OrgTx, id: LockId, of_project: Option<ProjectId>) -> Result<Option<CallLock>, StoreError> {
    let row = sqlx::query_as!(
        LockRow,
        "delete from call_locks where org_id = $1 and id = $2 and ($3::uuid is null or project_id = $3)
         returning id, project_id, provider, reason, locked_by, locked_by_name, locked_at",
        tx.org.as_uuid(),
        id.as_uuid(),
        of_project.map(|project| project.as_uuid())
    )
    .fetch_optional(tx.connection())
    .await?;
    row.map(TryInto::try_into).transpose()
}
