//! Projects.

#[cfg(feature = "ssr")]
use super::server::{answer, backend};
use crate::contract::{GatewaySettingsView, ProjectView, UiError};
#[cfg(feature = "ssr")]
use crate::ports::GatewaySettingsInput;
use leptos::prelude::*;

/// Creates a project and leads to its Provider keys page.
#[server(prefix = "/_fn", endpoint = "create_project")]
pub async fn create_project(name: String) -> Result<ProjectView, UiError> {
    let project = answer(backend()?.projects.create(name).await)?;
    leptos_axum::redirect(&format!("/projects/{}/keys", project.slug));
    Ok(project)
}

/// Renames a project.
#[server(prefix = "/_fn", endpoint = "rename_project")]
pub async fn rename_project(project: String, name: String) -> Result<ProjectView, UiError> {
    answer(backend()?.projects.rename(project, name).await)
}

/// What the project decided about its calls.
#[server(prefix = "/_fn", endpoint = "gateway_settings")]
pub async fn gateway_settings(project: String) -> Result<GatewaySettingsView, UiError> {
    answer(backend()?.projects.gateway_settings(project).await)
}

/// Decides it anew. A policy that is left out stays as it is; a switch that is left out is off, as
/// browsers send it.
#[server(prefix = "/_fn", endpoint = "set_gateway_settings")]
pub async fn set_gateway_settings(
    project: String,
    #[server(default)] on_missing: String,
    #[server(default)] on_failure: String,
    #[server(default)] opens_all_paths: bool,
    #[server(default)] adds_stream_usage: bool,
) -> Result<GatewaySettingsView, UiError> {
    let input = GatewaySettingsInput {
        project,
        on_missing,
        on_failure,
        opens_all_paths,
        adds_stream_usage,
    };
    answer(backend()?.projects.set_gateway_settings(input).await)
}
