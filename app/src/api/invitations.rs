//! Invitations.

#[cfg(feature = "ssr")]
use super::server::{answer, backend};
use crate::contract::{CreatedInvitation, InvitedView, UiError};
#[cfg(feature = "ssr")]
use crate::ports::Password;
use leptos::prelude::*;

/// Invites somebody; the link is mailed, or in this answer and nowhere else.
#[server(prefix = "/_fn", endpoint = "invite_member")]
pub async fn invite_member(
    #[server(default)] organization_id: String,
    email: String,
    role: String,
) -> Result<CreatedInvitation, UiError> {
    answer(backend()?.invitations.create(organization_id, email, role).await)
}

/// Ends an invitation.
#[server(prefix = "/_fn", endpoint = "revoke_invitation")]
pub async fn revoke_invitation(
    #[server(default)] organization_id: String,
    invitation_id: String,
) -> Result<(), UiError> {
    answer(backend()?.invitations.revoke(organization_id, invitation_id).await)
}

/// What somebody with this link is invited to.
#[server(prefix = "/_fn", endpoint = "invitation")]
pub async fn invitation(#[server(default)] link: String) -> Result<InvitedView, UiError> {
    answer(backend()?.invitations.offer(Password(link)).await)
}

/// Accepts an invitation: as the person who is signed in, else with a password.
#[server(prefix = "/_fn", endpoint = "accept_invitation")]
pub async fn accept_invitation(link: String, #[server(default)] password: String) -> Result<(), UiError> {
    let accepted = backend()?.invitations.accept(Password(link), Password(password)).await;
    answer(accepted)?;
    leptos_axum::redirect("/");
    Ok(())
}
