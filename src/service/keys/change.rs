//! What can happen to a stored key: test, switch on and off, delete, restore.

use super::probe::usable;
use super::{Depth, KeySelector, Keys, RESTORABLE, catalogued, changed_meanwhile, find_in};
use crate::domain::{Actor, Fallback, FallbackChoice, Health, HealthReason, KeyId, ProviderKey, Scope, Verdict};
use crate::service::audit::{Event, Target};
use crate::service::projects::ProjectRef;
use crate::service::{Missing, ServiceError};
use crate::store::{OrgTx, StoreError, keys};
use serde_json::{Value, json};

impl Keys {
    /// Probes a stored key and keeps the verdict, whatever it is.
    ///
    /// # Errors
    /// [`ServiceError::Refused`] without `write:byok`; [`ServiceError::Missing`];
    /// [`ServiceError::Open`]; [`ServiceError::Throttled`].
    pub async fn test(
        &self,
        actor: &Actor,
        project: &ProjectRef,
        key: &KeySelector,
        depth: Depth,
    ) -> Result<ProviderKey, ServiceError> {
        actor.require(Scope::WriteByok)?;
        let mut key = self.find(actor, project, key).await?;
        let verdict = self.probe_stored(actor, &key, depth).await?;
        key.health = self.health(&verdict);
        let probe = self.next_probe(&key.health);
        let mut tx = self.foundation.store.org(actor.org).await?;
        if !keys::update_health(&mut tx, key.id, key.secret_version, &key.health, &probe).await? {
            return Err(changed_meanwhile());
        }
        let details = json!({
            "provider": key.provider.as_str(),
            "deep": matches!(depth, Depth::Deep),
            "health": key.health.status().as_str(),
            "reason": key.health.reason.map(HealthReason::as_str),
        });
        self.note(&mut tx, actor, Event::KeyTested, &key, details).await?;
        tx.commit().await?;
        Ok(key)
    }

    /// Switches a key on, after a probe that lets it be used, or off.
    ///
    /// # Errors
    /// As [`Keys::test`], and [`ServiceError::KeyRefused`] and
    /// [`ServiceError::ProviderUnreachable`] when it cannot be switched on;
    /// [`ServiceError::Conflict`] when somebody else was faster.
    pub async fn set_active(
        &self,
        actor: &Actor,
        project: &ProjectRef,
        key: &KeySelector,
        is_active: bool,
    ) -> Result<ProviderKey, ServiceError> {
        actor.require(Scope::WriteByok)?;
        let mut key = self.find(actor, project, key).await?;
        if key.is_active == is_active {
            return Ok(key);
        }
        if is_active {
            let verdict = self.usable_verdict(actor, &key, "The key stays switched off.").await?;
            key.health = self.health(&verdict);
        }
        key.is_active = is_active;
        let event = if is_active {
            Event::KeyEnabled
        } else {
            Event::KeyDisabled
        };
        self.update(actor, &mut key, event).await?;
        Ok(key)
    }

    /// Decides whose key serves when this one does not; what is left open is its project's to decide.
    ///
    /// # Errors
    /// [`ServiceError::Refused`] without `write:byok`; [`ServiceError::Missing`];
    /// [`ServiceError::Conflict`] when somebody else was faster.
    pub async fn set_fallback(
        &self,
        actor: &Actor,
        project: &ProjectRef,
        key: &KeySelector,
        fallback: FallbackChoice,
    ) -> Result<ProviderKey, ServiceError> {
        actor.require(Scope::WriteByok)?;
        let mut key = self.find(actor, project, key).await?;
        if key.fallback != fallback {
            key.fallback = fallback;
            self.update(actor, &mut key, Event::KeyFallbackChanged).await?;
        }
        Ok(key)
    }

    /// Takes a key out of use at once, recoverable for 90 days. The newest usable key of the
    /// provider, if there is another, becomes the default.
    ///
    /// # Errors
    /// [`ServiceError::Refused`] without `write:byok`; [`ServiceError::Missing`];
    /// [`ServiceError::Conflict`] when somebody else was faster.
    pub async fn delete(
        &self,
        actor: &Actor,
        project: &ProjectRef,
        key: &KeySelector,
    ) -> Result<ProviderKey, ServiceError> {
        actor.require(Scope::WriteByok)?;
        let mut key = self.find(actor, project, key).await?;
        let now = self.foundation.clock.now();
        key.deleted_at = Some(now);
        key.is_active = false;
        key.is_default = false;
        self.update(actor, &mut key, Event::KeyDeleted).await?;
        Ok(key)
    }

