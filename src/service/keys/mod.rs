//! Provider keys: probed, sealed, and only then stored.
//!
//! [`add`] and [`save`] bring secrets, [`import`] many at once, [`rotate`] lets one take over from another; [`change`]
//! tests and switches, [`arrange`] names and orders, [`remove`] deletes, restores and purges. Whatever changes what
//! one key is to the others goes through [`group`].

mod add;
mod arrange;
mod change;
mod clock;
mod dependents;
mod group;
mod health;
mod import;
mod intake;
mod jobs;
mod probe;
mod remove;
mod rotate;
mod save;
mod share;
mod twins;
mod undo;

pub use add::AddKey;
pub use dependents::KeyDependents;
pub(crate) use health::Source;
pub use import::{Candidate, ImportChoice, ImportPreview, Imported};
pub use jobs::{Reprobe, SecondOpinion};
pub use rotate::RotateKey;
pub use save::{SaveKey, SavedKey};
pub use twins::KeyTwin;

use super::audit::Audit;
use super::projects::{Project, ProjectRef, Projects};
use super::throttle::ProbeThrottle;
use super::{Foundation, Missing, ServiceError};
use crate::domain::{
    Actor, EndpointPolicy, Health, KeyId, NextProbe, ProviderKey, ProviderSlug, Scope, SealContext, Verdict,
};
pub use crate::providers::Depth;
use crate::providers::{self, Prober, Provider};
use crate::store::keys;
use crate::vault::{Opener, Sealer};
use std::sync::Arc;
use time::Duration;

/// What only the key service holds: opening is a capability.
pub(crate) struct KeyTools {
    pub(crate) sealer: Sealer,
    pub(crate) opener: Opener,
    pub(crate) prober: Prober,
    pub(crate) endpoints: EndpointPolicy,
    /// How long a deleted key can be brought back.
    pub(crate) retention: Duration,
}

/// Brings, tests, names, rotates, deletes and restores provider keys.
pub struct Keys {
    foundation: Arc<Foundation>,
    projects: Arc<Projects>,
    audit: Arc<Audit>,
    tools: KeyTools,
    throttle: ProbeThrottle,
}

/// A key as callers name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeySelector {
    /// The provider's default key.
    Default(ProviderSlug),
    /// By id.
    Id(KeyId),
    /// By id, if it is still at the row version that the caller saw; else [`ServiceError::Changed`].
    Seen(KeyId, i64),
}

impl KeySelector {
    /// The default key of the provider with this slug.
    ///
    /// # Errors
    /// [`ServiceError::Missing`] when the catalogue has no such provider.
    pub fn default_of(provider: &str) -> Result<Self, ServiceError> {
        catalogued(provider).map(|(slug, _)| Self::Default(slug))
    }

    /// The key with this id; what is no id names no key.
    ///
    /// # Errors
    /// [`ServiceError::Missing`].
    pub fn by_id(id: &str) -> Result<Self, ServiceError> {
        id.parse()
            .map(Self::Id)
            .map_err(|_| ServiceError::Missing(Missing::Key))
    }

    /// The key with this id, at the row version that the caller saw if they looked.
    #[must_use]
    pub const fn seen(id: KeyId, row_version: Option<i64>) -> Self {
        match row_version {
            Some(row_version) => Self::Seen(id, row_version),
            None => Self::Id(id),
        }
    }
}

impl Keys {
    pub(crate) fn new(
        foundation: Arc<Foundation>,
        projects: Arc<Projects>,
        audit: Arc<Audit>,
        tools: KeyTools,
    ) -> Self {
        Self {
            foundation,
            projects,
            audit,
            tools,
            throttle: ProbeThrottle::default(),
        }
    }

    /// How long a deleted key can be brought back before its secret is erased.
    #[must_use]
    pub const fn retention(&self) -> Duration {
        self.tools.retention
    }

