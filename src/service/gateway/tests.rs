//! Whose key serves, for every state of the project's own key and every policy.

use super::lease::Lease;
use super::route::{ProjectKey, Route};
use crate::domain::{
    Endpoint, EndpointPolicy, Fallback, FallbackPolicy, FallbackReason, Fee, Health, HealthReason, KeyId, KeySource,
    OrgId, ProjectId,
};
use crate::providers::upstream::{UpstreamSettings, Upstreams};
use crate::providers::{self, Provider};
use secrecy::SecretString;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use time::OffsetDateTime;
use uuid::Uuid;

const NOW: OffsetDateTime = time::macros::datetime!(2026-11-21 12:00 UTC);

fn provider() -> &'static dyn Provider {
    providers::find("openai").unwrap()
}

fn lease(source: KeySource) -> Arc<Lease> {
    let upstreams = Upstreams::new(UpstreamSettings {
        transports: HashMap::new(),
        policy: EndpointPolicy::default(),
        connect: Duration::from_secs(1),
    });
    let endpoint = Endpoint::of_catalogue("https://api.openai.com");
    let origin = upstreams.unwrap().origin(provider(), &endpoint).unwrap();
    let key = (source == KeySource::Byok).then(|| (key_id(), 1));
    let secret = SecretString::from("sk-fake-000000000000");
    Arc::new(Lease::new(provider(), source, key, secret, origin).unwrap())
}

fn key_id() -> KeyId {
    KeyId::from_uuid(Uuid::from_u128(3))
}

fn route(key: ProjectKey, on_missing: Fallback, on_failure: Fallback) -> Route {
    Route {
        org: OrgId::from_uuid(Uuid::from_u128(1)),
        project: ProjectId::from_uuid(Uuid::from_u128(2)),
        slug: "main".parse().unwrap(),
        provider: provider(),
        provider_slug: "openai".parse().unwrap(),
        opens_all_paths: false,
        adds_stream_usage: true,
        fee: Fee::default(),
        named: None,
        lock: None,
        policy: FallbackPolicy { on_missing, on_failure },
        key,
        platform: Some(lease(KeySource::Platform)),
    }
}

fn open(reason: Option<HealthReason>, retry_at: Option<OffsetDateTime>) -> ProjectKey {
    ProjectKey::Open {
        lease: lease(KeySource::Byok),
        health: Health {
            reason,
            message: reason.map(|reason| reason.to_string()),
            checked_at: Some(NOW),
            retry_at,
        },
    }
}

/// `byok`, `platform <reason>`, or the error's code.
fn chosen(key: ProjectKey, on_missing: Fallback, on_failure: Fallback) -> String {
    match route(key, on_missing, on_failure).choose(NOW) {
        Ok(choice) => match choice.fallback {
            Some(reason) => format!("{} {reason}", choice.lease.source),
            None => choice.lease.source.to_string(),
        },
        Err(error) => error.code().to_owned(),
    }
}

#[test]
fn a_key_that_may_serve_serves_whatever_the_policy() {
    for reason in [
        None,
        Some(HealthReason::Restricted),
        Some(HealthReason::RateLimited),
        Some(HealthReason::Unreachable),
    ] {
        assert_eq!(
            chosen(open(reason, None), Fallback::Platform, Fallback::Platform),
            "byok"
        );
        assert_eq!(chosen(open(reason, None), Fallback::Fail, Fallback::Fail), "byok");
    }
}

#[test]
fn a_missing_key_follows_one_policy_and_a_failing_key_the_other() {
    let rejected = || ProjectKey::Rejected {
        key: key_id(),
        message: "no".to_owned(),
    };
    let exhausted = || open(Some(HealthReason::Exhausted), None);
    let (platform, fail) = (Fallback::Platform, Fallback::Fail);
    assert_eq!(chosen(ProjectKey::Missing, platform, fail), "platform no_key");
    assert_eq!(chosen(ProjectKey::Missing, fail, platform), "no_key");
    assert_eq!(
        chosen(ProjectKey::Disabled(key_id()), platform, fail),
        "platform key_disabled"
    );
    assert_eq!(chosen(ProjectKey::Disabled(key_id()), fail, platform), "key_disabled");
    assert_eq!(chosen(rejected(), fail, platform), "platform key_rejected");
    assert_eq!(chosen(rejected(), platform, fail), "key_rejected");
    assert_eq!(chosen(exhausted(), fail, platform), "platform key_exhausted");
    assert_eq!(chosen(exhausted(), platform, fail), "key_exhausted");
}

#[test]
fn a_spent_key_rests_until_its_retry_time() {
    let until = |seconds| {
        open(
            Some(HealthReason::Exhausted),
            Some(NOW + time::Duration::seconds(seconds)),
        )
    };
    assert_eq!(chosen(until(1), Fallback::Fail, Fallback::Fail), "key_exhausted");
    assert_eq!(chosen(until(0), Fallback::Fail, Fallback::Fail), "byok");
    let error = route(until(90), Fallback::Fail, Fallback::Fail)
        .choose(NOW)
        .unwrap_err();
    assert!(format!("{error:?}").contains("90s"), "{error:?}");
}

#[test]
fn a_key_that_does_not_open_never_falls_back() {
    let unreadable = ProjectKey::Unreadable(key_id());
    assert_eq!(
        chosen(unreadable, Fallback::Platform, Fallback::Platform),
        "key_unreadable"
    );
}

#[test]
fn only_a_refusal_of_the_projects_own_key_is_followed_by_the_platform_key() {
    let allowed = route(open(None, None), Fallback::Fail, Fallback::Platform);
    assert!(allowed.after_refusal(&lease(KeySource::Byok)).is_some());
    assert!(allowed.after_refusal(&lease(KeySource::Platform)).is_none());
    let forbidden = route(open(None, None), Fallback::Platform, Fallback::Fail);
    assert!(forbidden.after_refusal(&lease(KeySource::Byok)).is_none());
}

#[test]
fn reasons_and_codes_are_the_same_words() {
    assert_eq!(FallbackReason::KeyRejected.as_str(), "key_rejected");
    assert_eq!(FallbackReason::NoKey.as_str(), "no_key");
}
