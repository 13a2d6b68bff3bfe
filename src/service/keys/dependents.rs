//! What depends on a key, to be told before it is deleted or switched off.

use super::{KeySelector, Keys};
use crate::domain::{Actor, KeyId, ProviderKey, Scope};
use crate::service::ServiceError;
use crate::service::projects::ProjectRef;
use crate::store::key_use::{self, KeyUse};
use std::collections::HashMap;
use time::{Duration, OffsetDateTime};

/// What used a key of late.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyDependents {
    /// How many tokens within the last hour.
    pub tokens_last_hour: u64,
    /// How many calls within the last hour.
    pub calls_last_hour: u64,
    /// The last call of all; `None` for a key that no call has used.
    pub last_call_at: Option<OffsetDateTime>,
}

impl Keys {
    /// What depends on a key that is not deleted.
    ///
    /// # Errors
    /// [`ServiceError::Refused`] without `read:byok`; [`ServiceError::Missing`].
    pub async fn dependents(
        &self,
        actor: &Actor,
        project: &ProjectRef,
        key: KeyId,
    ) -> Result<KeyDependents, ServiceError> {
        actor.require(Scope::ReadByok)?;
        let key = self.find(actor, project, &KeySelector::Id(key)).await?;
        let since = self.foundation.clock.now() - Duration::HOUR;
        let mut tx = self.foundation.store.org(actor.org).await?;
        let used = key_use::since(&mut tx, key.project, key.id, since).await?;
        Ok(KeyDependents::of(&key, Some(used)))
    }

    /// What depends on each of these keys of the project.
    ///
    /// # Errors
    /// [`ServiceError::Refused`] without `read:byok`; [`ServiceError::Missing`].
    pub async fn dependents_of(
        &self,
        actor: &Actor,
        project: &ProjectRef,
        keys: &[ProviderKey],
    ) -> Result<HashMap<KeyId, KeyDependents>, ServiceError> {
        actor.require(Scope::ReadByok)?;
        let since = self.foundation.clock.now() - Duration::HOUR;
        let mut tx = self.foundation.store.org(actor.org).await?;
        let project = self.projects.find(&mut tx, actor, project).await?;
        let used = key_use::of_project(&mut tx, project.id, since).await?;
        let of = |key: &ProviderKey| (key.id, KeyDependents::of(key, used.get(&key.id).copied()));
        Ok(keys.iter().map(of).collect())
    }
}

impl KeyDependents {
    fn of(key: &ProviderKey, used: Option<KeyUse>) -> Self {
        let count = |number: fn(&KeyUse) -> i64| used.as_ref().map_or(0, number).unsigned_abs();
        Self {
            tokens_last_hour: count(|used| used.tokens),
            calls_last_hour: count(|used| used.calls),
            // Noted at most every few seconds, but of all time.
            last_call_at: used.and_then(|used| used.last_call_at).max(key.last_used_at),
        }
    }
}
