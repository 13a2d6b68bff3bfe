//! Provider keys, for the dashboard.

mod cards;
mod words;

use super::backend::{Bound, project_ref, project_view};
use super::error::from_service;
use crate::domain::{Fallback, FallbackChoice, KeyId, Overlap, Scope};
use crate::service::keys::{AddKey, Depth, KeySelector, RotateKey, SaveKey};
use crate::service::{Missing, ServiceError};
use app::contract::{KeyChange, OptionView, ProviderKeysView, UiError};
use app::ports::{AddKeyInput, KeyFallbackInput, KeyPort, RotateKeyInput, SaveKeyInput};
use async_trait::async_trait;
use cards::Shelf;
use secrecy::SecretString;
use words::{called, change, in_words, provider_name, said_of_new, saved_change};

/// What stands for "as the project says" in forms.
const AS_PROJECT: &str = "project";
/// What is typed before a key is erased.
const ERASE: &str = "erase";

#[async_trait]
impl KeyPort for Bound {
    async fn page(&self, project: String) -> Result<ProviderKeysView, UiError> {
        let actor = self.actor()?;
        let asked = project_ref(&project)?;
        let services = &self.app.services;
        let listed = services.keys.list(actor, &asked).await;
        let (project, keys) = listed.map_err(|error| from_service(&error))?;
        let settings = services.projects.gateway_settings(actor, &asked).await;
        let settings = settings.map_err(|error| from_service(&error))?;
        let twins = services.keys.twins(actor).await.map_err(|error| from_service(&error))?;
        let can_write = actor.scopes.permit(Scope::WriteByok);
        let dependents = if can_write {
            let found = services.keys.dependents_of(actor, &asked, &keys).await;
            Some(found.map_err(|error| from_service(&error))?)
        } else {
            None
        };
        let projects = services
            .projects
            .list(actor)
            .await
            .map_err(|error| from_service(&error))?;
        let cards = Shelf {
            project: project.id,
            projects: projects
                .iter()
                .map(|project| (project.id, project_view(project)))
                .collect(),
            keys,
            twins,
            dependents,
            settings,
            platform: services.gateway.clone(),
            retention: services.keys.retention(),
            now: self.app.clock.now(),
        };
        Ok(ProviderKeysView {
            project: project_view(&project),
            can_write,
            can_erase: actor.scopes.permit(Scope::All),
            operator_allows: settings.operator_allows,
            checklist: self.checklist(&project).await?.filter(|_| can_write),
            cards: cards.cards(),
            deleted: cards.deleted(),
            retention_days: u32::try_from(cards.retention.whole_days()).unwrap_or(u32::MAX),
            overlaps: overlaps(),
        })
    }

    async fn save(&self, input: SaveKeyInput) -> Result<KeyChange, UiError> {
        let known = self.known()?;
        let project = project_ref(&input.project)?;
        let save = SaveKey {
            secret: SecretString::from(input.api_key.0),
            name: Some(input.name),
            endpoint: given(input.endpoint),
            api_version: Some(input.api_version),
            seen_row_version: input.row_version,
            allow_unverified: input.allow_unverified,
            added_by_name: known.name.clone(),
        };
        let keys = &self.app.services.keys;
        let saved = if input.key.is_empty() {
            keys.save(&known.actor, &project, &input.provider, save).await
        } else {
            keys.replace(&known.actor, &project, &selector(&input.key)?, save).await
        };
        let saved = saved.map_err(|error| from_service(&error))?;
        let name = called(&saved.key);
        let message = if saved.replaced {
            format!("{name} replaced. {}", in_words(&saved.key))
        } else {
            said_of_new(&saved.key)
        };
        Ok(saved_change(&saved, message))
    }

    async fn add(&self, input: AddKeyInput) -> Result<KeyChange, UiError> {
        let known = self.known()?;
        let project = project_ref(&input.project)?;
        let add = AddKey {
            secret: SecretString::from(input.api_key.0),
            name: input.name,
            endpoint: given(input.endpoint),
            api_version: given(input.api_version),
            allow_unverified: input.allow_unverified,
            is_default: input.is_default,
            added_by_name: known.name.clone(),
        };
        let keys = &self.app.services.keys;
        let saved = keys.add(&known.actor, &project, &input.provider, add).await;
        let saved = saved.map_err(|error| from_service(&error))?;
        let message = said_of_new(&saved.key);
        Ok(saved_change(&saved, message))
    }

