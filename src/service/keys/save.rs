//! Saving a provider's default key, whether there is one or not, and replacing a given key's secret.

use super::intake::{Checked, SealedIn, Wanted};
use super::{KeySelector, KeyTwin, Keys, catalogued, changed_meanwhile};
use crate::domain::{Actor, ProviderKey, Scope, Verdict};
use crate::service::ServiceError;
use crate::service::audit::Event;
use crate::service::projects::ProjectRef;
use crate::store::keys;
use crate::store::keys::secrets;
use secrecy::SecretString;
use serde_json::json;

/// A key to be saved.
#[derive(Debug)]
pub struct SaveKey {
    /// What was pasted.
    pub secret: SecretString,
    /// What to call it; `None` keeps the name it has.
    pub name: Option<String>,
    /// The customer's own endpoint, where the provider takes one; `None` keeps the one it has.
    pub endpoint: Option<String>,
    /// Azure's `api-version`; `None` keeps the one it has, empty means none.
    pub api_version: Option<String>,
    /// The row version that the caller saw; `None` when they did not look.
    pub seen_row_version: Option<i64>,
    /// Keep a new key, switched off, even when the provider cannot be reached.
    pub allow_unverified: bool,
    /// The saver's address or name, shown on the card.
    pub added_by_name: String,
}

/// A key just saved.
#[derive(Debug)]
pub struct SavedKey {
    /// The key.
    pub key: ProviderKey,
    /// Whether there was one before, whose place it took.
    pub replaced: bool,
    /// Whose key it looks like, when not this provider's.
    pub looks_like: Option<&'static str>,
    /// Other keys of the organization that have the same secret, as far as the saver may know of them.
    pub twins: Vec<KeyTwin>,
}

impl SaveKey {
    pub(super) fn wanted(&self) -> Wanted<'_> {
        Wanted {
            secret: &self.secret,
            name: self.name.as_deref(),
            endpoint: self.endpoint.as_deref(),
            api_version: self.api_version.as_deref(),
            added_by_name: self.added_by_name.clone(),
        }
    }
}

impl Keys {
    /// Adds the provider's default key or replaces its secret: shape check, probe, seal, one transaction. Unless this
    /// succeeds, the old key stays as it was and keeps working.
    ///
    /// # Errors
    /// [`ServiceError::Refused`] without `write:byok`; [`ServiceError::Missing`]; [`ServiceError::Invalid`] for a
    /// field; [`ServiceError::KeyRefused`]; [`ServiceError::ProviderUnreachable`]; [`ServiceError::Changed`] when
    /// somebody else was faster; [`ServiceError::Throttled`].
    pub async fn save(
        &self,
        actor: &Actor,
        project: &ProjectRef,
        provider: &str,
        save: SaveKey,
    ) -> Result<SavedKey, ServiceError> {
        actor.require(Scope::WriteByok)?;
        let (slug, provider) = catalogued(provider)?;
        let mut tx = self.foundation.store.org(actor.org).await?;
        let project = self.projects.find(&mut tx, actor, project).await?;
        let current = keys::find_default(&mut tx, project.id, &slug).await?;
        drop(tx);
        let seen = save.seen_row_version;
        if seen.is_some() && seen != current.as_ref().map(|key| key.row_version) {
            return Err(changed_meanwhile());
        }
        let checked = self.check((slug, provider), save.wanted(), current.as_ref()).await?;
        match current {
            Some(current) => self.replace_secret(actor, current, checked).await,
            None => self.add_first(actor, project.id, checked, save.allow_unverified).await,
        }
    }

    /// Replaces a key's secret, as [`Keys::save`] does.
    ///
    /// # Errors
    /// As [`Keys::save`].
    pub async fn replace(
        &self,
        actor: &Actor,
        project: &ProjectRef,
        key: &KeySelector,
        save: SaveKey,
    ) -> Result<SavedKey, ServiceError> {
        actor.require(Scope::WriteByok)?;
        let current = self.find(actor, project, key).await?;
        if save.seen_row_version.is_some_and(|seen| seen != current.row_version) {
            return Err(changed_meanwhile());
        }
        let provider = catalogued(current.provider.as_str())?;
        let checked = self.check(provider, save.wanted(), Some(&current)).await?;
        self.replace_secret(actor, current, checked).await
    }

    async fn replace_secret(
        &self,
        actor: &Actor,
        current: ProviderKey,
        checked: Checked,
    ) -> Result<SavedKey, ServiceError> {
        let verdict = self.probe_new(actor, &checked).await?;
        // What could not be verified never takes the place of what is there.
        let unchanged = format!("Nothing was saved; the key {} stays as it was.", current.redacted);
        let verdict = checked.usable(verdict, &unchanged)?;
        let mut key = self.successor(actor, &current, &checked, &verdict);
        let sealed = self.seal(actor, &key, &checked).await?;
        self.store_replaced(actor, &current, &mut key, &sealed).await?;
        self.saved(actor, key, true, checked.looks_like(), sealed.fingerprint)
            .await
    }

    /// The same key with another secret.
    fn successor(&self, actor: &Actor, current: &ProviderKey, checked: &Checked, verdict: &Verdict) -> ProviderKey {
        let new = self.new_key(actor, current.project, checked, verdict, true);
        ProviderKey {
            id: current.id,
            is_default: current.is_default,
            fallback: current.fallback,
            last_used_at: current.last_used_at,
            created_at: current.created_at,
            position: current.position,
            retires_at: current.retires_at,
            superseded_by: current.superseded_by,
            name_before: current.name_before.clone(),
            secret_version: current.secret_version + 1,
            row_version: current.row_version + 1,
            ..new
        }
    }

    async fn store_replaced(
        &self,
        actor: &Actor,
        current: &ProviderKey,
        key: &mut ProviderKey,
        sealed: &SealedIn,
    ) -> Result<(), ServiceError> {
        let (mut group, _) = self.group_of(actor, current).await?;
        group.check_name(&key.name)?;
        key.is_default |= !group.has_default();
        // A key that retires serves nobody by default, even where nobody else does.
        key.is_default &= key.retires_at.is_none();
        let probe = self.next_probe(&key.health);
        if !secrets::replace(&mut group.tx, key, sealed.secret(), &probe).await? {
            return Err(changed_meanwhile());
        }
        let more = json!({
            "endpoint": key.endpoint.as_str(),
            "is_active": key.is_active,
            "secret_version": key.secret_version,
        });
        group.note(Event::KeyReplaced, key, more).await?;
        group.commit().await
    }
}
