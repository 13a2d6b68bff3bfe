//! One-time links with which the first owner is created.

use super::{StoreError, SystemTx};
use time::OffsetDateTime;

/// Remembers a link by the hash of its token.
///
/// # Errors
/// Whatever the database says.
pub async fn add_link(tx: &mut SystemTx, hash: &[u8; 32], until: OffsetDateTime) -> Result<(), StoreError> {
    sqlx::query!("select system_add_setup_link($1, $2)", hash.as_slice(), until)
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Whether the link can be used: nobody exists yet, and it has not run out.
///
/// # Errors
/// Whatever the database says.
pub async fn link_is_valid(tx: &mut SystemTx, hash: &[u8; 32], now: OffsetDateTime) -> Result<bool, StoreError> {
    Ok(sqlx::query_scalar!(
        r#"select system_setup_link_is_valid($1, $2) as "valid!""#,
        hash.as_slice(),
        now
    )
    .fetch_one(tx.connection())
    .await?)
}

/// Uses the link up; of two who try at once, one wins.
///
/// # Errors
/// Whatever the database says.
pub async fn take_link(tx: &mut SystemTx, hash: &[u8; 32], now: OffsetDateTime) -> Result<bool, StoreError> {
    Ok(sqlx::query_scalar!(
        r#"select system_take_setup_link($1, $2) as "taken!""#,
        hash.as_slice(),
        now
    )
    .fetch_one(tx.connection())
    .await?)
}
