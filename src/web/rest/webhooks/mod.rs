//! Webhooks: addresses of the organization's own that are told of what happens.

pub(super) mod create;
pub(super) mod delete;
pub(super) mod deliveries;
pub(super) mod get;
pub(super) mod list;
pub(super) mod patch;
pub(super) mod resend;
pub(super) mod rotate_secret;
pub(super) mod test;

use super::body::Fields;
use super::moment::Moment;
use super::version::Versioned;
use crate::domain::{NotificationKind, WebhookId};
use crate::service::webhooks::{Attempt, LoggedDelivery, MadeSecret, Webhook};
use crate::service::{Missing, ServiceError};
use crate::web::problem::Problem;
use secrecy::ExposeSecret;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Where the webhooks stand.
const COLLECTION: &str = "/api/v1/webhooks";
/// Where one stands.
const ITEM: &str = "/api/v1/webhooks/{webhook}";

/// A webhook, without its secret.
#[derive(Serialize, ToSchema)]
#[schema(as = Webhook)]
struct WebhookBody {
    id: Uuid,
    #[schema(example = "https://example.com/latchkey")]
    url: String,
    /// What people call it; may be empty.
    #[schema(example = "Pager")]
    description: String,
    /// The kinds that it is told of; none for every kind.
    #[schema(example = json!(["key.unhealthy", "key.exhausted"]))]
    kinds: Vec<String>,
    /// Whether it is told at all.
    is_active: bool,
    /// What became of the message that was tried last: `delivered`, `waiting` for another try, `given_up`; null before the
    /// first.
    #[schema(example = "delivered")]
    last_status: Option<String>,
    last_attempt_at: Option<Moment>,
    /// Until when messages are also signed with the secret before.
    old_secret_until: Option<Moment>,
    created_at: Moment,
    /// The maker's address or name.
    created_by: String,
    /// Counts up with each change; the `ETag`.
    version: i64,
}

impl From<Webhook> for WebhookBody {
    fn from(webhook: Webhook) -> Self {
        Self {
            id: webhook.id.as_uuid(),
            url: webhook.url,
            description: webhook.description,
            kinds: webhook.kinds.iter().map(ToString::to_string).collect(),
            is_active: webhook.is_active,
            last_status: webhook.last_status,
            last_attempt_at: webhook.last_attempt_at.map(Moment::from),
            old_secret_until: webhook.old_secret_until.map(Moment::from),
            created_at: webhook.created_at.into(),
            created_by: webhook.created_by_name,
            version: webhook.row_version,
        }
    }
}

impl From<Webhook> for Versioned<WebhookBody> {
    fn from(webhook: Webhook) -> Self {
        Self {
            row_version: webhook.row_version,
            body: webhook.into(),
        }
    }
}

/// A webhook and a secret that was just made.
#[derive(Serialize, ToSchema)]
#[schema(as = WebhookWithSecret)]
struct SecretBody {
    webhook: WebhookBody,
    /// What receivers verify signatures with; told this once.
    #[schema(example = "whsec_bm90IGEgc2VjcmV0LCBidXQgYW4gZXhhbXBsZQ==")]
    secret: String,
}

impl From<MadeSecret> for SecretBody {
    fn from(made: MadeSecret) -> Self {
        Self {
            secret: made.secret.expose_secret().to_owned(),
            webhook: made.webhook.into(),
        }
    }
}

/// A message to a webhook, and every try to deliver it.
#[derive(Serialize, ToSchema)]
#[schema(as = WebhookDelivery)]
struct DeliveryBody {
    id: Uuid,
    /// The message's id, the same on every try: `webhook-id`.
    #[schema(example = "msg_019aa5d20a5f7c7eb8c31a2b3c4d5e6f_opening")]
    message_id: String,
    /// What it tells of.
    #[schema(example = "key.unhealthy")]
    kind: String,
    /// What is sent, to the byte.
    payload: String,
    /// `waiting`, `delivered`, `given_up`
    #[schema(example = "delivered")]
    status: &'static str,
    created_at: Moment,
    next_attempt_at: Option<Moment>,
    /// The newest first.
    attempts: Vec<AttemptBody>,
}

/// One try.
#[derive(Serialize, ToSchema)]
#[schema(as = WebhookAttempt)]
struct AttemptBody {
    at: Moment,
    /// How long it took.
    milliseconds: i32,
    /// The receiver's status; null when there was no answer.
    #[schema(example = 200)]
    status: Option<i32>,
    /// The beginning of its answer, or why there is none.
    answer: String,
}

impl From<LoggedDelivery> for DeliveryBody {
    fn from(LoggedDelivery { delivery, attempts }: LoggedDelivery) -> Self {
        Self {
            id: delivery.id.as_uuid(),
            message_id: delivery.message_id,
            kind: delivery.kind,
            payload: delivery.payload,
            status: delivery.status.as_str(),
            created_at: delivery.created_at.into(),
            next_attempt_at: delivery.next_attempt_at.map(Moment::from),
            attempts: attempts.into_iter().map(AttemptBody::from).collect(),
        }
    }
}

impl From<Attempt> for AttemptBody {
    fn from(attempt: Attempt) -> Self {
        Self {
            at: attempt.at.into(),
            milliseconds: attempt.milliseconds,
            status: attempt.status,
            answer: attempt.answer,
        }
    }
}

/// The webhook that a path names; what is no id names none.
fn named(id: &str) -> Result<WebhookId, Problem> {
    id.parse().map_err(|_| ServiceError::Missing(Missing::Webhook).into())
}

/// The field `kinds`.
fn kinds_of(fields: &mut Fields) -> Result<Vec<NotificationKind>, Problem> {
    let kinds = fields.texts("kinds")?;
    let read: Result<_, _> = kinds.iter().map(|kind| kind.parse()).collect();
    read.map_err(|_| {
        let known: Vec<_> = NotificationKind::EVERY.iter().map(|kind| kind.as_str()).collect();
        Problem::at_field("kinds", format!("Send some of {}, or none for all.", known.join(", ")))
    })
}
