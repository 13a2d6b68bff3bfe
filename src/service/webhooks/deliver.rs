//! Delivering messages: signed, tried again for a day with growing pauses, each try in the log.

use super::sender::Outcome;
use super::{PURPOSE, Webhooks, place};
use crate::domain::{DeliveryId, OrgId, Random, Sealed, WebhookId, WebhookUrl};
use crate::service::ServiceError;
use crate::service::audit::{Event, Target};
use crate::store::OrgTx;
use crate::store::queue::{self, NewJob};
use crate::store::webhooks::deliveries::{self, Attempt, Delivery, DeliveryStatus};
use crate::store::webhooks::{self, Webhook};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};
use serde_json::json;
use standardwebhooks::{HEADER_WEBHOOK_ID, HEADER_WEBHOOK_SIGNATURE, HEADER_WEBHOOK_TIMESTAMP, Webhook as Signer};
use time::{Duration, OffsetDateTime};

/// A message is given up when it is this old.
const GIVEN_UP_AFTER: Duration = Duration::days(1);
/// How long the next try waits after the first, second, … one; then the last pause again and again.
const PAUSES: [Duration; 9] = [
    Duration::seconds(5),
    Duration::seconds(30),
    Duration::minutes(2),
    Duration::minutes(10),
    Duration::minutes(30),
    Duration::hours(1),
    Duration::hours(2),
    Duration::hours(4),
    Duration::hours(6),
];
/// The receiver is gone for good.
const GONE: u16 = 410;

/// Try to deliver a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliverWebhook {
    /// The organization.
    pub org: OrgId,
    /// The delivery.
    pub delivery: DeliveryId,
}

impl DeliverWebhook {
    /// The task's name in the queue.
    pub const TASK: &'static str = "deliver_webhook";

    /// An organization's messages are sent one after the other: receivers that do not answer hold up nobody else's.
    pub(super) fn job(self, run_at: Option<OffsetDateTime>) -> NewJob {
        NewJob {
            task: Self::TASK,
            payload: json!(self),
            queue: Some(format!("webhooks:{}", self.org)),
            // A message that is to be sent at once does not wait for a planned try, which finds nothing to do then.
            key: run_at.map(|_| format!("deliver:{}", self.delivery)),
            run_at,
        }
    }
}

/// What a try needs.
struct Ready {
    webhook: Webhook,
    delivery: Delivery,
    tries: usize,
    signers: Vec<Signer>,
}

impl Webhooks {
    /// Tries to deliver a message that waits, and plans the next try where the receiver does not take it. A server that
    /// dies between sending and noting lets it be sent again, under the same id.
    ///
    /// # Errors
    /// Whatever store and vault say.
    pub async fn deliver(&self, job: DeliverWebhook) -> Result<(), ServiceError> {
        let Some(ready) = self.prepare(job).await? else {
            return Ok(());
        };
        let at = self.foundation.clock.now();
        let outcome = match self.sender.policy().parse_webhook(&ready.webhook.url) {
            Ok(url) => self.send(&ready, &url, at).await?,
            Err(error) => Outcome {
                status: None,
                answer: error.to_string(),
                took: std::time::Duration::ZERO,
            },
        };
        self.conclude(job.org, &ready, &outcome, at).await
    }

    async fn prepare(&self, job: DeliverWebhook) -> Result<Option<Ready>, ServiceError> {
        let now = self.foundation.clock.now();
        let mut tx = self.foundation.store.org(job.org).await?;
        let found = deliveries::find(&mut tx, job.delivery).await?;
        let Some(delivery) = found.filter(|delivery| delivery.status == DeliveryStatus::Waiting) else {
            return Ok(None);
        };
        let webhook = webhooks::find(&mut tx, delivery.webhook).await?;
        let secrets = webhooks::secrets(&mut tx, delivery.webhook, now).await?;
        let (Some(webhook), Some(secrets)) = (webhook, secrets) else {
            return Ok(None);
        };
        if !webhook.is_active {
            deliveries::plan(&mut tx, delivery.id, DeliveryStatus::GivenUp, None).await?;
            tx.commit().await?;
            return Ok(None);
        }
        let tries = deliveries::attempts(&mut tx, &[delivery.id]).await?.len();
        drop(tx);
        let mut signers = vec![
            self.signer(job.org, webhook.id, secrets.version, &secrets.secret)
                .await?,
        ];
        if let Some(old) = &secrets.old {
            signers.push(self.signer(job.org, webhook.id, secrets.version - 1, old).await?);
        }
        Ok(Some(Ready {
            webhook,
            delivery,
            tries,
            signers,
        }))
    }

