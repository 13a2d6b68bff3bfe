//! One-time links with which a person chooses a new password.

use super::{StoreError, SystemTx};
use crate::domain::UserId;
use time::OffsetDateTime;

/// Remembers a link by the hash of its token.
///
/// # Errors
/// Whatever the database says.
pub async fn add(tx: &mut SystemTx, hash: &[u8; 32], user: UserId, until: OffsetDateTime) -> Result<(), StoreError> {
    sqlx::query!(
        "select system_add_password_reset($1, $2, $3)",
        hash.as_slice(),
        user.as_uuid(),
        until
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Whose link this is, unless it was used or has run out.
///
/// # Errors
/// Whatever the database says.
pub async fn find(tx: &mut SystemTx, hash: &[u8; 32], now: OffsetDateTime) -> Result<Option<UserId>, StoreError> {
    let user = sqlx::query_scalar!(
        r#"select user_id as "user!" from system_password_reset_user($1, $2)"#,
        hash.as_slice(),
        now
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(user.map(UserId::from_uuid))
}

/// Uses the link up, and says whose it was; of two who try at once, one wins.
///
/// # Errors
/// Whatever the database says.
pub async fn take(tx: &mut SystemTx, hash: &[u8; 32], now: OffsetDateTime) -> Result<Option<UserId>, StoreError> {
    let user = sqlx::query_scalar!(
        r#"select user_id as "user!" from system_take_password_reset($1, $2)"#,
        hash.as_slice(),
        now
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(user.map(UserId::from_uuid))
}
