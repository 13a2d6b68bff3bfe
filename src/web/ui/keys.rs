//! Provider keys, for the dashboard.

use super::backend::{Bound, project_ref, project_view};
use super::error::from_service;
use super::moment::moment;
use crate::domain::{Fallback, FallbackChoice, FallbackPolicy, HealthReason, HealthStatus, ProviderKey, Scope};
use crate::providers::{self, Provider, Target};
use crate::service::ServiceError;
use crate::service::keys::{Depth, KeySelector, RESTORABLE, SaveKey};
use crate::service::projects::GatewaySettings;
use app::contract::{CardView, DeletedKeyView, KeyChange, KeyStatus, KeyView, ProviderKeysView, ProviderView, UiError};
use app::ports::{KeyFallbackInput, KeyPort, SaveKeyInput};
use async_trait::async_trait;
use secrecy::SecretString;
use time::OffsetDateTime;

/// What stands for "as the project says" in forms.
const AS_PROJECT: &str = "project";

#[async_trait]
impl KeyPort for Bound {
    async fn page(&self, project: String) -> Result<ProviderKeysView, UiError> {
        let actor = self.actor()?;
        let asked = project_ref(&project)?;
        let listed = self.app.services.keys.list(actor, &asked).await;
        let (project, keys) = listed.map_err(|error| from_service(&error))?;
        let settings = self.app.services.projects.gateway_settings(actor, &asked).await;
        let settings = settings.map_err(|error| from_service(&error))?;
        let now = self.app.clock.now();
        let mut deleted: Vec<_> = keys.iter().filter_map(|key| deleted_view(key, now)).collect();
        deleted.reverse();
        let mut cards: Vec<_> = providers::catalogue()
            .iter()
            .map(|provider| {
                let key = keys
                    .iter()
                    .find(|key| key.is_default && key.provider.as_str() == provider.slug());
                card(*provider, key, self.policy(*provider, settings, key), now)
            })
            .collect();
        cards.sort_by_key(|card| (urgency(card), card.provider.name.to_lowercase()));
        let can_write = actor.scopes.permit(Scope::WriteByok);
        Ok(ProviderKeysView {
            project: project_view(&project),
            can_write,
            operator_allows: settings.operator_allows,
            checklist: self.checklist(&project).await?.filter(|_| can_write),
            cards,
            deleted,
        })
    }

    async fn save(&self, input: SaveKeyInput) -> Result<KeyChange, UiError> {
        let known = self.known()?;
        let project = project_ref(&input.project)?;
        let save = SaveKey {
            secret: SecretString::from(input.api_key.0),
            name: Some(input.name),
            endpoint: Some(input.endpoint).filter(|endpoint| !endpoint.trim().is_empty()),
            api_version: Some(input.api_version),
            seen_row_version: input.row_version,
            allow_unverified: input.allow_unverified,
            added_by_name: known.name.clone(),
        };
        let saved = self
            .app
            .services
            .keys
            .save(&known.actor, &project, &input.provider, save)
            .await;
        let saved = saved.map_err(|error| from_service(&error))?;
        let name = provider_name(&saved.key);
        let message = match (saved.key.is_active, saved.replaced) {
            (false, _) => {
                format!("{name} key saved, switched off: the provider could not be reached. Enable it to try again.")
            }
            (true, true) => format!("{name} key replaced. {}", in_words(&saved.key)),
            (true, false) => format!("{name} key saved. {}", in_words(&saved.key)),
        };
        let hint = saved.looks_like.map(|other| format!("This looks like a {other} key."));
        Ok(KeyChange {
            hint,
            ..change(&saved.key, message)
        })
    }

    async fn test(&self, project: String, key: String, deep: bool) -> Result<KeyChange, UiError> {
        let depth = if deep { Depth::Deep } else { Depth::Listed };
        let (project, key) = (project_ref(&project)?, selector(&key)?);
        let tested = self.app.services.keys.test(self.actor()?, &project, &key, depth).await;
        let tested = tested.map_err(|error| from_service(&error))?;
        let message = format!("{} key tested. {}", provider_name(&tested), in_words(&tested));
        Ok(change(&tested, message))
    }

    async fn set_active(&self, project: String, key: String, is_active: bool) -> Result<KeyChange, UiError> {
        let (project, key) = (project_ref(&project)?, selector(&key)?);
        let keys = &self.app.services.keys;
        let changed = keys.set_active(self.actor()?, &project, &key, is_active).await;
        let changed = changed.map_err(|error| from_service(&error))?;
        let name = provider_name(&changed);
        let message = if is_active {
            format!("{name} key enabled. {}", in_words(&changed))
        } else {
            format!("{name} key disabled. Nothing uses it until you enable it again.")
        };
        Ok(change(&changed, message))
    }

