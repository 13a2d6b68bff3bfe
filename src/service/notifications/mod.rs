//! What people are told of: the bell, mail, and (in `webhooks`) addresses of their own.
//!
//! Whatever the audit trail takes down and people should know of becomes a notification in the same transaction
//! ([`note`]). Many alike within a few minutes are one. A job then decides who is told how ([`announce`]), and
//! further jobs do it.

mod announce;
mod choices;
mod due;
mod fallbacks;
mod mail;
mod told;
mod unsubscribe;
mod words;

pub use announce::{Announce, SendMail};
pub use choices::{KindChoice, PersonalChoices, Wanted, Ways};
pub(crate) use due::UNUSED_FOR;
pub(crate) use fallbacks::{Fallbacks, quiet_since};
pub(crate) use told::note;
pub use unsubscribe::Unsubscribing;
pub(crate) use words::Names;
pub use words::{NamedProject, Words};

use super::audit::Audit;
use super::mail::Mailer;
use super::{Foundation, ServiceError};
use crate::domain::{Actor, NotificationId, Scope};
use crate::store::notifications::{self, Notification, reads};
use std::sync::Arc;
use time::OffsetDateTime;
use url::Url;

/// Where a page of notifications begins: behind the one that grew then.
pub type NotificationCursor = (OffsetDateTime, NotificationId);

/// A notification in words.
#[derive(Clone, Debug)]
pub struct Told {
    /// What is stored.
    pub notification: Notification,
    /// What it says.
    pub words: Words,
    /// Whether the person who asks has not seen it.
    pub is_new: bool,
}

/// Tells people what happened.
pub struct Notifications {
    foundation: Arc<Foundation>,
    audit: Arc<Audit>,
    mailer: Option<Arc<dyn Mailer>>,
    public_url: Url,
}

impl Notifications {
    pub(crate) const fn new(
        foundation: Arc<Foundation>,
        audit: Arc<Audit>,
        mailer: Option<Arc<dyn Mailer>>,
        public_url: Url,
    ) -> Self {
        Self {
            foundation,
            audit,
            mailer,
            public_url,
        }
    }

    /// Whether people can be mailed at all.
    #[must_use]
    pub fn sends_mail(&self) -> bool {
        self.mailer.is_some()
    }

    /// The organization's notifications of the kinds that the actor may know of and wants to see, those first that grew
    /// last, behind a place, at most `limit`.
    ///
    /// # Errors
    /// [`ServiceError::Refused`] without `read:byok`; [`ServiceError::OneProjectOnly`].
    pub async fn list(
        &self,
        actor: &Actor,
        before: Option<NotificationCursor>,
        limit: u16,
    ) -> Result<Vec<Told>, ServiceError> {
        actor.require(Scope::ReadByok)?;
        actor.require_whole_organization()?;
        let mut tx = self.foundation.store.org(actor.org).await?;
        let kinds = self.bell_kinds(&mut tx, actor).await?;
        let found = notifications::list(&mut tx, &kinds, before, i64::from(limit)).await?;
        let names = Names::load(&mut tx).await?;
        let read_at = match actor.user() {
            Some(user) => reads::read_at(&mut tx, user).await?,
            None => None,
        };
        let told = found.into_iter().map(|notification| Told {
            words: Words::of(&notification, &names),
            is_new: read_at.is_some_and(|read_at| read_at < notification.last_at),
            notification,
        });
        Ok(told.collect())
    }

    /// How many of them the person who asks has not seen.
    ///
    /// # Errors
    /// As [`Notifications::list`]; [`ServiceError::PersonsOnly`] to a token.
    pub async fn unread(&self, actor: &Actor) -> Result<u32, ServiceError> {
        actor.require(Scope::ReadByok)?;
        let user = actor.user().ok_or(ServiceError::PersonsOnly)?;
        let mut tx = self.foundation.store.org(actor.org).await?;
        let kinds = self.bell_kinds(&mut tx, actor).await?;
        Ok(reads::count_unread(&mut tx, user, &kinds).await?)
    }

    /// Marks everything that grew until `at` as seen.
    ///
    /// # Errors
    /// As [`Notifications::unread`].
    pub async fn mark_read(&self, actor: &Actor, at: OffsetDateTime) -> Result<(), ServiceError> {
        actor.require(Scope::ReadByok)?;
        let user = actor.user().ok_or(ServiceError::PersonsOnly)?;
        let mut tx = self.foundation.store.org(actor.org).await?;
        let at = at.min(self.foundation.clock.now());
        reads::mark(&mut tx, user, at).await?;
        Ok(tx.commit().await?)
    }
}
