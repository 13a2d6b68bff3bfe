//! What people are told of, and how.

use super::Password;
use crate::contract::{NotificationChoicesView, NotificationsView, OverviewView, UiError, UnreadView, UnsubscribeView};
use async_trait::async_trait;

/// The kinds of notifications that are wanted, by the way they come.
#[derive(Debug)]
pub struct KindChoices {
    /// Kinds that the bell shows.
    pub bell: Vec<String>,
    /// Kinds that are mailed.
    pub mail: Vec<String>,
}

/// What people are told of, and how.
#[async_trait]
pub trait NotificationPort: Send + Sync {
    /// The home page.
    async fn overview(&self) -> Result<OverviewView, UiError>;
    /// The newest notifications, or those before a place that the page before named.
    async fn page(&self, before: String) -> Result<NotificationsView, UiError>;
    /// How many the person has not seen.
    async fn unread(&self) -> Result<UnreadView, UiError>;
    /// Marks everything up to a place that a page named as seen.
    async fn read(&self, read_to: String) -> Result<UnreadView, UiError>;
    /// Which notifications reach whom.
    async fn choices(&self) -> Result<NotificationChoicesView, UiError>;
    /// Chooses for the person.
    async fn choose(&self, choices: KindChoices) -> Result<NotificationChoicesView, UiError>;
    /// Forgets what the person chose.
    async fn forget_choices(&self) -> Result<NotificationChoicesView, UiError>;
    /// Chooses for the organization, which is refused when it names one and the session has turned to another.
    async fn choose_for_organization(
        &self,
        organization: String,
        choices: KindChoices,
    ) -> Result<NotificationChoicesView, UiError>;
    /// What a link out of a mail would end.
    async fn unsubscribe_offer(&self, link: Password) -> Result<UnsubscribeView, UiError>;
    /// Ends it; nobody has to be signed in.
    async fn unsubscribe(&self, link: Password) -> Result<UnsubscribeView, UiError>;
}
