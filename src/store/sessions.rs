//! Sessions, found by the hash of their id: who reads the table cannot take one over.

use super::{StoreError, SystemTx};
use serde_json::Value;
use time::OffsetDateTime;

/// A live session.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredSession {
    /// What the server keeps in it.
    pub data: Value,
    /// When it ends if it is not used.
    pub expires_at: OffsetDateTime,
}

/// The session with this id hash, unless its idle or absolute end has come.
///
/// # Errors
/// Whatever the database says.
pub async fn find(tx: &mut SystemTx, id_hash: &[u8; 32]) -> Result<Option<StoredSession>, StoreError> {
    let row = sqlx::query!(
        r#"select data as "data!", expires_at as "expires_at!" from system_session_by_hash($1)"#,
        id_hash.as_slice()
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(row.map(|row| StoredSession {
        data: row.data,
        expires_at: row.expires_at,
    }))
}

/// Creates or updates a session. The absolute end counts only when it is created.
///
/// # Errors
/// Whatever the database says.
pub async fn save(
    tx: &mut SystemTx,
    id_hash: &[u8; 32],
    session: &StoredSession,
    absolute_end: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!(
        "select system_session_save($1, $2, $3, $4)",
        id_hash.as_slice(),
        session.data,
        session.expires_at,
        absolute_end
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Ends a session.
///
/// # Errors
/// Whatever the database says.
pub async fn delete(tx: &mut SystemTx, id_hash: &[u8; 32]) -> Result<(), StoreError> {
    sqlx::query!("select system_session_delete($1)", id_hash.as_slice())
        .execute(tx.connection())
        .await?;
    Ok(())
}
