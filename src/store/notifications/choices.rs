//! Which notifications reach whom, as far as somebody chose.

use super::read_kind;
use crate::domain::{NotificationKind, UserId};
use crate::store::{OrgTx, StoreError};

/// How a kind of notification comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ways {
    /// The bell shows it.
    pub bell: bool,
    /// It is mailed.
    pub mail: bool,
}

/// A choice about one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The kind.
    pub kind: NotificationKind,
    /// How it is to come.
    pub ways: Ways,
}

/// What the organization chose for who chose nothing.
///
/// # Errors
/// Whatever the database says.
pub async fn of_organization(tx: &mut OrgTx) -> Result<Vec<Choice>, StoreError> {
    let rows = sqlx::query!(
        "select kind, bell, mail from organization_notification_choices where org_id = $1",
        tx.org.as_uuid()
    )
    .fetch_all(tx.connection())
    .await?;
    rows.into_iter()
        .map(|row| choice(&row.kind, row.bell, row.mail))
        .collect()
}

/// What a person chose.
///
/// # Errors
/// Whatever the database says.
pub async fn of_person(tx: &mut OrgTx, user: UserId) -> Result<Vec<Choice>, StoreError> {
    let rows = sqlx::query!(
        "select kind, bell, mail from notification_choices where org_id = $1 and user_id = $2",
        tx.org.as_uuid(),
        user.as_uuid()
    )
    .fetch_all(tx.connection())
    .await?;
    rows.into_iter()
        .map(|row| choice(&row.kind, row.bell, row.mail))
        .collect()
}

/// What people chose about one kind.
///
/// # Errors
/// Whatever the database says.
pub async fn of_kind(tx: &mut OrgTx, kind: NotificationKind) -> Result<Vec<(UserId, Ways)>, StoreError> {
    let rows = sqlx::query!(
        "select user_id, bell, mail from notification_choices where org_id = $1 and kind = $2",
        tx.org.as_uuid(),
        kind.as_str()
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let ways = Ways {
                bell: row.bell,
                mail: row.mail,
            };
            (UserId::from_uuid(row.user_id), ways)
        })
        .collect())
}

/// Chooses for the organization, in place of all it chose before.
///
/// # Errors
/// Whatever the database says.
pub async fn set_for_organization(tx: &mut OrgTx, choices: &[Choice]) -> Result<(), StoreError> {
    sqlx::query!(
        "delete from organization_notification_choices where org_id = $1",
        tx.org.as_uuid()
    )
    .execute(tx.connection())
    .await?;
    let (kinds, bells, mails) = columns(choices);
    sqlx::query!(
        "insert into organization_notification_choices (org_id, kind, bell, mail)
         select $1, * from unnest($2::text[], $3::bool[], $4::bool[])",
        tx.org.as_uuid(),
        &kinds,
        &bells,
        &mails
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Chooses for a person, in place of all they chose before.
///
/// # Errors
/// Breaks `notification_choices_org_id_user_id_fkey` when they belong to the organization no more.
pub async fn set_for_person(tx: &mut OrgTx, user: UserId, choices: &[Choice]) -> Result<(), StoreError> {
    sqlx::query!(
        "delete from notification_choices where org_id = $1 and user_id = $2",
        tx.org.as_uuid(),
        user.as_uuid()
    )
    .execute(tx.connection())
    .await?;
    let (kinds, bells, mails) = columns(choices);
    sqlx::query!(
        "insert into notification_choices (org_id, user_id, kind, bell, mail)
         select $1, $2, * from unnest($3::text[], $4::bool[], $5::bool[])",
        tx.org.as_uuid(),
        user.as_uuid(),
        &kinds,
        &bells,
        &mails
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

fn columns(choices: &[Choice]) -> (Vec<String>, Vec<bool>, Vec<bool>) {
    let kinds = choices.iter().map(|choice| choice.kind.to_string()).collect();
    let bells = choices.iter().map(|choice| choice.ways.bell).collect();
    let mails = choices.iter().map(|choice| choice.ways.mail).collect();
    (kinds, bells, mails)
}

fn choice(kind: &str, bell: bool, mail: bool) -> Result<Choice, StoreError> {
    Ok(Choice {
        kind: read_kind(kind)?,
        ways: Ways { bell, mail },
    })
}