    async fn rotate(&self, input: RotateKeyInput) -> Result<KeyChange, UiError> {
        let known = self.known()?;
        let project = project_ref(&input.project)?;
        let old = KeySelector::seen(key_id(&input.key)?, input.row_version);
        let overlap = overlap(&input.overlap)?;
        let rotate = RotateKey {
            secret: SecretString::from(input.api_key.0),
            name: given(input.name),
            endpoint: given(input.endpoint),
            api_version: input.api_version,
            overlap,
            added_by_name: known.name.clone(),
        };
        let keys = &self.app.services.keys;
        let rotated = keys.rotate(&known.actor, &project, &old, rotate).await;
        let rotated = rotated.map_err(|error| from_service(&error))?;
        let old = match overlap {
            Overlap::Now => "The old key is out of use, and can be restored.".to_owned(),
            _ => format!("The old key works on for {}.", overlap_in_words(overlap)),
        };
        let message = format!("{} rotated. {} {old}", called(&rotated.key), in_words(&rotated.key));
        Ok(saved_change(&rotated, message))
    }

    async fn end_overlap(&self, project: String, key: String) -> Result<KeyChange, UiError> {
        let (project, key) = (project_ref(&project)?, selector(&key)?);
        let ended = self.app.services.keys.end_overlap(self.actor()?, &project, &key).await;
        let ended = ended.map_err(|error| from_service(&error))?;
        let message = format!("{} stopped. {}", called(&ended), self.restorable());
        Ok(KeyChange {
            can_undo: true,
            ..change(&ended, message)
        })
    }

    async fn rename(
        &self,
        project: String,
        key: String,
        name: String,
        row_version: Option<i64>,
    ) -> Result<KeyChange, UiError> {
        let (project, key) = (project_ref(&project)?, KeySelector::seen(key_id(&key)?, row_version));
        let renamed = self
            .app
            .services
            .keys
            .rename(self.actor()?, &project, &key, &name)
            .await;
        let renamed = renamed.map_err(|error| from_service(&error))?;
        let message = match renamed.name.as_str() {
            "" => format!("The {} key has no name any more.", provider_name(&renamed)),
            name => format!("The {} key is now called {name}.", provider_name(&renamed)),
        };
        Ok(change(&renamed, message))
    }

    async fn make_default(&self, project: String, key: String) -> Result<KeyChange, UiError> {
        let (project, key) = (project_ref(&project)?, selector(&key)?);
        let made = self.app.services.keys.make_default(self.actor()?, &project, &key).await;
        let made = made.map_err(|error| from_service(&error))?;
        let message = format!("{} is the default now. Calls that name no key use it.", called(&made));
        Ok(change(&made, message))
    }

    async fn reorder(&self, project: String, provider: String, order: Vec<String>) -> Result<(), UiError> {
        let project = project_ref(&project)?;
        let order: Vec<_> = order.iter().map(|id| key_id(id)).collect::<Result<_, _>>()?;
        let keys = &self.app.services.keys;
        let reordered = keys.reorder(self.actor()?, &project, &provider, &order).await;
        reordered.map(drop).map_err(|error| from_service(&error))
    }

    async fn test(&self, project: String, key: String, deep: bool) -> Result<KeyChange, UiError> {
        let depth = if deep { Depth::Deep } else { Depth::Listed };
        let (project, key) = (project_ref(&project)?, selector(&key)?);
        let tested = self.app.services.keys.test(self.actor()?, &project, &key, depth).await;
        let tested = tested.map_err(|error| from_service(&error))?;
        let message = format!("{} tested. {}", called(&tested), in_words(&tested));
        Ok(change(&tested, message))
    }

    async fn set_active(&self, project: String, key: String, is_active: bool) -> Result<KeyChange, UiError> {
        let (project, key) = (project_ref(&project)?, selector(&key)?);
        let keys = &self.app.services.keys;
        let changed = keys.set_active(self.actor()?, &project, &key, is_active).await;
        let changed = changed.map_err(|error| from_service(&error))?;
        let name = called(&changed);
        let message = if is_active {
            format!("{name} enabled. {}", in_words(&changed))
        } else {
            format!("{name} disabled. Nothing uses it until you enable it again.")
        };
        Ok(change(&changed, message))
    }

    async fn delete(&self, project: String, key: String) -> Result<KeyChange, UiError> {
        let (project, key) = (project_ref(&project)?, selector(&key)?);
        let deleted = self.app.services.keys.delete(self.actor()?, &project, &key).await;
        let deleted = deleted.map_err(|error| from_service(&error))?;
        let message = format!("{} deleted. {}", called(&deleted), self.restorable());
        Ok(KeyChange {
            can_undo: true,
            ..change(&deleted, message)
        })
    }

