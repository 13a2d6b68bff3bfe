//! What is sent: a body after the Standard Webhooks specification (standardwebhooks.com), written once, so that every
//! try sends the same bytes under the same id.

use super::deliver::DeliverWebhook;
use crate::domain::{DeliveryId, NotificationKind, OrgId, WebhookId};
use crate::service::Foundation;
use crate::service::mail;
use crate::service::notifications::{NamedProject, Names, Words};
use crate::store::notifications::Notification;
use crate::store::notifications::mails::Part;
use crate::store::webhooks::deliveries::{self, Delivery, DeliveryStatus};
use crate::store::{OrgTx, StoreError, queue, webhooks};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use url::Url;

/// The type of messages that tell of nothing.
const TEST: &str = "webhook.test";

/// A message for every webhook that wants its kind.
pub(crate) struct Message {
    /// The same for every receiver and on every try.
    id: String,
    kind: NotificationKind,
    /// What it tells of: the webhook itself, where that does not answer.
    target: String,
    payload: String,
}

impl Message {
    pub(crate) fn of(notification: &Notification, words: &Words, names: &Names, part: Part, public_url: &Url) -> Self {
        let kind = notification.kind;
        let projects = notification.projects.iter().filter_map(|id| names.project(*id));
        let data = json!({
            "notification_id": notification.id,
            "part": part.as_str(),
            "urgency": words.urgency.as_str(),
            "title": words.title,
            "text": words.text,
            "url": mail::address(public_url, &words.path),
            "count": notification.items,
            "projects": projects.map(project).collect::<Vec<_>>(),
            "latest": {
                "event": notification.event,
                "occurred_at": rfc3339(notification.last_at),
                "target_id": notification.target,
                "details": notification.details,
            },
        });
        Self {
            id: format!("msg_{}_{}", notification.id.as_uuid().simple(), part.as_str()),
            kind,
            target: notification.target.clone(),
            payload: payload(kind.as_str(), notification.last_at, &data),
        }
    }
}

fn project(project: &NamedProject) -> Value {
    json!({ "id": project.id, "slug": project.slug, "name": project.name })
}

fn payload(kind: &str, at: OffsetDateTime, data: &Value) -> String {
    json!({ "type": kind, "timestamp": rfc3339(at), "data": data }).to_string()
}

fn rfc3339(time: OffsetDateTime) -> String {
    time.format(&Rfc3339).unwrap_or_default()
}

/// Notes a delivery for every webhook that wants the message, and a job for each, in the caller's transaction.
pub(crate) async fn note_deliveries(
    tx: &mut OrgTx,
    foundation: &Foundation,
    message: &Message,
) -> Result<(), StoreError> {
    for webhook in webhooks::list(tx).await? {
        let is_wanted = webhook.kinds.is_empty() || webhook.kinds.contains(&message.kind);
        // One that does not answer is not told so.
        let is_about_it = message.target == webhook.id.to_string();
        if webhook.is_active && is_wanted && !is_about_it {
            let delivery = new_delivery(
                foundation,
                webhook.id,
                Some(message.id.clone()),
                message.kind.as_str(),
                |_| message.payload.clone(),
            );
            note(tx, &delivery).await?;
        }
    }
    Ok(())
}

/// A message that tells of nothing, to try a webhook out.
pub(super) fn test_delivery(foundation: &Foundation, webhook: &webhooks::Webhook, org: OrgId) -> Delivery {
    let text = "If you can read this, and its signature is right, the webhook works.";
    new_delivery(foundation, webhook.id, None, TEST, |at| {
        let data = json!({ "organization_id": org, "webhook_id": webhook.id, "title": "A test message", "text": text });
        payload(TEST, at, &data)
    })
}

fn new_delivery(
    foundation: &Foundation,
    webhook: WebhookId,
    message_id: Option<String>,
    kind: &str,
    payload: impl FnOnce(OffsetDateTime) -> String,
) -> Delivery {
    let Foundation { clock, random, .. } = foundation;
    let (now, id) = (clock.now(), DeliveryId::new(&**clock, &**random));
    Delivery {
        message_id: message_id.unwrap_or_else(|| format!("msg_{}", id.as_uuid().simple())),
        id,
        webhook,
        kind: kind.to_owned(),
        payload: payload(now),
        created_at: now,
        status: DeliveryStatus::Waiting,
        next_attempt_at: Some(now),
    }
}

/// Notes a delivery and a job for it, unless there is one of this message already.
pub(super) async fn note(tx: &mut OrgTx, delivery: &Delivery) -> Result<(), StoreError> {
    if deliveries::insert(tx, delivery).await? {
        let job = DeliverWebhook {
            org: tx.org(),
            delivery: delivery.id,
        };
        queue::add_with(tx, &[job.job(None)]).await?;
    }
    Ok(())
}
