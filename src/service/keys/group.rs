//! All of a provider's keys in a project, held while what one is to the others changes: which one is the default, who
//! has which name, who stands where.

use super::{Keys, changed_meanwhile};
use crate::domain::{Actor, KeyId, ProjectId, ProviderKey, ProviderSlug, is_same_name, newest_usable};
use crate::providers;
use crate::service::ServiceError;
use crate::service::audit::{Event, Target};
use crate::store::{OrgTx, StoreError, keys};
use serde_json::{Value, json};
use time::OffsetDateTime;

/// A provider's keys in a project. Nobody else changes them before the transaction ends; dropped without
/// [`Group::commit`], nothing has changed.
pub(super) struct Group<'call> {
    service: &'call Keys,
    actor: &'call Actor,
    pub(super) tx: OrgTx,
    pub(super) now: OffsetDateTime,
    /// All but the one that was taken, deleted ones among them, in order.
    pub(super) siblings: Vec<ProviderKey>,
}

impl Keys {
    /// Waits until nobody else changes these keys, and holds them.
    pub(super) async fn group<'call>(
        &'call self,
        actor: &'call Actor,
        project: ProjectId,
        provider: &ProviderSlug,
    ) -> Result<Group<'call>, ServiceError> {
        let mut tx = self.foundation.store.org(actor.org).await?;
        let siblings = keys::lock_siblings(&mut tx, project, provider).await?;
        Ok(Group {
            service: self,
            actor,
            tx,
            now: self.foundation.clock.now(),
            siblings,
        })
    }

    /// Holds the group of a key that was read before, and takes the key out of it, if it is still the same.
    pub(super) async fn group_of<'call>(
        &'call self,
        actor: &'call Actor,
        key: &ProviderKey,
    ) -> Result<(Group<'call>, ProviderKey), ServiceError> {
        let mut group = self.group(actor, key.project, &key.provider).await?;
        let current = group.take(key.id).ok_or_else(changed_meanwhile)?;
        if current.row_version == key.row_version {
            Ok((group, current))
        } else {
            Err(changed_meanwhile())
        }
    }
}

impl Group<'_> {
    /// Takes a key out, to be changed.
    pub(super) fn take(&mut self, id: KeyId) -> Option<ProviderKey> {
        let place = self.siblings.iter().position(|key| key.id == id)?;
        Some(self.siblings.remove(place))
    }

    /// Whether one of the others is the default.
    pub(super) fn has_default(&self) -> bool {
        self.siblings.iter().any(|key| key.is_default)
    }

    /// The place behind all others.
    pub(super) fn last_position(&self) -> i32 {
        let places = self.siblings.iter().map(|key| key.position);
        places.max().unwrap_or_default() + 1
    }

    /// Refuses a name that another key has.
    pub(super) fn check_name(&self, name: &str) -> Result<(), ServiceError> {
        let mut others = self.siblings.iter().filter(|key| key.deleted_at.is_none());
        match others.find(|key| !name.is_empty() && is_same_name(&key.name, name)) {
            None => Ok(()),
            Some(other) => {
                let provider = providers::name_of(other.provider.as_str());
                let message = format!("Another {provider} key of this project has that name. Choose another one.");
                Err(ServiceError::invalid("name", message))
            }
        }
    }

    /// Leaves the others without a default, and says which one it was.
    pub(super) async fn take_default(&mut self) -> Result<Option<KeyId>, ServiceError> {
        let Some(id) = self.siblings.iter().find(|key| key.is_default).map(|key| key.id) else {
            return Ok(None);
        };
        if let Some(mut before) = self.take(id) {
            before.is_default = false;
            self.write(&mut before).await?;
            self.siblings.push(before);
        }
        Ok(Some(id))
    }

    /// Makes the newest usable one of the others the default, now that the key that was it is `gone`.
    pub(super) async fn promote(&mut self, gone: &mut ProviderKey) -> Result<Option<KeyId>, ServiceError> {
        let Some(id) = newest_usable(&self.siblings, self.now).map(|key| key.id) else {
            return Ok(None);
        };
        if let Some(mut promoted) = self.take(id) {
            if promoted.superseded_by == Some(gone.id) {
                promoted.take_back(gone);
            }
            promoted.stay();
            promoted.is_default = true;
            // What is gone lets go of name and default first.
            self.write(gone).await?;
            self.write(&mut promoted).await?;
            self.siblings.push(promoted);
        }
        Ok(Some(id))
    }

    /// Stores a key's configuration under its next row version.
    pub(super) async fn write(&mut self, key: &mut ProviderKey) -> Result<(), ServiceError> {
        key.updated_at = self.now;
        key.row_version += 1;
        if keys::update(&mut self.tx, key).await? {
            Ok(())
        } else {
            Err(changed_meanwhile())
        }
    }

    /// Puts into the audit trail what was done to a key, with `more` besides what is told of every key.
    pub(super) async fn note(&mut self, event: Event, key: &ProviderKey, more: Value) -> Result<(), StoreError> {
        let target = Target::new("provider_key", &key.id);
        let details = details(key, more);
        let audit = &self.service.audit;
        audit.record(&mut self.tx, self.actor, event, &target, details).await
    }

    /// Makes the changes durable.
    pub(super) async fn commit(self) -> Result<(), ServiceError> {
        Ok(self.tx.commit().await?)
    }
}

/// What the audit trail tells of a key, and `more`.
pub(super) fn details(key: &ProviderKey, more: Value) -> Value {
    let mut details = json!({
        "project": key.project,
        "provider": key.provider.as_str(),
        "name": key.name,
        "redacted": key.redacted,
    });
    if let (Some(details), Value::Object(more)) = (details.as_object_mut(), more) {
        details.extend(more);
    }
    details
}
