//! Projects, for the dashboard.

use super::backend::{Bound, project_ref, project_view};
use super::error::from_service;
use crate::domain::{Fallback, FallbackChoice, FallbackPolicy, Scope};
use crate::service::ServiceError;
use crate::service::projects::{GatewaySettings, GatewaySettingsChange};
use app::contract::{GatewaySettingsView, ProjectView, UiError};
use app::ports::{GatewaySettingsInput, ProjectPort};
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
            .rename(actor, &project_ref(&project)?, &name, None)
            .await;
        project
            .map(|project| project_view(&project))
            .map_err(|error| from_service(&error))
    }

    async fn gateway_settings(&self, project: String) -> Result<GatewaySettingsView, UiError> {
        let actor = self.actor()?;
        let project = project_ref(&project)?;
        let settings = self.app.services.projects.gateway_settings(actor, &project).await;
        settings
            .map(|settings| settings_view(settings, actor.scopes.permit(Scope::WriteSettings)))
            .map_err(|error| from_service(&error))
    }

    async fn set_gateway_settings(&self, input: GatewaySettingsInput) -> Result<GatewaySettingsView, UiError> {
        let actor = self.actor()?;
        let project = project_ref(&input.project)?;
        let projects = &self.app.services.projects;
        let changed = async {
            actor.require(Scope::WriteSettings)?;
            let mut choice = FallbackChoice {
                on_missing: decided("on_missing", &input.on_missing)?,
                on_failure: decided("on_failure", &input.on_failure)?,
            };
            if choice.on_missing.is_none() || choice.on_failure.is_none() {
                let before = projects.gateway_settings(actor, &project).await?.choice;
                choice.on_missing = choice.on_missing.or(before.on_missing);
                choice.on_failure = choice.on_failure.or(before.on_failure);
            }
            let change = GatewaySettingsChange {
                choice,
                opens_all_paths: input.opens_all_paths,
                adds_stream_usage: input.adds_stream_usage,
            };
            projects.set_gateway_settings(actor, &project, change).await
        };
        changed
            .await
            .map(|settings| settings_view(settings, true))
            .map_err(|error| from_service(&error))
    }
}

/// A policy as forms say it; empty for none.
fn decided(field: &'static str, policy: &str) -> Result<Option<Fallback>, ServiceError> {
    if policy.is_empty() {
        return Ok(None);
    }
    let unknown = |()| ServiceError::invalid(field, "Choose platform or fail.");
    policy.parse().map(Some).map_err(unknown)
}

fn settings_view(settings: GatewaySettings, can_write: bool) -> GatewaySettingsView {
    let policy = FallbackPolicy::of(settings.operator_allows, settings.choice, FallbackChoice::default());
    GatewaySettingsView {
        can_write,
        operator_allows: settings.operator_allows,
        on_missing: policy.on_missing.to_string(),
        on_failure: policy.on_failure.to_string(),
        opens_all_paths: settings.opens_all_paths,
        adds_stream_usage: settings.adds_stream_usage,
    }
}
