//! What the organization says of itself.

use crate::contract::{OrganizationProfileView, UiError};
use async_trait::async_trait;

/// What the organization is to say of itself.
#[derive(Debug)]
pub struct OrganizationProfileInput {
    /// The organization's id; refused when the session has turned to another one.
    pub organization: String,
    /// Its name.
    pub name: String,
    /// The id or slug of the project that calls work in which name none; empty to leave it as it is.
    pub default_project: String,
    /// The version that the form was made for.
    pub row_version: Option<i64>,
}

/// What the organization says of itself.
#[async_trait]
pub trait OrganizationProfilePort: Send + Sync {
    /// The organization's page.
    async fn page(&self) -> Result<OrganizationProfileView, UiError>;
    /// Changes name and default project.
    async fn change(&self, input: OrganizationProfileInput) -> Result<OrganizationProfileView, UiError>;
}
