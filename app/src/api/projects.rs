//! Projects.

#[cfg(feature = "ssr")]
use super::server::{answer, backend};
use crate::contract::{ProjectView, UiError};
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
