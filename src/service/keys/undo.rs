//! A rotation that is undone, because the new key turns out not to work while the old one still does.

use super::Keys;
use super::group::Group;
use super::health::Source;
use crate::domain::{Actor, HealthReason, KeyId, ProviderKey};
use crate::service::ServiceError;
use crate::service::audit::Event;
use crate::store::keys;
use serde_json::json;

impl Keys {
    /// Lets the key before take over again from one whose secret its provider refuses, if it was rotated out, has not
    /// retired, and may serve. All in one transaction, and in the trail.
    pub(super) async fn undo_rotation(
        &self,
        actor: &Actor,
        failing: KeyId,
        secret_version: i64,
        source: Source,
    ) -> Result<(), ServiceError> {
        let now = self.foundation.clock.now();
        let mut tx = self.foundation.store.org(actor.org).await?;
        let predecessor = keys::find_predecessor(&mut tx, failing, now).await?;
        drop(tx);
        let Some(predecessor) = predecessor else {
            return Ok(());
        };
        let mut group = self.group(actor, predecessor.project, &predecessor.provider).await?;
        let (Some(mut old), Some(new)) = (group.take(predecessor.id), group.find(failing)) else {
            return Ok(());
        };
        let is_refused = new.health.reason.is_some_and(HealthReason::refuses_storage);
        let still_fails = is_refused && new.secret_version == secret_version && new.deleted_at.is_none();
        let may_take_over = old.superseded_by == Some(failing) && old.may_serve(group.now).is_ok();
        if !still_fails || !may_take_over {
            return Ok(());
        }
        let (reason, message) = (new.health.reason, new.health.message.clone());
        let new = group.take_back(&mut old, failing).await?;
        let more = json!({
            "restored": old.id,
            "restored_key": super::shown(&old.name, &old.redacted),
            "is_default": old.is_default,
            "reason": reason.map(HealthReason::as_str),
            "message": message,
            "found_by": source.as_str(),
        });
        group.note(Event::KeyRotationUndone, &new, more).await?;
        group.commit().await
    }
}

impl Group<'_> {
    fn find(&self, id: KeyId) -> Option<&ProviderKey> {
        self.siblings.iter().find(|key| key.id == id)
    }

    /// Lets `old` take its part back from its successor, which is answered, and marked where the provider refuses it.
    pub(super) async fn take_back(
        &mut self,
        old: &mut ProviderKey,
        successor: KeyId,
    ) -> Result<ProviderKey, ServiceError> {
        let mut new = self.take(successor).ok_or_else(super::changed_meanwhile)?;
        old.take_back(&mut new);
        if new.health.reason.is_some_and(HealthReason::refuses_storage) {
            new.rotation_undone_at = Some(self.now);
        }
        // Neither can have what the other one still has.
        keys::make_room(&mut self.tx, successor).await?;
        self.write(old).await?;
        self.write(&mut new).await?;
        self.siblings.push(new.clone());
        Ok(new)
    }
}
