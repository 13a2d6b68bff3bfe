//! What the keys of a provider are called, how they are ordered, and which one calls use.

use super::{KeySelector, Keys, catalogued, changed_meanwhile};
use crate::domain::{Actor, KeyId, ProviderKey, Scope};
use crate::service::ServiceError;
use crate::service::audit::{Event, Target};
use crate::service::projects::{ProjectRef, check_optional_name};
use crate::store::keys;
use serde_json::json;
use std::collections::HashSet;

impl Keys {
    /// Renames a key; an empty name means none.
    ///
    /// # Errors
    /// [`ServiceError::Refused`] without `write:byok`; [`ServiceError::Missing`]; [`ServiceError::Invalid`] for the
    /// name, also when another key of the provider has it; [`ServiceError::Changed`].
    pub async fn rename(
        &self,
        actor: &Actor,
        project: &ProjectRef,
        key: &KeySelector,
        name: &str,
    ) -> Result<ProviderKey, ServiceError> {
        actor.require(Scope::WriteByok)?;
        let name = check_optional_name("name", name)?;
        let found = self.find(actor, project, key).await?;
        if found.name == name {
            return Ok(found);
        }
        let (mut group, mut key) = self.group_of(actor, &found).await?;
        group.check_name(&name)?;
        let before = std::mem::replace(&mut key.name, name);
        group.write(&mut key).await?;
        group.note(Event::KeyRenamed, &key, json!({ "from": before })).await?;
        group.commit().await?;
        Ok(key)
    }

    /// Makes a key the one that calls use when they name none. A key that was rotated out takes its part back from
    /// the one that has it now, and stays.
    ///
    /// # Errors
    /// [`ServiceError::Refused`] without `write:byok`; [`ServiceError::Missing`]; [`ServiceError::Conflict`] when it
    /// cannot serve as things stand; [`ServiceError::Changed`].
    pub async fn make_default(
        &self,
        actor: &Actor,
        project: &ProjectRef,
        key: &KeySelector,
    ) -> Result<ProviderKey, ServiceError> {
        actor.require(Scope::WriteByok)?;
        let found = self.find(actor, project, key).await?;
        if found.is_default {
            return Ok(found);
        }
        let (mut group, mut key) = self.group_of(actor, &found).await?;
        if let Err(reason) = key.may_serve(group.now) {
            return Err(ServiceError::Conflict(format!("{reason} The default stays as it was.")));
        }
        key.rotation_undone_at = None;
        let successor = group
            .siblings
            .iter()
            .find(|other| other.is_default && key.superseded_by == Some(other.id));
        let before = if let Some(id) = successor.map(|successor| successor.id) {
            group.take_back(&mut key, id).await?;
            Some(id)
        } else {
            let before = group.take_default().await?;
            key.stay();
            key.is_default = true;
            group.write(&mut key).await?;
            before
        };
        let more = json!({ "default_before": before });
        group.note(Event::KeyDefaultChanged, &key, more).await?;
        group.commit().await?;
        Ok(key)
    }

    /// Puts the provider's keys, deleted ones aside, into another order, and answers with them.
    ///
    /// # Errors
    /// [`ServiceError::Refused`] without `write:byok`; [`ServiceError::Missing`]; [`ServiceError::Invalid`] for a key
    /// that comes twice; [`ServiceError::Changed`] when these are not the keys that there are.
    pub async fn reorder(
        &self,
        actor: &Actor,
        project: &ProjectRef,
        provider: &str,
        order: &[KeyId],
    ) -> Result<Vec<ProviderKey>, ServiceError> {
        actor.require(Scope::WriteByok)?;
        let (slug, _) = catalogued(provider)?;
        let wanted: HashSet<_> = order.iter().collect();
        if wanted.len() < order.len() {
            return Err(ServiceError::invalid("order", "Name every key once."));
        }
        let mut tx = self.foundation.store.org(actor.org).await?;
        let project = self.projects.find(&mut tx, actor, project).await?;
        drop(tx);
        let mut group = self.group(actor, project.id, &slug).await?;
        group.siblings.retain(|key| key.deleted_at.is_none());
        if group.siblings.len() != order.len() {
            return Err(changed_meanwhile());
        }
        let is_as_wanted = group.siblings.iter().map(|key| key.id).eq(order.iter().copied());
        let mut ordered = Vec::with_capacity(order.len());
        for (position, id) in (1..).zip(order) {
            let mut key = group.take(*id).ok_or_else(changed_meanwhile)?;
            key.position = position;
            keys::set_position(&mut group.tx, key.id, position).await?;
            ordered.push(key);
        }
        if !is_as_wanted {
            let target = Target::new("project", &project.id);
            let details = json!({ "provider": slug.as_str(), "order": order });
            let audit = &self.audit;
            audit
                .record(&mut group.tx, actor, Event::KeysReordered, &target, details)
                .await?;
        }
        group.commit().await?;
        Ok(ordered)
    }
}
