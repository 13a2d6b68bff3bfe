//! Mails about notifications, so that none is written twice.

use crate::domain::{MailId, NotificationId, UserId};
use crate::store::{OrgTx, StoreError};
use time::OffsetDateTime;

/// Which part of a notification is told outside of the dashboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// That it began.
    Opening,
    /// What joined it meanwhile, when nothing joins it any more.
    Closing,
}

impl Part {
    /// As the database writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Opening => "opening",
            Self::Closing => "closing",
        }
    }
}

/// A mail to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PendingMail {
    /// What it is about.
    pub notification: NotificationId,
    /// Whom it is for.
    pub user: UserId,
}

/// Notes a mail; whether it is new.
///
/// # Errors
/// Whatever the database says.
pub async fn insert(
    tx: &mut OrgTx,
    id: MailId,
    notification: NotificationId,
    part: Part,
    user: UserId,
    now: OffsetDateTime,
) -> Result<bool, StoreError> {
    let inserted = sqlx::query!(
        "insert into notification_mails (org_id, id, notification_id, part, user_id, created_at)
         values ($1, $2, $3, $4, $5, $6) on conflict (org_id, notification_id, part, user_id) do nothing",
        tx.org.as_uuid(),
        id.as_uuid(),
        notification.as_uuid(),
        part.as_str(),
        user.as_uuid(),
        now
    )
    .execute(tx.connection())
    .await?;
    Ok(inserted.rows_affected() == 1)
}

/// A mail that was not sent yet.
///
/// # Errors
/// Whatever the database says.
pub async fn find_pending(tx: &mut OrgTx, id: MailId) -> Result<Option<PendingMail>, StoreError> {
    let row = sqlx::query!(
        "select notification_id, user_id from notification_mails where org_id = $1 and id = $2 and sent_at is null",
        tx.org.as_uuid(),
        id.as_uuid()
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(row.map(|row| PendingMail {
        notification: NotificationId::from_uuid(row.notification_id),
        user: UserId::from_uuid(row.user_id),
    }))
}

/// Notes that the mail server took a mail.
///
/// # Errors
/// Whatever the database says.
pub async fn mark_sent(tx: &mut OrgTx, id: MailId, now: OffsetDateTime) -> Result<(), StoreError> {
    sqlx::query!(
        "update notification_mails set sent_at = $3 where org_id = $1 and id = $2",
        tx.org.as_uuid(),
        id.as_uuid(),
        now
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}
