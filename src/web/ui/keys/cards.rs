//! A project's provider keys, as the cards of its page show them.

use super::AS_PROJECT;
use super::words::provider_name;
use crate::domain::{
    Fallback, FallbackChoice, FallbackPolicy, HealthReason, HealthStatus, KeyId, ProjectId, ProviderKey,
};
use crate::providers::{self, Provider, Target};
use crate::service::gateway::Gateway;
use crate::service::keys::{KeyDependents, KeyTwin};
use crate::service::projects::GatewaySettings;
use crate::web::ui::moment::moment;
use app::contract::{
    CardView, DeletedKeyView, DependentsView, KeyStatus, KeyView, ProjectView, ProviderView, TwinView,
    UndoneRotationView,
};
use std::collections::HashMap;
use std::sync::Arc;
use time::OffsetDateTime;

/// All that the cards of one page are made of.
pub(super) struct Shelf {
    pub(super) project: ProjectId,
    /// Every project that the person reaches.
    pub(super) projects: HashMap<ProjectId, ProjectView>,
    /// By provider and place, deleted ones among them.
    pub(super) keys: Vec<ProviderKey>,
    pub(super) twins: Vec<Vec<KeyTwin>>,
    /// What used each key of late; `None` for those who cannot change a key.
    pub(super) dependents: Option<HashMap<KeyId, KeyDependents>>,
    pub(super) settings: GatewaySettings,
    pub(super) platform: Arc<Gateway>,
    pub(super) retention: time::Duration,
    pub(super) now: OffsetDateTime,
}

impl Shelf {
    /// A card for each provider of the catalogue: needing attention first, then configured, then empty, each by name.
    pub(super) fn cards(&self) -> Vec<CardView> {
        let catalogue = providers::catalogue().iter();
        let mut cards: Vec<_> = catalogue.map(|provider| self.card(*provider)).collect();
        cards.sort_by_key(|card| (urgency(card), card.provider.name.to_lowercase()));
        cards
    }

    /// Deleted keys, the newest first.
    pub(super) fn deleted(&self) -> Vec<DeletedKeyView> {
        let mut deleted: Vec<_> = self.keys.iter().collect();
        deleted.sort_by_key(|key| std::cmp::Reverse(key.deleted_at));
        let view = |key| self.deleted_key(key);
        deleted.into_iter().filter_map(view).collect()
    }

    fn card(&self, provider: &dyn Provider) -> CardView {
        let is_there = |key: &&ProviderKey| key.deleted_at.is_none() && key.provider.as_str() == provider.slug();
        let live = || self.keys.iter().filter(is_there);
        let default = live().find(|key| key.is_default);
        let others: Vec<_> = live()
            .filter(|key| !key.is_default)
            .map(|key| self.key(provider, key))
            .collect();
        let policy = self.policy(provider, default);
        CardView {
            provider: provider_view(provider),
            consequence: match default {
                None if !others.is_empty() => without_default(provider.name(), policy),
                key => consequence(provider.name(), key.map(status), policy),
            },
            key: default.map(|key| self.key(provider, key)),
            undone: live()
                .max_by_key(|key| key.rotation_undone_at)
                .and_then(|key| self.undone(key)),
            others,
        }
    }

    /// What holds for calls that this provider's key, or its absence, cannot serve.
    fn policy(&self, provider: &dyn Provider, key: Option<&ProviderKey>) -> FallbackPolicy {
        let key = key.map_or_else(FallbackChoice::default, |key| key.fallback);
        // Where the operator has no key for a provider, none can serve.
        let can_serve = self.settings.operator_allows && self.platform.has_platform_key(provider.slug());
        FallbackPolicy::of(can_serve, self.settings.choice, key)
    }

    fn key(&self, provider: &dyn Provider, key: &ProviderKey) -> KeyView {
        let now = self.now;
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
            retires_at: key.retires_at.map(|at| moment(at, now)),
            seconds_left: key
                .retires_at
                .map(|at| u64::try_from((at - now).whole_seconds()).unwrap_or_default()),
            dependents: self.dependents(key),
            twins: self.twins_of(key),
            row_version: key.row_version,
        }
    }

    fn dependents(&self, key: &ProviderKey) -> Option<DependentsView> {
        let used = self.dependents.as_ref()?.get(&key.id)?;
        Some(DependentsView {
            tokens: used.tokens_last_hour,
            calls: used.calls_last_hour,
            last_call_at: used.last_call_at.map(|at| moment(at, self.now)),
        })
    }

    fn twins_of(&self, key: &ProviderKey) -> Vec<TwinView> {
        let is_in = |group: &&Vec<KeyTwin>| group.iter().any(|twin| twin.key == key.id);
        let group = self.twins.iter().find(is_in).map(Vec::as_slice).unwrap_or_default();
        let others = group.iter().filter(|twin| twin.key != key.id);
        others.filter_map(|twin| self.twin(twin)).collect()
    }

    fn twin(&self, twin: &KeyTwin) -> Option<TwinView> {
        let project = if twin.project == self.project {
            None
        } else {
            Some(self.projects.get(&twin.project)?.clone())
        };
        Some(TwinView {
            name: twin.name.clone(),
            project,
        })
    }

    fn undone(&self, key: &ProviderKey) -> Option<UndoneRotationView> {
        let at = key.rotation_undone_at?;
        Some(UndoneRotationView {
            redacted: key.redacted.clone(),
            at: moment(at, self.now),
            message: key.health.message.clone(),
        })
    }

    fn deleted_key(&self, key: &ProviderKey) -> Option<DeletedKeyView> {
        let deleted_at = key.deleted_at?;
        Some(DeletedKeyView {
            id: key.id.to_string(),
            provider: key.provider.to_string(),
            provider_name: provider_name(key).to_owned(),
            name: key.name.clone(),
            redacted: key.redacted.clone(),
            deleted_at: moment(deleted_at, self.now),
            restorable_until: moment(deleted_at + self.retention, self.now),
        })
    }
}

/// A policy as forms say it.
pub(super) fn said(policy: Option<Fallback>) -> String {
    policy.map_or(AS_PROJECT, Fallback::as_str).to_owned()
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

/// What happens to calls that name no key, where there are keys and none is the default.
fn without_default(provider: &str, policy: FallbackPolicy) -> String {
    match policy.on_missing {
        Fallback::Platform => format!("Calls to {provider} that name no key use the platform key."),
        Fallback::Fail => format!("Calls to {provider} that name no key fail until one is the default."),
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
        _ if card.undone.is_some() => 0,
        Some(KeyStatus::Unhealthy | KeyStatus::Exhausted | KeyStatus::Unknown) => 0,
        Some(KeyStatus::Healthy | KeyStatus::Limited | KeyStatus::Disabled) => 1,
        None if !card.others.is_empty() => 0,
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
            let mut told = every.map(|status| consequence("OpenAI", status, policy)).to_vec();
            told.push(without_default("OpenAI", policy));
            told
        };
        assert!(
            told(Fallback::Platform)
                .iter()
                .all(|told| told.contains("use the platform key"))
        );
        assert!(told(Fallback::Fail).iter().all(|told| told.contains(" fail")));
        assert_ne!(told(Fallback::Fail)[1], told(Fallback::Fail)[2]);
    }
}
