//! Telling people outside of the dashboard: who is mailed, and which webhooks get a message.

use super::Notifications;
use super::choices::Effective;
use super::words::{Names, Words};
use crate::domain::{MailId, NotificationId, OrgId};
use crate::service::{Foundation, ServiceError, webhooks};
use crate::store::notifications::mails::{self, Part};
use crate::store::notifications::{self, Notification};
use crate::store::queue::{self, NewJob};
use crate::store::{OrgTx, StoreError, memberships};
use serde::{Deserialize, Serialize};
use serde_json::json;
use time::OffsetDateTime;

/// Tell of one notification outside of the dashboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Announce {
    /// The organization.
    pub org: OrgId,
    /// The notification.
    pub notification: NotificationId,
    /// Whether it began, or is over.
    pub part: Part,
}

impl Announce {
    /// The task's name in the queue.
    pub const TASK: &'static str = "announce";

    /// However many join a notification, it is told once more, when nothing joins it any longer.
    pub(super) fn job(self, run_at: Option<OffsetDateTime>) -> NewJob {
        NewJob {
            task: Self::TASK,
            payload: json!(self),
            queue: None,
            key: Some(format!("announce:{}:{}", self.notification, self.part.as_str())),
            run_at,
        }
    }
}

/// Send one mail about a notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SendMail {
    /// The organization.
    pub org: OrgId,
    /// The mail.
    pub mail: MailId,
}

impl SendMail {
    /// The task's name in the queue.
    pub const TASK: &'static str = "send_notification_mail";

    fn job(self) -> NewJob {
        NewJob {
            task: Self::TASK,
            payload: json!(self),
            queue: None,
            key: None,
            run_at: None,
        }
    }
}

impl Notifications {
    /// Notes the mails and messages that tell of a notification, and a job for each, all in one transaction. What was
    /// told before, by a server that died over it or because nothing joined since, is not told again.
    ///
    /// # Errors
    /// Whatever the store says.
    pub async fn announce(&self, job: Announce) -> Result<(), ServiceError> {
        let mut tx = self.foundation.store.org(job.org).await?;
        let found = notifications::lock(&mut tx, job.notification).await?;
        let Some(notification) = found.filter(|found| found.announced < found.items) else {
            return Ok(());
        };
        let names = Names::load(&mut tx).await?;
        let words = Words::of(&notification, &names);
        self.note_mails(&mut tx, &notification, job.part).await?;
        let message = webhooks::Message::of(&notification, &words, &names, job.part, &self.public_url);
        webhooks::note_deliveries(&mut tx, &self.foundation, &message).await?;
        notifications::set_announced(&mut tx, notification.id, notification.items).await?;
        Ok(tx.commit().await?)
    }

    /// A mail for each who wants one, but whoever did it themselves.
    async fn note_mails(&self, tx: &mut OrgTx, notification: &Notification, part: Part) -> Result<(), StoreError> {
        if self.mailer.is_none() {
            return Ok(());
        }
        let Foundation { clock, random, .. } = &*self.foundation;
        let now = clock.now();
        let members = memberships::list(tx, now).await?;
        let wanted = Effective::of_kind(tx, notification.kind).await?;
        let mut jobs = Vec::new();
        for member in members {
            let did_it = notification.actor == Some(member.user.as_uuid());
            if did_it || !wanted.mails(&member) {
                continue;
            }
            let mail = MailId::new(&**clock, &**random);
            if mails::insert(tx, mail, notification.id, part, member.user, now).await? {
                jobs.push(SendMail { org: tx.org(), mail }.job());
            }
        }
        queue::add_with(tx, &jobs).await
    }
}
