//! The person's organizations.

#[cfg(feature = "ssr")]
use super::server::{answer, backend};
use crate::contract::UiError;
use leptos::prelude::*;

/// Turns the session to another of the person's organizations.
#[server(prefix = "/_fn", endpoint = "enter_organization")]
pub async fn enter_organization(organization_id: String) -> Result<(), UiError> {
    answer(backend()?.organizations.enter(organization_id).await)?;
    leptos_axum::redirect("/");
    Ok(())
}

/// Creates an organization and turns the session to it. For operators.
#[server(prefix = "/_fn", endpoint = "create_organization")]
pub async fn create_organization(name: String) -> Result<(), UiError> {
    answer(backend()?.organizations.create(name).await)?;
    leptos_axum::redirect("/");
    Ok(())
}