    async fn delete(&self, project: String, key: String) -> Result<KeyChange, UiError> {
        let (project, key) = (project_ref(&project)?, selector(&key)?);
        let deleted = self.app.services.keys.delete(self.actor()?, &project, &key).await;
        let deleted = deleted.map_err(|error| from_service(&error))?;
        let message = format!(
            "{} key deleted. It can be restored for {} days.",
            provider_name(&deleted),
            RESTORABLE.whole_days()
        );
        Ok(KeyChange {
            can_undo: true,
            ..change(&deleted, message)
        })
    }

    async fn restore(&self, project: String, key: String) -> Result<KeyChange, UiError> {
        let missing = |_| from_service(&ServiceError::Missing(crate::service::Missing::Key));
        let (project, key) = (project_ref(&project)?, key.parse().map_err(missing)?);
        let restored = self.app.services.keys.restore(self.actor()?, &project, key).await;
        let restored = restored.map_err(|error| from_service(&error))?;
        let message = format!("{} key restored. {}", provider_name(&restored), in_words(&restored));
        Ok(change(&restored, message))
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
    /// What holds for calls that this provider's key, or its absence, cannot serve.
    fn policy(&self, provider: &dyn Provider, settings: GatewaySettings, key: Option<&ProviderKey>) -> FallbackPolicy {
        let key = key.map_or_else(FallbackChoice::default, |key| key.fallback);
        // Where the operator has no key for a provider, none can serve.
        let can_serve = settings.operator_allows && self.app.services.gateway.has_platform_key(provider.slug());
        FallbackPolicy::of(can_serve, settings.choice, key)
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

fn said(policy: Option<Fallback>) -> String {
    policy.map_or(AS_PROJECT, Fallback::as_str).to_owned()
}

fn selector(key: &str) -> Result<KeySelector, UiError> {
    KeySelector::by_id(key).map_err(|error| from_service(&error))
}

fn provider_name(key: &ProviderKey) -> &str {
    providers::find(key.provider.as_str()).map_or(key.provider.as_str(), |provider| provider.name())
}

fn change(key: &ProviderKey, message: String) -> KeyChange {
    KeyChange {
        key_id: key.id.to_string(),
        provider: key.provider.to_string(),
        message,
        hint: None,
        can_undo: false,
    }
}

fn in_words(key: &ProviderKey) -> &'static str {
    match key.health.reason {
        None => "The provider accepts it.",
        Some(HealthReason::Invalid) => "The provider refuses it.",
        Some(HealthReason::Blocked) => "The provider has blocked it.",
        Some(HealthReason::Exhausted) => "Its credit or quota is spent.",
        Some(HealthReason::Restricted) => "It works, but not for everything.",
        Some(HealthReason::RateLimited) => "It works, but is rate-limited right now.",
        Some(HealthReason::Unreachable) => "The provider could not be reached.",
    }
}

fn card(provider: &dyn Provider, key: Option<&ProviderKey>, policy: FallbackPolicy, now: OffsetDateTime) -> CardView {
    CardView {
        provider: provider_view(provider),
        consequence: consequence(provider.name(), key.map(status), policy),
        key: key.map(|key| key_view(provider, key, now)),
    }
}

fn provider_view(provider: &dyn Provider) -> ProviderView {
    // Whether a deep test exists does not depend on the endpoint.
    let anywhere = Target {
        endpoint: crate::domain::Endpoint::of_catalogue(provider.origin().unwrap_or_default()),
        api_version: None,
    };
    ProviderView {
        slug: provider.slug().to_owned(),
        name: provider.name().to_owned(),
        key_page: provider.key_page().to_owned(),
        key_hint: provider.key_hint().to_owned(),
        takes_endpoint: provider.origin().is_none(),
        has_deep_test: provider.deep_probe(&anywhere).is_some(),
    }
}

fn key_view(provider: &dyn Provider, key: &ProviderKey, now: OffsetDateTime) -> KeyView {
    KeyView {
        id: key.id.to_string(),
        name: key.name.clone(),
        redacted: key.redacted.clone(),
        status: status(key),
        reason: key.health.reason.map(|reason| reason.to_string()),
        message: key.health.message.clone(),
        retry_at: key.health.retry_at.filter(|at| *at > now).map(|at| moment(at, now)),
        checked_at: key.health.checked_at.map(|at| moment(at, now)),
        last_used_at: key.last_used_at.map(|at| moment(at, now)),
        added_by: key.added_by_name.clone(),
        added_at: moment(key.created_at, now),
        endpoint: provider.origin().is_none().then(|| key.endpoint.to_string()),
        api_version: key.api_version.clone(),
        on_missing: said(key.fallback.on_missing),
        on_failure: said(key.fallback.on_failure),
        row_version: key.row_version,
    }
}

fn deleted_view(key: &ProviderKey, now: OffsetDateTime) -> Option<DeletedKeyView> {
    let deleted_at = key.deleted_at?;
    Some(DeletedKeyView {
        id: key.id.to_string(),
        provider: key.provider.to_string(),
        provider_name: provider_name(key).to_owned(),
        redacted: key.redacted.clone(),
        deleted_at: moment(deleted_at, now),
        restorable_until: moment(deleted_at + RESTORABLE, now),
    })
}

fn status(key: &ProviderKey) -> KeyStatus {
    if !key.is_active {
        return KeyStatus::Disabled;
    }
    match (key.health.reason, key.health.status()) {
        (Some(HealthReason::Exhausted), _) => KeyStatus::Exhausted,
        (Some(HealthReason::Restricted | HealthReason::RateLimited), _) => KeyStatus::Limited,
        (_, HealthStatus::Healthy) => KeyStatus::Healthy,
        (_, HealthStatus::Unhealthy) => KeyStatus::Unhealthy,
        (_, HealthStatus::Unknown) => KeyStatus::Unknown,
    }
}

/// What happens to calls as things stand.
fn consequence(provider: &str, status: Option<KeyStatus>, policy: FallbackPolicy) -> String {
    let platform_serves = |policy| policy == Fallback::Platform;
    let (missing, failing) = (platform_serves(policy.on_missing), platform_serves(policy.on_failure));
    match status {
        None if missing => format!("Calls to {provider} use the platform key."),
        None => format!("Calls to {provider} fail until a key is added."),
        Some(KeyStatus::Healthy) => "Ready to use.".to_owned(),
        Some(KeyStatus::Limited) => "In use, with what the provider permits.".to_owned(),
        Some(KeyStatus::Unhealthy) if failing => "Calls use the platform key meanwhile.".to_owned(),
        Some(KeyStatus::Unhealthy) => "Calls fail with key_rejected until it is replaced.".to_owned(),
        Some(KeyStatus::Exhausted) if failing => {
            format!("Calls use the platform key until {provider} accepts this one again.")
        }
        Some(KeyStatus::Exhausted) => format!("Calls fail with key_exhausted until {provider} accepts it again."),
        Some(KeyStatus::Unknown) => format!("Used as before; test it when {provider} answers again."),
        Some(KeyStatus::Disabled) if missing => "Calls use the platform key while it is disabled.".to_owned(),
        Some(KeyStatus::Disabled) => "Calls fail with key_disabled until it is enabled.".to_owned(),
    }
}

/// Needing attention first, then configured, then empty.
fn urgency(card: &CardView) -> u8 {
    match card.key.as_ref().map(|key| key.status) {
        Some(KeyStatus::Unhealthy | KeyStatus::Exhausted | KeyStatus::Unknown) => 0,
        Some(KeyStatus::Healthy | KeyStatus::Limited | KeyStatus::Disabled) => 1,
        None => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_tells_the_truth_about_calls() {
        let every = [
            None,
            Some(KeyStatus::Unhealthy),
            Some(KeyStatus::Exhausted),
            Some(KeyStatus::Disabled),
        ];
        let told = |policy: Fallback| {
            let policy = FallbackPolicy {
                on_missing: policy,
                on_failure: policy,
            };
            every.map(|status| consequence("OpenAI", status, policy))
        };
        assert!(
            told(Fallback::Platform)
                .iter()
                .all(|told| told.contains("use the platform key"))
        );
        assert!(told(Fallback::Fail).iter().all(|told| told.contains(" fail")));
        assert_ne!(told(Fallback::Fail)[1], told(Fallback::Fail)[2]);
    }

    #[test]
    fn a_keys_policy_is_read_as_it_is_written() {
        for policy in [None, Some(Fallback::Platform), Some(Fallback::Fail)] {
            assert_eq!(decided("on_missing", &said(policy)), Ok(policy));
        }
        assert!(decided("on_missing", "").is_err_and(|error| error.field("on_missing").is_some()));
    }
}
