//! What can happen to a stored key: test, switch on and off, decide what happens when it does not serve.

use super::health::{Source, turn};
use super::{Depth, KeySelector, Keys, changed_meanwhile};
use crate::domain::{Actor, Fallback, FallbackChoice, HealthReason, ProviderKey, Scope};
use crate::service::ServiceError;
use crate::service::audit::{Event, Target};
use crate::service::projects::ProjectRef;
use crate::store::keys;
use serde_json::json;

impl Keys {
    /// Probes a stored key and keeps the verdict, whatever it is. If the key had taken over from another one that
    /// still works, and is refused now, that one takes over again.
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
        let before = std::mem::replace(&mut key.health, self.health(&verdict));
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
        let target = Target::new("provider_key", &key.id);
        self.audit
            .record(&mut tx, actor, Event::KeyTested, &target, details)
            .await?;
        if let Some(event) = turn(&before, &key.health) {
            let more = json!({
                "reason": key.health.reason.map(HealthReason::as_str),
                "message": key.health.message,
                "found_by": "test",
            });
            self.audit
                .record(&mut tx, actor, event, &target, super::group::details(&key, more))
                .await?;
        }
        tx.commit().await?;
        if verdict.reason.is_some_and(HealthReason::refuses_storage) {
            self.undo_rotation(actor, key.id, key.secret_version, Source::Probe)
                .await?;
            return self.find(actor, project, &KeySelector::Id(key.id)).await;
        }
        Ok(key)
    }

    /// Switches a key on, after a probe that lets it be used, or off. Switched on, it becomes the default where there
    /// is none.
    ///
    /// # Errors
    /// As [`Keys::test`], and [`ServiceError::KeyRefused`] and
    /// [`ServiceError::ProviderUnreachable`] when it cannot be switched on;
    /// [`ServiceError::Changed`] when somebody else was faster.
    pub async fn set_active(
        &self,
        actor: &Actor,
        project: &ProjectRef,
        key: &KeySelector,
        is_active: bool,
    ) -> Result<ProviderKey, ServiceError> {
        actor.require(Scope::WriteByok)?;
        let found = self.find(actor, project, key).await?;
        if found.is_active == is_active {
            return Ok(found);
        }
        let health = if is_active {
            let verdict = self
                .usable_verdict(actor, &found, "The key stays switched off.")
                .await?;
            Some(self.health(&verdict))
        } else {
            None
        };
        let (mut group, mut key) = self.group_of(actor, &found).await?;
        key.is_active = is_active;
        key.is_default |= is_active && key.retires_at.is_none() && !group.has_default();
        group.write(&mut key).await?;
        let event = if let Some(health) = health {
            let probe = self.next_probe(&health);
            keys::update_health(&mut group.tx, key.id, key.secret_version, &health, &probe).await?;
            key.health = health;
            Event::KeyEnabled
        } else {
            Event::KeyDisabled
        };
        group.note(event, &key, json!({ "is_default": key.is_default })).await?;
        group.commit().await?;
        Ok(key)
    }

    /// Decides whose key serves when this one does not; what is left open is its project's to decide.
    ///
    /// # Errors
    /// [`ServiceError::Refused`] without `write:byok`; [`ServiceError::Missing`];
    /// [`ServiceError::Changed`] when somebody else was faster.
    pub async fn set_fallback(
        &self,
        actor: &Actor,
        project: &ProjectRef,
        key: &KeySelector,
        fallback: FallbackChoice,
    ) -> Result<ProviderKey, ServiceError> {
        actor.require(Scope::WriteByok)?;
        let found = self.find(actor, project, key).await?;
        if found.fallback == fallback {
            return Ok(found);
        }
        let (mut group, mut key) = self.group_of(actor, &found).await?;
        key.fallback = fallback;
        group.write(&mut key).await?;
        let more = json!({
            "on_missing": fallback.on_missing.map(Fallback::as_str),
            "on_failure": fallback.on_failure.map(Fallback::as_str),
        });
        group.note(Event::KeyFallbackChanged, &key, more).await?;
        group.commit().await?;
        Ok(key)
    }
}
