//! Webhooks, for the dashboard.

use super::backend::Bound;
use super::error::from_service;
use super::keys::overlap as overlap_of;
use super::moment::moment;
use super::notifications::read_kinds;
use super::place;
use crate::domain::{Actor, DeliveryId, NotificationKind, Overlap, Scope, WebhookId};
use crate::service::webhooks::{
    Attempt, DeliveryStatus, LoggedDelivery, MadeSecret, Webhook, WebhookChange, WebhookSpec,
};
use crate::service::{Missing, ServiceError};
use app::contract::{
    AttemptView, DeliveryStatus as StatusView, DeliveryView, OptionView, UiError, WebhookDetailView, WebhookSecret,
    WebhookStatus, WebhookView, WebhooksView,
};
use app::ports::{WebhookInput, WebhookPort};
use async_trait::async_trait;
use secrecy::ExposeSecret;
use time::OffsetDateTime;

/// Deliveries of a page.
const PAGE: u16 = 20;

#[async_trait]
impl WebhookPort for Bound {
    async fn list(&self) -> Result<WebhooksView, UiError> {
        let actor = self.actor()?;
        let webhooks = self.app.services.webhooks.list(actor).await;
        let webhooks = webhooks.map_err(|error| from_service(&error))?;
        let now = self.app.clock.now();
        Ok(WebhooksView {
            organization_id: actor.org.to_string(),
            kinds: kinds(),
            webhooks: webhooks.into_iter().map(|webhook| view(webhook, now)).collect(),
        })
    }

    async fn detail(&self, webhook: String, before: String) -> Result<WebhookDetailView, UiError> {
        let actor = self.settings_actor()?;
        let (id, before) = (read_webhook(&webhook)?, place::read(&before)?);
        let webhooks = &self.app.services.webhooks;
        let webhook = webhooks.get(actor, id).await.map_err(|error| from_service(&error))?;
        let logged = webhooks.deliveries(actor, id, before, PAGE + 1).await;
        let mut logged = logged.map_err(|error| from_service(&error))?;
        let has_more = logged.len() > usize::from(PAGE);
        logged.truncate(usize::from(PAGE));
        let place = |logged: &LoggedDelivery| place::write(logged.delivery.created_at, logged.delivery.id);
        let now = self.app.clock.now();
        Ok(WebhookDetailView {
            organization_id: actor.org.to_string(),
            webhook: view(webhook, now),
            kinds: kinds(),
            overlaps: overlaps(),
            older: logged.last().filter(|_| has_more).map(place),
            deliveries: logged.into_iter().map(|logged| delivery_view(logged, now)).collect(),
        })
    }

    async fn create(&self, organization: String, input: WebhookInput) -> Result<WebhookSecret, UiError> {
        let name = self.known()?.name.clone();
        let actor = self.settings_actor_in(&organization)?;
        let made = self.app.services.webhooks.create(actor, read_spec(input)?, name).await;
        Ok(self.secret(made.map_err(|error| from_service(&error))?))
    }

    async fn change(&self, webhook: String, input: WebhookInput, row_version: Option<i64>) -> Result<(), UiError> {
        let actor = self.settings_actor()?;
        let change = WebhookChange {
            url: Some(input.url),
            description: Some(input.description),
            kinds: Some(read_kinds("kinds", &input.kinds)?),
            is_active: None,
        };
        let changed = self
            .app
            .services
            .webhooks
            .change(actor, read_webhook(&webhook)?, change, row_version);
        changed.await.map(drop).map_err(|error| from_service(&error))
    }

    async fn set_active(&self, webhook: String, is_active: bool) -> Result<(), UiError> {
        let actor = self.settings_actor()?;
        let change = WebhookChange {
            is_active: Some(is_active),
            ..WebhookChange::default()
        };
        let changed = self
            .app
            .services
            .webhooks
            .change(actor, read_webhook(&webhook)?, change, None);
        changed.await.map(drop).map_err(|error| from_service(&error))
    }

    async fn rotate_secret(&self, webhook: String, overlap: String) -> Result<WebhookSecret, UiError> {
        let actor = self.settings_actor()?;
        let (id, overlap) = (read_webhook(&webhook)?, overlap_of(&overlap)?);
        let made = self.app.services.webhooks.rotate_secret(actor, id, overlap).await;
        Ok(self.secret(made.map_err(|error| from_service(&error))?))
    }

    async fn test(&self, webhook: String) -> Result<DeliveryView, UiError> {
        let actor = self.settings_actor()?;
        let logged = self.app.services.webhooks.test(actor, read_webhook(&webhook)?).await;
        let logged = logged.map_err(|error| from_service(&error))?;
        Ok(delivery_view(logged, self.app.clock.now()))
    }

    async fn resend(&self, webhook: String, delivery: String) -> Result<(), UiError> {
        let actor = self.settings_actor()?;
        let id = read_webhook(&webhook)?;
        let missing = |_| from_service(&ServiceError::Missing(Missing::Delivery));
        let delivery: DeliveryId = delivery.parse().map_err(missing)?;
        let resent = self.app.services.webhooks.resend(actor, id, delivery).await;
        resent.map_err(|error| from_service(&error))
    }

