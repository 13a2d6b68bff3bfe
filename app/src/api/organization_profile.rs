//! What the organization says of itself.

#[cfg(feature = "ssr")]
use super::server::{answer, backend};
use crate::contract::{OrganizationProfileView, UiError};
#[cfg(feature = "ssr")]
use crate::ports::OrganizationProfileInput;
use leptos::prelude::*;

/// The organization's page.
#[server(prefix = "/_fn", endpoint = "organization")]
pub async fn organization() -> Result<OrganizationProfileView, UiError> {
    answer(backend()?.organization_profile.page().await)
}

/// Changes the organization's name and default project; a project that is left out stays as it is.
#[server(prefix = "/_fn", endpoint = "change_organization")]
pub async fn change_organization(
    #[server(default)] organization_id: String,
    name: String,
    #[server(default)] default_project: String,
    #[server(default)] row_version: String,
) -> Result<OrganizationProfileView, UiError> {
    let input = OrganizationProfileInput {
        organization: organization_id,
        name,
        default_project,
        row_version: row_version.parse().ok(),
    };
    answer(backend()?.organization_profile.change(input).await)
}
