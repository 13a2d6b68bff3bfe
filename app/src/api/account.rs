//! Set-up, sign-in, sign-out, and who is here.

#[cfg(feature = "ssr")]
use super::server::{answer, backend};
use crate::contract::{Flash, SessionView, SetupView, UiError};
#[cfg(feature = "ssr")]
use crate::ports::{OwnerInput, Password};
use leptos::prelude::*;

/// Whether the set-up link can still be used.
#[server(prefix = "/_fn", endpoint = "setup")]
pub async fn setup(#[server(default)] link: String) -> Result<SetupView, UiError> {
    answer(backend()?.account.setup(Password(link)).await)
}

/// Creates the organization and its owner, and signs them in.
#[server(prefix = "/_fn", endpoint = "create_owner")]
pub async fn create_owner(link: String, organization: String, email: String, password: String) -> Result<(), UiError> {
    let input = OwnerInput {
        link: Password(link),
        organization,
        email,
        password: Password(password),
    };
    answer(backend()?.account.create_owner(input).await)?;
    leptos_axum::redirect("/");
    Ok(())
}

/// Signs a person in.
#[server(prefix = "/_fn", endpoint = "sign_in")]
pub async fn sign_in(email: String, password: String) -> Result<(), UiError> {
    answer(backend()?.account.sign_in(email, Password(password)).await)?;
    leptos_axum::redirect("/");
    Ok(())
}

/// Ends the session.
#[server(prefix = "/_fn", endpoint = "sign_out")]
pub async fn sign_out() -> Result<(), UiError> {
    answer(backend()?.account.sign_out().await)?;
    leptos_axum::redirect("/sign-in");
    Ok(())
}

/// Who is signed in, and which projects there are.
#[server(prefix = "/_fn", endpoint = "session")]
pub async fn session() -> Result<SessionView, UiError> {
    answer(backend()?.account.session().await)
}

/// What the last form came to, where no script ran; read once.
#[server(prefix = "/_fn", endpoint = "take_flash")]
pub async fn take_flash() -> Result<Option<Flash>, UiError> {
    answer(backend()?.account.take_flash().await)
}
