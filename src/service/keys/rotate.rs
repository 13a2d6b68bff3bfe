//! One key taking over from another without a gap.

use super::group::Group;
use super::intake::Wanted;
use super::{KeySelector, Keys, SavedKey, catalogued};
use crate::domain::{Actor, HealthReason, Overlap, ProviderKey, Scope, Verdict};
use crate::service::ServiceError;
use crate::service::audit::Event;
use crate::service::projects::ProjectRef;
use crate::store::keys;
use secrecy::SecretString;
use serde_json::json;

/// The key that is to take over.
#[derive(Debug)]
pub struct RotateKey {
    /// What was pasted.
    pub secret: SecretString,
    /// What to call it. `None` hands the old key's name over, so that who calls by name notices nothing; the old one
    /// gets a number behind it.
    pub name: Option<String>,
    /// The customer's own endpoint, where the provider takes one; `None` takes the old key's.
    pub endpoint: Option<String>,
    /// Azure's `api-version`; `None` takes the old key's, empty means none.
    pub api_version: Option<String>,
    /// How long the old key still works.
    pub overlap: Overlap,
    /// The saver's address or name, shown on the card.
    pub added_by_name: String,
}

impl Keys {
    /// Adds a key that takes over from `key`: probed first, then swapped in one transaction. It is the default if the
    /// old one was; that one still works, by name and id, until the overlap ends. If the provider refuses the new key
    /// before then, the swap is undone.
    ///
    /// # Errors
    /// As [`Keys::save`]; [`ServiceError::Conflict`] when the key was rotated out already, or the new one's quota is
    /// spent.
    pub async fn rotate(
        &self,
        actor: &Actor,
        project: &ProjectRef,
        key: &KeySelector,
        rotate: RotateKey,
    ) -> Result<SavedKey, ServiceError> {
        actor.require(Scope::WriteByok)?;
        let found = self.find(actor, project, key).await?;
        if found.superseded_by.is_some() {
            return Err(rotated_already());
        }
        let wanted = Wanted {
            secret: &rotate.secret,
            name: rotate.name.as_deref(),
            endpoint: rotate.endpoint.as_deref(),
            api_version: rotate.api_version.as_deref(),
            added_by_name: rotate.added_by_name,
        };
        let provider = catalogued(found.provider.as_str())?;
        let checked = self.check(provider, wanted, Some(&found)).await?;
        let unchanged = format!("Nothing was changed; the key {} stays as it was.", found.redacted);
        let verdict = checked.usable(self.probe_new(actor, &checked).await?, &unchanged)?;
        refuse_spent(&verdict, checked.provider.name(), &unchanged)?;
        let mut new = self.new_key(actor, found.project, &checked, &verdict, true);
        new.fallback = found.fallback;
        let sealed = self.seal(actor, &new, &checked).await?;

        let (mut group, mut old) = self.group_of(actor, &found).await?;
        // The old key's own name is not in the way: it gives it up.
        group.check_name(&new.name)?;
        let until = group.now + rotate.overlap.duration();
        group.hand_over(&mut old, &mut new, until).await?;
        let probe = self.next_probe(&new.health);
        keys::insert(&mut group.tx, &new, sealed.secret(), &probe).await?;
        let more = json!({
            "replaces": old.id,
            "overlap": rotate.overlap.as_str(),
            "is_default": new.is_default,
            "endpoint": new.endpoint.as_str(),
        });
        group.note(Event::KeyRotated, &new, more).await?;
        if rotate.overlap == Overlap::Now {
            group.retire(&mut old).await?;
        }
        group.commit().await?;
        self.saved(actor, new, true, checked.looks_like(), sealed.fingerprint)
            .await
    }

    /// Takes a key that was rotated out of use now, recoverable like one that was deleted.
    ///
    /// # Errors
    /// [`ServiceError::Refused`] without `write:byok`; [`ServiceError::Missing`]; [`ServiceError::Conflict`] when it
    /// was not rotated out; [`ServiceError::Changed`].
    pub async fn end_overlap(
        &self,
        actor: &Actor,
        project: &ProjectRef,
        key: &KeySelector,
    ) -> Result<ProviderKey, ServiceError> {
        actor.require(Scope::WriteByok)?;
        let found = self.find(actor, project, key).await?;
        let (mut group, mut key) = self.group_of(actor, &found).await?;
        if key.retires_at.is_none() {
            return Err(ServiceError::Conflict(
                "This key was not rotated out, so it has no overlap to end. Delete it instead.".to_owned(),
            ));
        }
        group.retire(&mut key).await?;
        group.commit().await?;
        Ok(key)
    }
}

impl Group<'_> {
    /// Lets `new`, which is not stored yet, take over from `old`, at its place.
    async fn hand_over(
        &mut self,
        old: &mut ProviderKey,
        new: &mut ProviderKey,
        until: time::OffsetDateTime,
    ) -> Result<(), ServiceError> {
        old.hand_over(new, until, &self.siblings);
        new.position = old.position;
        old.position += 1;
        let behind = self.siblings.iter().filter(|key| key.position >= old.position);
        for key in behind {
            keys::set_position(&mut self.tx, key.id, key.position + 1).await?;
        }
        self.write(old).await
    }

    /// Takes a key that was rotated out out of use.
    pub(super) async fn retire(&mut self, key: &mut ProviderKey) -> Result<(), ServiceError> {
        key.is_active = false;
        key.deleted_at = Some(self.now);
        key.retires_at = key.retires_at.map(|at| at.min(self.now));
        self.write(key).await?;
        let more = json!({ "superseded_by": key.superseded_by });
        Ok(self.note(Event::KeyRetired, key, more).await?)
    }
}

/// A key whose quota is spent would make a gap.
fn refuse_spent(verdict: &Verdict, provider: &str, unchanged: &str) -> Result<(), ServiceError> {
    if verdict.reason != Some(HealthReason::Exhausted) {
        return Ok(());
    }
    let message = verdict.message.as_deref().unwrap_or_default();
    Err(ServiceError::Conflict(format!(
        "{provider} accepts the new key, but its quota is spent: {message} {unchanged}"
    )))
}

fn rotated_already() -> ServiceError {
    ServiceError::Conflict(
        "This key was rotated out already, and is kept until its overlap ends. Rotate the one that took over."
            .to_owned(),
    )
}
