//! Webhooks.

#[cfg(feature = "ssr")]
use super::server::{answer, backend};
use crate::contract::{DeliveryView, UiError, WebhookDetailView, WebhookSecret, WebhooksView};
#[cfg(feature = "ssr")]
use crate::ports::WebhookInput;
use leptos::prelude::*;

/// The Webhooks page.
#[server(prefix = "/_fn", endpoint = "webhooks")]
pub async fn webhooks() -> Result<WebhooksView, UiError> {
    answer(backend()?.webhooks.list().await)
}

/// One webhook, and its newest deliveries or those before a place.
#[server(prefix = "/_fn", endpoint = "webhook")]
pub async fn webhook(webhook_id: String, #[server(default)] before: String) -> Result<WebhookDetailView, UiError> {
    answer(backend()?.webhooks.detail(webhook_id, before).await)
}

/// Makes a webhook; its secret is in this answer and nowhere else. Without kinds it is told of every kind.
#[server(prefix = "/_fn", endpoint = "create_webhook")]
pub async fn create_webhook(
    #[server(default)] organization_id: String,
    url: String,
    #[server(default)] description: String,
    #[server(default)] kinds: Vec<String>,
) -> Result<WebhookSecret, UiError> {
    let input = WebhookInput {
        url,
        description,
        kinds,
    };
    answer(backend()?.webhooks.create(organization_id, input).await)
}

/// Changes a webhook's address, description and kinds.
#[server(prefix = "/_fn", endpoint = "change_webhook")]
pub async fn change_webhook(
    webhook_id: String,
    url: String,
    #[server(default)] description: String,
    #[server(default)] kinds: Vec<String>,
    #[server(default)] row_version: String,
) -> Result<(), UiError> {
    let input = WebhookInput {
        url,
        description,
        kinds,
    };
    let seen = row_version.parse().ok();
    answer(backend()?.webhooks.change(webhook_id, input, seen).await)
}

/// Switches a webhook on or off.
#[server(prefix = "/_fn", endpoint = "set_webhook_active")]
pub async fn set_webhook_active(webhook_id: String, is_active: bool) -> Result<(), UiError> {
    answer(backend()?.webhooks.set_active(webhook_id, is_active).await)
}

/// Makes a new secret, in this answer and nowhere else; the old one goes on signing for as long as `overlap` says.
#[server(prefix = "/_fn", endpoint = "rotate_webhook_secret")]
pub async fn rotate_webhook_secret(
    webhook_id: String,
    #[server(default)] overlap: String,
) -> Result<WebhookSecret, UiError> {
    answer(backend()?.webhooks.rotate_secret(webhook_id, overlap).await)
}

/// Sends a message that tells of nothing, to try a webhook out.
#[server(prefix = "/_fn", endpoint = "test_webhook")]
pub async fn test_webhook(webhook_id: String) -> Result<DeliveryView, UiError> {
    answer(backend()?.webhooks.test(webhook_id).await)
}

/// Sends a message once more, under the same id.
#[server(prefix = "/_fn", endpoint = "resend_delivery")]
pub async fn resend_delivery(webhook_id: String, delivery_id: String) -> Result<(), UiError> {
    answer(backend()?.webhooks.resend(webhook_id, delivery_id).await)
}

/// Deletes a webhook and the log of its deliveries, and leads to the others.
#[server(prefix = "/_fn", endpoint = "delete_webhook")]
pub async fn delete_webhook(webhook_id: String) -> Result<(), UiError> {
    answer(backend()?.webhooks.delete(webhook_id).await)?;
    leptos_axum::redirect("/webhooks?deleted=1");
    Ok(())
}
