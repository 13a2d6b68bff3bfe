//! Projects, for the dashboard.

use super::backend::{Bound, project_ref, project_view};
use super::error::from_service;
use app::contract::{ProjectView, UiError};
use app::ports::ProjectPort;
use async_trait::async_trait;

#[async_trait]
impl ProjectPort for Bound {
    async fn create(&self, name: String) -> Result<ProjectView, UiError> {
        let project = self.app.services.projects.create(self.actor()?, &name).await;
        project
            .map(|project| project_view(&project))
            .map_err(|error| from_service(&error))
    }

    async fn rename(&self, project: String, name: String) -> Result<ProjectView, UiError> {
        let actor = self.actor()?;
        let project = self
            .app
            .services
            .projects
            .rename(actor, &project_ref(&project)?, &name)
            .await;
        project
            .map(|project| project_view(&project))
            .map_err(|error| from_service(&error))
    }
}
