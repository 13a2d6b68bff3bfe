//! Up to when a person has seen the organization's notifications.

use super::words;
use crate::domain::{NotificationKind, UserId};
use crate::store::{OrgTx, StoreError};
use time::OffsetDateTime;

/// More than so many are not counted.
const MOST_COUNTED: i64 = 1_000;

/// Up to when the person has seen them; who never looked has seen what was before they came.
///
/// # Errors
/// Whatever the database says.
pub async fn read_at(tx: &mut OrgTx, user: UserId) -> Result<Option<OffsetDateTime>, StoreError> {
    let row = sqlx::query!(
        r#"select coalesce(r.read_at, m.created_at) as "read_at!"
           from memberships m
           left join notification_reads r on r.org_id = m.org_id and r.user_id = m.user_id
           where m.org_id = $1 and m.user_id = $2"#,
        tx.org.as_uuid(),
        user.as_uuid()
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(row.map(|row| row.read_at))
}

/// How many notifications of these kinds grew after the person last looked.
///
/// # Errors
/// Whatever the database says.
pub async fn count_unread(tx: &mut OrgTx, user: UserId, kinds: &[NotificationKind]) -> Result<u32, StoreError> {
    let row = sqlx::query!(
        r#"select count(*) as "count!" from (
               select from notifications n
               join memberships m on m.org_id = n.org_id and m.user_id = $2
               left join notification_reads r on r.org_id = m.org_id and r.user_id = m.user_id
               where n.org_id = $1 and n.kind = any($3) and n.last_at > coalesce(r.read_at, m.created_at)
               limit $4
           ) unread"#,
        tx.org.as_uuid(),
        user.as_uuid(),
        &words(kinds),
        MOST_COUNTED
    )
    .fetch_one(tx.connection())
    .await?;
    Ok(u32::try_from(row.count).unwrap_or(u32::MAX))
}

/// Marks everything up to `at` as seen; never less than was seen before.
///
/// # Errors
/// Breaks `notification_reads_org_id_user_id_fkey` when the person belongs to the organization no more.
pub async fn mark(tx: &mut OrgTx, user: UserId, at: OffsetDateTime) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into notification_reads (org_id, user_id, read_at) values ($1, $2, $3)
         on conflict (org_id, user_id) do update set read_at = greatest(notification_reads.read_at, excluded.read_at)",
        tx.org.as_uuid(),
        user.as_uuid(),
        at
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}
