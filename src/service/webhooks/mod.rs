//! Addresses of an organization's own that are told of what happens, after the Standard Webhooks specification.

mod deliver;
mod log;
mod message;
mod sender;

pub use deliver::DeliverWebhook;
pub use log::{DeliveryCursor, LoggedDelivery};
pub(crate) use message::{Message, note_deliveries};

pub use crate::store::webhooks::Webhook;
pub use crate::store::webhooks::deliveries::{Attempt, DeliveryStatus};

use super::audit::{Audit, Event, Target};
use super::{Foundation, Missing, ServiceError};
use crate::domain::{Actor, EndpointPolicy, NotificationKind, OrgId, Overlap, Scope, Sealed, WebhookId, WebhookUrl};
use crate::providers::EndpointCheckError;
use crate::store::{OrgTx, StoreError, webhooks};
use crate::vault::Values;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::SecretString;
use sender::Sender;
use serde_json::{Value, json};
use std::sync::Arc;
use zeroize::Zeroizing;

/// What secrets are sealed for.
const PURPOSE: &str = "webhook secret";
/// How long a secret is, in bytes.
const SECRET_LENGTH: usize = 32;
/// How specification and libraries tell a secret from others.
const SECRET_PREFIX: &str = "whsec_";
/// The longest description, in characters.
const LONGEST_DESCRIPTION: usize = 80;
/// The most webhooks of one organization.
const MOST: usize = 20;

/// What a webhook is to be.
#[derive(Clone, Debug)]
pub struct WebhookSpec {
    /// Where messages go.
    pub url: String,
    /// What to call it; may be empty.
    pub description: String,
    /// The kinds that it is told of; none for every kind.
    pub kinds: Vec<NotificationKind>,
}

/// What is to change about a webhook; what is `None` stays.
#[derive(Clone, Debug, Default)]
pub struct WebhookChange {
    /// Where messages go.
    pub url: Option<String>,
    /// What to call it.
    pub description: Option<String>,
    /// The kinds that it is told of; none for every kind.
    pub kinds: Option<Vec<NotificationKind>>,
    /// Whether it is told at all.
    pub is_active: Option<bool>,
}

/// A webhook with a secret that was just made, and is told once.
#[derive(Clone, Debug)]
pub struct MadeSecret {
    /// The webhook.
    pub webhook: Webhook,
    /// `whsec_…`
    pub secret: SecretString,
}

/// Keeps webhooks, and delivers messages to them.
pub struct Webhooks {
    foundation: Arc<Foundation>,
    audit: Arc<Audit>,
    values: Values,
    sender: Sender,
}

/// The ids that a secret is sealed for.
struct Place([[u8; 16]; 2], [u8; 8]);

impl Place {
    fn parts(&self) -> [&[u8]; 3] {
        let Self([org, webhook], version) = self;
        [org, webhook, version]
    }
}

fn place(org: OrgId, id: WebhookId, version: i64) -> Place {
    Place(
        [org.as_uuid().into_bytes(), id.as_uuid().into_bytes()],
        version.to_be_bytes(),
    )
}

impl Webhooks {
    pub(crate) fn new(
        foundation: Arc<Foundation>,
        audit: Arc<Audit>,
        values: Values,
        policy: EndpointPolicy,
    ) -> Result<Self, reqwest::Error> {
        Ok(Self {
            foundation,
            audit,
            values,
            sender: Sender::new(policy)?,
        })
    }

    /// The organization's webhooks, the oldest first.
    ///
    /// # Errors
    /// [`ServiceError::Refused`] without `write:settings`; [`ServiceError::OneProjectOnly`].
    pub async fn list(&self, actor: &Actor) -> Result<Vec<Webhook>, ServiceError> {
        require(actor)?;
        let mut tx = self.foundation.store.org(actor.org).await?;
        Ok(webhooks::list(&mut tx).await?)
    }

    /// One webhook.
    ///
    /// # Errors
    /// As [`Webhooks::list`]; [`ServiceError::Missing`].
    pub async fn get(&self, actor: &Actor, id: WebhookId) -> Result<Webhook, ServiceError> {
        require(actor)?;
        let mut tx = self.foundation.store.org(actor.org).await?;
        find(&mut tx, id).await
    }

