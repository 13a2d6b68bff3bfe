//! Second factors: what makes a person's codes, sealed, and the recovery codes that go with it, hashed.

use super::{StoreError, SystemTx};
use crate::domain::{Sealed, UserId};
use time::OffsetDateTime;

/// A person's second factor.
#[derive(Clone, Debug)]
pub struct SecondFactor {
    /// The secret that makes the codes.
    pub sealed: Sealed,
    /// When it was begun.
    pub created_at: OffsetDateTime,
    /// When its first code proved that the person has it; until then it is asked for nowhere.
    pub confirmed_at: Option<OffsetDateTime>,
    /// How many recovery codes are left.
    pub codes_left: i64,
}

/// This person's second factor, confirmed or not.
///
/// # Errors
/// Whatever the database says.
pub async fn find(tx: &mut SystemTx, user: UserId) -> Result<Option<SecondFactor>, StoreError> {
    let row = sqlx::query!(
        r#"select sealed as "sealed!", created_at as "created_at!", confirmed_at, codes_left as "codes_left!"
           from system_second_factor_of($1)"#,
        user.as_uuid()
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(row.map(|row| SecondFactor {
        sealed: Sealed::from_bytes(row.sealed),
        created_at: row.created_at,
        confirmed_at: row.confirmed_at,
        codes_left: row.codes_left,
    }))
}

/// Begins one in place of one that was never confirmed; false when one was.
///
/// # Errors
/// Whatever the database says.
pub async fn begin(tx: &mut SystemTx, user: UserId, sealed: &Sealed, now: OffsetDateTime) -> Result<bool, StoreError> {
    Ok(sqlx::query_scalar!(
        r#"select system_begin_second_factor($1, $2, $3) as "begun!""#,
        user.as_uuid(),
        sealed.as_bytes(),
        now
    )
    .fetch_one(tx.connection())
    .await?)
}

/// Confirms the one that was read, its first code being of `step`; whether it still stood unconfirmed.
///
/// # Errors
/// Whatever the database says.
pub async fn confirm(
    tx: &mut SystemTx,
    user: UserId,
    sealed: &Sealed,
    step: i64,
    now: OffsetDateTime,
) -> Result<bool, StoreError> {
    Ok(sqlx::query_scalar!(
        r#"select system_confirm_second_factor($1, $2, $3, $4) as "confirmed!""#,
        user.as_uuid(),
        sealed.as_bytes(),
        step,
        now
    )
    .fetch_one(tx.connection())
    .await?)
}

/// Removes it with its recovery codes; whether there was one.
///
/// # Errors
/// Whatever the database says.
pub async fn remove(tx: &mut SystemTx, user: UserId) -> Result<bool, StoreError> {
    Ok(sqlx::query_scalar!(
        r#"select system_remove_second_factor($1) as "removed!""#,
        user.as_uuid()
    )
    .fetch_one(tx.connection())
    .await?)
}

/// Counts a try of a code; when none may be made now, says when the next may. After `most` without a right one, none
/// may until `until`. To be committed before the code is looked at.
///
/// # Errors
/// Whatever the database says.
pub async fn count_try(
    tx: &mut SystemTx,
    user: UserId,
    now: OffsetDateTime,
    most: i32,
    until: OffsetDateTime,
) -> Result<Option<OffsetDateTime>, StoreError> {
    Ok(sqlx::query_scalar!(
        "select system_count_code_try($1, $2, $3, $4)",
        user.as_uuid(),
        now,
        most,
        until
    )
    .fetch_one(tx.connection())
    .await?)
}

/// Spends the code of a step, and those before it; false when it was spent already.
///
/// # Errors
/// Whatever the database says.
pub async fn accept_step(tx: &mut SystemTx, user: UserId, step: i64) -> Result<bool, StoreError> {
    Ok(sqlx::query_scalar!(
        r#"select system_accept_step($1, $2) as "accepted!""#,
        user.as_uuid(),
        step
    )
    .fetch_one(tx.connection())
    .await?)
}
