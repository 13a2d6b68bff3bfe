//! Webhooks.

use crate::contract::{DeliveryView, UiError, WebhookDetailView, WebhookSecret, WebhooksView};
use async_trait::async_trait;

/// What a webhook is to be.
#[derive(Debug)]
pub struct WebhookInput {
    /// Where messages go.
    pub url: String,
    /// What to call it; may be empty.
    pub description: String,
    /// The kinds that it is told of; none for every kind.
    pub kinds: Vec<String>,
}

/// Webhooks.
#[async_trait]
pub trait WebhookPort: Send + Sync {
    /// The Webhooks page.
    async fn list(&self) -> Result<WebhooksView, UiError>;
    /// One webhook, and its newest deliveries or those before a place that the page before named.
    async fn detail(&self, webhook: String, before: String) -> Result<WebhookDetailView, UiError>;
    /// Makes one of the organization, which is refused when it names one and the session has turned to another.
    async fn create(&self, organization: String, input: WebhookInput) -> Result<WebhookSecret, UiError>;
    /// Changes one, at the version that the caller saw, where they say which.
    async fn change(&self, webhook: String, input: WebhookInput, row_version: Option<i64>) -> Result<(), UiError>;
    /// Switches one on or off.
    async fn set_active(&self, webhook: String, is_active: bool) -> Result<(), UiError>;
    /// Makes a new secret; the old one signs for as long as `overlap` says: `now`, `1h`, `24h`, `7d`.
    async fn rotate_secret(&self, webhook: String, overlap: String) -> Result<WebhookSecret, UiError>;
    /// Sends a message that tells of nothing.
    async fn test(&self, webhook: String) -> Result<DeliveryView, UiError>;
    /// Sends a message once more.
    async fn resend(&self, webhook: String, delivery: String) -> Result<(), UiError>;
    /// Deletes one.
    async fn delete(&self, webhook: String) -> Result<(), UiError>;
}