    /// Brings a deleted key back, after a probe that lets it be used. Where the provider has
    /// another default key by now, nothing changes.
    ///
    /// # Errors
    /// As [`Keys::set_active`]; [`ServiceError::Conflict`] when the place is taken.
    pub async fn restore(&self, actor: &Actor, project: &ProjectRef, key: KeyId) -> Result<ProviderKey, ServiceError> {
        actor.require(Scope::WriteByok)?;
        let mut key = self.find_deleted(actor, project, key).await?;
        let verdict = self.usable_verdict(actor, &key, "The key stays deleted.").await?;
        key.health = self.health(&verdict);
        key.deleted_at = None;
        key.is_active = true;
        key.is_default = true;
        self.update(actor, &mut key, Event::KeyRestored).await?;
        Ok(key)
    }

    async fn find_deleted(&self, actor: &Actor, project: &ProjectRef, id: KeyId) -> Result<ProviderKey, ServiceError> {
        let mut tx = self.foundation.store.org(actor.org).await?;
        let project = self.projects.find(&mut tx, actor, project).await?;
        let since = self.foundation.clock.now() - RESTORABLE;
        let key = find_in(&mut tx, &project, &KeySelector::Id(id))
            .await?
            .filter(|key| key.deleted_at.is_some_and(|deleted| deleted > since))
            .ok_or(ServiceError::Missing(Missing::Key))?;
        if keys::find_default(&mut tx, project.id, &key.provider).await?.is_some() {
            return Err(place_taken(&key));
        }
        Ok(key)
    }

    async fn usable_verdict(&self, actor: &Actor, key: &ProviderKey, unchanged: &str) -> Result<Verdict, ServiceError> {
        let (_, provider) = catalogued(key.provider.as_str())?;
        let verdict = self.probe_stored(actor, key, Depth::Listed).await?;
        usable(provider, verdict, None, unchanged)
    }

    /// Stores the changed key under its next row version, in one transaction with its audit event.
    async fn update(&self, actor: &Actor, key: &mut ProviderKey, event: Event) -> Result<(), ServiceError> {
        let now = self.foundation.clock.now();
        key.updated_at = now;
        key.row_version += 1;
        let mut tx = self.foundation.store.org(actor.org).await?;
        let probe = self.next_probe(&key.health);
        let stored = keys::update(&mut tx, key, &probe)
            .await
            .map_err(|error| default_taken(error, key))?;
        if !stored {
            return Err(changed_meanwhile());
        }
        let mut details = json!({
            "project": key.project,
            "provider": key.provider.as_str(),
            "redacted": key.redacted,
        });
        if event == Event::KeyFallbackChanged {
            details["on_missing"] = json!(key.fallback.on_missing.map(Fallback::as_str));
            details["on_failure"] = json!(key.fallback.on_failure.map(Fallback::as_str));
        }
        if event == Event::KeyDeleted {
            let promoted = keys::promote_newest_usable(&mut tx, key.project, &key.provider, now).await?;
            details["promoted"] = json!(promoted.map(|key| key.id));
        }
        self.note(&mut tx, actor, event, key, details).await?;
        Ok(tx.commit().await?)
    }

    async fn note(
        &self,
        tx: &mut OrgTx,
        actor: &Actor,
        event: Event,
        key: &ProviderKey,
        details: Value,
    ) -> Result<(), StoreError> {
        let target = Target::new("provider_key", &key.id);
        self.audit.record(tx, actor, event, &target, details).await
    }

    fn health(&self, verdict: &Verdict) -> Health {
        Health::from_verdict(verdict, self.foundation.clock.now())
    }
}

fn default_taken(error: StoreError, key: &ProviderKey) -> ServiceError {
    if error.breaks("provider_keys_one_default") {
        place_taken(key)
    } else {
        error.into()
    }
}

fn place_taken(key: &ProviderKey) -> ServiceError {
    let provider = catalogued(key.provider.as_str()).map_or(key.provider.as_str(), |(_, it)| it.name());
    ServiceError::Conflict(format!(
        "{provider} has another key by now. Delete that one first, then restore this one."
    ))
}
