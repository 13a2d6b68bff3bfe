//! The panic switch, for the dashboard.

use super::backend::{Bound, project_ref};
use super::error::from_service;
use super::moment::moment;
use crate::domain::{CallLock, ProviderSlug, Scope};
use crate::providers;
use crate::service::locks::{NewLock, covers};
use crate::service::projects::Project;
use crate::service::{Missing, ServiceError};
use app::contract::{LockView, LocksView, OptionView, UiError};
use app::ports::LockPort;
use async_trait::async_trait;

#[async_trait]
impl LockPort for Bound {
    async fn list(&self) -> Result<LocksView, UiError> {
        let actor = self.actor()?;
        let locks = self.app.services.locks.list(actor).await;
        let locks = locks.map_err(|error| from_service(&error))?;
        let projects = self.reached_projects().await?;
        let option = |provider: &&dyn providers::Provider| OptionView::new(provider.slug(), provider.name());
        let mut providers: Vec<_> = providers::catalogue().iter().map(option).collect();
        providers.sort_by_key(|provider| provider.label.to_lowercase());
        Ok(LocksView {
            organization_id: actor.org.to_string(),
            can_write: actor.scopes.permit(Scope::WriteSettings),
            locks: locks.into_iter().map(|lock| self.lock_view(lock, &projects)).collect(),
            providers,
        })
    }

    async fn lock(
        &self,
        organization: String,
        project: String,
        provider: String,
        reason: String,
    ) -> Result<LockView, UiError> {
        let known = self.known()?;
        let actor = self.actor_in(&organization)?;
        let project = if project.is_empty() {
            None
        } else {
            Some(project_ref(&project)?)
        };
        let new = NewLock {
            project,
            provider: Some(provider).filter(|provider| !provider.is_empty()),
            reason,
            locked_by_name: known.name.clone(),
        };
        let lock = self.app.services.locks.lock(actor, new).await;
        let lock = lock.map_err(|error| from_service(&error))?;
        Ok(self.lock_view(lock, &self.reached_projects().await?))
    }

    async fn unlock(&self, lock: String, reason: String) -> Result<(), UiError> {
        let actor = self.actor()?;
        let refused = |error: ServiceError| from_service(&error);
        // Before any look at what is named, as everywhere.
        actor
            .require(Scope::WriteSettings)
            .map_err(|refusal| refused(refusal.into()))?;
        let lock = lock
            .parse()
            .map_err(|_| refused(ServiceError::Missing(Missing::Lock)))?;
        let unlocked = self.app.services.locks.unlock(actor, lock, &reason).await;
        unlocked.map(drop).map_err(refused)
    }
}

impl Bound {
    async fn reached_projects(&self) -> Result<Vec<Project>, UiError> {
        let projects = self.app.services.projects.list(self.actor()?).await;
        projects.map_err(|error| from_service(&error))
    }

    fn lock_view(&self, lock: CallLock, projects: &[Project]) -> LockView {
        let project = lock
            .project
            .and_then(|id| projects.iter().find(|project| project.id == id));
        let provider = lock.provider.as_ref().map(ProviderSlug::as_str);
        LockView {
            id: lock.id.to_string(),
            covers: covers(provider, project.map(|project| project.name.as_str())),
            project: project.map(|project| project.slug.to_string()),
            reason: lock.reason,
            locked_by: lock.locked_by_name,
            locked_at: moment(lock.locked_at, self.app.clock.now()),
        }
    }
}
