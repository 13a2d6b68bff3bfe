//! What nobody does and people should know of: tokens that end soon, keys that nobody uses or that cannot be checked.

use super::Notifications;
use crate::domain::{KeyId, OrgId, TokenId};
use crate::service::ServiceError;
use crate::service::audit::{Event, Target};
use crate::store::notifications::due;
use crate::store::{keys, tokens};
use serde_json::json;
use time::Duration;
use time::macros::format_description;

/// How many are looked up at once; the next look finds the rest.
const MOST: i64 = 1_000;
/// A key that no call used for so long.
pub(crate) const UNUSED_FOR: Duration = Duration::days(90);
/// A key that no probe reached for so long, though each is probed once a day.
pub(crate) const UNPROBED_FOR: Duration = Duration::days(7);
const KEPT_NOTIFICATIONS: Duration = Duration::days(90);
const KEPT_DELIVERIES: Duration = Duration::days(30);

impl Notifications {
    /// Has people told of tokens that end soon, once for each end; how many.
    ///
    /// # Errors
    /// Whatever the store says.
    pub async fn tell_of_expiring_tokens(&self) -> Result<usize, ServiceError> {
        let mut tx = self.foundation.store.system().await?;
        let found = due::expiring_tokens(&mut tx, self.foundation.clock.now(), MOST).await?;
        drop(tx);
        let mut failed = None;
        for &(org, token) in &found {
            // What is wrong with one organization holds up no other.
            failed = self.tell_of_token(org, token).await.err().or(failed);
        }
        failed.map_or(Ok(found.len()), Err)
    }

    async fn tell_of_token(&self, org: OrgId, id: TokenId) -> Result<(), ServiceError> {
        let mut tx = self.foundation.store.org(org).await?;
        let Some(token) = tokens::find(&mut tx, id).await? else {
            return Ok(());
        };
        if !due::mark_expiring(&mut tx, id).await? {
            return Ok(());
        }
        let day = format_description!("[year]-[month]-[day]");
        let expires_on = token.expires_at.and_then(|end| end.format(day).ok());
        let details = json!({
            "name": token.name,
            "project": token.project,
            "expires_on": expires_on,
            "created_by": token.created_by_name,
        });
        let target = Target::new("token", &id);
        self.audit
            .record(
                &mut tx,
                &self.foundation.system(org),
                Event::TokenExpiresSoon,
                &target,
                details,
            )
            .await?;
        Ok(tx.commit().await?)
    }

    /// Has people told of keys that nobody uses or that cannot be checked, once in that time; how many.
    ///
    /// # Errors
    /// Whatever the store says.
    pub async fn tell_of_neglected_keys(&self) -> Result<usize, ServiceError> {
        let now = self.foundation.clock.now();
        let mut tx = self.foundation.store.system().await?;
        let found = due::neglected_keys(&mut tx, now - UNUSED_FOR, now - UNPROBED_FOR, MOST).await?;
        drop(tx);
        let mut failed = None;
        for &(org, key) in &found {
            // What is wrong with one organization holds up no other.
            failed = self.tell_of_key(org, key).await.err().or(failed);
        }
        failed.map_or(Ok(found.len()), Err)
    }

    async fn tell_of_key(&self, org: OrgId, id: KeyId) -> Result<(), ServiceError> {
        let now = self.foundation.clock.now();
        let mut tx = self.foundation.store.org(org).await?;
        let Some(key) = keys::find_anywhere(&mut tx, id).await? else {
            return Ok(());
        };
        if !due::mark_neglected(&mut tx, id, now - UNUSED_FOR, now).await? {
            return Ok(());
        }
        let is_unused = key.last_used_at.unwrap_or(key.created_at) < now - UNUSED_FOR;
        let details = json!({
            "project": key.project,
            "provider": key.provider.as_str(),
            "name": key.name,
            "redacted": key.redacted,
            "neglect": if is_unused { "unused" } else { "unprobed" },
        });
        let target = Target::new("provider_key", &id);
        self.audit
            .record(
                &mut tx,
                &self.foundation.system(org),
                Event::KeyNeglected,
                &target,
                details,
            )
            .await?;
        Ok(tx.commit().await?)
    }

    /// Forgets notifications and deliveries of long ago.
    ///
    /// # Errors
    /// Whatever the store says.
    pub async fn forget_old(&self) -> Result<(), ServiceError> {
        let now = self.foundation.clock.now();
        let mut tx = self.foundation.store.system().await?;
        due::forget(&mut tx, now - KEPT_NOTIFICATIONS, now - KEPT_DELIVERIES).await?;
        Ok(tx.commit().await?)
    }
}
