//! What runs out, and need not be kept.

use super::{StoreError, SystemTx};
use time::OffsetDateTime;

/// Forgets remembered replies, sessions, links, and webhooks' old secrets that have run out by `now`.
///
/// # Errors
/// Whatever the database says.
pub async fn forget(tx: &mut SystemTx, now: OffsetDateTime) -> Result<(), StoreError> {
    sqlx::query!("select system_forget_expired($1)", now)
        .execute(tx.connection())
        .await?;
    sqlx::query!("select system_forget_webhook_secrets($1)", now)
        .execute(tx.connection())
        .await?;
    Ok(())
}