    async fn delete(&self, webhook: String) -> Result<(), UiError> {
        let actor = self.settings_actor()?;
        let deleted = self.app.services.webhooks.delete(actor, read_webhook(&webhook)?).await;
        deleted.map_err(|error| from_service(&error))
    }
}

impl Bound {
    /// Who may see to webhooks; decided before any look at what is named.
    fn settings_actor(&self) -> Result<&Actor, UiError> {
        self.settings_actor_in("")
    }

    fn settings_actor_in(&self, organization: &str) -> Result<&Actor, UiError> {
        let actor = self.actor_in(organization)?;
        actor
            .require(Scope::WriteSettings)
            .map_err(|refusal| from_service(&refusal.into()))?;
        Ok(actor)
    }

    fn secret(&self, made: MadeSecret) -> WebhookSecret {
        let now = self.app.clock.now();
        let until = made.webhook.old_secret_until;
        WebhookSecret {
            id: made.webhook.id.to_string(),
            url: made.webhook.url,
            secret: made.secret.expose_secret().to_owned(),
            old_secret_until: until.map(|until| moment(until, now)),
        }
    }
}

fn read_webhook(text: &str) -> Result<WebhookId, UiError> {
    let missing = |_| from_service(&ServiceError::Missing(Missing::Webhook));
    text.parse().map_err(missing)
}

fn read_spec(input: WebhookInput) -> Result<WebhookSpec, UiError> {
    Ok(WebhookSpec {
        url: input.url,
        description: input.description,
        kinds: read_kinds("kinds", &input.kinds)?,
    })
}

fn kinds() -> Vec<OptionView> {
    let each = NotificationKind::EVERY
        .iter()
        .map(|kind| OptionView::new(kind.as_str(), kind.name()));
    each.collect()
}

fn overlaps() -> Vec<OptionView> {
    let label = |overlap: &Overlap| match overlap {
        Overlap::Now => "At once",
        Overlap::Hour => "After 1 hour",
        Overlap::Day => "After 24 hours",
        Overlap::Week => "After 7 days",
    };
    let each = Overlap::EVERY
        .iter()
        .map(|overlap| OptionView::new(overlap.as_str(), label(overlap)));
    each.collect()
}

fn view(webhook: Webhook, now: OffsetDateTime) -> WebhookView {
    let status = match webhook.last_status.as_deref() {
        _ if !webhook.is_active => WebhookStatus::Off,
        None => WebhookStatus::Unused,
        Some("delivered") => WebhookStatus::Working,
        Some(_) => WebhookStatus::Failing,
    };
    let is_given_up = webhook.last_status.as_deref() == Some(DeliveryStatus::GivenUp.as_str());
    let problem = match status {
        WebhookStatus::Failing if is_given_up => {
            "The last message was given up. See what the address answered, mend it, and send the message again."
        }
        WebhookStatus::Failing => "The last message was not taken, and is tried again for a day.",
        _ => "",
    };
    let old_until = webhook.old_secret_until.filter(|until| *until > now);
    WebhookView {
        id: webhook.id.to_string(),
        url: webhook.url,
        description: webhook.description,
        kinds: webhook.kinds.iter().map(ToString::to_string).collect(),
        is_active: webhook.is_active,
        status,
        problem: problem.to_owned(),
        last_sent_at: webhook.last_attempt_at.map(|at| moment(at, now)),
        created_at: moment(webhook.created_at, now),
        created_by: webhook.created_by_name,
        old_secret_until: old_until.map(|until| moment(until, now)),
        row_version: webhook.row_version,
    }
}

fn delivery_view(logged: LoggedDelivery, now: OffsetDateTime) -> DeliveryView {
    let LoggedDelivery { delivery, attempts } = logged;
    DeliveryView {
        id: delivery.id.to_string(),
        message_id: delivery.message_id,
        kind: delivery.kind,
        created_at: moment(delivery.created_at, now),
        status: match delivery.status {
            DeliveryStatus::Waiting => StatusView::Waiting,
            DeliveryStatus::Delivered => StatusView::Delivered,
            DeliveryStatus::GivenUp => StatusView::GivenUp,
        },
        next_attempt_at: delivery.next_attempt_at.map(|at| moment(at, now)),
        attempts: attempts.into_iter().map(|attempt| attempt_view(attempt, now)).collect(),
        payload: in_lines(&delivery.payload),
    }
}

fn attempt_view(attempt: Attempt, now: OffsetDateTime) -> AttemptView {
    AttemptView {
        at: moment(attempt.at, now),
        milliseconds: u32::try_from(attempt.milliseconds).unwrap_or_default(),
        status: attempt.status.and_then(|status| u16::try_from(status).ok()),
        answer: attempt.answer,
    }
}

/// The same JSON, for people to read.
fn in_lines(payload: &str) -> String {
    let json: Option<serde_json::Value> = serde_json::from_str(payload).ok();
    let lines = json.and_then(|json| serde_json::to_string_pretty(&json).ok());
    lines.unwrap_or_else(|| payload.to_owned())
}
