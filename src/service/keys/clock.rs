//! What time does to keys: those that were rotated out retire, those deleted long ago are purged.

use super::Keys;
use crate::domain::{KeyId, OrgId};
use crate::service::ServiceError;
use crate::service::audit::Event;
use crate::store::keys::{self, endings};
use serde_json::json;

/// How many keys are looked up at once.
const AT_ONCE: i64 = 1_000;

impl Keys {
    /// Takes keys out of use whose overlap is over, and says how many were due. Each in a transaction of its own: one
    /// that cannot be changed keeps no other waiting.
    ///
    /// # Errors
    /// Whatever the store said last.
    pub async fn retire_due(&self) -> Result<usize, ServiceError> {
        let now = self.foundation.clock.now();
        let mut found = 0;
        loop {
            let mut tx = self.foundation.store.system().await?;
            let due = endings::due_to_retire(&mut tx, now, AT_ONCE).await?;
            drop(tx);
            let mut done = Ok(());
            for &(org, key) in &due {
                done = self.retire(org, key).await.and(done);
            }
            done?;
            found += due.len();
            if !is_full(&due) {
                return Ok(found);
            }
        }
    }

    /// Erases the secrets of keys that were deleted longer ago than [`Keys::retention`], and says how many were due.
    /// Each in a transaction of its own.
    ///
    /// # Errors
    /// Whatever the store said last.
    pub async fn purge_due(&self) -> Result<usize, ServiceError> {
        let now = self.foundation.clock.now();
        let mut found = 0;
        loop {
            let mut tx = self.foundation.store.system().await?;
            let due = endings::due_for_purge(&mut tx, now, self.retention(), AT_ONCE).await?;
            drop(tx);
            let mut done = Ok(());
            for &(org, key) in &due {
                done = self.purge_deleted(org, key).await.and(done);
            }
            done?;
            found += due.len();
            if !is_full(&due) {
                return Ok(found);
            }
        }
    }

    async fn retire(&self, org: OrgId, key: KeyId) -> Result<(), ServiceError> {
        let actor = self.foundation.system(org);
        let mut tx = self.foundation.store.org(org).await?;
        let found = keys::find_anywhere(&mut tx, key).await?;
        drop(tx);
        let Some(found) = found else { return Ok(()) };
        let mut group = self.group(&actor, found.project, &found.provider).await?;
        let now = group.now;
        match group.take(key) {
            Some(mut key) if key.deleted_at.is_none() && key.retires_at.is_some_and(|at| at <= now) => {
                group.retire(&mut key).await?;
                group.commit().await
            }
            _ => Ok(()),
        }
    }

    async fn purge_deleted(&self, org: OrgId, key: KeyId) -> Result<(), ServiceError> {
        let actor = self.foundation.system(org);
        let mut tx = self.foundation.store.org(org).await?;
        let found = keys::find_anywhere(&mut tx, key).await?;
        drop(tx);
        let Some(found) = found else { return Ok(()) };
        let mut group = self.group(&actor, found.project, &found.provider).await?;
        let (now, deleted_before) = (group.now, group.now - self.retention());
        // Somebody may have restored it meanwhile, and even have deleted it again.
        if let Some(key) = group.take(key)
            && endings::purge(&mut group.tx, key.id, deleted_before, now).await?
        {
            group.note(Event::KeyPurged, &key, json!({ "redacted": "" })).await?;
            group.commit().await?;
        }
        Ok(())
    }
}

/// Whether there may be more.
fn is_full(due: &[(OrgId, KeyId)]) -> bool {
    i64::try_from(due.len()) == Ok(AT_ONCE)
}
