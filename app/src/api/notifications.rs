//! What people are told of, and how.

#[cfg(feature = "ssr")]
use super::server::{answer, backend};
use crate::contract::{NotificationChoicesView, NotificationsView, OverviewView, UiError, UnreadView, UnsubscribeView};
#[cfg(feature = "ssr")]
use crate::ports::{KindChoices, Password};
use leptos::prelude::*;

/// What needs attention, and how the last day went.
#[server(prefix = "/_fn", endpoint = "overview")]
pub async fn overview() -> Result<OverviewView, UiError> {
    answer(backend()?.notifications.overview().await)
}

/// The newest notifications, or those before a place.
#[server(prefix = "/_fn", endpoint = "notifications")]
pub async fn notifications(#[server(default)] before: String) -> Result<NotificationsView, UiError> {
    answer(backend()?.notifications.page(before).await)
}

/// How many notifications the person has not seen.
#[server(prefix = "/_fn", endpoint = "unread_notifications")]
pub async fn unread_notifications() -> Result<UnreadView, UiError> {
    answer(backend()?.notifications.unread().await)
}

/// Marks what the person saw as seen.
#[server(prefix = "/_fn", endpoint = "read_notifications")]
pub async fn read_notifications(read_to: String) -> Result<UnreadView, UiError> {
    answer(backend()?.notifications.read(read_to).await)
}

/// Which notifications reach the person, and which the organization's people.
#[server(prefix = "/_fn", endpoint = "notification_choices")]
pub async fn notification_choices() -> Result<NotificationChoicesView, UiError> {
    answer(backend()?.notifications.choices().await)
}

/// Chooses for oneself: the kinds that the bell shows, and those that are mailed. What is not named is off.
#[server(prefix = "/_fn", endpoint = "choose_notifications")]
pub async fn choose_notifications(
    #[server(default)] bell: Vec<String>,
    #[server(default)] mail: Vec<String>,
) -> Result<NotificationChoicesView, UiError> {
    answer(backend()?.notifications.choose(KindChoices { bell, mail }).await)
}

/// Goes back to what the organization chose.
#[server(prefix = "/_fn", endpoint = "forget_notification_choices")]
pub async fn forget_notification_choices() -> Result<NotificationChoicesView, UiError> {
    answer(backend()?.notifications.forget_choices().await)
}

/// Chooses for everybody in the organization who chose nothing.
#[server(prefix = "/_fn", endpoint = "choose_organization_notifications")]
pub async fn choose_organization_notifications(
    #[server(default)] organization_id: String,
    #[server(default)] bell: Vec<String>,
    #[server(default)] mail: Vec<String>,
) -> Result<NotificationChoicesView, UiError> {
    let choices = KindChoices { bell, mail };
    answer(
        backend()?
            .notifications
            .choose_for_organization(organization_id, choices)
            .await,
    )
}

/// What the link at the end of a mail would end.
#[server(prefix = "/_fn", endpoint = "unsubscribe_offer")]
pub async fn unsubscribe_offer(link: String) -> Result<UnsubscribeView, UiError> {
    answer(backend()?.notifications.unsubscribe_offer(Password(link)).await)
}

/// Ends the mails that the link stands in.
#[server(prefix = "/_fn", endpoint = "unsubscribe")]
pub async fn unsubscribe(link: String) -> Result<UnsubscribeView, UiError> {
    answer(backend()?.notifications.unsubscribe(Password(link)).await)
}
