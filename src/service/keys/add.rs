//! Adding a key beside those that are there.

use super::intake::{Checked, Wanted};
use super::{Keys, SavedKey, catalogued, changed_meanwhile};
use crate::domain::{Actor, ProjectId, Scope};
use crate::service::ServiceError;
use crate::service::audit::Event;
use crate::service::projects::ProjectRef;
use crate::store::{StoreError, keys};
use secrecy::SecretString;
use serde_json::json;

/// A key to be added.
#[derive(Debug)]
pub struct AddKey {
    /// What was pasted.
    pub secret: SecretString,
    /// What to call it; may be empty.
    pub name: String,
    /// The customer's own endpoint, where the provider takes one.
    pub endpoint: Option<String>,
    /// Azure's `api-version`; `None` or empty for none.
    pub api_version: Option<String>,
    /// Keep it, switched off, even when the provider cannot be reached. It becomes the default then only where there
    /// is none.
    pub allow_unverified: bool,
    /// Whether calls are to use it from now on. The first key always is the default.
    pub is_default: bool,
    /// The saver's address or name, shown on the card.
    pub added_by_name: String,
}

/// Whether a new key becomes the default.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    /// It must, because there is none.
    First,
    /// It does, whichever one is it now.
    Default,
    /// Only where there is none.
    Beside,
}

impl Keys {
    /// Adds a key: shape check, probe, seal, one transaction. Unless this succeeds, nothing changes.
    ///
    /// # Errors
    /// As [`Keys::save`].
    pub async fn add(
        &self,
        actor: &Actor,
        project: &ProjectRef,
        provider: &str,
        add: AddKey,
    ) -> Result<SavedKey, ServiceError> {
        actor.require(Scope::WriteByok)?;
        let (slug, provider) = catalogued(provider)?;
        let mut tx = self.foundation.store.org(actor.org).await?;
        let project = self.projects.find(&mut tx, actor, project).await?;
        let has_default = keys::find_default(&mut tx, project.id, &slug).await?.is_some();
        drop(tx);
        let wanted = Wanted {
            secret: &add.secret,
            name: Some(&add.name),
            endpoint: add.endpoint.as_deref(),
            api_version: add.api_version.as_deref(),
            added_by_name: add.added_by_name,
        };
        let checked = self.check((slug, provider), wanted, None).await?;
        let part = if add.is_default { Part::Default } else { Part::Beside };
        let takes_unverified = add.allow_unverified && !(add.is_default && has_default);
        self.add_checked(actor, project.id, checked, takes_unverified, part)
            .await
    }

    /// Adds a provider's default key where there was none a moment ago.
    pub(super) async fn add_first(
        &self,
        actor: &Actor,
        project: ProjectId,
        checked: Checked,
        takes_unverified: bool,
    ) -> Result<SavedKey, ServiceError> {
        self.add_checked(actor, project, checked, takes_unverified, Part::First)
            .await
    }

    async fn add_checked(
        &self,
        actor: &Actor,
        project: ProjectId,
        checked: Checked,
        takes_unverified: bool,
        part: Part,
    ) -> Result<SavedKey, ServiceError> {
        let verdict = self.probe_new(actor, &checked).await?;
        let (verdict, is_active) = checked.judge(verdict, takes_unverified, "Nothing was saved.")?;
        let mut key = self.new_key(actor, project, &checked, &verdict, is_active);
        let sealed = self.seal(actor, &key, &checked).await?;
        let mut group = self.group(actor, project, &key.provider).await?;
        group.check_name(&key.name)?;
        let has_default = group.has_default();
        if has_default && part == Part::First {
            return Err(changed_meanwhile());
        }
        key.position = group.last_position();
        key.is_default = !has_default || part == Part::Default && is_active;
        let default_before = if key.is_default {
            group.take_default().await?
        } else {
            None
        };
        let probe = self.next_probe(&key.health);
        keys::insert(&mut group.tx, &key, sealed.secret(), &probe)
            .await
            .map_err(another_was_first)?;
        let more = json!({
            "endpoint": key.endpoint.as_str(),
            "is_active": key.is_active,
            "is_default": key.is_default,
            "default_before": default_before,
            "secret_version": key.secret_version,
        });
        group.note(Event::KeyAdded, &key, more).await?;
        group.commit().await?;
        self.saved(actor, key, false, checked.looks_like(), sealed.fingerprint)
            .await
    }
}

/// Whoever goes past this program's own lock is met in the index.
fn another_was_first(error: StoreError) -> ServiceError {
    if error.breaks("provider_keys_one_default") || error.breaks("provider_keys_name_is_free") {
        changed_meanwhile()
    } else {
        error.into()
    }
}
