//! People: who may sign in.

use super::{StoreError, SystemTx};
use crate::domain::{OrgId, Role, UserId};
use time::OffsetDateTime;
use uuid::Uuid;

/// What a person signs in with.
pub struct Credentials {
    /// The person.
    pub id: UserId,
    /// Their address.
    pub email: String,
    /// The argon2id hash of their password, in PHC form.
    pub password_hash: String,
    /// Goes up with every change of these; a session made under an older version is none.
    pub version: i64,
    /// Whether a code is asked for besides the password.
    pub has_second_factor: bool,
}

struct CredentialsRow {
    id: Uuid,
    email: String,
    password_hash: String,
    credentials_version: i64,
    has_second_factor: bool,
}

impl From<CredentialsRow> for Credentials {
    fn from(row: CredentialsRow) -> Self {
        Self {
            id: UserId::from_uuid(row.id),
            email: row.email,
            password_hash: row.password_hash,
            version: row.credentials_version,
            has_second_factor: row.has_second_factor,
        }
    }
}

/// A person to be created, as a member of one organization.
pub struct NewUser<'a> {
    /// The person.
    pub id: UserId,
    /// Their address; kept in lower case.
    pub email: &'a str,
    /// The argon2id hash of their password, in PHC form.
    pub password_hash: &'a str,
    /// Whether they operate this deployment.
    pub is_operator: bool,
    /// Their organization.
    pub org: OrgId,
    /// Their role in it.
    pub role: Role,
}

/// The person with this address, in any case.
///
/// # Errors
/// Whatever the database says.
pub async fn find_by_email(tx: &mut SystemTx, email: &str) -> Result<Option<Credentials>, StoreError> {
    let row = sqlx::query_as!(
        CredentialsRow,
        r#"select id as "id!", email as "email!", password_hash as "password_hash!",
                  credentials_version as "credentials_version!", has_second_factor as "has_second_factor!"
           from system_user_by_email($1)"#,
        email
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(row.map(Into::into))
}

/// This person.
///
/// # Errors
/// Whatever the database says.
pub async fn find(tx: &mut SystemTx, user: UserId) -> Result<Option<Credentials>, StoreError> {
    let row = sqlx::query_as!(
        CredentialsRow,
        r#"select id as "id!", email as "email!", password_hash as "password_hash!",
                  credentials_version as "credentials_version!", has_second_factor as "has_second_factor!"
           from system_user_by_id($1)"#,
        user.as_uuid()
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(row.map(Into::into))
}

/// Sets a password's hash in place of the one that was read; whether that one still stood.
///
/// # Errors
/// Whatever the database says.
pub async fn set_password(tx: &mut SystemTx, known: &Credentials, hash: &str) -> Result<bool, StoreError> {
    Ok(sqlx::query_scalar!(
        r#"select system_set_password($1, $2, $3) as "set!""#,
        known.id.as_uuid(),
        known.password_hash,
        hash
    )
    .fetch_one(tx.connection())
    .await?)
}

/// Ends every session of a person and every open link to choose a new password; the credentials' new version.
///
/// # Errors
/// Whatever the database says.
pub async fn renew_credentials(tx: &mut SystemTx, user: UserId) -> Result<i64, StoreError> {
    Ok(
        sqlx::query_scalar!(r#"select system_renew_credentials($1) as "version!""#, user.as_uuid())
            .fetch_one(tx.connection())
            .await?,
    )
}

/// Whether anybody exists yet.
///
/// # Errors
/// Whatever the database says.
pub async fn any_exist(tx: &mut SystemTx) -> Result<bool, StoreError> {
    Ok(sqlx::query_scalar!(r#"select system_has_users() as "exists!""#)
        .fetch_one(tx.connection())
        .await?)
}

/// Creates a person.
///
/// # Errors
/// Breaks `users_email_key` when the address is taken.
pub async fn create(tx: &mut SystemTx, user: &NewUser<'_>, now: OffsetDateTime) -> Result<(), StoreError> {
    sqlx::query!(
        "select system_create_user($1, $2, $3, $4, $5, $6, $7)",
        user.id.as_uuid(),
        user.email,
        user.password_hash,
        user.is_operator,
        user.org.as_uuid(),
        user.role.as_str(),
        now
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}