    /// The project's keys, and the deleted ones that can still be restored, by provider and place.
    ///
    /// # Errors
    /// [`ServiceError::Refused`] without `read:byok`; [`ServiceError::Missing`].
    pub async fn list(&self, actor: &Actor, project: &ProjectRef) -> Result<(Project, Vec<ProviderKey>), ServiceError> {
        actor.require(Scope::ReadByok)?;
        let mut tx = self.foundation.store.org(actor.org).await?;
        let project = self.projects.find(&mut tx, actor, project).await?;
        let since = self.foundation.clock.now() - self.retention();
        let keys = keys::list(&mut tx, project.id, since).await?;
        Ok((project, keys))
    }

    /// One key that is not deleted.
    ///
    /// # Errors
    /// [`ServiceError::Refused`] without `read:byok`; [`ServiceError::Missing`].
    pub async fn get(
        &self,
        actor: &Actor,
        project: &ProjectRef,
        key: &KeySelector,
    ) -> Result<ProviderKey, ServiceError> {
        actor.require(Scope::ReadByok)?;
        self.find(actor, project, key).await
    }

    async fn find(&self, actor: &Actor, project: &ProjectRef, key: &KeySelector) -> Result<ProviderKey, ServiceError> {
        let found = self.find_even_deleted(actor, project, key).await?;
        if found.deleted_at.is_some() {
            return Err(ServiceError::Missing(Missing::Key));
        }
        Ok(found)
    }

    async fn find_even_deleted(
        &self,
        actor: &Actor,
        project: &ProjectRef,
        key: &KeySelector,
    ) -> Result<ProviderKey, ServiceError> {
        let mut tx = self.foundation.store.org(actor.org).await?;
        let project = self.projects.find(&mut tx, actor, project).await?;
        let found = match key {
            KeySelector::Default(provider) => keys::find_default(&mut tx, project.id, provider).await?,
            KeySelector::Id(id) | KeySelector::Seen(id, _) => keys::find(&mut tx, project.id, *id).await?,
        };
        let found = found.filter(|key| key.purged_at.is_none());
        let found = found.ok_or(ServiceError::Missing(Missing::Key))?;
        match key {
            KeySelector::Seen(_, row_version) if *row_version != found.row_version => Err(changed_meanwhile()),
            _ => Ok(found),
        }
    }

    /// What a verdict makes of a key now.
    fn health(&self, verdict: &Verdict) -> Health {
        Health::from_verdict(verdict, self.foundation.clock.now())
    }

    /// When a key that a person just had probed is probed again without being asked.
    fn next_probe(&self, health: &Health) -> NextProbe {
        let Foundation { clock, random, .. } = &*self.foundation;
        NextProbe::after(health, 0, clock.now(), &**random)
    }

    /// What the key's envelope is bound to.
    fn seal_context(&self, actor: &Actor, key: &ProviderKey) -> SealContext {
        SealContext {
            deployment: self.foundation.roots.deployment,
            org: actor.org,
            project: key.project,
            provider: key.provider.clone(),
            endpoint: key.endpoint.clone(),
            key: key.id,
            secret_version: key.secret_version,
        }
    }
}

/// The provider of the catalogue with this slug.
fn catalogued(slug: &str) -> Result<(ProviderSlug, &'static dyn Provider), ServiceError> {
    let provider = providers::find(slug).ok_or(ServiceError::Missing(Missing::Provider))?;
    let slug = slug.parse().map_err(|_| ServiceError::Missing(Missing::Provider))?;
    Ok((slug, provider))
}

/// A key as people know it: what it is called, and its last characters.
pub(crate) fn shown(name: &str, redacted: &str) -> String {
    if name.is_empty() {
        redacted.to_owned()
    } else {
        format!("“{name}” ({redacted})")
    }
}

/// Somebody else changed the key between reading and writing.
fn changed_meanwhile() -> ServiceError {
    ServiceError::Changed(
        "Somebody else changed this key meanwhile. Nothing was changed by you; look again.".to_owned(),
    )
}
