//! Provider keys: probed, sealed, and only then stored.
//!
//! [`save`] adds and replaces, [`change`] tests, switches, deletes and restores.

mod change;
mod health;
mod jobs;
mod probe;
mod save;

pub(crate) use health::Source;
pub use jobs::{Reprobe, SecondOpinion};
pub use save::{SaveKey, SavedKey};

use super::audit::Audit;
use super::projects::{Project, ProjectRef, Projects};
use super::throttle::ProbeThrottle;
use super::{Foundation, Missing, ServiceError};
use crate::domain::{Actor, EndpointPolicy, Health, KeyId, NextProbe, ProviderKey, ProviderSlug, Scope, SealContext};
pub use crate::providers::Depth;
use crate::providers::{self, Prober, Provider};
use crate::store::{OrgTx, keys};
use crate::vault::{Opener, Sealer};
use std::sync::Arc;
use time::Duration;

/// How long a deleted key can be brought back.
pub const RESTORABLE: Duration = Duration::days(90);

/// What only the key service holds: opening is a capability.
pub(crate) struct KeyTools {
    pub(crate) sealer: Sealer,
    pub(crate) opener: Opener,
    pub(crate) prober: Prober,
    pub(crate) endpoints: EndpointPolicy,
}

/// Brings, tests, switches, deletes and restores provider keys.
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

    /// The project's keys, and the deleted ones that can still be restored, the oldest first.
    ///
    /// # Errors
    /// [`ServiceError::Refused`] without `read:byok`; [`ServiceError::Missing`].
    pub async fn list(&self, actor: &Actor, project: &ProjectRef) -> Result<(Project, Vec<ProviderKey>), ServiceError> {
        actor.require(Scope::ReadByok)?;
        let mut tx = self.foundation.store.org(actor.org).await?;
        let project = self.projects.find(&mut tx, actor, project).await?;
        let since = self.foundation.clock.now() - RESTORABLE;
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
        let mut tx = self.foundation.store.org(actor.org).await?;
        let project = self.projects.find(&mut tx, actor, project).await?;
        find_in(&mut tx, &project, key)
            .await?
            .filter(|key| key.deleted_at.is_none())
            .ok_or(ServiceError::Missing(Missing::Key))
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

async fn find_in(tx: &mut OrgTx, project: &Project, key: &KeySelector) -> Result<Option<ProviderKey>, ServiceError> {
    Ok(match key {
        KeySelector::Default(provider) => keys::find_default(tx, project.id, provider).await?,
        KeySelector::Id(id) => keys::find(tx, project.id, *id).await?,
    })
}

/// The provider of the catalogue with this slug.
fn catalogued(slug: &str) -> Result<(ProviderSlug, &'static dyn Provider), ServiceError> {
    let provider = providers::find(slug).ok_or(ServiceError::Missing(Missing::Provider))?;
    let slug = slug.parse().map_err(|_| ServiceError::Missing(Missing::Provider))?;
    Ok((slug, provider))
}

/// Somebody else changed the key between reading and writing.
fn changed_meanwhile() -> ServiceError {
    ServiceError::Conflict(
        "Somebody else changed this key meanwhile. Nothing was changed by you; look again.".to_owned(),
    )
}