    /// Makes a webhook, and its secret, which is told once.
    ///
    /// # Errors
    /// As [`Webhooks::list`]; [`ServiceError::Invalid`]; [`ServiceError::Conflict`] when there is one with this address,
    /// or too many.
    pub async fn create(
        &self,
        actor: &Actor,
        spec: WebhookSpec,
        created_by_name: String,
    ) -> Result<MadeSecret, ServiceError> {
        require(actor)?;
        let url = self.accepted(&spec.url).await?;
        let Foundation {
            store, clock, random, ..
        } = &*self.foundation;
        let now = clock.now();
        let webhook = Webhook {
            id: WebhookId::new(&**clock, &**random),
            url: url.to_string(),
            description: checked_description(&spec.description)?,
            kinds: spec.kinds,
            is_active: true,
            old_secret_until: None,
            created_by_name,
            created_at: now,
            updated_at: now,
            row_version: 1,
            last_attempt_at: None,
            last_status: None,
        };
        let (sealed, secret) = self.make_secret(actor.org, webhook.id, 1).await?;
        let mut tx = store.org(actor.org).await?;
        if webhooks::list(&mut tx).await?.len() >= MOST {
            let message = format!("An organization has {MOST} webhooks at most. Delete one first.");
            return Err(ServiceError::Conflict(message));
        }
        webhooks::insert(&mut tx, &webhook, &sealed)
            .await
            .map_err(same_address)?;
        self.note(&mut tx, actor, Event::WebhookCreated, &webhook, json!({}))
            .await?;
        tx.commit().await?;
        Ok(MadeSecret { webhook, secret })
    }

    /// Changes a webhook, at the version that the caller saw, where it says one. What waits for one that is switched off
    /// is given up.
    ///
    /// # Errors
    /// As [`Webhooks::create`]; [`ServiceError::Missing`]; [`ServiceError::Changed`].
    pub async fn change(
        &self,
        actor: &Actor,
        id: WebhookId,
        change: WebhookChange,
        seen: Option<i64>,
    ) -> Result<Webhook, ServiceError> {
        require(actor)?;
        let url = match &change.url {
            Some(url) => Some(self.accepted(url).await?),
            None => None,
        };
        let description = change.description.as_deref().map(checked_description).transpose()?;
        let mut tx = self.foundation.store.org(actor.org).await?;
        let before = find(&mut tx, id).await?;
        if seen.is_some_and(|seen| seen != before.row_version) {
            return Err(changed_meanwhile());
        }
        let mut webhook = Webhook {
            url: url.map_or_else(|| before.url.clone(), |url| url.to_string()),
            description: description.unwrap_or_else(|| before.description.clone()),
            kinds: change.kinds.unwrap_or_else(|| before.kinds.clone()),
            is_active: change.is_active.unwrap_or(before.is_active),
            ..before.clone()
        };
        if webhook == before {
            return Ok(webhook);
        }
        let event = match (before.is_active, webhook.is_active) {
            (false, true) => Event::WebhookEnabled,
            (true, false) => Event::WebhookDisabled,
            _ => Event::WebhookChanged,
        };
        webhook.row_version += 1;
        webhook.updated_at = self.foundation.clock.now();
        if !webhooks::update(&mut tx, &webhook).await.map_err(same_address)? {
            return Err(changed_meanwhile());
        }
        self.note(&mut tx, actor, event, &webhook, json!({})).await?;
        tx.commit().await?;
        Ok(webhook)
    }

    /// Makes a new secret, which is told once; the one before goes on signing for as long as `overlap` says.
    ///
    /// # Errors
    /// As [`Webhooks::get`]; [`ServiceError::Changed`].
    pub async fn rotate_secret(
        &self,
        actor: &Actor,
        id: WebhookId,
        overlap: Overlap,
    ) -> Result<MadeSecret, ServiceError> {
        require(actor)?;
        let now = self.foundation.clock.now();
        let mut tx = self.foundation.store.org(actor.org).await?;
        find(&mut tx, id).await?;
        let current = webhooks::secrets(&mut tx, id, now).await?;
        let version = current.ok_or(ServiceError::Missing(Missing::Webhook))?.version + 1;
        drop(tx);
        let (sealed, secret) = self.make_secret(actor.org, id, version).await?;
        let old_until = (overlap != Overlap::Now).then(|| now + overlap.duration());
        let mut tx = self.foundation.store.org(actor.org).await?;
        if !webhooks::rotate(&mut tx, id, version, &sealed, old_until, now).await? {
            return Err(changed_meanwhile());
        }
        let webhook = find(&mut tx, id).await?;
        let more = json!({ "overlap": overlap.as_str() });
        self.note(&mut tx, actor, Event::WebhookSecretRotated, &webhook, more)
            .await?;
        tx.commit().await?;
        Ok(MadeSecret { webhook, secret })
    }