    async fn signer(&self, org: OrgId, id: WebhookId, version: i64, sealed: &Sealed) -> Result<Signer, ServiceError> {
        let place = place(org, id, version);
        let opened = self.values.open_bytes(PURPOSE, &place.parts(), sealed).await;
        let secret = opened.map_err(|error| {
            tracing::error!(
                alarm = "webhook_secret_unreadable", webhook.id = %id, org.id = %org,
                "a webhook's secret cannot be used: it was altered, or moved from elsewhere"
            );
            ServiceError::Open(error)
        })?;
        Signer::from_bytes(secret.to_vec()).map_err(ServiceError::Webhook)
    }

    async fn send(&self, ready: &Ready, url: &WebhookUrl, at: OffsetDateTime) -> Result<Outcome, ServiceError> {
        let Delivery {
            message_id, payload, ..
        } = &ready.delivery;
        let seconds = at.unix_timestamp();
        let signatures: Result<Vec<String>, _> = ready
            .signers
            .iter()
            .map(|signer| signer.sign(message_id, seconds, payload.as_bytes()))
            .collect();
        let signatures = signatures.map_err(ServiceError::Webhook)?.join(" ");
        let mut headers = HeaderMap::new();
        for (name, value) in [
            (HEADER_WEBHOOK_ID, message_id.as_str()),
            (HEADER_WEBHOOK_TIMESTAMP, &seconds.to_string()),
            (HEADER_WEBHOOK_SIGNATURE, &signatures),
        ] {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
        Ok(self.sender.send(url, headers, payload.clone()).await)
    }

    /// Puts a try into the log, and decides what becomes of the message.
    async fn conclude(
        &self,
        org: OrgId,
        ready: &Ready,
        outcome: &Outcome,
        at: OffsetDateTime,
    ) -> Result<(), ServiceError> {
        let Ready { delivery, tries, .. } = ready;
        let next = self.next_attempt(delivery, *tries, outcome);
        let status = match next {
            _ if outcome.is_taken() => DeliveryStatus::Delivered,
            Some(_) => DeliveryStatus::Waiting,
            None => DeliveryStatus::GivenUp,
        };
        let attempt = Attempt {
            at,
            milliseconds: i32::try_from(outcome.took.as_millis()).unwrap_or(i32::MAX),
            status: outcome.status.map(i32::from),
            answer: outcome.answer.clone(),
        };
        let mut tx = self.foundation.store.org(org).await?;
        let unchanged = deliveries::find(&mut tx, delivery.id).await?;
        if unchanged.is_none() {
            return Ok(());
        }
        deliveries::record(&mut tx, delivery.id, &attempt, status, next).await?;
        if let Some(at) = next {
            let job = DeliverWebhook {
                org,
                delivery: delivery.id,
            };
            queue::add_with(&mut tx, &[job.job(Some(at))]).await?;
        }
        if status == DeliveryStatus::GivenUp {
            self.give_up(&mut tx, org, ready, outcome).await?;
        }
        Ok(tx.commit().await?)
    }

    /// When a message that was not taken is tried again; never after a day, or when the receiver is gone.
    fn next_attempt(&self, delivery: &Delivery, tries: usize, outcome: &Outcome) -> Option<OffsetDateTime> {
        if outcome.is_taken() || outcome.status == Some(GONE) {
            return None;
        }
        let pause = PAUSES[tries.min(PAUSES.len() - 1)];
        let at = self.foundation.clock.now() + jittered(pause, &*self.foundation.random);
        (at < delivery.created_at + GIVEN_UP_AFTER).then_some(at)
    }

    async fn give_up(&self, tx: &mut OrgTx, org: OrgId, ready: &Ready, outcome: &Outcome) -> Result<(), ServiceError> {
        let origin = self.sender.policy().parse_webhook(&ready.webhook.url);
        let details = json!({
            "origin": origin.map(|url| url.origin()).unwrap_or_default(),
            "message": ready.delivery.message_id,
            "status": outcome.status,
        });
        let target = Target::new("webhook", &ready.webhook.id);
        let actor = self.foundation.system(org);
        Ok(self
            .audit
            .record(tx, &actor, Event::WebhookGivenUp, &target, details)
            .await?)
    }
}

/// Four to six fifths of a pause, so that what failed together is not tried together.
fn jittered(pause: Duration, random: &dyn Random) -> Duration {
    let [byte] = random.bytes::<1>();
    pause * (0.8 + 0.4 * f64::from(byte) / 255.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::SeededRandom;

    #[test]
    fn pauses_grow_and_fill_a_day() {
        assert!(PAUSES.is_sorted());
        let sum: Duration = PAUSES.iter().copied().sum();
        assert!(sum > Duration::hours(12) && sum < GIVEN_UP_AFTER);
        let random = SeededRandom::new(1);
        for _ in 0..100 {
            let pause = jittered(Duration::seconds(10), &random);
            assert!((Duration::seconds(8)..=Duration::seconds(12)).contains(&pause));
        }
    }
}