    async fn restore(&self, project: String, key: String) -> Result<KeyChange, UiError> {
        let (project, key) = (project_ref(&project)?, key_id(&key)?);
        let restored = self.app.services.keys.restore(self.actor()?, &project, key).await;
        let restored = restored.map_err(|error| from_service(&error))?;
        let message = format!("{} restored. {}", called(&restored), in_words(&restored));
        Ok(change(&restored, message))
    }

    async fn purge(&self, project: String, key: String, typed: String) -> Result<(), UiError> {
        let actor = self.actor()?;
        let refused = |error: ServiceError| from_service(&error);
        actor.require(Scope::All).map_err(|refusal| refused(refusal.into()))?;
        if !typed.trim().eq_ignore_ascii_case(ERASE) {
            let message = format!("Type {ERASE} to confirm that this key is to be gone for ever.");
            return Err(UiError::at_field("typed", message));
        }
        let (project, key) = (project_ref(&project)?, selector(&key)?);
        self.app
            .services
            .keys
            .purge(actor, &project, &key)
            .await
            .map_err(refused)
    }

    async fn set_fallback(&self, input: KeyFallbackInput) -> Result<KeyChange, UiError> {
        let (project, key) = (project_ref(&input.project)?, selector(&input.key)?);
        let choice = FallbackChoice {
            on_missing: decided("on_missing", &input.on_missing)?,
            on_failure: decided("on_failure", &input.on_failure)?,
        };
        let keys = &self.app.services.keys;
        let changed = keys.set_fallback(self.actor()?, &project, &key, choice).await;
        let changed = changed.map_err(|error| from_service(&error))?;
        let message = format!(
            "Fallback of the {} key saved. Calls follow it from now on.",
            provider_name(&changed)
        );
        Ok(change(&changed, message))
    }
}

impl Bound {
    /// For how long what was just deleted can be brought back, in a sentence.
    fn restorable(&self) -> String {
        let days = self.app.services.keys.retention().whole_days();
        format!("It can be restored for {days} days.")
    }
}

/// A policy of one key as forms say it; `project` for what the project says.
fn decided(field: &'static str, policy: &str) -> Result<Option<Fallback>, UiError> {
    if policy == AS_PROJECT {
        return Ok(None);
    }
    let unknown = |()| UiError::at_field(field, "Choose project, platform or fail.");
    policy.parse().map(Some).map_err(unknown)
}

/// What a field says, unless it is empty.
fn given(text: String) -> Option<String> {
    Some(text).filter(|text| !text.trim().is_empty())
}

/// An overlap as forms say it; empty for the usual one.
pub(super) fn overlap(text: &str) -> Result<Overlap, UiError> {
    if text.is_empty() {
        return Ok(Overlap::default());
    }
    let unknown = |()| UiError::at_field("overlap", "Choose now, 1h, 24h or 7d.");
    text.parse().map_err(unknown)
}

fn overlaps() -> Vec<OptionView> {
    let option = |overlap: &Overlap| OptionView::new(overlap.as_str(), overlap_in_words(*overlap));
    Overlap::EVERY.iter().map(option).collect()
}

const fn overlap_in_words(overlap: Overlap) -> &'static str {
    match overlap {
        Overlap::Now => "Stop at once",
        Overlap::Hour => "1 hour",
        Overlap::Day => "24 hours",
        Overlap::Week => "7 days",
    }
}

fn selector(key: &str) -> Result<KeySelector, UiError> {
    KeySelector::by_id(key).map_err(|error| from_service(&error))
}

fn key_id(key: &str) -> Result<KeyId, UiError> {
    let missing = |_| from_service(&ServiceError::Missing(Missing::Key));
    key.parse().map_err(missing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_keys_policy_is_read_as_it_is_written() {
        for policy in [None, Some(Fallback::Platform), Some(Fallback::Fail)] {
            assert_eq!(decided("on_missing", &cards::said(policy)), Ok(policy));
        }
        assert!(decided("on_missing", "").is_err_and(|error| error.field("on_missing").is_some()));
    }

    #[test]
    fn an_overlap_is_a_day_unless_it_is_chosen() {
        assert_eq!(overlap(""), Ok(Overlap::Day));
        assert_eq!(overlap("now"), Ok(Overlap::Now));
        assert!(overlap("tomorrow").is_err_and(|error| error.field("overlap").is_some()));
    }
}
