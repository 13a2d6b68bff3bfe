//! Recovery codes: each stands in for a second factor once.

use super::{StoreError, SystemTx};
use crate::domain::UserId;
use time::OffsetDateTime;

/// Keeps these codes of a person by their hashes, in place of all earlier ones.
///
/// # Errors
/// Whatever the database says.
pub async fn replace(tx: &mut SystemTx, user: UserId, hashes: &[[u8; 32]]) -> Result<(), StoreError> {
    let hashes: Vec<Vec<u8>> = hashes.iter().map(|hash| hash.to_vec()).collect();
    sqlx::query!("select system_set_recovery_codes($1, $2)", user.as_uuid(), &hashes)
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Uses a code up; false when there is none of that hash, or it was used. Of two who try at once, one wins.
///
/// # Errors
/// Whatever the database says.
pub async fn take(tx: &mut SystemTx, user: UserId, hash: &[u8; 32], now: OffsetDateTime) -> Result<bool, StoreError> {
    Ok(sqlx::query_scalar!(
        r#"select system_take_recovery_code($1, $2, $3) as "taken!""#,
        user.as_uuid(),
        hash.as_slice(),
        now
    )
    .fetch_one(tx.connection())
    .await?)
}
