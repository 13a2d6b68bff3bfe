//! Who belongs to one organization, and as what.

use super::{OrgTx, StoreError};
use crate::domain::{Role, UserId};
use time::OffsetDateTime;
use uuid::Uuid;

/// A person who belongs to the organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The person.
    pub user: UserId,
    /// Their address.
    pub email: String,
    /// Their role.
    pub role: Role,
    /// Since when they belong to it.
    pub joined_at: OffsetDateTime,
    /// How many tokens that they made work.
    pub live_tokens: u32,
}

struct MemberRow {
    user_id: Uuid,
    email: String,
    role: String,
    joined_at: OffsetDateTime,
    live_tokens: i64,
}

impl TryFrom<MemberRow> for Member {
    type Error = StoreError;

    fn try_from(row: MemberRow) -> Result<Self, StoreError> {
        Ok(Self {
            user: UserId::from_uuid(row.user_id),
            email: row.email,
            role: row
                .role
                .parse()
                .map_err(|error| StoreError::corrupt("memberships", &error))?,
            joined_at: row.joined_at,
            live_tokens: u32::try_from(row.live_tokens).unwrap_or(u32::MAX),
        })
    }
}

/// Everybody who belongs to the organization, by address.
///
/// # Errors
/// Whatever the database says.
pub async fn list(tx: &mut OrgTx, now: OffsetDateTime) -> Result<Vec<Member>, StoreError> {
    let rows = sqlx::query_as!(
        MemberRow,
        r#"select user_id as "user_id!", email as "email!", role as "role!", joined_at as "joined_at!",
                  live_tokens as "live_tokens!"
           from system_members($1)"#,
        now
    )
    .fetch_all(tx.connection())
    .await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// Everybody who belongs to the organization, held until this transaction ends, so that nobody comes, goes or changes
/// meanwhile.
///
/// # Errors
/// Whatever the database says.
pub async fn lock(tx: &mut OrgTx, now: OffsetDateTime) -> Result<Vec<Member>, StoreError> {
    sqlx::query!(
        "select org_id from organizations where org_id = $1 for no key update",
        tx.org.as_uuid()
    )
    .fetch_optional(tx.connection())
    .await?;
    list(tx, now).await
}

/// Adds a person who exists, and who turns to the organization with it.
///
/// # Errors
/// Breaks `memberships_pkey` when they belong to the organization already.
pub async fn insert(tx: &mut OrgTx, user: UserId, role: Role, now: OffsetDateTime) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into memberships (org_id, user_id, role, created_at, entered_at) values ($1, $2, $3, $4, $4)",
        tx.org.as_uuid(),
        user.as_uuid(),
        role.as_str(),
        now
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Notes that a person turned to the organization; whether they belong to it.
///
/// # Errors
/// Whatever the database says.
pub async fn enter(tx: &mut OrgTx, user: UserId, now: OffsetDateTime) -> Result<bool, StoreError> {
    let entered = sqlx::query!(
        "update memberships set entered_at = $3 where org_id = $1 and user_id = $2",
        tx.org.as_uuid(),
        user.as_uuid(),
        now
    )
    .execute(tx.connection())
    .await?;
    Ok(entered.rows_affected() == 1)
}

/// Changes a person's role; whether they belong to the organization.
///
/// # Errors
/// Breaks `memberships_keep_an_owner` when nobody would be owner.
pub async fn set_role(tx: &mut OrgTx, user: UserId, role: Role) -> Result<bool, StoreError> {
    let changed = sqlx::query!(
        "update memberships set role = $3 where org_id = $1 and user_id = $2",
        tx.org.as_uuid(),
        user.as_uuid(),
        role.as_str()
    )
    .execute(tx.connection())
    .await?;
    Ok(changed.rows_affected() == 1)
}

/// Removes a person; whether they belonged to the organization.
///
/// # Errors
/// Breaks `memberships_keep_an_owner` when nobody would be owner.
pub async fn remove(tx: &mut OrgTx, user: UserId) -> Result<bool, StoreError> {
    let removed = sqlx::query!(
        "delete from memberships where org_id = $1 and user_id = $2",
        tx.org.as_uuid(),
        user.as_uuid()
    )
    .execute(tx.connection())
    .await?;
    Ok(removed.rows_affected() == 1)
}
