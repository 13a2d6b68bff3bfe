//! Who belongs to the organization. A form that says which one it was made in is refused in another.

#[cfg(feature = "ssr")]
use super::server::{answer, backend};
use crate::contract::{MembersView, UiError};
use leptos::prelude::*;

/// The Members page.
#[server(prefix = "/_fn", endpoint = "members")]
pub async fn members() -> Result<MembersView, UiError> {
    answer(backend()?.members.page().await)
}

/// Changes a person's role.
#[server(prefix = "/_fn", endpoint = "set_member_role")]
pub async fn set_member_role(
    #[server(default)] organization_id: String,
    member_id: String,
    role: String,
) -> Result<(), UiError> {
    answer(backend()?.members.set_role(organization_id, member_id, role).await)
}

/// Removes a person from the organization.
#[server(prefix = "/_fn", endpoint = "remove_member")]
pub async fn remove_member(#[server(default)] organization_id: String, member_id: String) -> Result<(), UiError> {
    answer(backend()?.members.remove(organization_id, member_id).await)
}

/// Takes the person who asks out of the organization.
#[server(prefix = "/_fn", endpoint = "leave_organization")]
pub async fn leave_organization(#[server(default)] organization_id: String) -> Result<(), UiError> {
    answer(backend()?.members.leave(organization_id).await)?;
    leptos_axum::redirect("/");
    Ok(())
}
