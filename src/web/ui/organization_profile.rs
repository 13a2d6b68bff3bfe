//! What the organization says of itself, for the dashboard.

use super::backend::{Bound, project_ref};
use super::error::from_service;
use crate::domain::Scope;
use crate::service::organizations::{OrganizationProfile, ProfileChange};
use crate::service::projects::Project;
use app::contract::{OptionView, OrganizationProfileView, UiError};
use app::ports::{OrganizationProfileInput, OrganizationProfilePort};
use async_trait::async_trait;

#[async_trait]
impl OrganizationProfilePort for Bound {
    async fn page(&self) -> Result<OrganizationProfileView, UiError> {
        let profile = self.app.services.organizations.profile(self.actor()?).await;
        self.profile_view(profile.map_err(|error| from_service(&error))?).await
    }

    async fn change(&self, input: OrganizationProfileInput) -> Result<OrganizationProfileView, UiError> {
        let actor = self.actor_in(&input.organization)?;
        let default_project = match input.default_project.as_str() {
            "" => None,
            project => Some(project_ref(project)?),
        };
        let change = ProfileChange {
            name: Some(input.name),
            default_project,
        };
        let organizations = &self.app.services.organizations;
        let changed = organizations.change_profile(actor, change, input.row_version).await;
        self.profile_view(changed.map_err(|error| from_service(&error))?).await
    }
}

impl Bound {
    async fn profile_view(&self, profile: OrganizationProfile) -> Result<OrganizationProfileView, UiError> {
        let actor = self.actor()?;
        let projects = self.app.services.projects.list(actor).await;
        let mut projects = projects.map_err(|error| from_service(&error))?;
        projects.sort_by_cached_key(|project| project.name.to_lowercase());
        let option = |project: &Project| OptionView::new(project.id.to_string(), project.name.as_str());
        Ok(OrganizationProfileView {
            id: profile.id.to_string(),
            name: profile.name,
            default_project: profile.default_project.map(|id| id.to_string()).unwrap_or_default(),
            projects: projects.iter().map(option).collect(),
            can_write: actor.scopes.permit(Scope::WriteSettings) && actor.project.is_none(),
            row_version: profile.row_version,
        })
    }
}
