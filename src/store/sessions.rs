//! Sessions, found by the hash of their id: who reads the table cannot take one over.

use super::{StoreError, SystemTx};
use crate::domain::{SessionId, UserId};
use serde_json::Value;
use std::net::IpAddr;
use time::OffsetDateTime;
use uuid::Uuid;

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

/// A session to be made.
pub struct NewSession<'a> {
    /// What the server keeps in it, and when it ends if it is not used.
    pub stored: &'a StoredSession,
    /// When its person signed in; when it was made, where nobody has.
    pub began_at: OffsetDateTime,
    /// When it ends, however busy it is.
    pub absolute_end: OffsetDateTime,
    /// Who signed in, and the version of the credentials that they showed.
    pub person: Option<(UserId, i64)>,
    /// What they signed in with, such as `Firefox on Linux`.
    pub device: &'a str,
    /// Where from.
    pub client: Option<IpAddr>,
}

/// A session, as its own person is shown it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnSession {
    /// The session.
    pub id: SessionId,
    /// By what it is found.
    pub id_hash: [u8; 32],
    /// What its person signed in with.
    pub device: String,
    /// Where from.
    pub client_address: Option<String>,
    /// When they signed in.
    pub created_at: OffsetDateTime,
    /// When it was last written to, which is every few minutes while it is used.
    pub last_used_at: OffsetDateTime,
}

struct OwnSessionRow {
    id: Uuid,
    id_hash: Vec<u8>,
    device: String,
    client_address: Option<String>,
    created_at: OffsetDateTime,
    last_used_at: OffsetDateTime,
}

impl TryFrom<OwnSessionRow> for OwnSession {
    type Error = StoreError;

    fn try_from(row: OwnSessionRow) -> Result<Self, StoreError> {
        let id_hash = row.id_hash.as_slice().try_into();
        Ok(Self {
            id: SessionId::from_uuid(row.id),
            id_hash: id_hash.map_err(|error| StoreError::corrupt("sessions", &error))?,
            device: row.device,
            client_address: row.client_address,
            created_at: row.created_at,
            last_used_at: row.last_used_at,
        })
    }
}

/// Makes a session.
///
/// # Errors
/// Whatever the database says.
pub async fn create(tx: &mut SystemTx, id_hash: &[u8; 32], session: &NewSession<'_>) -> Result<(), StoreError> {
    let (user, version) = session.person.unzip();
    sqlx::query!(
        "select system_session_create($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        id_hash.as_slice(),
        session.stored.data,
        session.stored.expires_at,
        session.began_at,
        session.absolute_end,
        user.map(|user| user.as_uuid()),
        version,
        session.device,
        session.client.map(|address| address.to_string())
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Keeps what has changed in a session. One that was ended meanwhile stays ended.
///
/// # Errors
/// Whatever the database says.
pub async fn update(tx: &mut SystemTx, id_hash: &[u8; 32], session: &StoredSession) -> Result<(), StoreError> {
    sqlx::query!(
        "select system_session_update($1, $2, $3)",
        id_hash.as_slice(),
        session.data,
        session.expires_at
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

/// A person's sessions, the one used last first.
///
/// # Errors
/// Whatever the database says.
pub async fn list_of(tx: &mut SystemTx, user: UserId) -> Result<Vec<OwnSession>, StoreError> {
    let rows = sqlx::query_as!(
        OwnSessionRow,
        r#"select id as "id!", id_hash as "id_hash!", device as "device!", client_address,
                  created_at as "created_at!", last_used_at as "last_used_at!"
           from system_sessions_of($1)"#,
        user.as_uuid()
    )
    .fetch_all(tx.connection())
    .await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// Ends a session of this person; whether there was one.
///
/// # Errors
/// Whatever the database says.
pub async fn end_of(tx: &mut SystemTx, user: UserId, session: SessionId) -> Result<bool, StoreError> {
    Ok(sqlx::query_scalar!(
        r#"select system_end_session_of($1, $2) as "ended!""#,
        user.as_uuid(),
        session.as_uuid()
    )
    .fetch_one(tx.connection())
    .await?)
}

/// Ends all sessions of this person but one; how many.
///
/// # Errors
/// Whatever the database says.
pub async fn end_others_of(tx: &mut SystemTx, user: UserId, but_hash: &[u8; 32]) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar!(
        r#"select system_end_other_sessions_of($1, $2) as "ended!""#,
        user.as_uuid(),
        but_hash.as_slice()
    )
    .fetch_one(tx.connection())
    .await?)
}
