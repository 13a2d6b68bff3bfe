//! Deleting a key, bringing it back, and erasing it for ever.

use super::group::Group;
use super::{Depth, KeySelector, Keys, catalogued, changed_meanwhile};
use crate::domain::{Actor, KeyId, ProviderKey, Scope, Verdict};
use crate::service::audit::Event;
use crate::service::keys::probe::usable;
use crate::service::projects::ProjectRef;
use crate::service::{Missing, ServiceError};
use crate::store::keys;
use crate::store::keys::endings;
use serde_json::json;

impl Keys {
    /// Takes a key out of use at once, recoverable for [`Keys::retention`]. The newest usable key of the provider, if
    /// there is another, becomes the default.
    ///
    /// # Errors
    /// [`ServiceError::Refused`] without `write:byok`; [`ServiceError::Missing`]; [`ServiceError::Changed`].
    pub async fn delete(
        &self,
        actor: &Actor,
        project: &ProjectRef,
        key: &KeySelector,
    ) -> Result<ProviderKey, ServiceError> {
        actor.require(Scope::WriteByok)?;
        let found = self.find(actor, project, key).await?;
        let (mut group, mut key) = self.group_of(actor, &found).await?;
        group.delete(&mut key).await?;
        group.commit().await?;
        Ok(key)
    }

    /// Brings a deleted key back, after a probe that lets it be used. It becomes the default where there is none.
    ///
    /// # Errors
    /// As [`Keys::set_active`]; [`ServiceError::Invalid`] when another key has its name by now.
    pub async fn restore(&self, actor: &Actor, project: &ProjectRef, key: KeyId) -> Result<ProviderKey, ServiceError> {
        actor.require(Scope::WriteByok)?;
        let found = self.find_deleted(actor, project, key).await?;
        let verdict = self.usable_verdict(actor, &found, "The key stays deleted.").await?;
        let (mut group, mut key) = self.group_of(actor, &found).await?;
        group.check_name(&key.name)?;
        key.deleted_at = None;
        key.is_active = true;
        key.is_default = !group.has_default();
        key.stay();
        key.health = self.health(&verdict);
        group.write(&mut key).await?;
        let probe = self.next_probe(&key.health);
        keys::update_health(&mut group.tx, key.id, key.secret_version, &key.health, &probe).await?;
        let more = json!({ "is_default": key.is_default });
        group.note(Event::KeyRestored, &key, more).await?;
        group.commit().await?;
        Ok(key)
    }

    /// Erases a key's secret for ever, deleted or not: ciphertext, wrapped data key, fingerprint and what is shown of
    /// it. For owners who signed in just now.
    ///
    /// # Errors
    /// [`ServiceError::Refused`] without `*`; [`ServiceError::SignInAgain`]; [`ServiceError::Missing`];
    /// [`ServiceError::Changed`].
    pub async fn purge(&self, actor: &Actor, project: &ProjectRef, key: &KeySelector) -> Result<(), ServiceError> {
        actor.require(Scope::All)?;
        actor.require_recent(self.foundation.clock.now())?;
        let found = self.find_even_deleted(actor, project, key).await?;
        let (mut group, mut key) = self.group_of(actor, &found).await?;
        if key.deleted_at.is_none() {
            group.delete(&mut key).await?;
        }
        let now = group.now;
        if !endings::purge(&mut group.tx, key.id, now, now).await? {
            return Err(changed_meanwhile());
        }
        group.note(Event::KeyPurged, &key, json!({ "redacted": "" })).await?;
        group.commit().await
    }

    async fn find_deleted(&self, actor: &Actor, project: &ProjectRef, id: KeyId) -> Result<ProviderKey, ServiceError> {
        let since = self.foundation.clock.now() - self.retention();
        let found = self.find_even_deleted(actor, project, &KeySelector::Id(id)).await?;
        if found.deleted_at.is_some_and(|deleted| deleted > since) {
            Ok(found)
        } else {
            Err(ServiceError::Missing(Missing::Key))
        }
    }

    /// Probes a stored key and lets a verdict pass that permits it to be used.
    pub(super) async fn usable_verdict(
        &self,
        actor: &Actor,
        key: &ProviderKey,
        unchanged: &str,
    ) -> Result<Verdict, ServiceError> {
        let (_, provider) = catalogued(key.provider.as_str())?;
        let verdict = self.probe_stored(actor, key, Depth::Listed).await?;
        usable(provider, verdict, None, unchanged)
    }
}

impl Group<'_> {
    /// Takes a key out of use, and finds another default where it was it.
    pub(super) async fn delete(&mut self, key: &mut ProviderKey) -> Result<(), ServiceError> {
        let was_default = std::mem::take(&mut key.is_default);
        key.is_active = false;
        key.deleted_at = Some(self.now);
        let promoted = if was_default { self.promote(key).await? } else { None };
        if promoted.is_none() {
            self.write(key).await?;
        }
        self.note(Event::KeyDeleted, key, json!({ "promoted": promoted }))
            .await?;
        Ok(())
    }
}
