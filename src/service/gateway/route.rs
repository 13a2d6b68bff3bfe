//! A project and its key for one provider, and what holds when that key cannot serve.

use super::{GatewayError, Lease};
use crate::domain::{
    Fallback, FallbackPolicy, FallbackReason, Fee, Health, HealthReason, KeyId, KeySource, OrgId, ProjectId,
    ProjectSlug, ProviderSlug,
};
use crate::providers::Provider;
use crate::store::routes::{NamedKey, RouteLock, RouteParts};
use std::sync::Arc;
use time::OffsetDateTime;

/// What resolution found out.
pub struct Route {
    /// The organization.
    pub org: OrgId,
    /// The project.
    pub project: ProjectId,
    /// Its name in URLs.
    pub slug: ProjectSlug,
    /// The provider.
    pub provider: &'static dyn Provider,
    /// The provider's slug, as usage events keep it.
    pub provider_slug: ProviderSlug,
    /// Whether more than the inference paths is open.
    pub opens_all_paths: bool,
    /// Whether usage is asked for in streams.
    pub adds_stream_usage: bool,
    /// What the operator charges.
    pub fee: Fee,
    /// The key that the call named.
    pub(super) named: Option<NamedKey>,
    pub(super) lock: Option<RouteLock>,
    pub(super) policy: FallbackPolicy,
    pub(super) key: ProjectKey,
    pub(super) platform: Option<Arc<Lease>>,
}

/// The project's own key.
pub(super) enum ProjectKey {
    /// There is none.
    Missing,
    /// It is switched off, or was never probed.
    Disabled(KeyId),
    /// Its provider refuses it; it was not opened.
    Rejected { key: KeyId, message: String },
    /// It opened.
    Open { lease: Arc<Lease>, health: Health },
    /// It did not open.
    Unreadable(KeyId),
}

/// The key to begin a call with.
#[derive(Clone, Debug)]
pub struct Choice {
    /// The key.
    pub lease: Arc<Lease>,
    /// Why it is the platform key.
    pub fallback: Option<FallbackReason>,
}

impl Route {
    /// The key for a call that begins at `now`.
    ///
    /// # Errors
    /// Why there is none.
    pub fn choose(&self, now: OffsetDateTime) -> Result<Choice, GatewayError> {
        if let Some(lock) = &self.lock {
            return Err(GatewayError::Locked {
                provider: (!lock.is_for_all).then(|| self.provider.name()),
                project: self.slug.to_string(),
                reason: lock.reason.clone(),
            });
        }
        let (reason, error) = match self.own(now) {
            Ok(lease) => return Ok(Choice { lease, fallback: None }),
            Err(refused) => refused,
        };
        let decided = match reason {
            Some(FallbackReason::NoKey | FallbackReason::KeyDisabled) => self.policy.on_missing,
            Some(_) => self.policy.on_failure,
            None => Fallback::Fail,
        };
        match (&self.platform, decided) {
            (Some(platform), Fallback::Platform) => Ok(Choice {
                lease: platform.clone(),
                fallback: reason,
            }),
            _ => Err(error),
        }
    }

    /// What the database knows it by.
    pub(super) fn parts(&self) -> RouteParts {
        (self.project, self.provider_slug.clone(), self.named.clone())
    }

    /// The platform key, for a call whose own key was refused just now.
    #[must_use]
    pub fn after_refusal(&self, begun: &Lease) -> Option<&Arc<Lease>> {
        let may = begun.source == KeySource::Byok && self.policy.on_failure == Fallback::Platform;
        self.platform.as_ref().filter(|_| may)
    }

    /// Whether the key stands in the database as less than healthy, so that a success is news.
    #[must_use]
    pub fn is_marked(&self) -> bool {
        matches!(&self.key, ProjectKey::Open { health, .. } if health.reason.is_some())
    }

    /// The project's own key where it may serve; else why not, and what a caller is told.
    fn own(&self, now: OffsetDateTime) -> Result<Arc<Lease>, (Option<FallbackReason>, GatewayError)> {
        let provider = self.provider.name();
        let project = || self.slug.to_string();
        match &self.key {
            ProjectKey::Open { lease, health } => match resting(health, now) {
                None => Ok(lease.clone()),
                Some(reason) => Err((
                    Some(reason),
                    GatewayError::KeyExhausted {
                        provider,
                        project: project(),
                        // An open key of a project always has an id.
                        key: lease.key.unwrap_or(KeyId::from_uuid(uuid::Uuid::nil())),
                        message: health.message.clone().unwrap_or_default(),
                        retry_after: health.retry_at.and_then(|at| (at - now).try_into().ok()),
                    },
                )),
            },
            ProjectKey::Missing => Err((
                Some(FallbackReason::NoKey),
                GatewayError::NoKey {
                    provider,
                    project: project(),
                },
            )),
            ProjectKey::Disabled(key) => Err((
                Some(FallbackReason::KeyDisabled),
                GatewayError::KeyDisabled {
                    provider,
                    project: project(),
                    key: *key,
                },
            )),
            ProjectKey::Rejected { key, message } => Err((
                Some(FallbackReason::KeyRejected),
                GatewayError::KeyRejected {
                    provider,
                    project: project(),
                    key: *key,
                    message: message.clone(),
                },
            )),
            ProjectKey::Unreadable(key) => Err((None, GatewayError::KeyUnreadable { provider, key: *key })),
        }
    }
}

/// Whether a key whose quota is spent still rests; without a retry time it does until a probe finds it working.
fn resting(health: &Health, now: OffsetDateTime) -> Option<FallbackReason> {
    let rests = health.reason == Some(HealthReason::Exhausted) && health.retry_at.is_none_or(|at| now < at);
    rests.then_some(FallbackReason::KeyExhausted)
}
