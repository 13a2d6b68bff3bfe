//! People: who may sign in.

use super::{StoreError, SystemTx};
use crate::domain::{OrgId, Role, UserId};
use time::OffsetDateTime;

/// What sign-in needs to know of a person.
pub struct Credentials {
    /// The person.
    pub id: UserId,
    /// The argon2id hash of their password, in PHC form.
    pub password_hash: String,
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
    let row = sqlx::query!(
        r#"select id as "id!", password_hash as "password_hash!" from system_user_by_email($1)"#,
        email
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(row.map(|row| Credentials {
        id: UserId::from_uuid(row.id),
        password_hash: row.password_hash,
    }))
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