    /// Deletes a webhook and the log of its deliveries.
    ///
    /// # Errors
    /// As [`Webhooks::get`].
    pub async fn delete(&self, actor: &Actor, id: WebhookId) -> Result<(), ServiceError> {
        require(actor)?;
        let mut tx = self.foundation.store.org(actor.org).await?;
        let webhook = find(&mut tx, id).await?;
        webhooks::delete(&mut tx, id).await?;
        self.note(&mut tx, actor, Event::WebhookDeleted, &webhook, json!({}))
            .await?;
        Ok(tx.commit().await?)
    }

    /// Into the trail goes the origin alone: the rest of an address may hold what nobody else should read.
    async fn note(
        &self,
        tx: &mut OrgTx,
        actor: &Actor,
        event: Event,
        webhook: &Webhook,
        more: Value,
    ) -> Result<(), StoreError> {
        let url = self.sender.policy().parse_webhook(&webhook.url);
        let kinds: Vec<_> = webhook.kinds.iter().map(ToString::to_string).collect();
        let mut details = json!({
            "origin": url.map(|url| url.origin()).unwrap_or_default(),
            "description": webhook.description,
            "kinds": kinds,
        });
        if let (Some(details), Value::Object(more)) = (details.as_object_mut(), more) {
            details.extend(more);
        }
        let target = Target::new("webhook", &webhook.id);
        self.audit.record(tx, actor, event, &target, details).await
    }

    async fn accepted(&self, url: &str) -> Result<WebhookUrl, ServiceError> {
        let url = self.sender.policy().parse_webhook(url);
        let url = url.map_err(|error| ServiceError::invalid("url", error.to_string()))?;
        self.sender.check(&url).await.map_err(|error| {
            let message = match error {
                EndpointCheckError::NotFound(_) => "This host was not found. Check the address.",
                EndpointCheckError::TimedOut => "Looking up this host took too long. Try again.",
                _ => "This address leads to a private network. Use one on the public internet.",
            };
            ServiceError::invalid("url", message)
        })?;
        Ok(url)
    }

    async fn make_secret(
        &self,
        org: OrgId,
        id: WebhookId,
        version: i64,
    ) -> Result<(Sealed, SecretString), ServiceError> {
        let bytes = Zeroizing::new(self.foundation.random.bytes::<SECRET_LENGTH>());
        let place = place(org, id, version);
        let sealed = self.values.seal_bytes(PURPOSE, &place.parts(), &*bytes).await?;
        let text = format!("{SECRET_PREFIX}{}", STANDARD.encode(*bytes));
        Ok((sealed, SecretString::from(text)))
    }
}

/// Line one of everything about webhooks.
fn require(actor: &Actor) -> Result<(), ServiceError> {
    actor.require(Scope::WriteSettings)?;
    Ok(actor.require_whole_organization()?)
}

async fn find(tx: &mut OrgTx, id: WebhookId) -> Result<Webhook, ServiceError> {
    let found = webhooks::find(tx, id).await?;
    found.ok_or(ServiceError::Missing(Missing::Webhook))
}

fn checked_description(description: &str) -> Result<String, ServiceError> {
    let description = description.trim();
    if description.chars().count() > LONGEST_DESCRIPTION || description.chars().any(char::is_control) {
        let message = format!("Use up to {LONGEST_DESCRIPTION} characters on one line.");
        return Err(ServiceError::invalid("description", message));
    }
    Ok(description.to_owned())
}

fn same_address(error: StoreError) -> ServiceError {
    if error.breaks("webhooks_one_of_each_address") {
        ServiceError::Conflict("There is a webhook with this address already.".to_owned())
    } else {
        error.into()
    }
}

fn changed_meanwhile() -> ServiceError {
    ServiceError::Changed(
        "Somebody else changed this webhook meanwhile. Nothing was changed by you; look again.".to_owned(),
    )
}
