//! The log of deliveries: what was sent, what came back, and sending it again.

use super::deliver::DeliverWebhook;
use super::message::{note, test_delivery};
use super::{Webhooks, find, require};
use crate::domain::{Actor, DeliveryId, WebhookId};
use crate::service::{Missing, ServiceError};
use crate::store::queue;
use crate::store::webhooks::deliveries::{self, Attempt, Delivery, DeliveryStatus};
use std::collections::HashMap;
use time::OffsetDateTime;

/// Where a page of deliveries begins: behind the one that was made then.
pub type DeliveryCursor = (OffsetDateTime, DeliveryId);

/// A message and every try to deliver it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedDelivery {
    /// The message.
    pub delivery: Delivery,
    /// The tries, the newest first.
    pub attempts: Vec<Attempt>,
}

impl Webhooks {
    /// A webhook's messages behind a place, at most `limit`, the newest first.
    ///
    /// # Errors
    /// [`ServiceError::Refused`] without `write:settings`; [`ServiceError::OneProjectOnly`]; [`ServiceError::Missing`].
    pub async fn deliveries(
        &self,
        actor: &Actor,
        id: WebhookId,
        before: Option<DeliveryCursor>,
        limit: u16,
    ) -> Result<Vec<LoggedDelivery>, ServiceError> {
        require(actor)?;
        let mut tx = self.foundation.store.org(actor.org).await?;
        find(&mut tx, id).await?;
        let found = deliveries::list(&mut tx, id, before, i64::from(limit)).await?;
        let ids: Vec<_> = found.iter().map(|delivery| delivery.id).collect();
        let mut attempts: HashMap<DeliveryId, Vec<Attempt>> = HashMap::new();
        for (of, attempt) in deliveries::attempts(&mut tx, &ids).await? {
            attempts.entry(of).or_default().push(attempt);
        }
        Ok(found
            .into_iter()
            .map(|delivery| LoggedDelivery {
                attempts: attempts.remove(&delivery.id).unwrap_or_default(),
                delivery,
            })
            .collect())
    }

    /// Has a message sent that tells of nothing.
    ///
    /// # Errors
    /// As [`Webhooks::deliveries`]; [`ServiceError::Conflict`] for a webhook that is switched off.
    pub async fn test(&self, actor: &Actor, id: WebhookId) -> Result<LoggedDelivery, ServiceError> {
        require(actor)?;
        let mut tx = self.foundation.store.org(actor.org).await?;
        let webhook = find(&mut tx, id).await?;
        require_on(webhook.is_active)?;
        let delivery = test_delivery(&self.foundation, &webhook, actor.org);
        note(&mut tx, &delivery).await?;
        tx.commit().await?;
        Ok(LoggedDelivery {
            delivery,
            attempts: Vec::new(),
        })
    }

    /// Has a message sent once more, under the same id, whatever became of it.
    ///
    /// # Errors
    /// As [`Webhooks::test`].
    pub async fn resend(&self, actor: &Actor, id: WebhookId, delivery: DeliveryId) -> Result<(), ServiceError> {
        require(actor)?;
        let mut tx = self.foundation.store.org(actor.org).await?;
        let webhook = find(&mut tx, id).await?;
        require_on(webhook.is_active)?;
        let found = deliveries::find(&mut tx, delivery).await?;
        found
            .filter(|found| found.webhook == id)
            .ok_or(ServiceError::Missing(Missing::Delivery))?;
        let now = self.foundation.clock.now();
        deliveries::plan(&mut tx, delivery, DeliveryStatus::Waiting, Some(now)).await?;
        let job = DeliverWebhook {
            org: actor.org,
            delivery,
        };
        queue::add_with(&mut tx, &[job.job(None)]).await?;
        Ok(tx.commit().await?)
    }
}

fn require_on(is_active: bool) -> Result<(), ServiceError> {
    if is_active {
        Ok(())
    } else {
        Err(ServiceError::Conflict(
            "This webhook is switched off. Switch it on first.".to_owned(),
        ))
    }
}
